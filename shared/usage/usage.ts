import { formatPrefix, maskAddress, type Address } from '../addresses/address.ts';
import type { PortRange } from '../inventory/inventory.ts';
import { recordOf } from '../record-of.ts';
import {
  COUNTER_NAMES,
  INTERFACE_COUNTER_NAMES,
  LATEST_NAMES,
  type InterfaceCounters,
  type LatestTimes,
  type RuleCounters,
} from './counters.ts';
import type { FlowLogFileName } from '../flowlogs/file-name.ts';
import { emptyLogDay, noteFile, type LogDay } from './log-days.ts';
import { hashOf, SmallestHashes } from './smallest-hashes.ts';
import type { Direction } from '../protocols.ts';
import type { Day } from '../time.ts';

/** What can become of a record; every record ends in exactly one. In the order in which they are decided. */
export const FATES = [
  'noData',
  'skipData',
  'malformed',
  'otherAccount',
  'duplicateLog',
  'rejected',
  'unknownInterface',
  'noGroup',
  'unknownDirection',
  'possible',
  'unexplained',
  'attributed',
] as const;

export type Fate = (typeof FATES)[number];
/** Records by what became of them. */
export type Fates = Record<Fate, number>;

export function noFates(): Fates {
  return recordOf(FATES, () => 0);
}

/** What one rule admitted on one UTC day: {@link COUNTERS} says what each number counts, {@link LATEST} what each time is. */
export interface RuleDay extends RuleCounters, LatestTimes {
  /** Requests by UTC hour of `end`, 0 to 23. */
  readonly hours: number[];
  /** By service port bucket. */
  readonly ports: Map<string, PortUse>;
  readonly peers: PeerSample;
}

export interface PortUse {
  readonly protocol: number;
  /** Undefined for protocols without ports. */
  readonly bucket: PortRange | undefined;
  usedTimes: number;
  replyTimes: number;
}

/** Distinct peers as /24 or /64 prefixes, in text, with a bounded sample. */
export type PeerSample = SmallestHashes<string>;

export const PEERS_KEPT = 32;

export function addPeer(sample: PeerSample, peer: Readonly<Address>): void {
  const six = peer.family === 6;
  const hash = six ? hashOf(6, peer.w0, peer.w1) : hashOf(4, peer.w0 & ~255);
  if (sample.wants(hash)) keepPeer(sample, hash, peer, six ? 64 : 24);
}

function keepPeer(sample: PeerSample, hash: number, peer: Readonly<Address>, length: number): void {
  sample.keep(hash, () => formatPrefix({ address: maskAddress(peer, length), length }));
}

/** What was seen of one interface on one day, whatever became of it. */
export interface InterfaceDay extends InterfaceCounters {
  /** Flow logs that told of it by a record of any kind, duplicates too; `''` for files whose name has no id. */
  readonly logs: Set<string>;
}

export function emptyInterfaceDay(): InterfaceDay {
  return { ...recordOf(INTERFACE_COUNTER_NAMES, () => 0), logs: new Set() };
}

/** Stands for every VPC that the inventory does not know. */
export const ELSEWHERE = 'elsewhere';

/** Rules that all admit the same flows: removing rules is safe for what was seen if no whole set is among them. */
export interface AdmittingSet {
  readonly day: Day;
  readonly vpcId: string;
  /** The groups of the interfaces it was seen on. Sorted. */
  readonly groupIds: readonly string[];
  /** Sorted. */
  readonly ruleIds: readonly string[];
  requests: number;
  replies: number;
  /**
   * Of a set with a rule that names a group: requests from a known interface of the same subnet and VPC, with nothing in
   * between. Of a set of that rule alone only those with SYN: they show that AWS honours the reference. Always 0 elsewhere.
   */
  provenTimes: number;
}

/**
 * Whether all that was seen of the set stayed in its subnet: there, a reference to a group that works for one works for
 * all, while between subnets a firewall may make it void.
 */
export function isLocal({ requests, provenTimes }: Pick<AdmittingSet, 'requests' | 'provenTimes'>): boolean {
  return requests > 0 && provenTimes === requests;
}

/** Whether it shows that AWS honours the reference of its one rule to a group. */
export function isProof({ ruleIds, provenTimes }: Pick<AdmittingSet, 'ruleIds' | 'provenTimes'>): boolean {
  return ruleIds.length === 1 && provenTimes > 0;
}

