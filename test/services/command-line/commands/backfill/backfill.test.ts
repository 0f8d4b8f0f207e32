import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import {
  backfill,
  type BackfillOptions,
  type Executions,
} from '../../../../../services/command-line/commands/backfill/backfill.ts';
import { openExecutions } from '../../../../../services/command-line/commands/backfill/executions-adapter.ts';
import { bedEnvironment } from '../../../../beds/bed-environment.ts';
import { runBin, runMain } from '../../program.ts';

const FROM = 20_000;
const OPTIONS: BackfillOptions = { from: FROM, to: FROM + 4, atOnce: 2, tables: 'sg-analysis' };
const JANUARY = ['backfill', '--from', '2026-01-01', '--to', '2026-01-31'];

/** Nights that end after as many looks as given, as given. */
function nights(ends: (day: number) => string = () => 'SUCCEEDED', looks = 3) {
  const running = new Map<string, number>();
  const seen = { most: 0, started: [] as number[] };
  const executions: Executions = {
    start: async (day) => {
      seen.started.push(day);
      running.set(String(day), looks);
      seen.most = Math.max(seen.most, running.size);
      return String(day);
    },
    state: async (arn) => {
      const left = running.get(arn)! - 1;
      running.set(arn, left);
      if (left > 0) return { status: 'RUNNING', reason: undefined };
      running.delete(arn);
      return { status: ends(Number(arn)), reason: 'why' };
    },
    link: (arn) => `https://${arn}`,
  };
  const printed: string[] = [];
  return { ports: { executions, wait: async () => {}, print: (line: string) => printed.push(line) }, seen, printed };
}

describe('past days', () => {
  test('are run the earliest first, each once, and no more than given at a time', async () => {
    const { ports, seen, printed } = nights();
    await backfill(OPTIONS, ports);
    expect(seen).toEqual({ most: 2, started: [0, 1, 2, 3, 4].map((i) => FROM + i) });
    expect(printed.filter((line) => line.endsWith('reconciled'))).toHaveLength(5);
    expect(printed[0]).toBe('2024-10-04  started');
  });

  test('that fail do not keep the others from being run, and are told with their link', async () => {
    const { ports, seen, printed } = nights((day) => (day === FROM + 1 ? 'FAILED' : 'SUCCEEDED'));
    await expect(backfill(OPTIONS, ports)).rejects.toThrow('1 of 5 days are not reconciled');
    expect(seen.started).toHaveLength(5);
    expect(printed).toContain(`2024-10-05  FAILED: why https://${FROM + 1}`);
  });

  test('of one day are one night', async () => {
    const { ports, seen } = nights();
    await backfill({ ...OPTIONS, to: FROM }, ports);
    expect(seen.started).toEqual([FROM]);
  });
});

describe('the nights of a deployment', () => {
  const sfn = mockClient(SFNClient);
  const place = { tables: 'sg-analysis', region: 'eu-central-1' };
  const arn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:sg-analysis-night';
  beforeEach(() => {
    const machine = {
      stateMachineArn: arn,
      name: 'sg-analysis-night',
      type: 'STANDARD',
      creationDate: undefined,
    } as const;
    const other = { ...machine, stateMachineArn: `${arn}-2`, name: 'sg-analysis-night-2' };
    sfn
      .on(ListStateMachinesCommand)
      .resolvesOnce({ stateMachines: [other], nextToken: 'more' })
      .resolves({ stateMachines: [machine] });
  });
  afterEach(() => {
    sfn.reset();
  });

  test('are found by name, on whatever page, and started with their day', async () => {
    sfn.on(StartExecutionCommand).resolves({ executionArn: 'arn:aws:states:eu-central-1:1:execution:x:y' });
    const executions = await openExecutions(place);
    const started = await executions.start(FROM);
    const [call] = sfn.commandCalls(StartExecutionCommand);
    expect(call!.args[0].input).toMatchObject({ stateMachineArn: arn, input: '{"day":"2024-10-04"}' });
    expect(call!.args[0].input.name).toMatch(/^backfill-2024-10-04-\w+$/);
    expect(executions.link(started)).toContain('https://eu-central-1.console.aws.amazon.com/');
  });

  test('say why they failed', async () => {
    const cause = JSON.stringify({ errorType: 'NightFailed', errorMessage: 'short', trace: ['NightFailed: short'] });
    sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED', error: 'NightFailed', cause });
    const executions = await openExecutions(place);
    expect(await executions.state('a')).toEqual({ status: 'FAILED', reason: 'NightFailed: short' });
  });

  test('that still run have no reason', async () => {
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    const executions = await openExecutions(place);
    expect(await executions.state('a')).toEqual({ status: 'RUNNING', reason: undefined });
  });

  test('are missed by name', async () => {
    sfn.reset();
    sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
    await expect(openExecutions(place)).rejects.toThrow(
      'no state machine sg-analysis-night; is stale-sg deployed here?',
    );
  });
});

