// Costs about 20 seconds.
/**
 * A disk that is nearly full takes a part of what is written, and says nothing. Here on two real ones: a small `tmpfs`,
 * where this user may mount one, and a limit on the size of files (`ulimit -f`), which cuts a write in the same way and
 * needs no rights. The names of the tests say on which they ran.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { filesUnder, generated, removeScratchFolders } from '../generate-account/generated.ts';
import { runMain, type Run } from './program.ts';
import { scratch } from './scratch.ts';

jest.setTimeout(180_000);
const BIN = join(import.meta.dirname, '../../../services/command-line/bin/stale-sg.js');
const KNOWN = ['--rules-known-since', '2025-06-01'];
const DAY = '2026-01-05';

const folder = scratch('block');
const disk = (): string => folder.path('disk');
const whole = (): string => folder.path('whole');
let account = '';

beforeAll(async () => {
  account = (await generated({ records: 4000, minutes: 2880, deliveryMinutes: 60, seed: 7, rules: 300 })).out;
  mkdirSync(disk());
  mkdirSync(whole());
  // A byte that is not ASCII: of such a file `reconcile` makes a copy.
  mkdirSync(folder.path('text'));
  const logs = filesUnder(join(account, 'logs')).filter((name) => name.includes(DAY.replaceAll('-', '/')));
  const lines = logs.flatMap((name) =>
    gunzipSync(readFileSync(join(account, 'logs', name)))
      .toString()
      .split('\n'),
  );
  const header = lines[0]!;
  const ofOneFormat = lines.filter((line) => line !== '' && line.split(' ').length === header.split(' ').length);
  writeFileSync(folder.path('text/a.log'), [...ofOneFormat, 'é', ''].join('\n'));
  for (const args of [analyzeInto(whole()), planInto(whole())]) {
    expect(await runMain(args)).toMatchObject({ status: 0, stderr: '' });
  }
});
afterAll(removeScratchFolders);

function analyzeInto(place: string): string[] {
  const from = ['--inventory', join(account, 'inventory'), '--logs', join(account, 'logs')];
  return ['analyze', ...from, '--out', join(place, 'out'), ...KNOWN];
}

function planInto(place: string): string[] {
  const from = ['--report', join(whole(), 'out/usage.json'), '--evidence', join(whole(), 'out')];
  const inventory = ['--inventory', join(account, 'inventory'), '--min-days', '1'];
  return ['plan', ...from, ...inventory, '--out', join(place, 'plan'), ...KNOWN];
}

const RECONCILE = (): string[] => {
  const from = ['--inventory', join(account, 'inventory'), '--logs', folder.path('text')];
  return ['reconcile', ...from, '--day', DAY];
};

/** Whole kibibytes of the file. */
function kibOf(path: string): number {
  return Math.floor(statSync(path).size / 1024);
}

