import { gunzipSync } from 'node:zlib';
import { DescribeFlowLogsCommand, EC2Client, type FlowLog } from '@aws-sdk/client-ec2';
import { PutObjectCommand, S3Client, S3ServiceException, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { wire } from '../../../services/archive-flow-logs/wiring-adapter.ts';
import { DEFAULT_FIELDS } from '../../../shared/flowlogs/fields.ts';
import { dataMessage, LOG_GROUP_NAME, subscriptionEvent } from './subscription-events.ts';

const ENVIRONMENT = {
  STALE_SG_TABLE_PREFIX: 'sg-analysis',
  STALE_SG_DATA_BUCKET: 'data',
  STALE_SG_LOG_BUCKET: 'logs',
  STALE_SG_LOG_KEY_PREFIX: 'vpc/',
  STALE_SG_ACCOUNT_ID: '111122223333',
  AWS_REGION: 'eu-central-1',
};
const NOON = Date.UTC(2026, 0, 5, 12);
/** Of a line that began then. */
const eventOf = (timestamp: number) =>
  subscriptionEvent(
    dataMessage(['2 111122223333 eni-1 203.0.113.9 10.0.0.1 50000 443 6 10 840 1767614340 1767614399 ACCEPT OK'], {
      timestamp,
    }),
  );
const EVENT = eventOf(NOON);
const KEY =
  /^vpc\/log-groups\/AWSLogs\/111122223333\/vpcflowlogs\/eu-central-1\/2026\/01\/05\/.*_fl-0a_20260105T1159Z_/;
const FLOW_LOG: FlowLog = {
  FlowLogId: 'fl-0a',
  CreationTime: new Date(0),
  LogDestinationType: 'cloud-watch-logs',
  LogGroupName: LOG_GROUP_NAME,
  LogFormat: DEFAULT_FIELDS.map((field) => `\${${field}}`).join(' '),
};

const ec2 = mockClient(EC2Client);
const s3 = mockClient(S3Client);
const before = { ...process.env };
beforeEach(() => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_TRACE_ENABLED: 'false',
  });
  ec2.reset();
  s3.reset();
  ec2.on(DescribeFlowLogsCommand).resolves({ FlowLogs: [FLOW_LOG] });
  s3.on(PutObjectCommand).resolves({});
});
afterEach(() => {
  process.env = { ...before };
  jest.useRealTimers();
});

const puts = (): PutObjectCommandInput[] => s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
/** As S3 refuses. */
const failing = (name: string): S3ServiceException =>
  new S3ServiceException({ name, message: name, $fault: 'client', $metadata: {} });

test('an object is written where there is none, below the prefix of the configuration', async () => {
  expect(await wire(ENVIRONMENT).archive(EVENT)).toMatchObject({ objects: 1, lines: 1 });
  const [put, ...others] = puts();
  expect([put, others]).toMatchObject([{ Bucket: 'logs', Key: expect.stringMatching(KEY), IfNoneMatch: '*' }, []]);
  expect(gunzipSync(put!.Body as Uint8Array).toString()).toContain(' 1767614399 ACCEPT OK\n');
});

test('one that is there is done with', async () => {
  s3.on(PutObjectCommand).rejects(failing('PreconditionFailed'));
  expect(await wire(ENVIRONMENT).archive(EVENT)).toMatchObject({ objects: 0, repeated: 1, refused: undefined });
  expect(puts()).toHaveLength(1);
});

test('one that another is writing is waited for', async () => {
  const meanwhile = failing('ConditionalRequestConflict');
  s3.on(PutObjectCommand).rejectsOnce(meanwhile).rejectsOnce(meanwhile).rejects(failing('PreconditionFailed'));
  expect(await wire(ENVIRONMENT).archive(EVENT)).toMatchObject({ objects: 0, repeated: 1, refused: undefined });
  expect(puts()).toHaveLength(3);
});

