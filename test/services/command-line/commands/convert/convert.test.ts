import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isTooWide } from '../../../../../shared/reports/doable.ts';
import type { UsageReport } from '../../../../../shared/reports/schema.ts';
import { runMain, SAMPLE } from '../../program.ts';

/** One for all: the report is made once. */
const root = mkdtempSync(join(tmpdir(), 'stale-sg-convert-'));
const folder = { path: (name: string): string => join(root, name) };
afterAll(() => rmSync(root, { recursive: true }));
const HOSTILE = '"><script>&\u0001`|\n=cmd';
const PLACE = ['--account', '111122223333', '--region', 'eu-central-1'];

let report: UsageReport;
const read = (name: string): string => readFileSync(folder.path(name), 'utf8');
const converted = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await runMain(['convert', '--report', folder.path('shop/usage.json'), ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};
/** The report with one rule changed, as a file. */
const changed = (ruleId: string, change: object): string => {
  const rules = report.rules.map((rule) => (rule.ruleId === ruleId ? { ...rule, ...change } : rule));
  writeFileSync(folder.path('changed.json'), JSON.stringify({ ...report, rules }));
  return folder.path('changed.json');
};

beforeAll(async () => {
  expect(await runMain(['demo', '--out', folder.path('shop')])).toMatchObject({ status: 0 });
  report = JSON.parse(read('shop/usage.json')) as UsageReport;
});

interface Sarif {
  runs: {
    results: {
      ruleId: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
      partialFingerprints: Record<string, string>;
    }[];
  }[];
}
const sarif = async (...args: string[]) =>
  (JSON.parse(await converted('--to', 'sarif', ...args)) as Sarif).runs[0]!.results;

describe('what is a finding', () => {
  test('are the rules of the sample that are unused, redundant, too wide or open, each of them once', async () => {
    const found = (await sarif()).map(
      ({ ruleId, message }) => `${ruleId} ${/\((sgr-\w+)\)\. /.exec(message.text)![1]!}`,
    );
    const { rules, findings } = report;
    const expected = [
      ...rules
        .filter(({ verdict: { kind } }) => kind === 'stale' || kind === 'redundant')
        .map((rule) => `${rule.verdict.kind} ${rule.ruleId}`),
      ...rules.filter(isTooWide).map(({ ruleId }) => `tooWide ${ruleId}`),
      ...findings.flatMap(({ finding }) => (finding.kind === 'openToWorld' ? [`openToWorld ${finding.ruleId}`] : [])),
    ];
    expect(expected.length).toBeGreaterThan(5);
    expect(found.sort()).toEqual(expected.sort());
  });

  test('a rule that is kept on purpose has none', async () => {
    const [stale] = report.rules.filter(({ verdict }) => verdict.kind === 'stale');
    const verdict = { kind: 'exempt', reason: 'drill', owner: null, until: null };
    const file = changed(stale!.ruleId, { verdict });
    const { status, stdout } = await runMain(['convert', '--report', file, '--to', 'sarif']);
    expect(status).toBe(0);
    expect(stdout).not.toContain(stale!.ruleId);
  });

  test('a door that is meant for strangers is not too wide', async () => {
    const { ruleId, narrower } = report.rules.find(isTooWide)!;
    const { peer } = report.rules.find(({ peer: { value } }) => value === '0.0.0.0/0')!;
    const web = { direction: 'ingress', fromPort: 443, toPort: 443, peer };
    const kinds = async (attachedTo: string[]) => {
      const file = changed(ruleId, { ...web, narrower, attachedTo });
      const { stdout } = await runMain(['convert', '--report', file, '--to', 'sarif']);
      const { results } = (JSON.parse(stdout) as Sarif).runs[0]!;
      return results.filter(({ message }) => message.text.includes(`(${ruleId})`)).map((one) => one.ruleId);
    };
    expect(await kinds(['instance i-0a'])).toContain('tooWide');
    expect(await kinds(['load balancer app/web/1'])).not.toContain('tooWide');
  });

  test('its id is of the content: another rule id changes nothing, another port does', async () => {
    const [stale] = report.rules.filter(({ verdict }) => verdict.kind === 'stale');
    const ids = async (change: object) => {
      const { stdout } = await runMain(['convert', '--report', changed(stale!.ruleId, change), '--to', 'sarif']);
      return (JSON.parse(stdout) as Sarif).runs[0]!.results.map(
        ({ partialFingerprints }) => partialFingerprints['contentOfRule/v1'],
      );
    };
    const before = await ids({});
    expect(new Set(before).size).toBe(before.length);
    expect(await ids({ ruleId: 'sgr-0another' })).toEqual(before);
    expect(await ids({ fromPort: 1 })).not.toEqual(before);
  });
});

describe('SARIF', () => {
  test('is at the line that Terraform declares the rule in, where it is known, else at the report', async () => {
    const [first, second] = report.rules.filter(({ verdict }) => verdict.kind === 'stale').map(({ ruleId }) => ruleId);
    const change = (ruleId: string, file: string, line: number) => ({
      ruleId,
      groupId: 'sg-0',
      groupName: '',
      admits: '',
      address: 'a.b',
      module: '',
      type: 'a',
      index: null,
      block: null,
      list: null,
      element: null,
      action: 'deleteResource',
      narrowTo: [],
      instruction: '',
      code: { file, line },
      call: null,
      notes: [],
    });
    const changes = [change(first!, 'net/a rule#1.tf', 12)];
    const terraform = {
      schemaVersion: 1,
      pullRequests: [{ state: 's', module: '', undo: '', changes }],
      unmapped: [],
      problems: [],
    };
    writeFileSync(folder.path('terraform.json'), JSON.stringify(terraform));
    const results = await sarif('--terraform', folder.path('terraform.json'));
    const placeOf = (ruleId: string) =>
      results.find(({ message, ruleId: kind }) => kind === 'stale' && message.text.includes(ruleId))!.locations[0]!
        .physicalLocation;
    expect(placeOf(first!)).toEqual({ artifactLocation: { uri: 'net/a%20rule%231.tf' }, region: { startLine: 12 } });
    expect(placeOf(second!).artifactLocation.uri).toMatch(/shop\/usage\.json$/);
  });
});

describe('text of others', () => {
  test('in SARIF is no link', async () => {
    const [stale] = report.rules.filter(({ verdict }) => verdict.kind === 'stale');
    const file = changed(stale!.ruleId, { groupName: '[fix](https://evil.example)' });
    const { status, stdout } = await runMain(['convert', '--report', file, '--to', 'sarif']);
    expect(status).toBe(0);
    expect(stdout).toContain('[fix] (https://evil.example)');
    expect(stdout).not.toContain('](');
  });

  test('in JUnit is text: nothing of it is markup, and what XML has no character for is a question mark', async () => {
    const [stale] = report.rules.filter(({ verdict }) => verdict.kind === 'stale');
    const file = changed(stale!.ruleId, { groupName: HOSTILE });
    const { stdout } = await runMain(['convert', '--report', file, '--to', 'junit']);
    expect(stdout).toContain('&quot;&gt;&lt;script&gt;&amp;?`|?=cmd');
    expect(stdout).not.toMatch(/<script|\u0001/);
  });

  test('in Markdown is code, and ends no cell', async () => {
    const [stale] = report.rules.filter(({ verdict }) => verdict.kind === 'stale');
    const file = changed(stale!.ruleId, { groupName: HOSTILE });
    const { stdout } = await runMain(['convert', '--report', file, '--to', 'markdown']);
    expect(stdout).toContain('``">' + '<script>&?`\\|?=cmd');
  });
});

test('CSV is that of the report', async () => {
  expect(await converted('--to', 'csv')).toBe(read('shop/usage.csv').replace(/^\ufeff/, ''));
});

test('JUnit has a case for each rule, and its sums add up', async () => {
  const text = await converted('--to', 'junit');
  expect(text.match(/<testcase /g)).toHaveLength(report.rules.length);
  const suites = [...text.matchAll(/tests="(\d+)" failures="(\d+)" errors="0" skipped="(\d+)"/g)];
  const sums = [1, 2, 3].map((i) => suites.reduce((sum, suite) => sum + Number(suite[i]), 0));
  expect(sums).toEqual([
    report.rules.length,
    text.match(/<testcase [^>]*>\n +<failure/g)!.length,
    text.match(/<skipped /g)!.length,
  ]);
});

test('ASFF wants an account and a Region, of the report or as options', async () => {
  const bare = { ...report, rules: report.rules.map((rule) => ({ ...rule, accountId: undefined, region: undefined })) };
  writeFileSync(folder.path('bare.json'), JSON.stringify(bare));
  const asff = ['convert', '--report', folder.path('bare.json'), '--to', 'asff'];
  const { status, stderr } = await runMain(asff);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/sgr-\w+.*give --account and --region\n$/),
  });
  const findings = JSON.parse((await runMain([...asff, ...PLACE])).stdout) as { Id: string; ProductArn: string }[];
  expect(findings[0]!.ProductArn).toBe('arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default');
  expect(new Set(findings.map(({ Id }) => Id)).size).toBe(findings.length);
});

