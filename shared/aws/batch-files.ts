import { createHash } from 'node:crypto';
import { DATA_PREFIXES } from '../names.ts';
import { additionText, readAddition } from '../tables/part-file.ts';
import type { Addition } from '../usage/addition.ts';
import { isoDay } from '../time.ts';
import { LONGEST_TEXT, type DataBucket } from './data-bucket.ts';

/**
 * What batches add, in the data bucket, each under the hash of its text. The first line says which objects are in it and
 * against which snapshots each day was counted, so that anybody can check the sums; the second is the addition.
 */
export class BatchFiles {
  readonly #bucket: DataBucket;

  constructor(bucket: DataBucket) {
    this.#bucket = bucket;
  }

  /**
   * Returns its key.
   *
   * @param objects what is to be known of each object, as JSON takes it
   * @throws Error where a sum is not a whole number
   */
  async write(objects: readonly unknown[], addition: Addition): Promise<string> {
    const snapshots = [...addition.days].map(([day, { snapshots: taken = [] }]) => [isoDay(day), taken] as const);
    const head = { version: 1, objects, snapshots: Object.fromEntries(snapshots) };
    const text = `${JSON.stringify(head)}\n${additionText(addition)}`;
    const key = keyOfText(text);
    await this.#bucket.putGz(key, text);
    return key;
  }

  /** @throws Error that names the key, where it is not there, too large, or not what was written */
  async read(key: string): Promise<Addition> {
    const text = await this.#bucket.gzText(key, LONGEST_TEXT);
    if (keyOfText(text) !== key) throw new Error(`${key}: damaged`);
    return readAddition(text.slice(text.indexOf('\n') + 1), key);
  }
}

function keyOfText(text: string): string {
  return `${DATA_PREFIXES.additions}${createHash('sha256').update(text).digest('hex')}.gz`;
}
