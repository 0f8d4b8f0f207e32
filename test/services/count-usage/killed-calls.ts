import type { IncomingHttpHeaders } from 'node:http';
import { BATCH } from '../../../shared/aws/batch-log.ts';
import { DATA_PREFIXES, TABLE_KEYS } from '../../../shared/names.ts';

/** A batch in the log, as its transaction has it. */
export interface Committed {
  readonly seq: number;
  readonly records: number;
}

/** A call of a process to AWS, by what it does for the protocol of counting. */
export type Call =
  /** Puts a batch and the notes of its objects; several numbers where it has very many days. */
  | { readonly kind: 'commit'; readonly batches: readonly Committed[]; readonly objects: readonly string[] }
  /** Moves the sums of days and the number up to which they go. */
  | { readonly kind: 'advance'; readonly through: number; readonly token: string }
  /** Sets the item of a rule and day. */
  | { readonly kind: 'putRule'; readonly key: string; readonly through: number }
  | { readonly kind: 'noteShown'; readonly counters: number }
  | {
      readonly kind:
        | 'readLog'
        | 'lookUp'
        | 'ask'
        | 'writeBatch'
        | 'readHead'
        | 'readCompacted'
        | 'readBatches'
        | 'readSums'
        | 'readFile'
        | 'writeSums'
        | 'moveLastUse'
        | 'removeSums'
        | 'other';
    };

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Value {
  readonly S?: string;
  readonly N?: string;
  readonly M?: Readonly<Record<string, Value>>;
}

interface Write {
  readonly TableName?: string;
  readonly Key?: Readonly<Record<string, Value>>;
  readonly Item?: Readonly<Record<string, Value>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Value>>;
}

const { partition: ID, sort: AT = '' } = TABLE_KEYS.state;
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
  return { kind: isEc2(request) ? 'lookUp' : ofS3(request) };
}

function ofS3({ method, url }: Request) {
  if (url.includes(`/${DATA_PREFIXES.additions}`)) return method === 'PUT' ? 'writeBatch' : 'readFile';
  if (!url.includes(`/${DATA_PREFIXES.sums}`)) return 'readLog';
  if (method === 'PUT') return 'writeSums';
  return method === 'DELETE' ? 'removeSums' : 'readFile';
}

function ofDynamoDb({ headers, body }: Request): Call {
  const operation = String(headers['x-amz-target']).split('.')[1];
  if (operation === 'TransactWriteItems') return ofTransaction(transactItems(body), tokenOf(body));
  if (operation === 'Query') return { kind: body.includes(`{"S":"${BATCH}"}`) ? 'readBatches' : 'other' };
  const call = JSON.parse(body.toString()) as Write;
  const id = idOf(call);
  if (operation === 'PutItem') return id === '' ? ofRule(call) : { kind: 'other' };
  if (operation === 'UpdateItem') {
    if (id === '') return { kind: 'moveLastUse' };
    return id === 'compacted' ? { kind: 'noteShown', counters: numberOf(call, ':through') } : { kind: 'other' };
  }
  if (id.startsWith(OBJECT)) return { kind: 'ask' };
  const reads = { head: 'readHead', compacted: 'readCompacted', sums: 'readSums' } as const;
  return { kind: isIn(id, reads) ? reads[id] : 'other' };
}

export function isIn<T extends object>(key: PropertyKey, of: T): key is keyof T {
  return key in of;
}

/** The items of a transaction, each with its one write. */
export function transactItems(body: Buffer): Write[] {
  const { TransactItems } = JSON.parse(body.toString()) as { TransactItems: Record<string, Write>[] };
  return TransactItems.flatMap((item) => Object.values(item));
}

function ofTransaction([first, ...others]: readonly Write[], token: string): Call {
  const id = first && idOf(first);
  if (first && id === 'compacted') return { kind: 'advance', through: numberOf(first, ':to'), token };
  if (id !== 'head') return { kind: 'other' };
  const batches = others
    .filter((write) => idOf(write) === BATCH)
    .map(({ Item = {} }) => ({
      seq: Number(Item[AT]?.S),
      records: Object.values(Item.days?.M ?? {}).reduce((sum, { N }) => sum + Number(N), 0),
    }));
  const ids = others.map(idOf).filter((other) => other.startsWith(OBJECT));
  return { kind: 'commit', batches, objects: ids.map((other) => other.slice(OBJECT.length)) };
}

/** The same where the SDK tries again. */
function tokenOf(body: Buffer): string {
  return (JSON.parse(body.toString()) as { ClientRequestToken: string }).ClientRequestToken;
}

function ofRule({ Item = {} }: Write): Call {
  const { partition, sort = '' } = TABLE_KEYS.rulesUsage;
  return { kind: 'putRule', key: `${Item[partition]?.S} ${Item[sort]?.S}`, through: Number(Item.through?.N) };
}

/** Of an item of the state table; empty for one of another. */
function idOf({ Key, Item }: Write): string {
  return (Key ?? Item)?.[ID]?.S ?? '';
}

function numberOf({ ExpressionAttributeValues = {} }: Write, name: string): number {
  return Number(ExpressionAttributeValues[name]?.N);
}
