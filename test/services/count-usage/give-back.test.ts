import { expect, test } from '@jest/globals';
import { ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { giveBack, secondsToWait } from '../../../services/count-usage/give-back-adapter.ts';
import { startFauxqs } from '../../beds/fauxqs.ts';

test('a message waits a minute at first, twice as long each time after, and half an hour at most', () => {
  const waits = [1, 2, 3, 4, 5, 6, 10].map(secondsToWait);
  expect(waits).toEqual([60, 120, 240, 480, 960, 1800, 1800]);
  expect([0, Number.NaN].map(secondsToWait)).toEqual([60, 60]);
});

const recordOf = (receiptHandle: string, receives = '1') => ({
  receiptHandle,
  attributes: {
    ApproximateReceiveCount: receives,
    SentTimestamp: '',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '',
  },
});

test('what cannot be given back is told, and harms nothing: with the rest of its call, or a single one', async () => {
  const fauxqs = await startFauxqs();
  try {
    const sqs = fauxqs.sqs();
    const { url } = await fauxqs.createQueue('queue', { visibilitySeconds: 1000 });
    for (let n = 0; n < 12; n++) await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: String(n) }));
    const handles: string[] = [];
    while (handles.length < 12) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
      handles.push(...Messages.map(({ ReceiptHandle }) => ReceiptHandle!));
    }
    const told: (readonly [number, string])[] = [];
    const options = {
      client: () => Promise.resolve(sqs),
      queueUrl: url,
      onFailure: (messages: number, error: unknown) => told.push([messages, String(error)]),
    };
    const records = handles.map((handle, i) => recordOf(i === 11 ? 'no handle' : handle));
    await giveBack(records, options);
    expect(told).toEqual([[1, expect.any(String)]]);
    expect(await fauxqs.depth(url)).toMatchObject({ ready: 0, inFlight: 12 });

    await giveBack(records.slice(0, 3), {
      ...options,
      client: (): Promise<SQSClient> => Promise.reject(new Error('no')),
    });
    expect(told.at(-1)).toEqual([3, 'Error: no']);
    await giveBack([], { ...options, client: () => Promise.reject(new Error('not asked')) });
    expect(told).toHaveLength(2);
  } finally {
    await fauxqs.stop();
  }
});
