import type { RankedFinding } from '../../shared/advice/findings/finding.ts';
import type { Plan, Removal } from '../../shared/advice/removal/plan.ts';
import type { Rule } from '../../shared/inventory/inventory.ts';
import type {
  DayQuality,
  DayReport,
  RejectedFlowReport,
  RuleReport,
  UsageReport,
} from '../../shared/reports/schema.ts';
import { FATES } from '../../shared/usage/usage.ts';
import { VERDICT_KINDS, type Verdict, type VerdictKind } from '../../shared/verdicts/verdict.ts';

const FROM = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const RULES_A_GROUP = 12;
const SERVICES = [22, 53, 80, 443, 3306, 5432, 6379, 8080, 8443, 9092];

const dayAt = (index: number): string => new Date(FROM + index * DAY_MS).toISOString().slice(0, 10);
const idOf = (prefix: string, number: number): string => `${prefix}-${number.toString(16).padStart(17, '0')}`;
export const ruleIdAt = (index: number): string => idOf('sgr', index + 1);

/** 0 to 1; the same for the same two numbers. */
function chance(a: number, b: number): number {
  const mixed = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 7, 0x85ebca6b);
  return (Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0) / 2 ** 32;
}

/** A report of so many rules over so many days that fills every key; the same each time. */
export function syntheticReport(ruleCount: number, days: number): UsageReport {
  const rules = Array.from({ length: ruleCount }, (_, index) => ruleAt(index, days));
  const requests = rules.reduce((sum, { usedTimes }) => sum + usedTimes, 0);
  const replies = rules.reduce((sum, { replyTimes }) => sum + replyTimes, 0);
  const fates = Object.fromEntries(FATES.map((fate, i) => [fate, (i + 1) * 1000])) as Record<
    (typeof FATES)[number],
    number
  >;
  fates.attributed = requests + replies;
  return {
    schemaVersion: 1,
    asOf: new Date(FROM + days * DAY_MS - 9000).toISOString().replace('.000', ''),
    windowDays: days,
    window: { from: dayAt(0), to: dayAt(days - 1) },
    ageKnownSince: '2025-06-01T00:00:00Z',
    observedBy: 'records',
    coverage: 0.9312,
    records: { total: FATES.reduce((sum, fate) => sum + fates[fate], 0), ...fates, requests, replies, ambiguous: 77 },
    malformedSamples: [{ file: 'logs/a.log.gz', line: 28, reason: '5 fields instead of 18' }],
    inventoryProblems: ['prefix list pl-1 is named by a rule, but its entries are not in the inventory'],
    unknownInterfaces: { distinct: 12, sample: ['eni-0a', 'eni-0b'] },
    rejectedFlows: { distinct: 400, top: Array.from({ length: 100 }, (_, i) => rejectedAt(i)) },
    rules,
    days: Array.from({ length: days }, (_, i) => qualityAt(i)),
    findings: findingsOf(rules),
    plan: planOf(rules, days),
  };
}

