import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { usageCsv } from '../../../shared/reports/usage-csv.ts';
import type { RuleReport } from '../../../shared/reports/usage-report.ts';

const RULE: RuleReport = {
  ruleId: 'sgr-1',
  groupId: 'sg-1',
  groupName: 'web',
  direction: 'ingress',
  protocol: 'tcp',
  fromPort: 0,
  toPort: 65_535,
  peer: { type: 'cidrIpv4', value: '0.0.0.0/0' },
  description: '',
  usedTimes: 0,
  soleTimes: 0,
  primaryTimes: 0,
  inferredTimes: 0,
  replyTimes: 0,
  possibleTimes: 0,
  untrackedReplies: 0,
  packets: 0,
  bytes: Number.MAX_SAFE_INTEGER,
  lastUsed: null,
  lastPossible: null,
  ports: [],
  verdict: { kind: 'stale', ageUnknown: true },
  why: 'unused',
  distinctPeers: 0,
  peerSample: [],
  evidence: { interfaceDays: 0, observedDays: 0, records: 0, skipped: 0, knownSince: null },
  history: [],
  hours: [],
  wentQuiet: null,
};

function cellsOf(rule: Partial<RuleReport>): Record<string, string> {
  const csv = usageCsv([{ ...RULE, ...rule }]);
  const rows = parse<Record<string, string>>(csv, { columns: true, record_delimiter: '\r\n' });
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

test('numbers stay numbers: port 0, the largest, and the protocol -1', () => {
  expect(usageCsv([RULE])).toContain(',ingress,tcp,0,65535,cidrIpv4,0.0.0.0/0,,stale,unused,0,');
  expect(cellsOf({ protocol: '-1', fromPort: null, toPort: null })).toMatchObject({
    protocol: '-1',
    from_port: '',
    to_port: '',
    bytes: '9007199254740991',
    last_used: '',
  });
});

test('no rule: the header alone', () => {
  expect(usageCsv([]).split('\r\n')).toEqual([expect.stringMatching(/^rule_id,sg_id,sg_name,.*,distinct_peers$/), '']);
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
    const cells = cellsOf({ groupName: text, description: text, why: text, peer: { type: 'unknown', value: text } });
    expect([cells.sg_name, cells.description, cells.why, cells.peer]).toEqual([cell, cell, cell, cell]);
    expect(cells.distinct_peers).toBe('0');
  });

  test('absurdly long texts take no absurd time', () => {
    const started = performance.now();
    for (const unit of ['\t', ' ', '"', ';', ';"', '\u200e', '= ', '\t"']) {
      expect(cellsOf({ description: unit.repeat(200_000) }).rule_id).toBe('sgr-1');
    }
    expect(performance.now() - started).toBeLessThan(4000);
  });
});
