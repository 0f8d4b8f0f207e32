import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { type Publication, SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { type DescribedAccount, readSnapshot, snapshotText } from '../../../shared/inventory/snapshot-file.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { type Fauxqs, startFauxqs } from '../../beds/fauxqs.ts';
import { Random } from '../../oracle/random.ts';

/** Java beside other tests on a small machine is slow. */
jest.setTimeout(60_000);

const NOTHING: DescribedAccount = {
  groups: [],
  rules: [],
  interfaces: [],
  prefixLists: [],
  prefixListEntries: new Map(),
  flowLogs: [],
  vpcs: [],
  groupVpcAssociations: [],
  staleGroups: [],
  problems: [],
};
const PLACE = { accountId: '111122223333', region: 'eu-central-1' };

/** The document of an account with one group of this name. */
const documentOf = (name: string): string =>
  snapshotText(PLACE, { ...NOTHING, groups: [{ GroupId: 'sg-1', GroupName: name }] });

const [A, B] = [documentOf('a'), documentOf('b')];
/** Minutes after 2026-11-23T10:00:00Z. */
const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 23, 10, minutes));
const iso = (minutes: number): string => at(minutes).toISOString().replace('.000Z', 'Z');

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startFauxqs();
});
afterAll(() => fauxqs.stop());

