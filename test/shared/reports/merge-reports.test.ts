import { describe, expect, test } from '@jest/globals';
import { mergeReports } from '../../../shared/reports/merge-reports.ts';
import type { AccountReport, RuleReport, UsageReport } from '../../../shared/reports/schema.ts';
import { noFates } from '../../../shared/usage/usage.ts';

const report = (change: Partial<UsageReport>): UsageReport => ({
  schemaVersion: 1,
  asOf: '2026-01-31T00:00:00Z',
  windowDays: 30,
  window: { from: '2026-01-01', to: '2026-01-30' },
  ageKnownSince: null,
  observedBy: 'flowLogs',
  coverage: null,
  records: { total: 0, ...noFates(), requests: 0, replies: 0, ambiguous: 0 },
  malformedSamples: [],
  inventoryProblems: [],
  unknownInterfaces: { distinct: 0, sample: [] },
  rejectedFlows: { distinct: 0, top: [] },
  days: [],
  rules: [],
  findings: [],
  plan: null,
  ...change,
});
const merged = (...reports: readonly Partial<UsageReport>[]): UsageReport =>
  mergeReports(reports.map((one, i) => ({ name: `r${String(i)}`, report: report(one) })));

describe('spans', () => {
  const later = { asOf: '2026-03-02T00:00:00Z', windowDays: 20, window: { from: '2026-02-10', to: '2026-03-01' } };

  test('as of the oldest, over the days of all: nothing that rests on it is younger, or sees fewer days, than one of them', () => {
    const { asOf, window, windowDays, inventoryProblems } = merged({}, later);
    expect({ asOf, window, windowDays }).toEqual({
      asOf: '2026-01-31T00:00:00Z',
      window: { from: '2026-01-01', to: '2026-03-01' },
      windowDays: 60,
    });
    expect(inventoryProblems).toEqual([
      'the reports that were merged speak of different days: r0 of 2026-01-01 to 2026-01-30, as of 2026-01-31T00:00:00Z; ' +
        'r1 of 2026-02-10 to 2026-03-01, as of 2026-03-02T00:00:00Z',
    ]);
  });

  test('of reports that agree nothing is told', () => {
    expect(merged({}, {}).inventoryProblems).toEqual([]);
  });

  test('the longest wait of all', () => {
    const growth = {
      days: 3,
      firstDay: '2026-01-28',
      verdictsOn: '2026-02-11',
      planOn: '2026-02-27',
      wholeOn: '2026-04-24',
    };
    expect(
      merged({ growth }, { growth: null }, { growth: { ...growth, days: 2, wholeOn: '2026-04-25' } }).growth,
    ).toEqual({
      ...growth,
      days: 2,
      wholeOn: '2026-04-25',
    });
    expect(merged({}, {}).growth).toBeNull();
  });
});

test('of a day that one of them could not settle it is so of all, and sums are added', () => {
  const hours = Array.from({ length: 24 }, () => 1);
  const of = (change: object): UsageReport['days'][number] => {
    const day = {
      day: '2026-01-30',
      source: 'reconciled' as const,
      records: 5,
      hours,
      driftShare: null,
      driftingRules: null,
    };
    return { ...day, incomplete: null, ...change };
  };
  const { days } = merged(
    { days: [of({ driftShare: 0.1, outdated: true })] },
    { days: [of({ source: 'streamed', incomplete: 'late' })] },
  );
  expect(days).toEqual([
    of({
      source: 'streamed',
      records: 10,
      hours: hours.map(() => 2),
      driftShare: 0.1,
      incomplete: 'late',
      outdated: true,
      heldAgainst: null,
    }),
  ]);
});

