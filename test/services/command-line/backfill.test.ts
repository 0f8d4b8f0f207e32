import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { backfill, type BackfillOptions, type Executions } from '../../../services/command-line/backfill.ts';
import { openExecutions } from '../../../services/command-line/executions-adapter.ts';

const FROM = 20_000;
const OPTIONS: BackfillOptions = { from: FROM, to: FROM + 4, atOnce: 2, tables: 'sg-analysis' };

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
    sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED', error: 'NightFailed', cause: 'short' });
    const executions = await openExecutions(place);
    expect(await executions.state('a')).toEqual({ status: 'FAILED', reason: 'NightFailed: short' });
  });

  test('are missed by name', async () => {
    sfn.reset();
    sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
    await expect(openExecutions(place)).rejects.toThrow(
      'no state machine sg-analysis-night; is stale-sg deployed here?',
    );
  });
});
