import { factsOf, type DayFacts } from '../history/day-facts.ts';
import type { Inventory, Rule } from '../inventory/inventory.ts';
import type { RuleDay, Usage } from '../usage/usage.ts';
import { usageByDay } from '../usage/by-day.ts';
import type { Past, RememberedChange } from '../inventory/past/past.ts';
import { Ages, type KnownAge } from './ages.ts';
import { Covers } from './covering-rules.ts';
import { exemptionOf, type Exemption } from './exemption.ts';
import type { KeeperFacts } from './keepers.ts';
import {
  isGrowing,
  milestonesOf,
  MIN_OBSERVED_SHARE,
  provisionalOf,
  type Grown,
  type Milestones,
} from './growing-window.ts';
import { KnownRules } from './known-rules.ts';
import { neverLogged } from './never-logged.ts';
import { notYetThere } from './not-yet-there.ts';
import { Observation, type GroupSums } from './observation.ts';
import { RuleSums, type DayUse, type LastUse } from './rule-sums.ts';
import type { NotObservedReason, Provisional, Verdict, Young } from './verdict.ts';
import { isWindow, mayGrow, WINDOW_TAG, windowDaysOf } from './window-tag.ts';
import { wentQuiet, type Quiet } from './went-quiet.ts';
import { dayOf, isoDay, isoTime, startOfDay, windowOf, type Day, type Window } from '../time.ts';

export { KEEP_TAG } from './exemption.ts';

export interface JudgeOptions {
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  /** UNIX seconds since when somebody vouches that the rules stood as they are; undefined where nobody does. */
  readonly rulesKnownSince: number | undefined;
  /** With evidence of fewer days nothing is said, unless the window has no more; 1 by default. */
  readonly leastDays?: number;
  /** By rule id. */
  readonly exemptions?: ReadonlyMap<string, Exemption>;
}

export interface Judged extends LastUse {
  readonly rule: Rule;
  readonly verdict: Verdict;
  readonly window: Window;
  /** Use inside the window, by the sources that count for its days. */
  readonly use: RuleDay;
  /** The same in short, day by day, the oldest first. */
  readonly days: Iterable<readonly [Day, DayUse]> | undefined;
  readonly evidence: Evidence;
  /** Pointed out of rules that are in use as far as the window tells. */
  readonly quiet: Quiet | undefined;
  /** Its group was watched well enough, and long enough, to say what the rule is not needed for. */
  readonly isFounded: boolean;
  /** Who made it, and who edited it, as far as the account remembers; the oldest first. */
  readonly changes: readonly RememberedChange[];
}

/** What a verdict rests on, use aside. */
export interface Evidence extends GroupSums {
  /** UNIX seconds since when the rule reads as it does, as far as anybody tells. */
  readonly knownSince: number | undefined;
  /** Who tells so. */
  readonly knownBy: KnownAge['source'] | undefined;
  /** What of the rule is younger than the window; of several the youngest. */
  readonly young: YoungSince | undefined;
}

/**
 * Says of every rule of the newest inventory what the evidence allows, day by day of a history: each day once, in any
 * order, with the inventory that was in force on it. Of a day it keeps a few numbers for each group and each rule that was
 * used; a day of the window that never comes counts as one on which nothing was observed.
 */
export class Judge {
  readonly #newest: Inventory;
  readonly #options: JudgeOptions;
  readonly #known: KnownRules;
  readonly #windows: readonly Window[];
  readonly #leastDays: number;
  readonly #observation: Observation;
  readonly #sums: RuleSums;
  readonly #covers: Covers;
  readonly #ages = new Ages();
  #changes: Past['changes'] = new Map();
  /** By index of the rule, what is known from elsewhere than the days. */
  readonly #lastUses = new Map<number, LastUse>();

