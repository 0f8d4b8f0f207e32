import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names the folder of one run of Jest, which all its workers share. */
const FOLDER = 'STALE_SG_RUN_FOLDER';

/** Jest's `globalSetup`: the workers are given the variables of this process. */
export default function makeRunFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-run-'));
  process.env[FOLDER] = folder;
  // Tests start the program some hundred times: it is stripped of its types and compiled once.
  process.env.NODE_COMPILE_CACHE = join(folder, 'compiled');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

/**
 * What `make` gives, as JSON. Test files of one run share it by its key: whoever comes first makes it. Two that come at the
 * same time both make it, and either is taken.
 */
export async function onceARun<T>(key: string, make: () => T | Promise<T>): Promise<T> {
  const path = join(process.env[FOLDER]!, `${createHash('sha256').update(key).digest('hex')}.json`);
  if (!existsSync(path)) {
    const whole = `${path}.${String(process.pid)}`;
    writeFileSync(whole, JSON.stringify(await make()));
    renameSync(whole, path);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
