import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Settled } from '../usage/settled.ts';
import { readDay, type DayOfHistory } from '../history/day-file.ts';
import { EXPIRES_AT, historyKey } from '../names.ts';
import type { DataBucket } from './data-bucket.ts';
import { hasExpired, queried } from './table.ts';

/** In the state table, by day: which run counts. */
export const SETTLED = 'day';

/** By day (`2026-01-31`), the run that counts; not of days that have expired, whose files may be gone. */
export async function settledNights(client: DynamoDBClient, stateTable: string): Promise<Map<string, Settled>> {
  const found = new Map<string, Settled>();
  const query = { table: stateTable, partition: ['id', SETTLED], attributes: ['at', 'figures', EXPIRES_AT] } as const;
  for await (const item of queried(client, query)) {
    if (!hasExpired(item)) found.set(item.at!.S!, JSON.parse(item.figures!.S!) as Settled);
  }
  return found;
}

/**
 * What a run has said of its day.
 *
 * @param day as in `2026-01-31`
 * @throws Error that names the key, and the way out
 */
export async function historyOf(bucket: DataBucket, day: string, run: string): Promise<DayOfHistory> {
  const key = historyKey(day, run);
  const text = await bucket.gzText(key).catch((error: unknown) => {
    const remedy = `run the night of ${day} again (stale-sg backfill)`;
    throw new Error(`${key}: cannot be read, and without it nothing is known of the day: ${remedy}`, { cause: error });
  });
  return readDay(text, key);
}
