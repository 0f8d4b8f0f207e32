/**
 * What counting costs in DynamoDB, by how many objects are folded into one batch: `npm run bench:writes`. Runs against
 * DynamoDB Local, which does not tell the capacity of transactions: write units are two for each started KB of an item, as
 * large as it is in the end, each time a transaction writes it; read units are those the server tells.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { readInventory } from '../../services/command-line/files/read-inventory.ts';
import { objectOf, lookAt } from '../../services/command-line/commands/watch/watch-folder.ts';
import { countObjects } from '../../services/count-usage/count-objects.ts';
import { DynamoStore } from '../../services/count-usage/dynamo/dynamo-adapter.ts';
import type { Inventories } from '../../services/count-usage/fold-object.ts';
import { generateAccount } from '../../services/generate-account/generate-account.ts';
import { GENERATE_DEFAULTS } from '../../services/generate-account/options/options.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { TABLE_KEYS, tableNames } from '../../shared/names.ts';
import { startDynamoDbLocal } from '../beds/dynamodb-local.ts';
import { startFauxqs } from '../beds/fauxqs.ts';

const ACCOUNT = {
  ...GENERATE_DEFAULTS,
  interfaces: 200,
  rules: 1000,
  records: 400_000,
  minutes: 60,
  filesPerInterval: 8,
};
const OBJECTS = 96;

interface Capacity {
  readonly CapacityUnits?: number;
}

const sizeOf = (item: object): number => Buffer.byteLength(JSON.stringify(item).replaceAll(/[{}":,]|"[SN]+"/g, ''));

function kindOf(key: string): string {
  const { rule_id, day_source, part, row } = JSON.parse(key) as Partial<Record<string, { S: string }>>;
  if (rule_id) return day_source?.S.startsWith('last') ? 'last use of rules' : 'days of rules';
  return part?.S.endsWith('rejected') ? 'rejected flows' : (row?.S.split('#')[0] ?? 'batches and notes');
}

const [dynamo, fauxqs] = await Promise.all([startDynamoDbLocal(), startFauxqs()]);
await fauxqs.createBucket('data');
const out = mkdtempSync(join(tmpdir(), 'stale-sg-bench-'));
try {
  await generateAccount({ ...ACCOUNT, out: join(out, 'account') });
  const compiled = new CompiledInventory(await readInventory(join(out, 'account/inventory')));
  const inventories: Inventories = {
    of: () => compiled,
    load: () => Promise.resolve(),
    takenFor: () => [],
    lookUpMissing: () => Promise.resolve(false),
  };
  const { files: all } = await lookAt(join(out, 'account/logs'));
  const largest = [...all].sort((a, b) => b.size - a.size).slice(0, OBJECTS);
  // In the order of delivery.
  const timeOf = ({ name }: { name: string }): string => /\d{8}T\d{4}Z/.exec(name)?.[0] ?? '';
  const files = largest.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  console.log(`${files.length} objects, ${compiled.inventory.rules.length} rules, ${ACCOUNT.interfaces} interfaces`);
  for (const perBatch of [1, 10, 96]) {
    const prefix = `bench-${perBatch}`;
    await dynamo.createTables(prefix);
    const [client, s3] = [dynamo.client(), fauxqs.s3()];
    const spent = { reads: 0, transactions: 0, calls: 0 };
    const written: string[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        spent.calls++;
        const input = args.input as {
          TransactItems?: { Update?: { Key: object } }[];
          ReturnConsumedCapacity?: string;
        };
        input.ReturnConsumedCapacity = 'TOTAL';
        const answer = await next(args);
        if (input.TransactItems) {
          spent.transactions++;
          for (const { Update } of input.TransactItems) written.push(JSON.stringify(Update?.Key ?? {}));
          return answer;
        }
        const { ConsumedCapacity = [] } = answer.output as { ConsumedCapacity?: Capacity | Capacity[] };
        for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) spent.reads += CapacityUnits;
        return answer;
      },
      { step: 'initialize', name: 'capacity' },
    );
    const bucket = new DataBucket(s3, 'data');
    const options = { client, tables: tableNames(prefix), bucket, retentionDays: 400, leaseMs: 60_000 };
    const store = new DynamoStore(options);
    let records = 0;
    let batches = 0;
    const started = performance.now();
    for (let at = 0; at < files.length; at += perBatch) {
      const objects = await Promise.all(files.slice(at, at + perBatch).map((file) => objectOf(file)));
      records += (await countObjects(objects, { store, inventories })).records;
      batches++;
    }
    const seconds = (performance.now() - started) / 1000;
    const kilobytes = new Map<string, number>();
    for (const [table, { partition, sort = '' }] of [
      ['rulesUsage', TABLE_KEYS.rulesUsage],
      ['dayUsage', TABLE_KEYS.dayUsage],
    ] as const) {
      for await (const { Items = [] } of paginateScan(
        { client: dynamo.client() },
        { TableName: options.tables[table] },
      )) {
        for (const item of Items) {
          const key = JSON.stringify({ [partition]: item[partition], [sort]: item[sort] });
          kilobytes.set(key, Math.ceil(sizeOf(item) / 1024));
        }
      }
    }
    const units = written.reduce((sum, key) => sum + 2 * (kilobytes.get(key) ?? 1), 0);
    const kinds = Map.groupBy(written, kindOf);
    const perMillion = (value: number): string => Math.round((value / records) * 1e6).toLocaleString('en');
    console.log(
      `${String(perBatch).padStart(3)} objects a batch: ${batches} batches, ${records.toLocaleString('en')} records, ${seconds.toFixed(1)} s\n` +
        `    a batch: ${Math.round(written.length / batches)} items in ${(spent.transactions / batches).toFixed(1)} transactions, ${Math.round(units / batches)} write units\n` +
        `    a million records: ${perMillion(written.length)} items, ${perMillion(units)} write units, ${perMillion(spent.reads)} read units, ${perMillion(spent.calls)} calls\n` +
        `    of the items ${[...kinds].map(([kind, { length }]) => `${kind} ${((100 * length) / written.length).toFixed(0)} %`).join(', ')}`,
    );
  }
} finally {
  rmSync(out, { recursive: true, force: true });
  await Promise.all([dynamo.stop(), fauxqs.stop()]);
}