describeWithDynamoDb('the archive', (bed) => {
  let count = 0;
  let dynamo: DynamoDBClient;
  let s3: S3Client;
  let bucket: string;
  let index: SnapshotIndex;
  let archive: SnapshotArchive;
  /** Keys that were put, and those refused because they are there. */
  let puts: string[];
  let refused: string[];

  beforeEach(async () => {
    bucket = `archive-${count++}`;
    await Promise.all([bed().createTables(bucket), fauxqs.createBucket(bucket)]);
    dynamo = bed().client();
    s3 = fauxqs.s3();
    puts = [];
    refused = [];
    const there = new Set<string>();
    // The bed takes every write: here as S3 does it.
    s3.middlewareStack.add((next) => async (args) => {
      const { Key, Body, IfNoneMatch } = args.input as { Key?: string; Body?: unknown; IfNoneMatch?: string };
      if (Key === undefined || Body === undefined) return next(args);
      puts.push(Key);
      const isRefused = IfNoneMatch === '*' && there.has(Key);
      if (isRefused) refused.push(Key);
      if (isRefused) throw Object.assign(new Error('At least one …'), { name: 'PreconditionFailed' });
      there.add(Key);
      return next(args);
    });
    index = new SnapshotIndex(dynamo, `${bucket}-state`);
    archive = new SnapshotArchive(index, new DataBucket(s3, bucket));
  });

  const keys = async (): Promise<(string | undefined)[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key }) => Key);
  };
  /** All of the index as it lies there, the oldest first. */
  const chain = async (): Promise<Record<string, string | undefined>[]> => {
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: `${bucket}-state`,
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: 'snapshot' } },
      }),
    );
    return Items.map((item) => Object.fromEntries(Object.entries(item).map(([name, { S }]) => [name, S])));
  };

  test('the first document: an object under its hash, and an entry', async () => {
    const { outcome, entry } = await archive.publish(A, at(0));
    expect(outcome).toBe('new');
    expect(entry.key).toBe(`snapshots/${entry.hash}.json.gz`);
    expect(await keys()).toEqual([entry.key]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: entry.key }));
    expect(gunzipSync((await Body?.transformToByteArray())!).toString()).toBe(A);
    expect(await chain()).toEqual([
      { id: 'snapshot', at: iso(0), key: entry.key, hash: entry.hash, still_true_at: iso(0) },
    ]);
  });

  test('the same again: only its time moves, forward', async () => {
    await archive.publish(A, at(0));
    const [before] = await chain();
    expect(await archive.publish(A, at(15))).toMatchObject({ outcome: 'same', entry: { takenAt: iso(0) } });
    expect(await archive.publish(A, at(5))).toMatchObject({ outcome: 'same', entry: { takenAt: iso(0) } });
    expect(await chain()).toEqual([{ ...before, still_true_at: iso(15) }]);
    expect(puts).toHaveLength(1);
  });

  test('changed and changed back: three entries, two objects', async () => {
    for (const [minute, document] of [A, B, A].entries()) {
      expect((await archive.publish(document, at(minute))).outcome).toBe('new');
    }
    const entries = await chain();
    expect(entries.map(({ at: taken, followed_by: next }) => [taken, next])).toEqual([
      [iso(0), iso(1)],
      [iso(1), iso(2)],
      [iso(2), undefined],
    ]);
    expect(entries[2]?.hash).toBe(entries[0]?.hash);
    expect(await keys()).toHaveLength(2);
    expect(puts).toHaveLength(3);
    expect(refused).toEqual([entries[0]?.key]);
  });

  test.each([
    ['taken before the newest', 5],
    ['taken before the newest was seen still true', 12],
    ['taken at that very second', 15],
  ])('another document, %s, is dropped', async (_why, minute) => {
    await archive.publish(A, at(10));
    await archive.publish(A, at(15));
    const before = await chain();
    expect(await archive.publish(B, at(minute))).toMatchObject({ outcome: 'overtaken', entry: { takenAt: iso(10) } });
    expect(await chain()).toEqual(before);
    expect(puts).toHaveLength(1);
  });

  test('died between object and index: the next run with this content appends it', async () => {
    dynamo.middlewareStack.add((next, { commandName }) => (args) => {
      if (commandName === 'TransactWriteItemsCommand' && puts.length === 1) throw new Error('dead');
      return next(args);
    });
    await expect(archive.publish(A, at(0))).rejects.toThrow('dead');
    expect([await keys(), await chain()]).toEqual([[expect.any(String)], []]);
    const { outcome, entry } = await archive.publish(A, at(15));
    expect(outcome).toBe('new');
    expect(await keys()).toEqual([entry.key]);
    expect((await archive.read(entry)).accountId).toBe(PLACE.accountId);
  });

  test('died before the object: nothing is in the index', async () => {
    s3.middlewareStack.add((next, { commandName }) => (args) => {
      if (commandName === PutObjectCommand.name) throw new Error('slow down');
      return next(args);
    });
    await expect(archive.publish(A, at(0))).rejects.toThrow('slow down');
    expect(await chain()).toEqual([]);
  });

  test('any number of runs at once leave one chain that ends with the latest reading', async () => {
    const outcomes: Record<string, number> = {};
    for (let seed = 1; seed <= 8; seed++) {
      const random = new Random(seed);
      const start = seed * 100;
      // As if readings took from no time to very long: they are published in any order, all at once.
      const runs = Array.from({ length: 12 }, (_, minute) => ({
        minute: start + minute,
        name: random.pick(['a', 'b', 'c']),
      }));
      const published = random.shuffled(runs).map(async ({ minute, name }) => {
        const patient = async (): Promise<Publication> =>
          archive.publish(documentOf(name), at(minute)).catch((error: unknown) => {
            if (String(error).includes('other runs came first')) return patient();
            throw error;
          });
        const { outcome } = await patient();
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      });
      await Promise.all(published);
      const entries = await chain();
      const last = runs.at(-1)!;
      expect(entries.at(-1)).toMatchObject({ still_true_at: iso(last.minute) });
      expect((await archive.read((await index.newest())!)).inventory.groups.get('sg-1')?.groupName).toBe(last.name);
      for (const [n, entry] of entries.entries()) {
        const next = entries[n + 1];
        expect(entry.followed_by).toBe(next?.at);
        expect(entry.hash).not.toBe(next?.hash);
        if (next) expect(entry.still_true_at! < next.at!).toBe(true);
      }
    }
    process.stderr.write(`12 runs at once, 8 times: ${JSON.stringify(outcomes)}\n`);
    expect(Object.keys(outcomes).sort()).toEqual(['new', 'overtaken', 'same']);
  });

  describe('what is read', () => {
    test('is the inventory that was written', async () => {
      const { entry } = await archive.publish(A, at(0));
      expect(await archive.read(entry)).toEqual(readSnapshot(A, entry.key));
    });

    test.each<[what: string, body: Uint8Array | string, message: RegExp]>([
      ['cut', gzipSync(A).subarray(0, 50), /^snapshots\/.*: cannot be read$/],
      ['no gzip', A, /^snapshots\/.*: cannot be read$/],
      ['another document', gzipSync(B), /^snapshots\/.*: is not what was written/],
    ])('is refused if it is %s', async (_what, body, message) => {
      const { entry } = await archive.publish(A, at(0));
      await fauxqs.putObject(bucket, entry.key, body);
      await expect(archive.read(entry)).rejects.toThrow(message);
    });

    test('names the key of what is not there', async () => {
      const gone = { takenAt: iso(0), key: 'snapshots/gone.json.gz', hash: 'x' };
      await expect(archive.read(gone)).rejects.toThrow('snapshots/gone.json.gz: cannot be read');
    });
  });
});
