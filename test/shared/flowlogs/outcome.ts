import { expect } from '@jest/globals';
import { readParquet } from '../../../shared/flowlogs/read-parquet.ts';
import { LineReader } from '../../../shared/flowlogs/line-reader.ts';
import { readText } from '../../../shared/flowlogs/read-text.ts';
import { FlowLogError, type RecordSink } from '../../../shared/flowlogs/record.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { shorthand } from './shorthand.ts';

/** What became of a file: its records in shorthand and its malformed lines as `line: reason`, or why it was refused. */
export type Outcome = { records: string[]; malformed: string[] } | { refused: string };

type Source = string | Uint8Array;
const bytesOf = (source: Source): Uint8Array => (typeof source === 'string' ? Buffer.from(source, 'latin1') : source);

interface Collected {
  readonly records: string[];
  readonly malformed: string[];
  readonly sink: RecordSink;
}

function collect(): Collected {
  const records: string[] = [];
  const malformed: string[] = [];
  const sink: RecordSink = {
    record: (record) => records.push(shorthand(record)),
    malformed: (line, reason) => malformed.push(`${line}: ${reason}`),
  };
  return { records, malformed, sink };
}

/** Only a FlowLogError is a refusal: anything else rises and fails the test. */
function refusal(error: unknown): Outcome {
  if (error instanceof FlowLogError) return { refused: error.message };
  throw error;
}

/** Reads the chunks one after the other, line by line and many lines at a time; one character of a string is one byte. */
export function readLines(...chunks: readonly Source[]): Outcome {
  const outcome = readWith(TextReader, chunks);
  expect(readWith(LineReader, chunks)).toEqual(outcome);
  return outcome;
}

function readWith(Reader: typeof LineReader | typeof TextReader, chunks: readonly Source[]): Outcome {
  const { records, malformed, sink } = collect();
  try {
    const reader = new Reader(sink);
    for (const chunk of chunks) reader.push(bytesOf(chunk));
    reader.end();
  } catch (error) {
    return refusal(error);
  }
  return { records, malformed };
}

export async function* chunksOf(...chunks: readonly Source[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield bytesOf(chunk);
}

export async function readStream(chunks: AsyncIterable<Uint8Array>): Promise<Outcome> {
  const { records, malformed, sink } = collect();
  return readText(chunks, sink).then(() => ({ records, malformed }), refusal);
}

export async function readRows(file: Uint8Array): Promise<Outcome> {
  const { records, malformed, sink } = collect();
  const bytes = Uint8Array.from(file).buffer;
  const source = { byteLength: bytes.byteLength, slice: async (from: number, to?: number) => bytes.slice(from, to) };
  return readParquet(source, sink).then(() => ({ records, malformed }), refusal);
}
