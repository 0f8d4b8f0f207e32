import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ADDITION_DAYS, EXPIRES_AT, TABLE_KEYS } from '../names.ts';
import { DAY_SECONDS, dayFromIso, isoDay, type Day } from '../time.ts';
import { backOff, type Patience } from './back-off.ts';
import { attributes, itemAt, queried, stateKey, type StoredItem } from './table.ts';

const { partition: ID, sort: AT = '' } = TABLE_KEYS.state;

/** The end of the log. Batches are numbered from 1. */
export interface LogHead {
  /** The last batch that was committed; 0 for none. */
  readonly seq: number;
  /** Of all batches. */
  readonly objects: number;
}

/** How far the log was put together: an item of its own, so that who commits and who puts together do not meet. */
export interface Compacted {
  /** The sums of days hold all batches up to this one, and no later one. */
  readonly through: number;
  /**
   * The counters of rules say what the sums of days say up to this batch, or more; and who reads the sums of any day from
   * now on sees all batches up to this one in them, which is not said of `through`: see `StreamedDays`.
   */
  readonly counters: number;
}

/** A committed batch: it counts from then on, whoever dies. */
export interface LoggedBatch {
  readonly seq: number;
  /** Of its file in the data bucket. */
  readonly key: string;
  /** Its records by UTC day, unreadable ones too: of these days alone the file counts under this number. */
  readonly days: ReadonlyMap<Day, number>;
  /** Its last number, where it has several: it is whole with that one. */
  readonly last?: number;
}

/**
 * Of the days of one number the sums move in one transaction with the pointer, and that takes 100 items; their
 * changed rules are in memory at once, which is why it is far fewer. Who commits more of them at once takes several numbers
 * for them, of one file.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export const DAYS_PER_NUMBER = 16;

/** In the state table, the partition of the committed batches. */
export const BATCH = 'batch';
/** Sixteen digits, so that texts are in the order of the numbers. */
export const batchAt = (seq: number): string => String(seq).padStart(16, '0');

export const HEAD_KEY = stateKey('head');
export const COMPACTED_KEY = stateKey('compacted');

export async function logHead(client: DynamoDBClient, stateTable: string): Promise<LogHead> {
  return headOf((await itemAt(client, stateTable, HEAD_KEY)) ?? {});
}

/** Of the head's item, whatever of it is there. */
export function headOf(item: StoredItem): LogHead {
  return { seq: Number(item.seq?.N ?? 0), objects: Number(item.objects?.N ?? 0) };
}

export async function compacted(client: DynamoDBClient, stateTable: string): Promise<Compacted> {
  const item = (await itemAt(client, stateTable, COMPACTED_KEY)) ?? {};
  return { through: Number(item.through?.N ?? 0), counters: Number(item.counters?.N ?? 0) };
}

/** Of a query that has missed a batch: some seconds, while one that is being committed takes milliseconds. */
const PATIENCE: Patience = { attempts: 6, baseMs: 50, longestMs: 2000 };

/**
 * The batches behind that one, in the order of their numbers. A query that runs beside commits may miss one and see the
 * next, and whoever goes on to the next loses the other for good: the log is read again from there. What is missing before
 * one that is a day old has expired. Of a batch of several numbers all are there, or none.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
 *
 * @throws Error that names a number which stays missing, though it cannot have expired
 */
export async function* batchesAfter(
  client: DynamoDBClient,
  stateTable: string,
  seq: number,
): AsyncGenerator<LoggedBatch> {
  const again = backOff(PATIENCE);
  let last = seq;
  let part: LoggedBatch[] = [];
  do {
    let isWhole = true;
    const sort = { name: AT, after: batchAt(last) };
    for await (const item of queried(client, { table: stateTable, partition: [ID, BATCH], sort })) {
      const batch = batchFrom(item);
      isWhole = batch.seq === last + 1 || !isFresh(item);
      if (!isWhole) break;
      last = batch.seq;
      part.push(batch);
      if (batch.last !== undefined && batch.seq < batch.last) continue;
      yield* part;
      part = [];
    }
    if (isWhole) return;
  } while (await again());
  throw new Error(
    `${stateTable}: batch ${String(last + 1)} is missing, and the next one is too young for it to have expired: its item was ` +
      'deleted, or nothing was counted for a month. Give it an item without days, and run again the nights of the days that ' +
      'it held: see compact-usage-errors in the runbook',
  );
}

/** Written less than a day ago: nothing of its age has expired. */
function isFresh(item: StoredItem): boolean {
  return Number(item[EXPIRES_AT]?.N ?? 0) > Date.now() / 1000 + (ADDITION_DAYS - 1) * DAY_SECONDS;
}

/** What every item of a batch says. */
export function batchItem({ seq, key, days, last }: LoggedBatch): StoredItem {
  const records = Object.fromEntries([...days].map(([day, count]) => [isoDay(day), count]));
  return { ...stateKey(BATCH, batchAt(seq)), ...attributes({ key, last }), days: { M: attributes(records) } };
}

function batchFrom({ [AT]: at, key, days, last }: StoredItem): LoggedBatch {
  const records = Object.entries(days?.M ?? {}).map(([day, { N }]) => [dayFromIso(day)!, Number(N)] as const);
  return {
    seq: Number(at!.S),
    key: key?.S ?? '',
    days: new Map(records),
    ...(last && { last: Number(last.N) }),
  };
}
