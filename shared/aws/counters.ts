import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableNames } from '../names.ts';
import { UsageReader, type CountedUsage } from '../tables/usage-items.ts';
import { openBatches } from './open-batches.ts';
import { settledNights } from './settled-days.ts';
import { scanned } from './table.ts';

export interface CountersPlace {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
}

/**
 * All that was counted in a deployment, over all its days. `openObjects` are objects that are noted and whose sums are
 * only partly in.
 */
export async function readCounters({ client, tables }: CountersPlace): Promise<CountedUsage & { openObjects: number }> {
  const reader = new UsageReader(await settledNights(client, tables.state));
  let openObjects = 0;
  for await (const { next, chunks, objects } of openBatches(client, tables.state)) {
    if (next < chunks) openObjects += objects;
  }
  for await (const item of scanned(client, { table: tables.rulesUsage })) reader.addRule(item);
  for await (const item of scanned(client, { table: tables.dayUsage })) reader.addDay(item);
  return { ...reader.counters(), openObjects };
}
