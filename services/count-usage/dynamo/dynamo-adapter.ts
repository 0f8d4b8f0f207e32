import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { NOTE_DAYS, type TableNames } from '../../../shared/names.ts';
import { objectsRow, usageRows } from '../../../shared/tables/usage-rows.ts';
import { readCounters } from '../../../shared/aws/counters.ts';
import { DayMarks } from '../../../shared/aws/day-marks.ts';
import { openBatches, type Batch } from '../../../shared/aws/open-batches.ts';
import { ChunkWriter } from './chunk-adapter.ts';
import { Ledger, OBJECTS_PER_BATCH, type NotedObject } from './ledger-adapter.ts';
import { chunksOf } from '../../../shared/tables/row-change.ts';
import type { TransactionFigures } from './transact-adapter.ts';
import { WrittenBatches, type WrittenBatch } from './written-batches.ts';
import type { Addition } from '../../../shared/usage/addition.ts';
import type { Counters, KnownObject, ObjectName, ObjectNote, UsageStore } from '../ports/usage-store.ts';
import { type Day, isoDay, DAY_SECONDS } from '../../../shared/time.ts';

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** Takes what batches add, below the prefix for additions. */
  readonly bucket: DataBucket;
  /** Days that counters are kept after their own. */
  readonly retentionDays: number;
  /** For how long from now nobody else touches a batch: as long as this worker may live. Milliseconds; asked each time. */
  readonly leaseMs: number;
}

/**
 * Counters in DynamoDB. A transaction holds 100 items and a batch changes thousands, so a batch is written down, then
 * noted with its objects in one transaction, then added chunk by chunk, each in one transaction with the batch's cursor.
 * The argument, line by line, is in this folder's README.
 */
export class DynamoStore implements UsageStore {
  readonly #options: DynamoStoreOptions;
  readonly #ledger: Ledger;
  readonly #chunks: ChunkWriter;
  readonly #written: WrittenBatches;
  /** What was waited out so far. */
  readonly tally: TransactionFigures = { conflicts: 0, throttled: 0 };

  constructor(options: DynamoStoreOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.client, options.tables.state, this.tally);
    this.#chunks = new ChunkWriter(options.client, options.tables, this.tally);
    this.#written = new WrittenBatches(options.bucket);
  }

  async addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly KnownObject[]> {
    if (objects.length === 0) return [];
    if (objects.length > OBJECTS_PER_BATCH) throw new Error(`${objects.length} objects in one batch`);
    const rows = usageRows(addition, this.#options.retentionDays);
    const chunks = chunksOf([...rows, objectsRow(objects.length)]);
    const snapshots = Object.fromEntries(
      [...addition.days].map(([day, { snapshots = [] }]) => [isoDay(day), snapshots] as const),
    );
    const written: WrittenBatch = { version: 1, objects, snapshots, chunks };
    // Dies before the next line: nothing was done. After it: a file that nobody names, which expires.
    const id = await this.#written.write(written);
    const now = Date.now();
    const batch = { id, next: 0, chunks: chunks.length, lease: now + this.#options.leaseMs };
    const taken = await this.#ledger.open(batch, objects, new Date(now).toISOString());
    // Dies here: the batch is open. Its objects are never folded again; whoever is given one of them finishes from what
    // was written down, once the lease has run out, and so does the night.
    if (taken.length > 0) return Promise.all(taken.map((note) => this.#known(note)));
    await this.#finish(batch, written);
    return [];
  }

  async counted(name: ObjectName): Promise<KnownObject | undefined> {
    const note = await this.#ledger.noted(name);
    return note && this.#known(note);
  }

  async read(): Promise<Counters> {
    return readCounters(this.#options);
  }

  /** Has the night run this day, or run it again. */
  async markDay(day: Day, reason: string): Promise<void> {
    await new DayMarks(this.#options.client, this.#options.tables.state).mark(day, reason);
  }

  /** Finishes the batches whose workers are gone. Returns how many. */
  async finishOpen(): Promise<number> {
    let finished = 0;
    for await (const batch of openBatches(this.#options.client, this.#options.tables.state))
      if (await this.#standIn(batch)) finished++;
    return finished;
  }

  async #known({ closed, batchId, ...note }: NotedObject): Promise<KnownObject> {
    if (closed) return { ...note, open: false };
    const batch = await this.#ledger.batch(batchId);
    return { ...note, open: batch !== undefined && !(await this.#standIn(batch)) };
  }

  /** Finishes a batch that somebody else has opened, if nobody can be at it any more. */
  async #standIn(batch: Batch): Promise<boolean> {
    if (batch.lease > Date.now()) return false;
    const lease = Date.now() + this.#options.leaseMs;
    if (!(await this.#ledger.takeLease(batch, lease))) return false;
    await this.#finish({ ...batch, lease }, await this.#written.read(batch.id));
    return true;
  }

  /**
   * Adds the chunks that are not added yet. Two may be at it at once, where a lease ran out too soon: the cursor lets
   * each chunk in once, and who comes second goes on from where the cursor is.
   */
  async #finish(batch: Batch, { objects, chunks }: WrittenBatch): Promise<void> {
    try {
      for (let { next } = batch; next < chunks.length;) {
        const moved = await this.#chunks.commit(chunks[next]!, this.#ledger.cursor(batch.id, next));
        // Dies here: the cursor is behind the chunk, in the same commit.
        const cursor = moved === undefined ? next + 1 : Number(moved.next?.N);
        if (!(cursor > next)) throw new Error(`batch ${batch.id}: its cursor was at ${next} and is at ${cursor}`);
        next = cursor;
      }
      // Dies here: the batch is open with nothing left to add; finishing it once more adds nothing and closes it.
      const names = objects.map(({ name }) => name);
      await this.#ledger.close(batch.id, names, Math.ceil((Date.now() + NOTE_DAYS * DAY_SECONDS * 1000) / 1000));
    } catch (error) {
      // Lets the next one try at once. If this fails too, the lease runs out by itself.
      await this.#ledger.takeLease(batch, 0).catch(() => undefined);
      throw error;
    }
  }
}
