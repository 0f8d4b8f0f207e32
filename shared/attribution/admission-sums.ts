import { sideOf } from '../matching/admission.ts';
import type { Admission } from '../matching/answer.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import { rangeOfBucket } from '../matching/port-buckets.ts';
import {
  addPeer,
  addPossible,
  admittingSetKey,
  PEERS_KEPT,
  ruleDay,
  type PortUse,
  type AdmittingSet,
  type RuleDay,
  type Usage,
} from '../usage/usage.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { CreditedRequests, FoldedFlow, RecordSums } from './flow-fold.ts';
import { HOURS_OF_DAY } from './fold/layout.ts';
import { creditedAt, type PossibleUse } from './possible-use.ts';
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

/** By what their bucket is called in {@link RuleDay.ports}. */
type Ports = readonly { readonly key: string; readonly use: Readonly<PortUse> }[];

/**
 * The sums of one admission, by day. A record touches one tally whatever the number of rules that admit it, and what its
 * service flow tells of it is added once for the flow; the rules get their share at the end.
 */
export class Tally {
  readonly #admission: Admission;
  readonly #days = new Map<Day, AdmissionDay>();
  #day: Day = -1;
  #current: AdmissionDay | undefined;

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  get side(): number {
    return sideOf(this.#admission.groupSet, this.#admission.direction);
  }

  creditRequests({ day, hours, inferred, proven }: CreditedRequests): void {
    const sums = this.#at(day);
    const into = (sums.hours ??= new Array<number>(HOURS_OF_DAY).fill(0));
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

  addTo(into: RuleDays): void {
    for (const [day, sums] of this.#days) {
      const ports = this.#portsOf(sums);
      const days = into.on(day);
      for (const index of creditedAt(this.#admission)) {
        this.#addRule(days(index), into.rules[index]!, sums, ports);
      }
      if (sums.replies > 0) {
        for (const { ruleId } of this.#admission.untrackedBy) {
          ruleDay(into.usage, ruleId, day).untrackedReplies += sums.replies;
        }
      }
      const set = admittingSet(into, day, this.#admission);
      set.requests += sums.requests;
      set.replies += sums.replies;
      set.provenTimes += sums.proven;
    }
  }

  #at(day: Day): AdmissionDay {
    if (this.#current && day === this.#day) return this.#current;
    let sums = this.#days.get(day);
    if (!sums) this.#days.set(day, (sums = emptyAdmissionDay()));
    this.#day = day;
    this.#current = sums;
    return sums;
  }

  #portsOf(sums: AdmissionDay): Ports {
    const { protocol } = this.#admission;
    return [...sums.ports].map(([number, { requests, replies }]) => {
      const bucket = number === NO_PORT ? undefined : rangeOfBucket(number);
      const use = { protocol, bucket, usedTimes: requests, replyTimes: replies };
      return { key: `${String(protocol)} ${String(number)}`, use };
    });
  }

  #addRule(into: RuleDay, rule: Rule, sums: AdmissionDay, ports: Ports): void {
    const { admittingAt, primary } = this.#admission;
    into.usedTimes += sums.requests;
    if (admittingAt.length <= 1) into.soleTimes += sums.requests;
    if (admittingAt.length === 0 || primary === rule) into.primaryTimes += sums.requests;
    into.inferredTimes += sums.inferred;
    into.replyTimes += sums.replies;
    into.packets += sums.packets;
    into.bytes += sums.bytes;
    into.lastUsed = Math.max(into.lastUsed, sums.lastUsed);
    if (sums.hours) for (let hour = 0; hour < HOURS_OF_DAY; hour++) into.hours[hour]! += sums.hours[hour]!;
    for (const { key, use } of ports) {
      const known = into.ports.get(key);
      if (!known) into.ports.set(key, { ...use });
      else {
        known.usedTimes += use.usedTimes;
        known.replyTimes += use.replyTimes;
      }
    }
    into.peers.merge(sums.peers);
  }
}

/** Adds sums to those of rules, those of the same groups one after the other: what is said of their rules lies in the caches. */
export function spread(tallies: readonly Tally[], into: RuleDays): void {
  // Admissions that were only asked have no tally: the list has holes, which forEach leaves out.
  const inOrder: Tally[] = [];
  tallies.forEach((tally) => inOrder.push(tally));
  inOrder.sort((a, b) => a.side - b.side);
  for (const tally of inOrder) tally.addTo(into);
}

/** The days of rules in a usage, by {@link CompiledRule.index}: each looked up once. */
export class RuleDays {
  readonly usage: Usage;
  /** By index. */
  readonly rules: readonly Rule[];
  readonly #days = new Map<Day, (RuleDay | undefined)[]>();

  constructor(usage: Usage, { rules }: CompiledInventory) {
    this.usage = usage;
    this.rules = rules;
  }

  on(day: Day): (index: number) => RuleDay {
    let byRule = this.#days.get(day);
    if (!byRule) this.#days.set(day, (byRule = new Array<RuleDay | undefined>(this.rules.length)));
    const days = byRule;
    return (index) => (days[index] ??= ruleDay(this.usage, this.rules[index]!.ruleId, day));
  }
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
  addTo(into: RuleDays): void {
    // By rule: times and the latest of them.
    const byDay = new Map<Day, Float64Array>();
    for (const { possible, day, times, last } of this.sums()) {
      let sums = byDay.get(day);
      if (!sums) byDay.set(day, (sums = new Float64Array(2 * into.rules.length)));
      for (const index of possible.rulesAt) {
        sums[2 * index]! += times;
        if (last > sums[2 * index + 1]!) sums[2 * index + 1] = last;
      }
    }
    for (const [day, sums] of byDay) {
      const days = into.on(day);
      for (let at = 0; at < sums.length; at += 2) {
        if (sums[at]! > 0) addPossible(days(at >> 1), sums[at]!, sums[at + 1]!);
      }
    }
    this.#sums.clear();
    this.#current = undefined;
  }
}

/** The set of rules that are credited, of one day and group set; made, without any times, where it is new. */
function admittingSet({ usage, rules }: RuleDays, day: Day, admission: Admission): AdmittingSet {
  const { vpcId, groupIds } = admission.groupSet;
  const ruleIds = creditedAt(admission).map((index) => rules[index]!.ruleId);
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
export function addSetAside(into: RuleDays, what: Admission | PossibleUse, day: Day, times: number): void {
  const rules = 'rulesAt' in what ? what.rulesAt : creditedAt(what);
  const days = into.on(day);
  for (const index of rules) days(index).setAsideTimes += times;
  if (!('rulesAt' in what)) admittingSet(into, day, what);
}
