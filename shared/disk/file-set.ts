import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namedError } from '../text/named-error.ts';
import { writeWhole, type OutputOptions } from './output-file.ts';
import { removeScratchOfTheDead, scratchName } from './scratch.ts';

interface Waiting {
  /** As it was given. */
  readonly path: string;
  /** Behind all links. */
  readonly place: string;
  readonly beside: string;
}

/**
 * Files that take their places together. Each is written whole beside its place, and is on the disk, before the first one
 * is seen; until then, and if one of them cannot be written, former files of these names stay as they were.
 */
export class FileSet {
  readonly #waiting: Waiting[] = [];
  readonly #swept = new Set<string>();

  /**
   * Writes a file, in a folder that is made if need be. It does not count before {@link commit}. A file that it is to
   * replace gives it its permissions.
   *
   * @throws Error that names the file; nothing is left of the set
   */
  add(path: string, content: string | Uint8Array, options: OutputOptions = {}): void {
    try {
      makeFolder(dirname(path));
      const place = behindLinks(path);
      const folder = dirname(place);
      if (!this.#swept.has(folder)) removeScratchOfTheDead(folder);
      this.#swept.add(folder);
      const beside = join(folder, `.${scratchName()}`);
      writeWhole(beside, content, { name: path, mode: modeOf(place), ...options });
      this.#waiting.push({ path, place, beside });
    } catch (error) {
      this.discard();
      throw namedError(path, error);
    }
  }

  /**
   * Puts the files into their places, in the order in which they were added. Returns their paths.
   *
   * @throws Error that names the first file for which that fails; those after it are not put there
   */
  commit(): string[] {
    const paths: string[] = [];
    for (;;) {
      const next = this.#waiting[0];
      if (!next) break;
      try {
        renameSync(next.beside, next.place);
      } catch (error) {
        this.discard();
        throw namedError(next.path, error, next.beside);
      }
      this.#waiting.shift();
      paths.push(next.path);
    }
    for (const folder of new Set(paths.map((path) => dirname(behindLinks(path))))) syncFolder(folder);
    return paths;
  }

  /** Takes away what was written and is not in its place. */
  discard(): void {
    for (const { beside } of this.#waiting) rmSync(beside, { force: true });
    this.#waiting.length = 0;
  }
}

/** A folder, and those above it; that they are there is on the disk afterwards. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first !== undefined) syncFolder(dirname(first));
}

/** What was put into the folder, or taken out of it, is so on the disk afterwards. */
export function syncFolder(folder: string): void {
  // Windows opens no folder.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function modeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : found.mode & 0o7777;
}
