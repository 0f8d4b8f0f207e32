import { Command } from 'commander';
import { plainText } from '../../../../shared/text/plain.ts';
import { isoDay } from '../../../../shared/time.ts';
import { parseDay } from '../../terminal/options.ts';
import { writeExemption, type NewExemption } from './exempt.ts';

type Options = Omit<NewExemption, 'target' | 'expires'> & { readonly until: number };

export function exemptCommand(): Command {
  return new Command('exempt')
    .description(
      'Write into a list of exemptions that a rule is kept on purpose: by whom, why and until when. Changes nothing else.',
    )
    .argument(
      '<what>',
      'a rule (sgr-…), all rules of a group (sg-…), those whose peers lie in a block (10.0.0.0/8), those that have a tag or whose ' +
        'group has (tag:key=value), those of groups of a name (name:web*)',
    )
    .requiredOption('--reason <text>', 'why it is kept')
    .requiredOption('--owner <name>', 'who answers for it')
    .requiredOption('--until <day>', 'the last UTC day on which it holds, such as 2026-01-31', parseDay)
    .option('--list <file>', 'the list, CSV or JSON; it is made where it is not there', 'exemptions.csv')
    .action(async (target: string, { until, ...options }: Options) => {
      const expires = isoDay(until);
      const isNew = await writeExemption({ ...options, target, expires });
      process.stdout.write(
        `${plainText(options.list)}: ${plainText(target)} is kept until ${expires}${isNew ? '' : ', in the place of what it said before'}\n` +
          `Reports and plans made before do not know of it: analyze with --exemptions ${plainText(options.list)}, then plan anew\n`,
      );
    });
}
