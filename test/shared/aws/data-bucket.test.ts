import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { findReport } from '../../../services/command-line/deployment/report-adapter.ts';
import { CountedDays } from '../../../services/judge-rules/counted-days-adapter.ts';
import { deployedExemptions } from '../../../services/judge-rules/exemptions.ts';
import { NightFiles } from '../../../services/reconcile-usage/night-files-adapter.ts';
import { readBatch } from '../../../shared/aws/batch-files.ts';
import { DataBucket, LONGEST_TEXT, type Bound } from '../../../shared/aws/data-bucket.ts';
import { reportAt } from '../../../shared/aws/report-store.ts';
import { SETTLED } from '../../../shared/aws/settled-days.ts';
import { RecalledAccount } from '../../../shared/aws/recalled-account.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { historyKey, tableNames } from '../../../shared/names.ts';
import { dayFromIso } from '../../../shared/time.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { type Fauxqs, startFauxqs } from '../../beds/fauxqs.ts';

/** Half a gigabyte is unpacked. */
jest.setTimeout(120_000);

let fauxqs: Fauxqs;
let bucket: DataBucket;
beforeAll(async () => {
  fauxqs = await startFauxqs();
  await fauxqs.createBucket('data');
  bucket = new DataBucket(fauxqs.s3(), 'data');
});
afterAll(() => fauxqs.stop());

/** What an error and its causes say, from the outermost on. */
function told(error: unknown): string[] {
  if (typeof error !== 'object' || error === null || !('message' in error)) return [];
  return [String(error.message), ...('cause' in error ? told(error.cause) : [])];
}

async function failure(reading: Promise<unknown>): Promise<string[]> {
  return reading.then(
    () => ['it was read'],
    (error: unknown) => told(error),
  );
}

test('folders below a prefix are named once each, whatever is in them', async () => {
  expect(await bucket.folders('days/')).toEqual([]);
  for (const key of ['2026-01-05/a', '2026-01-05/b/c', '2026-01-06/a', 'a'])
    await bucket.put(`days/${key}`, Buffer.of(1));
  await bucket.put('daysgone/2026-01-07/a', Buffer.of(1));
  expect(await bucket.folders('days/')).toEqual(['2026-01-05', '2026-01-06']);
});

describe('a text', () => {
  test.each([
    ['plain, of no bytes', '', (key: string, atMost: number) => bucket.text(key, { atMost })],
    ['plain', 'grün', (key: string, atMost: number) => bucket.text(key, { atMost })],
    ['packed', 'grün '.repeat(1000), (key: string, atMost: number) => bucket.gzText(key, { atMost })],
  ])('%s: is read up to its bound, and no further', async (what, text, read) => {
    if (what === 'packed') await bucket.putGz(what, text);
    else await bucket.put(what, Buffer.from(text));
    const bytes = Buffer.byteLength(text);
    expect(await read(what, bytes)).toBe(text);
    if (bytes > 0) expect((await failure(read(what, bytes - 1)))[0]).toBe(`${what}: cannot be read`);
  });

  test('says why it was refused: too many bytes as they come, or unpacked', async () => {
    await bucket.put('long', Buffer.from('x'.repeat(1000)));
    await bucket.putGz('long.gz', 'x'.repeat(1000));
    expect(await failure(bucket.text('long', { atMost: 999 }))).toEqual([
      'long: cannot be read',
      'it has more than 999 bytes',
    ]);
    expect((await failure(bucket.gzText('long.gz', { atMost: 999 }))).slice(0, 2)).toEqual([
      'long.gz: cannot be read',
      'it has more than 999 bytes unpacked',
    ]);
    expect(await failure(bucket.gzText('long.gz', { atMost: 9 }))).toContain('it has more than 9 bytes');
  });

  test('that is not there is named', async () => {
    expect((await failure(bucket.text('gone')))[0]).toBe('gone: cannot be read');
    expect((await failure(bucket.gzText('gone.gz')))[0]).toBe('gone.gz: cannot be read');
  });

  test('that was put keeps its type', async () => {
    await bucket.putGz('typed.gz', 'text', 'application/gzip');
    const { Body, ContentType } = await fauxqs.s3().send(new GetObjectCommand({ Bucket: 'data', Key: 'typed.gz' }));
    expect([ContentType, gunzipSync(await Body!.transformToByteArray()).toString()]).toEqual([
      'application/gzip',
      'text',
    ]);
  });
});

