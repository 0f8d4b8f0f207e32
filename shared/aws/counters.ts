import { paginateScan, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableNames } from '../names.ts';
import type { Item } from '../tables/row-update.ts';
import { UsageReader, type CountedUsage } from '../tables/usage-items.ts';
import { openBatches } from './open-batches.ts';
import { settledNights } from './settled-days.ts';

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
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tables.rulesUsage })) {
    for (const item of Items as Item[]) reader.addRule(item);
  }
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tables.dayUsage })) {
    for (const item of Items as Item[]) reader.addDay(item);
  }
  return { ...reader.counters(), openObjects };
}
