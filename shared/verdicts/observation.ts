import type { DayFacts } from '../history/day-facts.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Usage } from '../usage/usage.ts';
import { LatestDays } from './latest-days.ts';
import { isHeard, observedDay, type ObservedDay } from './observed-day.ts';
import type { NotObservedReason } from './verdict.ts';
import type { Day, Window } from '../time.ts';

/** Shares of the evidence that decide whether silence means anything. */
export const MIN_OBSERVED_SHARE = 0.95;
export const MAX_SKIPPED_SHARE = 0.01;
export const MAX_UNKNOWN_SHARE = 0.01;
/** A larger share of unreadable lines may hide any use. */
const MAX_MALFORMED_SHARE = 0.1;

const NEVER_IN_USE = new Set(['disassociated', 'association-failed']);

/** What was observed of a group in a window. */
export interface GroupSums {
  /** Over the days on which interfaces carried it, and how many of these flow logs covered. */
  readonly interfaceDays: number;
  readonly observedDays: number;
  /** Records of those interfaces on those days, and of these SKIPDATA. */
  readonly records: number;
  readonly skipped: number;
  /** Days on which nothing carried it, and nothing of its VPC was heard: what came and went was not either. */
  readonly darkDays: number;
}

/** Tells, group by group, what keeps us from taking silence for disuse. Days come in any order, each once. */
export class Observation {
  readonly #newest: Inventory;
  /** By group of the newest inventory that has rules. */
  readonly #groups: ReadonlyMap<string, number>;
  /** Interfaces that carry a group in the newest inventory, by its index. */
  readonly #carrying: Uint32Array;
  readonly #days = new Map<Day, ObservedDay>();
  /** By group: VPCs and types of the interfaces that carried it, VPCs it was associated with, `''` if referred to. */
  readonly #vpcsOf: LatestDays;
  readonly #typesOf: LatestDays;
  readonly #associatedWith: LatestDays;
  readonly #referred: LatestDays;
  readonly #sums = new Map<string, GroupSums>();
  readonly #gaps = new Map<string, NotObservedReason | undefined>();

  /** @param lastDay the one that all windows end with */
  constructor(newest: Inventory, lastDay: Day) {
    this.#newest = newest;
    this.#groups = new Map([...new Set(newest.rules.map(({ groupId }) => groupId))].map((id, index) => [id, index]));
    this.#carrying = new Uint32Array(this.#groups.size);
    this.#vpcsOf = new LatestDays(lastDay);
    this.#typesOf = new LatestDays(lastDay);
    this.#associatedWith = new LatestDays(lastDay);
    this.#referred = new LatestDays(lastDay);
    for (const one of newest.interfaces.values()) {
      for (const groupId of new Set(one.groupIds)) {
        const index = this.#groups.get(groupId);
        if (index !== undefined) this.#carrying[index]! += 1;
        this.#note(groupId, one, lastDay);
      }
    }
    this.#noteAssociations(newest.associations, lastDay);
  }

