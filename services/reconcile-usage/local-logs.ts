import { isAscii } from 'node:buffer';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { DEFAULT_FIELDS, findColumns, KNOWN_FIELDS } from '../../shared/flowlogs/fields.ts';
import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import { expandText } from '../../shared/flowlogs/read-text.ts';
import { FlowLogError } from '../../shared/flowlogs/record.ts';
import { MAX_LINE_BYTES, TextReader } from '../../shared/flowlogs/text-reader.ts';
import type { LogFormat } from './sql/log-format.ts';
import { withWholeLines } from './sql/duckdb.ts';
import { yearMonthDate } from './sql/partitions.ts';
import type { Day } from '../../shared/time.ts';

/** Files of one format, laid out in a folder as AWS lays out those of one account and region. */
export interface LaidOut {
  readonly format: LogFormat;
  /** Absolute; below it `AWSLogs/…`. */
  readonly root: string;
  /** By absolute path below `root`: the path that was given. */
  readonly originals: ReadonlyMap<string, string>;
}

/** Of a file whose name does not say which flow log has written it. */
export const NO_FLOW_LOG = 'fl-0';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const BLANK = 0x20;

/**
 * Lays files out by format, text and Parquet, for the query that AWS's files are read with: as links, and as copies where
 * bytes are no ASCII. A file whose name tells no day is taken for one of `day`. Text is decompressed once: DuckDB reads a
 * file that is cut short or corrupt to where it can, and says nothing.
 *
 * @param folder absolute, and empty
 * @throws FlowLogError that names the first file that is no flow log, or cannot be read
 */
export async function layOut(paths: readonly string[], day: Day, folder: string): Promise<LaidOut[]> {
  const found = new Map<string, LaidOut & { originals: Map<string, string> }>();
  for (const [i, path] of paths.entries()) {
    const isParquet = path.endsWith('.parquet');
    const { fields, isGzip, isPlain } = await (isParquet ? lookAtParquet(path) : lookAtText(path)).catch(
      (error: unknown) => {
        throw error instanceof FlowLogError ? new FlowLogError(`${path}: ${error.message}`) : error;
      },
    );
    if (!fields) continue;
    const fileFormat = isParquet ? 'parquet' : 'plain-text';
    // The order of its columns is nothing to Parquet.
    const key = JSON.stringify([fileFormat, isParquet ? fields.toSorted() : fields]);
    const laid = found.get(key) ?? {
      format: formatOf(fields, fileFormat),
      root: join(folder, String(found.size)),
      originals: new Map<string, string>(),
    };
    const { name, flowLogId } = placeOf(path, day, i);
    const place = join(laid.root, name + (isParquet ? '.parquet' : isGzip && isPlain ? '.gz' : ''));
    await mkdir(dirname(place), { recursive: true });
    if (isPlain) await symlink(resolve(path), place);
    else await copyAsUtf8(path, place);
    laid.originals.set(place, path);
    const flowLogIds = [...new Set([...laid.format.flowLogIds, flowLogId])];
    found.set(key, { ...laid, format: { ...laid.format, flowLogIds } });
  }
  return [...found.values()];
}

function formatOf(fields: readonly string[], fileFormat: LogFormat['fileFormat']): LogFormat {
  return {
    fields,
    fileFormat,
    hiveCompatible: false,
    perHour: false,
    bucket: 'local-files',
    prefix: '',
    accountId: ACCOUNT,
    region: REGION,
    flowLogIds: [],
  };
}

/** Where AWS would have put it, but for the end of its name, which no two files have in common. */
function placeOf(path: string, day: Day, index: number): { name: string; flowLogId: string } {
  const known = flowLogFileName(path);
  const { flowLogId = NO_FLOW_LOG } = known ?? {};
  const folders = yearMonthDate(known?.day ?? day);
  const time = known ? /_(\d{8}T\d{4})Z_/.exec(basename(path))![1]! : `${folders.join('')}T0000`;
  const name = `${ACCOUNT}_vpcflowlogs_${REGION}_${flowLogId}_${time}Z_${index}.log`;
  return { name: join('AWSLogs', ACCOUNT, 'vpcflowlogs', REGION, ...folders, name), flowLogId };
}

interface Look {
  /** Undefined where there is no line. */
  readonly fields: readonly string[] | undefined;
  readonly isGzip: boolean;
  /** Whether DuckDB can read it as it is. */
  readonly isPlain: boolean;
}

async function lookAtParquet(path: string): Promise<Look> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw new FlowLogError(`not a readable Parquet file: ${(error as Error).message}`);
  });
  const fields = parquetSchema(metadata).children.map(({ element }) => element.name.replaceAll('_', '-'));
  const columns = findColumns(fields);
  if (typeof columns === 'string') throw new FlowLogError(columns);
  return { fields, isGzip: false, isPlain: true };
}

async function lookAtText(path: string): Promise<Look> {
  let isPlain = true;
  let head = Buffer.alloc(0);
  const { isGzip } = await expandText(bytesOf(path), (bytes) => {
    isPlain &&= isAscii(bytes);
    if (head.length <= MAX_LINE_BYTES) head = Buffer.concat([head, bytes.subarray(0, MAX_LINE_BYTES + 1)]);
  });
  return { fields: fieldsOf(head), isGzip, isPlain };
}

/** As the first line that is not blank has them; one that begins no flow log is refused by whoever reads flow logs. */
function fieldsOf(head: Buffer): readonly string[] | undefined {
  const from = head.findIndex((byte) => byte > BLANK);
  if (from < 0) {
    if (head.length > MAX_LINE_BYTES) throw new FlowLogError('not a VPC flow log: it begins with blanks alone');
    return undefined;
  }
  const newline = head.indexOf('\n', from);
  const line = head.subarray(from, newline < 0 ? undefined : newline);
  const reader = new TextReader({ record: () => undefined, malformed: () => undefined });
  reader.push(line);
  reader.end();
  const names = line.toString('latin1').split(/[\x00-\x20]+/);
  if (names.at(-1) === '') names.pop();
  const isHeader =
    names.every((name) => /^[a-z][a-z0-9-]*$/.test(name)) &&
    names.some((name) => KNOWN_FIELDS.has(name) || name.includes('-'));
  return isHeader ? names : DEFAULT_FIELDS;
}

/** Bytes that are no UTF-8 become the character for that, as they do in Athena. */
async function copyAsUtf8(path: string, place: string): Promise<void> {
  const decoder = new TextDecoder();
  const file = openSync(place, 'w');
  const write = (text: string): void => void writeSync(file, withWholeLines(text));
  try {
    await expandText(bytesOf(path), (bytes) => write(decoder.decode(bytes, { stream: true })));
    write(decoder.decode());
  } finally {
    closeSync(file);
  }
}

function bytesOf(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 256 * 1024 });
}
