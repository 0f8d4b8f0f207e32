import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * What a run needs only while it is at work has a name that says whose it is: machine and process. If the process was
 * killed, the next run on this machine that uses the folder removes it.
 */
const HOST = hostname().replaceAll(/[^0-9A-Za-z]/g, '') || 'localhost';
const BEGIN = `stale-sg-${HOST}-`;
const NAME = /^\.?stale-sg-([0-9A-Za-z]+)-(\d+)-[0-9a-f]{12}$/;

/** A new name for a file or folder of this process. */
export function scratchName(): string {
  return `${BEGIN}${String(process.pid)}-${randomBytes(6).toString('hex')}`;
}

/** Removes what processes of this machine that are no more have left in the folder, as far as this user may. */
export function removeScratchOfTheDead(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, host, pid] = NAME.exec(name) ?? [];
    if (host !== HOST || isRunning(Number(pid))) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

/** Runs some work with a folder of its own for what is of no use afterwards. It is below `TMPDIR`. */
export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const parent = tmpdir();
  removeScratchOfTheDead(parent);
  const folder = join(parent, scratchName());
  mkdirSync(folder, { mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user: there, and not ours to signal.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
