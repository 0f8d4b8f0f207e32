import type { Admission } from '../matching/admission.ts';
import { rangeOfBucket } from '../matching/port-buckets.ts';
import {
  addPeer,
  addPossible,
  admittingSetKey,
  PEERS_KEPT,
  ruleDay,
  type AdmittingSet,
  type RuleDay,
  type Usage,
} from '../usage/usage.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { CreditedRequests, FoldedFlow, RecordSums } from './flow-fold.ts';
import type { PossibleUse } from './possible-use.ts';
import { SmallestHashes } from '../usage/smallest-hashes.ts';
import type { Day } from '../time.ts';

/** The bucket of records whose protocol has no ports. */
export const NO_PORT = -1;

/** What the flows of one admission added up to on one day; spread over its rules when written out. */
interface AdmissionDay {
  requests: number;
  /** Requests with SYN from a known interface of the same subnet. */
  proven: number;
  inferred: number;
  replies: number;
  packets: number;
  bytes: number;
  lastUsed: number;
  /** Requests by hour; made with the first one. */
  hours: number[] | undefined;
  /** Requests and replies by counting bucket of the service port; one bucket, NO_PORT, where the protocol has none. */
  readonly ports: Map<number, { requests: number; replies: number }>;
  readonly peers: SmallestHashes<string>;
}

function emptyAdmissionDay(): AdmissionDay {
  return {
    requests: 0,
    proven: 0,
    inferred: 0,
    replies: 0,
    packets: 0,
    bytes: 0,
    lastUsed: -1,
    hours: undefined,
    ports: new Map(),
    peers: new SmallestHashes(PEERS_KEPT),
  };
}

/**
 * The sums of one admission, by day. A record touches one tally whatever the number of rules that admit it, and what its
 * service flow tells of it is added once for the flow; the rules get their share at the end.
 */
export class Tally {
  readonly #admission: Admission;
  readonly #days = new Map<Day, AdmissionDay>();
  #day: Day = -1;
  #current: AdmissionDay = emptyAdmissionDay();

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  creditRequests({ day, hours, inferred, proven }: CreditedRequests): void {
    const sums = this.#at(day);
    const into = (sums.hours ??= new Array<number>(24).fill(0));
    hours.forEach((times, hour) => (into[hour]! += times));
    sums.inferred += inferred;
    sums.proven += proven;
  }

  /** @param bucket counting bucket of the service port, or {@link NO_PORT} */
  credit(flow: FoldedFlow, bucket: number): void {
    const sums = this.#at(flow.day);
    let port = sums.ports.get(bucket);
    if (!port) sums.ports.set(bucket, (port = { requests: 0, replies: 0 }));
    port.requests += flow.requests;
    port.replies += flow.replies;
    sums.requests += flow.requests;
    sums.replies += flow.replies;
    sums.packets += flow.packets;
    sums.bytes += flow.bytes;
    if (flow.last > sums.lastUsed) sums.lastUsed = flow.last;
    addPeer(sums.peers, flow.peer);
  }

