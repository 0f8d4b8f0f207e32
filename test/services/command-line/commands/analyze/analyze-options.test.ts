import { readFile, symlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { UsageReport } from '../../../../../shared/reports/schema.ts';
import type { VerdictKind } from '../../../../../shared/verdicts/verdict.ts';
import { analyzeSample, SAMPLE_LOGS, sampleLogs } from '../../analyze-sample.ts';
import { runMain } from '../../program.ts';
import { EXPECTED, EXPECTED_RECORDS } from '../../sample-expectations.ts';
import { scratch } from '../../scratch.ts';

const folder = scratch();

async function analyzed(more: readonly string[], logs?: readonly string[]): Promise<UsageReport & { stdout: string }> {
  const { status, stdout, stderr } = await runMain(analyzeSample(folder.path('out'), more, logs));
  expect([status, stderr]).toEqual([0, '']);
  return { ...(JSON.parse(await readFile(folder.path('out/usage.json'), 'utf8')) as UsageReport), stdout };
}

const short = (ruleId: string): string => ruleId.slice(-5);

/** The sample's rules by verdict, where one of the expected verdicts became another. */
function kindsWhere(become: Partial<Record<VerdictKind, VerdictKind>>): Record<string, VerdictKind> {
  const kinds = [...EXPECTED].map(([ruleId, { verdict }]) => [short(ruleId), become[verdict.kind] ?? verdict.kind]);
  return Object.fromEntries(kinds) as Record<string, VerdictKind>;
}
function kindsOf({ rules }: UsageReport): Record<string, VerdictKind> {
  return Object.fromEntries(rules.map(({ ruleId, verdict }) => [short(ruleId), verdict.kind]));
}

describe('--rules-known-since', () => {
  test('left out: how old a rule is, is unknown', async () => {
    const report = await analyzed([]);
    for (const { verdict, why } of report.rules) {
      if (!('ageUnknown' in verdict)) continue;
      expect(verdict.ageUnknown).toBe(true);
      expect(why).toMatch(/how old the rule is, is unknown/);
    }
    expect(kindsOf(report)).toEqual(kindsWhere({}));
  });

  test('the first day of the window: the rules are old enough, and their age is known', async () => {
    const report = await analyzed(['--rules-known-since', '2026-01-12']);
    expect(report.ageKnownSince).toBe('2026-01-12T00:00:00Z');
    expect(kindsOf(report)).toEqual(kindsWhere({}));
    for (const { verdict } of report.rules) if ('ageUnknown' in verdict) expect(verdict.ageUnknown).toBe(false);
    expect(JSON.stringify(report)).not.toMatch(/age is unknown|is, is unknown/);
  });

  test('a second later: too young for a verdict, and nothing used is redundant', async () => {
    const report = await analyzed(['--rules-known-since', '2026-01-12T00:00:01Z']);
    expect(kindsOf(report)).toEqual(kindsWhere({ stale: 'tooYoung', unattached: 'tooYoung', redundant: 'active' }));
    const young = report.rules.find(({ verdict }) => verdict.kind === 'tooYoung')!;
    expect(young).toMatchObject({
      verdict: { kind: 'tooYoung', since: '2026-01-12T00:00:01Z' },
      why: 'unused, but the rule is only known since 2026-01-12T00:00:01Z: on 2026-01-16 that is as old as the window',
    });
    expect(report.stdout).toMatch(/^│ tooYoung +│ +7 │/m);
  });
});

describe('--window-days', () => {
  test('more days than were logged: what is unused or redundant is so provisionally, what is used stays so', async () => {
    const report = await analyzed(['--window-days', '30']);
    expect(report).toMatchObject({ windowDays: 30, window: { from: '2025-12-16', to: '2026-01-14' } });
    expect(report.records).toMatchObject(EXPECTED_RECORDS);
    expect(kindsOf(report)).toEqual(kindsWhere({}));
    const reserved = report.rules.filter(({ verdict }) => 'ageUnknown' in verdict);
    expect(reserved.length).toBeGreaterThan(7);
    for (const { verdict } of reserved) {
      expect(verdict).toMatchObject({
        provisional: { watchedDays: 3, windowDays: 30, nextBetterDay: '2026-02-10', wholeOn: '2026-02-10' },
      });
    }
    const bastion = report.rules.find(({ ruleId }) => short(ruleId) === '60402')!;
    expect(bastion.why).toMatch(/; provisional: watched on 3 of 30 days, the next better answer comes on 2026-02-10$/);
    expect(report.growth).toEqual({
      days: 3,
      firstDay: '2026-01-12',
      verdictsOn: null,
      planOn: '2026-02-11',
      wholeOn: '2026-02-10',
    });
    expect(report.stdout).toMatch(/^2025-12-16 to 2026-01-14 \(30 days\)/);
    expect(report.stdout.replaceAll('\n', ' ')).toContain(
      'Provisional: 3 of 30 days are there, the first is 2026-01-12. If every day from now on is watched, next come verdicts over the ' +
        'whole window on 2026-02-10 and the first plan on 2026-02-11.',
    );
  });

  test('one day: only the last one counts, and the last use is told all the same', async () => {
    const report = await analyzed(['--window-days', '1']);
    expect(report).toMatchObject({ windowDays: 1, window: { from: '2026-01-14', to: '2026-01-14' } });
    expect(report.stdout).toMatch(/^2026-01-14 to 2026-01-14 \(1 day\)/);
    const visit = report.rules.find(({ ruleId }) => short(ruleId) === '60102')!;
    expect(visit).toMatchObject({ usedTimes: 0, replyTimes: 0, packets: 0, ports: [], verdict: { kind: 'stale' } });
    expect(visit.lastUsed?.slice(0, 10)).toBe('2026-01-13');
    expect(report.records).toMatchObject(EXPECTED_RECORDS);
  });
});

describe('--as-of', () => {
  test('the end of the first day: what came later is no use', async () => {
    const report = await analyzed(['--as-of', '2026-01-12T23:59:59Z', '--window-days', '1']);
    expect(report).toMatchObject({ asOf: '2026-01-12T23:59:59Z', window: { from: '2026-01-12', to: '2026-01-12' } });
    const kinds = kindsOf(report);
    expect([kinds['60202'], kinds['60102']]).toEqual(['active', 'stale']);
  });

  test('midnight: the day that ended is observed, use in the first second of the new day counts', async () => {
    const report = await analyzed(['--as-of', '2026-01-13', '--window-days', '1']);
    expect(report).toMatchObject({ asOf: '2026-01-13T00:00:00Z', window: { from: '2026-01-12', to: '2026-01-12' } });
    expect(kindsOf(report)['60102']).toBe('active');
  });

  test('long before all records: nothing was observed', async () => {
    const report = await analyzed(['--as-of', '2025-06-30T12:00:00+02:00']);
    expect(report).toMatchObject({ asOf: '2025-06-30T10:00:00Z', windowDays: 3 });
    expect(new Set(Object.values(kindsOf(report)))).toEqual(new Set(['notObserved', 'exempt']));
  });
});

describe('the same records, the same bytes', () => {
  const bytesOf = async (logs: readonly string[]): Promise<string[]> => {
    await analyzed([], logs);
    return Promise.all(['usage.json', 'usage.csv'].map((name) => readFile(folder.path(`out/${name}`), 'utf8')));
  };
  const paths = sampleLogs.map(({ path }) => path);

  test('run twice, into the same folder', async () => {
    expect(await bytesOf([SAMPLE_LOGS])).toEqual(await bytesOf([SAMPLE_LOGS]));
  });

  test('files one by one, in any order', async () => {
    const once = await bytesOf([SAMPLE_LOGS]);
    expect(await bytesOf(paths)).toEqual(once);
    expect(await bytesOf(paths.toReversed())).toEqual(once);
    expect(await bytesOf([...paths.slice(3), ...paths.slice(0, 3)])).toEqual(once);
  });

  test('files that several paths lead to are read once', async () => {
    const once = await bytesOf([SAMPLE_LOGS]);
    expect(await bytesOf([paths[4]!, SAMPLE_LOGS, `${SAMPLE_LOGS}/`, paths[4]!, paths[0]!])).toEqual(once);
    await symlink(paths[0]!, folder.path(basename(paths[0]!)));
    const report = await analyzed([], [SAMPLE_LOGS, folder.path(basename(paths[0]!))]);
    expect(report.records).toMatchObject(EXPECTED_RECORDS);
    expect(report.stdout).toMatch(/, 75 files, /);
  });
});

/** The same records as Parquet: AWS's column types, `-` in text columns, null in numbers. */
function asParquet(text: string): Uint8Array {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const rows = lines.map((line) => line.split(' '));
  const columnData = header.split(' ').map((field, column) => {
    const cells = rows.map((row) => row[column]!);
    const name = field.replaceAll('-', '_');
    if (['packets', 'bytes', 'start', 'end'].includes(field)) {
      return { name, type: 'INT64' as const, data: cells.map((cell) => (cell === '-' ? null : BigInt(cell))) };
    }
    if (['version', 'srcport', 'dstport', 'protocol', 'tcp-flags'].includes(field)) {
      return { name, type: 'INT32' as const, data: cells.map((cell) => (cell === '-' ? null : Number(cell))) };
    }
    return { name, type: 'STRING' as const, data: cells };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

describe('formats', () => {
  const asIs = (text: string): string => text;
  test.each<[why: string, suffixes: Record<string, (text: string) => string | Uint8Array>]>([
    ['all gzip', { '.log.gz': gzipSync }],
    ['all Parquet', { '.log.parquet': asParquet }],
    ['gzip, plain and Parquet by turns', { '.log.gz': gzipSync, '.log': asIs, '.parquet': asParquet }],
  ])('%s: the same figures', async (_why, suffixes) => {
    const forms = Object.entries(suffixes);
    for (const [i, { path, text }] of sampleLogs.entries()) {
      // A line that was cut is in no Parquet file: that file stays text.
      const isCut = path.includes('20260113T1205Z_e8127f6c');
      const [suffix, form] = isCut ? (['.log', asIs] as const) : forms[i % forms.length]!;
      await folder.write({ [`logs/${i % 2}/${basename(path, '.log')}${suffix}`]: form(text) });
    }
    await folder.write({ 'logs/README.md': 'no log', 'logs/list.csv': 'no log' });
    const mixed = await analyzed([], [folder.path('logs')]);
    const plain = await analyzed([]);
    expect(mixed.records).toEqual(plain.records);
    expect(mixed.rules).toEqual(plain.rules);
    expect(mixed.rejectedFlows).toEqual(plain.rejectedFlows);
  });

  test('a file given by name is read whatever its name', async () => {
    // Of one flow log: names that tell no log leave no log to set aside.
    const [one, other] = sampleLogs.filter(({ path }) => /60002_20260112T(?:0005|0910)Z/.test(path));
    await folder.write({ 'odd name.txt': one!.text, 'gzip named so': gzipSync(other!.text) });
    const odd = await analyzed([], [folder.path('odd name.txt'), folder.path('gzip named so')]);
    const plain = await analyzed([], [one!.path, other!.path]);
    expect(odd.records.total).toBe(plain.records.total);
    expect(odd.rules).toEqual(plain.rules);
    expect(odd.stdout).toMatch(/, 2 files, /);
  });
});
