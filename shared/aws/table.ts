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

/** What an attribute may be. Numbers are whole. */
export type Plain = string | number | readonly string[];

/**
 * Those that are defined, as DynamoDB takes them; numbers exactly and not in exponents, of which it keeps 38 digits.
 *
 * @throws SyntaxError or RangeError for a number that is not whole
 */
export function attributes(values: Readonly<Record<string, Plain | undefined>>): StoredItem {
  const item: StoredItem = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') item[name] = { S: value };
    else if (typeof value === 'number') item[name] = { N: BigInt(value).toString() };
    else if (value) item[name] = { SS: [...value] };
  }
  return item;
}

type Expression = `${'Update' | 'Condition' | 'KeyCondition' | 'Projection'}Expression`;

/** Expressions with what they speak of: `#name` is the attribute of this name, `:name` the value that is given for it. */
export function expressions<T extends Readonly<Partial<Record<Expression, string | undefined>>>>(
  texts: T,
  values: Readonly<Record<string, Plain>> = {},
) {
  const said: readonly string[] =
    Object.values(texts)
      .join(' ')
      .match(/[#:]\w+/g) ?? [];
  const names = said.filter((one) => one.startsWith('#')).map((one) => [one, one.slice(1)] as const);
  const given = said.filter((one) => one.startsWith(':')).map((one) => [one, values[one.slice(1)]] as const);
  return {
    ...texts,
    ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
    ...(given.length > 0 && { ExpressionAttributeValues: attributes(Object.fromEntries(given)) }),
  };
}

export interface PartitionQuery {
  readonly table: string;
  readonly partition: readonly [name: string, value: string];
  /** Both bounds are exclusive. */
  readonly sort?: { readonly name: string } & ({ readonly before: string } | { readonly after: string });
  /** All, if not given. */
  readonly attributes?: readonly string[];
  readonly descending?: boolean;
  readonly pageSize?: number;
  /** A global secondary index of the table, which has {@link partition}; what was written moments ago may be missed. */
  readonly index?: string;
}

/** The items of one partition in the order of their sort keys, however many pages they fill. */
export async function* queried(client: DynamoDBClient, query: PartitionQuery): AsyncGenerator<StoredItem, undefined> {
  const { table, partition, sort, attributes: wanted, index, descending = false, pageSize } = query;
  const [name, value] = partition;
  const [compared, bound] = !sort ? [] : 'before' in sort ? ['<', sort.before] : ['>', sort.after];
  const behind = sort && compared ? ` AND #${sort.name} ${compared} :bound` : '';
  const pages = paginateQuery(
    { client, ...(pageSize !== undefined && { pageSize }) },
    {
      TableName: table,
      IndexName: index,
      ...expressions(
        { KeyConditionExpression: `#${name} = :partition${behind}`, ProjectionExpression: projection(wanted) },
        { partition: value, ...(bound !== undefined && { bound }) },
      ),
      ScanIndexForward: !descending,
      ConsistentRead: index === undefined,
    },
  );
  for await (const { Items = [] } of pages) yield* Items;
  return undefined;
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
  const { table, attributes: wanted, consistent = false } = options;
  const projected = expressions({ ProjectionExpression: projection(wanted) });
  const pages = paginateScan({ client }, { TableName: table, ...projected, ConsistentRead: consistent });
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
  return attributes({ [partition]: id, [sort]: at });
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

function projection(wanted: readonly string[] | undefined): string | undefined {
  return wanted?.map((name) => `#${name}`).join(', ');
}
