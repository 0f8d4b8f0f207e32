import { isAscii } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { asyncBufferFromFile } from 'hyparquet';
import { formatAddress, type Address } from '../../shared/addresses/address.ts';
import { DEFAULT_FIELDS, KNOWN_FIELDS, USED_FIELDS } from '../../shared/flowlogs/fields.ts';
import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import { expandText } from '../../shared/flowlogs/read-text.ts';
import { isParquet, readLog, type LogBytes } from '../../shared/flowlogs/read-log.ts';
import { formOf } from '../../shared/flowlogs/content-reader.ts';
import type { GivenFormats } from '../../shared/flowlogs/line-format.ts';
import { isAsAwsWrites } from '../../shared/flowlogs/read-parquet.ts';
import { FlowLogError, type FlowRecord } from '../../shared/flowlogs/record.ts';
import { MAX_LINE_BYTES } from '../../shared/flowlogs/lines.ts';
import { TextReader } from '../../shared/flowlogs/text-reader.ts';
import type { LogFormat } from './sql/log-format.ts';
import { withWholeLines } from './sql/duckdb.ts';
import { yearMonthDate } from './sql/partitions.ts';
import type { Day } from '../../shared/time.ts';
import { OutputFile } from '../../shared/disk/output-file.ts';

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
 * bytes are not ASCII or lines are longer than any that can be read. Parquet that AWS did not write so (names with hyphens, timestamps, other types and encodings) is
 * copied as text by the one reader there is, for engines read it each in its own way. A file whose name tells no day is
 * taken for one of `day`. Text is decompressed once: DuckDB reads a file that is cut short or corrupt to where it can, and
 * says nothing.
 *
 * @param folder absolute, and empty
 * @throws FlowLogError that names the first file that is not a flow log, or cannot be read
 */
export async function layOut(
  paths: readonly string[],
  day: Day,
  folder: string,
  formats?: GivenFormats,
): Promise<LaidOut[]> {
  const found = new Map<string, LaidOut & { originals: Map<string, string> }>();
  const made = new Set<string>();
  for (const [i, path] of paths.entries()) {
    const {
      fields,
      isParquet: isLaidAsParquet,
      isGzip,
      isPlain,
      isOther,
    } = await lookAt(path, formats).catch((error: unknown) => {
      throw error instanceof FlowLogError ? new FlowLogError(`${path}: ${error.message}`) : error;
    });
    if (!fields) continue;
    const fileFormat = isLaidAsParquet ? 'parquet' : 'plain-text';
    // The order of columns does not matter in Parquet.
    const key = JSON.stringify([fileFormat, isLaidAsParquet ? fields.toSorted() : fields]);
    const laid = found.get(key) ?? {
      format: formatOf(fields, fileFormat),
      root: join(folder, String(found.size)),
      originals: new Map<string, string>(),
    };
    const { name, flowLogId } = placeOf(path, day, i);
    const place = join(laid.root, name + (isLaidAsParquet ? '.parquet' : isGzip && isPlain ? '.gz' : ''));
    if (!made.has(dirname(place))) await mkdir(dirname(place), { recursive: true });
    made.add(dirname(place));
    if (isPlain) await symlink(resolve(path), place);
    else if (isOther) await copyAsText(path, formats, place);
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
  const named = flowLogFileName(path);
  const { flowLogId = NO_FLOW_LOG } = named ?? {};
  const folders = yearMonthDate(named?.day ?? day);
  const time = named ? /_(\d{8}T\d{4})Z_/.exec(basename(path))![1]! : `${folders.join('')}T0000`;
  const name = `${ACCOUNT}_vpcflowlogs_${REGION}_${flowLogId}_${time}Z_${index}.log`;
  return { name: join('AWSLogs', ACCOUNT, 'vpcflowlogs', REGION, ...folders, name), flowLogId };
}

interface Look {
  /** Undefined where there is no line. */
  readonly fields: readonly string[] | undefined;
  /** As it is laid out. */
  readonly isParquet: boolean;
  readonly isGzip: boolean;
  /** Whether DuckDB can read it as it is. */
  readonly isPlain: boolean;
  /** Whether only the one reader that there is can read it: it is copied as what that one says. */
  readonly isOther: boolean;
}

async function lookAt(path: string, formats: GivenFormats | undefined): Promise<Look> {
  return (await isParquet(logAt(path, formats))) ? lookAtParquet(path) : lookAtText(path, formats);
}

function logAt(path: string, formats: GivenFormats | undefined): LogBytes {
  return {
    name: path,
    formats,
    chunks: () => bytesOf(path),
    withBuffer: async (read) => read(await asyncBufferFromFile(path)),
  };
}

async function lookAtParquet(path: string): Promise<Look> {
  const fields = await isAsAwsWrites(await asyncBufferFromFile(path));
  if (fields) return { fields, isParquet: true, isGzip: false, isPlain: true, isOther: false };
  return { fields: USED_FIELDS, isParquet: false, isGzip: false, isPlain: false, isOther: true };
}

async function lookAtText(path: string, formats: GivenFormats | undefined): Promise<Look> {
  let isPlain = true;
  let head = Buffer.alloc(0);
  let sinceLineEnd = 0;
  const { isGzip, isTwice } = await expandText(bytesOf(path), (bytes) => {
    const lineEnd = Math.max(bytes.lastIndexOf(NEWLINE), bytes.lastIndexOf(RETURN));
    sinceLineEnd = bytes.length - 1 - lineEnd + (lineEnd < 0 ? sinceLineEnd : 0);
    isPlain &&= isAscii(bytes) && sinceLineEnd <= LONG_LINE_BYTES;
    if (head.length <= MAX_LINE_BYTES) head = Buffer.concat([head, bytes.subarray(0, MAX_LINE_BYTES + 1)]);
  });
  if (formOf(head, true) !== 'lines') {
    return { fields: USED_FIELDS, isParquet: false, isGzip, isPlain: false, isOther: true };
  }
  const fields = fieldsOf(head, formats?.fields ?? DEFAULT_FIELDS);
  return { fields, isParquet: false, isGzip, isPlain: isTwice ? false : isPlain, isOther: false };
}

/** As the first line that is not blank has them; one that begins no flow log is refused by whoever reads flow logs. */
function fieldsOf(head: Buffer, given: readonly string[]): readonly string[] | undefined {
  const from = head.findIndex((byte) => byte > BLANK);
  if (from < 0) {
    if (head.length > MAX_LINE_BYTES) throw new FlowLogError('not a VPC flow log: it begins with blanks alone');
    return undefined;
  }
  const newline = head.indexOf('\n', from);
  const line = head.subarray(from, newline < 0 ? undefined : newline);
  const reader = new TextReader({ record: () => undefined, malformed: () => undefined }, { fields: given });
  reader.push(line);
  reader.end();
  const words = line
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/[\x00-\x20]+/);
  const names = words.filter((name) => name !== '');
  const isHeader =
    names.every((name) => /^[a-z][a-z0-9-]*$/.test(name)) &&
    names.some((name) => KNOWN_FIELDS.has(name) || name.includes('-'));
  return isHeader ? names : given;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Far fewer than DuckDB has room for in a line, and far more than any line has that can be read. */
const LONG_LINE_BYTES = 16 * MAX_LINE_BYTES;

/** Cuts lines where they are longer than any that can be read: they are lines that cannot be read all the same. */
function lineCutter(): (text: string) => string {
  let length = 0;
  const cut = (part: string): string => {
    if (part === '\n' || part === '\r') {
      length = 0;
      return part;
    }
    const kept = part.slice(0, Math.max(0, MAX_LINE_BYTES + 1 - length));
    length += part.length;
    return kept;
  };
  return (text) =>
    text
      .split(/([\r\n])/)
      .map(cut)
      .join('');
}

/** Bytes that are not UTF-8 become the character for that, as they do in Athena. */
async function copyAsUtf8(path: string, place: string): Promise<void> {
  const decoder = new TextDecoder();
  const file = copyOf(path, place);
  const cut = lineCutter();
  const write = (text: string): void => file.write(withWholeLines(cut(text)));
  try {
    await expandText(bytesOf(path), (bytes) => write(decoder.decode(bytes, { stream: true })));
    write(decoder.decode());
  } finally {
    file.close();
  }
}

/** What is read of a file, as a text file; a row that cannot be read becomes a line that cannot. */
async function copyAsText(path: string, formats: GivenFormats | undefined, place: string): Promise<void> {
  const file = copyOf(path, place);
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) file.write(`${lines.join('\n')}\n`);
    lines = [];
  };
  const write = (line: string): void => {
    if (lines.push(line) >= LINES_HELD) flush();
  };
  try {
    write(USED_FIELDS.join(' '));
    const sink = { record: (record: FlowRecord) => write(lineOf(record)), malformed: () => write('-') };
    await readLog(logAt(path, formats), sink);
    flush();
  } finally {
    file.close();
  }
}

