import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { flowLogFileName } from '../../../shared/flowlogs/file-name.ts';
import type { LogBytes } from '../../../shared/flowlogs/read-log.ts';
import type { GivenFormats } from '../../../shared/flowlogs/line-format.ts';
import { BEGINNING_BYTES, beginsAsLog } from '../../../shared/flowlogs/peek-log.ts';
import { expandText } from '../../../shared/flowlogs/read-text.ts';
import { compareText } from '../../../shared/text/compare.ts';
import { namedError } from '../../../shared/text/named-error.ts';
import { askedText, mayTellOf, type AskedDays } from './asked-days.ts';

/** Bytes of an S3 object that one call brings, and that are held: flow log files have 75 MB at most. */
export const PART_BYTES = 8 * 2 ** 20;
/** Read at once, at most. */
const READ_BYTES = 256 * 1024;
/** For that, while no file is being read: whoever takes chunks is done with one when the next comes. */
let room: Buffer | undefined;

/** One flow log file, wherever it lies. Its name is the one that the user would give it. */
export interface LogFile extends LogBytes {
  readonly size: number;
  /**
   * Fails if it is no longer what was found: for who reads it by its path. Whoever reads it here need not ask. Undefined
   * where each reading is of what was found.
   *
   * @throws Error that names the file
   */
  mustBeUnchanged?(): void;
  /** The user named this file, not a folder or prefix that it is in. */
  readonly isNamed?: boolean | undefined;
  /** Of another content another one: of a local file its size and the time of its last change, of an S3 object its etag. */
  readonly stamp?: string | undefined;
  /** Behind all links, where that was looked up. */
  readonly place?: string;
  /** Records that ended on other days do not count; undefined where all do. */
  readonly asked?: AskedDays | undefined;
  /** Of an S3 object the region of its bucket, where that is known. */
  readonly region?: string | undefined;
  /** All its bytes at once, where that is worth while and there is room for them: to be asked for before they are needed. */
  fetch?(): Promise<Uint8Array>;
}

/** What a file can be found by again, in another thread. */
export type LogFileRef = Pick<LogFile, 'name' | 'size' | 'isNamed' | 'stamp' | 'asked' | 'region' | 'formats'>;

export function refOf({ name, size, isNamed, stamp, asked, region, formats }: LogFile): LogFileRef {
  return { name, size, isNamed, stamp, asked, region, formats };
}

/** What a path leads to. */
export interface FoundFiles {
  readonly files: readonly LogFile[];
  /** Names of files that may well be flow logs, and are not read. */
  readonly notRead: readonly string[];
  /** Of S3, folders of other services of AWS: nobody looked into them. */
  readonly otherFolders?: readonly string[];
  /** Of S3, what it took to list them: calls, and keys that they brought. */
  readonly listed?: { readonly calls: number; readonly keys: number };
}

const SUFFIXES = ['.log.gz', '.log', '.log.parquet', '.parquet'];
/** What no flow log is called; this program's own tables included. */
const OTHER_FILES =
  /^[._]|\.(?:html?|md|eml|sh|sql|ya?ml|toml|xml|pdf|png|db(?:-\w+)?)$|^(?:usage|candidates)\.csv$|^aws-logs-write-test$/i;
/** Firehose may be told to call its objects so: read if it begins as a flow log, else no more told than other files. */
const JSON_FILE = /\.json$/i;
/** Service flows that this program has kept: see `evidence-folder.ts`. */
const EVIDENCE = /(?:^|[/\\-])evidence[/\\]day=\d{4}-\d\d-\d\d[/\\]part-\d{3,}-[0-9a-z]+\.parquet$/;
/** Tables that this program writes: told all the same, since a flow log may be called so. */
const TABLES = /^(?:rules|usage)\.parquet$/;
/** A name without a suffix, or that says only that something is packed: CloudWatch Logs, Firehose and others write such. */
const UNSURE = /^[^.]+$|\.gz$/;
/** Beside the data of an Iceberg table: https://iceberg.apache.org/spec/#table-metadata */
const ICEBERG = /(?:^|[/\\])metadata[/\\][^/\\]+\.metadata\.json$/;
/** What a Mac leaves beside each file of an archive. */
const APPLE_DOUBLE = '._';

