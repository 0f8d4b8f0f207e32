import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { writeBatch } from '../../../shared/aws/batch-files.ts';
import { readCounters } from '../../../shared/aws/counters.ts';
import type { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { DayMarks } from '../../../shared/aws/day-marks.ts';
import type { TableNames } from '../../../shared/names.ts';
import type { Day } from '../../../shared/time.ts';
import type { Addition, CountedUsage } from '../../../shared/usage/addition.ts';
import { recordsIn } from '../../../shared/usage/by-source.ts';
import { OBJECTS_AT_ONCE, type ObjectName, type ObjectNote, type UsageStore } from '../ports/usage-store.ts';
import { Commits } from './commit-adapter.ts';
import type { TransactionFigures } from './transact-adapter.ts';

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** Takes what batches add, below the prefix for additions. */
  readonly bucket: DataBucket;
}

/**
 * What was counted in a deployment. A batch is a file, and is counted once a transaction has given it a number and noted
 * its objects; sums and counters follow from the batches (`compactor-adapter.ts`). The argument, line by line, is in the README
 * of `count-usage`.
 */
export class DynamoStore implements UsageStore {
  readonly #options: DynamoStoreOptions;
  readonly #commits: Commits;
  /** What was waited out so far. */
  readonly tally: TransactionFigures = { conflicts: 0, throttled: 0 };

  constructor(options: DynamoStoreOptions) {
    this.#options = options;
    this.#commits = new Commits(options.client, options.tables.state, this.tally);
  }

  async addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly ObjectNote[]> {
    if (objects.length === 0) return [];
    if (objects.length > OBJECTS_AT_ONCE) throw new Error(`${String(objects.length)} objects in one batch`);
    const days = new Map([...addition.days].map(([day, { sources }]) => [day, recordsIn(sources)]));
    // Dies before the next line: nothing was done. After it: a file that nobody names, which expires.
    const key = await writeBatch(this.#options.bucket, objects, addition);
    return this.#commits.commit({ key, days }, objects);
  }

  async counted(name: ObjectName): Promise<ObjectNote | undefined> {
    return this.#commits.noted(name);
  }

  async read(): Promise<CountedUsage> {
    return readCounters(this.#options, (_day, error) => {
      throw error;
    });
  }

  /** Has the night run this day, or run it again. */
  async markDay(day: Day, reason: string): Promise<void> {
    await new DayMarks(this.#options.client, this.#options.tables.state).mark(day, reason);
  }
}