  addTo(usage: Usage): void {
    for (const [day, sums] of this.#days) {
      for (const { ruleId } of creditedBy(this.#admission)) this.#addRule(ruleDay(usage, ruleId, day), ruleId, sums);
      if (sums.replies > 0) {
        for (const { ruleId } of this.#admission.untrackedBy)
          ruleDay(usage, ruleId, day).untrackedReplies += sums.replies;
      }
      const set = admittingSet(usage, day, this.#admission);
      set.requests += sums.requests;
      set.replies += sums.replies;
      set.provenTimes += sums.proven;
    }
  }

  #at(day: Day): AdmissionDay {
    if (day === this.#day) return this.#current;
    let sums = this.#days.get(day);
    if (!sums) this.#days.set(day, (sums = emptyAdmissionDay()));
    this.#day = day;
    this.#current = sums;
    return sums;
  }

  #addRule(into: RuleDay, ruleId: string, sums: AdmissionDay): void {
    const { admitting, primary, protocol } = this.#admission;
    into.usedTimes += sums.requests;
    if (admitting.length <= 1) into.soleTimes += sums.requests;
    if (admitting.length === 0 || primary?.ruleId === ruleId) into.primaryTimes += sums.requests;
    into.inferredTimes += sums.inferred;
    into.replyTimes += sums.replies;
    into.packets += sums.packets;
    into.bytes += sums.bytes;
    into.lastUsed = Math.max(into.lastUsed, sums.lastUsed);
    sums.hours?.forEach((times, hour) => (into.hours[hour]! += times));
    for (const [bucket, times] of sums.ports) {
      const key = `${String(protocol)} ${String(bucket)}`;
      const range = bucket === NO_PORT ? undefined : rangeOfBucket(bucket);
      let ports = into.ports.get(key);
      if (!ports) into.ports.set(key, (ports = { protocol, bucket: range, usedTimes: 0, replyTimes: 0 }));
      ports.usedTimes += times.requests;
      ports.replyTimes += times.replies;
    }
    into.peers.merge(sums.peers);
  }
}

/** Whatever is credited with records of the admission: where no rule admits them, the lone one that could. */
function creditedBy({ admitting, lone }: Admission): readonly Rule[] {
  return lone ? [lone] : admitting;
}

/** Possible use, by the rules that share it. */
export class PossibleSums {
  readonly #sums = new Map<PossibleUse, Map<Day, { times: number; last: number }>>();
  #current: PossibleUse | undefined;
  #days = new Map<Day, { times: number; last: number }>();

  add(possible: PossibleUse, { times, end }: Pick<RecordSums, 'times' | 'end'>, day: Day): void {
    if (possible !== this.#current) {
      this.#current = possible;
      const known = this.#sums.get(possible);
      this.#days = known ?? new Map<Day, { times: number; last: number }>();
      if (!known) this.#sums.set(possible, this.#days);
    }
    const sums = this.#days.get(day);
    if (!sums) {
      this.#days.set(day, { times, last: end });
      return;
    }
    sums.times += times;
    if (end > sums.last) sums.last = end;
  }

  *sums(): Generator<{ possible: PossibleUse; day: Day; times: number; last: number }> {
    for (const [possible, days] of this.#sums) {
      for (const [day, { times, last }] of days) yield { possible, day, times, last };
    }
  }

  /** Writes the sums and forgets them. */
  addTo(usage: Usage): void {
    for (const { possible, day, times, last } of this.sums()) {
      for (const { ruleId } of possible.rules) addPossible(ruleDay(usage, ruleId, day), times, last);
    }
    this.#sums.clear();
    this.#current = undefined;
  }
}

/** The set of rules that are credited, of one day and group set; made, without any times, where it is new. */
function admittingSet(usage: Usage, day: Day, admission: Admission): AdmittingSet {
  const { vpcId, groupIds } = admission.groupSet;
  const ruleIds = creditedBy(admission).map((rule) => rule.ruleId);
  const key = admittingSetKey({ day, vpcId, groupIds, ruleIds });
  let set = usage.admittingSets.get(key);
  if (!set)
    usage.admittingSets.set(key, (set = { day, vpcId, groupIds, ruleIds, requests: 0, replies: 0, provenTimes: 0 }));
  return set;
}

/**
 * Adds records that another flow log tells of too to the rules that they would have been use of.
 *
 * @param what the admission that would have been credited, or the possible use
 */
export function addSetAside(usage: Usage, what: Admission | PossibleUse, day: Day, times: number): void {
  const rules = 'rules' in what ? what.rules : creditedBy(what);
  for (const { ruleId } of rules) ruleDay(usage, ruleId, day).setAsideTimes += times;
  if (!('rules' in what)) admittingSet(usage, day, what);
}