function ruleAt(index: number, days: number): RuleReport {
  const kind = kindAt(index);
  const isUsed = kind === 'active' || kind === 'redundant';
  const history = isUsed ? Array.from({ length: days }, (_, day) => dayOf(index, day)) : [];
  const sum = (key: Exclude<keyof DayReport, 'day'>): number => history.reduce((all, day) => all + day[key], 0);
  const port = SERVICES[(index + Math.floor(index / 10)) % SERVICES.length]!;
  const protocol = port === 53 ? 'udp' : 'tcp';
  const usedTimes = sum('usedTimes');
  const group = Math.floor(index / RULES_A_GROUP);
  const wentQuiet = index % 97 === 3 ? { lastDay: dayAt(Math.max(0, days - 21)), usedDays: 55, quietDays: 20 } : null;
  return {
    ruleId: ruleIdAt(index),
    groupId: idOf('sg', group + 1),
    groupName: `service-${String(group % 700)}`,
    direction: index % 3 === 0 ? 'egress' : 'ingress',
    protocol,
    fromPort: port,
    toPort: index % 10 === 0 ? port + 100 : port,
    icmp: null,
    peer: { type: 'cidrIpv4', value: `10.${String(index % 250)}.${String((index >> 8) % 250)}.0/24`, name: null },
    description: `made for ticket ${String(index)}`,
    usedTimes,
    soleTimes: kind === 'active' ? usedTimes : 0,
    primaryTimes: usedTimes,
    inferredTimes: Math.floor(usedTimes / 10),
    replyTimes: sum('replyTimes'),
    possibleTimes: sum('possibleTimes'),
    untrackedReplies: index % 50 === 0 ? 7 : 0,
    packets: usedTimes * 12,
    bytes: sum('bytes'),
    lastUsed: isUsed
      ? `${dayAt(days - 1 - (index % Math.min(days, 30)))}T10:${String(index % 60).padStart(2, '0')}:00Z`
      : null,
    lastPossible: null,
    ports: isUsed ? [{ protocol, fromPort: port, toPort: port, usedTimes, replyTimes: sum('replyTimes') }] : [],
    verdict: verdictOf(kind, index),
    why: kind === 'active' ? 'used' : `${kind}, for reason ${String(index % 7)}`,
    distinctPeers: isUsed ? 1 + (index % 40) : 0,
    peerSample: isUsed ? Array.from({ length: 1 + (index % 10) }, (_, i) => `10.1.${String(i)}.0/24`) : [],
    evidence: {
      days,
      watchedDays: days - (index % 3),
      gaps: index % 3 === 0 ? [] : [{ from: dayAt(days >> 1), to: dayAt((days >> 1) + (index % 3) - 1) }],
      young: null,
      accepted: 8000,
      interfaceDays: 4 * days,
      observedDays: 4 * days - (index % 3),
      records: 9000,
      skipped: index % 5,
      knownSince: '2025-09-01T00:00:00Z',
    },
    history,
    hours: Array.from({ length: 24 }, (_, hour) =>
      isUsed ? Math.floor((usedTimes * (1 + chance(index, hour))) / 36) : 0,
    ),
    wentQuiet,
    accountId: `1111222233${String(10 + (group % 12))}`,
    region: group % 3 === 0 ? 'us-east-1' : 'eu-central-1',
    vpcId: `vpc-${String(group % 40)}`,
    owner: group % 6 === 5 ? null : { name: `team-${String(group % 200)}`, from: 'the tag team of its group' },
    attachedTo: ['load balancer shop'],
    rank: { score: Math.round(1000 * chance(index, 1)) / 10, exposure: chance(index, 2), idleness: chance(index, 3) },
    narrower:
      index % 25 === 1
        ? {
            ruleId: ruleIdAt(index),
            rules: [{ protocol, ports: { from: port, to: port }, peer: { type: 'cidrIpv4', value: '10.1.2.0/28' } }],
            givesUp: 0.998,
            serviceFlows: 41,
            days,
            caveats: ['fewDays'],
          }
        : null,
  };
}

/** Most rules are used, as in a real account; each verdict occurs among any ten. */
function kindAt(index: number): VerdictKind {
  const place = index % 10;
  return place < VERDICT_KINDS.length ? VERDICT_KINDS[place]! : 'active';
}

function verdictOf(kind: VerdictKind, index: number): Verdict {
  switch (kind) {
    case 'exempt':
      return { kind, reason: 'kept for the audit', until: '2027-01-01', owner: 'network team' };
    case 'active':
      return { kind, unanswered: index % 20 === 9 };
    case 'redundant':
      return { kind, coveredBy: [ruleIdAt(index + 4)], ageUnknown: index % 4 === 0 };
    case 'notObserved':
      return { kind, reason: 'notWatched', watchedDays: 3, days: 90, because: 'notCovered', interfaceId: null };
    case 'tooYoung':
      return { kind, young: 'rule', since: '2026-03-01T00:00:00Z', nextBetterDay: '2026-05-30' };
    case 'unattached':
      return { kind, referred: index % 8 === 0, ageUnknown: index % 4 === 0 };
    case 'stale':
      return { kind, ageUnknown: index % 4 === 0 };
  }
}

function dayOf(index: number, day: number): DayReport {
  // A few rules carry most of the traffic, as everywhere.
  const usedTimes = 1 + Math.floor(chance(index, day) * 10 ** (4 * chance(index, 11) ** 2));
  return {
    day: dayAt(day),
    usedTimes,
    replyTimes: usedTimes - 1,
    possibleTimes: day % 9 === 0 ? 2 : 0,
    bytes: usedTimes * (400 + Math.floor(900 * chance(day, index))),
  };
}

function qualityAt(day: number): DayQuality {
  const reconciled = day % 5 !== 4;
  return {
    day: dayAt(day),
    source: reconciled ? 'reconciled' : 'streamed',
    records: 100_000 + day,
    hours: Array.from({ length: 24 }, (_, hour) =>
      Math.floor(4000 * chance(hour, day) * (hour > 6 && hour < 20 ? 1 : 0.1)),
    ),
    driftShare: reconciled ? chance(day, 5) / 50 : null,
    driftingRules: reconciled ? day % 7 : null,
    incomplete: reconciled ? null : 'fewer records than were streamed',
  };
}

