import { describe, expect, test } from '@jest/globals';
import { reportOfUsage } from '../../../shared/reports/report-of-usage.ts';
import { countedReport } from '../../../shared/reports/build-report.ts';
import { coverageOf } from '../../../shared/reports/coverage.ts';
import { hashOf } from '../../../shared/usage/smallest-hashes.ts';
import {
  emptyUsage,
  FATES,
  ruleDay,
  UNKNOWN_INTERFACES_KEPT,
  type Fate,
  type Usage,
} from '../../../shared/usage/usage.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';
import { isoDay } from '../../../shared/time.ts';
import { protocolName } from '../../../shared/protocols.ts';

const INPUT = {
  asOf: 86_400 * 20_470,
  windowDays: 5,
  rulesKnownSince: undefined,
  observedBy: 'flowLogs' as const,
  window: { firstDay: 20_465, lastObservedDay: 20_469 },
  malformedSamples: [],
  inventoryProblems: [],
};

function reportOf(usage: Usage, ...rules: string[]) {
  const inventory = inventoryOf({
    rules: rules.map((rule, i) => awsRule(rule, { SecurityGroupRuleId: `sgr-${i + 1}` })),
  });
  const counted = { inventory, usage, malformedSamples: [], source: 'read' as const };
  return reportOfUsage(counted, INPUT);
}

describe('coverage', () => {
  const none = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>;
  test.each<[coverage: number | null, why: string, fates: Partial<Record<Fate, number>>]>([
    [null, 'nothing read', {}],
    [null, 'nothing accepted', { rejected: 5, noData: 5, skipData: 5, malformed: 5 }],
    [null, 'nothing that could be explained', { noGroup: 5, duplicateLog: 5 }],
    [1, 'all explained', { attributed: 7, rejected: 5, noGroup: 5, duplicateLog: 3 }],
    [0, 'none explained', { unexplained: 7 }],
    [0.5, 'possible use explains nothing', { attributed: 5, possible: 5 }],
    [0.2, 'one of each', { attributed: 1, possible: 1, unexplained: 1, unknownDirection: 1, unknownInterface: 1 }],
  ])('%d: %s', (coverage, _why, fates) => {
    expect(coverageOf({ ...none, ...fates })).toBe(coverage);
  });
});

