import { count, figure } from '../../../../shared/text/numbers.ts';
import { Command } from 'commander';
import { plainText } from '../../../../shared/text/plain.ts';
import { createEc2Client, ec2Account } from '../../../snapshot-groups/ec2-adapter.ts';
import { readAccount } from '../../../snapshot-groups/read-account.ts';
import { checkTarget, writeFolder } from '../../../snapshot-groups/write-folder.ts';

interface SnapshotOptions {
  readonly out: string;
  readonly region?: string;
  readonly profile?: string;
}

export function snapshotCommand(): Command {
  return new Command('snapshot')
    .description("Write a live account's groups, rules and interfaces into a folder, as the AWS CLI prints them.")
    .requiredOption('--out <dir>', 'folder to write; a former snapshot there is replaced, all or nothing')
    .option('--region <region>', "AWS region (default: the SDK's own)")
    .option('--profile <name>', "profile of the AWS configuration (default: the SDK's own)")
    .action(snapshot);
}

async function snapshot({ out, ...client }: SnapshotOptions): Promise<void> {
  await checkTarget(out);
  const cancel = new AbortController();
  const stop = (): void => {
    cancel.abort(new Error('stopped; nothing was written'));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const account = ec2Account(createEc2Client(client), (call, items) => {
      if (process.stderr.isTTY) process.stderr.write(`${call}: ${figure(items)}\n`);
    });
    const taken = await readAccount(account, cancel.signal);
    await writeFolder(taken, out, cancel.signal);
    for (const problem of taken.problems) process.stderr.write(`stale-sg: ${plainText(problem)}\n`);
    process.stdout.write(
      `${out}: ${count(taken.groups.length, 'group')}, ${count(taken.rules.length, 'rule')}, ` +
        `${count(taken.interfaces.length, 'interface')}\n`,
    );
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}