  add(facts: DayFacts, usage: Usage): void {
    const { day } = facts;
    if (this.#days.has(day)) throw new Error(`day ${day} comes twice`);
    this.#days.set(day, observedDay(facts, usage, this.#groups));
    for (const one of facts.interfaces) for (const groupId of one.groupIds) this.#note(groupId, one, day);
    this.#noteAssociations(facts.associations, day);
    for (const groupId of facts.referred) this.#referred.note(groupId, '', day);
  }

  /** On an interface at any time of the window, or referred to by a rule of another group. */
  isAttached(groupId: string, window: Window): boolean {
    return this.#vpcsOf.within(groupId, window).length > 0 || this.#referred.has(groupId, '', window);
  }

  typesOf(groupId: string, window: Window): readonly string[] {
    return this.#typesOf.within(groupId, window);
  }

  /** Whether a use of the group's rules on that day would have been seen. */
  isObserved(groupId: string, day: Day): boolean {
    const [index, seen] = [this.#groups.get(groupId), this.#days.get(day)];
    if (index === undefined || !seen) return false;
    const interfaces = seen.interfaces[index]!;
    if (interfaces === 0) return isHeard(seen, this.#homeOf(groupId));
    return seen.observed[index]! >= MIN_OBSERVED_SHARE * interfaces;
  }

  sumsOf(groupId: string, window: Window): GroupSums {
    const key = `${window.days} ${groupId}`;
    let sums = this.#sums.get(key);
    if (!sums) this.#sums.set(key, (sums = this.#sumUp(groupId, window)));
    return sums;
  }

  /** The first gap, in the order of the reasons; undefined where silence can be believed. */
  gapOf(groupId: string, window: Window): NotObservedReason | undefined {
    const key = `${window.days} ${groupId}`;
    if (!this.#gaps.has(key)) {
      const sums = this.sumsOf(groupId, window);
      const gap =
        this.#neverObserved(groupId, window, sums) ??
        notCovered(sums, window) ??
        skipped(sums) ??
        this.#unknown(groupId, window);
      this.#gaps.set(key, gap ?? this.#shared(groupId, window));
    }
    return this.#gaps.get(key);
  }

  malformed(window: Window): NotObservedReason | undefined {
    let [malformed, records] = [0, 0];
    for (const seen of this.#within(window)) {
      malformed += seen.malformed;
      records += seen.lines;
    }
    return malformed > MAX_MALFORMED_SHARE * records ? { reason: 'malformed', malformed, records } : undefined;
  }

  #note(groupId: string, { vpcId, type }: { readonly vpcId: string; readonly type: string }, day: Day): void {
    if (!this.#groups.has(groupId)) return;
    this.#vpcsOf.note(groupId, vpcId, day);
    this.#typesOf.note(groupId, type, day);
  }

  #noteAssociations(associations: Inventory['associations'], day: Day): void {
    for (const { groupId, vpcId, state } of associations) {
      if (!NEVER_IN_USE.has(state)) this.#associatedWith.note(groupId, vpcId, day);
    }
  }

  #homeOf(groupId: string): string {
    return this.#newest.groups.get(groupId)?.vpcId ?? '';
  }

  /** Of a day that is missing nothing is known: whatever carries the group on other days went unobserved on it. */
  #sumUp(groupId: string, window: Window): GroupSums {
    const index = this.#groups.get(groupId)!;
    const home = this.#homeOf(groupId);
    let [interfaceDays, observedDays, records, skippedRecords] = [0, 0, 0, 0];
    let [darkDays, missingDays, most] = [0, 0, this.#carrying[index]!];
    for (let day = window.firstDay; day <= window.lastDay; day++) {
      const seen = this.#days.get(day);
      records += seen?.records[index] ?? 0;
      skippedRecords += seen?.skipped[index] ?? 0;
      if (day > window.lastObservedDay) continue;
      if (!seen) missingDays++;
      else if (seen.interfaces[index]! > 0) {
        most = Math.max(most, seen.interfaces[index]!);
        interfaceDays += seen.interfaces[index]!;
        observedDays += seen.observed[index]!;
      } else if (!isHeard(seen, home)) darkDays++;
    }
    if (most === 0) darkDays += missingDays;
    else interfaceDays += missingDays * most;
    return { interfaceDays, observedDays, records, skipped: skippedRecords, darkDays };
  }

  /** Interfaces have carried it since the last day that is over, and at no time before: no day of theirs was observed. */
  #neverObserved(groupId: string, window: Window, { interfaceDays }: GroupSums): NotObservedReason | undefined {
    if (interfaceDays > 0 || this.#vpcsOf.within(groupId, window).length === 0) return undefined;
    const carrying = this.#carrying[this.#groups.get(groupId)!]!;
    return { reason: 'notCovered', observedDays: 0, interfaceDays: Math.max(1, carrying) };
  }

  /** Records whose VPC the log does not say count against every VPC; a group of unknown VPC may be in any. */
  #unknown(groupId: string, window: Window): NotObservedReason | undefined {
    const vpcIds = [this.#homeOf(groupId), ...this.#associatedWith.within(groupId, window)];
    for (const vpcId of new Set([...vpcIds, ...this.#vpcsOf.within(groupId, window)])) {
      let [unknown, accepted] = [0, 0];
      for (const seen of this.#within(window)) {
        const places = vpcId === '' ? [...seen.unknown.keys()] : [vpcId, ''];
        for (const place of places) unknown += seen.unknown.get(place) ?? 0;
        accepted += seen.vpcs.get(vpcId)?.accepted ?? 0;
      }
      accepted += unknown;
      if (unknown > MAX_UNKNOWN_SHARE * accepted) return { reason: 'unknownInterfaces', unknown, accepted };
    }
    return undefined;
  }

  #shared(groupId: string, window: Window): NotObservedReason | undefined {
    const home = this.#newest.groups.get(groupId)?.vpcId;
    const isSilent = (vpcId: string): boolean => {
      // Of rejected records alone nothing can be told: that log may show no others.
      const heard = this.#within(window).filter((seen) => isHeard(seen, vpcId)).length;
      return vpcId !== home && heard < MIN_OBSERVED_SHARE * window.days;
    };
    const vpcId = this.#associatedWith.within(groupId, window).find(isSilent);
    return vpcId === undefined ? undefined : { reason: 'sharedGroup', vpcId };
  }

  #within({ firstDay, lastDay }: Window): ObservedDay[] {
    return [...this.#days].filter(([day]) => day >= firstDay && day <= lastDay).map(([, seen]) => seen);
  }
}

function notCovered({ interfaceDays, observedDays, darkDays }: GroupSums, { days }: Window) {
  if (observedDays < MIN_OBSERVED_SHARE * interfaceDays) {
    return { reason: 'notCovered', observedDays, interfaceDays } as const;
  }
  const heardDays = days - darkDays;
  if (heardDays >= MIN_OBSERVED_SHARE * days) return undefined;
  return { reason: 'notCovered', observedDays: heardDays, interfaceDays: days } as const;
}

function skipped({ records, skipped: some }: GroupSums): NotObservedReason | undefined {
  return some > MAX_SKIPPED_SHARE * records ? { reason: 'skippedData', skipped: some, records } : undefined;
}
