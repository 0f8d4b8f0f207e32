// Costs about 20 seconds.
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { scratchName } from '../../../../../shared/disk/scratch.ts';
import type { UsageReport } from '../../../../../shared/reports/schema.ts';
import { runBin, runMain, SAMPLE, type Run } from '../../program.ts';
import { scratch, writtenFor } from '../../scratch.ts';
import { HEADER } from '../../small-account.ts';

jest.setTimeout(120_000);
const folder = scratch();
const DAY = '2026-01-13';
const INVENTORY = join(SAMPLE, 'inventory');
const LOGS = join(SAMPLE, 'logs');
const ofDay = (day: string): string => `AWSLogs/111122223333/vpcflowlogs/eu-central-1/${day.replaceAll('-', '/')}`;

type Counted = Pick<UsageReport, 'records' | 'rules'>;

const reconcile = (...more: string[]): Promise<Run> =>
  runMain(['reconcile', '--inventory', INVENTORY, '--logs', folder.path('logs'), '--day', DAY, ...more]);
const intoStore = (): Promise<Run> => reconcile('--store', folder.path('usage.db'));
const watchOnce = (): Promise<Run> =>
  runMain([
    'watch',
    '--once',
    '--inventory',
    INVENTORY,
    '--logs',
    folder.path('logs'),
    '--store',
    folder.path('usage.db'),
  ]);
const usage = async (): Promise<Counted> =>
  JSON.parse((await runMain(['usage', '--store', folder.path('usage.db'), '--json'])).stdout) as Counted;

/** What the night knows more: that a reading rests on a SYN. */
const withoutInferred = (report: unknown): unknown =>
  JSON.parse(JSON.stringify(report, (name, value: unknown) => (name === 'inferredTimes' ? 0 : value)));
const inferred = ({ rules }: Counted): number => rules.reduce((sum, { inferredTimes }) => sum + inferredTimes, 0);
/** And that the answer of the parcel service, which alone is a SYN-ACK that nothing explains, has a SYN. */
const withSynOfAnswer = <T extends Counted>(streamed: T): T => {
  const { possible, unexplained } = streamed.records;
  return { ...streamed, records: { ...streamed.records, possible: possible + 1, unexplained: unexplained - 1 } };
};

beforeEach(() => {
  cpSync(LOGS, folder.path('logs'), { recursive: true });
});

describe('a day in the store', () => {
  test('counts the same as it was streamed where nothing more is to be seen, however often it is run', async () => {
    await watchOnce();
    const streamed = await usage();
    for (let i = 0; i < 3; i++) {
      const { status, stdout, stderr } = await intoStore();
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('Reconciled 125 records');
      expect(stdout).toContain('Drift      0.00 % of what was credited, in 0 rules');
      expect(withoutInferred(await usage())).toEqual(withoutInferred(withSynOfAnswer(streamed)));
    }
    // One connection of the sample has its SYN in another record.
    expect([inferred(streamed), inferred(await usage())]).toEqual([inferred(streamed), inferred(streamed) - 1]);
    // One file of evidence, that of the last run.
    expect(await folder.filesIn('usage.db-evidence')).toHaveLength(1);
  });

  test('that was never streamed counts as it was read', async () => {
    const { status, stdout } = await intoStore();
    expect([status, stdout.includes('nothing was streamed')]).toEqual([0, true]);
    expect(await usage()).toMatchObject({ records: { total: 125 } });
  });

  test('of which files are gone stays as it was streamed', async () => {
    await watchOnce();
    const streamed = await usage();
    const [first] = await folder.filesIn(`logs/${ofDay(DAY)}`);
    rmSync(folder.path(`logs/${ofDay(DAY)}/${first!}`));
    const { status, stderr } = await intoStore();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^stale-sg: \S+usage\.db: \d+ records were read, 125 were streamed/);
    expect(await usage()).toEqual(streamed);
    expect(await folder.filesIn('usage.db-evidence')).toEqual([]);
  });

  test('shows at once what is counted of it after that, until a night has read that too', async () => {
    const [first] = await folder.filesIn(`logs/${ofDay(DAY)}`);
    const [late, elsewhere] = [folder.path(`logs/${ofDay(DAY)}/${first!}`), folder.path('late')];
    renameSync(late, elsewhere);
    await watchOnce();
    expect((await intoStore()).status).toBe(0);
    const { records } = await usage();
    renameSync(elsewhere, late);
    expect((await watchOnce()).stdout).toMatch(/^1 files, \d+ records counted/);
    const whole = await usage();
    expect(whole.records.total).toBeGreaterThan(records.total);
    expect((await intoStore()).stdout).toContain('Reconciled 125 records');
    expect(withoutInferred(await usage())).toEqual(withoutInferred(withSynOfAnswer(whole)));
  });

  test('keeps the evidence of the run that counts, and nothing of runs that were replaced or killed', async () => {
    const day = `usage.db-evidence/day=${DAY}`;
    const killed = scratchName().replace(/-\d+-/, '-99999999-');
    await intoStore();
    const [first] = await folder.filesIn(day);
    await folder.write({ [`${day}/.${killed}`]: 'half' });
    await intoStore();
    const left = await folder.filesIn(day);
    expect(left).toEqual([expect.stringMatching(/^part-000-[0-9a-z]+[.]parquet$/)]);
    expect(left).not.toEqual([first]);
  });

  test('does not change what is said of other days', async () => {
    await watchOnce();
    const before = await usage();
    await intoStore();
    const after = await usage();
    expect(after.records.total).toBe(before.records.total);
  });
});

