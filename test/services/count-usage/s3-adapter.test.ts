import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ContentLost, type FlowLogObject } from '../../../services/count-usage/flow-log-object.ts';
import { logObject } from '../../../services/count-usage/s3-adapter.ts';
import { s3LogObject } from '../../../shared/aws/s3-log-object.ts';
import { BED_CREDENTIALS, BED_REGION } from '../../beds/bed-environment.ts';
import { startFauxqs, type Fauxqs } from '../../beds/fauxqs.ts';
import { parquetOf } from '../../shared/flowlogs/parquet-of.ts';
import { shorthand } from '../../shared/flowlogs/shorthand.ts';

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const LINES = Array.from(
  { length: 5000 },
  (_, i) =>
    `2 111122223333 eni-0a 10.0.0.${i % 250} 10.0.1.1 ${50_000 + (i % 999)} 443 6 ${i + 1} 840 1768305600 1768305660 ACCEPT OK`,
);
const TEXT = [HEADER, ...LINES].join('\n');
const GZIP = gzipSync(TEXT);
const ROWS = [HEADER, ...LINES].map((line) => line.split(' '));
const PARQUET = parquetOf(ROWS, { codec: 'GZIP', rowGroupSize: 1000, pageSize: 4096 });

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startFauxqs();
  await fauxqs.createBucket('logs');
});
afterAll(() => fauxqs.stop());

function objectAt(key: string, etag: string, size: number): FlowLogObject {
  const event = { bucket: 'logs', key, etag: etag.replaceAll('"', ''), size, eventTime: 0, sequencer: '' };
  return { ...event, name: `s3://logs/${key}`, day: 20_466, flowLogId: 'fl-0a' };
}

async function put(key: string, body: Uint8Array | string): Promise<FlowLogObject> {
  const etag = await fauxqs.putObject('logs', key, body);
  return objectAt(key, etag, Buffer.from(body).length);
}

async function recordsOf(object: FlowLogObject, client = fauxqs.s3()): Promise<string[]> {
  const records: string[] = [];
  await logObject(client, object).read({
    record: (record) => records.push(shorthand(record)),
    malformed: (line, reason) => records.push(`${line}: ${reason}`),
  });
  return records;
}

/** What reading fails with. */
const failure = (object: FlowLogObject, client?: S3Client): Promise<unknown> =>
  recordsOf(object, client).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a flow log in S3', () => {
  test.each([
    ['plain text', 'a.log', TEXT],
    ['gzip', 'a.log.gz', GZIP],
    ['Parquet', 'a.log.parquet', PARQUET],
    ['a name that has to be encoded', 'team a/year=2026/ü+%41.log.gz', GZIP],
  ])('is read to its last record: %s', async (_what, key, body) => {
    const records = await recordsOf(await put(key, body));
    expect([records.length, new Set(records).size]).toEqual([LINES.length, LINES.length]);
  });

  test('has the name, the ETag, the flow log and the day of its event', async () => {
    const object = await put('a.log.gz', GZIP);
    const { note, day } = logObject(fauxqs.s3(), object);
    expect([note, day]).toEqual([{ name: 's3://logs/a.log.gz', version: object.etag, flowLogId: 'fl-0a' }, 20_466]);
  });

  test('is told from a file that is none', async () => {
    expect(await failure(await put('b.log', 'a,b,c\n'))).toMatchObject({ name: 'FlowLogError' });
    expect(await failure(await put('b.log.gz', GZIP.subarray(0, 900)))).toMatchObject({ name: 'FlowLogError' });
    expect(await failure(await put('b.log.parquet', GZIP))).toMatchObject({ name: 'FlowLogError' });
  });
});

test('what the query of the night cannot read is not counted as it comes either', async () => {
  const lines = LINES.slice(0, 2);
  const message = /by way of CloudWatch Logs, Firehose or Security Lake, which the query of the night cannot read/;
  const forms = [
    lines.map((one) => `2026-01-05T00:00:00.000Z ${one}\n`),
    lines.map((one) => JSON.stringify({ message: one })),
  ];
  for (const form of forms) {
    expect(await failure(await put('c.log.gz', gzipSync(form.join(''))))).toMatchObject({
      message: expect.stringMatching(message),
    });
  }
});

test('nothing of a file is fetched as nothing, not as the whole', async () => {
  const { buffer } = s3LogObject(fauxqs.s3(), await put('a.log', TEXT));
  expect((await buffer.slice(7, 7)).byteLength).toBe(0);
});

describe('a content that is not there any more is told from all that may pass', () => {
  test.each(['lost.log.gz', 'lost.log.parquet'])('%s', async (key) => {
    const first = await put(key, key.endsWith('gz') ? GZIP : PARQUET);
    await put(key, 'another content');
    const overwritten = await failure(first);
    expect(overwritten).toBeInstanceOf(ContentLost);
    expect(overwritten).toMatchObject({ how: 'overwritten', message: `s3://logs/${key} is overwritten` });
    const gone = await failure({ ...first, key: `never-${key}` });
    expect(gone).toBeInstanceOf(ContentLost);
    expect(gone).toMatchObject({ how: 'gone' });
  });

  test('no bucket, no answer', async () => {
    const object = await put('c.log.gz', GZIP);
    const noBucket = await failure({ ...object, bucket: 'nowhere' });
    expect(noBucket).toBeInstanceOf(S3ServiceException);
    expect(noBucket).toMatchObject({ name: 'NoSuchBucket' });
    const nobody = fauxqs.s3({ endpoint: 'http://127.0.0.1:9', maxAttempts: 1 });
    expect(await failure(object, nobody)).toMatchObject({
      message: expect.stringMatching('ECONNREFUSED'),
    });
  });
});

describe('bytes that do not come', () => {
  let server: Server;
  let client: S3Client;
  let answer: { headers: Record<string, string | number>; body: Uint8Array; cut?: boolean };
  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { etag: '"e"', ...answer.headers });
      if (!answer.cut) return void response.end(answer.body);
      response.write(answer.body, () => response.destroy());
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    client = new S3Client({ endpoint, region: BED_REGION, credentials: BED_CREDENTIALS });
  });
  afterAll(async () => {
    client.destroy();
    await new Promise((closed) => server.close(closed));
  });

  test('because the connection breaks fail the object', async () => {
    answer = { headers: { 'content-length': TEXT.length }, body: Buffer.from(TEXT.slice(0, 9000)), cut: true };
    expect(await failure(objectAt('d.log', 'e', TEXT.length), client)).toMatchObject({ message: 'aborted' });
  });

  test('although the answer ends in good order fail the object', async () => {
    const half = TEXT.slice(0, TEXT.indexOf('\n', 9000) + 1);
    answer = { headers: {}, body: Buffer.from(half) };
    const message = `${half.length} bytes came instead of ${TEXT.length}`;
    expect(await failure(objectAt('d.log', 'e', TEXT.length), client)).toMatchObject({ message });
  });

  test('of a part of a Parquet file fail the object', async () => {
    answer = { headers: {}, body: PARQUET.subarray(0, 100) };
    expect(await failure(objectAt('d.log.parquet', 'e', PARQUET.length), client)).toMatchObject({
      message: expect.stringMatching(/^100 bytes came instead of/),
    });
  });
});
