import type { DayFacts } from '../history/day-facts.ts';
import { foreignOwner, ownAccounts } from '../inventory/accounts.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { isIn, startOfDay, type Day, type Window } from '../time.ts';
import type { Usage } from '../usage/usage.ts';
import { isGrowing, leastWatched, MIN_OBSERVED_SHARE, type Grown } from './growing-window.ts';
import { LatestDays } from './latest-days.ts';
import { Lives, type Span } from './lives.ts';
import type { Carriers } from './never-logged.ts';
import { gapAt, interfacesOfDay, isWhole, observedDay, type ObservedDay } from './observed-day.ts';
import type { DayGap, NotObservedReason } from './verdict.ts';

const NEVER_IN_USE = new Set(['disassociated', 'association-failed']);

type NotWatched = Extract<NotObservedReason, { readonly reason: 'notWatched' }>;

/** What was observed of a group in a window. */
export interface GroupSums {
  /** Days of the window of which there is anything: less than all while the first ones are still to be left behind. */
  readonly days: number;
  /** Days on which interfaces carried the group, each of them was observed, and which are complete. */
  readonly watchedDays: number;
  /** The other days of the window, the oldest first. */
  readonly gaps: readonly Span[];
  /** Over the days on which interfaces carried it, and how many of these were observed. */
  readonly interfaceDays: number;
  readonly observedDays: number;
  /** Records of those interfaces on those days, the accepted ones and SKIPDATA among them. */
  readonly records: number;
  readonly accepted: number;
  readonly skipped: number;
}

/** Tells, group by group, what keeps us from taking silence for disuse. Days come in any order, each once. */
export class Observation {
  readonly #newest: Inventory;
  readonly #leastDays: number;
  /** By group of the newest inventory that has rules, or that rules name. */
  readonly #groups: ReadonlyMap<string, number>;
  readonly #days = new Map<Day, ObservedDay>();
  readonly #lives = new Lives();
  /** By group: VPCs and types of the interfaces that carried it, VPCs it was associated with, `''` if referred to. */
  readonly #vpcsOf: LatestDays;
  readonly #typesOf: LatestDays;
  readonly #associatedWith: LatestDays;
  readonly #referred: LatestDays;
  /** By group, interfaces of type `branch`; by id of those, `''` if anything was read of one. */
  readonly #branches: LatestDays;
  readonly #toldBranches: LatestDays;
  /** By index of the group, UNIX seconds since when it is known to be carried. */
  readonly #carriedSince = new Map<number, number>();
  readonly #sums = new Map<string, GroupSums>();
  /** By days of the window. */
  readonly #spans = new Map<number, Span | undefined>();
  readonly #ownAccounts: ReadonlySet<string> | undefined;

  /**
   * @param lastDay the one that all windows end with
   * @param leastDays while a window grows, fewer days there are tell nothing
   */
  constructor(newest: Inventory, lastDay: Day, leastDays: number) {
    this.#newest = newest;
    this.#leastDays = leastDays;
    const named = newest.rules.flatMap(({ groupId, peer }) =>
      peer.type === 'group' ? [groupId, peer.value] : [groupId],
    );
    this.#groups = new Map([...new Set(named)].map((id, index) => [id, index]));
    this.#vpcsOf = new LatestDays(lastDay);
    this.#typesOf = new LatestDays(lastDay);
    this.#associatedWith = new LatestDays(lastDay);
    this.#referred = new LatestDays(lastDay);
    this.#branches = new LatestDays(lastDay);
    this.#toldBranches = new LatestDays(lastDay);
    this.#ownAccounts = ownAccounts(newest);
    for (const one of newest.interfaces.values()) {
      for (const groupId of new Set(one.groupIds)) this.#note(groupId, one, lastDay);
    }
    this.#noteAssociations(newest.associations, lastDay);
  }

