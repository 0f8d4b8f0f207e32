import { count, figure } from '../../../../shared/text/numbers.ts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { plainText } from '../../../../shared/text/plain.ts';
import { createEc2Client, ec2Account } from '../../../snapshot-groups/ec2-adapter.ts';
import { readAccount } from '../../../snapshot-groups/read-account.ts';
import { checkTarget, writeFolder } from '../../../snapshot-groups/write-folder.ts';
import { parseDays, parseWhole } from '../../terminal/options.ts';
import { print, quietOption } from '../../terminal/print.ts';
import type { LogOptions } from '../../files/asked-days.ts';
import { withLogOptions } from '../../files/log-options.ts';
import type { ManyOptions } from './snapshot-many.ts';

interface SnapshotOptions extends ManyOptions, LogOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly unknownOf?: readonly string[];
}

/** Half an hour. */
const HISTORY_CALLS = 3600;

export function snapshotCommand(): Command {
  const command = new Command('snapshot')
    .description(
      "Write a live account's groups, rules and interfaces into a folder, as the AWS CLI prints them; or those of several " +
        'accounts and regions, into a folder of each. Ends with status 3 where some of them could not be read.',
    )
    .requiredOption('--out <dir>', 'folder to write; a former snapshot there is replaced, all or nothing')
    .option('--region <region>', "AWS region (default: the SDK's own)")
    .option('--profile <name>', "profile of the AWS configuration (default: the SDK's own)")
    .option('--all-regions', 'of each account all regions that it may use, into --out/<account>-<region>')
    .addOption(new Option('--regions <region...>', 'these regions').conflicts('allRegions'))
    .option('--accounts <file>', 'these accounts: an id a line, or what `aws organizations list-accounts` prints')
    .addOption(new Option('--organization', "all active accounts of the caller's organization").conflicts('accounts'))
    .option('--role-name <name>', 'role to assume in each account but the own one', parseRoleName)
    .option('--external-id <id>', 'that the role asks for')
    .option(
      '--history',
      'also what the account remembers (CloudTrail, AWS Config): ages of rules, interfaces that are gone',
    )
    .option('--resume', 'go on where a former run was stopped: what it took is not taken again')
    .option('--days <n>', 'with --history: so far back', parseDays, 90)
    .option('--history-calls <n>', 'with --history: at most so many calls, two a second', parseWhole, HISTORY_CALLS)
    .option(
      '--unknown-of <path...>',
      'with --history: flow logs, whose unknown interfaces are asked for, the busiest first',
    )
    .addOption(quietOption());
  return withLogOptions(command).action(snapshot);
}

function parseRoleName(text: string): string {
  // A path may come before it. https://docs.aws.amazon.com/IAM/latest/APIReference/API_AssumeRole.html
  if (/^[\w+=,.@-]{1,64}(?:\/[\w+=,.@-]{1,64}){0,8}$/.test(text)) return text;
  throw new InvalidArgumentError('Give the name of a role, such as security-audit.');
}

async function snapshot(options: SnapshotOptions, command: Command): Promise<void> {
  const { allRegions, regions, accounts, organization, roleName, unknownOf } = options;
  const isMany = [allRegions, regions, accounts, organization].some((option) => option !== undefined);
  if (isMany && unknownOf !== undefined)
    command.error('error: --unknown-of is for a snapshot of one account and region');
  if ((accounts ?? organization) !== undefined && roleName === undefined) {
    command.error('error: say which role is to be assumed in the accounts: --role-name');
  }
  if (!isMany && options.resume && !options.history) {
    command.error('error: --resume goes on with a history (--history), or with a snapshot of several accounts');
  }
  const ofLogs = (['from', 'to', 'roleArn'] as const).find((option) => options[option] !== undefined);
  if (unknownOf === undefined && ofLogs !== undefined) {
    const name = ofLogs === 'roleArn' ? 'role-arn' : ofLogs;
    command.error(
      `error: --${name} is of the flow logs of --unknown-of; a role is assumed by --accounts and --role-name`,
    );
  }
  await stoppable(async (signal, stopsWith) => {
    if (!isMany) {
      await snapshotOne(options, signal, stopsWith);
      return;
    }
    stopsWith('what was read is written, and --resume goes on');
    // These clients are loaded only when needed.
    const { snapshotMany } = await import('./snapshot-many.ts');
    await snapshotMany(options, signal);
  });
}

/** @param work is given how to say what stands when it is stopped */
async function stoppable(
  work: (signal: AbortSignal, stopsWith: (what: string) => void) => Promise<void>,
): Promise<void> {
  const cancel = new AbortController();
  let stopped = 'nothing was written';
  const stop = (): void => {
    cancel.abort(new Error(`stopped; ${stopped}`));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(cancel.signal, (what) => (stopped = what));
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

async function snapshotOne(
  { history, resume, ...options }: SnapshotOptions,
  signal: AbortSignal,
  stopsWith: (what: string) => void,
): Promise<void> {
  const takenAt = resume ? undefined : await takeSnapshot(options, signal);
  stopsWith('the snapshot is written, and --history --resume goes on with its history');
  if (!history) return;
  // These clients are loaded only when needed.
  const { recall } = await import('./recall.ts');
  await recall(options, takenAt, signal);
}

/** Returns when it was complete, UNIX seconds: all that it shows was made before. */
async function takeSnapshot(
  { out, region, profile }: Pick<SnapshotOptions, 'out' | 'region' | 'profile'>,
  signal: AbortSignal,
): Promise<number> {
  await checkTarget(out);
  const client = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
  const account = ec2Account(createEc2Client(client), (call, items) => {
    if (process.stderr.isTTY) process.stderr.write(`${call}: ${figure(items)}\n`);
  });
  const taken = await readAccount(account, signal);
  const takenAt = Math.ceil(Date.now() / 1000);
  await writeFolder(taken, out, signal);
  for (const problem of taken.problems) process.stderr.write(`stale-sg: ${plainText(problem)}\n`);
  print(
    `${out}: ${count(taken.groups.length, 'group')}, ${count(taken.rules.length, 'rule')}, ` +
      `${count(taken.interfaces.length, 'interface')}\n`,
  );
  return takenAt;
}
