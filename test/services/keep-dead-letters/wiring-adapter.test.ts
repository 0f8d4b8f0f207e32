import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { wire } from '../../../services/keep-dead-letters/wiring-adapter.ts';

const ENVIRONMENT = { STALE_SG_TABLE_PREFIX: 'sg-analysis', STALE_SG_DATA_BUCKET: 'data' };
const MIDNIGHT = Date.UTC(2026, 0, 6);

const s3 = mockClient(S3Client);
const before = { ...process.env };
beforeEach(() => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_TRACE_ENABLED: 'false',
  });
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
});
afterEach(() => {
  process.env = { ...before };
});

/** As SQS hands it on. */
const message = (body: unknown, SentTimestamp: unknown = String(MIDNIGHT)) => ({
  messageId: 'm',
  receiptHandle: 'r',
  body,
  attributes: { ApproximateReceiveCount: '1', SentTimestamp, SenderId: 's', ApproximateFirstReceiveTimestamp: '1' },
  messageAttributes: { RequestID: { stringValue: 'i', dataType: 'String' } },
  eventSource: 'aws:sqs',
});
const kept = () =>
  s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => ({
    bucket: input.Bucket,
    key: input.Key!,
    text: Buffer.from(input.Body as Uint8Array).toString(),
  }));
/** How many batches the figure counts that the alarm looks at. */
const counted = jest.fn<(name: string, value: number) => void>();
const keep = async (event: unknown): Promise<void> => {
  const { keep, tools } = wire(ENVIRONMENT);
  counted.mockReset();
  jest.spyOn(tools.metrics, 'addMetric').mockImplementation((name, _unit, value) => {
    counted(name, value);
    return tools.metrics;
  });
  await keep(event);
};

describe('a dead letter', () => {
  test.each([
    ['an event of a subscription', '{"awslogs":{"data":"H4sIAAAA"}}'],
    ['what is no JSON', '\u0000{"\u{1F4A5} <script>'],
    ['nothing', ''],
    ['1 MiB', 'x'.repeat(2 ** 20)],
  ])('is kept back as it came, under the hash of its bytes: %s', async (_, body) => {
    await keep({ Records: [message(body)] });
    const hash = createHash('sha256').update(body).digest('hex');
    expect(kept()).toEqual([{ bucket: 'data', key: `refused/2026-01-06/${hash}.json`, text: body }]);
    expect(counted.mock.calls).toEqual([['BatchesRefused', 1]]);
  });

  test.each([
    [MIDNIGHT - 1, '2026-01-05'],
    [MIDNIGHT, '2026-01-06'],
  ])('lies under the day on which it died, not that of now: %d', async (at, day) => {
    await keep({ Records: [message('{}', String(at))] });
    expect(kept()).toMatchObject([{ key: expect.stringContaining(`refused/${day}/`) }]);
  });

  test('that comes twice is one object', async () => {
    await keep({ Records: [message('{}')] });
    await keep({ Records: [message('{}')] });
    expect(new Set(kept().map(({ key }) => key)).size).toBe(1);
    expect(kept()).toHaveLength(2);
  });

  test('that cannot be written stays, and is not counted as kept', async () => {
    s3.on(PutObjectCommand).rejects(new Error('AccessDenied'));
    await expect(keep({ Records: [message('{}')] })).rejects.toThrow('AccessDenied');
    expect(counted).not.toHaveBeenCalled();
  });

  test.each<[what: string, event: unknown]>([
    ['a batch itself', { awslogs: { data: '' } }],
    ['a message without a body', { Records: [message(undefined)] }],
    ['one without a time', { Records: [message('{}', '')] }],
    ['one whose time is no number', { Records: [message('{}', '../../past')] }],
    ['one whose time is of no day that there is', { Records: [message('{}', '9'.repeat(20))] }],
  ])('stays where it is not what SQS sends: %s', async (_, event) => {
    await expect(keep(event)).rejects.toThrow();
    expect(kept()).toEqual([]);
  });
});

test('the figure is that of archive-flow-logs, which the alarm looks at', () => {
  const { metrics } = wire(ENVIRONMENT).tools;
  const said = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  metrics.addMetric('BatchesRefused', 'Count', 1);
  expect(metrics.serializeMetrics()).toMatchObject({
    service: 'archive-flow-logs',
    deployment: 'sg-analysis',
    BatchesRefused: 1,
  });
  metrics.clearMetrics();
  said.mockRestore();
});
