import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { plainText } from '../../../../shared/text/plain.ts';
import { DEFAULT_PREFIX } from '../../../../shared/names.ts';
import { backfill, type BackfillOptions } from './backfill.ts';
import { parseDay, parseWhole } from '../../terminal/options.ts';

const BETWEEN_LOOKS_MS = 15_000;
/** Each reads a day of logs; Athena runs some twenty queries of an account at once, other people's too. */
const MOST_AT_ONCE = 5;

export function backfillCommand(): Command {
  return new Command('backfill')
    .description(
      'Have a deployment reconcile past days, a few at a time, and wait for them. Stopped, it starts no more; ' +
        'what runs goes on. A day may be run any number of times.',
    )
    .requiredOption('--from <date>', 'the first UTC day, such as 2026-01-01', parseDay)
    .requiredOption('--to <date>', 'the last', parseDay)
    .option('--at-once <n>', `days that run at a time, 1 to ${MOST_AT_ONCE}`, parseAtOnce, 2)
    .option('--tables <prefix>', "what the deployment's names begin with", DEFAULT_PREFIX)
    .option('--region <name>', 'its region (default: that of your shell)')
    .action(async (options: BackfillOptions, command: Command) => {
      if (options.to < options.from) command.error('error: --to is before --from');
      // The SDK is loaded only when needed.
      const { openExecutions } = await import('./executions-adapter.ts');
      await backfill(options, {
        executions: await openExecutions(options),
        wait: () => sleep(BETWEEN_LOOKS_MS),
        print: (line) => process.stdout.write(`${plainText(line)}\n`),
      });
    });
}

function parseAtOnce(text: string): number {
  const number = parseWhole(text);
  if (number < 1 || number > MOST_AT_ONCE) throw new InvalidArgumentError(`Give 1 to ${MOST_AT_ONCE}.`);
  return number;
}
