import { spawnSync } from 'node:child_process';
import { appendFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { findLogFiles } from '../../../../services/command-line/files/find-log-files.ts';
import { localLogFile, stateOf, type LogFile } from '../../../../services/command-line/files/log-files.ts';
import { fileNotes, readLogFile } from '../../../../services/command-line/files/read-log-file.ts';
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
    return localLogFile(folder.path('a.log'), stateOf(folder.path('a.log')));
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
    file.mustBeUnchanged?.();
    truncateSync(folder.path('a.log'), 300_000);
    expect(() => file.mustBeUnchanged?.()).toThrow(CHANGED);
  });
});

describe('the flow log of a transit gateway', () => {
  const TRANSIT = 'version resource-type account-id tgw-id\n6 TransitGateway 111122223333 tgw-1\n';
  const SINK = { record: () => undefined, malformed: () => undefined };
  const reading = async (...paths: string[]) => {
    const { files } = await findLogFiles(paths.map((path) => folder.path(path)));
    return Promise.all(files.map((file) => readLogFile(file, SINK)));
  };

  test('is left out where a folder holds it, and an error where it was named', async () => {
    await folder.write({ 'logs/a.log': TRANSIT });
    expect(await reading('logs')).toEqual([undefined]);
    await expect(reading('logs/a.log')).rejects.toThrow(/logs\/a\.log: .*resource-type/);
  });
});

test('of files that were not read, or not wholly, the first of each kind is named', () => {
  const read = { otherLogs: ['t1', 't2'], withoutStatus: ['s1'], otherDays: 0 };
  expect(
    fileNotes({ notRead: ['n1'], copies: ['c1', 'c2', 'c3'], otherFolders: ['s3://b/AWSLogs/1/CloudTrail/'] }, read),
  ).toEqual([
    '2 files of transit gateways or of Cloud WAN left out, the first: t1',
    '1 file not read, though by their names they may be logs, the first: n1',
    '1 folder of other services of AWS not looked into, the first: s3://b/AWSLogs/1/CloudTrail/',
    '3 files left out, for another copy of the same object is read, the first: c1',
    '1 file without the field log-status, or in OCSF, in which nobody can tell where records were skipped, the first: s1',
  ]);
  expect(fileNotes({ notRead: [], copies: [] }, { otherLogs: [], withoutStatus: [], otherDays: 0 })).toEqual([]);
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

  test('what another program left beside them is named, and no more', async () => {
    await folder.write({ 'logs/a.log': good, 'logs/._a.log.gz': 'x', 'logs/.DS_Store': 'x', 'logs/a.bin': 'x' });
    expect(await names('logs')).toEqual({
      files: ['logs/a.log'],
      copies: [],
      notRead: ['logs/._a.log.gz', 'logs/a.bin'],
    });
  });

  test('tables of a run before are no flow logs, and are named', async () => {
    await folder.write({ 'logs/a.log': good, 'logs/out/rules.parquet': 'x', 'logs/out/usage.parquet': 'x' });
    expect(await names('logs')).toEqual({
      files: ['logs/a.log'],
      copies: [],
      notRead: ['logs/out/rules.parquet', 'logs/out/usage.parquet'],
    });
  });

  test('those without a suffix, or called .json, are read if they begin as a flow log, in whatever form', async () => {
    const line = recordLine(1);
    const LARGE = logOf(...Array.from({ length: 5000 }, (_, i) => recordLine(i)));
    const words = 'this file has fourteen words and none of them is any field of logs';
    await folder.write({
      'logs/a.gz': gzipSync(good),
      'logs/b': `2026-01-12T00:01:00.000Z ${line}\n`,
      'logs/c': gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ message: line }] })),
      'logs/d': good.slice(0, good.indexOf('\n') + 1),
      'logs/e': `\ufeff\n${good}`,
      // Of it more is missing here than was looked at, and of the next one for whoever reads it: that one says so.
      'logs/f': gzipSync(gzipSync(LARGE, { level: 0 })),
      'logs/g': gzipSync(LARGE).subarray(0, -9),
      'logs/h.json': JSON.stringify({ message: line }),
      'logs/inventory.json': JSON.stringify({ FlowLogs: [] }),
      'logs/no-0': words,
      'logs/no-1': JSON.stringify({ message: 'GET / 200' }),
      'logs/no-2.txt.gz': gzipSync(words),
      'logs/no-3': '',
      'logs/no-4': gzipSync(good).subarray(0, 12),
      'logs/no-5': '{"a":',
      'logs/no-6.part': good,
      'logs/._a': good,
      'logs/aws-logs-write-test': 'Permission Check Successful',
    });
    const { files, notRead } = await names('logs');
    expect(files).toEqual(['a.gz', 'b', 'c', 'd', 'e', 'f', 'g', 'h.json'].map((name) => `logs/${name}`));
    const none = ['no-0', 'no-1', 'no-2.txt.gz', 'no-3', 'no-4', 'no-5', 'no-6.part'].map((name) => `logs/${name}`);
    expect(notRead).toEqual(['logs/._a', ...none]);
  });

  test('those of an Iceberg table are refused: its metadata tell which of them count', async () => {
    await folder.write({ 'table/data/a.parquet': 'x', 'table/metadata/00001-0a.metadata.json': {} });
    await expect(names('table')).rejects.toThrow('00001-0a.metadata.json: an Iceberg table, whose metadata tell');
    expect((await names('table/data')).files).toEqual(['table/data/a.parquet']);
  });

  test('a linked folder must be named by itself', async () => {
    await folder.write({ 'logs/a.log': good, 'more/b.log': good });
    symlinkSync(folder.path('more'), folder.path('logs/more'));
    await expect(names('logs')).rejects.toThrow('logs/more: a linked folder; name it as a path of its own');
    expect((await names('logs/more')).files).toEqual(['logs/more/b.log']);
  });

  test('one that was named by itself is known to be so, in whatever order the paths are', async () => {
    await folder.write({ 'logs/a.log': good, 'logs/b.log': good });
    const namedAmong = async (...paths: string[]) =>
      (await findLogFiles(paths.map((path) => folder.path(path)))).files.map(({ isNamed }) => isNamed === true);
    expect(await namedAmong('logs', 'logs/a.log')).toEqual([true, false]);
    symlinkSync('logs/b.log', folder.path('0.log'));
    expect(await namedAmong('logs', '0.log')).toEqual([true, false]);
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
