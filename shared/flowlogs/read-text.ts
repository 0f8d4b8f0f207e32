import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FlowLogError, type RecordSink } from './record.ts';
import { TextReader } from './text-reader.ts';
import type { Day } from '../time.ts';

/**
 * Limit against gzip bombs: flow logs shrink 5 to 30 times, gzip at most some 1,030 times. Small files may do as they
 * like; above `BOMB_FREE_BYTES` of text no file may have grown more than `MAX_EXPANSION` times.
 */
export const MAX_EXPANSION = 500;
const BOMB_FREE_BYTES = 64 * 1024 * 1024;

const GZIP = [0x1f, 0x8b];

export type Chunks = AsyncIterable<Uint8Array>;

/**
 * Reads a text flow log, plain or gzip (told by its first two bytes), from chunks as they come. Never holds it whole.
 *
 * @returns whether its lines tell of skipped records
 * @throws FlowLogError when the file is not a flow log, is cut short or corrupt, or grows absurdly when decompressed.
 */
export async function readText(chunks: Chunks, sink: RecordSink, options: TextOptions = {}): Promise<boolean> {
  const { day, isGzip = false } = options;
  const reader = new TextReader(sink, day);
  let bytes = 0;
  const counted = async function* (): Chunks {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await expandText(counted(), (text) => reader.push(text));
  if (isGzip && bytes === 0) throw new FlowLogError(CUT_SHORT);
  reader.end();
  return reader.tellsGaps ?? true;
}

/** Bytes of text that zlib is given room for: much for large files, little for the many small ones. */
const MIN_CHUNK_BYTES = 4 * 1024;
const MAX_CHUNK_BYTES = 256 * 1024;

export interface TextOptions {
  /** Of the file, for records without traffic whose own times cannot be read. */
  readonly day?: Day | undefined;
  /** By its name: then it cannot be empty. */
  readonly isGzip?: boolean;
}

const CUT_SHORT = 'gzip data ends too early: the file is cut short';

/**
 * Hands on the bytes of a text flow log, decompressed where they are gzip, and tells whether they were.
 *
 * @throws FlowLogError when they are cut short or corrupt, or grow absurdly; and whatever `push` throws
 */
export async function expandText(
  chunks: Chunks,
  push: (bytes: Uint8Array) => void,
): Promise<{ readonly isGzip: boolean }> {
  const { first, rest } = await peek(chunks);
  // A file of the first byte alone is gzip cut short.
  const isGzip = first[0] === GZIP[0] && (first.length < 2 || first[1] === GZIP[1]);
  if (isGzip) await pushGunzipped(rest, push, Math.min(MAX_CHUNK_BYTES, MIN_CHUNK_BYTES + 16 * first.length));
  else for await (const chunk of rest) push(chunk);
  return { isGzip };
}

async function pushGunzipped(chunks: Chunks, push: (bytes: Uint8Array) => void, chunkSize: number): Promise<void> {
  let compressed = 0;
  let expanded = 0;
  const gunzip = createGunzip({ chunkSize });
  gunzip.on('data', (text: Uint8Array) => {
    try {
      expanded += text.length;
      if (expanded > BOMB_FREE_BYTES && expanded > compressed * MAX_EXPANSION) {
        throw new FlowLogError(`gzip data grows more than ${String(MAX_EXPANSION)} times: not a flow log`);
      }
      push(text);
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
      await Promise.race([new Promise((written) => gunzip.write(chunk, written)), finish]);
      if (gunzip.errored) await finish;
      // Members may follow each other. What zlib leaves unread behind one begins none.
      if (gunzip.bytesWritten < compressed) throw new FlowLogError('bytes follow the end of the gzip data');
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

/** The first two bytes at least (fewer only if there are no more), and the same chunks from the start. */
async function peek(chunks: Chunks): Promise<{ first: Uint8Array; rest: Chunks }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first = new Uint8Array(0);
  while (first.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    first = join(first, next.value);
  }
  const rest = async function* (): Chunks {
    try {
      yield first;
      for (;;) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { first, rest: rest() };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
