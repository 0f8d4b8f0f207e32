import type { Inventory } from '../inventory/inventory.ts';
import { attachedTo, ownerOf } from '../inventory/owners.ts';
import { peerName, type Names } from '../inventory/peer-name.ts';
import type { OnlyRemembered } from '../inventory/past/past.ts';
import { recordOf } from '../record-of.ts';
import { REPORTED_COUNTERS } from '../usage/counters.ts';
import { FATES, type PortUse, type RejectedFlow, type Usage } from '../usage/usage.ts';
import type { MalformedSample } from '../flowlogs/malformed.ts';
import type { Grown, Milestones } from '../verdicts/growing-window.ts';
import type { Evidence, Judged } from '../verdicts/judge.ts';
import { accountReports } from './account-report.ts';
import { coverageOf } from './coverage.ts';
import type { ReportAdvice } from './report-advice.ts';
import type { DayQuality, EvidenceReport, PortReport, RejectedFlowReport, RuleReport, UsageReport } from './schema.ts';
import { verdictText } from './verdict-text.ts';
import { hasPorts, protocolName } from '../protocols.ts';
import { ruleText } from '../text/rule-text.ts';
import { isoDay, isoTime, type Day } from '../time.ts';

/** What a report says of the records, before anything is said of rules. */
export type CountedReport = Omit<UsageReport, 'accounts' | 'growth' | 'rules' | 'findings' | 'plan'>;

export interface CountedInput {
  readonly asOf: number;
  readonly windowDays: number;
  readonly rulesKnownSince: number | undefined;
  readonly observedBy: 'flowLogs' | 'records';
  readonly window: { readonly firstDay: number; readonly lastObservedDay: number };
  readonly malformedSamples: readonly MalformedSample[];
  readonly inventoryProblems: readonly string[];
  /** None where the account was not asked what it remembers. */
  readonly remembered?: readonly OnlyRemembered[];
  /** None where nobody says. */
  readonly days?: readonly DayQuality[];
}

export interface ReportInput extends CountedInput {
  /** The newest. */
  readonly inventory: Inventory;
  /** The key of the tag that names owners, before those that are usual. */
  readonly ownerTag?: string | undefined;
  readonly growth: Grown & Milestones;
  readonly advice: ReportAdvice;
}

const REJECTED_SHOWN = 100;
const PEERS_SHOWN = 10;

export function buildReport(input: ReportInput, usage: Usage, judged: readonly Judged[]): UsageReport {
  const { advice, inventory, ownerTag } = input;
  const attached = attachedTo(inventory);
  const rules = judged.map((one) => ({
    ...ruleReport(one, advice, inventory),
    ...placeReport(one.rule.groupId, inventory),
    owner: ownerOf(one.rule, inventory.groups.get(one.rule.groupId), ownerTag) ?? null,
    attachedTo: [...(attached.get(one.rule.groupId) ?? [])],
  }));
  return {
    ...countedReport(input, usage, advice.nearest),
    growth: growthReport(input.growth),
    accounts: accountReports(inventory, usage, { rules, plan: advice.plan, days: input.days ?? [] }),
    rules,
    findings: advice.findings,
    plan: advice.plan,
  };
}

function placeReport(groupId: string, { groups, accounts }: Inventory): Partial<RuleReport> {
  const { ownerId, region, vpcId } = groups.get(groupId) ?? { ownerId: '', region: '', vpcId: '' };
  const accountName = accounts?.find(({ accountId }) => accountId === ownerId)?.name ?? '';
  return {
    ...(ownerId && { accountId: ownerId }),
    ...(accountName && { accountName }),
    ...(region && { region }),
    ...(vpcId && { vpcId }),
  };
}

function growthReport({ days, nextDay, verdictsOn, planOn, wholeOn }: ReportInput['growth']): UsageReport['growth'] {
  if (wholeOn === undefined) return null;
  const iso = (day: Day | undefined): string | null => (day === undefined ? null : isoDay(day));
  return {
    days,
    firstDay: days === 0 ? null : isoDay(nextDay - days),
    verdictsOn: iso(verdictsOn),
    planOn: iso(planOn),
    wholeOn: isoDay(wholeOn),
  };
}

export function countedReport(
  input: CountedInput,
  usage: Usage,
  nearest: ReportAdvice['nearest'] = () => undefined,
): CountedReport {
  const { fates } = usage;
  const total = FATES.reduce((sum, fate) => sum + fates[fate], 0);
  return {
    schemaVersion: 1,
    asOf: isoTime(input.asOf),
    windowDays: input.windowDays,
    window: { from: isoDay(input.window.firstDay), to: isoDay(input.window.lastObservedDay) },
    ageKnownSince: input.rulesKnownSince === undefined ? null : isoTime(input.rulesKnownSince),
    observedBy: input.observedBy,
    coverage: coverageOf(fates),
    records: { total, ...fates, requests: usage.requests, replies: usage.replies, ambiguous: usage.ambiguous },
    malformedSamples: input.malformedSamples,
    inventoryProblems: input.inventoryProblems,
    ...(input.remembered && { remembered: input.remembered }),
    unknownInterfaces: {
      distinct: usage.unknownInterfaces.distinct,
      sample: usage.unknownInterfaces.entries().map(([, interfaceId]) => interfaceId),
    },
    rejectedFlows: {
      distinct: usage.rejected.distinct,
      top: usage.rejected
        .entries()
        .map(([, flow]) => flow)
        .sort((a, b) => b.times - a.times)
        .slice(0, REJECTED_SHOWN)
        .map((flow) => rejectedFlowReport(flow, nearest)),
    },
    days: input.days ?? [],
  };
}

