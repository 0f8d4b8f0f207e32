import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MARKER_FILE, snapshotFiles } from './layout.ts';
import { putInPlace } from './put-in-place.ts';
import type { Snapshot } from './read-account.ts';
import { syncFolder } from '../../shared/disk/file-set.ts';

/**
 * Writes a snapshot into a folder, all of it or nothing: the files go into a new folder beside the target, which then
 * takes its place by a rename. A former snapshot is replaced as a whole; files in its folder that are none of a
 * snapshot's (say, `exemptions.csv`) are kept there.
 *
 * @param cancel aborts the writing: the former snapshot stays as it was, and nothing lies beside it
 * @throws Error that names the folder, where it may not be replaced (see `checkTarget`) or cannot be written
 */
export async function writeFolder(snapshot: Snapshot, folder: string, cancel?: AbortSignal): Promise<void> {
  const target = await checkTarget(folder);
  const fresh = siblingOf(target.path, 'part');
  try {
    await mkdir(fresh, { recursive: true, mode: target.mode });
    for (const { path, text } of snapshotFiles(snapshot)) {
      await mkdir(dirname(join(fresh, path)), { recursive: true });
      await writeFile(join(fresh, path), text, { flag: 'wx', flush: true });
    }
    cancel?.throwIfAborted();
    putInPlace(fresh, target.path, target.exists ? siblingOf(target.path, 'former') : undefined);
    syncFolder(dirname(target.path));
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    cancel?.throwIfAborted();
    throw new Error(`cannot write the snapshot to ${folder}: ${reasonOf(error)}`, { cause: error });
  }
}

export interface Target {
  /** Absolute, behind all symbolic links. */
  readonly path: string;
  readonly exists: boolean;
  /** Permission bits for the new folder: those of the former one. */
  readonly mode: number;
}

/**
 * Whether a snapshot may take the place of this folder: it does not exist, is empty, or holds a former snapshot. Ask
 * before the account is read, so that a wrong path costs nothing.
 *
 * @throws Error that names the folder and says what is there instead
 */
export async function checkTarget(folder: string): Promise<Target> {
  const path = await realpath(folder).catch(unlessMissing(undefined));
  if (path === undefined) return { path: resolve(folder), exists: false, mode: 0o777 };
  const found = await stat(path);
  if (!found.isDirectory()) throw new Error(`${folder} is a file, not a folder`);
  const names = await readdir(path);
  if (names.length > 0 && !names.includes(MARKER_FILE)) {
    throw new Error(`${folder} is neither empty nor a former snapshot (no ${MARKER_FILE}); choose another folder`);
  }
  return { path, exists: true, mode: found.mode & 0o777 };
}

function siblingOf(path: string, role: string): string {
  return join(dirname(path), `.${basename(path)}.${role}-${randomUUID().slice(0, 8)}`);
}

function unlessMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