/** What two sets must have in common to be one. */
export function admittingSetKey(set: Pick<AdmittingSet, 'day' | 'vpcId' | 'groupIds' | 'ruleIds'>): string {
  return [String(set.day), set.vpcId, set.groupIds.join(','), set.ruleIds.join(',')].join(' ');
}

/** Rejected traffic between one interface and one peer on one service port. */
export interface RejectedFlow {
  readonly interfaceId: string;
  /** Undefined where neither address is the interface's. */
  readonly direction: Direction | undefined;
  readonly protocol: number;
  readonly peer: string;
  /** Destination port; 0 for protocols without ports. */
  readonly port: number;
  /** `BPA` or `EC`: no security group decided; `''` else. */
  readonly reason: string;
  times: number;
  lastSeen: number;
}

export const REJECTED_KEPT = 4096;
export const UNKNOWN_INTERFACES_KEPT = 100;

/** Everything that counting yields. Sums only: the order of records and files leaves no trace. */
export interface Usage {
  readonly fates: Fates;
  /**
   * The same by the account that a record is of, and the region of its file's name; `''` where nothing tells. Stores do not keep
   * it: empty where nobody counted it.
   */
  readonly accounts: Map<string, Map<string, Fates>>;
  /** Attributed, possible and unexplained records, by who opened the connection. */
  requests: number;
  replies: number;
  /** Of those, the records whose ports and rules could not tell the opener. */
  ambiguous: number;
  /** Latest and earliest `end` of any readable record, UNIX seconds; -1 for none. */
  lastEnd: number;
  firstEnd: number;
  readonly rules: Map<string, Map<Day, RuleDay>>;
  /** What was read of each flow log, by its id; `''` for files whose name has none. */
  readonly logs: Map<string, Map<Day, LogDay>>;
  /** Only interfaces of the inventory. */
  readonly interfaces: Map<string, Map<Day, InterfaceDay>>;
  /** Accepted records of unknown interfaces by VPC id (`''` where the log does not say) and day. */
  readonly unknownAccepted: Map<string, Map<Day, { records: number }>>;
  readonly unknownInterfaces: SmallestHashes<string>;
  readonly admittingSets: Map<string, AdmittingSet>;
  readonly rejected: SmallestHashes<RejectedFlow>;
}

export function emptyUsage(): Usage {
  return {
    fates: noFates(),
    accounts: new Map(),
    requests: 0,
    replies: 0,
    ambiguous: 0,
    lastEnd: -1,
    firstEnd: -1,
    rules: new Map(),
    logs: new Map(),
    interfaces: new Map(),
    unknownAccepted: new Map(),
    unknownInterfaces: new SmallestHashes(UNKNOWN_INTERFACES_KEPT),
    admittingSets: new Map(),
    rejected: new SmallestHashes(REJECTED_KEPT),
  };
}

const NO_COUNTS: Readonly<RuleCounters & LatestTimes> = {
  ...recordOf(COUNTER_NAMES, () => 0),
  ...recordOf(LATEST_NAMES, () => -1),
};

export function emptyRuleDay(): RuleDay {
  return {
    ...NO_COUNTS,
    hours: new Array<number>(24).fill(0),
    ports: new Map(),
    peers: new SmallestHashes(PEERS_KEPT),
  };
}

/** The value at `outer`, `inner`, made where it is missing. */
export function within<A, B, V>(map: Map<A, Map<B, V>>, outer: A, inner: B, make: () => V): V {
  let values = map.get(outer);
  if (!values) map.set(outer, (values = new Map<B, V>()));
  let value = values.get(inner);
  if (value === undefined) values.set(inner, (value = make()));
  return value;
}

/** Notes a file with a line in it, by what its name says. */
export function noteFileIn(logs: Usage['logs'], named: FlowLogFileName): void {
  noteFile(within(logs, named.flowLogId, named.day, emptyLogDay), named);
}

export function ruleDay(usage: Usage, ruleId: string, day: Day): RuleDay {
  return within(usage.rules, ruleId, day, emptyRuleDay);
}

export function addPossible(into: RuleDay, times: number, last: number): void {
  into.possibleTimes += times;
  into.lastPossible = Math.max(into.lastPossible, last);
}
