import { createHash } from 'node:crypto';
import { LONGEST_TEXT, type DataBucket } from '../../../shared/aws/data-bucket.ts';
import { DATA_PREFIXES } from '../../../shared/names.ts';
import type { RowChange } from '../../../shared/tables/row-change.ts';
import type { ObjectNote } from '../ports/usage-store.ts';

/** What a batch adds, as it is written down. Nothing in it is worked out again. */
export interface WrittenBatch {
  readonly version: 1;
  readonly objects: readonly ObjectNote[];
  /** When the snapshots were taken that each UTC day was counted against: what the sums can be checked with. */
  readonly snapshots: Readonly<Record<string, readonly string[]>>;
  readonly chunks: readonly (readonly RowChange[])[];
}

/** Batches in the data bucket, each under the hash of its text, which is its id. */
export class WrittenBatches {
  readonly #bucket: DataBucket;

  constructor(bucket: DataBucket) {
    this.#bucket = bucket;
  }

  /** Returns its id. */
  async write(batch: WrittenBatch): Promise<string> {
    const text = JSON.stringify(batch);
    const id = hashOf(text);
    await this.#bucket.putGz(keyOf(id), text);
    return id;
  }

  /** @throws Error that names the key, where it is not there, too large, or not what was written */
  async read(id: string): Promise<WrittenBatch> {
    const text = await this.#bucket.gzText(keyOf(id), LONGEST_TEXT);
    if (hashOf(text) !== id) throw new Error(`${keyOf(id)}: damaged`);
    return JSON.parse(text) as WrittenBatch;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function keyOf(batchId: string): string {
  return `${DATA_PREFIXES.additions}${batchId}.json.gz`;
}
