import { mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isSnapshotFile, SNAPSHOT_FOLDERS } from './layout.ts';

/**
 * Renames `fresh` to `target`. What was there goes to `former` first, gives back every file that is not of a
 * snapshot, and is removed. Synchronous, so that no signal handler and no other task runs in between.
 *
 * Nothing is removed but files with a snapshot's names and folders that have become empty.
 *
 * @param former a free name beside the target; undefined where there is no target yet
 * @throws Error of the file system. If `fresh` cannot take the place, `target` is back as it was; if a file cannot be
 *   given back, it stays in `former` and the error says so
 */
export function putInPlace(fresh: string, target: string, former: string | undefined): void {
  if (former === undefined) {
    renameSync(fresh, target);
    return;
  }
  renameSync(target, former);
  try {
    renameSync(fresh, target);
  } catch (error) {
    renameSync(former, target);
    throw error;
  }
  try {
    giveBack(former, target, '');
  } catch (error) {
    throw new Error(`the new snapshot is there, but other files are left in ${former}`, { cause: error });
  }
}

function giveBack(former: string, target: string, below: string): void {
  for (const entry of readdirSync(join(former, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const isFolder = SNAPSHOT_FOLDERS.includes(path);
    const isOurs = isFolder ? entry.isSymbolicLink() : isSnapshotFile(path);
    if (isOurs) unlinkSync(join(former, path));
    else if (isFolder && entry.isDirectory()) giveBack(former, target, path);
    else moveBack(former, target, below, entry.name);
  }
  rmdirSync(join(former, below));
}

function moveBack(former: string, target: string, below: string, name: string): void {
  mkdirSync(join(target, below), { recursive: true });
  renameSync(join(former, below, name), join(target, below, name));
}
