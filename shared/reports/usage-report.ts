import type { RankedFinding } from '../advice/findings/finding.ts';
import type { Narrower } from '../advice/narrowing/narrower.ts';
import type { Plan } from '../advice/removal/plan.ts';
import type { Rank } from '../advice/exposure/rank.ts';
import { recordOf } from '../record-of.ts';
import { REPORTED_COUNTERS, type ReportedCounters } from '../usage/counters.ts';
import { FATES, type Fate, type PortUse, type RejectedFlow, type Usage } from '../usage/usage.ts';
import type { MalformedSample } from '../flowlogs/malformed.ts';
import type { Evidence, Judged } from '../verdicts/judge.ts';
import type { Verdict } from '../verdicts/verdict.ts';
import type { ReportAdvice } from './report-advice.ts';
import { verdictText } from './verdict-text.ts';
import { isoTime } from '../time.ts';
import { hasPorts, type Direction, protocolName } from '../protocols.ts';
import { isoDay } from '../time.ts';

export interface PortReport {
  readonly protocol: string;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly usedTimes: number;
  readonly replyTimes: number;
}

/** What a rule admitted on one UTC day; times are numbers of records. */
export interface DayReport {
  readonly day: string;
  readonly usedTimes: number;
  readonly replyTimes: number;
  readonly possibleTimes: number;
  readonly bytes: number;
}

/** What a verdict rests on besides the counters. */
export interface EvidenceReport {
  /** Interface-days of the rule's group in the window, and how many of them flow logs covered. */
  readonly interfaceDays: number;
  readonly observedDays: number;
  /** Records of the group's interfaces, and of these SKIPDATA. */
  readonly records: number;
  readonly skipped: number;
  /** Since when the rule reads as it does, as far as snapshots or a person vouch for it. */
  readonly knownSince: string | null;
}

/** Used on most days until `lastDay`, and not since, though its window has not ended. */
export interface WentQuiet {
  readonly lastDay: string;
  /** Days with use, up to `lastDay`. */
  readonly usedDays: number;
  /** Days without, since. */
  readonly quietDays: number;
}

/** Its counters are of the window. */
export interface RuleReport extends ReportedCounters {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly direction: Direction;
  readonly protocol: string;
  /** TCP and UDP only, inclusive; null elsewhere. */
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly peer: { readonly type: string; readonly value: string };
  readonly description: string;
  /** ISO 8601, UTC; of any day read, in the window or before it. */
  readonly lastUsed: string | null;
  readonly lastPossible: string | null;
  readonly ports: readonly PortReport[];
  readonly verdict: Verdict;
  /** The verdict's reason in words, and what removing the rule would cut. May hold text of others (tags). */
  readonly why: string;
  /** Distinct /24 and /64 peers; exact up to 32, beyond that an estimate. */
  readonly distinctPeers: number;
  /** Of these, a few: the same whatever the order of the records. */
  readonly peerSample: readonly string[];
  readonly evidence: EvidenceReport;
  /** The days of the window on which it was used, or may have been; the oldest first. */
  readonly history: readonly DayReport[];
  /** Requests by UTC hour, 24 of them, over the window. */
  readonly hours: readonly number[];
  readonly wentQuiet: WentQuiet | null;
  readonly rank: Rank;
  /** Null where nothing narrower is worth proposing, or there is no evidence of service flows. */
  readonly narrower: Narrower | null;
}

/** One UTC day as a whole. */
export interface DayQuality {
  readonly day: string;
  /** `read`: by `analyze`, from the files; `streamed`: as it came; `reconciled`: by the night. */
  readonly source: 'read' | 'streamed' | 'reconciled';
  readonly records: number;
  /** Requests of all rules by UTC hour, 24 of them; a request is counted once for each rule that admitted it. */
  readonly hours: readonly number[];
  /** For reconciled days: how much of what was credited the night credits otherwise, 0 to 1, and to how many rules. */
  readonly driftShare: number | null;
  readonly driftingRules: number | null;
  /** Why a night has not replaced what was streamed; null where one has, or where there are none. */
  readonly incomplete: string | null;
}

/** Rejected traffic between an interface and a peer, taken as requests. */
export interface RejectedFlowReport {
  readonly interfaceId: string;
  readonly direction: Direction | null;
  readonly protocol: string;
  readonly peer: string;
  /** Destination port; null for protocols without ports. */
  readonly port: number | null;
  /** `BPA` or `EC` where no security group decided; `''` else. */
  readonly reason: string;
  readonly times: number;
  readonly lastSeen: string;
  /** The rule of the interface that comes nearest to admitting it, and in what it does not. */
  readonly nearest: { readonly ruleId: string; readonly differsIn: 'port' | 'peer' | 'protocol' } | null;
}