const SHARE = 500;

/** Its bounds are a 500th of those that are asked for: half a gigabyte takes seconds to unpack. */
class SmallBucket extends DataBucket {
  override gzText(key: string, { atMost }: Bound = LONGEST_TEXT): Promise<string> {
    return super.gzText(key, { atMost: Math.floor(atMost / SHARE) });
  }
}

/** 520 times `chunk` bytes of blanks, each in a member of its own. */
function bomb(chunk: number): Buffer {
  const member = gzipSync(Buffer.alloc(chunk, ' '));
  return Buffer.concat(Array.from({ length: 520 }, () => member));
}

describeWithDynamoDb('a file that unpacks to more than a text may have is refused by name:', (dynamo) => {
  const DAY = dayFromIso('2026-01-10')!;
  const RUN = { day: DAY, id: 'run1' };
  const REPORT = 'reports/2026-01-10/20260111T0330Z0123456789ab/report.json.gz';
  const index = () => new SnapshotIndex(dynamo().client(), tableNames('bomb').state);
  const archive = () => new SnapshotArchive(index(), small);
  let small: SmallBucket;

  beforeAll(async () => {
    small = new SmallBucket(fauxqs.s3(), 'data');
    await dynamo().createTables('bomb');
    const figures = { run: RUN.id, records: 0, streamedRecords: 0, driftShare: 0, driftingRules: 0, evidence: [] };
    const Item = { id: { S: SETTLED }, at: { S: '2026-01-10' }, figures: { S: JSON.stringify(figures) } };
    await dynamo()
      .client()
      .send(new PutItemCommand({ TableName: tableNames('bomb').state, Item }));
  });

  async function firstDay(client: DynamoDBClient): Promise<unknown> {
    const days = new CountedDays({
      client,
      tables: tableNames('bomb'),
      bucket: small,
      index: index(),
      archive: archive(),
      account: new RecalledAccount(client, tableNames('bomb').state, small),
    });
    return days.between(DAY, DAY).next();
  }

  test.each<[what: string, key: string, read: (key: string) => Promise<unknown>]>([
    ['a snapshot', 'snapshots/b.json.gz', (key) => archive().read({ takenAt: '', key, hash: '' })],
    ['what a night says of a day', historyKey('2026-01-10', RUN.id), () => firstDay(dynamo().client())],
    ['a report, to mail it', REPORT, (key) => reportAt(small, key)],
    ['the plan of a night', 'night/2026-01-10/run1/plan.json.gz', () => new NightFiles(small).readPlan(RUN)],
    ['a part of a night', 'night/2026-01-10/run1/part-0-0.json.gz', (key) => new NightFiles(small).text(key)],
    ['what a batch adds', 'additions/b.gz', () => readBatch(small, 'additions/b.gz')],
  ])('%s', async (_what, key, read) => {
    await fauxqs.putObject('data', key, bomb(Math.ceil(2 ** 20 / SHARE)));
    const [first, ...why] = await failure(read(key));
    expect(first).toContain(`${key}: cannot be read`);
    expect(why).toContainEqual(expect.stringMatching(/^it has more than \d{7} bytes unpacked$/));
  });

  test('a report, on the command line, of half a gigabyte', async () => {
    await fauxqs.putObject('data', REPORT, bomb(2 ** 20));
    const [first, ...why] = await failure(findReport(fauxqs.s3(), 'data', '2026-01-10'));
    expect(first).toContain(`${REPORT}: cannot be read`);
    expect(why).toContainEqual(expect.stringMatching(/^it has more than \d{9} bytes unpacked$/));
  });

  test('a list of exemptions, which is not packed', async () => {
    const key = 'exemptions/list.csv';
    await fauxqs.putObject('data', key, Buffer.alloc(16 * 2 ** 20 + 1, ' '));
    expect(await failure(deployedExemptions(bucket, key))).toEqual([
      `${key}: cannot be read`,
      `it has more than ${16 * 2 ** 20} bytes`,
    ]);
    expect(await deployedExemptions(bucket, undefined)).toEqual([]);
  });
});
