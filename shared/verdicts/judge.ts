import { factsOf, type DayFacts } from '../history/day-facts.ts';
import type { Inventory, Rule } from '../inventory/inventory.ts';
import { emptyUsage, type RuleDay, type Usage } from '../usage/usage.ts';
import { usageByDay } from '../usage/by-day.ts';
import { Ages } from './ages.ts';
import { Covers } from './covering-rules.ts';
import { exemptionOf, type Exemption } from './exemption.ts';
import { KnownRules } from './known-rules.ts';
import { neverLogged } from './never-logged.ts';
import { Observation, type GroupSums } from './observation.ts';
import { RuleSums, type DayUse, type LastUse, type Seen } from './rule-sums.ts';
import type { NotObservedReason, Verdict } from './verdict.ts';
import { wentQuiet, type Quiet } from './went-quiet.ts';
import { isoTime, startOfDay } from '../time.ts';
import { type Day, windowOf, type Window } from '../time.ts';

export { KEEP_TAG } from './exemption.ts';

/** Tag of a rule: its own window in days, 1 to 3,650, instead of the general one. */
export const WINDOW_TAG = 'stale-sg:window';

export interface JudgeOptions {
  /** UNIX seconds. */
  readonly asOf: number;
  readonly windowDays: number;
  /** UNIX seconds since when somebody vouches that the rules stood as they are; undefined where nobody does. */
  readonly rulesKnownSince: number | undefined;
  /** By rule id. */
  readonly exemptions?: ReadonlyMap<string, Exemption>;
}

export interface Judged extends LastUse {
  readonly rule: Rule;
  readonly verdict: Verdict;
  readonly window: Window;
  /** Use inside the window, by the sources that speak for its days. */
  readonly use: RuleDay;
  /** The same in short, day by day, the oldest first. */
  readonly days: Iterable<readonly [Day, DayUse]> | undefined;
  readonly evidence: Evidence;
  /** Pointed out of rules that are in use as far as the window tells. */
  readonly quiet: Quiet | undefined;
}

/** What a verdict rests on besides the use. */
export interface Evidence extends GroupSums {
  /** UNIX seconds since when the rule reads as it does, as far as snapshots or a person vouch for it. */
  readonly knownSince: number | undefined;
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
  readonly #observation: Observation;
  readonly #sums: RuleSums;
  readonly #covers: Covers;
  readonly #ages = new Ages();
  /** By index of the rule, what is known besides the days. */
  readonly #lastUses = new Map<number, LastUse>();

