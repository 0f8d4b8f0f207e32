import { finished, pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync, type Gunzip } from 'node:zlib';
import { ContentReader, type TextForm } from './content-reader.ts';
import type { GivenFormats } from './line-format.ts';
import { FlowLogError, type RecordSink } from './record.ts';
import type { Day } from '../time.ts';

/**
 * Limit against gzip bombs: flow logs shrink 5 to 30 times, gzip at most some 1,030 times. Small files may do as they
 * like; above `BOMB_FREE_BYTES` of text no file may have grown more than `MAX_EXPANSION` times.
 */
export const MAX_EXPANSION = 500;
const BOMB_FREE_BYTES = 64 * 1024 * 1024;

const GZIP = [0x1f, 0x8b];

/** Bytes as they come: from a disk at once, from elsewhere later. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a text flow log was, its records aside. */
export interface TextRead {
  /** Whether its lines tell of skipped records. */
  readonly tellsGaps: boolean;
  readonly form: TextForm;
}

/**
 * Reads a text flow log, plain or gzip (told by its first two bytes), and in any of its forms, from chunks as they come. Never
 * holds it whole.
 *
 * @throws FlowLogError when the file is not a flow log, is cut short or corrupt, or grows absurdly when decompressed.
 */
export async function readText(chunks: Chunks, sink: RecordSink, options: TextOptions = {}): Promise<TextRead> {
  const { day, isGzip = false, formats } = options;
  const reader = new ContentReader(sink, day, formats);
  const { isEmpty } = await expandText(chunks, (text) => reader.push(text));
  if (isGzip && isEmpty) throw new FlowLogError(CUT_SHORT);
  reader.end();
  return { tellsGaps: reader.tellsGaps ?? true, form: reader.form ?? 'lines' };
}

/** Bytes of text that zlib is given room for at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Bytes of text of a file that is decompressed in one piece: for the many small files of an account a stream costs most. */
const MAX_PIECE_BYTES = 8 * 1024 * 1024;

export interface TextOptions {
  /** Of the file, for records without traffic whose own times cannot be read. */
  readonly day?: Day | undefined;
  /** By its name: then it cannot be empty. */
  readonly isGzip?: boolean;
  /** What lines hold where no header says so. */
  readonly formats?: GivenFormats | undefined;
}

const CUT_SHORT = 'gzip data ends too early: the file is cut short';

/**
 * Hands on the bytes of a text flow log, decompressed where they are gzip, and tells whether they were, and whether
 * there were any. Gzip in gzip is decompressed twice: a subscription of CloudWatch Logs packs what it sends, and Firehose may
 * pack what it writes.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample
 *
 * @throws FlowLogError when they are cut short or corrupt, or grow absurdly; and whatever `push` throws
 */
export async function expandText(chunks: Chunks, push: (bytes: Uint8Array) => void): Promise<Expanded> {
  return expand(chunks, push, { packed: 0, depth: 0 });
}

interface Expanded {
  readonly isGzip: boolean;
  readonly isEmpty: boolean;
  /** Gzip in gzip. */
  readonly isTwice: boolean;
}

/** Of the file, in which gzip may be in gzip: bytes of it that were read, and what they are in. */
interface Growth {
  packed: number;
  readonly depth: number;
}

const MAX_DEPTH = 2;

async function expand(chunks: Chunks, push: (bytes: Uint8Array) => void, growth: Growth): Promise<Expanded> {
  const { first, isWhole, all } = await peek(chunks);
  const isGzip = isPacked(first);
  const isEmpty = first.length === 0;
  if (!isGzip) {
    for await (const chunk of all) push(chunk);
    return { isGzip, isEmpty, isTwice: false };
  }
  if (growth.depth === MAX_DEPTH) throw new FlowLogError('gzip data in gzip data in gzip data: not a flow log');
  let isTwice = false;
  const piece = isWhole ? gunzipPiece(first) : undefined;
  if (piece && isPacked(piece) && piece.length > 0) {
    isTwice = true;
    await expand([piece], push, { packed: growth.packed + first.length, depth: growth.depth + 1 });
  } else if (piece) {
    push(piece);
    giveBack(piece);
    giveBack(first);
  } else if (isPacked(beginningOf(first))) {
    isTwice = true;
    const inner = { ...growth, depth: growth.depth + 1 };
    await expand(gunzipped(all, inner), push, inner);
  } else await pushGunzipped(all, push, growth);
  return { isGzip, isEmpty, isTwice };
}

/** A file of the first byte alone is gzip cut short. */
function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP[0] && (bytes.length < 2 || bytes[1] === GZIP[1]);
}

/** Of gzip data that are looked into to see what they hold. */
const LOOK_BYTES = 512;

