import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { Compactor } from '../../../services/compact-usage/compactor-adapter.ts';
import { DynamoStore } from '../../../services/count-usage/dynamo/dynamo-adapter.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { StreamedDays } from '../../../shared/aws/streamed-days.ts';
import { scanned, type StoredItem } from '../../../shared/aws/table.ts';
import { tableNames, type TableNames } from '../../../shared/names.ts';
import { dayOf, startOfDay, type Day } from '../../../shared/time.ts';
import { mergeAdditions, type Addition, type RuleFacts } from '../../../shared/usage/addition.ts';
import { UsageBySource } from '../../../shared/usage/by-source.ts';
import { STREAM, type Source } from '../../../shared/usage/source.ts';
import { emptyUsage, ruleDay, type Usage } from '../../../shared/usage/usage.ts';
import type { DynamoDbLocal } from '../../beds/dynamodb-local.ts';
import type { Fauxqs } from '../../beds/fauxqs.ts';

export const RETENTION_DAYS = 400;

export type Watch = (client: DynamoDBClient | S3Client) => void;

/** All that a place holds. */
export interface Contents {
  readonly items: Readonly<Record<keyof TableNames, readonly StoredItem[]>>;
  readonly objects: readonly (readonly [key: string, content: Buffer])[];
}

/** Tables and a bucket of their own, with all that works on them; empty, or with what another one held after `batches` commits. */
export async function compactedPlace(
  dynamo: DynamoDbLocal,
  fauxqs: Fauxqs,
  name: string,
  former?: { readonly contents: Contents; readonly batches: number },
) {
  await Promise.all([dynamo.createTables(name), fauxqs.createBucket(name)]);
  const tables = tableNames(name);
  const connect = (watch: Watch = () => {}) => {
    const [client, s3] = [dynamo.client(), fauxqs.s3()];
    watch(client);
    watch(s3);
    return { client, tables, bucket: new DataBucket(s3, name), retentionDays: RETENTION_DAYS };
  };
  const own = connect();
  const store = new DynamoStore(own);
  const s3 = fauxqs.s3();
  if (former) await fill(own, former.contents);
  let batches = former?.batches ?? 0;
  return {
    ...own,
    s3,
    contents: () => contentsOf(own, s3),
    store,
    compactor: (watch?: Watch) => new Compactor(connect(watch)),
    reader: (watch?: Watch) => new DynamoStore(connect(watch)),
    days: (watch?: Watch) => new StreamedDays(connect(watch)),
    commit: async (...additions: readonly Addition[]): Promise<void> => {
      for (const addition of additions) {
        const name = `object ${++batches}`;
        const known = await store.addOnce([{ name, version: '', flowLogId: undefined }], addition);
        if (known.length > 0) throw new Error(`${name} is known`);
      }
    },
  };
}

interface Held {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly bucket: DataBucket;
}

async function fill({ client, tables, bucket }: Held, { items, objects }: Contents): Promise<void> {
  for (const table of ['rulesData', 'rulesUsage', 'state'] as const) {
    for (let at = 0; at < items[table].length; at += 25) {
      const requests = items[table].slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [tables[table]]: requests } }));
    }
  }
  for (const [key, content] of objects) await bucket.put(key, content);
}

async function contentsOf({ client, tables, bucket }: Held, s3: S3Client): Promise<Contents> {
  const itemsOf = async (table: keyof TableNames): Promise<StoredItem[]> => {
    const found: StoredItem[] = [];
    for await (const item of scanned(client, { table: tables[table], consistent: true })) found.push(item);
    return found;
  };
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket.name }));
  const objects = Contents.map(async ({ Key: key = '' }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket.name, Key: key }));
    return [key, Buffer.from(await Body!.transformToByteArray())] as const;
  });
  return {
    items: {
      rulesData: await itemsOf('rulesData'),
      rulesUsage: await itemsOf('rulesUsage'),
      state: await itemsOf('state'),
    },
    objects: await Promise.all(objects),
  };
}

export type CompactedPlace = Awaited<ReturnType<typeof compactedPlace>>;

/** So many records of a day that one rule admitted; the last one ends at `lastUsed`, UNIX seconds. */
export function used(ruleId: string, lastUsed: number, times = 1): Usage {
  const usage = { ...emptyUsage(), requests: times, firstEnd: lastUsed, lastEnd: lastUsed };
  usage.fates.attributed = times;
  const use = ruleDay(usage, ruleId, dayOf(lastUsed));
  use.usedTimes = use.soleTimes = times;
  use.lastUsed = lastUsed;
  use.hours[12] = times;
  return usage;
}

const FACTS: RuleFacts = { groupId: 'sg-1', protocol: 'tcp', direction: 'ingress' };

/** Usage by day, each under its source. */
export function addition(...parts: readonly (readonly [day: Day, usage: Usage, source?: Source])[]): Addition {
  return mergeAdditions(
    parts.map(([day, usage, source = STREAM]) => ({
      days: new Map([[day, { sources: new UsageBySource([[source, usage]]), malformedSamples: [] }]]),
      rules: new Map([...usage.rules.keys()].map((id) => [id, FACTS])),
    })),
  );
}

export const noon = (day: Day): number => startOfDay(day) + 43_200;
