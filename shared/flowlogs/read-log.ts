import type { AsyncBuffer } from 'hyparquet';
import { flowLogFileName } from './file-name.ts';
import { readText, type Chunks } from './read-text.ts';
import { FlowLogError, OtherLogError, type RecordSink } from './record.ts';

/** The bytes of one flow log file, wherever it lies. */
export interface LogBytes {
  /** Its last part says what it is: see {@link isParquetName} and `flowLogFileName`. */
  readonly name: string;
  /** The bytes from first to last. */
  chunks(): Chunks;
  /** Runs `read` with access to any part of the bytes. */
  withBuffer<T>(read: (buffer: AsyncBuffer) => Promise<T>): Promise<T>;
}

/** What a file was, its records aside. */
export interface LogRead {
  /** Records, and lines or rows that could not be read. */
  readonly lines: number;
  /** False where its format has no `log-status`: nobody can tell whether records were skipped. */
  readonly tellsGaps: boolean;
}

/**
 * A file with so many lines that cannot be read, and hardly any that can, is not read to its end: a few megabytes of gzip
 * data can stand for a billion of them.
 */
const MAX_MALFORMED = 1_000_000;
const MIN_READABLE_SHARE = 0.01;

export function isParquetName(name: string): boolean {
  return name.endsWith('.parquet');
}

/**
 * Reads a flow log file: Parquet by its name, any other as text. What was handed on before it fails is void.
 *
 * @throws FlowLogError when the file is not a flow log, is cut short or damaged, or when hardly any or none of its lines can be read;
 * OtherLogError for the flow log of a transit gateway or of Cloud WAN
 */
export async function readLog(file: LogBytes, sink: RecordSink): Promise<LogRead> {
  let [records, malformed, first] = [0, 0, ''];
  const counting: RecordSink = {
    record: (record, line) => {
      records++;
      sink.record(record, line);
    },
    malformed: (line, reason) => {
      if (malformed++ === 0) first = `${String(line)}: ${reason}`;
      if (malformed >= MAX_MALFORMED && records < MIN_READABLE_SHARE * malformed) {
        throw new FlowLogError(`of its first ${String(line)} lines hardly any can be read, the first: ${first}`);
      }
      sink.malformed(line, reason);
    },
  };
  const tellsGaps = await read(file, counting).catch((error: unknown) => {
    // Another log's header behind lines of this one: nobody may leave such a file out.
    const isHalfRead = error instanceof OtherLogError && records + malformed > 0;
    throw isHalfRead ? new FlowLogError(error.message) : error;
  });
  if (records === 0 && malformed > 0) {
    throw new FlowLogError(
      `none of its ${malformed === 1 ? '' : `${String(malformed)} `}lines can be read, the first: ${first}`,
    );
  }
  return { lines: records + malformed, tellsGaps };
}

async function read(file: LogBytes, sink: RecordSink): Promise<boolean> {
  const day = flowLogFileName(file.name)?.day;
  if (!isParquetName(file.name)) return readText(file.chunks(), sink, { day, isGzip: file.name.endsWith('.gz') });
  // What reads Parquet is loaded only when needed.
  const { readParquet } = await import('./read-parquet.ts');
  return file.withBuffer((buffer) => readParquet(buffer, sink, day));
}
