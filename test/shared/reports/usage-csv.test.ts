import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { candidatesCsv } from '../../../shared/reports/candidates-csv.ts';
import { candidatesOf } from '../../../shared/reports/candidates.ts';
import { spreadsheetFile, usageCsv } from '../../../shared/reports/usage-csv.ts';
import type { RuleReport } from '../../../shared/reports/schema.ts';
import { timesOrdinary } from '../../meter.ts';
import { EVIDENCE, planOf, reportOf, ruleOf } from '../../services/send-report/reports.ts';

const RULE: RuleReport = ruleOf('sgr-1', {
  fromPort: 0,
  toPort: 65_535,
  bytes: Number.MAX_SAFE_INTEGER,
  evidence: { ...EVIDENCE, knownSince: '2026-01-01T00:00:00Z' },
  rank: { score: 100, exposure: 1, idleness: 1 },
});

function cellsOf(rule: Partial<RuleReport>): Record<string, string> {
  const csv = usageCsv([{ ...RULE, ...rule }]);
  const rows = parse<Record<string, string>>(csv, { columns: true, record_delimiter: '\r\n' });
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

test('numbers stay numbers: port 0, the largest, and the protocol -1', () => {
  expect(usageCsv([RULE])).toContain(',ingress,tcp,0,65535,,,cidrIpv4,0.0.0.0/0,,,stale,unused,0,');
  expect(cellsOf({ protocol: '-1', fromPort: null, toPort: null })).toMatchObject({
    protocol: '-1',
    from_port: '',
    to_port: '',
    bytes: '9007199254740991',
    last_used: '',
  });
});

test('no rule: the header alone', () => {
  expect(usageCsv([]).split('\r\n')).toEqual([
    expect.stringMatching(
      /^rule_id,sg_id,sg_name,.*,distinct_peers,rank,.*,quiet_days,known_by,made_by,made_at,edited_by,edited_at,owner,owner_from,attached_to,account_id,region,vpc_id,account_name$/,
    ),
    '',
  ]);
});

test('tells rank, evidence and when a rule went quiet', () => {
  expect(cellsOf({})).toMatchObject({
    rank: '100',
    observed_days: '179',
    interface_days: '180',
    known_since: '2026-01-01T00:00:00Z',
    used_until: '',
    quiet_days: '',
  });
  expect(
    cellsOf({
      rank: { score: 62.5, exposure: 1, idleness: 0.625 },
      evidence: { ...EVIDENCE, interfaceDays: 0, observedDays: 0, records: 0, skipped: 0, knownSince: null },
      wentQuiet: { lastDay: '2026-01-14', usedDays: 70, quietDays: 17 },
    }),
  ).toMatchObject({
    rank: '62.5',
    observed_days: '0',
    interface_days: '0',
    known_since: '',
    used_until: '2026-01-14',
    quiet_days: '17',
  });
});

test('a file for spreadsheets begins with the mark that tells them it is UTF-8', () => {
  expect(spreadsheetFile('a,ü\r\n')).toEqual(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x2c, 0xc3, 0xbc, 0x0d, 0x0a]));
});

describe('candidates.csv', () => {
  const rank = (score: number) => ({ rank: { score, exposure: 1, idleness: 1 } });
  const rules = [
    ruleOf('sgr-used', { verdict: { kind: 'active', unanswered: false }, ...rank(99) }),
    ruleOf('sgr-low', rank(10)),
    ruleOf('sgr-redundant', {
      verdict: { kind: 'redundant', coveredBy: ['sgr-used'], ageUnknown: false },
      ...rank(50),
    }),
    ruleOf('sgr-unattached', { verdict: { kind: 'unattached', referred: false, ageUnknown: false }, ...rank(50) }),
    ruleOf('sgr-unseen', { verdict: { kind: 'notObserved', reason: 'neverLogged', detail: 'DNS' }, ...rank(90) }),
  ];
  const skipped = [
    { ruleId: 'sgr-unattached', groupId: 'sg-1', groupName: 'web', verdict: 'unattached' as const, reason: '=no' },
  ];
  const plan = planOf(['sgr-redundant'], skipped);
  const read = (csv: string) => parse<Record<string, string>>(csv, { columns: true, record_delimiter: '\r\n' });

  test('holds what asks for a decision, the highest rank first, then by verdict', () => {
    const rows = read(candidatesCsv(candidatesOf(reportOf(rules, { plan }))));
    expect(rows.map((row) => [row.rank, row.rule_id, row.plan_stage, row.wait_days, row.plan_leaves_it])).toEqual([
      ['50', 'sgr-unattached', '', '', "'=no"],
      ['50', 'sgr-redundant', '1', '6', ''],
      ['10', 'sgr-low', '', '', ''],
    ]);
  });

  test('holds all that the plan removes', () => {
    const rows = read(candidatesCsv(candidatesOf(reportOf(rules, { plan: planOf(['sgr-unseen']) }))));
    expect(rows.map((row) => row.rule_id)).toContain('sgr-unseen');
  });

  test('of one rank is in the order of verdicts', () => {
    const bare = rules.map(({ ruleId, verdict }) => ruleOf(ruleId, { verdict }));
    const rows = read(candidatesCsv(candidatesOf(reportOf(bare))));
    expect(rows.map((row) => row.rule_id)).toEqual(['sgr-low', 'sgr-unattached', 'sgr-redundant']);
  });

  test('has no commands: a cell that is kept from being a formula is no command any more', () => {
    expect(candidatesCsv([])).toBe(
      'rank,rule_id,sg_id,sg_name,direction,protocol,from_port,to_port,icmp_type,icmp_code,peer_type,peer,peer_name,description,verdict,why,last_used,' +
        'known_since,observed_days,interface_days,plan_stage,wait_days,plan_leaves_it,covered_by,cuts_untracked,' +
        'made_by,made_at,edited_by,edited_at,account_id,region,vpc_id,account_name\r\n',
    );
  });
});

