import {
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type TransactWriteItem,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { BATCH, batchOf, OPEN, type Batch } from '../../../shared/aws/open-batches.ts';
import { conditionHeld, itemAt } from '../../../shared/aws/table.ts';
import { EXPIRES_AT, TABLE_KEYS } from '../../../shared/names.ts';
import type { Item } from '../../../shared/tables/row-update.ts';
import { transact, type TransactionFigures } from './transact-adapter.ts';
import type { ObjectName, ObjectNote } from '../ports/usage-store.ts';

/** Objects of one batch: a transaction takes 100 items, and one is the batch's own. */
export const OBJECTS_PER_BATCH = 99;

export interface NotedObject extends ObjectNote {
  readonly batchId: string;
  /** All that its batch adds is added. */
  readonly closed: boolean;
}

const { partition: ID, sort: AT = '', index = { name: '', partition: '', sort: '' } } = TABLE_KEYS.state;

/** Which objects were taken into which batch, and how far each batch is. */
export class Ledger {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #tally: TransactionFigures;

  constructor(client: DynamoDBClient, table: string, tally: TransactionFigures) {
    this.#client = client;
    this.#table = table;
    this.#tally = tally;
  }

  /** Opens the batch with all its objects, or with none and returns those that are in one. */
  async open({ id, chunks, lease }: Batch, objects: readonly ObjectNote[], since: string): Promise<NotedObject[]> {
    const put = (item: Record<string, AttributeValue>): TransactWriteItem => ({
      Put: {
        TableName: this.#table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(#id)',
        ExpressionAttributeNames: { '#id': ID },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    });
    const refusals = await transact(
      this.#client,
      [
        put({
          ...keyOf(batchKey(id)),
          [index.partition]: { S: OPEN },
          [index.sort]: { S: since },
          next: { N: '0' },
          chunks: { N: String(chunks) },
          lease: { N: String(lease) },
          objects: { N: String(objects.length) },
        }),
        ...objects.map(({ name, version, flowLogId }) =>
          put({
            ...keyOf(noteKey(name)),
            version: { S: version },
            batch: { S: id },
            ...(flowLogId !== undefined && { flow_log_id: { S: flowLogId } }),
          }),
        ),
      ],
      this.#tally,
    );
    const [, ...ofNotes] = refusals ?? [];
    return ofNotes.flatMap(({ failed, item }, i) =>
      failed && item ? [notedObject(objects[i]!.name, item as Item)] : [],
    );
  }

  async noted(name: ObjectName): Promise<NotedObject | undefined> {
    const item = await this.#get(noteKey(name));
    return item && notedObject(name, item);
  }

  /** Undefined where the batch is closed, or so long ago that it was forgotten. */
  async batch(id: string): Promise<Batch | undefined> {
    const item = await this.#get(batchKey(id));
    if (item?.[index.partition] === undefined) return undefined;
    return batchOf(id, item);
  }

  /** The update that says that chunk `next` was added; it holds only for who comes first. */
  cursor(batchId: string, next: number): TransactWriteItem {
    return {
      Update: {
        TableName: this.#table,
        Key: keyOf(batchKey(batchId)),
        UpdateExpression: 'SET #next = :after',
        ConditionExpression: '#next = :next',
        ExpressionAttributeNames: { '#next': 'next' },
        ExpressionAttributeValues: { ':next': { N: String(next) }, ':after': { N: String(next + 1) } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    };
  }

  /** True if the batch's lease was still `lease` and is now `until`: of several who try, one succeeds. */
  async takeLease({ id, lease }: Batch, until: number): Promise<boolean> {
    return this.#updateIf({
      TableName: this.#table,
      Key: keyOf(batchKey(id)),
      UpdateExpression: 'SET #lease = :until',
      ConditionExpression: '#lease = :lease AND attribute_exists(#open)',
      ExpressionAttributeNames: { '#lease': 'lease', '#open': index.partition },
      ExpressionAttributeValues: { ':lease': { N: String(lease) }, ':until': { N: String(until) } },
    });
  }

  /**
   * Lets batch and notes expire. Only now, when all chunks are added: a note that expires is an object that would be
   * counted again. Notes first; dies between: the batch is still open, and whoever finds it does this once more. (A note
   * that is gone by then has expired.)
   */
  async close(batchId: string, names: readonly ObjectName[], expiresAt: number): Promise<void> {
    const values = { ':at': { N: String(expiresAt) } };
    await Promise.all(
      names.map((name) =>
        this.#updateIf({
          TableName: this.#table,
          Key: keyOf(noteKey(name)),
          UpdateExpression: 'SET #expires = :at',
          ConditionExpression: '#batch = :batch',
          ExpressionAttributeNames: { '#expires': EXPIRES_AT, '#batch': 'batch' },
          ExpressionAttributeValues: { ...values, ':batch': { S: batchId } },
        }),
      ),
    );
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: keyOf(batchKey(batchId)),
        UpdateExpression: 'SET #expires = :at REMOVE #open, #since',
        ExpressionAttributeNames: { '#expires': EXPIRES_AT, '#open': index.partition, '#since': index.sort },
        ExpressionAttributeValues: values,
      }),
    );
  }

  /** False where the condition does not hold. */
  async #updateIf(input: UpdateItemCommandInput): Promise<boolean> {
    return conditionHeld(this.#client.send(new UpdateItemCommand(input)));
  }

  async #get(key: readonly [string, string]): Promise<Item | undefined> {
    return itemAt(this.#client, this.#table, keyOf(key));
  }
}

function batchKey(id: string): readonly [string, string] {
  return [`${BATCH}${id}`, '-'];
}

function noteKey(name: ObjectName): readonly [string, string] {
  return [`object#${name}`, '-'];
}

function keyOf([id, at]: readonly [string, string]): Record<string, AttributeValue> {
  return { [ID]: { S: id }, [AT]: { S: at } };
}

function notedObject(name: ObjectName, item: Item): NotedObject {
  return {
    name,
    version: item.version?.S ?? '',
    flowLogId: item.flow_log_id?.S,
    batchId: item.batch?.S ?? '',
    closed: item[EXPIRES_AT] !== undefined,
  };
}
