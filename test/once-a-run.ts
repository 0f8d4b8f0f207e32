import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names the folder of one run of Jest, which all its workers share. */
const FOLDER = 'STALE_SG_RUN_FOLDER';

/** Memory as a file system, where Linux has it. https://docs.kernel.org/filesystems/tmpfs.html */
const IN_MEMORY = '/dev/shm';
const TMPFS_MAGIC = 0x0102_1994;
/** Bytes: what all tests have in scratch files at one time, and room to grow. */
const SCRATCH_BYTES = 4 * 2 ** 30;

/**
 * Tests make and remove tens of thousands of small files; on a busy disk each takes some milliseconds, in memory a
 * twentieth of one. Whoever has set TMPDIR is obeyed.
 */
function scratchRoot(): string {
  if (process.env.TMPDIR !== undefined || !existsSync(IN_MEMORY)) return tmpdir();
  const { type, bsize, bavail } = statfsSync(IN_MEMORY);
  const hasRoom = bsize * bavail >= SCRATCH_BYTES && freemem() >= 2 * SCRATCH_BYTES;
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const options = mounts.find((line) => line.split(' ')[1] === IN_MEMORY)?.split(' ')[3];
  // Some tests run what they have written; containers often forbid that there.
  const mayRun = options !== undefined && !options.split(',').includes('noexec');
  return type === TMPFS_MAGIC && hasRoom && mayRun ? IN_MEMORY : tmpdir();
}

/** Jest's `globalSetup`: the workers are given the variables of this process. */
export default function makeRunFolder(): void {
  // Of runs in one process each would be in the folder of the one before, and paths of sockets are short.
  const former = process.env[FOLDER];
  const folder = mkdtempSync(join(former === undefined ? scratchRoot() : dirname(former), 'stale-sg-run-'));
  process.env[FOLDER] = folder;
  process.env.TMPDIR = join(folder, 'tmp');
  mkdirSync(process.env.TMPDIR);
  // Tests start the program some hundred times: it is stripped of its types and compiled once.
  process.env.NODE_COMPILE_CACHE = join(folder, 'compiled');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

/** What `make` gives, as JSON. Test files of one run share it by its key: whoever comes first makes it, others wait. */
export async function onceARun<T>(key: string, make: () => T | Promise<T>): Promise<T> {
  const path = join(process.env[FOLDER]!, `${createHash('sha256').update(key).digest('hex')}.json`);
  while (!existsSync(path)) {
    if (!(await isMine(`${path}.maker`))) continue;
    try {
      const whole = `${path}.whole`;
      writeFileSync(whole, JSON.stringify(await make()));
      renameSync(whole, path);
    } finally {
      rmSync(`${path}.maker`);
    }
  }
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Whether this process is the one that makes it; where another does, after a while, so that one may ask again. */
async function isMine(claim: string): Promise<boolean> {
  try {
    writeFileSync(claim, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await sleep(100);
    if (isGone(claim)) rmSync(claim, { force: true });
    return false;
  }
}

/** Whether who claimed it was killed meanwhile. Who has it but has not yet signed it is there: 0 is this process group. */
function isGone(claim: string): boolean {
  try {
    process.kill(Number(readFileSync(claim, 'utf8')), 0);
    return false;
  } catch {
    return true;
  }
}
