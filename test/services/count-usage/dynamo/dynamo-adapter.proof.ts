// Costs about a minute and a half.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { gunzipSync } from 'node:zlib';
import { DataBucket } from '../../../../shared/aws/data-bucket.ts';
import { countObjects } from '../../../../services/count-usage/count-objects.ts';
import { DynamoStore } from '../../../../services/count-usage/dynamo/dynamo-adapter.ts';
import type { Inventories, LogObject } from '../../../../services/count-usage/fold-object.ts';
import { mergeAdditions } from '../../../../shared/usage/addition.ts';
import { TextReader } from '../../../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { tableNames } from '../../../../shared/names.ts';
import { describeWithDynamoDb } from '../../../beds/describe-with-dynamodb.ts';
import { startFauxqs, type Fauxqs } from '../../../beds/fauxqs.ts';
import { additionOf, describeUsageStore } from '../../../contract/usage-store.contract.ts';
import { Random } from '../../../oracle/random.ts';
import { inventoryOfFiles } from '../../../oracle/core.ts';
import { randomWorld, toText } from '../../../oracle/random-world.ts';
import { countableWorld, plainUsage } from '../../../shared/usage/plain-usage.ts';
import { putUnderPressure, type Injected } from '../pressure.ts';
import { Died, Mortal, type Death } from '../dies.ts';

jest.setTimeout(300_000);

