import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { removeScratchFolders } from '../../../generate-account/generated.ts';
import { runMain, runBin, type Run } from '../../program.ts';
import { scratch } from '../../scratch.ts';
import { HEADER, INVENTORY, logOf, recordLine } from '../../small-account.ts';
import { analyzed, analyzedAccount, drop, shownUsage } from '../../watched.ts';

// Processes of their own, on a machine that may be busy.
jest.setTimeout(120_000);
const folder = scratch();
const store = (): string => folder.path('store.db');
const watchOnce = (inventory = folder.path('inventory'), logs = folder.path('logs')): Promise<Run> =>
  runMain(['watch', '--once', '--logs', logs, '--inventory', inventory, '--store', store()]);
const usage = (...more: string[]): Promise<Run> => runMain(['usage', '--store', store(), ...more]);
const records = async (): Promise<unknown> => (await shownUsage(store())).usage.records.total;
afterAll(removeScratchFolders);

describe('watch --once says what analyze says, to the last digit', () => {
  let account: Awaited<ReturnType<typeof analyzedAccount>>;
  beforeAll(async () => {
    account = await analyzedAccount(8000, 120);
  });

  test('of a generated account with several flow logs', async () => {
    expect(account.expected.records.duplicateLog).toBeGreaterThan(0);
    expect((await watchOnce(account.inventory, account.logs)).status).toBe(0);
    expect(await shownUsage(store())).toEqual({ files: account.files.length, usage: account.expected });
  });

  test('whatever the order in which the files come, day by day or log by log, with unreadable lines among them', async () => {
    const logs = folder.path('all');
    cpSync(account.logs, logs, { recursive: true });
    for (const name of account.files.filter((_, i) => i % 9 === 0)) {
      const path = join(logs, name);
      writeFileSync(path, gzipSync(`${gunzipSync(readFileSync(path)).toString()}no such line\nno\n`));
    }
    const expected = await analyzed(account.inventory, logs, folder.path('out'));
    expect(expected.malformedSamples).toHaveLength(20);
    // By a hash of the names; a few at a time.
    const order = account.files.map((name) => name.split('_').reverse().join('_')).sort();
    const names = order.map((name) => name.split('_').reverse().join('_'));
    for (let i = 0; i < names.length; i += 30) {
      for (const name of names.slice(i, i + 30)) drop(join(logs, name), folder.path(`logs/${name}`));
      expect((await watchOnce(account.inventory)).status).toBe(0);
    }
    // By the names that AWS gave: copies in other folders are the same objects.
    const samples = expected.malformedSamples.map((one) => ({ ...one, file: basename(one.file, '.gz') }));
    expect((await shownUsage(store())).usage).toEqual({ ...expected, malformedSamples: samples });
  });
});

