import { flowLogFileName } from './file-name.ts';
import { USED_FIELDS, type UsedField } from './fields.ts';
import { LineReader } from './line-reader.ts';
import { isParquetName, type LogBytes } from './read-log.ts';
import { expandText } from './read-text.ts';
import type { RecordSink } from './record.ts';

/** What the beginning of a file shows. */
export interface LogPeek {
  /** Those that the program looks at, of which the file has a column. */
  readonly fields: ReadonlySet<UsedField>;
  /** Nothing follows what was read. */
  readonly isWhole: boolean;
}

class Enough extends Error {
  override name = 'Enough';
}

/**
 * Reads the first lines or rows of a flow log file, as `readLog` does all of them: what follows is neither read nor checked.
 *
 * @param most lines, those included that cannot be read
 * @throws FlowLogError as `readLog` does, for what it meets
 */
export async function peekLog(file: LogBytes, sink: RecordSink, most: number): Promise<LogPeek> {
  let lines = 0;
  const mustBeWanted = (): void => {
    if (lines++ >= most) throw new Enough();
  };
  const some: RecordSink = {
    record: (record, line) => {
      mustBeWanted();
      sink.record(record, line);
    },
    malformed: (line, reason) => {
      mustBeWanted();
      sink.malformed(line, reason);
    },
  };
  const day = flowLogFileName(file.name)?.day;
  if (isParquetName(file.name)) {
    // What reads Parquet is loaded only when needed.
    const { fieldsOfParquet, readParquet } = await import('./read-parquet.ts');
    return file.withBuffer(async (buffer) => {
      const fields = new Set(await fieldsOfParquet(buffer));
      return { fields, isWhole: await isRead(readParquet(buffer, some, day)) };
    });
  }
  const reader = new LineReader(some, day);
  const reading = expandText(file.chunks(), (text) => {
    reader.push(text);
  });
  const isWhole = await isRead(
    reading.then(() => {
      reader.end();
    }),
  );
  const { format } = reader;
  return { fields: new Set(USED_FIELDS.filter((field) => (format?.columns[field] ?? -1) >= 0)), isWhole };
}

/** Whether it came to its end by itself. */
async function isRead(reading: Promise<unknown>): Promise<boolean> {
  try {
    await reading;
    return true;
  } catch (error) {
    if (error instanceof Enough) return false;
    throw error;
  }
}
