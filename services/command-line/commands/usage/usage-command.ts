import { Command } from 'commander';
import { DEFAULT_PREFIX } from '../../../../shared/names.ts';
import { usage, type UsageOptions } from './usage.ts';
import { usageText } from './usage-text.ts';

export function usageCommand(): Command {
  return new Command('usage')
    .description(
      'Print the counters of a store that `stale-sg watch` fills, or of the DynamoDB tables of a deployment: of all ' +
        'rules, one rule, or one group. They speak of all days counted, and hold no verdict: `stale-sg analyze` gives verdicts.',
    )
    .argument('[rule-id]', 'only this rule')
    .option('--group <sg-id>', 'only the rules of this group')
    .option('--store <file>', 'the store; without it, the tables of a deployment')
    .option('--tables <prefix>', 'what the names of the tables begin with', DEFAULT_PREFIX)
    .option('--region <region>', "AWS region of the tables (default: the SDK's own)")
    .option('--data-bucket <name>', 'of the deployment (default: as infra/ names it)')
    .option('--json', 'in the form of usage.json; its rules have no `verdict`')
    .action(async (ruleId: string | undefined, options: Omit<UsageOptions, 'ruleId'> & { readonly json?: boolean }) => {
      const shown = await usage({ ...options, ruleId });
      process.stdout.write(options.json ? `${JSON.stringify(shown, null, 2)}\n` : usageText(shown));
    });
}
