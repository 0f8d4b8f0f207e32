import { spawnSync } from 'node:child_process';
import { appendFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { findLogFiles } from '../../../../services/command-line/files/find-log-files.ts';
import { localLogFile, stateOf, type LogFile } from '../../../../services/command-line/files/log-files.ts';
import { runMain } from '../program.ts';
import { scratch } from '../scratch.ts';
import { INVENTORY, logOf, recordLine } from '../small-account.ts';

const folder = scratch();
const good = logOf(recordLine(1), recordLine(2));

describe('a file that changes while it is read', () => {
  /** More than is read at once. */
  const LARGE = 'x'.repeat(2 ** 20);
  const found = async (): Promise<LogFile> => {
    await folder.write({ 'a.log': LARGE });
    utimesSync(folder.path('a.log'), 5, 5);
    return localLogFile(folder.path('a.log'), await stateOf(folder.path('a.log')));
  };
  const CHANGED = 'a.log: it changed while it was read';

  test.each<[how: string, change: (path: string) => void]>([
    ['cut', (path) => truncateSync(path, 300_000)],
    ['longer', (path) => appendFileSync(path, 'x')],
    ['written anew', (path) => writeFileSync(path, LARGE)],
  ])('fails, be it %s', async (_, change) => {
    const file = await found();
    const read = async (): Promise<void> => {
      let first = true;
      for await (const chunk of file.chunks()) {
        expect(chunk.length).toBeGreaterThan(0);
        if (first) change(folder.path('a.log'));
        first = false;
      }
    };
    await expect(read()).rejects.toThrow(CHANGED);
    const buffered = (await found()).withBuffer(() => {
      change(folder.path('a.log'));
      return Promise.resolve();
    });
    await expect(buffered).rejects.toThrow(CHANGED);
  });

  test('fails also where it changed between two readings, and for who reads it by its path', async () => {
    const file = await found();
    await file.mustBeUnchanged?.();
    truncateSync(folder.path('a.log'), 300_000);
    await expect(file.mustBeUnchanged?.()).rejects.toThrow(CHANGED);
  });
});

describe('of files in a folder', () => {
  const names = async (...paths: string[]) => {
    const { files, copies, notRead } = await findLogFiles(paths.map((path) => folder.path(path)));
    const below = (name: string): string => name.replaceAll(`${folder.path('.')}/`, '');
    return { files: files.map(({ name }) => below(name)), copies: copies.map(below), notRead: notRead.map(below) };
  };
  const AWS = '111122223333_vpcflowlogs_eu-central-1_fl-0a_20260112T0005Z_0a1b.log';

  test('each is read once, by whatever ways it is found', async () => {
    await folder.write({ 'logs/a.log': good, 'logs/b/a.log': good, [`logs/${AWS}`]: good });
    await folder.write({ [`logs/b/${AWS}.gz`]: gzipSync(good) });
    symlinkSync('a.log', folder.path('logs/c.log'));
    expect(await names('logs', 'logs/a.log', 'logs/b')).toEqual({
      files: [`logs/a.log`, `logs/b/${AWS}.gz`, 'logs/b/a.log'],
      copies: [`logs/${AWS}`],
      notRead: [],
    });
  });

  test('one that lies packed beside itself is read once; with another content both are', async () => {
    await folder.write({ 'logs/a.log': good, 'logs/a.log.gz': gzipSync(good), 'logs/b.log': good });
    await folder.write({ 'logs/b.log.gz': gzipSync(logOf(recordLine(3))) });
    expect(await names('logs')).toEqual({
      files: ['logs/a.log.gz', 'logs/b.log', 'logs/b.log.gz'],
      copies: ['logs/a.log'],
      notRead: [],
    });
  });

  test.each([
    ['analyze', '--out'],
    ['reconcile', '--day'],
  ])('%s names a pipe as not read, and does not wait for it', async (command, option) => {
    await folder.write({ ...INVENTORY, 'logs/a.log': good });
    for (const name of ['b.log', 'real']) spawnSync('mkfifo', [folder.path(`logs/${name}`)]);
    symlinkSync('real', folder.path('logs/c.log'));
    const why = ' (a pipe, a socket or a device, not an ordinary file)';
    const notRead = ['b.log', 'c.log', 'real'].map((name) => `logs/${name}${why}`);
    expect(await names('logs')).toEqual({ files: ['logs/a.log'], copies: [], notRead });
    const from = ['--inventory', folder.path('inventory'), '--logs'];
    const more = [option, option === '--day' ? '2026-01-12' : folder.path('out')];
    expect(await runMain([command, ...from, folder.path('logs'), ...more])).toMatchObject({ status: 0, stderr: '' });
    const alone = await runMain([command, ...from, folder.path('logs/b.log'), ...more]);
    expect(alone).toEqual({
      status: 1,
      stdout: '',
      stderr: `stale-sg: ${folder.path('logs/b.log')}:${why.replace(/[()]/g, '')}\n`,
    });
  });
});
