import {
  DynamoDBServiceException,
  ConditionalCheckFailedException,
  GetItemCommand,
  paginateQuery,
  paginateScan,
  TransactionCanceledException,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { EXPIRES_AT, TABLE_KEYS } from '../names.ts';

/** An item as DynamoDB has it, by attribute. */
export type StoredItem = Record<string, AttributeValue>;

export interface PartitionQuery {
  readonly table: string;
  readonly partition: readonly [name: string, value: string];
  /** Both bounds are exclusive. */
  readonly sort?: { readonly name: string } & ({ readonly before: string } | { readonly after: string });
  /** All, if not given. */
  readonly attributes?: readonly string[];
  /** False at half the price, where what was written moments ago may be missed. */
  readonly consistent?: boolean;
  readonly descending?: boolean;
  readonly pageSize?: number;
  /** A global secondary index of the table, which has {@link partition}; what was written moments ago may be missed. */
  readonly index?: string;
}

/** The items of one partition in the order of their sort keys, however many pages they fill. */
export async function* queried(client: DynamoDBClient, query: PartitionQuery): AsyncGenerator<StoredItem> {
  const { table, partition, sort, attributes, index, consistent = index === undefined, descending = false } = query;
  const [name, value] = partition;
  const conditions = [`#${name} = :partition`];
  const values: StoredItem = { ':partition': { S: value } };
  if (sort) {
    const [condition, bound] = sortCondition(sort);
    conditions.push(condition);
    values[':sort'] = { S: bound };
  }
  const pages = paginateQuery(
    { client, ...(query.pageSize !== undefined && { pageSize: query.pageSize }) },
    {
      TableName: table,
      IndexName: index,
      KeyConditionExpression: conditions.join(' AND '),
      ProjectionExpression: attributes && projection(attributes),
      ExpressionAttributeNames: placeholders([name, ...(sort ? [sort.name] : []), ...(attributes ?? [])]),
      ExpressionAttributeValues: values,
      ScanIndexForward: !descending,
      ConsistentRead: consistent,
    },
  );
  for await (const { Items = [] } of pages) yield* Items;
}

function sortCondition(sort: NonNullable<PartitionQuery['sort']>): readonly [condition: string, bound: string] {
  return 'before' in sort ? [`#${sort.name} < :sort`, sort.before] : [`#${sort.name} > :sort`, sort.after];
}

export interface ScanOptions {
  readonly table: string;
  /** All, if not given. */
  readonly attributes?: readonly string[];
  /** False if not given. */
  readonly consistent?: boolean;
}

/** All items of a table, in no order. */
export async function* scanned(client: DynamoDBClient, options: ScanOptions): AsyncGenerator<StoredItem> {
  const { table, attributes, consistent = false } = options;
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      ProjectionExpression: attributes && projection(attributes),
      ExpressionAttributeNames: attributes && placeholders(attributes),
      ConsistentRead: consistent,
    },
  );
  for await (const { Items = [] } of pages) yield* Items;
}

/** The item as it is now; undefined where there is none. */
export async function itemAt(client: DynamoDBClient, table: string, key: StoredItem): Promise<StoredItem | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
  return Item;
}

/** Of an item of the state table; `at` tells those apart that have one `id`. */
export function stateKey(id: string, at = '-'): StoredItem {
  const { partition, sort = '' } = TABLE_KEYS.state;
  return { [partition]: { S: id }, [sort]: { S: at } };
}

/** Whether DynamoDB may delete it from now on. */
export function hasExpired(item: StoredItem): boolean {
  return Number(item[EXPIRES_AT]?.N ?? Infinity) <= Date.now() / 1000;
}

/**
 * Whether the condition of a write, or every condition of a transaction, held: the write was done.
 *
 * @param onConflict what if another transaction is at one of the items: an error, or as if the condition did not hold
 * @throws whatever else keeps the write from being done
 */
export async function conditionHeld(
  write: Promise<unknown>,
  { onConflict = 'throw' }: { readonly onConflict?: 'throw' | 'notHeld' } = {},
): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    const codes = codesOf(error);
    if (codes.includes('ConditionalCheckFailed')) return false;
    if (onConflict === 'notHeld' && codes.includes('TransactionConflict')) return false;
    throw error;
  }
}

/**
 * Undefined where the write was done; else the item that did not meet its condition: as it was, if the write asks for
 * `ALL_OLD` and there is one, else without attributes.
 */
export async function unlessConditionHeld(write: Promise<unknown>): Promise<StoredItem | undefined> {
  try {
    await write;
    return undefined;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error.Item ?? {};
    throw error;
  }
}

/** Why a write was not done; of a transaction, for each item. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
function codesOf(error: unknown): readonly (string | undefined)[] {
  if (error instanceof TransactionCanceledException) return (error.CancellationReasons ?? []).map(({ Code }) => Code);
  return error instanceof DynamoDBServiceException ? [error.name.replace(/Exception$/, '')] : [];
}

function placeholders(attributes: readonly string[]): Record<string, string> {
  return Object.fromEntries(attributes.map((name) => [`#${name}`, name]));
}

function projection(attributes: readonly string[]): string {
  return attributes.map((name) => `#${name}`).join(', ');
}
