// Costs about a minute.
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import type { UsageReport } from '../../../../../shared/reports/schema.ts';
import { describeWithDynamoDb } from '../../../../beds/describe-with-dynamodb.ts';
import { DATA } from '../../../reconcile-usage/deployed-account.ts';
import { DeployedReport, LAST_DAY, REPORT, RUN } from '../../deployed-report.ts';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(120_000);

const folder = scratch();
const FILES = ['candidates.csv', 'report.html', 'usage.csv', 'usage.json'];

describeWithDynamoDb('the report of a deployment', (dynamo) => {
  let deployed: DeployedReport;
  let reports = 0;
  let text: string;

  beforeEach(async () => {
    deployed = await DeployedReport.start(`reported-${++reports}`, dynamo(), folder);
    await deployed.fill();
    text = await folder.read('out/usage.json');
  });
  afterEach(() => deployed.stop());

  const fetched = (...more: string[]) => deployed.run('report', '--out', folder.path('report'), ...more);
  /** The same report, as of another day: only that tells it from the first. */
  const reportAs = (asOf: string): Buffer => gzipSync(JSON.stringify({ ...(JSON.parse(text) as object), asOf }));
  const asOf = async (): Promise<string> => (JSON.parse(await folder.read('report/usage.json')) as UsageReport).asOf;

  test('is written as analyze would, and its candidates as the mail has them', async () => {
    const run = await fetched();
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toBe(
      [
        `2026-01-01 to ${LAST_DAY}, as of 2026-01-11T00:00:00Z (s3://${DATA}/${REPORT})`,
        '11 rules: 6 stale, 4 redundant, 1 active',
        ...['usage.json', 'usage.csv', 'report.html', 'candidates.csv'].map(
          (name) => `Wrote ${folder.path(`report/${name}`)}`,
        ),
        '',
      ].join('\n'),
    );
    expect(await folder.filesIn('report')).toEqual(FILES);
    for (const name of ['usage.json', 'usage.csv', 'report.html']) {
      expect(await folder.read(`report/${name}`)).toBe(await folder.read(`out/${name}`));
    }
    const candidates = await folder.read('report/candidates.csv');
    expect(candidates).toMatch(/^\ufeffrank,rule_id,/);
    expect(parse(candidates, { bom: true, columns: true })).toHaveLength(10);
  });

  test('is the newest of the newest day that has one, and no other is read', async () => {
    const broken = Buffer.from('not packed');
    const newest = reportAs('2026-01-13T00:00:00Z');
    for (const [key, content] of [
      ['reports/2026-01-12/20260113T0331Z000000000000/report.json.gz', newest],
      // Another run of the day, that began earlier and wrote later; one of a day before; pages and files of others.
      ['reports/2026-01-12/20260113T0330Zffffffffffff/report.json.gz', broken],
      ['reports/2026-01-12/20260113T0331Z000000000000/report.html', broken],
      ['reports/2026-01-12/notes/report.json.gz', broken],
      ['reports/2026-01-11/20260112T2359Zffffffffffff/report.json.gz', broken],
      ['reports/2026-01-13/20260114T0330Z000000000000/report.html', broken],
      ['reports/zzz/20270114T0330Z000000000000/report.json.gz', broken],
      ['reports/2026-01-12-old/20270114T0330Z000000000000/report.json.gz', broken],
      ['reports/readme.txt', broken],
    ] as const) {
      await deployed.put(key, content);
    }
    const read = jest.spyOn(GetObjectCommand.prototype, 'resolveMiddleware');
    const { status, stdout, stderr } = await fetched();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('/reports/2026-01-12/20260113T0331Z000000000000/report.json.gz)');
    expect(await asOf()).toBe('2026-01-13T00:00:00Z');
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
  });

  test('is found among more days than one page lists', async () => {
    const days = Array.from({ length: 1005 }, (_, i) => new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10));
    for (const day of days) await deployed.put(`reports/${day}/${RUN}/report.json.gz`, Buffer.from('old'));
    expect((await fetched()).stdout).toContain(`(s3://${DATA}/${REPORT})`);
  });

  test('is that of the day that was asked for', async () => {
    await deployed.put(
      'reports/2026-01-05/20260106T0330Z000000000000/report.json.gz',
      reportAs('2026-01-06T00:00:00Z'),
    );
    expect((await fetched('--day', '2026-01-05')).status).toBe(0);
    expect(await asOf()).toBe('2026-01-06T00:00:00Z');
    const { status, stderr } = await fetched('--day', '2026-01-04');
    expect([status, stderr]).toEqual([
      1,
      `stale-sg: s3://${DATA}/reports/2026-01-04/: no report of that day there; the newest is s3://${DATA}/${REPORT}\n`,
    ]);
  });

  test('of hostile names is harmless where it is shown', async () => {
    const hostile = '=HYPERLINK("x")\u001b[31m</script><script>alert(1)</script>\u202e';
    const report = JSON.parse(text) as { rules: { groupName: string; description: string; why: string }[] };
    for (const rule of report.rules) Object.assign(rule, { groupName: hostile, description: hostile, why: hostile });
    await deployed.put(REPORT, gzipSync(JSON.stringify(report)));
    const { status, stdout } = await fetched();
    expect(status).toBe(0);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    for (const name of ['candidates.csv', 'usage.csv']) {
      const rows = parse<Record<string, string>>(await folder.read(`report/${name}`), { bom: true, columns: true });
      expect(rows.map(({ why }) => why)).toEqual(rows.map(() => `'${hostile}`));
      expect(new Set(rows.map(({ description }) => description))).toEqual(new Set([`'${hostile}`]));
    }
    expect(await folder.read('report/report.html')).not.toContain('alert(1)');
  });

  test('is not begun where it could not be written', async () => {
    await folder.write({ 'report/candidates.csv/in-the-way': '' });
    const { status, stderr } = await fetched();
    expect([status, stderr]).toEqual([1, expect.stringMatching(/candidates\.csv: a folder is in the way\n$/)]);
    expect(await folder.filesIn('report')).toEqual(['candidates.csv/in-the-way']);
  });

  test.each([
    ['--day', '2026-02-30'],
    ['--day', '../x'],
  ])('is of no such day: %s %s', async (...day) => {
    expect((await fetched(...day)).status).toBe(2);
  });

  test.each([['no\u001b[31m where'], ['../x'], ['nowhere']])('is of no such deployment: %j', async (prefix) => {
    const { status, stderr } = await runMain(['report', '--tables', prefix, '--out', folder.path('report')]);
    expect([status, stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
    expect(stderr).not.toMatch(/[\p{Cc}\p{Cf}](?!$)/u);
    expect(await folder.filesIn('report')).toEqual([]);
  });
});
