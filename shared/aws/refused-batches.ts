import { DATA_PREFIXES } from '../names.ts';
import { dayOf, isoDay } from '../time.ts';
import { nameByContent, type DataBucket } from './data-bucket.ts';

/**
 * Keeps a batch of a log group as it came. While it lies there, the day of `at` and the two before are not watched, which is as far
 * as its records may go back: `counted-days-adapter.ts` of `judge-rules`. The same text under the same day is one object.
 *
 * @param at UNIX seconds: when it was given up
 */
export async function keepBack(bucket: DataBucket, text: string, at: number): Promise<void> {
  const key = `${DATA_PREFIXES.refused}${isoDay(dayOf(at))}/${nameByContent(text)}.json`;
  await bucket.put(key, Buffer.from(text), 'application/json');
}
