import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Settled } from '../usage/settled.ts';
import { queried } from './table.ts';

/** In the state table, by day: which run counts. */
export const SETTLED = 'day';

/** By day (`2026-01-31`), the run that counts. */
export async function settledNights(client: DynamoDBClient, stateTable: string): Promise<Map<string, Settled>> {
  const found = new Map<string, Settled>();
  const query = { table: stateTable, partition: ['id', SETTLED], attributes: ['at', 'figures'] } as const;
  for await (const { at, figures } of queried(client, query)) found.set(at!.S!, JSON.parse(figures!.S!) as Settled);
  return found;
}
