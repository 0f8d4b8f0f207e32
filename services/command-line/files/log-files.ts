import { createReadStream, type Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { AsyncBuffer } from 'hyparquet';
import type { Chunks } from '../../../shared/flowlogs/read-text.ts';

/** One flow log file, wherever it lies. */
export interface LogFile {
  /** As the user would name it. */
  readonly name: string;
  readonly size: number;
  readonly isParquet: boolean;
  /** The bytes from first to last. */
  chunks(): Chunks;
  /** Runs `read` with access to any part of the bytes. */
  withBuffer<T>(read: (buffer: AsyncBuffer) => Promise<T>): Promise<T>;
}

const SUFFIXES = ['.log.gz', '.log', '.log.parquet', '.parquet'];

export function isFlowLogName(name: string): boolean {
  return SUFFIXES.some((suffix) => name.endsWith(suffix));
}

export function isParquetName(name: string): boolean {
  return name.endsWith('.parquet');
}

/** A text of the kinds of file that a folder or prefix is searched for. */
export const FLOW_LOG_KINDS = SUFFIXES.join(', ');

/**
 * The flow log files at a local path: the file itself whatever its name, or those below a folder, in the order of
 * their names. Files of other kinds in a folder are left alone.
 *
 * @throws Error that names the path if it does not exist or holds none
 */
export async function localLogFiles(path: string): Promise<{ id: string; file: LogFile }[]> {
  const found = await stat(path);
  const paths = found.isDirectory() ? await flowLogsBelow(path) : [path];
  if (paths.length === 0) throw new Error(`${path}: no flow log files (${FLOW_LOG_KINDS}) in this folder`);
  return Promise.all(
    paths.map(async (name) => ({ id: await realpath(name), file: localLogFile(name, (await stat(name)).size) })),
  );
}

async function flowLogsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  await refuseLinkedFolders(entries);
  return entries
    .filter((entry) => !entry.isDirectory() && isFlowLogName(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A search does not follow linked folders: what lies there must not be left out without a word. */
export async function refuseLinkedFolders(entries: readonly Dirent[]): Promise<void> {
  for (const entry of entries.filter((one) => one.isSymbolicLink())) {
    const path = join(entry.parentPath, entry.name);
    if ((await stat(path)).isDirectory()) throw new Error(`${path}: a linked folder; name it as a path of its own`);
  }
}

function localLogFile(name: string, size: number): LogFile {
  return {
    name,
    size,
    isParquet: isParquetName(basename(name)),
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