describe('a file', () => {
  const good = logOf(recordLine(1), recordLine(2));

  test('counted before is not counted again, nor when it is dropped once more with the same content', async () => {
    await folder.write({ ...INVENTORY, 'logs/a.log': good, 'logs/b.log': logOf(recordLine(3)) });
    expect((await watchOnce()).stdout).toContain('2 files, 3 records counted');
    await folder.write({ 'logs/a.log': good });
    utimesSync(folder.path('logs/a.log'), 5, 5);
    const again = await watchOnce();
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toBe('0 files counted, 2 before, 0 overwritten, 0 unreadable; 0 records\n');
    expect(await records()).toBe(3);
  });

  test.each([
    ['longer', (path: string) => appendFileSync(path, `${recordLine(9)}\n`)],
    ['of the same length', (path: string) => writeFileSync(path, good.replace('203.0.113.9', '203.0.113.8'))],
  ])('overwritten after it was counted, %s, is told and not counted', async (_, change) => {
    await folder.write({ ...INVENTORY, 'logs/a.log': good });
    await watchOnce();
    change(folder.path('logs/a.log'));
    utimesSync(folder.path('logs/a.log'), 5, 5);
    const again = await watchOnce();
    expect([again.status, again.stderr]).toEqual([
      0,
      `stale-sg: ${folder.path('logs/a.log')}: overwritten after it was counted; not counted again\n`,
    ]);
    expect(await records()).toBe(2);
  });

  test('that cannot be read fails alone: the others are counted, and it is counted once it is whole', async () => {
    const whole = gzipSync(good);
    await folder.write({
      ...INVENTORY,
      'logs/a.log.gz': whole.subarray(0, 60),
      'logs/b.log': 'not a flow log\n',
      'logs/c/d.log': good,
      'logs/e.log.parquet': 'PAR1',
      'logs/other.txt': 'left alone',
    });
    const run = await watchOnce();
    expect(run.status).toBe(1);
    const line = run.stderr.split('\n').at(-2);
    expect(line).toMatch(
      /^stale-sg: 3 files not counted: \S+logs\/a\.log\.gz: .*; \S+logs\/b\.log: .*; \S+logs\/e\.log\.parquet: /,
    );
    expect(await records()).toBe(2);
    await folder.write({ 'logs/a.log.gz': whole, 'logs/b.log': logOf(recordLine(5)) });
    expect((await watchOnce()).status).toBe(1);
    expect(await records()).toBe(5);
  });

  test('is known by its path, whatever folder is watched: the same name elsewhere is another one', async () => {
    await folder.write({ ...INVENTORY, 'logs/a.log': good, 'logs/b/a.log': good, 'other/a.log': good });
    await watchOnce();
    expect(await records()).toBe(4);
    symlinkSync('logs', folder.path('link'));
    for (const root of ['logs/b', 'link', '.', 'other']) {
      const run = await watchOnce(
        folder.path('inventory'),
        root === '.' ? folder.path('logs/../logs') : folder.path(root),
      );
      expect([root, run.status, run.stderr]).toEqual([root, 0, '']);
    }
    expect(await records()).toBe(6);
  });

  test('of a name that AWS gave is one object, in whatever folder and packed or not', async () => {
    const name = '111122223333_vpcflowlogs_eu-central-1_fl-0a_20260112T0005Z_0a1b.log';
    await folder.write({ ...INVENTORY, [`logs/${name}`]: good, [`logs/copy/${name}.gz`]: gzipSync(good) });
    await folder.write({ [`other/${name}.gz`]: gzipSync(good) });
    for (const root of ['logs', 'other']) expect((await watchOnce(undefined, folder.path(root))).stderr).toBe('');
    expect(await records()).toBe(2);
  });

  test('packed beside itself is the same, at once or later; with another content it is one of its own', async () => {
    await folder.write({ ...INVENTORY, 'logs/a.log': good, 'logs/a.log.gz': gzipSync(good), 'logs/b.log': good });
    await folder.write({ 'logs/c.log': good, 'logs/c.log.gz': gzipSync(logOf(recordLine(7))) });
    expect((await watchOnce()).stdout).toContain('4 files counted, 1 before');
    renameSync(folder.path('logs/a.log.gz'), folder.path('logs/b.log.gz'));
    rmSync(folder.path('logs/b.log'));
    expect((await watchOnce()).stdout).toContain('0 files counted, 4 before');
    expect(await records()).toBe(7);
  });

  test('that is a pipe is named, and keeps nobody waiting', async () => {
    await folder.write({ ...INVENTORY, 'logs/a.log': good });
    spawnSync('mkfifo', [folder.path('logs/b.log')]);
    const run = await watchOnce();
    expect([run.status, run.stderr]).toEqual([
      0,
      `stale-sg: ${folder.path('logs/b.log')}: a pipe, a socket or a device, not an ordinary file; not read\n`,
    ]);
    expect(await records()).toBe(2);
  });
});

