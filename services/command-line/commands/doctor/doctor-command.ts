import { Command } from 'commander';
import { INVENTORY_HELP } from '../../files/read-inventories.ts';
import type { Checkup } from './ailment.ts';
import { checkupText } from './checkup-text.ts';

interface DoctorOptions {
  readonly inventory?: readonly string[];
  readonly logs?: readonly string[];
  readonly json?: true;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Say what is missing for a surer answer, worst first, and what mends it: of an inventory and flow logs, before an ' +
        'hour is spent on them. Reads the inventory, all names of files, and the beginnings of some; writes nothing.',
    )
    .option('--inventory <dir...>', INVENTORY_HELP)
    .option('--logs <path...>', 'flow log files, folders of them, or s3://bucket/prefix')
    .option('--json', 'for programs: docs/schema/doctor.schema.json')
    .action(async (options: DoctorOptions, command: Command) => {
      const checkup = await examine(options, command);
      process.stdout.write(options.json ? `${JSON.stringify(checkup, null, 2)}\n` : checkupText(checkup));
    });
}

async function examine({ inventory, logs }: DoctorOptions, command: Command): Promise<Checkup> {
  if (inventory === undefined || logs === undefined) return command.error('error: give --inventory and --logs');
  const { examineInput } = await import('./examine-input.ts');
  return examineInput({ inventory, logs });
}
