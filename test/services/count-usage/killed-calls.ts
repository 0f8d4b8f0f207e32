import type { IncomingHttpHeaders } from 'node:http';
import { DATA_PREFIXES, EXPIRES_AT, TABLE_KEYS } from '../../../shared/names.ts';

/** A call of a worker to AWS, by what it does for the exactly-once protocol. */
export type Call =
  /** Puts a batch and the notes of its objects. */
  | { readonly kind: 'open'; readonly batch: string; readonly chunks: number; readonly objects: readonly string[] }
  /** Adds chunk `next` and moves the cursor. */
  | { readonly kind: 'chunk'; readonly batch: string; readonly next: number }
  | { readonly kind: 'lease' | 'close'; readonly batch: string }
  | { readonly kind: 'closeNote' | 'writeDown' | 'readBack' | 'readLog' | 'ask' | 'lookUp' | 'other' };

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Value {
  readonly S?: string;
  readonly N?: string;
}

interface Write {
  readonly Key?: Readonly<Record<string, Value>>;
  readonly Item?: Readonly<Record<string, Value>>;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Value>>;
}

const ID = TABLE_KEYS.state.partition;
const BATCH = 'batch#';
const OBJECT = 'object#';

export function isDynamoDb({ headers }: Request): boolean {
  return headers['x-amz-target'] !== undefined;
}

export function isEc2({ body }: Request): boolean {
  return body.subarray(0, 7).toString() === 'Action=';
}

export function isTransaction({ headers }: Request): boolean {
  return String(headers['x-amz-target']).endsWith('.TransactWriteItems');
}

export function callOf(request: Request): Call {
  if (isDynamoDb(request)) return ofDynamoDb(request);
  if (isEc2(request)) return { kind: 'lookUp' };
  if (!request.url.includes(DATA_PREFIXES.additions)) return { kind: 'readLog' };
  return { kind: request.method === 'PUT' ? 'writeDown' : 'readBack' };
}

function ofDynamoDb({ headers, body }: Request): Call {
  const operation = String(headers['x-amz-target']).split('.')[1];
  if (operation === 'TransactWriteItems') return ofTransaction(transactItems(body));
  if (operation !== 'UpdateItem') return { kind: 'ask' };
  const update = JSON.parse(body.toString()) as Write;
  const id = idOf(update);
  if (id.startsWith(OBJECT)) return { kind: 'closeNote' };
  if (!id.startsWith(BATCH)) return { kind: 'other' };
  const isClose = Object.values(update.ExpressionAttributeNames ?? {}).includes(EXPIRES_AT);
  return { kind: isClose ? 'close' : 'lease', batch: id.slice(BATCH.length) };
}

/** The items of a transaction, each with its one write. */
export function transactItems(body: Buffer): Write[] {
  const { TransactItems } = JSON.parse(body.toString()) as { TransactItems: Record<string, Write>[] };
  return TransactItems.flatMap((item) => Object.values(item));
}

function ofTransaction([first, ...others]: readonly Write[]): Call {
  const id = first ? idOf(first) : '';
  if (!first || !id.startsWith(BATCH)) return { kind: 'other' };
  const batch = id.slice(BATCH.length);
  if (first.Item) {
    const objects = others.map((write) => idOf(write).slice(OBJECT.length));
    return { kind: 'open', batch, chunks: Number(first.Item.chunks?.N), objects };
  }
  return { kind: 'chunk', batch, next: Number(first.ExpressionAttributeValues?.[':after']?.N) - 1 };
}

function idOf({ Key, Item }: Write): string {
  return (Key ?? Item)?.[ID]?.S ?? '';
}