test('an account of two regions is one row', () => {
  const row = (region: string, stale: number, attributed: number, total: number) => ({
    accountId: '111111111111',
    name: null,
    described: true,
    regions: [region],
    takenAt: '2026-01-30T00:00:00Z',
    rules: 4,
    verdicts: { stale, unattached: 0, redundant: 0, notObserved: 0, tooYoung: 0, exempt: 0, active: 1 },
    removable: 1,
    riskiest: { ruleId: `sgr-${region}`, rank: stale },
    heard: { from: '2026-01-01', to: '2026-01-30', days: 30 },
    coverage: attributed / total,
    records: { ...noFates(), total, attributed, unexplained: total - attributed },
  });
  const { accounts, records, coverage } = merged(
    { accounts: [row('eu-west-1', 1, 3, 4)] },
    { accounts: [row('us-east-1', 2, 1, 4)] },
  );
  expect(accounts).toMatchObject([
    {
      regions: ['eu-west-1', 'us-east-1'],
      rules: 8,
      verdicts: { stale: 3, active: 2 },
      riskiest: { ruleId: 'sgr-us-east-1' },
      coverage: 0.5,
      records: { total: 8 },
    },
  ]);
  expect([records.total, coverage]).toEqual([8, 0.5]);
});

describe('a rule of a shared group', () => {
  const [OWNER, GUEST] = ['111111111111', '222222222222'] as const;
  const row = (accountId: string, stale: number): AccountReport => ({
    accountId,
    name: null,
    described: true,
    regions: [],
    takenAt: null,
    rules: 1,
    verdicts: { stale, unattached: 0, redundant: 0, notObserved: 0, tooYoung: 0, exempt: 0, active: 1 - stale },
    removable: null,
    riskiest: null,
    heard: null,
    coverage: null,
    records: null,
  });
  const ruleOf = (verdict: object, observedDays: number, change: object = {}): RuleReport =>
    ({
      ruleId: 'sgr-1',
      groupId: 'sg-1',
      accountId: OWNER,
      direction: 'ingress',
      protocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      icmp: null,
      peer: { type: 'cidrIpv4', value: '10.0.0.0/8' },
      usedTimes: 0,
      replyTimes: 0,
      possibleTimes: 0,
      verdict,
      evidence: { interfaceDays: 30, observedDays },
      narrower: null,
      ...change,
    }) as unknown as RuleReport;
  const stale = ruleOf({ kind: 'stale' }, 30);
  const seen = ruleOf({ kind: 'notObserved', reason: 'sharedGroup' }, 30);
  const both = (own: RuleReport, theirs: RuleReport, change: Partial<UsageReport> = {}): UsageReport =>
    merged({ accounts: [row(OWNER, 1)], rules: [own] }, { accounts: [row(GUEST, 0)], rules: [theirs], ...change });

  test('is stale where the other one looked as well and as long', () => {
    expect(both(stale, seen).rules[0]!.verdict.kind).toBe('stale');
    const elsewhere = ruleOf(seen.verdict, 0, { evidence: { interfaceDays: 0, observedDays: 0 } });
    expect(both(stale, elsewhere).rules[0]!.verdict.kind).toBe('stale');
  });

  test.each<[what: string, theirs: RuleReport, change: Partial<UsageReport>]>([
    ['saw a use', ruleOf(seen.verdict, 30, { replyTimes: 1 }), {}],
    ['did not see its own interfaces', ruleOf(seen.verdict, 20), {}],
    ['looked on fewer days', seen, { window: { from: '2026-01-20', to: '2026-01-30' } }],
    [
      'saw no day of interfaces that carry it',
      ruleOf(seen.verdict, 0, { evidence: { interfaceDays: 0, observedDays: 0 }, attachedTo: [{}] }),
      {},
    ],
  ])('is not observed where the other one %s, and counted so', (_, theirs, change) => {
    const { rules, accounts = [] } = both(stale, theirs, change);
    expect(rules[0]!.verdict).toMatchObject({ kind: 'notObserved', reason: 'sharedGroup' });
    const counted = accounts.find(({ accountId }) => accountId === OWNER)!;
    expect(counted.verdicts).toMatchObject({ stale: 0, notObserved: 1 });
  });

  test('in use is not to be narrower by what its own account saw alone', () => {
    const wide = ruleOf({ kind: 'active' }, 30, { usedTimes: 9, narrower: { rules: [] } });
    const { rules } = both(wide, ruleOf(seen.verdict, 30, { usedTimes: 1 }));
    expect(rules[0]).toMatchObject({ verdict: { kind: 'active' }, narrower: null });
  });
});
