import { Command, InvalidArgumentError } from 'commander';
import { INVENTORY_HELP } from '../../files/read-inventories.ts';
import { FLOW_LOG_KINDS } from '../../files/log-files.ts';
import { watch, type WatchOptions } from './watch.ts';

export function watchCommand(): Command {
  return new Command('watch')
    .description(
      `Count flow logs (${FLOW_LOG_KINDS}) as they appear in a folder, each once, into a store. ` +
        'May be stopped at any moment and started again; several may share a store. Needs no AWS account.',
    )
    .requiredOption(
      '--logs <dir>',
      'folder to watch; a file in it is known by the name that AWS gave it, or else by its path',
    )
    .requiredOption('--inventory <dir...>', INVENTORY_HELP)
    .requiredOption('--store <file>', 'where to keep the counters; made if it is not there')
    .option('--once', 'count what is there and end')
    .option(
      '--poll <seconds>',
      'time between two looks; a file is counted when it did not change meanwhile',
      parsePoll,
      1,
    )
    .action((options: WatchOptions) => watch(options));
}

function parsePoll(text: string): number {
  const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds < 0.01 || seconds > 3600) throw new InvalidArgumentError('Give seconds, 0.01 to 3600.');
  return seconds;
}