/** `usage.json`, version 1. Keys may be added; none is taken away or changes its meaning within a version. */
export interface UsageReport {
  readonly schemaVersion: 1;
  readonly asOf: string;
  readonly windowDays: number;
  /** UTC days, both inclusive: what the counters of the rules speak of. */
  readonly window: { readonly from: string; readonly to: string };
  readonly ageKnownSince: string | null;
  /** How a day counts as observed: by the list of flow logs, or only by the records found. */
  readonly observedBy: 'flowLogs' | 'records';
  /** attributed / (attributed + possible + unexplained + unknownDirection + unknownInterface); null without any. */
  readonly coverage: number | null;
  readonly records: Readonly<Record<'total' | Fate | 'requests' | 'replies' | 'ambiguous', number>>;
  readonly malformedSamples: readonly MalformedSample[];
  /** Of the inventory, and of the list of exemptions. */
  readonly inventoryProblems: readonly string[];
  readonly unknownInterfaces: { readonly distinct: number; readonly sample: readonly string[] };
  /** Rejected traffic, most frequent first; a bounded sample once there are more than 4,096 distinct flows. */
  readonly rejectedFlows: { readonly distinct: number; readonly top: readonly RejectedFlowReport[] };
  readonly rules: readonly RuleReport[];
  /** The days that were read, the oldest first. */
  readonly days: readonly DayQuality[];
  /** The highest rank first. */
  readonly findings: readonly RankedFinding[];
  /** What may be removed together; null where it was not worked out. */
  readonly plan: Plan | null;
}

/** What a report says of the records, before anything is said of rules. */
export type CountedReport = Omit<UsageReport, 'rules' | 'findings' | 'plan'>;

export interface CountedInput {
  readonly asOf: number;
  readonly windowDays: number;
  readonly rulesKnownSince: number | undefined;
  readonly observedBy: 'flowLogs' | 'records';
  readonly window: { readonly firstDay: number; readonly lastObservedDay: number };
  readonly malformedSamples: readonly MalformedSample[];
  readonly inventoryProblems: readonly string[];
  /** None where nobody says. */
  readonly days?: readonly DayQuality[];
}

export interface ReportInput extends CountedInput {
  readonly advice: ReportAdvice;
}

const REJECTED_SHOWN = 100;
const PEERS_SHOWN = 10;

export function usageReport(input: ReportInput, usage: Usage, judged: readonly Judged[]): UsageReport {
  const { advice } = input;
  return {
    ...countedReport(input, usage, advice.nearest),
    rules: judged.map((one) => ruleReport(one, advice)),
    findings: advice.findings,
    plan: advice.plan,
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

/** The share of accepted records that rules explain; undefined shares (no record at all) are null. */
export function coverageOf(fates: Readonly<Record<Fate, number>>): number | null {
  const { attributed, possible, unexplained, unknownDirection, unknownInterface } = fates;
  const all = attributed + possible + unexplained + unknownDirection + unknownInterface;
  return all === 0 ? null : attributed / all;
}

function ruleReport(judged: Judged, { ranks, narrower }: ReportAdvice): RuleReport {
  const { rule, use, verdict, evidence, quiet } = judged;
  const { distinctPeers, peerSample, history, hours, ...counted } = countedRule(judged);
  return {
    ...counted,
    verdict,
    why: verdictText(verdict, use),
    distinctPeers,
    peerSample,
    history,
    hours,
    evidence: evidenceReport(evidence),
    wentQuiet: quiet ? { ...quiet, lastDay: isoDay(quiet.lastDay) } : null,
    rank: ranks.get(rule.ruleId)!,
    narrower: narrower.get(rule.ruleId) ?? null,
  };
}

/** As in `usage.json`, but for what only a verdict can say. */
export type CountedRule = Omit<RuleReport, 'verdict' | 'why' | 'evidence' | 'wentQuiet' | 'rank' | 'narrower'>;

export function countedRule({
  rule,
  use,
  days,
  lastUsed,
  lastPossible,
}: Pick<Judged, 'rule' | 'use' | 'days' | 'lastUsed' | 'lastPossible'>): CountedRule {
  return {
    ruleId: rule.ruleId,
    groupId: rule.groupId,
    groupName: rule.groupName,
    direction: rule.direction,
    protocol: rule.protocol,
    fromPort: rule.ports?.from ?? null,
    toPort: rule.ports?.to ?? null,
    peer: { type: rule.peer.type, value: rule.peer.value },
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

function evidenceReport({ interfaceDays, observedDays, records, skipped, knownSince }: Evidence): EvidenceReport {
  return {
    ...{ interfaceDays, observedDays, records, skipped },
    knownSince: knownSince === undefined ? null : isoTime(knownSince),
  };
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