describe('usage', () => {
  const filled = async (): Promise<void> => {
    await folder.write({ ...INVENTORY, 'logs/a.log': logOf(recordLine(1), recordLine(2, 'REJECT')) });
    await watchOnce();
  };

  test('prints one rule, one group or all, as a table or as JSON', async () => {
    await filled();
    const all = JSON.parse((await usage('--json')).stdout) as { rules: { ruleId: string }[] };
    const [{ ruleId }] = all.rules as [{ ruleId: string }];
    expect(all.rules).toEqual([
      expect.objectContaining({ usedTimes: 1, groupId: 'sg-1', lastUsed: '2026-01-12T00:01:59Z' }),
    ]);
    expect(all.rules[0]).not.toHaveProperty('verdict');
    expect(JSON.parse((await usage(ruleId, '--json')).stdout)).toEqual(all);
    expect(JSON.parse((await usage('--group', 'sg-1', '--json')).stdout)).toEqual(all);
    const table = await usage(ruleId);
    expect([table.status, table.stderr]).toEqual([0, '']);
    expect(table.stdout).toContain('1 file, 2 records: 1 rejected, 1 attributed');
    expect(table.stdout).toMatch(new RegExp(`${ruleId} .* in tcp 443 from 0\\.0\\.0\\.0/0 .* 2026-01-12T00:01:59Z`));
  });

  test('of an empty folder holds every rule, unused', async () => {
    await folder.write({ ...INVENTORY, 'logs/other.txt': '' });
    expect((await watchOnce()).status).toBe(0);
    const { rules } = (await shownUsage(store())).usage;
    expect(rules).toEqual([expect.objectContaining({ usedTimes: 0, lastUsed: null, ports: [] })]);
  });

  test.each([
    ['a rule', () => ['sgr-none'], /^stale-sg: .*: no rule sgr-none in this store\n$/],
    ['a group', () => ['--group', 'sg-none'], /^stale-sg: .*: no group sg-none in this store\n$/],
    ['a file', () => ['--store', folder.path('none.db')], /^stale-sg: .*none\.db: no such store; .*\n$/],
    ['a store', () => ['--store', folder.path('logs/a.log')], /^stale-sg: .*a\.log: not a store of stale-sg\n$/],
  ])('fails in one line for %s that is none', async (_, more, says) => {
    await filled();
    const run = await usage(...more());
    expect([run.status, run.stdout]).toEqual([1, '']);
    expect(run.stderr).toMatch(says);
  });
});

describe('wrong usage', () => {
  test.each([
    ['--poll 0', 2, /--poll/],
    ['--poll 1s', 2, /--poll/],
    ['--logs none', 1, /^stale-sg: .*none: no such file or folder\n$/],
    ['--inventory none', 1, /^stale-sg: .*none.*not found\n$/],
  ])('%s', async (more, status, says) => {
    await folder.write({ ...INVENTORY, 'logs/a.log': HEADER });
    const base = ['--logs', folder.path('logs'), '--inventory', folder.path('inventory'), '--store', store()];
    const run = await runMain(['watch', '--once', ...base, ...more.split(' ')]);
    expect([run.status, says.test(run.stderr), existsSync(store())]).toEqual([status, true, false]);
  });
});

describe('watch, left to run', () => {
  test('counts what comes, once it is whole', async () => {
    await folder.write({ ...INVENTORY, 'logs/a.log': logOf(recordLine(1)) });
    const args = ['watch', '--logs', folder.path('logs'), '--inventory', folder.path('inventory')];
    const run = await runBin([...args, '--store', store(), '--poll', '0.5'], {
      started: (child) => {
        let growing: NodeJS.Timeout | undefined;
        child.stdout!.once('data', () => {
          // Written bit by bit, at every look another size.
          let minute = 2;
          writeFileSync(folder.path('logs/b.log'), logOf(recordLine(minute)));
          growing = setInterval(() => {
            appendFileSync(folder.path('logs/b.log'), `${recordLine(++minute)}\n`);
            if (minute === 20) clearInterval(growing);
          }, 100);
          child.stdout!.once('data', () => child.kill('SIGTERM'));
        });
      },
    });
    expect([run.status, run.stderr]).toEqual(['SIGTERM', '']);
    expect(run.stdout.split('\n').map((line) => /^1 files, \d+ records/.exec(line)?.[0])).toEqual([
      '1 files, 1 records',
      '1 files, 19 records',
      undefined,
    ]);
    expect(await records()).toBe(20);
  });
});