  constructor(newest: Inventory, options: JudgeOptions) {
    const { rules } = newest;
    this.#newest = newest;
    this.#options = options;
    this.#known = new KnownRules(rules);
    this.#windows = rules.map((rule) => windowOf(options.asOf, windowDaysOf(rule, options.windowDays)));
    const longest = windowOf(options.asOf, Math.max(options.windowDays, ...new Set(this.#windows.map((w) => w.days))));
    this.#leastDays = options.leastDays ?? 1;
    this.#observation = new Observation(newest, longest.lastDay, this.#leastDays);
    this.#sums = new RuleSums(this.#known, this.#windows);
    this.#covers = new Covers(newest, this.#known, longest);
  }

  /**
   * @param usage of that day, by the source that counts for it; ids of rules may name their content (`sgr-…@content`)
   * @param other what another source said of the day: use that it alone saw is use
   * @param incomplete what was counted may not be all of the day: it is not watched
   */
  addDay(facts: DayFacts, usage: Usage, other?: Usage, incomplete = false): void {
    this.#observation.add(facts, usage, incomplete);
    this.#sums.add(facts.day, usage, other);
    this.#covers.add(facts, other ? [usage, other] : [usage]);
    this.#ages.add(facts);
  }

  /** What stood when a snapshot was taken, of whatever day: it tells how old rules are, and nothing of their use. */
  addStanding(snapshot: Pick<DayFacts, 'contents' | 'entries'>): void {
    this.#ages.add(snapshot);
  }

  /** What the account remembers of the rules that stand now. */
  addPast(past: Pick<Past, 'ages' | 'changes'>): void {
    this.#ages.addPast(past);
    this.#changes = past.changes;
  }

  /** Last uses that are known from elsewhere, by rule id or content. They only ever make a rule more used. */
  addLastUses(lastUses: Iterable<readonly [id: string, LastUse]>): void {
    for (const [id, last] of lastUses) {
      for (const index of this.#known.named(id)) {
        this.#sums.addLast(index, last);
        this.#lastUses.set(index, later(this.#lastUses.get(index) ?? NEVER, last));
      }
    }
  }

  /** How far the general window has grown, for the group that was watched best, and what comes when. */
  growth(): Grown & Milestones {
    const window = windowOf(this.#options.asOf, this.#options.windowDays);
    const watched = this.#newest.rules.map(({ groupId }) => this.#observation.sumsOf(groupId, window).watchedDays);
    const watchedDays = Math.max(0, ...new Set(watched));
    const grown = { ...this.#observation.grown(window), watchedDays, leastDays: this.#leastDays };
    return { ...grown, ...milestonesOf(grown) };
  }

  /** In the order of the inventory. */
  finish(): Judged[] {
    return this.#newest.rules.map((rule, index) => this.#judge(rule, index));
  }

  #judge(rule: Rule, index: number): Judged {
    const { asOf, exemptions } = this.#options;
    const window = this.#windows[index]!;
    const age = this.#ageOf(index);
    const grounds = { gap: this.#gapOf(rule, window), young: this.#youngOf(rule, age, window), age };
    const last = this.#sums.lastUseOf(index);
    const kept = exemptionOf(rule, this.#newest.groups.get(rule.groupId), exemptions?.get(rule.ruleId), asOf);
    const verdict = kept ?? this.#verdict(rule, index, window, grounds);
    const inUse = verdict.kind === 'active' || verdict.kind === 'redundant';
    return {
      rule,
      verdict,
      window,
      ...last,
      use: this.#sums.useOf(index),
      days: this.#sums.daysOf(index),
      evidence: {
        ...this.#observation.sumsOf(rule.groupId, window),
        knownSince: age?.since,
        knownBy: age?.source,
        young: grounds.young,
      },
      quiet: inUse ? this.#quiet(rule, index, window) : undefined,
      isFounded: !grounds.gap && !grounds.young,
      changes: this.#changes.get(this.#known.contentOf(index)) ?? [],
    };
  }

  #verdict(rule: Rule, index: number, window: Window, { gap, young, age }: Grounds): Verdict {
    const seen = this.#sums.seenOf(index);
    const last = this.#lastUses.get(index) ?? NEVER;
    const begin = startOfDay(window.firstDay);
    const ageUnknown =
      !age || (age.atLeast && age.since > this.#beginOf(window)) || this.#hasEntryOfUnknownAge(rule, window);
    const provisional = this.#provisional(rule, window);
    const reserve = { ageUnknown, ...provisional };
    if (seen.usedTimes + seen.replyTimes > 0) {
      // Flows that it may have admitted are in no admitting set: nobody knows whether another rule covers them.
      const isCovered = seen.soleTimes + seen.possibleTimes === 0 && !gap && !young;
      const coveredBy = isCovered ? this.#covers.coverOf(index, window, this.#keeperFacts(window)) : undefined;
      if (coveredBy) return { kind: 'redundant', coveredBy, ...reserve };
      return { kind: 'active', unanswered: seen.replyTimes === 0 };
    }
    // Of a use of which only the time is known, nobody knows whether it was answered.
    if (last.lastUsed >= begin) return { kind: 'active', unanswered: false };
    const possibleTimes = Math.max(seen.possibleTimes, last.lastPossible >= begin ? 1 : 0);
    const { setAsideTimes } = seen;
    if (gap?.reason === 'unmatchable') return { kind: 'notObserved', ...gap };
    if (possibleTimes > 0) return { kind: 'notObserved', reason: 'onlyPossibleUse', possibleTimes };
    if (setAsideTimes > 0) return { kind: 'notObserved', reason: 'onlySetAside', setAsideTimes };
    if (young && (!gap || (gap.reason === 'notWatched' && this.#onlyAgeIsMissing(rule, young, window))))
      return { kind: 'tooYoung', young: young.what, since: isoTime(young.since), nextBetterDay: oldOn(young, window) };
    if (gap) return { kind: 'notObserved', ...gap, ...(MORE_DAYS_TELL.has(gap.reason) && provisional) };
    if (this.#observation.isAttached(rule.groupId, window)) return { kind: 'stale', ...reserve };
    const referred = this.#observation.isReferredTo(rule.groupId, window);
    return { kind: 'unattached', referred, ...reserve };
  }

  /** What keeps silence from meaning anything, use of the rule aside, in the order of the reasons. */
  #gapOf(rule: Rule, window: Window): NotObservedReason | undefined {
    if (rule.unmatchable !== undefined) return { reason: 'unmatchable', detail: rule.unmatchable };
    const tag = rule.tags[WINDOW_TAG];
    if (tag !== undefined && !isWindow(tag)) return { reason: 'windowTag', detail: tag };
    const { groupId, peer } = rule;
    const detail = neverLogged(rule, this.#newest, this.#observation.carriersOf(groupId, window));
    if (detail !== undefined) return { reason: 'neverLogged', detail };
    const notWatched = this.#observation.notWatched(groupId, window, mayGrow(rule));
    if (notWatched) return notWatched;
    if (this.#observation.isIdle(groupId, window)) return { reason: 'idle' };
    if (peer.type === 'group' && !this.#observation.isAttached(peer.value, window))
      return { reason: 'peerAbsent', groupId: peer.value };
    return this.#observation.sharedGroup(groupId, window);
  }

  /** Of all that is younger than the window, the youngest. */
  #youngOf({ groupId, peer }: Rule, age: KnownAge | undefined, window: Window): YoungSince | undefined {
    const times: readonly (readonly [Young, number | undefined])[] = [
      ['rule', age?.atLeast ? undefined : age?.since],
      ['listEntry', peer.type === 'prefixList' ? this.#newestEntryOf(peer.value) : undefined],
      ['member', peer.type === 'group' ? this.#observation.carriedSince(peer.value) : undefined],
      ['interface', this.#observation.carriedSince(groupId)],
    ];
    const begin = this.#beginOf(window);
    return times
      .flatMap(([what, since]) => (since !== undefined && since > begin ? [{ what, since }] : []))
      .reduce<YoungSince | undefined>((one, other) => (one && one.since >= other.since ? one : other), undefined);
  }

  #ageOf(index: number): KnownAge | undefined {
    const { asOf, rulesKnownSince } = this.#options;
    return this.#ages.ageOf(this.#known.contentOf(index), rulesKnownSince, asOf);
  }

  /** Of what the verdict speaks: of the days that there are, while a window grows. */
  #beginOf(window: Window): number {
    return startOfDay(this.#observation.spanOf(window)?.firstDay ?? window.firstDay);
  }

  #hasEntryOfUnknownAge({ peer }: Rule, window: Window): boolean {
    const { asOf, rulesKnownSince } = this.#options;
    if (peer.type !== 'prefixList') return false;
    return this.#ages.hasEntryOfUnknownAge(this.#newest, peer.value, rulesKnownSince, asOf, this.#beginOf(window));
  }

  #newestEntryOf(prefixListId: string): number | undefined {
    const { asOf, rulesKnownSince } = this.#options;
    return this.#ages.newestEntryOf(this.#newest, prefixListId, rulesKnownSince, asOf);
  }

  #onlyAgeIsMissing(rule: Rule, { since }: YoungSince, window: Window): boolean {
    if (!mayGrow(rule) && isGrowing(this.#observation.grown(window))) return false;
    return this.#observation.isWatchedFrom(rule.groupId, dayOf(since) + 1, window);
  }

  #keeperFacts(window: Window): Omit<KeeperFacts, 'isProven'> {
    const begin = this.#beginOf(window);
    return {
      typesOf: (groupId) => this.#observation.carriersOf(groupId, window).types,
      hasStood: ({ peer: { value } }) =>
        this.#newest.prefixLists.get(value)?.entries !== undefined && (this.#newestEntryOf(value) ?? begin) <= begin,
    };
  }

  /** Told with what rests on fewer days than the window has. */
  #provisional(rule: Rule, window: Window): { readonly provisional: Provisional } | undefined {
    const grown = this.#observation.grown(window);
    const isAttached = this.#observation.isAttached(rule.groupId, window);
    const watchedDays = isAttached ? this.#observation.sumsOf(rule.groupId, window).watchedDays : grown.days;
    const leastDays = mayGrow(rule) ? this.#leastDays : Math.ceil(MIN_OBSERVED_SHARE * window.days);
    const provisional = provisionalOf({ ...grown, watchedDays, leastDays }, isAttached);
    return provisional && { provisional };
  }

  /** Not where something may be its use since: what was only possible, or known by its time alone. */
  #quiet(rule: Rule, index: number, window: Window): Quiet | undefined {
    const isUsed = (day: Day): boolean => this.#sums.isUsedOn(index, day);
    const quiet = wentQuiet(window, isUsed, (day) => this.#observation.isWatched(rule.groupId, day));
    const { lastUsed, lastPossible } = this.#sums.lastUseOf(index);
    return quiet && Math.max(lastUsed, lastPossible) < startOfDay(quiet.lastDay + 1) ? quiet : undefined;
  }
}

/**
 * Says of every rule what the evidence allows, in the order of the inventory. One inventory is taken to have stood for
 * the whole window: since when its rules exist is unknown unless `rulesKnownSince` says so.
 *
 * @param history what stood on each day, where that is known; `inventory` is the newest then
 */
export function judge(...what: Parameters<typeof judgeOf>): Judged[] {
  return judgeOf(...what).finish();
}

/** A judge that has heard all of it. */
export function judgeOf(inventory: Inventory, usage: Usage, options: JudgeOptions, history?: StandingByDay): Judge {
  const always = factsOf({ day: 0, assumed: false, outdated: false }, [{ takenAt: Infinity, inventory }]);
  const factsOn = (day: Day): DayFacts => history?.factsOn(day) ?? { ...always, day };
  const thereOn = history?.isDated ? factsOn : notYetThere(factsOn, usage);
  const byDay = new Judge(inventory, options);
  if (history?.past) byDay.addPast(history.past);
  for (const [day, ofDay] of usageByDay(usage)) byDay.addDay(thereOn(day), ofDay);
  for (const standing of history?.standing() ?? []) byDay.addStanding(standing);
  return byDay;
}

/** What stood on each day, and when. */
export interface StandingByDay {
  /** False for one inventory of which nobody knows when it was taken. */
  readonly isDated: boolean;
  /** What the account remembers, if somebody asked it. */
  readonly past?: Pick<Past, 'ages' | 'changes'> | undefined;
  factsOn(day: Day): DayFacts;
  standing(): Iterable<DayFacts>;
}

/** What a verdict rests on, use aside. */
interface Grounds {
  readonly gap: NotObservedReason | undefined;
  readonly young: YoungSince | undefined;
  readonly age: KnownAge | undefined;
}

export interface YoungSince {
  readonly what: Young;
  /** UNIX seconds. */
  readonly since: number;
}

/** Gaps of which more days may tell more. */
const MORE_DAYS_TELL: ReadonlySet<NotObservedReason['reason']> = new Set(['notWatched', 'idle', 'peerAbsent']);

/** The UTC day as of whose first second it is as old as the window. */
function oldOn({ since }: YoungSince, window: Window): string {
  return isoDay(dayOf(since - 1) + 1 + window.days);
}

const NEVER: LastUse = { lastUsed: -1, lastPossible: -1 };

function later(one: LastUse, other: LastUse): LastUse {
  return {
    lastUsed: Math.max(one.lastUsed, other.lastUsed),
    lastPossible: Math.max(one.lastPossible, other.lastPossible),
  };
}
