import { createReadStream, type Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { flowLogFileName } from '../../../shared/flowlogs/file-name.ts';
import type { LogBytes } from '../../../shared/flowlogs/read-log.ts';

/** One flow log file, wherever it lies. Its name is the one that the user would give it. */
export interface LogFile extends LogBytes {
  readonly size: number;
  /** The user named this file, not a folder or prefix that it is in. */
  readonly isNamed?: boolean | undefined;
}

/** What a path leads to. */
export interface FoundFiles {
  readonly files: readonly LogFile[];
  /** Names of files that may well be flow logs, and are not read. */
  readonly notRead: readonly string[];
}

const SUFFIXES = ['.log.gz', '.log', '.log.parquet', '.parquet'];
/** What no flow log is called; this program's own tables included. */
const OTHER_FILES =
  /^[._]|\.(?:json|html?|md|eml|sh|sql|ya?ml|toml|xml|pdf|png|db(?:-\w+)?)$|^(?:usage|candidates)\.csv$/i;
/** Service flows that this program has kept: see `evidence-folder.ts`. */
const EVIDENCE = /(?:^|[/\\-])evidence[/\\]day=\d{4}-\d\d-\d\d[/\\]part-\d{3,}-[0-9a-z]+\.parquet$/;
/** What a Mac leaves beside each file of an archive. */
const APPLE_DOUBLE = '._';

/** What the file of a folder or prefix is, by its path alone. */
export function kindOfFile(path: string): 'flowLog' | 'notRead' | 'other' {
  const name = basename(path);
  if (EVIDENCE.test(path)) return 'other';
  if (name.startsWith(APPLE_DOUBLE)) return 'notRead';
  if (SUFFIXES.some((suffix) => name.endsWith(suffix))) return 'flowLog';
  return OTHER_FILES.test(name) ? 'other' : 'notRead';
}

/** A text of the kinds of file that a folder or prefix is searched for. */
export const FLOW_LOG_KINDS = SUFFIXES.join(', ');

/**
 * What makes two files one: the name that AWS gave the object, which it gives to no other, packed or unpacked. Undefined
 * for any other name.
 */
export function objectNameOf(name: string): string | undefined {
  return flowLogFileName(name) && basename(name).replace(/\.gz$/, '');
}

/**
 * The flow log files at a local path: the file itself whatever its name, or those below a folder.
 *
 * @throws Error that names the path if it does not exist or holds none
 */
export async function localLogFiles(path: string): Promise<FoundFiles> {
  const found = await stat(path);
  if (!found.isDirectory()) return { files: [{ ...localLogFile(path, found.size), isNamed: true }], notRead: [] };
  const { flowLogs, notRead } = await filesBelow(path);
  if (flowLogs.length === 0) {
    const others = notRead.length > 0 ? `; not read: ${String(notRead.length)} files, the first: ${notRead[0]!}` : '';
    throw new Error(`${path}: no flow log files (${FLOW_LOG_KINDS}) in this folder${others}`);
  }
  const files = await Promise.all(flowLogs.map(async (name) => localLogFile(name, (await stat(name)).size)));
  return { files, notRead };
}

/** Paths of the files in a folder and in those below it, in the order of their names. */
export async function filesBelow(folder: string): Promise<{ flowLogs: string[]; notRead: string[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  await refuseLinkedFolders(entries);
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const ofKind = (kind: ReturnType<typeof kindOfFile>): string[] => paths.filter((path) => kindOfFile(path) === kind);
  return { flowLogs: ofKind('flowLog'), notRead: ofKind('notRead') };
}

/** A search does not follow linked folders: what lies there must not be left out without a word. */
async function refuseLinkedFolders(entries: readonly Dirent[]): Promise<void> {
  for (const entry of entries.filter((one) => one.isSymbolicLink())) {
    const path = join(entry.parentPath, entry.name);
    if ((await stat(path)).isDirectory()) throw new Error(`${path}: a linked folder; name it as a path of its own`);
  }
}

export function localLogFile(name: string, size: number): LogFile {
  return {
    name,
    size,
    chunks: () => createReadStream(name, { highWaterMark: 256 * 1024 }),
    withBuffer: async (read) => {
      const handle = await open(name);
      try {
        return await read({
          byteLength: size,
          slice: async (start, end = size) => {
            const bytes = new Uint8Array(Math.max(0, end - start));
            const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
            return bytes.buffer.slice(0, bytesRead);
          },
        });
      } finally {
        await handle.close();
      }
    },
  };
}