describe('the command', () => {
  /** Step Functions, as far as this command asks: whatever is started runs for ever. */
  async function stepFunctions(started: (input: { name: string; input: string }) => void) {
    const server = createServer((asked, answer) => {
      const respond = async (): Promise<void> => {
        const input = JSON.parse(await text(asked)) as { name: string; input: string };
        const call = String(asked.headers['x-amz-target']).split('.')[1];
        answer.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' });
        if (call === 'ListStateMachines') {
          const stateMachineArn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:sg-analysis-night';
          const machine = { stateMachineArn, name: 'sg-analysis-night', type: 'STANDARD', creationDate: 0 };
          answer.end(JSON.stringify({ stateMachines: [machine] }));
        } else if (call === 'StartExecution') {
          answer.end(JSON.stringify({ executionArn: input.name, startDate: 0 }));
          started(input);
        } else answer.end(JSON.stringify({ status: 'RUNNING' }));
      };
      respond().catch((error: unknown) => answer.destroy(error as Error));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return {
      environment: {
        ...bedEnvironment({}),
        AWS_ENDPOINT_URL_SFN: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      },
      stop: async () => {
        server.closeAllConnections();
        await once(server.close(), 'close');
      },
    };
  }

  test('ends at once when it is stopped, and has started no more than may run at a time', async () => {
    const started: string[] = [];
    let child: ChildProcess | undefined;
    const service = await stepFunctions(({ input }) => {
      started.push(input);
      if (started.length === 2) setTimeout(() => child!.kill('SIGINT'), 500);
    });
    const { status, stdout, stderr } = await runBin(JANUARY, {
      started: (it) => (child = it),
      environment: service.environment,
    });
    await service.stop();
    expect([status, stderr]).toEqual(['SIGINT', '']);
    expect(started).toEqual(['{"day":"2026-01-01"}', '{"day":"2026-01-02"}']);
    expect(stdout.split('\n')).toEqual(['2026-01-01  started', '2026-01-02  started', '']);
  }, 60_000);

  test('fails in a line where there is no deployment', async () => {
    const sfn = mockClient(SFNClient);
    sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
    const { status, stdout, stderr } = await runMain([...JANUARY, '--tables', 'other', '--region', 'eu-central-1']);
    sfn.restore();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe('stale-sg: no state machine other-night; is stale-sg deployed here?\n');
  });

  test.each([
    ['a day that is none', ['--from', '2026-02-30'], /'--from <date>' argument '2026-02-30' is invalid/],
    ['days in no order', ['--to', '2025-12-31'], /^error: --to is before --from$/m],
    ['none at a time', ['--at-once', '0'], /Give 1 to 5/],
    ['more at a time than Athena runs', ['--at-once', '6'], /Give 1 to 5/],
  ])('refuses %s', async (_, wrong, says) => {
    const { status, stderr } = await runMain([...JANUARY, ...wrong]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(says)]);
  });
});