describe('the report', () => {
  test('adds up the fates', () => {
    const usage = emptyUsage();
    for (const [i, fate] of FATES.entries()) usage.fates[fate] = 2 ** i;
    const { records } = reportOf(usage);
    expect(records.total).toBe(2 ** FATES.length - 1);
    for (const [i, fate] of FATES.entries()) expect(records[fate]).toBe(2 ** i);
  });

  test('tells times and days in UTC', () => {
    expect(reportOf(emptyUsage())).toMatchObject({
      asOf: '2026-01-17T00:00:00Z',
      window: { from: '2026-01-12', to: '2026-01-16' },
      ageKnownSince: null,
    });
    const known = countedReport({ ...INPUT, rulesKnownSince: 1 }, emptyUsage());
    expect(known.ageKnownSince).toBe('1970-01-01T00:00:01Z');
    expect([0, 20_465].map(isoDay)).toEqual(['1970-01-01', '2026-01-12']);
  });

  test('counts use in the window, and tells the last use of any day', () => {
    const usage = emptyUsage();
    Object.assign(ruleDay(usage, 'sgr-1', 20_460), { usedTimes: 5, lastUsed: 20_460 * 86_400 + 61 });
    Object.assign(ruleDay(usage, 'sgr-2', 20_465), { usedTimes: 3, lastUsed: 20_465 * 86_400, packets: 4, bytes: 9 });
    const [first, second] = reportOf(usage, 'in tcp 22 10.0.0.0/8', 'in tcp 23 10.0.0.0/8').rules;
    expect(first).toMatchObject({ usedTimes: 0, lastUsed: '2026-01-07T00:01:01Z', lastPossible: null });
    expect(second).toMatchObject({ usedTimes: 3, packets: 4, bytes: 9, lastUsed: '2026-01-12T00:00:00Z' });
  });

  test('tells a last use in the first second there is', () => {
    const usage = emptyUsage();
    Object.assign(ruleDay(usage, 'sgr-1', 0), { usedTimes: 1, lastUsed: 0 });
    expect(reportOf(usage, 'in tcp 22 10.0.0.0/8').rules[0]?.lastUsed).toBe('1970-01-01T00:00:00Z');
  });

  test.each<[rule: string, shown: object]>([
    ['in tcp 0 10.0.0.0/8', { protocol: 'tcp', fromPort: 0, toPort: 0 }],
    ['in tcp 10.0.0.0/8', { protocol: 'tcp', fromPort: 0, toPort: 65_535 }],
    ['in icmp 8/-1 10.0.0.0/8', { protocol: 'icmp', fromPort: null, toPort: null, icmp: { type: 8, code: -1 } }],
    ['in icmpv6 ::/0', { protocol: 'icmpv6', fromPort: null, peer: { type: 'cidrIpv6', value: '::/0' } }],
    [
      'out -1 sg-2',
      { direction: 'egress', protocol: '-1', toPort: null, icmp: null, peer: { type: 'group', value: 'sg-2' } },
    ],
    ['out 50 pl-1', { protocol: '50', fromPort: null, peer: { type: 'prefixList', value: 'pl-1' } }],
  ])('shows %s', (rule, shown) => {
    expect(reportOf(emptyUsage(), rule).rules[0]).toMatchObject(shown);
  });

  test('lists service ports by protocol and port, absent ones first', () => {
    const usage = emptyUsage();
    const { ports } = ruleDay(usage, 'sgr-1', 20_466);
    const add = (protocol: number, from?: number, to = from): void => {
      const bucket = from === undefined ? undefined : { from, to: to! };
      ports.set(`${protocol} ${from}`, { protocol, bucket, usedTimes: 1, replyTimes: 0 });
    };
    add(17, 53);
    add(6, 8192, 9215);
    add(6, 443);
    add(50);
    add(6, 0);
    add(1);
    const shown = reportOf(usage, 'in -1 0.0.0.0/0').rules[0]!.ports;
    expect(shown.map((port) => `${port.protocol} ${port.fromPort}-${port.toPort}`)).toEqual([
      ...['icmp null-null', 'tcp 0-0', 'tcp 443-443', 'tcp 8192-9215', 'udp 53-53', '50 null-null'],
    ]);
  });

  test('shows ten peers of those it knows, and how many there were', () => {
    const usage = emptyUsage();
    const { peers } = ruleDay(usage, 'sgr-1', 20_466);
    for (let i = 0; i < 20; i++) peers.keep(hashOf(i), () => `10.0.${i}.0/24`);
    const [rule] = reportOf(usage, 'in -1 0.0.0.0/0').rules;
    expect(rule).toMatchObject({ distinctPeers: 20 });
    expect(new Set(rule!.peerSample).size).toBe(10);
  });

  test('shows the most frequent of rejected flows first, a hundred at most', () => {
    const usage = emptyUsage();
    for (let i = 0; i < 300; i++) {
      usage.rejected.keep(hashOf(i), () => ({
        interfaceId: 'eni-1',
        direction: 'ingress',
        protocol: 6,
        peer: '203.0.113.9',
        reason: '',
        port: i,
        times: i % 250,
        lastSeen: 1,
      }));
    }
    const { distinct, top } = reportOf(usage).rejectedFlows;
    expect([distinct, top.length]).toEqual([300, 100]);
    expect(top.map(({ times }) => times)).toEqual(Array.from({ length: 100 }, (_, i) => 249 - i));
  });

  test('names unknown interfaces, and counts those it has no room for', () => {
    const usage = emptyUsage();
    for (let i = 0; i < UNKNOWN_INTERFACES_KEPT; i++) usage.unknownInterfaces.keep(hashOf(i), () => `eni-${i}`);
    const { distinct, sample } = reportOf(usage).unknownInterfaces;
    expect([distinct, new Set(sample).size]).toEqual([UNKNOWN_INTERFACES_KEPT, UNKNOWN_INTERFACES_KEPT]);
  });
});

test.each([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmpv6'],
  [0, '0'],
  [50, '50'],
  [255, '255'],
])('protocol %d is %s', (protocol, name) => {
  expect(protocolName(protocol)).toBe(name);
});
