import type { Dirent } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';

/** Text and bytes as they are, undefined: no such file, anything else as JSON. */
export type Files = Readonly<Record<string, unknown>>;

export interface Scratch {
  /** Of a file or folder in it. */
  path(name: string): string;
  read(name: string): Promise<string>;
  write(files: Files): Promise<void>;
  /** Every file below `name`, sorted; none where there is no such folder. */
  filesIn(name: string): Promise<string[]>;
}

/** A folder of its own for each test, or for all tests of the block it is called in, removed after it. */
export function scratch(scope: 'test' | 'block' = 'test'): Scratch {
  let root = '';
  const [before, after] = scope === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'command-line-'));
  });
  after(() => rm(root, { recursive: true }));
  return {
    path: (name) => join(root, name),
    read: (name) => readFile(join(root, name), 'utf8'),
    write: async (files) => {
      for (const [path, content] of Object.entries(files)) {
        if (content === undefined) continue;
        await mkdir(dirname(join(root, path)), { recursive: true });
        const isRaw = typeof content === 'string' || content instanceof Uint8Array;
        await writeFile(join(root, path), isRaw ? content : JSON.stringify(content));
      }
    },
    filesIn: async (name) => {
      const found = await entriesOf(join(root, name));
      return found
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(root, name).length + 1))
        .sort();
    },
  };
}

/** The files that reports and the evidence of these days are. */
export function writtenFor(...days: readonly string[]): unknown[] {
  const parts = days.map((day): unknown => expect.stringMatching(`^evidence/day=${day}/part-000-[0-9a-z]+[.]parquet$`));
  return [
    ...parts,
    'evidence/manifest.json',
    'report.html',
    'rules.parquet',
    'usage.csv',
    'usage.json',
    'usage.parquet',
  ];
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
