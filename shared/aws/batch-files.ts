import { DATA_PREFIXES } from '../names.ts';
import { additionText, readAddition } from '../tables/part-file.ts';
import type { Addition } from '../usage/addition.ts';
import { isoDay } from '../time.ts';
import { nameByContent, type DataBucket } from './data-bucket.ts';

/**
 * Writes what a batch adds into the data bucket, under the hash of the text, and returns the key. The first line says which
 * objects are in it and against which snapshots each day was counted, so that anybody can check the sums; the second is
 * the addition.
 *
 * @param objects what is to be known of each object, as JSON takes it
 * @throws Error where a sum is not a whole number
 */
export async function writeBatch(bucket: DataBucket, objects: readonly unknown[], addition: Addition): Promise<string> {
  const snapshots = [...addition.days].map(([day, { snapshots: taken = [] }]) => [isoDay(day), taken] as const);
  const head = { version: 1, objects, snapshots: Object.fromEntries(snapshots) };
  const text = `${JSON.stringify(head)}\n${additionText(addition)}`;
  const key = `${DATA_PREFIXES.additions}${nameByContent(text)}.gz`;
  await bucket.putGz(key, text);
  return key;
}

/** @throws Error that names the key, where it is not there, too large, or not what was written */
export async function readBatch(bucket: DataBucket, key: string): Promise<Addition> {
  const text = await bucket.hashedText(key);
  return readAddition(text.slice(text.indexOf('\n') + 1), key);
}
