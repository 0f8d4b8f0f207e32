import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { startFauxqs, type Fauxqs } from './fauxqs.ts';

jest.setTimeout(60_000);

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startFauxqs();
  await fauxqs.createBucket('bucket');
});
afterAll(() => fauxqs.stop());

describe('S3 of the bed', () => {
  const get = (more: object) => fauxqs.s3().send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a b+c', ...more }));
  const bytes = async (more: object) => (await get(more)).Body!.transformToString();

  test('gives ranges', async () => {
    await fauxqs.putObject('bucket', 'a b+c', '0123456789');
    expect([await bytes({}), await bytes({ Range: 'bytes=2-4' }), await bytes({ Range: 'bytes=-3' })]).toEqual([
      '0123456789',
      '234',
      '789',
    ]);
  });

  test('refuses another content under IfMatch, with a range or without', async () => {
    const old = await fauxqs.putObject('bucket', 'a b+c', 'old');
    const current = await fauxqs.putObject('bucket', 'a b+c', 'new');
    expect(await bytes({ IfMatch: current, Range: 'bytes=1-' })).toBe('ew');
    for (const Range of [undefined, 'bytes=1-']) {
      await expect(get({ IfMatch: old, Range })).rejects.toMatchObject({
        name: 'PreconditionFailed',
        $metadata: { httpStatusCode: 412 },
      });
    }
  });

  test('knows an ETag in IfMatch by its quotes only', async () => {
    const etag = await fauxqs.putObject('bucket', 'a b+c', 'new');
    expect(etag).toMatch(/^".*"$/);
    await expect(get({ IfMatch: etag.replaceAll('"', '') })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  test('says NoSuchKey of what is not there', async () => {
    await expect(get({ Key: 'none' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('holds objects that are too large for one request', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024 + 1, 'abc');
    await fauxqs.putObject('bucket', 'large', large);
    const { Body } = await get({ Key: 'large' });
    expect(large.equals(await Body!.transformToByteArray())).toBe(true);
    await expect(
      fauxqs.s3().send(new PutObjectCommand({ Bucket: 'bucket', Key: 'large', Body: large })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
  });

  test('lists by prefix, in pages, with sizes and ETags', async () => {
    const etags = [];
    for (const name of ['1', '2', '3']) etags.push(await fauxqs.putObject('bucket', `list/${name}`, name));
    await fauxqs.putObject('bucket', 'not/4', '4');
    const list = (more: object) =>
      fauxqs.s3().send(new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'list/', MaxKeys: 2, ...more }));
    const first = await list({});
    const second = await list({ ContinuationToken: first.NextContinuationToken });
    const objects = [...first.Contents!, ...second.Contents!];
    expect(objects.map(({ Key, Size, ETag }) => [Key, Size, ETag])).toEqual(
      etags.map((etag, i) => [`list/${i + 1}`, 1, etag]),
    );
  });

  test('ignores IfNoneMatch on a put, where S3 refuses it', async () => {
    const put = () =>
      fauxqs.s3().send(new PutObjectCommand({ Bucket: 'bucket', Key: 'once', Body: 'x', IfNoneMatch: '*' }));
    await put();
    await expect(put()).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  });
});

describe('SQS of the bed', () => {
  const send = (QueueUrl: string, MessageBody: string) =>
    fauxqs.sqs().send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = async (QueueUrl: string, WaitTimeSeconds = 0) => {
    const { Messages = [] } = await fauxqs.sqs().send(
      new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    return Messages;
  };

  test('hides a received message until its visibility ends, then gives it again', async () => {
    const { url } = await fauxqs.createQueue('hides', { visibilitySeconds: 1 });
    await send(url, 'a');
    const [first] = await receive(url);
    expect(await receive(url)).toEqual([]);
    expect(await fauxqs.depth(url)).toEqual({ ready: 0, inFlight: 1, delayed: 0 });
    await wait(1100);
    const [second] = await receive(url);
    expect([first, second].map((message) => [message?.Body, message?.Attributes])).toEqual([
      ['a', { ApproximateReceiveCount: '1' }],
      ['a', { ApproximateReceiveCount: '2' }],
    ]);
  });

  test('gives a message back at once when its visibility is set to 0', async () => {
    const { url } = await fauxqs.createQueue('gives-back');
    await send(url, 'a');
    const [message] = await receive(url);
    await fauxqs.sqs().send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    expect(await receive(url)).toHaveLength(1);
  });

  test('forgets deleted messages only', async () => {
    const { url } = await fauxqs.createQueue('deletes', { visibilitySeconds: 1 });
    await send(url, 'a');
    await send(url, 'b');
    const messages = await receive(url);
    const a = messages.find(({ Body }) => Body === 'a');
    await fauxqs.sqs().send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: a?.ReceiptHandle }));
    await wait(1100);
    expect((await receive(url)).map(({ Body }) => Body)).toEqual(['b']);
  });

  test('moves a message to the dead-letter queue after its last receive, and no other', async () => {
    const { url, deadLetters } = await fauxqs.createQueue('poisoned', { visibilitySeconds: 0, maxReceives: 2 });
    await send(url, 'poison');
    expect([(await receive(url)).length, (await receive(url)).length]).toEqual([1, 1]);
    await send(url, 'good');
    expect((await receive(url)).map(({ Body }) => Body)).toEqual(['good']);
    expect((await receive(deadLetters.url)).map(({ Body }) => Body)).toEqual(['poison']);
  });

  test('waits for a message when asked to', async () => {
    const { url } = await fauxqs.createQueue('waits');
    const received = receive(url, 5);
    await wait(200);
    await send(url, 'late');
    expect((await received).map(({ Body }) => Body)).toEqual(['late']);
  });
});
