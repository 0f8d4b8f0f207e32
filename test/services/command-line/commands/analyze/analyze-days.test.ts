import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { filesBelow } from '../../../../../services/command-line/files/log-files.ts';
import type { UsageReport } from '../../../../../shared/reports/schema.ts';
import { analyzeSample, SAMPLE_LOGS } from '../../analyze-sample.ts';
import { FakeBucket } from '../../files/fake-bucket.ts';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';
import { HEADER, INVENTORY, recordLine } from '../../small-account.ts';

const folder = scratch();

async function reported(args: readonly string[]): Promise<UsageReport> {
  const { status, stderr } = await runMain(args);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(await readFile(folder.path('out/usage.json'), 'utf8')) as UsageReport;
}

const sample = (more: readonly string[], logs?: readonly string[]) =>
  reported(analyzeSample(folder.path('out'), more, logs));

/** Without what tells of files, and of the run. */
const figures = (report: UsageReport): object => ({ ...report, malformedSamples: [], inventoryProblems: [] });

test('each record counts on its day, whichever file it came in, and days add up to all', async () => {
  const all = await sample([]);
  let total = 0;
  for (const day of ['2026-01-12', '2026-01-13', '2026-01-14']) {
    const { records, window, windowDays, inventoryProblems } = await sample(['--from', day, '--to', day]);
    total += records.total;
    expect([window, windowDays]).toEqual([{ from: day, to: day }, 1]);
    expect(inventoryProblems).toContainEqual(
      expect.stringMatching(`^only ${day} to ${day} asked for: [0-9,]+ lines of other days left out$`),
    );
  }
  expect(total).toBe(all.records.total);
});

test('the days of a bucket are as those of a folder', async () => {
  const { flowLogs } = await filesBelow(SAMPLE_LOGS);
  const paths = new Map(flowLogs.map(({ path }) => [`central/${relative(SAMPLE_LOGS, path)}`, path]));
  const keys = [...paths.keys()].sort();
  const body = (key: string): Promise<Uint8Array> => Promise.resolve(readFileSync(paths.get(key)!));
  const size = (key: string): number => readFileSync(paths.get(key)!).length;
  const bucket = new FakeBucket({ length: keys.length, at: (i) => keys[i]! }, body, size);
  const days = ['--from', '2026-01-13', '--to', '2026-01-14'];
  const remote = await sample(days, ['s3://logs/central']);
  expect(figures(remote)).toEqual(figures(await sample(days)));
  expect(bucket.gets.length).toBeLessThan(keys.length);
  for (const { IfMatch } of bucket.gets) expect(IfMatch).toBe('"e"');
});

test('a record of a day in the file of the next one counts, and one of the day before in its own does not', async () => {
  const name = (time: string) => `logs/111122223333_vpcflowlogs_eu-west-1_fl-0a_${time}_ab.log`;
  const text = (...minutes: number[]) => [HEADER, ...minutes.map((minute) => recordLine(minute)), ''].join('\n');
  await folder.write({
    ...INVENTORY,
    [name('20260111T2255Z')]: 'none that is read',
    [name('20260111T2355Z')]: text(-6, 0),
    [name('20260112T0005Z')]: text(-3, 1, 2),
    [name('20260113T2355Z')]: text(1439, 1440, 2879),
    [name('20260114T0000Z')]: 'none that is read',
  });
  const [inventory, logs, out] = ['inventory', 'logs', 'out'].map((path) => folder.path(path)) as [
    string,
    string,
    string,
  ];
  const args = ['analyze', '--inventory', inventory, '--logs', logs, '--out', out];
  const report = await reported([...args, '--from', '2026-01-12', '--to', '2026-01-12']);
  expect(report.records.attributed).toBe(4);
  expect(report.asOf).toBe('2026-01-12T23:59:59Z');
  expect(report.inventoryProblems).toEqual(['only 2026-01-12 to 2026-01-12 asked for: 4 lines of other days left out']);
  const { days } = JSON.parse(await folder.read('out/evidence/manifest.json')) as { days: object };
  expect(Object.keys(days)).toEqual(['2026-01-12']);
});

test('--dry-run reads nothing', async () => {
  const { status, stdout } = await runMain(analyzeSample(folder.path('out'), ['--from', '2026-01-13', '--dry-run']));
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^\d+ files that can tell of days from 2026-01-13 on, 0.\d MB; nothing was read\nTime +analyze takes about 1 second/,
  );
  expect(await folder.filesIn('out')).toEqual([]);
});

test.each([
  [['--from', '2026-01-14', '--to', '2026-01-13'], '--from 2026-01-14 is after --to 2026-01-13', 1],
  [['--from', '2027-01-14'], 'none of its 75 files can tell of days from 2027-01-14 on', 1],
  [['--from', 'yesterday'], 'Give a day such as 2026-01-31', 2],
  [['--role-arn', 'reader'], 'Give a role such as arn:aws:iam::', 2],
])('%p', async (more, cause, status) => {
  const run = await runMain(analyzeSample(folder.path('out'), more));
  expect([run.status, run.stderr]).toEqual([status, expect.stringContaining(cause)]);
});
