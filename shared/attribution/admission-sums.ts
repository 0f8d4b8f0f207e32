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
import type { Orientation } from './orient.ts';
import { SmallestHashes } from '../usage/smallest-hashes.ts';
import type { Day } from '../time.ts';

/** The bucket of records whose protocol has no ports. */
export const NO_PORT = -1;

/** What records of one admission added on one day; spread over its rules when written out. */
interface AdmissionDay {
  requests: number;
  inferred: number;
  replies: number;
  packets: number;
  bytes: number;
  lastUsed: number;
  /** Records whose losing hypothesis this was, where the choice was not clear. */
  lost: number;
  lastLost: number;
  /** Records that some rule could have admitted and none did. */
  could: number;
  lastCould: number;
  /** Requests by hour; made with the first one. */
  hours: number[] | undefined;
  /** Requests and replies by counting bucket of the service port; one bucket, NO_PORT, where the protocol has none. */
  readonly ports: Map<number, { requests: number; replies: number }>;
  readonly peers: SmallestHashes<string>;
}

function emptyAdmissionDay(): AdmissionDay {
  return {
    requests: 0,
    inferred: 0,
    replies: 0,
    packets: 0,
    bytes: 0,
    lastUsed: -1,
    lost: 0,
    lastLost: -1,
    could: 0,
    lastCould: -1,
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

  /** @param bucket counting bucket of the service port, or {@link NO_PORT} */
  credit(record: FlowRecord, day: Day, orientation: Orientation, bucket: number): void {
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
    if (orientation.ground !== 'syn' || orientation.refused) sums.inferred += times;
  }

  lose(day: Day, { end, times }: FlowRecord): void {
    const sums = this.#at(day);
    sums.lost += times;
    if (end > sums.lastLost) sums.lastLost = end;
  }

  couldHave(day: Day, { end, times }: FlowRecord): void {
    const sums = this.#at(day);
    sums.could += times;
    if (end > sums.lastCould) sums.lastCould = end;
  }

  addTo(usage: Usage): void {
    for (const [day, sums] of this.#days) {
      const { admitting, could, untrackedBy } = this.#admission;
      for (const { ruleId } of admitting) this.#addRule(ruleDay(usage, ruleId, day), ruleId, sums);
      for (const { ruleId } of could) {
        const into = ruleDay(usage, ruleId, day);
        addPossible(into, sums.could, sums.lastCould);
        addPossible(into, sums.lost, sums.lastLost);
      }
      if (sums.replies > 0) {
        for (const { ruleId } of untrackedBy) ruleDay(usage, ruleId, day).untrackedReplies += sums.replies;
      }
      if (admitting.length > 0 && sums.requests + sums.replies > 0) {
        const set = admittingSet(usage, day, this.#admission);
        set.requests += sums.requests;
        set.replies += sums.replies;
      }
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
    addPossible(into, sums.lost, sums.lastLost);
    if (sums.requests + sums.replies === 0) return;
    into.usedTimes += sums.requests;
    if (admitting.length === 1) into.soleTimes += sums.requests;
    if (primary?.ruleId === ruleId) into.primaryTimes += sums.requests;
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

/** The set of rules that admit, of one day and group set; made, without any times, where it is new. */
export function admittingSet(usage: Usage, day: Day, { groupSet, admitting }: Admission): AdmittingSet {
  const { vpcId, groupIds } = groupSet;
  const ruleIds = admitting.map((rule) => rule.ruleId);
  const key = admittingSetKey({ day, vpcId, groupIds, ruleIds });
  let set = usage.admittingSets.get(key);
  if (!set) usage.admittingSets.set(key, (set = { day, vpcId, groupIds, ruleIds, requests: 0, replies: 0 }));
  return set;
}
