import {
  TransactionCanceledException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
  type CancellationReason,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { backOff, type Patience } from '../../../shared/aws/back-off.ts';
import { writeBatch } from '../../../shared/aws/batch-files.ts';
import {
  batchItem,
  DAYS_PER_NUMBER,
  HEAD_KEY,
  headOf,
  logHead,
  type LoggedBatch,
} from '../../../shared/aws/batch-log.ts';
import { readCounters } from '../../../shared/aws/counters.ts';
import { DayMarks } from '../../../shared/aws/day-marks.ts';
import type { CountedPlace } from '../../../shared/aws/streamed-days.ts';
import { attributes, expressions, itemAt, stateKey, type StoredItem } from '../../../shared/aws/table.ts';
import { inParts } from '../../../shared/in-parallel.ts';
import { ADDITION_DAYS, EXPIRES_AT, NOTE_DAYS, TABLE_KEYS } from '../../../shared/names.ts';
import { DAY_SECONDS, type Day } from '../../../shared/time.ts';
import type { Addition, CountedUsage } from '../../../shared/usage/addition.ts';
import { recordsIn } from '../../../shared/usage/by-source.ts';
import { OBJECTS_AT_ONCE, type ObjectName, type ObjectNote, type UsageStore } from '../ports/usage-store.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const ITEMS_PER_TRANSACTION = 100;
/** Why one of its items calls a transaction off: its condition did not hold; or something that may pass by itself. Same page. */
const FAILED = 'ConditionalCheckFailed';
const PASSING = [
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
] as const;
/** At most some 20 s for one transaction: a batch that cannot get through is given back whole. */
const PATIENCE: Patience = { attempts: 16, baseMs: 20, longestMs: 2000 };

/**
 * What was counted in a deployment. A batch is a file, and is counted once a transaction has given it a number and noted
 * its objects; sums and counters follow from the batches (`compactor-adapter.ts`). The argument, line by line, is in the README
 * of `count-usage`.
 */
export class DynamoStore implements UsageStore {
  readonly #place: CountedPlace;
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(place: CountedPlace) {
    this.#place = place;
    this.#client = place.client;
    this.#table = place.tables.state;
  }

  async addOnce(objects: readonly ObjectNote[], addition: Addition): Promise<readonly ObjectNote[]> {
    if (objects.length === 0) return [];
    if (objects.length > OBJECTS_AT_ONCE) throw new Error(`${String(objects.length)} objects in one batch`);
    const days = new Map([...addition.days].map(([day, { sources }]) => [day, recordsIn(sources)]));
    // Dies before the next line: nothing was done. After it: a file that nobody names, which expires.
    const key = await writeBatch(this.#place.bucket, objects, addition);
    for (let { seq } = await logHead(this.#client, this.#table); ;) {
      const batches = numbered({ key, days }, seq + 1);
      if (1 + batches.length + objects.length > ITEMS_PER_TRANSACTION) {
        const names = objects.map(({ name }) => name).join(', ');
        throw new Error(`records of ${String(days.size)} days are too many for one batch of these objects: ${names}`);
      }
      // Dies here: nothing was done.
      const reasons = await this.#transact(this.#itemsOf(batches, objects));
      // Dies here: the batch counts, and needs its worker no more.
      if (!reasons) return [];
      const [head, ...others] = reasons.map(({ Code, Item }) => (Code === FAILED ? Item : undefined));
      const notes = others.slice(batches.length);
      const noted = objects.flatMap(({ name }, i) => (notes[i] ? [noteOf(name, notes[i])] : []));
      if (noted.length > 0) return noted;
      // Another worker has taken the number; the condition tells how far the log is by now.
      const now = headOf(head ?? {}).seq;
      if (now <= seq) throw new Error(`batch ${String(seq + 1)} could not be committed, nor known`);
      seq = now;
    }
  }

  async counted(name: ObjectName): Promise<ObjectNote | undefined> {
    const item = await itemAt(this.#client, this.#table, noteKey(name));
    return item && noteOf(name, item);
  }

  async read(): Promise<CountedUsage> {
    return readCounters(this.#place, (_day, error) => {
      throw error;
    });
  }

  /** Has the night run this day, or run it again. */
  async markDay(day: Day, reason: string): Promise<void> {
    await new DayMarks(this.#client, this.#table).mark(day, reason);
  }

  /** `batches`: at least one, under the numbers that follow the head's. */
  #itemsOf(batches: readonly LoggedBatch[], objects: readonly ObjectNote[]): TransactWriteItem[] {
    const [first, last] = [batches[0]!.seq, batches.at(-1)!.seq];
    const now = Math.ceil(Date.now() / 1000);
    const all = { TableName: this.#table, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    const isNew = expressions({ ConditionExpression: `attribute_not_exists(#${TABLE_KEYS.state.partition})` });
    const put = (item: StoredItem, days: number): TransactWriteItem => ({
      Put: { ...all, ...isNew, Item: { ...item, ...attributes({ [EXPIRES_AT]: now + days * DAY_SECONDS }) } },
    });
    const move = expressions(
      {
        UpdateExpression: 'SET #seq = :seq ADD #objects :objects',
        ConditionExpression: first === 1 ? 'attribute_not_exists(#seq)' : '#seq = :before',
      },
      { seq: last, objects: objects.length, before: first - 1 },
    );
    return [
      { Update: { ...all, ...move, Key: HEAD_KEY } },
      ...batches.map((batch) => put(batchItem(batch), ADDITION_DAYS)),
      ...objects.map(({ name, version, flowLogId }) => {
        const facts = attributes({ version, flow_log_id: flowLogId, batch: first });
        return put({ ...noteKey(name), ...facts }, NOTE_DAYS);
      }),
    ];
  }

  /**
   * Sends a transaction until it is committed, and then returns undefined; or until one of its conditions does not hold,
   * and then tells of each item, as it was where it asked for `ALL_OLD`. Conflicts and throttling are waited out.
   *
   * The SDK makes one ClientRequestToken for each call and repeats it when it tries again after a lost answer, so what was
   * committed is not refused for its own sake.
   *
   * @throws the last error once patience is at an end
   */
  async #transact(TransactItems: TransactWriteItem[]): Promise<CancellationReason[] | undefined> {
    const again = backOff(PATIENCE);
    for (;;) {
      try {
        await this.#client.send(new TransactWriteItemsCommand({ TransactItems }));
        return undefined;
      } catch (error) {
        const reasons = reasonsOf(error);
        if (reasons.some(({ Code }) => Code === FAILED)) return reasons;
        if (!(await again())) throw error;
      }
    }
  }
}

/** Why a transaction was called off; none where another one of the same token is under way. @throws whatever will not pass */
function reasonsOf(error: unknown): CancellationReason[] {
  if (error instanceof TransactionInProgressException) return [];
  const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
  const known: readonly string[] = ['None', FAILED, ...PASSING];
  if (reasons.length === 0 || reasons.some(({ Code = 'None' }) => !known.includes(Code))) throw error;
  return reasons;
}

/** By days: several where there are too many of them. A batch without days has a number as well. */
function numbered({ key, days }: Omit<LoggedBatch, 'seq'>, first: number): LoggedBatch[] {
  const parts = days.size === 0 ? [[]] : inParts([...days], DAYS_PER_NUMBER);
  const last = parts.length > 1 && { last: first + parts.length - 1 };
  return parts.map((some, i) => ({ seq: first + i, key, days: new Map(some), ...last }));
}

function noteKey(name: ObjectName): StoredItem {
  return stateKey(`object#${name}`);
}

function noteOf(name: ObjectName, item: Readonly<StoredItem>): ObjectNote {
  return { name, version: item.version?.S ?? '', flowLogId: item.flow_log_id?.S };
}
