import type { AsyncBuffer } from 'hyparquet';
import { flowLogFileName } from './file-name.ts';
import type { GivenFormats } from './line-format.ts';
import { readText, type Chunks } from './read-text.ts';
import { FlowLogError, OtherLogError, type RecordSink } from './record.ts';
import type { TextForm } from './content-reader.ts';

/** The bytes of one flow log file, wherever it lies. */
export interface LogBytes {
  /** Its last part says what it is: `.parquet`, `.gz`, and what `flowLogFileName` says; without any, its content does. */
  readonly name: string;
  /** What its lines hold where no header says so; by default the default 14 fields. */
  readonly formats?: GivenFormats | undefined;
  /** The bytes from first to last. */
  chunks(): Chunks;
  /** Runs `read` with access to any part of the bytes. */
  withBuffer<T>(read: (buffer: AsyncBuffer) => Promise<T>): Promise<T>;
}

/** Of a text flow log how its lines lie in the file; of Parquet whose columns it has, AWS's own or OCSF's. */
export type LogForm = TextForm | 'parquet' | 'ocsf';

/** What a file was, its records aside. */
export interface LogRead {
  /** Records, and lines or rows that could not be read. */
  readonly lines: number;
  /** False where its format has no `log-status`: nobody can tell whether records were skipped. */
  readonly tellsGaps: boolean;
  readonly form: LogForm;
}

/**
 * A file with so many lines that cannot be read, and hardly any that can, is not read to its end: a few megabytes of gzip
 * data can stand for a billion of them.
 */
const MAX_MALFORMED = 1_000_000;
const MIN_READABLE_SHARE = 0.01;

function isParquetName(name: string): boolean {
  return name.endsWith('.parquet');
}

/**
 * Reads a flow log file: Parquet by its name or first bytes, any other as text, in whatever form it has. What was handed on before it fails is void.
 *
 * @throws FlowLogError when the file is not a flow log, is cut short or damaged, or when hardly any or none of its lines can be read;
 * OtherLogError for the flow log of a transit gateway or of Cloud WAN
 */
export async function readLog(file: LogBytes, sink: RecordSink): Promise<LogRead> {
  let [records, malformed, first] = [0, 0, ''];
  const counting: RecordSink = {
    rows: (scanned, from) => {
      const next = sink.rows?.(scanned, from) ?? from;
      records += next - from;
      return next;
    },
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
  const { tellsGaps, form } = await read(file, counting).catch((error: unknown) => {
    // Another log's header behind lines of this one: nobody may leave such a file out.
    const isHalfRead = error instanceof OtherLogError && records + malformed > 0;
    throw isHalfRead ? new FlowLogError(error.message) : error;
  });
  if (records === 0 && malformed > 0) {
    throw new FlowLogError(
      `none of its ${malformed === 1 ? '' : `${String(malformed)} `}lines can be read, the first: ${first}`,
    );
  }
  return { lines: records + malformed, tellsGaps, form };
}

async function read(file: LogBytes, sink: RecordSink): Promise<Pick<LogRead, 'tellsGaps' | 'form'>> {
  const day = flowLogFileName(file.name)?.day;
  if (!(await isParquet(file))) {
    return readText(file.chunks(), sink, { day, isGzip: file.name.endsWith('.gz'), formats: file.formats });
  }
  // What reads Parquet is loaded only when needed.
  const { readParquet } = await import('./read-parquet.ts');
  return file.withBuffer((buffer) => readParquet(buffer, sink, day));
}

/** By its name, or, where the name says nothing, by its first bytes. */
export async function isParquet(file: Pick<LogBytes, 'name' | 'withBuffer'>): Promise<boolean> {
  if (isParquetName(file.name)) return true;
  if (/^cwl:|\.(?:log|gz)$/.test(file.name)) return false;
  return file.withBuffer(async (buffer) =>
    beginsAsParquet(new Uint8Array(await buffer.slice(0, Math.min(4, buffer.byteLength)))),
  );
}

export function beginsAsParquet(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PAR1';
}
