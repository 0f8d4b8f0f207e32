import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { type Publication, SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { unite } from '../../../shared/inventory/union.ts';
import { dayOf, type Day } from '../../../shared/time.ts';
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
  /** Keys that were put, and that were read. */
  let puts: string[];
  let gets: string[];

  beforeEach(async () => {
    bucket = `archive-${count++}`;
    await Promise.all([bed().createTables(bucket), fauxqs.createBucket(bucket)]);
    dynamo = bed().client();
    s3 = fauxqs.s3();
    puts = [];
    gets = [];
    s3.middlewareStack.add((next) => async (args) => {
      const { Key, Body } = args.input as { Key?: string; Body?: unknown };
      if (Key !== undefined) (Body === undefined ? gets : puts).push(Key);
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
    const { outcome, entry } = await archive.publish(A, at(0), 400);
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
    await archive.publish(A, at(0), 400);
    const [before] = await chain();
    expect(await archive.publish(A, at(15), 400)).toMatchObject({ outcome: 'same', entry: { takenAt: iso(0) } });
    expect(await archive.publish(A, at(5), 400)).toMatchObject({ outcome: 'same', entry: { takenAt: iso(0) } });
    expect(await chain()).toEqual([{ ...before, still_true_at: iso(15) }]);
    expect(puts).toHaveLength(1);
  });

  test('the same six hours later: its time moves; after a longer while in which nobody looked it is another entry', async () => {
    await archive.publish(A, at(0), 400);
    expect(await archive.publish(A, at(360), 400)).toMatchObject({ outcome: 'same', entry: { takenAt: iso(0) } });
    expect(await archive.publish(A, at(721), 400)).toMatchObject({ outcome: 'new', entry: { takenAt: iso(721) } });
    // What was read before is no gap.
    expect(await archive.publish(A, at(5), 400)).toMatchObject({ outcome: 'same', entry: { takenAt: iso(721) } });
    expect((await chain()).map(({ at: taken, still_true_at: until }) => [taken, until])).toEqual([
      [iso(0), iso(360)],
      [iso(721), iso(721)],
    ]);
  });

  test('changed and changed back: three entries, two objects', async () => {
    for (const [minute, document] of [A, B, A].entries()) {
      expect((await archive.publish(document, at(minute), 400)).outcome).toBe('new');
    }
    const entries = await chain();
    expect(entries.map(({ at: taken, followed_by: next }) => [taken, next])).toEqual([
      [iso(0), iso(1)],
      [iso(1), iso(2)],
      [iso(2), undefined],
    ]);
    expect(entries[2]?.hash).toBe(entries[0]?.hash);
    const documents = (all: readonly (string | undefined)[]) => all.filter((key) => key!.startsWith('snapshots/'));
    expect(documents(await keys())).toHaveLength(2);
    expect(documents(puts)).toEqual(entries.map(({ key }) => key));
  });

  test('the newest is written again on each new day: what is old expires', async () => {
    const [first, second] = [new Date('2026-11-22T22:00:00Z'), new Date('2026-11-23T03:00:00Z')];
    const { entry } = await archive.publish(A, first, 400);
    await archive.publish(A, second, 400);
    await archive.publish(A, new Date(second.getTime() + 900_000), 400);
    expect(puts).toEqual([entry.key, entry.key]);
  });

  describe('the union of a day', () => {
    const day = dayOf(at(0).getTime() / 1000);
    const taken = [at(-2 * 24 * 60), ...[0, 15, 30, 45].map(at)];
    const documents = ['z', 'a', 'b', 'c', 'b'].map(documentOf);
    /** Of all that is in force, by hand. */
    const whole = documents.map((document) => readSnapshot(document, 'x').inventory).reduce(unite);
    const publishAll = async (): Promise<void> => {
      for (const [i, document] of documents.entries()) {
        const { entry } = await archive.publish(document, taken[i]!, 400);
        await archive.writeUnion(entry);
      }
      gets.length = 0;
    };
    const union = async (of: Day): Promise<Inventory> => archive.union(of, (await index.inForce(of)).references);

    test('is that of all snapshots in force, and one file', async () => {
      await publishAll();
      expect((await index.inForce(day)).references).toHaveLength(5);
      expect(await union(day)).toEqual(whole);
      expect(gets).toEqual([(await index.newest())!.unionKey]);
    });

    test('of a day on which nothing changed is the snapshot before it', async () => {
      await publishAll();
      const { key } = (await index.newest())!;
      expect(await union(day + 1)).toEqual(readSnapshot(documents.at(-1)!, 'x').inventory);
      expect(gets).toEqual([key]);
    });

    test.each([
      ['is lost', undefined],
      ['is damaged', 'something else'],
      ['is of another version', '{"version":0}'],
    ])('is put together from the snapshots where its file %s', async (_what, text) => {
      await publishAll();
      const { unionKey } = (await index.newest())!;
      const data = new DataBucket(s3, bucket);
      if (text === undefined) await data.remove(unionKey!);
      else await data.putGz(unionKey!, text);
      expect(await union(day)).toEqual(whole);
    });

    test('is none where a snapshot before it is lost: it is not said without that', async () => {
      await publishAll();
      const { key, unionKey } = (await index.newest())!;
      const data = new DataBucket(s3, bucket);
      for (const lost of [key, unionKey!]) await data.remove(lost);
      const { entry } = await archive.publish(documentOf('d'), at(50), 400);
      await expect(archive.writeUnion(entry)).rejects.toThrow(`${key}: cannot be read`);
      expect((await index.newest())!.unionKey).toBeUndefined();
    });

    test('holds what was in force up to its snapshot, and nothing that came later', async () => {
      await publishAll();
      const { references } = await index.inForce(day);
      await archive.publish(documentOf('later'), at(50), 400);
      await archive.writeUnion(references.at(-1)!);
      expect((await index.inForce(day)).references.at(-2)).toEqual(references.at(-1));
    });
  });

  test.each([
    ['taken before the newest', 5],
    ['taken before the newest was seen still true', 12],
    ['taken at that very second', 15],
  ])('another document, %s, is dropped', async (_why, minute) => {
    await archive.publish(A, at(10), 400);
    await archive.publish(A, at(15), 400);
    const before = await chain();
    expect(await archive.publish(B, at(minute), 400)).toMatchObject({
      outcome: 'overtaken',
      entry: { takenAt: iso(10) },
    });
    expect(await chain()).toEqual(before);
    expect(puts).toHaveLength(1);
  });

  test('died between object and index: the next run with this content appends it', async () => {
    dynamo.middlewareStack.add((next, { commandName }) => (args) => {
      if (commandName === 'TransactWriteItemsCommand' && puts.length === 1) throw new Error('dead');
      return next(args);
    });
    await expect(archive.publish(A, at(0), 400)).rejects.toThrow('dead');
    expect([await keys(), await chain()]).toEqual([[expect.any(String)], []]);
    const { outcome, entry } = await archive.publish(A, at(15), 400);
    expect(outcome).toBe('new');
    expect(await keys()).toEqual([entry.key]);
    expect((await archive.read(entry)).accountId).toBe(PLACE.accountId);
  });

  test('died before the object: nothing is in the index', async () => {
    s3.middlewareStack.add((next, { commandName }) => (args) => {
      if (commandName === PutObjectCommand.name) throw new Error('slow down');
      return next(args);
    });
    await expect(archive.publish(A, at(0), 400)).rejects.toThrow('slow down');
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
          archive.publish(documentOf(name), at(minute), 400).catch((error: unknown) => {
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
      const { entry } = await archive.publish(A, at(0), 400);
      expect(await archive.read(entry)).toEqual(readSnapshot(A, entry.key));
    });

    test.each<[what: string, body: Uint8Array | string, message: RegExp]>([
      ['cut', gzipSync(A).subarray(0, 50), /^snapshots\/.*: cannot be read$/],
      ['no gzip', A, /^snapshots\/.*: cannot be read$/],
      ['another document', gzipSync(B), /^snapshots\/.*: is not what was written/],
    ])('is refused if it is %s', async (_what, body, message) => {
      const { entry } = await archive.publish(A, at(0), 400);
      await fauxqs.putObject(bucket, entry.key, body);
      await expect(archive.read(entry)).rejects.toThrow(message);
    });

    test('names the key of what is not there', async () => {
      const gone = { takenAt: iso(0), key: 'snapshots/gone.json.gz', hash: 'x' };
      await expect(archive.read(gone)).rejects.toThrow('snapshots/gone.json.gz: cannot be read');
    });
  });
});
