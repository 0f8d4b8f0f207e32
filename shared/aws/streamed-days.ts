import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DATA_PREFIXES, TABLE_KEYS, type TableNames } from '../names.ts';
import { additionText, readAddition } from '../tables/part-file.ts';
import { AdditionSum, resolvedUsage, type Addition, type DayAddition } from '../usage/addition.ts';
import type { Usage } from '../usage/usage.ts';
import { dayFromIso, isoDay, type Day } from '../time.ts';
import { readBatch } from './batch-files.ts';
import { batchesAfter, compacted, type LoggedBatch } from './batch-log.ts';
import { nameByContent, type DataBucket } from './data-bucket.ts';
import { attributes, hasExpired, itemAt, queried, stateKey, type StoredItem } from './table.ts';

/** Where a deployment keeps what was counted. */
export interface CountedPlace {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly bucket: DataBucket;
}

/** The sums of one day, of all batches up to one. */
export interface DaySums {
  readonly day: Day;
  /** Of their file in the data bucket. */
  readonly key: string;
  /** The file before this one: whoever has read of it may still be reading it. */
  readonly former: string | undefined;
  /** The last batch that is in. */
  readonly through: number;
  /** Unreadable ones too. */
  readonly records: number;
}

const { partition: ID, sort: AT = '' } = TABLE_KEYS.state;
/** In the state table, by day: where the sums lie. */
const SUMS = 'sums';

/** What there is of a day. */
interface Streamed {
  readonly sums: DaySums | undefined;
  /** Batches that are not in the sums, in the order of their numbers. */
  readonly behind: LoggedBatch[];
}

/**
 * What was streamed, by UTC day: the sums that were put together last, and the batches that were committed since. A batch
 * is in what is read once it is committed, and once only: the sums of a day say up to which batch they go.
 *
 * `compacted.through` and the sums move in one transaction, but who reads one after the other while it is carried out may
 * see the one moved and the other not. Hence nobody relies on `through` for what is in the sums, but on `counters`, which
 * is noted once the transaction is known to be done.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
 */
export class StreamedDays {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #bucket: DataBucket;

  constructor({ client, tables, bucket }: CountedPlace) {
    this.#client = client;
    this.#table = tables.state;
    this.#bucket = bucket;
  }

  /**
   * Records that were streamed for each day until one moment, unreadable ones too. They only grow until the day expires; of a
   * day that is missing there are none.
   */
  async recordsByDay(): Promise<ReadonlyMap<Day, number>> {
    const cut = await this.#cut();
    const recordsOf = (day: Day, { sums, behind }: Streamed): number =>
      behind.reduce((sum, { days }) => sum + days.get(day)!, sums?.records ?? 0);
    return new Map([...cut].map(([day, streamed]) => [day, recordsOf(day, streamed)]));
  }