function rejectedAt(index: number): RejectedFlowReport {
  const differsIn = (['port', 'peer', 'protocol'] as const)[index % 3]!;
  return {
    interfaceId: idOf('eni', index + 1),
    direction: index % 4 === 0 ? 'egress' : 'ingress',
    protocol: 'tcp',
    peer: `198.51.100.${String(index)}`,
    port: 3389 + index,
    reason: index === 7 ? 'BPA' : '',
    times: 5000 - 10 * index,
    lastSeen: '2026-03-30T11:12:13Z',
    nearest: index % 5 === 4 ? null : { ruleId: ruleIdAt(index), differsIn },
  };
}

function findingsOf(rules: readonly RuleReport[]): RankedFinding[] {
  const [a, b, c, d] = rules as [RuleReport, RuleReport, RuleReport, RuleReport];
  return [
    {
      finding: { kind: 'openToWorld', ruleId: b.ruleId, service: 'SSH' },
      rank: 97,
      text: 'SSH is open to every address.',
    },
    {
      finding: {
        kind: 'coveredByRules',
        ruleId: a.ruleId,
        coveredBy: [b.ruleId, c.ruleId],
        within: 'group',
        mustStay: false,
        restsOnLists: [],
      },
      rank: 61,
      text: 'Two rules of its own group admit all that it can admit.',
    },
    {
      finding: { kind: 'duplicateRules', groupId: a.groupId, ruleIds: [c.ruleId, d.ruleId] },
      rank: 40,
      text: 'The same rule twice.',
    },
    {
      finding: { kind: 'danglingReference', ruleId: d.ruleId, groupId: 'sg-0gone', detail: 'deleted' },
      rank: 33,
      text: 'It refers to a group that is gone.',
    },
    {
      finding: { kind: 'groupOnNoInterface', groupId: a.groupId, groupName: a.groupName, rules: 12 },
      rank: 12,
      text: 'A group is on no interface.',
    },
  ];
}

/** Every third stale rule is left out; the rest goes in two stages. */
const PLACE = { accountId: '111122223333', region: 'eu-central-1', vpcId: 'vpc-1' };

function planOf(rules: readonly RuleReport[], days: number): Plan {
  const stale = rules.filter(({ verdict }) => verdict.kind === 'stale');
  const kept = stale.filter((_, i) => i % 3 === 2);
  const planned = stale.filter((_, i) => i % 3 !== 2).map(removalOf);
  const half = Math.ceil(planned.length / 2);
  return {
    schemaVersion: 1,
    asOf: '2026-03-31T21:30:00Z',
    windowDays: days,
    accounts: ['111122223333'],
    regions: ['eu-central-1'],
    profile: null,
    caveats: ['What is used less often than once in 89 days may not have been seen.'],
    goodUntil: '2026-04-30',
    evidence: { source: 'evidence', days: days - 1, missingDays: [dayAt(0)] },
    stages: [planned.slice(0, half), planned.slice(half)].map((removals, i) => ({
      number: i + 1,
      waitDays: 6,
      keepers: [
        {
          ruleId: ruleIdAt(4),
          ...PLACE,
          check: `aws ec2 describe-security-group-rules --security-group-rule-ids ${ruleIdAt(4)}`,
        },
      ],
      removals,
    })),
    inCode: [],
    skipped: kept.map(({ ruleId, groupId, groupName, verdict }) => ({
      ruleId,
      groupId,
      groupName,
      verdict: verdict.kind,
      reason: 'its age is unknown',
    })),
  };
}

function removalOf(
  { ruleId, groupId, groupName, direction, protocol, peer, description }: RuleReport,
  index: number,
): Removal {
  const rule: Rule = {
    ruleId,
    groupId,
    groupName,
    direction,
    protocol,
    description,
    protocolNumber: 6,
    ports: { from: 22, to: 22 },
    icmp: undefined,
    peer: { type: 'prefixList', value: peer.value },
    tags: {},
    unmatchable: undefined,
  };
  return {
    rule,
    ...PLACE,
    peerName: null,
    verdict: 'stale',
    why: 'unused',
    lastUsed: null,
    coveredBy: [],
    cutsUntracked: index % 5 === 0,
    notes: [],
    managedBy: index % 4 === 0 ? [{ tool: 'CloudFormation', note: 'CloudFormation manages it: stack network' }] : [],
    check: `aws ec2 describe-security-group-rules --security-group-rule-ids ${ruleId}`,
    command: `aws ec2 revoke-security-group-${direction} --group-id ${groupId} --security-group-rule-ids ${ruleId}`,
    undo: `aws ec2 authorize-security-group-${direction} --group-id ${groupId} --ip-permissions 'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=${peer.value}}]'`,
    terraform: {
      resource: direction === 'ingress' ? 'aws_vpc_security_group_ingress_rule' : 'aws_vpc_security_group_egress_rule',
      importId: ruleId,
      lookUp: [`terraform state list -id=${ruleId}`],
    },
  };
}
