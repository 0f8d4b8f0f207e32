import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DayItems } from '../../shared/aws/day-items.ts';
import { DayMarks } from '../../shared/aws/day-marks.ts';
import { dayFacts } from '../../shared/aws/day-inventory.ts';
import { InterfaceObservations } from '../../shared/aws/interface-observations.ts';
import { settledNights } from '../../shared/aws/settled-days.ts';
import type { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import type { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { readDay, type DayOfHistory } from '../../shared/history/day-file.ts';
import { historyKey, type TableNames } from '../../shared/names.ts';
import { isoDay } from '../../shared/tables/usage-rows.ts';
import type { Day } from '../../shared/usage/usage.ts';
import type { CountedDay } from './judge-night.ts';

/** More than the longest text that Node holds could not be read anyway. */
const MAX_DAY_BYTES = 500 * 2 ** 20;

export interface CountedDaysOptions {
  readonly client: DynamoDBClient;
  readonly s3: S3Client;
  readonly tables: TableNames;
  readonly bucket: string;
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
      const night = settled.get(isoDay(day));
      if (night) {
        const { run, driftShare, driftingRules } = night;
        const read = await this.#fileOf(day, run);
        const quality = { day: isoDay(day), source: 'reconciled' as const, incomplete: null };
        yield { ...read, quality: { ...quality, driftShare, driftingRules } };
        continue;
      }
      const streamed = await this.#streamed(day);
      if (!streamed) continue;
      const reasons = await this.#marks.reasons(day);
      const incomplete = reasons.length > 0 ? reasons.join('; ') : 'no night has run for it yet';
      const quality = { day: isoDay(day), source: 'streamed' as const, incomplete };
      yield { ...streamed, quality: { ...quality, driftShare: null, driftingRules: null } };
    }
  }

  async #fileOf(day: Day, run: string): Promise<DayOfHistory> {
    const { s3, bucket } = this.#options;
    const key = historyKey(isoDay(day), run);
    let text: string;
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      text = (await promisify(gunzip)(bytes, { maxOutputLength: MAX_DAY_BYTES })).toString('utf8');
    } catch (error) {
      throw new Error(`${key}: cannot be read`, { cause: error });
    }
    return readDay(text, key);
  }

  async #streamed(day: Day): Promise<DayOfHistory | undefined> {
    const { index, archive } = this.#options;
    if ((await this.#items.ofDay(day)).length === 0) return undefined;
    const usage = await this.#items.streamed(day, []);
    const { references, assumed } = await index.inForce(day);
    return {
      facts: await dayFacts({ day, assumed }, references, archive, this.#observations),
      usage,
      other: undefined,
    };
  }
}
