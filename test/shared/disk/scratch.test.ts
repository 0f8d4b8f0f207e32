import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { removeScratchOfTheDead, scratchName, withScratch } from '../../../shared/disk/scratch.ts';
import { scratch } from '../../services/command-line/scratch.ts';

const folder = scratch();
const named = (pid: number, host?: string): string =>
  scratchName()
    .replace(/-\d+-/, `-${String(pid)}-`)
    .replace(/^stale-sg-[^-]+/, (mine) => (host === undefined ? mine : `stale-sg-${host}`));

test('a folder for some work is empty, and gone after it, also if that fails', async () => {
  const seen: string[] = [];
  const work = async (path: string): Promise<string[]> => {
    seen.push(path);
    writeFileSync(join(path, 'file'), '');
    return Promise.resolve(readdirSync(path));
  };
  expect(await withScratch(work)).toEqual(['file']);
  await expect(withScratch((path) => work(path).then(() => Promise.reject(new Error('no'))))).rejects.toThrow('no');
  expect(seen.map((path) => [basename(path).startsWith('stale-sg-'), existsSync(path)])).toEqual([
    [true, false],
    [true, false],
  ]);
});

test('only what processes of this machine that are no more have left is removed', () => {
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const mine = scratchName();
  const kept = [mine, named(1), named(ended, 'elsewhere'), `${named(ended)}.log`, 'stale-sg-usage.db'];
  const gone = [named(ended), `.${named(ended)}`];
  for (const name of [...kept, ...gone]) mkdirSync(folder.path(join(name, 'deep')), { recursive: true });
  removeScratchOfTheDead(folder.path('.'));
  expect(readdirSync(folder.path('.')).sort()).toEqual(kept.sort());
});