/** To be written. Errors tell whose copy it is, and which disk may be full. */
function copyOf(path: string, place: string): OutputFile {
  return new OutputFile(place, { name: `${path}: its copy in ${tmpdir()}` });
}

const LINES_HELD = 1000;

function lineOf(record: FlowRecord): string {
  const { status, start, end, interfaceId, vpcId, accountId, resourceId } = record;
  const address = (one: Address): string => (one.family === 0 ? '-' : formatAddress(one));
  const values: Readonly<Record<(typeof USED_FIELDS)[number], string | number>> = {
    'interface-id': interfaceId || '-',
    'vpc-id': vpcId || '-',
    'account-id': accountId || '-',
    'resource-id': resourceId || '-',
    start,
    end,
    'log-status': status,
    ...(status === 'OK' ? trafficOf(record, address) : NO_TRAFFIC),
  };
  return USED_FIELDS.map((field) => values[field]).join(' ');
}

const NO_TRAFFIC = {
  srcaddr: '-',
  dstaddr: '-',
  srcport: '-',
  dstport: '-',
  protocol: '-',
  packets: '-',
  bytes: '-',
  action: '-',
  'flow-direction': '-',
  'tcp-flags': '-',
  'pkt-srcaddr': '-',
  'pkt-dstaddr': '-',
  'reject-reason': '-',
};

function trafficOf(
  record: FlowRecord,
  address: (one: Address) => string,
): Record<keyof typeof NO_TRAFFIC, string | number> {
  return {
    srcaddr: address(record.source),
    dstaddr: address(record.destination),
    srcport: record.sourcePort,
    dstport: record.destinationPort,
    protocol: record.protocol,
    packets: record.packets,
    bytes: record.bytes,
    action: record.accepted ? 'ACCEPT' : 'REJECT',
    'flow-direction': record.direction ?? '-',
    'tcp-flags': record.tcpFlags < 0 ? '-' : record.tcpFlags,
    'pkt-srcaddr': address(record.packetSource),
    'pkt-dstaddr': address(record.packetDestination),
    'reject-reason': record.rejectReason || '-',
  };
}

const READ_BYTES = 256 * 1024;

/** In room that the next chunk takes again. A day has many small files: for them a stream and its room cost more than all else. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path);
  const room = Buffer.allocUnsafe(Math.min(READ_BYTES, size + 1));
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, room); length > 0; length = readSync(file, room)) yield room.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
