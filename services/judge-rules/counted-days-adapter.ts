import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DataBucket } from '../../shared/aws/data-bucket.ts';
import { DayMarks } from '../../shared/aws/day-marks.ts';
import { dayFacts } from '../../shared/aws/day-inventory.ts';
import { InterfaceObservations } from '../../shared/aws/interface-observations.ts';
import type { RecalledAccount } from '../../shared/aws/recalled-account.ts';
import { historyOf, settledNights } from '../../shared/aws/settled-days.ts';
import type { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import type { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { StreamedDays } from '../../shared/aws/streamed-days.ts';
import { DATA_PREFIXES, type TableNames } from '../../shared/names.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import type { CountedDay } from './judge-night.ts';
import { dayFromIso, isoDay, type Day } from '../../shared/time.ts';

export interface CountedDaysOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly bucket: DataBucket;
  readonly index: SnapshotIndex;
  readonly archive: SnapshotArchive;
  readonly account: RecalledAccount;
}

/**
 * A batch that is kept back was tried by CloudWatch Logs for a day at most, and by Lambda for six hours and some minutes: so too where it
 * became a dead letter, under whose day it lies. Its records are of the day that it lies under, or of one of so many before.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const REFUSED_REACH_DAYS = 2;
const REFUSED =
  'a batch of a log group came about then that could not be archived: infra/RUNBOOK.md, archive-flow-logs-refused';

/** What is known of each day: of a settled one the file of its run, of any other what was streamed. */
export class CountedDays {
  readonly #options: CountedDaysOptions;
  readonly #streamedDays: StreamedDays;
  readonly #marks: DayMarks;
  readonly #observations: InterfaceObservations;

  constructor(options: CountedDaysOptions) {
    const { client, tables } = options;
    this.#options = options;
    this.#streamedDays = new StreamedDays(options);
    this.#marks = new DayMarks(client, tables.state);
    this.#observations = new InterfaceObservations(client, tables.state);
  }

  /** @throws Error that names what of a day cannot be read: a day that is left out would look like silence */
  async *between(first: Day, last: Day): AsyncGenerator<CountedDay> {
    const settled = await settledNights(this.#options.client, this.#options.tables.state);
    const streamed = await this.#streamedDays.recordsByDay();
    const refused = await this.#refused();
    for (let day = first; day <= last; day++) {
      const streamedRecords = streamed.get(day) ?? 0;
      const night = settled.get(isoDay(day));
      const counted = night
        ? await this.#settled(day, night, streamedRecords)
        : streamedRecords > 0
          ? await this.#streamed(day)
          : undefined;
      if (!counted) continue;
      const { quality } = counted;
      const incomplete = quality.incomplete === null ? REFUSED : `${quality.incomplete}; ${REFUSED}`;
      yield refused.has(day) ? { ...counted, quality: { ...quality, incomplete } } : counted;
    }
  }

  /** Days of which nobody knows whether all was counted, since it is not known what a batch held. */
  async #refused(): Promise<ReadonlySet<Day>> {
    const days = (await this.#options.bucket.folders(DATA_PREFIXES.refused)).flatMap((name) => dayFromIso(name) ?? []);
    return new Set(days.flatMap((day) => Array.from({ length: REFUSED_REACH_DAYS + 1 }, (_, back) => day - back)));
  }

  /** What came after the night is in no file: until another night has read it, the stream alone tells of it. */
  async #settled(day: Day, night: Settled, streamedRecords: number): Promise<CountedDay> {
    const { run, driftShare, driftingRules } = night;
    const { facts, usage, other: before } = await historyOf(this.#options.bucket, isoDay(day), run);
    const late = streamedRecords - night.streamedRecords;
    const other = late > 0 ? await this.#streamedDays.usage(day) : before;
    const incomplete =
      late > 0 ? `${late} records were streamed since its night, and no night has read them yet` : null;
    const quality = { day: isoDay(day), source: 'reconciled' as const, incomplete, driftShare, driftingRules };
    return { facts, usage, other, quality };
  }

  async #streamed(day: Day): Promise<CountedDay> {
    const { index, archive, account } = this.#options;
    const { references, ...basis } = await index.inForce(day);
    // Where it cannot be read, the report says so.
    const recalled = await account.newest().catch(() => undefined);
    const facts = await dayFacts({ day, ...basis }, references, {
      archive,
      observations: this.#observations,
      recalled,
    });
    const usage = await this.#streamedDays.usage(day);
    const reasons = await this.#marks.reasons(day);
    const incomplete = reasons.length > 0 ? reasons.join('; ') : 'no night has run for it yet';
    const quality = { day: isoDay(day), source: 'streamed' as const, incomplete };
    return { facts, usage, other: undefined, quality: { ...quality, driftShare: null, driftingRules: null } };
  }
}
