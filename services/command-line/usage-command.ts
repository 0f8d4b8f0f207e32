import { Command } from 'commander';
import { usage, type UsageOptions } from './usage.ts';
import { usageText } from './usage-text.ts';

export function usageCommand(): Command {
  return new Command('usage')
    .description(
      'Print the counters of a store that `stale-sg watch` fills: of all rules, one rule, or one group. ' +
        'They speak of all days counted, and hold no verdict: `stale-sg analyze` gives verdicts.',
    )
    .argument('[rule-id]', 'only this rule')
    .option('--group <sg-id>', 'only the rules of this group')
    .requiredOption('--store <file>', 'the store')
    .option('--json', 'in the form of usage.json; its rules have no `verdict`')
    .action(async (ruleId: string | undefined, options: Omit<UsageOptions, 'ruleId'> & { readonly json?: boolean }) => {
      const shown = await usage({ ...options, ruleId });
      process.stdout.write(options.json ? `${JSON.stringify(shown, null, 2)}\n` : usageText(shown));
    });
}