  constructor(newest: Inventory, options: JudgeOptions) {
    const { rules } = newest;
    this.#newest = newest;
    this.#options = options;
    this.#known = new KnownRules(rules);
    this.#windows = rules.map((rule) => windowOf(options.asOf, windowDaysOf(rule, options.windowDays)));
    const longest = windowOf(options.asOf, Math.max(options.windowDays, ...new Set(this.#windows.map((w) => w.days))));
    this.#observation = new Observation(newest, longest.lastDay);
    this.#sums = new RuleSums(this.#known, this.#windows);
    this.#covers = new Covers(newest, this.#known, longest);
  }

  /**
   * @param usage of that day, by the source that speaks for it; ids of rules may name their content (`sgr-…@content`)
   * @param other what another source said of the day: use that it alone saw is use
   */
  addDay(facts: DayFacts, usage: Usage, other?: Usage): void {
    this.#observation.add(facts, usage);
    this.#sums.add(facts.day, usage, other);
    this.#covers.add(facts, other ? [usage, other] : [usage]);
    this.#ages.add(facts);
  }

  /** What stood when a snapshot was taken, of whatever day: it tells how old rules are, and nothing of their use. */
  addStanding(snapshot: Pick<DayFacts, 'contents'>): void {
    this.#ages.add(snapshot);
  }

  /** Last uses that are known besides, by rule id or content. They only ever make a rule more used. */
  addLastUses(lastUses: Iterable<readonly [id: string, LastUse]>): void {
    for (const [id, last] of lastUses) {
      for (const index of this.#known.named(id)) {
        this.#sums.addLast(index, last);
        this.#lastUses.set(index, later(this.#lastUses.get(index) ?? NEVER, last));
      }
    }
  }

  /** In the order of the inventory. */
  finish(): Judged[] {
    return this.#newest.rules.map((rule, index) => this.#judge(rule, index));
  }

  #judge(rule: Rule, index: number): Judged {
    const { asOf, rulesKnownSince, exemptions } = this.#options;
    const window = this.#windows[index]!;
    const knownSince = this.#ages.sinceOf(this.#known.contentOf(index), rulesKnownSince, asOf);
    const last = this.#sums.lastUseOf(index);
    const verdict =
      exemptionOf(rule, exemptions?.get(rule.ruleId), asOf) ?? this.#verdict(rule, index, window, knownSince);
    const inUse = verdict.kind === 'active' || verdict.kind === 'redundant';
    return {
      rule,
      verdict,
      window,
      ...last,
      use: this.#sums.useOf(index),
      days: this.#sums.daysOf(index),
      evidence: { ...this.#observation.sumsOf(rule.groupId, window), knownSince },
      quiet: inUse ? this.#quiet(rule, index, window) : undefined,
    };
  }

  #verdict(rule: Rule, index: number, window: Window, knownSince: number | undefined): Verdict {
    const seen = this.#sums.seenOf(index);
    const last = this.#lastUses.get(index) ?? NEVER;
    const begin = startOfDay(window.firstDay);
    const ageUnknown = knownSince === undefined;
    const tooYoung = knownSince !== undefined && knownSince > begin;
    if (seen.usedTimes + seen.replyTimes > 0) {
      // Flows that it may have admitted are in no admitting set: nobody knows whether another rule covers them.
      const isCovered = seen.soleTimes + seen.possibleTimes === 0 && !tooYoung;
      const coveredBy = isCovered ? this.#covers.coverOf(index, window) : undefined;
      if (coveredBy && !this.#gapOf(rule, seen, window)) return { kind: 'redundant', coveredBy, ageUnknown };
      return { kind: 'active', unanswered: seen.replyTimes === 0 };
    }
    // Of a use of which only the time is known, nobody knows whether it was answered.
    if (last.lastUsed >= begin) return { kind: 'active', unanswered: false };
    const possibleTimes = Math.max(seen.possibleTimes, last.lastPossible >= begin ? 1 : 0);
    const reason = this.#gapOf(rule, { ...seen, possibleTimes }, window);
    if (reason) return { kind: 'notObserved', ...reason };
    if (tooYoung) return { kind: 'tooYoung', since: isoTime(knownSince) };
    return { kind: this.#observation.isAttached(rule.groupId, window) ? 'stale' : 'unattached', ageUnknown };
  }

  #gapOf(rule: Rule, seen: Seen, window: Window): NotObservedReason | undefined {
    if (rule.unmatchable !== undefined) return { reason: 'unmatchable', detail: rule.unmatchable };
    const { usedTimes, replyTimes, possibleTimes, setAsideTimes } = seen;
    const isUsed = usedTimes + replyTimes > 0;
    if (!isUsed && possibleTimes > 0) return { reason: 'onlyPossibleUse', possibleTimes };
    if (!isUsed && setAsideTimes > 0) return { reason: 'onlySetAside', setAsideTimes };
    const tag = rule.tags[WINDOW_TAG];
    if (tag !== undefined && !isWindow(tag)) return { reason: 'windowTag', detail: tag };
    const gap = this.#observation.malformed(window) ?? this.#observation.gapOf(rule.groupId, window);
    if (gap) return gap;
    const detail = neverLogged(rule, this.#newest, this.#observation.typesOf(rule.groupId, window));
    return detail === undefined ? undefined : { reason: 'neverLogged', detail };
  }

  /** Not where something may be its use since: what was only possible, or known by its time alone. */
  #quiet(rule: Rule, index: number, window: Window): Quiet | undefined {
    const isUsed = (day: Day): boolean => this.#sums.isUsedOn(index, day);
    const quiet = wentQuiet(window, isUsed, (day) => this.#observation.isObserved(rule.groupId, day));
    const { lastUsed, lastPossible } = this.#sums.lastUseOf(index);
    return quiet && Math.max(lastUsed, lastPossible) < startOfDay(quiet.lastDay + 1) ? quiet : undefined;
  }
}

/**
 * Says of every rule what the evidence allows, in the order of the inventory. One inventory is taken to have stood for
 * the whole window: since when its rules exist is unknown unless `rulesKnownSince` says so.
 */
export function judge(inventory: Inventory, usage: Usage, options: JudgeOptions): Judged[] {
  const days = usageByDay(usage);
  // Fates belong to no day: they count in every window.
  const { lastObservedDay } = windowOf(options.asOf, 1);
  const ofLast = days.get(lastObservedDay) ?? emptyUsage();
  days.set(lastObservedDay, { ...ofLast, fates: usage.fates });
  const facts = factsOf({ day: lastObservedDay, assumed: true }, [{ takenAt: Infinity, inventory }]);
  const byDay = new Judge(inventory, options);
  for (const [day, ofDay] of days) byDay.addDay({ ...facts, day }, ofDay);
  return byDay.finish();
}

const NEVER: LastUse = { lastUsed: -1, lastPossible: -1 };

function later(one: LastUse, other: LastUse): LastUse {
  return {
    lastUsed: Math.max(one.lastUsed, other.lastUsed),
    lastPossible: Math.max(one.lastPossible, other.lastPossible),
  };
}

/** Of its tag, or the general one. */
export function windowDaysOf(rule: Rule, windowDays: number): number {
  const tag = rule.tags[WINDOW_TAG] ?? '';
  return isWindow(tag) ? Number(tag) : windowDays;
}

function isWindow(tag: string): boolean {
  return /^[1-9]\d{0,3}$/.test(tag) && Number(tag) <= 3650;
}