describe('a text cannot become a formula', () => {
  test.each<[text: string, cell: string, why: string]>([
    ['=1+1', "'=1+1", 'the formula itself'],
    ['+1+1', "'+1+1", 'as Lotus wrote it'],
    ['-1+1', "'-1+1", 'a sign in front of more than a number'],
    ['@SUM(1)', "'@SUM(1)", 'a function of Lotus'],
    ['=HYPERLINK("https://example.com","x")', `'=HYPERLINK("https://example.com","x")`, 'with quotes and a comma'],
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0", 'DDE'],
    ['\t=1', "'\t'=1", 'after a tab'],
    ['\r=1', "'\r'=1", 'after a carriage return'],
    ['\n=1', "'\n'=1", 'after a line break'],
    ['\tx', "'\tx", 'a tab in front, as OWASP advises'],
    ['\u0000x', "'\u0000x", 'a null in front, as OWASP advises'],
    [' =1', "' =1", 'after a blank, which some programs cut off'],
    ['\u00a0\u3000=1', "'\u00a0\u3000=1", 'after blanks of Unicode'],
    ['\ufeff=1', "'\ufeff=1", 'after a byte order mark'],
    ['\u200e\u202a=1', "'\u200e\u202a=1", 'after invisible characters'],
    ['\u001b=1', "'\u001b=1", 'after a control character'],
    ['"=1', `'"=1`, 'after a quote'],
    ['" =1"', `'" =1"`, 'within quotes'],
    ['\uff1d1', "'\uff1d1", 'full width equals'],
    ['\uff0b1', "'\uff0b1", 'full width plus'],
    ['\uff0d1', "'\uff0d1", 'full width minus'],
    ['\uff201', "'\uff201", 'full width at'],
    ['x;=1', "x;'=1", 'after a semicolon, the list separator of many countries'],
    ['x; "=1', `x;' "=1`, 'after a semicolon, a blank and a quote'],
    ['x\t@1', "x\t'@1", 'after a tab in the middle'],
    ['x\r\n=1', "x\r\n'=1", 'on a second line'],
    ['x\ny\n-z', "x\ny\n'-z", 'on a third'],
    ['-', "'-", 'a dash alone'],
    ["'=1", "'=1", 'one that is quoted already'],
    ['a=b', 'a=b', 'none in the middle of a word'],
    ['port 1-2, +3 and @home', 'port 1-2, +3 and @home', 'none within a cell'],
    ['-5', '-5', 'a number'],
    ['', '', 'nothing'],
    ['"', '"', 'a quote'],
    ['a "b" c', 'a "b" c', 'quotes within'],
    ['one\r\ntwo\nthree', 'one\r\ntwo\nthree', 'lines'],
    [' blanks ', ' blanks ', 'blanks around'],
  ])('%j is written as %j: %s', (text, cell) => {
    const peer = { type: 'unknown', value: text, name: text } as const;
    const cells = cellsOf({ groupName: text, description: text, why: text, peer });
    expect([cells.sg_name, cells.description, cells.why, cells.peer]).toEqual([cell, cell, cell, cell]);
    expect(cells.peer_name).toBe(cell);
    expect(cells.distinct_peers).toBe('0');
  });

  test('absurdly long texts take no absurd time', async () => {
    const times = await timesOrdinary(() => {
      for (const unit of ['\t', ' ', '"', ';', ';"', '\u200e', '= ', '\t"']) {
        expect(cellsOf({ description: unit.repeat(200_000) }).rule_id).toBe('sgr-1');
      }
    });
    expect(times).toBeLessThan(6);
  });
});