/** The first bytes of the text; fewer than there are, or none, where the data are corrupt. */
function beginningOf(first: Uint8Array): Uint8Array {
  try {
    return gunzipSync(first.subarray(0, LOOK_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array(0);
  }
}

/** Gzip data that hold gzip data, decompressed as they are asked for. */
async function* gunzipped(chunks: Chunks, growth: Growth): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const metered = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      growth.packed += chunk.length;
      yield chunk;
    }
  };
  const piped = pipeline(metered(), gunzip);
  piped.catch(() => undefined);
  let expanded = 0;
  try {
    for await (const bytes of gunzip as AsyncIterable<Uint8Array>) {
      mustNotGrow((expanded += bytes.length), growth);
      yield bytes;
    }
    await piped;
  } catch (error) {
    corrupt(error);
  } finally {
    gunzip.destroy();
  }
}

/** @throws FlowLogError where the text is absurdly long for the bytes of the file that were read */
function mustNotGrow(expanded: number, { packed }: Growth): void {
  if (expanded > BOMB_FREE_BYTES && expanded > packed * MAX_EXPANSION) {
    throw new FlowLogError(`gzip data grows more than ${String(MAX_EXPANSION)} times: not a flow log`);
  }
}

/**
 * Gives the memory of a piece back at once. Left to the garbage collector, which counts it, the pieces of many files make it go
 * through the whole heap again and again: that took a quarter of all processor time.
 */
function giveBack({ buffer, length }: Uint8Array): void {
  // Shorter ones may be parts of a pool of Node's: https://nodejs.org/api/buffer.html#static-method-bufferallocunsafesize
  if (buffer instanceof ArrayBuffer && length >= Buffer.poolSize >>> 1) buffer.transfer(0);
}

/** The least that zlib takes. */
const LEAST_ROOM = 64;

const BYTES_FOLLOW = 'bytes follow the end of the gzip data';

/** Undefined where the text is too long to be held whole. */
function gunzipPiece(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > MAX_PIECE_BYTES) return undefined;
  try {
    // With `info` not the text alone is returned: https://nodejs.org/api/zlib.html#class-options
    const options = { info: true, maxOutputLength: MAX_PIECE_BYTES, chunkSize: roomFor(bytes) };
    const { buffer, engine } = gunzipSync(bytes, options) as unknown as { buffer: Uint8Array; engine: Gunzip };
    if (engine.bytesWritten < bytes.length) throw new FlowLogError(BYTES_FOLLOW);
    return buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    return corrupt(error);
  }
}

/**
 * Bytes of text that a gzip file says it has in its last four (RFC 1952), and some: where it is true, zlib needs no
 * second piece, and nothing is copied together.
 */
function roomFor(bytes: Uint8Array): number {
  const last = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const said = bytes.length < 4 ? 0 : last.getUint32(bytes.length - 4, true);
  return Math.min(said + LEAST_ROOM, MAX_PIECE_BYTES);
}

/** @param growth of which `packed` is counted by whoever unpacks the file, and not here where that is somebody else */
async function pushGunzipped(chunks: Chunks, push: (bytes: Uint8Array) => void, growth: Growth): Promise<void> {
  let compressed = 0;
  let expanded = 0;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  gunzip.on('data', (text: Uint8Array) => {
    try {
      expanded += text.length;
      mustNotGrow(expanded, growth);
      push(text);
      // Until it is full zlib goes on in the same memory.
      if (text.byteOffset + text.length === text.buffer.byteLength) giveBack(text);
    } catch (error) {
      gunzip.destroy(error as Error);
    }
  });
  const finish = finished(gunzip).catch(corrupt);
  // Awaited below; until then its failure must not count as unhandled.
  finish.catch(() => undefined);
  try {
    for await (const chunk of chunks) {
      compressed += chunk.length;
      if (growth.depth === 0) growth.packed = compressed;
      await Promise.race([new Promise((written) => gunzip.write(chunk, written)), finish]);
      if (gunzip.errored) await finish;
      // Members may follow each other. What zlib leaves unread behind one begins none.
      if (gunzip.bytesWritten < compressed) throw new FlowLogError(BYTES_FOLLOW);
    }
    gunzip.end();
    await finish;
  } finally {
    gunzip.destroy();
  }
}

function corrupt(error: unknown): never {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') throw new FlowLogError(CUT_SHORT);
  if (typeof code === 'string' && code.startsWith('Z_')) {
    throw new FlowLogError(`corrupt gzip data (${(error as Error).message})`);
  }
  throw error;
}

interface Peeked {
  /** {@link LOOK_BYTES} at least, fewer only if there are no more. */
  readonly first: Uint8Array;
  /** Nothing follows `first`. */
  readonly isWhole: boolean;
  /** From the start. */
  readonly all: Chunks;
}

async function peek(chunks: Chunks): Promise<Peeked> {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  let first: Uint8Array = new Uint8Array(0);
  let next = await iterator.next();
  for (; next.done !== true && first.length < LOOK_BYTES; next = await iterator.next()) {
    // A copy: whoever gives chunks may use their room again for the next.
    first = join(first, next.value);
  }
  const all = async function* (): AsyncIterable<Uint8Array> {
    try {
      yield first;
      for (; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { first, isWhole: next.done === true, all: all() };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