describe('reports of the day', () => {
  test('are those of analyze on the same records', async () => {
    const { status } = await reconcile('--out', folder.path('night'));
    expect(status).toBe(0);
    expect(await folder.filesIn('night')).toEqual(writtenFor(DAY));
    const only = ['--logs', folder.path(`logs/${ofDay(DAY)}`), '--out', folder.path('streamed')];
    await runMain(['analyze', '--inventory', INVENTORY, ...only]);
    const [night, streamed] = (await Promise.all(
      ['night', 'streamed'].map(async (name) => JSON.parse(await folder.read(`${name}/usage.json`)) as UsageReport),
    )) as [UsageReport, UsageReport];
    // Lines that cannot be read are counted at night, and not shown; what it makes of the day is said to be the night's.
    const shown = (report: UsageReport) => {
      const days = report.days.map((one) => ({ ...one, source: 'either' }));
      // Nor of which account they are: the rows add up all the same.
      const totals = (report.accounts ?? []).map(({ records }) => records?.total ?? Number.NaN);
      expect(totals.reduce((sum, total) => sum + total, 0)).toBe(report.records.total);
      return withoutInferred({ ...report, accounts: [], malformedSamples: [], days });
    };
    expect(night.days.map(({ source }) => source)).toEqual(['reconciled']);
    expect(shown(night)).toEqual(shown(withSynOfAnswer(streamed)));
  });
});

test('what a killed run has left in TMPDIR goes with the next', async () => {
  const place = folder.path('temporary');
  mkdirSync(place);
  const args = ['reconcile', '--inventory', INVENTORY, '--logs', folder.path('logs'), '--day', DAY];
  const seen = (): string[] => readdirSync(place);
  const killed = await runBin(args, {
    environment: { TMPDIR: place },
    started: (child) => {
      const timer = setInterval(() => {
        if (seen().length > 0) child.kill('SIGKILL');
      }, 1);
      child.once('close', () => clearInterval(timer));
    },
  });
  expect([killed.status, seen()]).toEqual(['SIGKILL', [expect.stringMatching(/^stale-sg-/)]]);
  expect(await runBin(args, { environment: { TMPDIR: place } })).toMatchObject({ status: 0, stderr: '' });
  expect(seen()).toEqual([]);
});

describe('refused, in one line:', () => {
  test.each([
    ['a day of which there is nothing', ['--day', '2026-03-01'], 'no flow log record of 2026-03-01'],
    ['logs in S3', ['--logs', 's3://bucket/prefix'], 's3://bucket/prefix: reconcile reads local files'],
  ])('%s', async (_, args, message) => {
    const { status, stderr } = await reconcile(...args);
    expect([status, stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toContain(message);
  });

  test('a damaged file, by its name', async () => {
    const name = `logs/${ofDay(DAY)}/111122223333_vpcflowlogs_eu-central-1_fl-0a1b2c3d4e5f60002_20260113T2000Z_0badbad0.log.gz`;
    await folder.write({ [name]: gzipSync('version account-id interface-id\n'.repeat(100)).subarray(0, 40) });
    const { status, stderr } = await reconcile();
    expect([status, stderr.includes('0badbad0')]).toEqual([1, true]);
  });

  test('a file of which no line can be read, by its name', async () => {
    await folder.write({ 'logs/bad.log': `${HEADER}\n1\n2\n3\n` });
    const { status, stderr } = await reconcile();
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^stale-sg: \S+logs\/bad[.]log: none of its 3 lines can be read, the first: 2: .*\n$/),
    ]);
  });

  test('a day that is none', async () => {
    const { status, stderr } = await reconcile('--day', '2026-02-30');
    expect([status, stderr.includes('Give a day')]).toEqual([2, true]);
  });
});