describe('--fail-on', () => {
  const usage = () => [
    'convert',
    '--report',
    folder.path('shop/usage.json'),
    '--to',
    'csv',
    '--out',
    folder.path('out.csv'),
  ];
  const stale = () => report.rules.filter(({ verdict }) => verdict.kind === 'stale');

  test('ends with status 3 where there is one of these, and says how many; all is written all the same', async () => {
    const { status, stderr } = await runMain([...usage(), '--fail-on', 'stale,openToWorld']);
    const open = report.findings.filter(({ finding }) => finding.kind === 'openToWorld').length;
    const counts = [...(open > 0 ? [`${String(open)} openToWorld`] : [])];
    expect(status).toBe(3);
    expect(stderr).toContain(`found ${String(stale().length)} stale`);
    for (const text of counts) expect(stderr).toContain(text);
    expect(read('out.csv')).toContain('rule_id');
  });

  test('minds the priority', async () => {
    const highest = Math.max(...stale().map(({ rank }) => rank.score));
    expect(await runMain([...usage(), '--fail-on', 'stale', '--min-priority', String(highest)])).toMatchObject({
      status: 3,
    });
    expect(await runMain([...usage(), '--fail-on', 'stale', '--min-priority', String(highest + 0.1)])).toMatchObject({
      status: 0,
    });
  });

  test('of analyze does the same, its files written', async () => {
    const args = [
      '--inventory',
      `${SAMPLE}/inventory`,
      '--logs',
      `${SAMPLE}/logs`,
      `${SAMPLE}/weeks-before`,
      '--out',
      folder.path('failed'),
    ];
    const { status, stderr } = await runMain(['analyze', ...args, '--fail-on', 'stale']);
    expect({ status, stderr }).toEqual({ status: 3, stderr: `stale-sg: found ${String(stale().length)} stale\n` });
    expect(read('failed/usage.json')).toContain('"schemaVersion"');
  });

  test('knows its kinds', async () => {
    const { status, stderr } = await runMain([...usage(), '--fail-on', 'stale,unused']);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('openToWorld, stale, redundant, tooWide'),
    });
  });
});

test.each([
  ['{', /broken\.json: not JSON/],
  ['{"schemaVersion":1}', /broken\.json: no usage\.json of version 1: asOf: /],
])('a report that reads %s is refused', async (text, message) => {
  writeFileSync(folder.path('broken.json'), text);
  const { status, stderr } = await runMain(['convert', '--report', folder.path('broken.json'), '--to', 'csv']);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
});
