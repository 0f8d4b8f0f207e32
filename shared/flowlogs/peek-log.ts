import { ContentReader, formOf } from './content-reader.ts';
import { flowLogFileName } from './file-name.ts';
import { USED_FIELDS, type UsedField } from './fields.ts';
import type { GivenFormats } from './line-format.ts';
import { beginsAsParquet, isParquet, type LogBytes, type LogForm } from './read-log.ts';
import { expandText } from './read-text.ts';
import { FlowLogError, OtherLogError, type RecordSink } from './record.ts';

/** What the beginning of a file shows. */
export interface LogPeek {
  /** Those that the program looks at, of which the file has a column. */
  readonly fields: ReadonlySet<UsedField>;
  /** Nothing follows what was read. */
  readonly isWhole: boolean;
  readonly form: LogForm;
}

const NEWLINE = 0x0a;

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
  if (await isParquet(file)) {
    // What reads Parquet is loaded only when needed.
    const { fieldsOfParquet, readParquet } = await import('./read-parquet.ts');
    return file.withBuffer(async (buffer) => {
      const { fields, isOcsf } = await fieldsOfParquet(buffer);
      const isWhole = await isRead(readParquet(buffer, some, day));
      return { fields: new Set(fields), isWhole, form: isOcsf ? 'ocsf' : 'parquet' };
    });
  }
  const reader = new ContentReader(some, day, file.formats);
  const reading = expandText(file.chunks(), (text) => {
    reader.push(text);
  });
  const isWhole = await isRead(
    reading.then(() => {
      reader.end();
    }),
  );
  const { formats } = reader;
  const has = (field: UsedField): boolean => formats.length > 0 && formats.every(({ columns }) => columns[field] >= 0);
  return { fields: new Set(USED_FIELDS.filter(has)), isWhole, form: reader.form ?? 'lines' };
}

/** Bytes of a file that are enough for {@link beginsAsLog}. */
export const BEGINNING_BYTES = 64 * 1024;
const FIRST_BYTES = 1024;
const MESSAGE = /"message"\s*:\s*"([^"\\]*)/g;

/**
 * Whether a file whose name does not say what it is begins as a flow log, be it of another kind: Parquet, or, in any form, text with
 * a header or a line that can be read.
 */
export async function beginsAsLog(beginning: Uint8Array, formats?: GivenFormats): Promise<boolean> {
  if (beginsAsParquet(beginning)) return true;
  const head = await expandedHead(beginning);
  if (formOf(head, true) !== 'events') return holdsLine(head, formats);
  const messages = [...head.toString('latin1').matchAll(MESSAGE)].map(([, message]) => message!);
  for (const message of messages) {
    const groups = Object.values(formats?.ofGroups ?? {});
    for (const fields of [formats?.fields, ...(formats?.fields ? [] : groups)]) {
      if (holdsLine(Buffer.from(message, 'latin1'), { fields })) return true;
    }
  }
  return false;
}

async function expandedHead(beginning: Uint8Array): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // In pieces: of gzip data in one piece, cut off, nothing would be handed on.
  const pieces = [beginning.subarray(0, FIRST_BYTES), beginning.subarray(FIRST_BYTES)];
  const expanding = expandText(pieces, (text) => {
    parts.push(Uint8Array.from(text.subarray(0, BEGINNING_BYTES)));
    if ((length += text.length) >= BEGINNING_BYTES) throw new Enough();
  });
  await isRead(expanding).catch((error: unknown) => {
    // Cut off, it is damaged.
    if (!(error instanceof FlowLogError)) throw error;
  });
  return Buffer.concat(parts);
}

function holdsLine(head: Uint8Array, formats: GivenFormats | undefined): boolean {
  let malformed = 0;
  const record = (): never => {
    throw new Enough();
  };
  const reader = new ContentReader({ record, malformed: () => malformed++ }, undefined, formats);
  const lastLine = head.lastIndexOf(NEWLINE);
  try {
    reader.push(head.subarray(0, lastLine < 0 ? undefined : lastLine + 1));
    reader.end();
  } catch (error) {
    if (error instanceof FlowLogError) return error instanceof OtherLogError;
    if (error instanceof Enough) return true;
    throw error;
  }
  return reader.formats.length > 0 && malformed === 0;
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
