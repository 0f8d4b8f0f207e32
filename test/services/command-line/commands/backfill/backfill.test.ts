import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ExecutionAlreadyExists,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import type { BackfillOutcome } from '../../../../../shared/backfill-outcome.ts';
import {
  backfill,
  type BackfillOptions,
  type ExecutionState,
} from '../../../../../services/command-line/commands/backfill/backfill.ts';
import { openBackfills } from '../../../../../services/command-line/commands/backfill/backfills-adapter.ts';
import { bedEnvironment } from '../../../../beds/bed-environment.ts';
import { runBin, runMain } from '../../program.ts';

const FROM = 20_000;
const OPTIONS: BackfillOptions = { from: FROM, to: FROM + 4, wait: true, tables: 'sg-analysis' };
const JANUARY = ['backfill', '--from', '2026-01-01', '--to', '2026-01-31'];
const ARN = 'arn:aws:states:eu-central-1:111122223333:execution:sg-analysis-backfill:2026-01-01-2026-01-31';
const STARTED = new Date('2026-02-01T08:00:00Z');

const RUNNING: ExecutionState = { status: 'RUNNING', ended: undefined, output: undefined, reason: undefined };
const outcome = (failed: number): BackfillOutcome => ({
  from: '2024-10-04',
  to: '2024-10-08',
  days: 5,
  settled: 4 - failed,
  withoutLogs: 1,
  failed,
  failures: failed === 0 ? [] : [{ from: '2024-10-05', to: '2024-10-06', days: 2, reason: 'Error: why' }],
});

/** What it prints while the execution is seen in these states, one after the other. */
async function followed(states: readonly Partial<ExecutionState>[], options = OPTIONS) {
  const left = [...states];
  const printed: string[] = [];
  const ended = await backfill(options, {
    backfills: {
      start: async () => ({ arn: ARN, startedAt: STARTED }),
      state: async () => ({ ...RUNNING, ...left.shift()! }),
      link: () => 'https://link',
    },
    wait: async () => {},
    print: (line) => printed.push(line),
  }).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  return { printed, ended, left: left.length };
}

describe('a backfill', () => {
  test('is started, and left to itself', async () => {
    const { printed, ended, left } = await followed([{}], { ...OPTIONS, wait: false });
    expect([ended, left]).toEqual([undefined, 1]);
    expect(printed.slice(0, 2)).toEqual([
      '2024-10-04 to 2024-10-08: 5 days, a few at a time, since 2026-02-01T08:00:00.000Z',
      'https://link',
    ]);
  });

  test('is followed to its end', async () => {
    const done = { status: 'SUCCEEDED', ended: 5, output: JSON.stringify(outcome(0)) };
    const { printed, ended } = await followed([{}, { ended: 0 }, { ended: 3 }, { ended: 3 }, done]);
    expect(ended).toBeUndefined();
    expect(printed.slice(3)).toEqual([
      '0 of 5 days have ended',
      '3 of 5 days have ended',
      '5 of 5 days have ended',
      '4 of 5 days are settled, 1 have no flow logs, 0 failed',
    ]);
  });

  test('of which days failed says which and why, and fails', async () => {
    const { printed, ended } = await followed([{ status: 'SUCCEEDED', output: JSON.stringify(outcome(2)) }]);
    expect(printed.slice(3)).toEqual([
      '2024-10-05 to 2024-10-06: Error: why',
      '2 of 5 days are settled, 1 have no flow logs, 2 failed',
    ]);
    expect(ended).toBe('2 of 5 days are not settled');
  });

  test('that fails itself says why', async () => {
    const { ended } = await followed([{ status: 'FAILED', reason: 'Error: why' }]);
    expect(ended).toBe('the backfill is FAILED: Error: why');
  });
});

