import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Why a program that a test wants is not here. */
export class NotInstalled extends Error {
  override name = 'NotInstalled';
}

/**
 * The folder of the programs of packages, as `moto[server]==5.2.5`, several with blanks between them, installed by pip with its own settings into a cache: a
 * minute the first time.
 *
 * @throws NotInstalled that says what is missing
 */
export function installFromPypi(requirement: string): string {
  const root = process.env.STALE_SG_PYPI_CACHE ?? join(homedir(), '.cache', 'stale-sg');
  const folder = join(root, requirement.replaceAll(/[^\w.]+/g, '-'));
  const done = join(folder, 'installed');
  const bin = join(folder, 'bin');
  if (existsSync(done)) return bin;
  mkdirSync(dirname(folder), { recursive: true });
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', folder],
    [join(bin, 'pip'), 'install', '--quiet', ...requirement.split(' ')],
    ['mkdir', done],
  ] as const) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    const reason = (error?.message ?? stderr).trim().split('\n').at(-1)!;
    throw new NotInstalled(`${requirement} cannot be installed: ${reason}`);
  }
  return bin;
}

/** What `install` returns, or why it cannot: for a `describe` that skips under a name that says so. */
export function orWhyNot<T>(install: () => T): { readonly installed?: T; readonly missing: string } {
  try {
    return { installed: install(), missing: '' };
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    return { missing: ` [${error.message}]` };
  }
}
