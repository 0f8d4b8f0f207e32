import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FileSet } from '../../../shared/disk/file-set.ts';
import { scratch } from '../../services/command-line/scratch.ts';

const folder = scratch();
const textOf = (name: string): string => readFileSync(folder.path(name), 'utf8');
const modeOf = (name: string): number => statSync(folder.path(name)).mode & 0o777;

describe('a set of files', () => {
  test('is seen when all of it is written, and leaves nothing beside it', () => {
    writeFileSync(folder.path('a'), 'old');
    const files = new FileSet();
    files.add(folder.path('a'), 'new');
    files.add(folder.path('b/c/d'), Buffer.from('bytes'), { mode: 0o755 });
    expect([textOf('a'), existsSync(folder.path('b/c/d'))]).toEqual(['old', false]);
    expect(files.commit()).toEqual([folder.path('a'), folder.path('b/c/d')]);
    expect([textOf('a'), textOf('b/c/d'), modeOf('b/c/d')]).toEqual(['new', 'bytes', 0o755]);
    expect([readdirSync(folder.path('.')), readdirSync(folder.path('b/c'))]).toEqual([['a', 'b'], ['d']]);
  });

  test('of which one cannot be written leaves all former files, and names that one', () => {
    writeFileSync(folder.path('a'), 'old');
    writeFileSync(folder.path('b'), 'no folder');
    const files = new FileSet();
    files.add(folder.path('a'), 'new');
    expect(() => files.add(folder.path('b/c'), 'x')).toThrow(folder.path('b'));
    expect(files.commit()).toEqual([]);
    expect([textOf('a'), readdirSync(folder.path('.'))]).toEqual(['old', ['a', 'b']]);
  });

  test('of which one cannot be put into its place is named by that, and leaves nothing beside it', () => {
    const files = new FileSet();
    files.add(folder.path('a'), 'new');
    files.add(folder.path('b'), 'new');
    mkdirSync(folder.path('b'));
    expect(() => files.commit()).toThrow(folder.path('b'));
    expect([textOf('a'), readdirSync(folder.path('.'))]).toEqual(['new', ['a', 'b']]);
  });

  test('keeps the permissions of a file that it replaces, and the link that leads to it', () => {
    writeFileSync(folder.path('real'), 'old');
    chmodSync(folder.path('real'), 0o640);
    symlinkSync('real', folder.path('link'));
    const files = new FileSet();
    files.add(folder.path('link'), 'new');
    files.commit();
    expect([textOf('real'), modeOf('real'), readdirSync(folder.path('.'))]).toEqual(['new', 0o640, ['link', 'real']]);
  });
});

test('what a killed run has left beside files goes with the next set that is written there', () => {
  const dead = join(folder.path('.'), deadName());
  writeFileSync(dead, 'half');
  const files = new FileSet();
  files.add(folder.path('a'), 'x');
  files.commit();
  expect(readdirSync(folder.path('.'))).toEqual(['a']);
});

/** As this machine would have named it in a process that is no more. */
function deadName(): string {
  const files = new FileSet();
  files.add(folder.path('x/y'), '');
  const [mine] = readdirSync(folder.path('x'));
  files.discard();
  rmdirSync(folder.path('x'));
  // Above the largest process id of any system.
  return mine!.replace(`-${String(process.pid)}-`, '-99999999-');
}
