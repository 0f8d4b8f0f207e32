import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import {
  batchItem,
  DAYS_PER_NUMBER,
  HEAD_KEY,
  headOf,
  logHead,
  type LoggedBatch,
} from '../../../shared/aws/batch-log.ts';
import { attributes, expressions, itemAt, type StoredItem, stateKey } from '../../../shared/aws/table.ts';
import { ADDITION_DAYS, EXPIRES_AT, NOTE_DAYS, TABLE_KEYS } from '../../../shared/names.ts';
import { DAY_SECONDS } from '../../../shared/time.ts';
import type { ObjectName, ObjectNote } from '../ports/usage-store.ts';
import { transact, type TransactionFigures } from './transact-adapter.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const ITEMS_PER_TRANSACTION = 100;

/** Commits batches, each under the next number, and tells which objects are in one. */
export class Commits {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #tally: TransactionFigures;

  constructor(client: DynamoDBClient, stateTable: string, tally: TransactionFigures) {
    this.#client = client;
    this.#table = stateTable;
    this.#tally = tally;
  }

  /** Commits the batch with the notes of all its objects; or nothing, and returns those of them that are noted. */
  async commit(batch: Omit<LoggedBatch, 'seq'>, objects: readonly ObjectNote[]): Promise<ObjectNote[]> {
    for (let { seq } = await logHead(this.#client, this.#table); ;) {
      const batches = numbered(batch, seq + 1);
      if (1 + batches.length + objects.length > ITEMS_PER_TRANSACTION) {
        const [days, names] = [String(batch.days.size), objects.map(({ name }) => name).join(', ')];
        throw new Error(`records of ${days} days are too many for one batch of these objects: ${names}`);
      }
      // Dies here: nothing was done.
      const refusals = await transact(this.#client, this.#items(batches, objects), this.#tally);
      // Dies here: the batch counts, and needs its worker no more.
      if (!refusals) return [];
      const [head] = refusals;
      const notes = refusals.slice(1 + batches.length);
      const noted = notes.flatMap(({ failed, item }, i) => (failed && item ? [noteOf(objects[i]!.name, item)] : []));
      if (noted.length > 0) return noted;
      // Another worker has taken the number; the condition tells how far the log is by now.
      const now = headOf(head?.item ?? {}).seq;
      if (head?.failed !== true || now <= seq)
        throw new Error(`batch ${String(seq + 1)} could not be committed, nor known`);
      this.#tally.conflicts++;
      seq = now;
    }
  }

  async noted(name: ObjectName): Promise<ObjectNote | undefined> {
    const item = await itemAt(this.#client, this.#table, noteKey(name));
    return item && noteOf(name, item);
  }

  /** `batches`: at least one, under the numbers that follow the head's. */
  #items(batches: readonly LoggedBatch[], objects: readonly ObjectNote[]): TransactWriteItem[] {
    const [first, last] = [batches[0]!.seq, batches.at(-1)!.seq];
    const now = Math.ceil(Date.now() / 1000);
    const put = (item: StoredItem, days: number): TransactWriteItem => ({
      Put: {
        TableName: this.#table,
        Item: { ...item, ...attributes({ [EXPIRES_AT]: now + days * DAY_SECONDS }) },
        ...expressions({ ConditionExpression: `attribute_not_exists(#${TABLE_KEYS.state.partition})` }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    });
    const move = expressions(
      {
        UpdateExpression: 'SET #seq = :seq ADD #objects :objects',
        ConditionExpression: first === 1 ? 'attribute_not_exists(#seq)' : '#seq = :before',
      },
      { seq: last, objects: objects.length, before: first - 1 },
    );
    return [
      {
        Update: { TableName: this.#table, Key: HEAD_KEY, ...move, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      },
      ...batches.map((batch) => put(batchItem(batch), ADDITION_DAYS)),
      ...objects.map(({ name, version, flowLogId }) => {
        const facts = attributes({ version, flow_log_id: flowLogId, batch: first });
        return put({ ...noteKey(name), ...facts }, NOTE_DAYS);
      }),
    ];
  }
}

/** By days: several where there are too many of them. A batch without days has a number as well. */
function numbered({ key, days }: Omit<LoggedBatch, 'seq'>, first: number): LoggedBatch[] {
  const entries = [...days];
  const parts = Math.max(1, Math.ceil(entries.length / DAYS_PER_NUMBER));
  return Array.from({ length: parts }, (_, i) => ({
    seq: first + i,
    key,
    days: new Map(entries.slice(i * DAYS_PER_NUMBER, (i + 1) * DAYS_PER_NUMBER)),
    ...(parts > 1 && { last: first + parts - 1 }),
  }));
}

function noteKey(name: ObjectName): StoredItem {
  return stateKey(`object#${name}`);
}

function noteOf(name: ObjectName, item: Readonly<StoredItem>): ObjectNote {
  return { name, version: item.version?.S ?? '', flowLogId: item.flow_log_id?.S };
}
