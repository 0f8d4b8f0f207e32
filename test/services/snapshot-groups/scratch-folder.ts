import { afterEach, beforeEach } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of its own for each test of a file, removed after it. */
export interface Scratch {
  /** Exists, and holds nothing at first. */
  parent: string;
  /** `inventory` below it: does not exist at first. */
  folder: string;
  /** Every file below the parent with its text, by relative path; also what was not meant to stay. */
  everything(): Promise<Record<string, string>>;
  /** Puts a file of somebody's own below the folder. */
  put(path: string): Promise<void>;
}

export function scratchFolder(): Scratch {
  const scratch: Scratch = {
    parent: '',
    folder: '',
    async everything() {
      const found = await readdir(scratch.parent, { recursive: true, withFileTypes: true });
      const files = found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
      const texts: Record<string, string> = {};
      for (const file of files) texts[file.slice(scratch.parent.length + 1)] = await readFile(file, 'utf8');
      return texts;
    },
    async put(path) {
      await mkdir(dirname(join(scratch.folder, path)), { recursive: true });
      await writeFile(join(scratch.folder, path), 'mine');
    },
  };
  beforeEach(async () => {
    scratch.parent = await mkdtemp(join(tmpdir(), 'snapshot-'));
    scratch.folder = join(scratch.parent, 'inventory');
  });
  afterEach(() => rm(scratch.parent, { recursive: true, force: true }));
  return scratch;
}

/** What `LISTED` becomes on disk, in order. */
export const FILES: readonly string[] = [
  'flow-logs.json',
  'managed-prefix-lists.json',
  'network-interfaces.json',
  'prefix-list-entries/pl-0a.json',
  'security-group-rules.json',
  'security-group-vpc-associations.json',
  'security-groups.json',
  'stale-security-groups.json',
  'vpcs.json',
].map((name) => `inventory/${name}`);