describe('a batch that cannot be written', () => {
  test('is kept back in the data bucket, under the day of now, as it can be sent again', async () => {
    s3.on(PutObjectCommand, { Bucket: 'logs' }).rejects(failing('AccessDenied'));
    jest.useFakeTimers({ now: Date.UTC(2026, 0, 6, 1), doNotFake: ['setImmediate', 'nextTick', 'setTimeout'] });
    const { archive } = wire(ENVIRONMENT);
    expect(await archive(EVENT)).toMatchObject({ objects: 0, refused: 'AccessDenied' });
    await archive(EVENT);
    const kept = puts().filter(({ Bucket }) => Bucket === 'data');
    expect(kept.map(({ Key }) => Key)).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/^refused\/2026-01-06\/[0-9a-f]{64}\.json$/)),
    );
    expect(new Set(kept.map(({ Key }) => Key)).size).toBe(1);
    expect(JSON.parse(Buffer.from(kept[0]!.Body as Uint8Array).toString())).toEqual(EVENT);
  });

  test('nor kept back fails', async () => {
    s3.on(PutObjectCommand).rejects(failing('SlowDown'));
    await expect(wire(ENVIRONMENT).archive(EVENT)).rejects.toThrow('SlowDown');
  });
});

describe('flow logs', () => {
  test('of a log group are asked for by its name, again for lines that began since: they may be of another one', async () => {
    jest.useFakeTimers({ now: NOON, doNotFake: ['setImmediate', 'nextTick', 'setTimeout'] });
    const { archive } = wire(ENVIRONMENT);
    for (const [minutes, began] of [
      [0, -10],
      [9, -1],
      [60, -1],
      [60, 0],
      [61, 59],
      [62, -10],
    ] as const) {
      jest.setSystemTime(NOON + minutes * 60_000);
      expect(await archive(eventOf(NOON + began * 60_000))).toMatchObject({ refused: undefined });
    }
    const asked = ec2.commandCalls(DescribeFlowLogsCommand).map(({ args }) => args[0].input.Filter);
    const filter = [{ Name: 'log-group-name', Values: [LOG_GROUP_NAME] }];
    expect(asked).toEqual([filter, filter]);
  });

  test('that cannot be asked for are not those that were known last', async () => {
    jest.useFakeTimers({ now: NOON, doNotFake: ['setImmediate', 'nextTick', 'setTimeout'] });
    const { archive } = wire(ENVIRONMENT);
    await archive(eventOf(NOON - 1));
    ec2.on(DescribeFlowLogsCommand).rejects(new Error('RequestLimitExceeded'));
    expect(await archive(eventOf(NOON - 1))).toMatchObject({ refused: undefined });
    expect(await archive(eventOf(NOON))).toMatchObject({ refused: 'RequestLimitExceeded' });
  });

  test('that were made in the place of another do not get its lines', async () => {
    const { archive } = wire(ENVIRONMENT);
    ec2.on(DescribeFlowLogsCommand).resolves({ FlowLogs: [{ ...FLOW_LOG, CreationTime: new Date(NOON) }] });
    expect(await archive(eventOf(NOON - 1000))).toMatchObject({ refused: expect.stringMatching(/earlier flow log/) });
    expect(await archive(eventOf(NOON))).toMatchObject({ refused: undefined });
  });

  test('of all pages count, and those of other places do not', async () => {
    const others: FlowLog[] = [
      { ...FLOW_LOG, FlowLogId: 'fl-0b', LogDestinationType: 's3' },
      { ...FLOW_LOG, FlowLogId: 'fl-0c', LogGroupName: `${LOG_GROUP_NAME}-b` },
    ];
    const pages = (...all: FlowLog[][]) =>
      ec2.on(DescribeFlowLogsCommand).callsFake(({ NextToken = '0' }: { NextToken?: string }) => {
        const page = Number(NextToken);
        return { FlowLogs: all[page], ...(page + 1 < all.length && { NextToken: String(page + 1) }) };
      });
    pages(others, [FLOW_LOG]);
    expect(await wire(ENVIRONMENT).archive(EVENT)).toMatchObject({ objects: 1, refused: undefined });
    expect(puts()[0]!.Key).toMatch(KEY);
    pages([FLOW_LOG], others, [{ ...FLOW_LOG, FlowLogId: 'fl-0d' }]);
    expect(await wire(ENVIRONMENT).archive(EVENT)).toMatchObject({ refused: expect.stringMatching(/^2 flow logs/) });
  });
});

test.each<[change: Record<string, string>, message: RegExp]>([
  [{ STALE_SG_LOG_KEY_PREFIX: 'vpc' }, /no folders that each end in a slash$/],
  [{ STALE_SG_LOG_KEY_PREFIX: '/vpc/' }, /no folders/],
  [{ STALE_SG_LOG_BUCKET: 'a/b' }, /no name of a bucket/],
])('%j is wrong', (change, message) => {
  expect(() => wire({ ...ENVIRONMENT, ...change })).toThrow(message);
});
