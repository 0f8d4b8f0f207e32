import { count, figure } from '../../../../shared/text/numbers.ts';
import { Command } from 'commander';
import { plainText } from '../../../../shared/text/plain.ts';
import { createEc2Client, ec2Account } from '../../../snapshot-groups/ec2-adapter.ts';
import { readAccount } from '../../../snapshot-groups/read-account.ts';
import { checkTarget, writeFolder } from '../../../snapshot-groups/write-folder.ts';
import { parseDays, parseWhole } from '../../terminal/options.ts';
import { print, quietOption } from '../../terminal/print.ts';

interface SnapshotOptions {
  readonly out: string;
  readonly region?: string;
  readonly profile?: string;
  readonly history?: true;
  readonly resume?: true;
  readonly days: number;
  readonly historyCalls: number;
  readonly unknownOf?: readonly string[];
}

/** Half an hour. */
const HISTORY_CALLS = 3600;

export function snapshotCommand(): Command {
  return new Command('snapshot')
    .description("Write a live account's groups, rules and interfaces into a folder, as the AWS CLI prints them.")
    .requiredOption('--out <dir>', 'folder to write; a former snapshot there is replaced, all or nothing')
    .option('--region <region>', "AWS region (default: the SDK's own)")
    .option('--profile <name>', "profile of the AWS configuration (default: the SDK's own)")
    .option(
      '--history',
      'also what the account remembers (CloudTrail, AWS Config): ages of rules, interfaces that are gone',
    )
    .option('--resume', 'with --history: take no new snapshot, and go on where a former run was stopped')
    .option('--days <n>', 'with --history: so far back', parseDays, 90)
    .option('--history-calls <n>', 'with --history: at most so many calls, two a second', parseWhole, HISTORY_CALLS)
    .option(
      '--unknown-of <path...>',
      'with --history: flow logs, whose unknown interfaces are asked for, the busiest first',
    )
    .addOption(quietOption())
    .action(snapshot);
}

async function snapshot({ history, resume, ...options }: SnapshotOptions): Promise<void> {
  const cancel = new AbortController();
  let stopped = 'nothing was written';
  const stop = (): void => {
    cancel.abort(new Error(`stopped; ${stopped}`));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const takenAt = resume ? undefined : await takeSnapshot(options, cancel.signal);
    stopped = 'the snapshot is written, and --history --resume goes on with its history';
    if (!history) return;
    // These clients are loaded only when needed.
    const { recall } = await import('./recall.ts');
    await recall(options, takenAt, cancel.signal);
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
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
