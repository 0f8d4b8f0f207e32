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
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Orientation } from './orient.ts';
import type { PossibleUse } from './possible-use.ts';
import { SmallestHashes } from '../usage/smallest-hashes.ts';
import type { Day } from '../time.ts';

/** The bucket of records whose protocol has no ports. */
export const NO_PORT = -1;

/** What records of one admission added on one day; spread over its rules when written out. */
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
 * The sums of one admission, by day. A record touches one or two tallies whatever the number of rules that admit it;
 * the rules get their share once, at the end.
 */
export class Tally {
  readonly #admission: Admission;
  readonly #days = new Map<Day, AdmissionDay>();
  #day: Day = -1;
  #current: AdmissionDay = emptyAdmissionDay();

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  /**
   * @param bucket counting bucket of the service port, or {@link NO_PORT}
   * @param isLocal whether it is one of {@link AdmittingSet.provenTimes}
   */
  credit(record: FlowRecord, day: Day, orientation: Orientation, bucket: number, isLocal: boolean): void {
    const sums = this.#at(day);
    let port = sums.ports.get(bucket);
    if (!port) sums.ports.set(bucket, (port = { requests: 0, replies: 0 }));
    const { times } = record;
    sums.packets += record.packets;
    sums.bytes += record.bytes;
    if (record.end > sums.lastUsed) sums.lastUsed = record.end;
    addPeer(sums.peers, orientation.peer);
    if (orientation.opener === 'reply') {
      sums.replies += times;
      port.replies += times;
      return;
    }
    sums.requests += times;
    port.requests += times;
    const hours = (sums.hours ??= new Array<number>(24).fill(0));
    hours[Math.floor(record.end / 3600) % 24]! += times;
    if (isInferred(orientation)) sums.inferred += times;
    if (isLocal) sums.proven += times;
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

/** Whether what is credited by it counts as inferred: the opener, the peer or the rule is no certainty. */
export function isInferred({ ground, hypotheses, opener, refused }: Orientation): boolean {
  return ground !== 'syn' || refused !== undefined || hypotheses[opener]?.lone !== undefined;
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

  add(possible: PossibleUse, { times, end }: FlowRecord, day: Day): void {
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

  /** Writes the sums and forgets them. */
  addTo(usage: Usage): void {
    for (const [{ rules }, days] of this.#sums) {
      for (const [day, { times, last }] of days) {
        for (const { ruleId } of rules) addPossible(ruleDay(usage, ruleId, day), times, last);
      }
    }
    this.#sums.clear();
    this.#current = undefined;
  }
}

/** The set of rules that are credited, of one day and group set; made, without any times, where it is new. */
export function admittingSet(usage: Usage, day: Day, admission: Admission): AdmittingSet {
  const { vpcId, groupIds } = admission.groupSet;
  const ruleIds = creditedBy(admission).map((rule) => rule.ruleId);
  const key = admittingSetKey({ day, vpcId, groupIds, ruleIds });
  let set = usage.admittingSets.get(key);
  if (!set)
    usage.admittingSets.set(key, (set = { day, vpcId, groupIds, ruleIds, requests: 0, replies: 0, provenTimes: 0 }));
  return set;
}