/** One line that names a file, and says why. */
function failedFor(name: string, cause = 'no space left on device'): unknown {
  return {
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^stale-sg: [^\\n]*${name}[^\\n]*: .*${cause}.*\\n$`)),
  };
}

const contents = (place: string): string[][] =>
  filesUnder(place)
    .filter((name) => !name.includes('evidence'))
    .map((name) => [name, readFileSync(join(place, name), 'base64')]);

describe('with a limit on the size of files', () => {
  const limited = (kib: number, args: readonly string[]): Run => {
    const limit = `trap '' XFSZ; ulimit -f ${String(kib)}; exec "$@"`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', limit, 'bash', process.execPath, BIN, ...args], {
      encoding: 'utf8',
    });
    return { status: status ?? -1, stdout, stderr };
  };

  test('a report that comes up short fails, and the former one stays', async () => {
    await folder.write({ 'limited/out/usage.json': 'old', 'limited/out/usage.csv': 'old' });
    const run = limited(kibOf(join(whole(), 'out/report.html')) - 1, analyzeInto(folder.path('limited')));
    // Both are about as large.
    expect(run).toEqual(failedFor('(?:usage[.]json|report[.]html)', 'file too large'));
    expect(filesUnder(folder.path('limited'))).toEqual(['out/usage.csv', 'out/usage.json']);
    expect(readFileSync(folder.path('limited/out/usage.json'), 'utf8')).toBe('old');
  });

  test('a plan that comes up short fails, and nothing of it is there', () => {
    const run = limited(kibOf(join(whole(), 'plan/plan.json')) - 1, planInto(folder.path('limited')));
    expect(run).toEqual(failedFor('plan.json', 'file too large'));
    expect(readdirSync(folder.path('limited/plan'))).toEqual([]);
  });

  test('a store that comes up short is named', () => {
    const from = ['--inventory', join(account, 'inventory'), '--logs', folder.path('text')];
    const run = limited(64, ['watch', '--once', ...from, '--store', folder.path('store.db')]);
    expect({ ...run, stdout: '' }).toEqual(failedFor('store[.]db', ''));
  });

  test('a copy that comes up short fails, and is named by its original', () => {
    expect(limited(kibOf(folder.path('text/a.log')) - 1, RECONCILE())).toEqual(
      failedFor('text/a[.]log', 'file too large'),
    );
  });
});

/** In a mount namespace of its own: nobody else sees the disk, and it goes with the process. */
const MOUNTED = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size="$1"k tmpfs "$2" && shift 2 && exec "$@"', 'sh'];
const canMount = spawnSync('unshare', [...MOUNTED, '64', '/mnt', 'true']).status === 0;
const onSmallDisk = canMount ? describe : describe.skip;

onSmallDisk(
  canMount ? 'on a small tmpfs' : 'on a small tmpfs, which this user may not mount: the limit above is all',
  () => {
    /** What came of a call, and what lies on the disk after it. */
    const onDisk = (kib: number, args: readonly string[], environment: Record<string, string> = {}) => {
      const kept = folder.path(`kept-${String(kib)}`);
      mkdirSync(kept);
      const call = '"$@"; status=$?; cp -r . "$KEPT" || exit 99; exit $status';
      const run = ['sh', '-c', `cd "$DISK"; ${call}`, 'sh', process.execPath, BIN, ...args];
      const { status, stdout, stderr } = spawnSync('unshare', [...MOUNTED, String(kib), disk(), ...run], {
        encoding: 'utf8',
        env: { ...process.env, DISK: disk(), KEPT: kept, ...environment },
      });
      return { run: { status: status ?? -1, stdout, stderr }, left: contents(kept) };
    };

    test.each([
      ['a report', 'out', analyzeInto, [0.9]],
      ['a plan', 'plan', planInto, [0.3, 0.95, 1.3]],
    ])('%s is there as a whole, or the command has failed and nothing of it is there', (_, name, argsOf, shares) => {
      const expected = contents(whole()).filter(([path]) => path!.startsWith(name));
      const needed = filesUnder(join(whole(), name)).reduce(
        (sum, path) => sum + 4 * Math.ceil(statSync(join(whole(), name, path)).size / 4096),
        0,
      );
      const runs = shares.map((share) => onDisk(Math.ceil(needed * share), argsOf(disk())));
      for (const { run, left } of runs) {
        if (run.status === 0) expect(left).toEqual(expected);
        else expect({ run, left }).toEqual({ run: failedFor(`disk/${name}/`), left: [] });
      }
      expect(runs.map(({ run }) => run.status)).toEqual(shares.map((share) => (share < 1 ? 1 : 0)));
    });

    test('a copy for which TMPDIR has no room fails, and is named by its original', () => {
      const needed = kibOf(folder.path('text/a.log'));
      const run = (share: number): Run => onDisk(Math.ceil(needed * share), RECONCILE(), { TMPDIR: disk() }).run;
      expect(run(0.97)).toEqual(failedFor('text/a[.]log'));
      expect(run(2)).toMatchObject({ status: 0, stderr: '' });
    });
  },
);
