import type { DayReport, RuleReport, UsageReport } from '../../../shared/reports/schema.ts';
import type { Verdict, VerdictKind } from '../../../shared/verdicts/verdict.ts';
import { Random } from '../../oracle/random.ts';
import { dayOf, daysBefore, planOf, reportOf, ruleOf } from './reports.ts';

const NAMES = [
  'web',
  'api-gateway',
  'orders-db',
  'bastion',
  'eks-nodes',
  'redis-cache',
  'Zürich intranet',
  '東京-batch',
];
const PORTS = [22, 80, 443, 3306, 5432, 6379, 8080, 9200, 53, 2049];
const PEERS = ['0.0.0.0/0', '10.0.0.0/8', '10.20.0.0/16', '192.0.2.0/24', '198.51.100.7/32', '172.16.4.0/22'];
const KINDS: Readonly<Record<VerdictKind, number>> = {
  stale: 12,
  unattached: 3,
  redundant: 4,
  notObserved: 6,
  tooYoung: 2,
  exempt: 1,
  active: 60,
};

/** A report such as an account of this size has, the same for the same seed; `days` of history for each used rule. */
export function lifelikeReport(rules: number, days: number, seed = 1): UsageReport {
  const random = new Random(seed);
  const all = Array.from({ length: rules }, (_, i) => rule(random, i, days));
  const stale = all.filter(({ verdict }) => verdict.kind === 'stale');
  const [left, ...removed] = stale;
  const skipped = left
    ? [
        {
          ruleId: left.ruleId,
          groupId: left.groupId,
          groupName: left.groupName,
          verdict: 'stale' as const,
          reason: 'its age is unknown: vouch for it first',
        },
      ]
    : [];
  return reportOf(all, {
    windowDays: days,
    window: { from: daysBefore(days - 1), to: daysBefore(0) },
    days: Array.from({ length: days }, (_, i) =>
      dayOf(daysBefore(days - 1 - i), { driftShare: 0.0004, driftingRules: 3 }),
    ),
    findings: [
      {
        finding: { kind: 'openToWorld', ruleId: 'sgr-0', service: 'SSH' },
        rank: 91.5,
        text: 'Rule sgr-0 of group bastion lets every address in to SSH.',
      },
      {
        finding: { kind: 'groupOnNoInterface', groupId: 'sg-9', groupName: 'old', rules: 7 },
        rank: 22.5,
        text: 'Group old (sg-9) is on no interface, and no rule refers to it; it has 7 rules.',
      },
    ],
    plan: planOf(
      removed.map(({ ruleId }) => ruleId),
      skipped,
    ),
  });
}

function rule(random: Random, i: number, days: number): RuleReport {
  const kind = random.weighted(KINDS);
  const port = random.pick(PORTS);
  const group = random.between(0, NAMES.length - 1);
  const isUsed = kind === 'active' || kind === 'redundant';
  const usedTimes = isUsed ? Math.round(10 ** (1 + 5 * random.next())) : 0;
  const isQuiet = kind === 'active' && random.chance(0.03);
  return ruleOf(`sgr-0a1b2c3d4e5${String(i).padStart(6, '0')}`, {
    groupId: `sg-0f1e2d3c4b5a${String(group).padStart(5, '0')}`,
    groupName: NAMES[group]!,
    direction: random.chance(0.7) ? 'ingress' : 'egress',
    fromPort: port,
    toPort: port,
    peer: { type: 'cidrIpv4', value: random.pick(PEERS), name: null },
    description: 'ticket 4711, asked for by the shop team',
    verdict: verdictOf(kind),
    why:
      kind === 'redundant' ? 'used; never alone, each time sgr-0c0ffee admitted the same' : isUsed ? 'used' : 'unused',
    usedTimes,
    soleTimes: usedTimes,
    replyTimes: Math.round(usedTimes * 0.9),
    bytes: usedTimes * 4_321,
    lastUsed: isUsed ? `${daysBefore(0)}T21:14:07Z` : null,
    ports: [{ protocol: 'tcp', fromPort: port, toPort: port, usedTimes, replyTimes: usedTimes }],
    history: isUsed ? Array.from({ length: days }, (_, day) => history(random, daysBefore(days - 1 - day))) : [],
    wentQuiet: isQuiet ? { lastDay: daysBefore(17), usedDays: Math.max(1, days - 20), quietDays: 17 } : null,
    rank: { score: isUsed ? 0 : random.between(10, 990) / 10, exposure: 0.9, idleness: isUsed ? 0 : 1 },
  });
}

function history(random: Random, day: string): DayReport {
  const usedTimes = random.between(1, 50_000);
  return { day, usedTimes, replyTimes: usedTimes, possibleTimes: 0, bytes: usedTimes * 1_234 };
}

function verdictOf(kind: VerdictKind): Verdict {
  const ageUnknown = false;
  switch (kind) {
    case 'exempt':
      return { kind, reason: 'kept for audits', until: null, owner: null };
    case 'active':
      return { kind, unanswered: false };
    case 'redundant':
      return { kind, coveredBy: ['sgr-0c0ffee'], ageUnknown };
    case 'notObserved':
      return { kind, reason: 'notWatched', watchedDays: 3, days: 90, because: 'notCovered', interfaceId: null };
    case 'tooYoung':
      return { kind, young: 'rule', since: '2026-01-20T00:00:00Z', nextBetterDay: '2026-04-20' };
    case 'unattached':
      return { kind, referred: false, ageUnknown };
    case 'stale':
      return { kind, ageUnknown };
  }
}
