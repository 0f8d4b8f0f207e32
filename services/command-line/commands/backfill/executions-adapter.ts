import {
  DescribeExecutionCommand,
  paginateListStateMachines,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { executionLink } from '../../../../shared/console-links.ts';
import { nightName } from '../../../../shared/names.ts';
import { failureReason } from '../../../../shared/failure-reason.ts';
import type { Executions } from './backfill.ts';
import { isoDay } from '../../../../shared/time.ts';

const MAX_ATTEMPTS = 10;

/**
 * The nights of the deployment in the account and region of the credentials.
 *
 * @throws Error where there is no deployment of that name
 */
export async function openExecutions({
  tables: prefix,
  region,
}: {
  readonly tables: string;
  readonly region?: string;
}): Promise<Executions> {
  // Nights take long: a connection that is lost for a minute must not end the waiting for them.
  const client = new SFNClient({ ...(region !== undefined && { region }), maxAttempts: MAX_ATTEMPTS });
  const name = nightName(prefix);
  const stateMachineArn = await find(client, name);
  const run = Date.now().toString(36);
  return {
    start: async (day) => {
      const [input, execution] = [JSON.stringify({ day: isoDay(day) }), `backfill-${isoDay(day)}-${run}`];
      const started = await client.send(new StartExecutionCommand({ stateMachineArn, name: execution, input }));
      return started.executionArn!;
    },
    state: async (executionArn) => {
      const { status = '', error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return { status, reason: error === undefined ? undefined : `${error}: ${failureReason(cause ?? '')}` };
    },
    link: (arn) => executionLink(arn.split(':')[3] ?? '', arn),
  };
}

async function find(client: SFNClient, name: string): Promise<string> {
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {})) {
    const found = stateMachines.find((one) => one.name === name);
    if (found) return found.stateMachineArn!;
  }
  throw new Error(`no state machine ${name}; is stale-sg deployed here?`);
}
