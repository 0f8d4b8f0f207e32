import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { Compactor } from '../../../services/compact-usage/compactor-adapter.ts';
import { DynamoStore } from '../../../services/count-usage/dynamo/dynamo-adapter.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { StreamedDays } from '../../../shared/aws/streamed-days.ts';
import { tableNames } from '../../../shared/names.ts';
import { dayOf, startOfDay, type Day } from '../../../shared/time.ts';
import { mergeAdditions, type Addition, type RuleFacts } from '../../../shared/usage/addition.ts';
import { UsageBySource } from '../../../shared/usage/by-source.ts';
import { STREAM, type Source } from '../../../shared/usage/source.ts';
import { emptyUsage, ruleDay, type Usage } from '../../../shared/usage/usage.ts';
import type { DynamoDbLocal } from '../../beds/dynamodb-local.ts';
import type { Fauxqs } from '../../beds/fauxqs.ts';

export const RETENTION_DAYS = 400;

export type Watch = (client: DynamoDBClient | S3Client) => void;

/** Tables and a bucket of their own, with all that works on them. */
export async function compactedPlace(dynamo: DynamoDbLocal, fauxqs: Fauxqs, name: string) {
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
  let batches = 0;
  return {
    ...own,
    s3: fauxqs.s3(),
    store,
    compactor: (watch?: Watch) => new Compactor(connect(watch)),
    reader: (watch?: Watch) => new DynamoStore(connect(watch)),
    days: (watch?: Watch) => new StreamedDays({ ...connect(watch), stateTable: tables.state }),
    commit: async (...additions: readonly Addition[]): Promise<void> => {
      for (const addition of additions) {
        const name = `object ${++batches}`;
        const known = await store.addOnce([{ name, version: '', flowLogId: undefined }], addition);
        if (known.length > 0) throw new Error(`${name} is known`);
      }
    },
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
