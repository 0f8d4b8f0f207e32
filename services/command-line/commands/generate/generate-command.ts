import { count } from '../../../../shared/text/numbers.ts';
import { Command, Option } from 'commander';
import { generateAccount } from '../../../generate-account/generate-account.ts';
import {
  GENERATE_DEFAULTS,
  GENERATE_FORMATS,
  type GenerateOptions,
} from '../../../generate-account/options/options.ts';
import { parseDecimal, parseTime, parseWhole } from '../../terminal/options.ts';
import { print, quietOption } from '../../terminal/print.ts';

interface CommandOptions extends Omit<GenerateOptions, 'startSeconds'> {
  readonly start: number;
}

export function generateCommand(): Command {
  const { seed, interfaces, rules, records, minutes, format, startSeconds, unknownPercent } = GENERATE_DEFAULTS;
  return new Command('generate')
    .description('Make up an account: its inventory, its flow logs, and the truth of who opened each connection.')
    .requiredOption('--out <dir>', 'folder to write inventory/, logs/ and truth/ into')
    .option('--seed <n>', 'the same seed and options give the same bytes', parseWhole, seed)
    .option('--interfaces <n>', 'interfaces in the inventory', parseWhole, interfaces)
    .option('--rules <n>', 'security group rules', parseWhole, rules)
    .option('--records <n>', 'flow log records, within a few percent', parseWhole, records)
    .option('--minutes <n>', 'time that the logs span', parseWhole, minutes)
    .addOption(new Option('--format <name>', 'format of the flow logs').choices(GENERATE_FORMATS).default(format))
    .addOption(
      new Option('--start <time>', 'start of the logs, on a multiple of ten minutes')
        .argParser(parseTime)
        .default(startSeconds, new Date(startSeconds * 1000).toISOString()),
    )
    .option('--snapshots', 'also dated snapshots of the inventory, as a deployment takes them')
    .option('--memory', 'also the inventory with what CloudTrail remembers (cloudtrail/), and AWS Config (config/)')
    .option('--peers', 'also two accounts peered with it, below peers/, with rules that name groups of each other')
    .option('--hard', 'also what misleads: unknown interfaces, firewalls, moved groups, kept ports and more')
    .option(
      '--unknown-percent <n>',
      'records of interfaces that no inventory shows, with --hard',
      parseDecimal,
      unknownPercent,
    )
    .addOption(quietOption())
    .action(async ({ start, ...options }: CommandOptions) => {
      const made = await generateAccount({ ...options, startSeconds: start });
      print(
        `${options.out}: ${count(made.records, 'record')} of ${count(made.connections, 'connection')} in ` +
          `${count(made.files, 'file')}; ${count(made.rules, 'rule')}, ${count(made.interfaces, 'interface')}\n` +
          `Try: npx stale-sg analyze --inventory ${options.out}/inventory ${options.peers ? `${options.out}/peers/*/inventory ` : ''}--logs ${options.out}/logs --out out\n`,
      );
    });
}
