import { describe, expect, test } from '@jest/globals';
import { chmod, lstat, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { putInPlace } from '../../../services/snapshot-groups/put-in-place.ts';
import { readAccount } from '../../../services/snapshot-groups/read-account.ts';
import { checkTarget, writeFolder } from '../../../services/snapshot-groups/write-folder.ts';
import { fakeAccount, LISTED } from './fake-account.ts';
import { FILES, scratchFolder } from './scratch-folder.ts';

const at = scratchFolder();
const some = () => readAccount(fakeAccount(LISTED));
const none = () => readAccount(fakeAccount());

describe('what was there', () => {
  test('a former snapshot goes as a whole, other files stay where they were', async () => {
    await writeFolder(await some(), at.folder);
    const others = [
      'exemptions.csv',
      'logs/2026/a.log',
      'prefix-list-entries/notes.txt',
      'prefix-list-entries/pl-zz.json',
    ];
    for (const path of others) await at.put(path);
    await symlink(join(at.parent, 'nowhere'), join(at.folder, 'link'));
    await chmod(at.folder, 0o750);
    await writeFolder(await none(), at.folder);
    expect((await lstat(join(at.folder, 'link'))).isSymbolicLink()).toBe(true);
    await rm(join(at.folder, 'link'));
    const kept = [...FILES.filter((name) => !name.includes('pl-0a')), ...others.map((name) => `inventory/${name}`)];
    expect(Object.keys(await at.everything()).toSorted()).toEqual(kept.toSorted());
    expect((await stat(at.folder)).mode & 0o777).toBe(0o750);
    expect(await readdir(at.parent)).toEqual(['inventory']);
  });

  test('a linked file of a snapshot is replaced, what it led to is not touched, and never shadows the new one', async () => {
    await at.put('security-groups.json');
    await writeFile(join(at.parent, 'elsewhere.json'), 'mine');
    await symlink(join(at.parent, 'elsewhere.json'), join(at.folder, 'vpcs.json'));
    await symlink(at.parent, join(at.folder, 'prefix-list-entries'));
    await writeFolder(await some(), at.folder);
    const files = await at.everything();
    expect(Object.keys(files).toSorted()).toEqual(['elsewhere.json', ...FILES]);
    expect([files['elsewhere.json'], files['inventory/vpcs.json']]).toEqual(['mine', expect.stringContaining('vpc-1')]);
  });

  test('a linked folder stays a link', async () => {
    await mkdir(join(at.parent, 'real'));
    await symlink(join(at.parent, 'real'), at.folder);
    await writeFolder(await some(), at.folder);
    expect((await lstat(at.folder)).isSymbolicLink()).toBe(true);
    expect(await readdir(join(at.parent, 'real'))).toContain('security-groups.json');
  });

  test.each([
    {
      why: 'somebody else lives here',
      path: 'thesis.txt',
      message: 'neither empty nor a former snapshot (no security-groups.json)',
    },
    { why: 'a file is no folder', path: '', message: 'is a file, not a folder' },
  ])('$why: refused before and while writing, and left alone', async ({ path, message }) => {
    await (path === '' ? writeFile(at.folder, 'mine') : at.put(path));
    const before = await at.everything();
    await expect(checkTarget(at.folder)).rejects.toThrow(message);
    await expect(writeFolder(await some(), at.folder)).rejects.toThrow(message);
    expect(await at.everything()).toEqual(before);
  });

  test.each([
    { why: 'missing, with its parents', make: () => (at.folder = join(at.parent, 'a/b/inventory')) },
    { why: 'empty', make: () => mkdir(at.folder) },
  ])('$why: written', async ({ make }) => {
    await make();
    await writeFolder(await some(), at.folder);
    expect(await readdir(at.folder)).toHaveLength(FILES.length);
  });

  test('a file of another kind under a name of ours is kept beside, and said', async () => {
    await at.put('security-groups.json');
    await at.put('vpcs.json/mine.txt');
    await expect(writeFolder(await some(), at.folder)).rejects.toThrow(
      /other files are left in .*\.inventory\.former-/,
    );
    const files = Object.keys(await at.everything());
    expect(files).toContainEqual(expect.stringMatching(/^\.inventory\.former-.*\/vpcs\.json\/mine\.txt$/));
  });

  test('where the new one cannot take the place, the former one is back', async () => {
    await at.put('security-groups.json');
    const before = await at.everything();
    const former = join(at.parent, 'former');
    expect(() => putInPlace(join(at.parent, 'missing'), at.folder, former)).toThrow('ENOENT');
    expect(await at.everything()).toEqual(before);
  });
});
