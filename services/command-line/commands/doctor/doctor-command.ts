import { Command } from 'commander';
import { INVENTORY_HELP } from '../../files/read-inventories.ts';
import type { LogOptions } from '../../files/asked-days.ts';
import { withLogOptions } from '../../files/log-options.ts';
import type { Checkup } from './ailment.ts';
import { checkupText } from './checkup-text.ts';

interface DoctorOptions extends LogOptions {
  readonly inventory?: readonly string[];
  readonly logs?: readonly string[];
  readonly config?: string;
  readonly tables?: string;
  readonly dataBucket?: string;
  readonly json?: true;
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description(
      'Say what is missing for a surer answer, worst first, and what mends it: of an inventory and flow logs, before an ' +
        'hour is spent on them (--inventory, --logs: all names of files, and the beginnings of some); of an account, before ' +
        'a deployment (--config); or of a deployment (--tables). Reads only.',
    )
    .option('--inventory <dir...>', INVENTORY_HELP)
    .option('--logs <path...>', 'flow log files, folders of them, s3://bucket/prefix, or cwl:GROUP of CloudWatch Logs')
    .option('--config <file>', 'a configuration of infra/, held against the account of the credentials')
    .option('--tables <prefix>', 'a deployment, by what its names begin with')
    .option('--region <region>', "its AWS region, or the first one to ask for logs in S3 (default: the SDK's own)")
    .option('--data-bucket <name>', 'with --tables: its data bucket (default: as infra/ names it)')
    .option('--json', 'for programs: docs/schema/doctor.schema.json');
  return withLogOptions(command).action(async (options: DoctorOptions, command: Command) => {
    const checkup = await examine(options, command);
    process.stdout.write(options.json ? `${JSON.stringify(checkup, null, 2)}\n` : checkupText(checkup));
  });
}

/** What examines is loaded only when needed. */
async function examine(options: DoctorOptions, command: Command): Promise<Checkup> {
  const { inventory, logs, config, tables, ...place } = options;
  const ways = [inventory ?? logs, config, tables].filter((way) => way !== undefined);
  if (ways.length === 1 && config !== undefined) {
    const { examineAccount } = await import('./examine-account.ts');
    return examineAccount(config);
  }
  if (ways.length === 1 && tables !== undefined) {
    const { deploymentFacts } = await import('./deployment-adapter.ts');
    const { deploymentCheckup } = await import('./examine-deployment.ts');
    return deploymentCheckup(await deploymentFacts({ ...place, tables }, Date.now() / 1000));
  }
  if (ways.length === 1 && inventory !== undefined && logs !== undefined) {
    const { examineInput } = await import('./examine-input.ts');
    return examineInput({ ...options, inventory, logs });
  }
  return command.error('error: give --inventory and --logs, or --config, or --tables');
}