describeWithDynamoDb('counters in DynamoDB', (dynamo) => {
  let fauxqs: Fauxqs;
  let places = 0;

  beforeAll(async () => {
    fauxqs = await startFauxqs();
    await fauxqs.createBucket('data');
  });
  afterAll(() => fauxqs.stop());

  /** Tables of its own. */
  async function place() {
    const prefix = `place-${++places}`;
    await dynamo().createTables(prefix);
    return (watch: (client: DynamoDBClient | S3Client) => void = () => {}): DynamoStore => {
      const [client, s3] = [dynamo().client(), fauxqs.s3()];
      watch(client);
      watch(s3);
      const bucket = new DataBucket(s3, 'data');
      return new DynamoStore({ client, tables: tableNames(prefix), bucket });
    };
  }

  describeUsageStore('DynamoDB', async () => {
    const connect = await place();
    return { connect: async () => connect(), remove: async () => {} };
  });

  test('a batch is written down with the snapshots that its days were counted against', async () => {
    await fauxqs.createBucket('written');
    const prefix = `place-${++places}`;
    await dynamo().createTables(prefix);
    const [client, s3] = [dynamo().client(), fauxqs.s3()];
    const bucket = new DataBucket(s3, 'written');
    const options = { client, tables: tableNames(prefix), bucket };
    const takenAt = ['2024-10-03T23:40:00.000Z', '2024-10-04T09:00:00.000Z'];
    const parts = takenAt.map((time) => {
      const { days, rules } = additionOf(countableWorld(12, { recordCount: 9 }).fold([]));
      return { days: new Map([...days].map(([day, rest]) => [day, { ...rest, snapshots: [time] }])), rules };
    });
    await new DynamoStore(options).addOnce([{ name: 'a', version: '', flowLogId: undefined }], mergeAdditions(parts));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'written' }));
    expect(Contents).toHaveLength(1);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'written', Key: Contents[0]!.Key }));
    const [head = ''] = gunzipSync(await Body!.transformToByteArray())
      .toString()
      .split('\n');
    const written = JSON.parse(head) as { snapshots: object };
    expect(Object.values(written.snapshots)).toEqual([takenAt]);
  });

  test('an object that was noted before there were numbered batches is not counted again', async () => {
    const store = (await place())();
    const noted = { name: 'data/a.log.gz', version: 'etag', flowLogId: 'fl-0a' };
    // As the version before wrote it.
    const Item = {
      id: { S: `object#${noted.name}` },
      at: { S: '-' },
      version: { S: noted.version },
      flow_log_id: { S: noted.flowLogId },
      batch: { S: '0f3c' },
    };
    await dynamo()
      .client()
      .send(new PutItemCommand({ TableName: tableNames(`place-${places}`).state, Item }));
    const addition = additionOf(countableWorld(12, { recordCount: 9 }).fold([]));
    expect(await store.addOnce([noted, { ...noted, name: 'data/b.log.gz' }], addition)).toEqual([noted]);
    expect(await store.counted(noted.name)).toEqual(noted);
    expect((await store.read()).objects).toBe(0);
  });

  describe('under pressure', () => {
    const PARTS = 30;
    const world = countableWorld(12, { recordCount: 240 });
    const parts = Array.from({ length: PARTS }, (_, i) => world.records.filter((__, at) => at % PARTS === i));

    test('three workers with the same objects count each once', async () => {
      const random = new Random(3);
      const injected: Injected = { throttled: 0, conflicts: 0, serverErrors: 0, lostAnswers: 0 };
      const happened = (): boolean => Object.values(injected).every((times) => times > 0);
      // What befalls whom depends on which answer comes first: in one round now and then one of the four does not happen.
      for (let round = 0; round < 6 && !happened(); round++) await threeWorkers(random, injected);
      expect(happened()).toBe(true);
    });

    async function threeWorkers(random: Random, injected: Injected): Promise<void> {
      const connect = await place();
      const stores = Array.from({ length: 3 }, () =>
        connect((client) => {
          if (client instanceof DynamoDBClient) putUnderPressure(client, random, 0.2, injected);
        }),
      );
      const done = new Map<string, number>();
      const gaveUp: unknown[] = [];
      const work = async (store: DynamoStore): Promise<void> => {
        for (let waiting = random.shuffled([...parts.keys()]); waiting.length > 0; waiting = random.shuffled(waiting)) {
          const batch = waiting.slice(0, random.between(1, 4));
          const notes = batch.map((i) => ({ name: `${i}`, version: 'v', flowLogId: undefined }));
          const sums = mergeAdditions(batch.map((i) => additionOf(world.fold(parts[i]!))));
          const taken = await store.addOnce(notes, sums).catch((error: unknown) => {
            // A worker that runs out of patience gives its objects back.
            gaveUp.push(error);
            return undefined;
          });
          if (!taken) continue;
          if (taken.length === 0) for (const { name } of notes) done.set(name, (done.get(name) ?? 0) + 1);
          const seen = new Set(taken.length === 0 ? batch : taken.map(({ name }) => +name));
          waiting = waiting.filter((i) => !seen.has(i));
        }
      };
      await Promise.all(stores.map(work));
      const { usage, objects } = await connect().read();
      expect([plainUsage(usage), objects]).toEqual([plainUsage(world.fold(world.records)), PARTS]);
      // Nobody was told twice that it has counted an object.
      expect([...done.values()].filter((times) => times > 1)).toEqual([]);
      console.log(`injected: ${JSON.stringify(injected)}; batches given up: ${gaveUp.length}`);
    }
  });

  describe('a worker that dies', () => {
    const WORLD = randomWorld(11, { recordCount: 60 });
    const compiled = new CompiledInventory(inventoryOfFiles(WORLD.files));
    const inventories: Inventories = {
      mostDays: Infinity,
      of: () => compiled,
      load: async () => {},
      takenFor: () => [],
      lookUpMissing: async () => false,
    };
    const whole = plainUsage(countableWorld(11, { recordCount: 60 }).fold(WORLD.records));
    const objects = Array.from({ length: 4 }, (_, i): LogObject => {
      const text = new TextEncoder().encode(
        toText(
          WORLD.records.filter((__, at) => at % 4 === i),
          WORLD.columns,
        ),
      );
      return {
        note: { name: `object-${i}`, version: 'v', flowLogId: undefined },
        day: 20_000,
        read: async (sink) => {
          const reader = new TextReader(sink);
          reader.push(text);
          reader.end();
        },
      };
    });

    /** One worker that dies as told, and then others on the same objects until there is nothing left to do. */
    async function outlive(death: Death | undefined) {
      const connect = await place();
      const mortal = new Mortal(death);
      const died = await countObjects(objects, {
        store: connect((client) => mortal.watch(client)),
        inventories,
      }).then(
        () => false,
        (error: unknown) => error instanceof Died,
      );
      const heir = connect();
      const outcome = await countObjects(objects, { store: heir, inventories });
      const again = await countObjects(objects, { store: heir, inventories });
      const { usage, objects: counted } = await heir.read();
      return {
        died,
        calls: mortal.calls,
        outcome,
        again,
        usage: plainUsage(usage),
        counted,
      };
    }

    test('at any of its calls, before or after it is carried out, leaves nothing that the next one does not put right', async () => {
      const { calls } = await outlive(undefined);
      console.log(`${2 * calls} deaths`);
      expect(calls).toBeGreaterThan(5);
      let taken = 0;
      for (let call = 1; call <= calls; call++) {
        for (const when of ['before', 'after'] as const) {
          const end = await outlive({ call, when });
          expect({ call, when, died: end.died, usage: end.usage }).toEqual({ call, when, died: true, usage: whole });
          expect([end.counted, end.again.before.length]).toEqual([4, 4]);
          taken += end.outcome.counted.length === 0 ? 1 : 0;
        }
      }
      // Some left a batch that counts, some nothing at all.
      expect([taken > 0, taken < 2 * calls]).toEqual([true, true]);
    });
  });
});
