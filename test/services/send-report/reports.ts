import type { Plan, Removal } from '../../../shared/advice/removal/plan.ts';
import type { DayQuality, RuleReport, UsageReport } from '../../../shared/reports/schema.ts';
import { FATES, type Fate } from '../../../shared/usage/usage.ts';
import type { Verdict } from '../../../shared/verdicts/verdict.ts';

/** The last day of every report here; window days run backwards from it. */
const LAST_DAY = Date.UTC(2026, 0, 31);

/** `YYYY-MM-DD`, so many days before the report's last. */
export function daysBefore(days: number): string {
  return new Date(LAST_DAY - days * 86_400_000).toISOString().slice(0, 10);
}

const STALE: Verdict = { kind: 'stale', ageUnknown: false };

/** A rule that was never used, for all that a test does not say. */
export function ruleOf(ruleId: string, more: Partial<RuleReport> = {}): RuleReport {
  return {
    ruleId,
    groupId: 'sg-0a1b2c3d4e5f60001',
    groupName: 'web',
    direction: 'ingress',
    protocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    icmp: null,
    peer: { type: 'cidrIpv4', value: '0.0.0.0/0', name: null },
    description: '',
    usedTimes: 0,
    soleTimes: 0,
    primaryTimes: 0,
    inferredTimes: 0,
    replyTimes: 0,
    possibleTimes: 0,
    untrackedReplies: 0,
    packets: 0,
    bytes: 0,
    lastUsed: null,
    lastPossible: null,
    ports: [],
    verdict: STALE,
    why: 'unused',
    distinctPeers: 0,
    peerSample: [],
    evidence: EVIDENCE,
    history: [],
    hours: Array.from({ length: 24 }, () => 0),
    wentQuiet: null,
    rank: { score: 90, exposure: 0.9, idleness: 1 },
    narrower: null,
    ...more,
  };
}

/** Of two interfaces over 90 days, one of which was not observed once. */
export const EVIDENCE: RuleReport['evidence'] = {
  days: 90,
  watchedDays: 89,
  interfaceDays: 180,
  observedDays: 179,
  records: 5000,
  accepted: 4000,
  skipped: 0,
  knownSince: '2025-06-01T00:00:00Z',
  young: null,
};

export function dayOf(day: string, more: Partial<DayQuality> = {}): DayQuality {
  return {
    day,
    source: 'reconciled',
    records: 1000,
    hours: Array.from({ length: 24 }, () => 0),
    driftShare: 0,
    driftingRules: 0,
    incomplete: null,
    ...more,
  };
}

export function reportOf(rules: readonly RuleReport[], more: Partial<UsageReport> = {}): UsageReport {
  const fates = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>;
  return {
    schemaVersion: 1,
    asOf: `${daysBefore(0)}T23:59:59Z`,
    windowDays: 90,
    window: { from: daysBefore(89), to: daysBefore(0) },
    ageKnownSince: null,
    observedBy: 'flowLogs',
    coverage: 0.987,
    records: { ...fates, total: 1000, attributed: 987, unexplained: 13, requests: 500, replies: 500, ambiguous: 0 },
    malformedSamples: [],
    inventoryProblems: [],
    unknownInterfaces: { distinct: 0, sample: [] },
    rejectedFlows: { distinct: 0, top: [] },
    rules,
    days: Array.from({ length: 90 }, (_, i) => dayOf(daysBefore(89 - i))),
    findings: [],
    plan: null,
    ...more,
  };
}

/** A plan that removes these rules in one stage. */
export function planOf(ruleIds: readonly string[], skipped: Plan['skipped'] = []): Plan {
  return {
    schemaVersion: 1,
    asOf: `${daysBefore(0)}T23:59:59Z`,
    windowDays: 90,
    accounts: ['111122223333'],
    regions: [],
    profile: null,
    caveats: [],
    goodUntil: daysBefore(-30),
    evidence: { source: 'test', days: 90, missingDays: [] },
    stages: [{ number: 1, waitDays: 6, removals: ruleIds.map(removalOf), keepers: [] }],
    inCode: [],
    skipped,
  };
}

function removalOf(ruleId: string): Removal {
  const prefix = { address: { family: 4, w0: 0, w1: 0, w2: 0, w3: 0 }, length: 0 } as const;
  return {
    rule: {
      ruleId,
      groupId: 'sg-0a1b2c3d4e5f60001',
      groupName: 'web',
      direction: 'ingress',
      protocol: 'tcp',
      protocolNumber: 6,
      ports: { from: 443, to: 443 },
      description: '',
      tags: {},
      peer: { type: 'cidrIpv4', value: '0.0.0.0/0', prefix },
    },
    peerName: null,
    verdict: 'stale',
    why: 'unused',
    lastUsed: null,
    coveredBy: [],
    cutsUntracked: false,
    notes: [],
    managedBy: [],
    accountId: '111122223333',
    region: '',
    vpcId: '',
    check: `check ${ruleId}`,
    command: `revoke ${ruleId}`,
    undo: `authorize ${ruleId}`,
    terraform: { resource: 'aws_vpc_security_group_ingress_rule', importId: ruleId, lookUp: [] },
  };
}