  /** @param incomplete what was counted of the day may not be all of it */
  add(facts: DayFacts, usage: Usage, incomplete = false): void {
    const { day } = facts;
    if (this.#days.has(day)) throw new Error(`day ${day} comes twice`);
    this.#sums.clear();
    this.#spans.clear();
    const there = interfacesOfDay(facts, usage);
    this.#days.set(day, observedDay(facts, usage, there, this.#groups, incomplete));
    for (const { one, told, gap } of there) {
      if (told && one.type === 'branch') this.#toldBranches.note(one.interfaceId, '', day);
      for (const groupId of one.groupIds) {
        this.#note(groupId, one, day);
        const index = this.#groups.get(groupId);
        if (index === undefined || facts.assumed) continue;
        this.#lives.note(index, one.interfaceId, day, gap === undefined);
        // Where AWS does not say since when it is attached, it is as old as what was read of it.
        if (one.attachedAt === undefined && !told) continue;
        const since = Math.max(startOfDay(day), one.attachedAt ?? -Infinity);
        this.#carriedSince.set(index, Math.min(since, this.#carriedSince.get(index) ?? Infinity));
      }
    }
    this.#noteAssociations(facts.associations, day);
    for (const groupId of facts.referred) this.#referred.note(groupId, '', day);
  }

  /** On an interface at any time of the window. */
  isAttached(groupId: string, window: Window): boolean {
    return this.#vpcsOf.within(groupId, window).length > 0;
  }

  /** A rule of another group named it at some time of the window. */
  isReferredTo(groupId: string, window: Window): boolean {
    return this.#referred.has(groupId, '', window);
  }

  carriersOf(groupId: string, window: Window): Carriers {
    const branches = this.#branches.within(groupId, window);
    return {
      types: this.#typesOf.within(groupId, window),
      hasSilentBranch: branches.some((id) => !this.#toldBranches.has(id, '', window)),
    };
  }

  /** UNIX seconds since when the group is known to be carried by an interface; undefined where it never was. */
  carriedSince(groupId: string): number | undefined {
    const index = this.#groups.get(groupId);
    return index === undefined ? undefined : this.#carriedSince.get(index);
  }

  /** Whether a use of the group's rules on that day would have been seen. */
  isWatched(groupId: string, day: Day): boolean {
    return this.#gapOn(this.#groups.get(groupId), day) === undefined;
  }

  /**
   * The days of the window of which there is anything, as one stretch; undefined where there are none. Not of them are
   * those before the first one, days that rest on a later snapshot, and the first and last day of the files where these
   * are cut.
   */
  spanOf(window: Window): Span | undefined {
    if (!this.#spans.has(window.days)) this.#spans.set(window.days, this.#findSpan(window));
    return this.#spans.get(window.days);
  }

  /** How far the window has grown. */
  grown(window: Window): Pick<Grown, 'windowDays' | 'days' | 'nextDay'> {
    const span = this.spanOf(window);
    const nextDay = (span?.lastDay ?? window.lastObservedDay) + 1;
    return { windowDays: window.days, days: span ? nextDay - span.firstDay : 0, nextDay };
  }

  #findSpan(window: Window): Span | undefined {
    const heard = [...this.#days].filter(([, { hours }]) => hours > 0).map(([day]) => day);
    const sound = [...this.#days].filter(([, { assumed }]) => !assumed).map(([day]) => day);
    const [first, last] = [heard.reduce(least, Infinity), heard.reduce(most, -Infinity)];
    const begin = Math.max(isWhole(this.#days.get(first) ?? SILENT) ? first : first + 1, sound.reduce(least, Infinity));
    const isCut = last === window.lastObservedDay && !isWhole(this.#days.get(last)!);
    const span = { firstDay: Math.max(window.firstDay, begin), lastDay: window.lastObservedDay - (isCut ? 1 : 0) };
    return span.firstDay <= span.lastDay ? span : undefined;
  }

  sumsOf(groupId: string, window: Window): GroupSums {
    const key = `${window.days} ${groupId}`;
    let sums = this.#sums.get(key);
    if (!sums) this.#sums.set(key, (sums = this.#sumUp(groupId, window)));
    return sums;
  }

  /**
   * Why its silence means nothing, as far as days tell; undefined where the group was watched well enough.
   *
   * @param mayGrow fewer days than the window has may do
   */
  notWatched(groupId: string, window: Window, mayGrow: boolean): NotWatched | undefined {
    const span = this.spanOf(window);
    const { watchedDays, days } = this.sumsOf(groupId, window);
    const gap = (because: NotWatched['because'], interfaceId: string | null = null): NotWatched => {
      return { reason: 'notWatched', watchedDays, days, because, interfaceId };
    };
    if (!span) return gap(this.#isHeardIn(window) ? 'incomplete' : 'missing');
    if (!mayGrow && isGrowing(this.grown(window))) return { ...gap('missing'), days: window.days };
    if (days < Math.min(this.#leastDays, window.days)) return gap('tooFewDays');
    const vpcIds = new Set([this.#homeOf(groupId), ...this.#vpcsOf.within(groupId, window)]);
    if ([...vpcIds].some((vpcId) => !this.#isAccepted(vpcId, window))) return gap('noAccepted');
    // On days of which no snapshot tells, any group may have been carried by anything.
    const isTold =
      daysOf(span).filter((day) => this.#days.get(day)?.outdated !== true).length >= MIN_OBSERVED_SHARE * days;
    const mostFrequent = (): DayGap => frequentGap(span, (day) => this.#gapOn(this.#groups.get(groupId), day));
    if (!this.isAttached(groupId, window)) {
      // Its members may have lived between snapshots: who uses it is seen as unknown interfaces of its VPC, or not at all.
      const gapOn = (day: Day): DayGap | undefined => this.#vpcGapOn(this.#homeOf(groupId), day);
      const heardDays = daysOf(span).filter((day) => gapOn(day) === undefined).length;
      const isHeard = heardDays >= leastWatched(days) && isTold;
      return isHeard ? undefined : { ...gap(frequentGap(span, gapOn)), watchedDays: heardDays };
    }
    if (watchedDays < leastWatched(days)) return gap(mostFrequent());
    const interfaceId = this.#leastObserved(groupId, span);
    if (interfaceId !== undefined) return gap(mostFrequent(), interfaceId);
    return isTold ? undefined : gap('snapshotMissing');
  }

  /** Whether the group was watched well enough from the day on, however few days that leaves. */
  isWatchedFrom(groupId: string, firstDay: Day, window: Window): boolean {
    const span = this.spanOf(window);
    if (!span) return false;
    const late = { firstDay: Math.max(firstDay, span.firstDay), lastDay: span.lastDay };
    const days = Math.max(0, late.lastDay - late.firstDay + 1);
    let watched = 0;
    for (let day = late.firstDay; day <= late.lastDay; day++) if (this.isWatched(groupId, day)) watched++;
    return watched >= MIN_OBSERVED_SHARE * days && this.#leastObserved(groupId, late) === undefined;
  }

  isIdle(groupId: string, window: Window): boolean {
    return this.isAttached(groupId, window) && this.sumsOf(groupId, window).accepted === 0;
  }

  sharedGroup(groupId: string, window: Window): NotObservedReason | undefined {
    const ownerId = foreignOwner(this.#newest, groupId, this.#ownAccounts);
    if (ownerId !== undefined) return { reason: 'sharedGroup', ownerId, vpcId: null };
    const home = this.#homeOf(groupId);
    const span = this.spanOf(window) ?? { firstDay: 0, lastDay: -1 };
    const isSilent = (vpcId: string): boolean => {
      const heard = daysOf(span).filter((day) => this.#vpcGapOn(vpcId, day) === undefined).length;
      return (
        vpcId !== home &&
        (!this.#isAccepted(vpcId, window) || heard < MIN_OBSERVED_SHARE * (span.lastDay - span.firstDay + 1))
      );
    };
    const vpcId = this.#associatedWith.within(groupId, window).find(isSilent);
    return vpcId === undefined ? undefined : { reason: 'sharedGroup', ownerId: null, vpcId };
  }

  #note(groupId: string, one: Record<'interfaceId' | 'vpcId' | 'type', string>, day: Day): void {
    if (!this.#groups.has(groupId)) return;
    this.#vpcsOf.note(groupId, one.vpcId, day);
    this.#typesOf.note(groupId, one.type, day);
    if (one.type === 'branch') this.#branches.note(groupId, one.interfaceId, day);
  }

  #noteAssociations(associations: Inventory['associations'], day: Day): void {
    for (const { groupId, vpcId, state } of associations) {
      if (!NEVER_IN_USE.has(state)) this.#associatedWith.note(groupId, vpcId, day);
    }
  }

  #homeOf(groupId: string): string {
    return this.#newest.groups.get(groupId)?.vpcId ?? '';
  }

  #isHeardIn(window: Window): boolean {
    return [...this.#days].some(([day, { hours }]) => isIn(window, day) && hours > 0);
  }

  /** Whether an accepted record of the VPC was read in the window; of any VPC where it is unknown. */
  #isAccepted(vpcId: string, window: Window): boolean {
    return [...this.#days].some(
      ([day, { acceptedVpcs }]) =>
        isIn(window, day) &&
        (acceptedVpcs.has(vpcId) || acceptedVpcs.has('') || (vpcId === '' && acceptedVpcs.size > 0)),
    );
  }

  #gapOn(group: number | undefined, day: Day): DayGap | undefined {
    const seen = this.#days.get(day);
    if (group === undefined || !seen) return 'missing';
    return gapAt(seen.gaps[group]!);
  }

  /** Why no interface of the VPC was observed; of any VPC where it is unknown. */
  #vpcGapOn(vpcId: string, day: Day): DayGap | undefined {
    const vpcs = this.#days.get(day)?.vpcs;
    if (!vpcs) return 'missing';
    if (vpcId !== '') return vpcs.has(vpcId) ? vpcs.get(vpcId) : 'notCarried';
    const gaps = [...vpcs.values()];
    return gaps.includes(undefined) ? undefined : (gaps[0] ?? 'notCarried');
  }

  #sumUp(groupId: string, window: Window): GroupSums {
    const group = this.#groups.get(groupId)!;
    const span = this.spanOf(window);
    const { days } = this.grown(window);
    const gaps: Span[] = [];
    let [watchedDays, interfaceDays, observedDays, records, accepted, skipped] = [0, 0, 0, 0, 0, 0];
    for (let day = window.firstDay; day <= window.lastDay; day++) {
      const seen = this.#days.get(day);
      records += seen?.records[group] ?? 0;
      accepted += seen?.accepted[group] ?? 0;
      skipped += seen?.skipped[group] ?? 0;
      const isThere = span !== undefined && isIn(span, day);
      if (isThere && this.isWatched(groupId, day)) watchedDays++;
      else if (day <= window.lastObservedDay) addDay(gaps, day);
      if (!seen || !isThere) continue;
      interfaceDays += seen.interfaces[group]!;
      observedDays += seen.observed[group]!;
    }
    return { days, watchedDays, gaps, interfaceDays, observedDays, records, accepted, skipped };
  }

  #leastObserved(groupId: string, span: Span): string | undefined {
    const missing: Day[] = [];
    for (let day = span.firstDay; day <= span.lastDay; day++) if (!this.#days.has(day)) missing.push(day);
    const isStanding = (id: string): boolean => this.#newest.interfaces.get(id)?.groupIds.includes(groupId) === true;
    return this.#lives.leastObserved(this.#groups.get(groupId)!, span, MIN_OBSERVED_SHARE, missing, isStanding);
  }
}

/** @param spans to which the day is added; it is later than all of them */
function addDay(spans: Span[], day: Day): void {
  const last = spans.at(-1);
  if (last?.lastDay === day - 1) spans[spans.length - 1] = { ...last, lastDay: day };
  else spans.push({ firstDay: day, lastDay: day });
}

/** What keeps most of the days that were not watched from it. */
function frequentGap(span: Span, gapOn: (day: Day) => DayGap | undefined): DayGap {
  const counts = new Map<DayGap, number>();
  for (const day of daysOf(span)) {
    const gap = gapOn(day);
    if (gap) counts.set(gap, (counts.get(gap) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first?.[0] ?? 'missing';
}

function daysOf({ firstDay, lastDay }: Span): Day[] {
  return Array.from({ length: lastDay - firstDay + 1 }, (_, i) => firstDay + i);
}

const SILENT = { hours: 0 };

function least(a: number, b: number): number {
  return Math.min(a, b);
}

function most(a: number, b: number): number {
  return Math.max(a, b);
}