function rejectedFlowReport(flow: RejectedFlow, nearestTo: ReportAdvice['nearest']): RejectedFlowReport {
  const { interfaceId, direction = null, protocol, peer, reason, times, lastSeen } = flow;
  const port = hasPorts(protocol) ? flow.port : null;
  return {
    interfaceId,
    direction,
    protocol: protocolName(protocol),
    peer,
    port,
    reason,
    times,
    lastSeen: isoTime(lastSeen),
    nearest: nearestTo(flow) ?? null,
  };
}

function ruleReport(judged: Judged, { ranks, narrower }: ReportAdvice, names: Names): RuleReport {
  const { rule, use, verdict, evidence, quiet } = judged;
  const { distinctPeers, peerSample, history, hours, ...counted } = countedRule(judged, names);
  return {
    ...counted,
    verdict,
    why: verdictText(verdict, use),
    distinctPeers,
    peerSample,
    history,
    hours,
    evidence: evidenceReport(evidence),
    ...(judged.changes.length > 0 && { changes: changesReport(judged.changes) }),
    wentQuiet: quiet ? { ...quiet, lastDay: isoDay(quiet.lastDay) } : null,
    rank: ranks.get(rule.ruleId)!,
    narrower: narrower.get(rule.ruleId) ?? null,
  };
}

/** As in `usage.json`, but for what only a verdict can say. */
export type CountedRule = Omit<
  RuleReport,
  | 'verdict'
  | 'why'
  | 'evidence'
  | 'changes'
  | 'wentQuiet'
  | 'rank'
  | 'narrower'
  | 'accountId'
  | 'accountName'
  | 'region'
  | 'vpcId'
  | 'owner'
  | 'attachedTo'
>;

export function countedRule(
  { rule, use, days, lastUsed, lastPossible }: Pick<Judged, 'rule' | 'use' | 'days' | 'lastUsed' | 'lastPossible'>,
  names: Names,
): CountedRule {
  return {
    ruleId: rule.ruleId,
    groupId: rule.groupId,
    groupName: rule.groupName,
    direction: rule.direction,
    protocol: rule.protocol,
    fromPort: rule.ports?.from ?? null,
    toPort: rule.ports?.to ?? null,
    icmp: rule.icmp ?? null,
    peer: { type: rule.peer.type, value: rule.peer.value, name: peerName(rule.peer, names) },
    description: rule.description,
    ...recordOf(REPORTED_COUNTERS, (name) => use[name]),
    lastUsed: lastUsed < 0 ? null : isoTime(lastUsed),
    lastPossible: lastPossible < 0 ? null : isoTime(lastPossible),
    ports: [...use.ports.values()].sort(byPort).map(portReport),
    distinctPeers: use.peers.distinct,
    peerSample: use.peers
      .entries()
      .slice(0, PEERS_SHOWN)
      .map(([, prefix]) => prefix),
    history: [...(days ?? [])]
      .filter(([, { usedTimes, replyTimes, possibleTimes }]) => usedTimes + replyTimes + possibleTimes > 0)
      .map(([day, { usedTimes, replyTimes, possibleTimes, bytes }]) => {
        return { day: isoDay(day), usedTimes, replyTimes, possibleTimes, bytes };
      }),
    hours: use.hours,
  };
}

export function evidenceReport({
  days,
  watchedDays,
  knownSince,
  knownBy,
  young,
  gaps,
  ...sums
}: Evidence): EvidenceReport {
  return {
    days,
    watchedDays,
    gaps: gaps.map(({ firstDay, lastDay }) => ({ from: isoDay(firstDay), to: isoDay(lastDay) })),
    ...sums,
    knownSince: knownSince === undefined ? null : isoTime(knownSince),
    ...(knownBy && { knownBy }),
    young: young ? { what: young.what, since: isoTime(young.since) } : null,
  };
}

export function changesReport(changes: Judged['changes']): NonNullable<RuleReport['changes']> {
  return changes.map(({ at, by, what, before }) => {
    return { time: isoTime(at), by, what, before: before ? ruleText(before) : null };
  });
}

/** The order of port buckets. */
export function byPort(a: PortUse, b: PortUse): number {
  return (
    a.protocol - b.protocol ||
    (a.bucket?.from ?? -1) - (b.bucket?.from ?? -1) ||
    (a.bucket?.to ?? -1) - (b.bucket?.to ?? -1)
  );
}

function portReport({ protocol, bucket, usedTimes, replyTimes }: PortUse): PortReport {
  return {
    protocol: protocolName(protocol),
    fromPort: bucket?.from ?? null,
    toPort: bucket?.to ?? null,
    usedTimes,
    replyTimes,
  };
}