/**
 * What the file of a folder or prefix is, by its path alone: `unsure` and `json` where its beginning is to tell.
 *
 * @throws Error where it is part of an Iceberg table: of its data files some may have been replaced, and rows deleted
 */
export function kindOfFile(path: string): 'flowLog' | 'unsure' | 'json' | 'notRead' | 'other' {
  const name = basename(path);
  if (ICEBERG.test(path)) {
    throw new Error(
      `${path}: an Iceberg table, whose metadata tell which of its data files count, and they are not read; ` +
        'give what UNLOAD of Athena writes of it, or the folder of its data alone if none was ever compacted or deleted',
    );
  }
  if (EVIDENCE.test(path)) return 'other';
  if (name.startsWith(APPLE_DOUBLE) || TABLES.test(name)) return 'notRead';
  if (SUFFIXES.some((suffix) => name.endsWith(suffix))) return 'flowLog';
  if (OTHER_FILES.test(name)) return 'other';
  if (JSON_FILE.test(name)) return 'json';
  return UNSURE.test(name) ? 'unsure' : 'notRead';
}

/** A text of the kinds of file that a folder or prefix is searched for, whatever they begin with. */
export const FLOW_LOG_KINDS = SUFFIXES.join(', ');

/** A log group of CloudWatch Logs, as it is given: `cwl:/aws/vpc/vpc-0123`. */
export function isGroup(path: string): boolean {
  return path.startsWith('cwl:');
}

/** What is wanted of a folder or prefix. */
export interface Wanted {
  readonly asked?: AskedDays | undefined;
  readonly formats?: GivenFormats | undefined;
}

/**
 * What makes two files one: the name that AWS gave the object, which it gives to no other, packed or unpacked; of a file
 * of any other name its place.
 *
 * @param place where it lies, behind all links
 */
export function identityOf(name: string, place: string): string {
  return flowLogFileName(name) ? basename(name).replace(/\.gz$/, '') : place;
}

/** Where the same file would lie packed, or unpacked: whether it does, only its content tells. */
export function twinOf(place: string): string {
  return place.endsWith('.gz') ? place.slice(0, -'.gz'.length) : `${place}.gz`;
}

/**
 * The same for two files of one content, be one of them packed.
 *
 * @throws Error that names the file, where it cannot be read to its end
 */
export async function contentDigestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await expandText(createReadStream(path), (bytes) => hash.update(bytes));
  } catch (error) {
    throw namedError(path, error);
  }
  return hash.digest('base64url');
}

/**
 * The flow log files at a local path: the file itself whatever its name, or those below a folder that can tell of the days.
 *
 * @throws Error that names the path if it does not exist or holds none
 */
export async function localLogFiles(path: string, { asked, formats }: Wanted = {}): Promise<FoundFiles> {
  if (!(await stat(path)).isDirectory()) {
    return { files: [{ ...localLogFile(path, stateOf(path)), isNamed: true }], notRead: [] };
  }
  const { flowLogs, pipes, ...below } = await filesBelow(path, formats);
  const notRead = [...below.notRead, ...pipes.map((name) => `${name} (${NOT_ORDINARY})`)];
  if (flowLogs.length === 0) {
    const others = notRead.length > 0 ? `; not read: ${String(notRead.length)} files, the first: ${notRead[0]!}` : '';
    throw new Error(`${path}: no flow log files (${FLOW_LOG_KINDS}) in this folder${others}`);
  }
  const wanted = asked ? flowLogs.filter((file) => mayTellOf(asked, file.path)) : flowLogs;
  if (wanted.length === 0) {
    const names = `${flowLogs[0]!.path} to ${flowLogs.at(-1)!.path}`;
    throw new Error(`${path}: none of its ${String(flowLogs.length)} files can tell of ${askedText(asked!)}: ${names}`);
  }
  const files = wanted.map(({ path, place }) => ({ ...localLogFile(path, stateOf(path)), place }));
  return { files, notRead };
}

