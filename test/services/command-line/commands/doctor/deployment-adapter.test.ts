import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { checkup } from '../../../../../services/command-line/commands/doctor/ailment.ts';
import { deploymentFacts } from '../../../../../services/command-line/commands/doctor/deployment-adapter.ts';
import { DayMarks } from '../../../../../shared/aws/day-marks.ts';
import { SETTLED } from '../../../../../shared/aws/settled-days.ts';
import { SnapshotIndex } from '../../../../../shared/aws/snapshot-index.ts';
import { deadBatchesName, queueNames, tableNames } from '../../../../../shared/names.ts';
import { dayFromIso } from '../../../../../shared/time.ts';
import { bedEnvironment } from '../../../../beds/bed-environment.ts';
import { describeWithDynamoDb } from '../../../../beds/describe-with-dynamodb.ts';
import { startFauxqs, type Fauxqs } from '../../../../beds/fauxqs.ts';
import { runMain, SAMPLE } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(60_000);

const PREFIX = 'looked-at';
const TABLES = tableNames(PREFIX);
const NOW = Date.UTC(2026, 0, 16, 9) / 1000;
const DAY = dayFromIso('2026-01-14')!;
const ARN = `arn:aws:states:eu-central-1:111122223333:stateMachine:${PREFIX}-night`;

/** An error as AWS's services give it. */
const denied = (name: string): Error => Object.assign(new Error('no'), { name });

describeWithDynamoDb('a deployment that is looked at', (dynamo) => {
  const folder = scratch('block');
  const before = { ...process.env };
  const sfn = mockClient(SFNClient);
  let fauxqs: Fauxqs;

  beforeAll(async () => {
    fauxqs = await startFauxqs();
    Object.assign(process.env, bedEnvironment({ dynamoDb: dynamo(), fauxqs }));
    await dynamo().createTables(PREFIX);
    const client = dynamo().client();
    const takenAt = '2026-01-15T03:30:00Z';
    const index = new SnapshotIndex(client, TABLES.state);
    await index.appendIfNewest(undefined, { takenAt, key: 'k', hash: 'h' }, 400);
    await index.noteStillTrueIfNewest({ takenAt, key: 'k', hash: 'h' }, '2026-01-16T08:45:00Z');
    await new DayMarks(client, TABLES.state).mark(DAY, 'late objects');
    const figures = JSON.stringify({ run: '1', records: 9, unknownInterfaceShare: 0.5, evidence: [], replaced: [] });
    const Item = { id: { S: SETTLED }, at: { S: '2026-01-14' }, figures: { S: figures } };
    await client.send(new PutItemCommand({ TableName: TABLES.state, Item }));
    const { queue, deadLetters } = queueNames(PREFIX);
    const { url } = await fauxqs.createQueue(queue);
    await fauxqs.createQueue(deadLetters);
    const MessageBody = 'an object';
    for (let i = 0; i < 3; i++) await fauxqs.sqs().send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    await fauxqs.createBucket('data');
    const analyzed = [
      '--inventory',
      join(SAMPLE, 'inventory'),
      '--logs',
      join(SAMPLE, 'logs'),
      '--out',
      folder.path('out'),
    ];
    await runMain(['analyze', ...analyzed]);
    const key = 'reports/2026-01-14/20260115T0330Z0123456789ab/report.json.gz';
    await fauxqs.putObject('data', key, gzipSync(await folder.read('out/usage.json')));
  });
  afterAll(async () => {
    process.env = before;
    await fauxqs.stop();
  });
  beforeEach(() => {
    const machine = {
      stateMachineArn: ARN,
      name: `${PREFIX}-night`,
      type: 'STANDARD',
      creationDate: undefined,
    } as const;
    sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [machine] });
    const execution = { executionArn: `${ARN}:x`, stateMachineArn: ARN, startDate: new Date('2026-01-16T03:30:00Z') };
    const executions = [
      { ...execution, name: 'daily', status: 'SUCCEEDED' as const },
      { ...execution, name: 'before', startDate: new Date('2026-01-03T03:30:00Z'), status: 'FAILED' as const },
    ].map((one) => ({ ...one, stopDate: undefined }));
    sfn.on(ListExecutionsCommand).resolves({ executions });
  });
  afterEach(() => {
    sfn.reset();
  });

  const facts = (more: { tables?: string; dataBucket?: string } = {}) =>
    deploymentFacts({ tables: PREFIX, dataBucket: 'data', ...more }, NOW);

  test('tells of all that it has', async () => {
    const { report, settled, ...others } = await facts();
    const link = expect.stringMatching(/^https:\/\/eu-central-1\.console\.aws\.amazon\.com\/states\//);
    const startedAt = Date.UTC(2026, 0, 16, 3, 30) / 1000;
    expect(others).toEqual({
      now: NOW,
      prefix: PREFIX,
      region: undefined,
      lastReading: { found: Date.UTC(2026, 0, 16, 8, 45) / 1000 },
      waiting: { found: 3 },
      deadLetters: { found: 0 },
      // No log group is archived.
      deadBatches: { found: 0 },
      nights: {
        found: [
          { startedAt, day: DAY + 1, status: 'SUCCEEDED', link },
          { startedAt: startedAt - 13 * 86_400, day: dayFromIso('2026-01-02'), status: 'FAILED', link },
        ],
      },
      marked: { found: [{ day: DAY, reasons: ['late objects'] }] },
    });
    expect(settled).toMatchObject({ found: new Map([[DAY, { unknownInterfaceShare: 0.5 }]]) });
    expect(report).toMatchObject({ found: { report: { windowDays: 3 } } });
  });

  test('dead letters of log groups are told of, at work or not', async () => {
    const { url } = await fauxqs.createQueue(deadBatchesName(PREFIX));
    for (const MessageBody of ['{}', '{"a":1}']) {
      await fauxqs.sqs().send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    }
    await fauxqs.sqs().send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(await facts()).toMatchObject({ deadBatches: { found: 2 }, deadLetters: { found: 0 } });
  });

  test('what is denied or gone is told, and the rest with it', async () => {
    sfn.on(ListExecutionsCommand).rejects(denied('AccessDeniedException'));
    const { nights, report, waiting } = await facts({ dataBucket: 'elsewhere' });
    expect(nights).toEqual({ missing: 'the right states:ListExecutions is missing' });
    expect(report).toEqual({ missing: expect.stringMatching(/^s3:ListBucket and s3:GetObject: /) });
    expect(waiting).toEqual({ found: 3 });
  });

  test('what cannot be asked at all fails', async () => {
    sfn.on(ListExecutionsCommand).rejects(denied('CredentialsProviderError'));
    await expect(facts()).rejects.toThrow('no');
    await expect(facts({ tables: 'nowhere' })).rejects.toThrow('no table nowhere-state; is stale-sg deployed here?');
  });

  test('the command', async () => {
    const run = await runMain(['doctor', '--tables', PREFIX, '--data-bucket', 'data', '--json']);
    expect([run.status, run.stderr]).toEqual([0, '']);
    const { of, ailments } = checkup.parse(JSON.parse(run.stdout));
    expect(of).toBe('deployment');
    const kinds = ailments.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['snapshotsStopped', 'markedDays', 'unknownLeft']));
    expect(ailments.find(({ kind }) => kind === 'markedDays')!.commands).toEqual([
      `npx stale-sg backfill --from 2026-01-14 --to 2026-01-14 --tables ${PREFIX}`,
    ]);
  });
});
