import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ExecutionAlreadyExists,
  ListMapRunsCommand,
  paginateListStateMachines,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { executionLink } from '../../../../shared/console-links.ts';
import { backfillName } from '../../../../shared/names.ts';
import { failureReason } from '../../../../shared/failure-reason.ts';
import type { Backfills } from './backfill.ts';
import { isoDay, type Day } from '../../../../shared/time.ts';

const MAX_ATTEMPTS = 10;

/**
 * The backfills of the deployment in the account and region of the credentials.
 *
 * @throws Error where there is no deployment of that name
 */
export async function openBackfills({
  tables: prefix,
  region,
}: {
  readonly tables: string;
  readonly region?: string;
}): Promise<Backfills> {
  // It may take days: a connection that is lost for a minute must not end the waiting for it.
  const client = new SFNClient({ ...(region !== undefined && { region }), maxAttempts: MAX_ATTEMPTS });
  const stateMachineArn = await find(client, backfillName(prefix));
  return {
    async start(from, to) {
      const { executionArn, startDate } = await start(client, stateMachineArn, from, to);
      return { arn: executionArn!, startedAt: startDate! };
    },
    async state(executionArn) {
      const { status = '', output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      const reason = error === undefined ? undefined : `${error}: ${failureReason(cause ?? '')}`;
      return { status, ended: await endedDays(client, executionArn), output, reason };
    },
    link: (arn) => executionLink(arn.split(':')[3] ?? '', arn),
  };
}

/**
 * An execution is named by its days: started again while it runs, it is the same one. Once it has ended, its name is taken
 * for 90 days, and another one is as good.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
async function start(client: SFNClient, stateMachineArn: string, from: Day, to: Day) {
  const input = JSON.stringify({ from: isoDay(from), to: isoDay(to) });
  const name = `${isoDay(from)}-${isoDay(to)}`;
  try {
    return await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    const another = `${name}-${Date.now().toString(36)}`;
    return client.send(new StartExecutionCommand({ stateMachineArn, name: another, input }));
  }
}

async function endedDays(client: SFNClient, executionArn: string): Promise<number | undefined> {
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  const [run] = mapRuns;
  if (!run) return undefined;
  const { itemCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn: run.mapRunArn! }));
  const { succeeded = 0, failed = 0, timedOut = 0, aborted = 0 } = itemCounts ?? {};
  return succeeded + failed + timedOut + aborted;
}

async function find(client: SFNClient, name: string): Promise<string> {
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {})) {
    const found = stateMachines.find((one) => one.name === name);
    if (found) return found.stateMachineArn!;
  }
  throw new Error(`no state machine ${name}; is stale-sg deployed here?`);
}