describe('the backfills of a deployment', () => {
  const sfn = mockClient(SFNClient);
  const place = { tables: 'sg-analysis', region: 'eu-central-1' };
  const arn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:sg-analysis-backfill';
  beforeEach(() => {
    const machine = {
      stateMachineArn: arn,
      name: 'sg-analysis-backfill',
      type: 'STANDARD',
      creationDate: undefined,
    } as const;
    const other = { ...machine, stateMachineArn: `${arn}-2`, name: 'sg-analysis-backfill-2' };
    sfn
      .on(ListStateMachinesCommand)
      .resolvesOnce({ stateMachines: [other], nextToken: 'more' })
      .resolves({ stateMachines: [machine] });
    sfn.on(ListMapRunsCommand).resolves({ mapRuns: [] });
  });
  afterEach(() => {
    sfn.reset();
  });
  const names = () => sfn.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input.name);

  test('are found by name, on whatever page, and named by their days: the same one while it runs', async () => {
    sfn.on(StartExecutionCommand).resolves({ executionArn: ARN, startDate: STARTED });
    const backfills = await openBackfills(place);
    for (const _ of [1, 2]) expect(await backfills.start(FROM, FROM + 1)).toEqual({ arn: ARN, startedAt: STARTED });
    const [call] = sfn.commandCalls(StartExecutionCommand);
    expect(call!.args[0].input).toMatchObject({
      stateMachineArn: arn,
      input: '{"from":"2024-10-04","to":"2024-10-05"}',
    });
    expect(names()).toEqual(['2024-10-04-2024-10-05', '2024-10-04-2024-10-05']);
    expect(backfills.link(ARN)).toContain('https://eu-central-1.console.aws.amazon.com/');
  });

  test('get another name once that one has ended', async () => {
    sfn
      .on(StartExecutionCommand)
      .rejectsOnce(new ExecutionAlreadyExists({ message: 'closed', $metadata: {} }))
      .resolves({ executionArn: ARN, startDate: STARTED });
    await (await openBackfills(place)).start(FROM, FROM);
    expect(names()).toEqual(['2024-10-04-2024-10-04', expect.stringMatching(/^2024-10-04-2024-10-04-\w+$/)]);
  });

  test('are started once where that fails', async () => {
    sfn.on(StartExecutionCommand).rejects(new Error('AccessDenied'));
    await expect((await openBackfills(place)).start(FROM, FROM)).rejects.toThrow('AccessDenied');
    expect(names()).toHaveLength(1);
  });

  test('tell how many days have ended, however', async () => {
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    const backfills = await openBackfills(place);
    expect(await backfills.state(ARN)).toEqual(RUNNING);
    sfn.on(ListMapRunsCommand).resolves({
      mapRuns: [{ mapRunArn: 'map', executionArn: ARN, stateMachineArn: arn, startDate: STARTED }],
    });
    const itemCounts = { pending: 9, running: 3, succeeded: 4, failed: 1, timedOut: 1, aborted: 1 };
    sfn.on(DescribeMapRunCommand, { mapRunArn: 'map' }).resolves({ itemCounts } as never);
    expect(await backfills.state(ARN)).toEqual({ ...RUNNING, ended: 7 });
  });

  test('say why they failed, and what they came to', async () => {
    const cause = JSON.stringify({ errorType: 'RangeError', errorMessage: 'short', trace: ['RangeError: short'] });
    sfn
      .on(DescribeExecutionCommand)
      .resolvesOnce({ status: 'FAILED', error: 'RangeError', cause })
      .resolves({ status: 'SUCCEEDED', output: '{}' });
    const backfills = await openBackfills(place);
    expect(await backfills.state(ARN)).toEqual({ ...RUNNING, status: 'FAILED', reason: 'RangeError: short' });
    expect(await backfills.state(ARN)).toEqual({ ...RUNNING, status: 'SUCCEEDED', output: '{}' });
  });

  test('are missed by name', async () => {
    sfn.reset();
    sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
    await expect(openBackfills(place)).rejects.toThrow(
      'no state machine sg-analysis-backfill; is stale-sg deployed here?',
    );
  });
});

describe('the command', () => {
  /** Step Functions, as far as this command asks: whatever is started runs for ever. */
  async function stepFunctions(asked: (call: string, input: { input?: string }) => void) {
    const server = createServer((request, answer) => {
      const respond = async (): Promise<void> => {
        const input = JSON.parse(await text(request)) as { input?: string };
        const call = String(request.headers['x-amz-target']).split('.')[1]!;
        const stateMachineArn = 'arn:aws:states:eu-central-1:111122223333:stateMachine:sg-analysis-backfill';
        const machine = { stateMachineArn, name: 'sg-analysis-backfill', type: 'STANDARD', creationDate: 0 };
        const answers: Record<string, object> = {
          ListStateMachines: { stateMachines: [machine] },
          StartExecution: { executionArn: ARN, startDate: STARTED.getTime() / 1000 },
          DescribeExecution: { status: 'RUNNING' },
          ListMapRuns: { mapRuns: [] },
        };
        answer.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' });
        answer.end(JSON.stringify(answers[call]));
        asked(call, input);
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

  test.each([
    ['ends once it is started', [], 0],
    ['with --wait, ends at once when it is stopped, and what it started goes on', ['--wait'], 'SIGINT'],
  ] as const)(
    '%s',
    async (_, more, ends) => {
      const asked: string[] = [];
      let child: ChildProcess | undefined;
      const service = await stepFunctions((call, { input = '' }) => {
        asked.push(`${call} ${input}`.trim());
        if (call === 'ListMapRuns') setTimeout(() => child!.kill('SIGINT'), 200);
      });
      const { status, stdout, stderr } = await runBin([...JANUARY, ...more], {
        started: (it) => (child = it),
        environment: service.environment,
      });
      await service.stop();
      expect([status, stderr]).toEqual([ends, '']);
      expect(asked.slice(0, 2)).toEqual([
        'ListStateMachines',
        'StartExecution {"from":"2026-01-01","to":"2026-01-31"}',
      ]);
      expect(asked.filter((call) => call.startsWith('StopExecution'))).toEqual([]);
      expect(stdout).toContain('2026-01-01 to 2026-01-31: 31 days');
    },
    60_000,
  );

  test('fails in a line where there is no deployment', async () => {
    const sfn = mockClient(SFNClient);
    sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
    const { status, stdout, stderr } = await runMain([...JANUARY, '--tables', 'other', '--region', 'eu-central-1']);
    sfn.restore();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe('stale-sg: no state machine other-backfill; is stale-sg deployed here?\n');
  });

  test.each([
    ['a day that is none', ['--from', '2026-02-30'], /'--from <date>' argument '2026-02-30' is invalid/],
    ['days in no order', ['--to', '2025-12-31'], /^error: --to is before --from$/m],
  ])('refuses %s', async (_, wrong, says) => {
    const { status, stderr } = await runMain([...JANUARY, ...wrong]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(says)]);
  });
});
