import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { plainText } from '../../../../shared/text/plain.ts';
import { DEFAULT_PREFIX } from '../../../../shared/names.ts';
import { backfill, type BackfillOptions } from './backfill.ts';
import { parseDay } from '../../terminal/options.ts';

const BETWEEN_LOOKS_MS = 15_000;

export function backfillCommand(): Command {
  return new Command('backfill')
    .description(
      'Have a deployment reconcile past days, a few at a time, and judge all rules by them. It goes on by itself in the ' +
        'account, and mails what it has come to. A day may be run any number of times.',
    )
    .requiredOption('--from <date>', 'the first UTC day, such as 2026-01-01', parseDay)
    .requiredOption('--to <date>', 'the last', parseDay)
    .option('--wait', 'stay until it ends; what is stopped is only the staying', false)
    .option('--tables <prefix>', "what the deployment's names begin with", DEFAULT_PREFIX)
    .option('--region <name>', 'its region (default: that of your shell)')
    .action(async (options: BackfillOptions, command: Command) => {
      if (options.to < options.from) command.error('error: --to is before --from');
      // The SDK is loaded only when needed.
      const { openBackfills } = await import('./backfills-adapter.ts');
      await backfill(options, {
        backfills: await openBackfills(options),
        wait: () => sleep(BETWEEN_LOOKS_MS),
        print: (line) => process.stdout.write(`${plainText(line)}\n`),
      });
    });
}