  /** What all objects of the day say together; empty where none was streamed. */
  async usage(day: Day): Promise<Usage> {
    const streamed = (await this.#cut(day)).get(day);
    return resolvedUsage(streamed ? await this.#together(day, streamed) : { days: new Map() });
  }

  /** Of each day, the first one first; together they are whole batches, whatever is committed meanwhile. */
  async *all(but: (day: Day) => boolean = () => false): AsyncGenerator<Addition> {
    const cut = [...(await this.#cut())].filter(([day]) => !but(day)).sort(([a], [b]) => a - b);
    for (const [day, streamed] of cut) yield this.#together(day, streamed);
  }

  /** What was committed and is perhaps not in the table of rules yet, each file once; all else is there by the first one. */
  async *notShown(): AsyncGenerator<Addition> {
    const { counters } = await compacted(this.#client, this.#table);
    const keys = new Set<string>();
    for await (const { key, days } of batchesAfter(this.#client, this.#table, counters)) {
      // Without days it was taken out by hand: see "compact-usage-errors" in the runbook.
      if (days.size > 0) keys.add(key);
    }
    for (const key of keys) yield readBatch(this.#bucket, key);
  }

  /** Undefined where none were put together yet. */
  async sums(day: Day): Promise<DaySums | undefined> {
    const item = await itemAt(this.#client, this.#table, stateKey(SUMS, isoDay(day)));
    return item && !hasExpired(item) ? sumsFrom(item) : undefined;
  }

  /**
   * Where their file was lost or damaged, or replaced since somebody looked for its key, the batches say the same.
   *
   * @throws Error that names the key and the way out, where the batches are not all kept any more
   */
  async read(sums: DaySums): Promise<Addition> {
    const { day, key } = sums;
    try {
      return readAddition(await this.#bucket.hashedText(key), key);
    } catch (error) {
      const batches = await this.#batchesOf(sums);
      if (batches) return this.#sumOf(batches, day);
      const place = `the item "${SUMS}" "${isoDay(day)}" of ${this.#table}`;
      const remedy = `run its night again (stale-sg backfill), then delete ${place}`;
      throw new Error(`${key}: cannot be read, and the batches of that day are not all kept: ${remedy}`, {
        cause: error,
      });
    }
  }

  /** All that the sums were made of; undefined where some of them have expired. */
  async #batchesOf({ day, through, records }: DaySums): Promise<LoggedBatch[] | undefined> {
    const batches: LoggedBatch[] = [];
    let found = 0;
    for await (const batch of batchesAfter(this.#client, this.#table, 0)) {
      if (batch.seq > through) break;
      const ofDay = batch.days.get(day);
      if (ofDay === undefined) continue;
      batches.push(batch);
      found += ofDay;
    }
    return found === records ? batches : undefined;
  }

  async #together(day: Day, { sums, behind }: Streamed): Promise<Addition> {
    return this.#sumOf(behind, day, sums && (await this.read(sums)));
  }

  async #sumOf(batches: readonly LoggedBatch[], day: Day, before?: Addition): Promise<Addition> {
    const sum = new AdditionSum();
    if (before) sum.add(before);
    for (const { key } of batches) sum.add(ofDay(await readBatch(this.#bucket, key), day));
    return sum;
  }

  /**
   * What there is at one moment of all days, or of one alone: of every batch up to one all days, of every later one none. In
   * this order: what goes into sums after the first line is among the batches as well, and the sums say that they have it;
   * and the batches, which are read last, go at least as far as any of the sums.
   */
  async #cut(only?: Day): Promise<ReadonlyMap<Day, Streamed>> {
    const { counters } = await compacted(this.#client, this.#table);
    const found = only === undefined ? await this.#allSums() : [(await this.sums(only)) ?? []].flat();
    const cut = new Map<Day, Streamed>(found.map((sums) => [sums.day, { sums, behind: [] }]));
    for await (const batch of batchesAfter(this.#client, this.#table, counters)) {
      for (const day of batch.days.keys()) {
        const streamed = cut.get(day) ?? { sums: undefined, behind: [] };
        if (batch.seq > (streamed.sums?.through ?? 0)) streamed.behind.push(batch);
        cut.set(day, streamed);
      }
    }
    return cut;
  }

  async #allSums(): Promise<DaySums[]> {
    const found: DaySums[] = [];
    for await (const item of queried(this.#client, { table: this.#table, partition: [ID, SUMS] })) {
      if (!hasExpired(item)) found.push(sumsFrom(item));
    }
    return found;
  }
}

/** Writes the sums of a day into a file of their own, named by what it holds, and returns its key. */
export async function writeSums(bucket: DataBucket, day: Day, through: number, sums: Addition): Promise<string> {
  const text = additionText(sums);
  const key = `${DATA_PREFIXES.sums}day=${isoDay(day)}/${String(through)}-${nameByContent(text)}.json.gz`;
  await bucket.putGz(key, text);
  return key;
}

export function sumsItem({ day, ...sums }: DaySums): StoredItem {
  return { ...stateKey(SUMS, isoDay(day)), ...attributes(sums) };
}

function sumsFrom({ [AT]: at, key, former, through, records }: StoredItem): DaySums {
  const numbers = { through: Number(through?.N), records: Number(records?.N) };
  return { day: dayFromIso(at!.S!)!, key: key!.S!, former: former?.S, ...numbers };
}

/** The part of an addition that is of one day. */
export function ofDay({ days, rules }: Addition, day: Day): Addition {
  const of = days.get(day);
  return { days: new Map<Day, DayAddition>(of && [[day, of]]), rules };
}