/** A file in a folder, or in one below it. */
export interface FileBelow {
  readonly path: string;
  /** Behind all links. */
  readonly place: string;
}

/** What is in a folder and in those below it, in the order of the names. */
export interface FilesBelow {
  readonly flowLogs: readonly FileBelow[];
  /** Names of files that may well be flow logs, and are not read. */
  readonly notRead: readonly string[];
  /** Names of those that are no ordinary files: their reading might never end. */
  readonly pipes: readonly string[];
}

/**
 * The files in a folder and in those below it, in the order of their names.
 *
 * @throws Error that names a linked folder: a search does not follow it, and what lies there must not be left out without
 * a word
 */
export async function filesBelow(folder: string, formats?: GivenFormats): Promise<FilesBelow> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const root = await realpath(folder);
  const flowLogs: FileBelow[] = [];
  const notRead: string[] = [];
  const pipes: string[] = [];
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const path = join(entry.parentPath, entry.name);
    const linked = entry.isSymbolicLink() ? await stat(path) : undefined;
    if (linked?.isDirectory() === true) throw new Error(`${path}: a linked folder; name it as a path of its own`);
    const kind = kindOfFile(path);
    if (kind === 'other') continue;
    if (!(linked ?? entry).isFile()) pipes.push(path);
    else if (kind === 'notRead' || (kind !== 'flowLog' && !(await beginsAsLog(beginningOf(path), formats)))) {
      if (kind !== 'json') notRead.push(path);
    } else flowLogs.push({ path, place: linked ? await realpath(path) : join(root, relative(folder, path)) });
  }
  flowLogs.sort((a, b) => compareText(a.path, b.path));
  return { flowLogs, notRead: notRead.sort(), pipes: pipes.sort() };
}

function beginningOf(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(BEGINNING_BYTES);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

export const NOT_ORDINARY = 'a pipe, a socket or a device, not an ordinary file';

/** What a file was when it was looked at. */
export interface FileState {
  readonly size: number;
  /** Size and time of the last change: another stamp, another content (or the same, written again). */
  readonly stamp: string;
}

/** @throws Error that names the file if it is not there, or none that can be read twice and ends */
export function stateOf(path: string): FileState {
  // An account has many small files: for them calls that are waited for cost more than all else.
  const found = statSync(path, { bigint: true });
  if (!found.isFile()) throw new Error(`${path}: ${NOT_ORDINARY}`);
  return { size: Number(found.size), stamp: `${String(found.size)} ${String(found.mtimeNs)}` };
}

/** @param found what it was when it was found: if it is something else after it was read, that fails */
export function localLogFile(name: string, { size, stamp }: FileState): LogFile {
  const mustBeUnchanged = (): void => {
    if (stateOf(name).stamp !== stamp) throw new Error(`${name}: it changed while it was read`);
  };
  return {
    name,
    size,
    stamp,
    mustBeUnchanged,
    *chunks() {
      // An account has many small files: for them four calls that are waited for cost more than all else.
      const file = openSync(name, 'r');
      const bytes = room ?? Buffer.allocUnsafe(READ_BYTES);
      room = undefined;
      try {
        for (;;) {
          const length = readSync(file, bytes);
          if (length === 0) break;
          yield bytes.subarray(0, length);
        }
      } finally {
        closeSync(file);
        room = bytes;
      }
      mustBeUnchanged();
    },
    withBuffer: async (read) => {
      const file = openSync(name, 'r');
      try {
        const result = await read({
          byteLength: size,
          slice: (start, end = size) => {
            const bytes = new Uint8Array(Math.max(0, end - start));
            return bytes.buffer.slice(0, readSync(file, bytes, 0, bytes.length, start));
          },
        });
        mustBeUnchanged();
        return result;
      } finally {
        closeSync(file);
      }
    },
  };
}
