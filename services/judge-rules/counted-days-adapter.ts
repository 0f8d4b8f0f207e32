import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LONGEST_TEXT, type DataBucket } from '../../shared/aws/data-bucket.ts';
import { DayItems } from '../../shared/aws/day-items.ts';
import { DayMarks } from '../../shared/aws/day-marks.ts';
import { dayFacts } from '../../shared/aws/day-inventory.ts';
import { InterfaceObservations } from '../../shared/aws/interface-observations.ts';
import { settledNights } from '../../shared/aws/settled-days.ts';
import type { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import type { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { readDay, type DayOfHistory } from '../../shared/history/day-file.ts';
import { historyKey, type TableNames } from '../../shared/names.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import type { CountedDay } from './judge-night.ts';
import { isoDay, type Day } from '../../shared/time.ts';

export interface CountedDaysOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly bucket: DataBucket;
  readonly index: SnapshotIndex;
  readonly archive: SnapshotArchive;
}

/** What is known of each day: of a settled one the file of its run, of any other what was streamed. */
export class CountedDays {
  readonly #options: CountedDaysOptions;
  readonly #items: DayItems;
  readonly #marks: DayMarks;
  readonly #observations: InterfaceObservations;

  constructor(options: CountedDaysOptions) {
    const { client, tables } = options;
    this.#options = options;
    this.#items = new DayItems(client, tables);
    this.#marks = new DayMarks(client, tables.state);
    this.#observations = new InterfaceObservations(client, tables.state);
  }

  /** @throws Error that names what of a day cannot be read: a day that is left out would look like silence */
  async *between(first: Day, last: Day): AsyncGenerator<CountedDay> {
    const settled = await settledNights(this.#options.client, this.#options.tables.state);
    for (let day = first; day <= last; day++) {
      const streamedRecords = await this.#items.streamedRecords(day);
      const night = settled.get(isoDay(day));
      if (night) yield await this.#settled(day, night, streamedRecords);
      else if (streamedRecords > 0) yield await this.#streamed(day);
    }
  }

  /** What came after the night is in no file: until another night has read it, the stream alone tells of it. */
  async #settled(day: Day, night: Settled, streamedRecords: number): Promise<CountedDay> {
    const { run, driftShare, driftingRules } = night;
    const { facts, usage, other: before } = await this.#fileOf(day, run);
    const late = streamedRecords - night.streamedRecords;
    const other = late > 0 ? await this.#items.streamed(day, facts.contents.keys()) : before;
    const incomplete =
      late > 0 ? `${late} records were streamed since its night, and no night has read them yet` : null;
    const quality = { day: isoDay(day), source: 'reconciled' as const, incomplete, driftShare, driftingRules };
    return { facts, usage, other, quality };
  }

  async #fileOf(day: Day, run: string): Promise<DayOfHistory> {
    const key = historyKey(isoDay(day), run);
    const text = await this.#options.bucket.gzText(key, LONGEST_TEXT).catch((error: unknown) => {
      const remedy = `run the night of ${isoDay(day)} again (stale-sg backfill)`;
      throw new Error(`${key}: cannot be read, and without it nothing is judged: ${remedy}`, { cause: error });
    });
    return readDay(text, key);
  }

  async #streamed(day: Day): Promise<CountedDay> {
    const { index, archive } = this.#options;
    const { references, assumed } = await index.inForce(day);
    const facts = await dayFacts({ day, assumed }, references, archive, this.#observations);
    const usage = await this.#items.streamed(day, facts.contents.keys());
    const reasons = await this.#marks.reasons(day);
    const incomplete = reasons.length > 0 ? reasons.join('; ') : 'no night has run for it yet';
    const quality = { day: isoDay(day), source: 'streamed' as const, incomplete };
    return { facts, usage, other: undefined, quality: { ...quality, driftShare: null, driftingRules: null } };
  }
}
