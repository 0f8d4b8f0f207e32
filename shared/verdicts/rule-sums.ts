import { emptyRuleDay, type RuleDay, type Usage } from '../usage/usage.ts';
import { addRuleDay } from '../usage/window.ts';
import type { KnownRules } from './known-rules.ts';
import { type Day, isIn, type Window } from '../time.ts';

/** What a rule did on a day, in short. Times are numbers of records. */
export type DayUse = Pick<RuleDay, (typeof SHOWN)[number]>;

const SHOWN = ['usedTimes', 'replyTimes', 'possibleTimes', 'bytes'] as const;
const SEEN = ['usedTimes', 'soleTimes', 'replyTimes', 'possibleTimes', 'setAsideTimes'] as const;

/** What was seen of a rule in its window by whichever source saw more of it, day by day. */
export type Seen = Readonly<Record<(typeof SEEN)[number], number>>;

/** UNIX seconds, of any day; -1 for none. */
export interface LastUse {
  readonly lastUsed: number;
  readonly lastPossible: number;
}

interface RulesOfDay {
  /** By index of the rule, the numbers of {@link SHOWN}. */
  readonly shown: Float64Array;
  /** 1 where any source saw a use. */
  readonly used: Uint8Array;
}

/** Sums of all rules over the window of each, and a few numbers of each day. */
export class RuleSums {
  readonly #known: KnownRules;
  readonly #windows: readonly Window[];
  readonly #uses: (RuleDay | undefined)[];
  readonly #seen: Float64Array;
  readonly #lastUsed: Float64Array;
  readonly #lastPossible: Float64Array;
  readonly #days = new Map<Day, RulesOfDay>();

  /** @param windows by index of the rule */
  constructor(known: KnownRules, windows: readonly Window[]) {
    const count = known.rules.length;
    this.#known = known;
    this.#windows = windows;
    this.#uses = new Array<RuleDay | undefined>(count).fill(undefined);
    this.#seen = new Float64Array(count * SEEN.length);
    this.#lastUsed = new Float64Array(count).fill(-1);
    this.#lastPossible = new Float64Array(count).fill(-1);
  }

  /** @param other what the source that does not count for the day says of it: it adds to what was seen, and is not shown */
  add(day: Day, usage: Usage, other?: Usage): void {
    const spoken = this.#ofDay(day, usage);
    const beside = other ? this.#ofDay(day, other) : new Map<number, RuleDay>();
    for (const index of new Set([...spoken.keys(), ...beside.keys()])) {
      const [use, more] = [spoken.get(index), beside.get(index)];
      for (const one of [use, more]) if (one) this.addLast(index, one);
      if (!isIn(this.#windows[index]!, day)) continue;
      SEEN.forEach(
        (name, i) => (this.#seen[index * SEEN.length + i]! += Math.max(use?.[name] ?? 0, more?.[name] ?? 0)),
      );
      const { shown, used } = this.#at(day);
      if (timesUsed(use) + timesUsed(more) > 0) used[index] = 1;
      if (!use) continue;
      addRuleDay((this.#uses[index] ??= emptyRuleDay()), use);
      SHOWN.forEach((name, i) => (shown[index * SHOWN.length + i] = use[name]));
    }
  }

  addLast(index: number, { lastUsed, lastPossible }: LastUse): void {
    this.#lastUsed[index] = Math.max(this.#lastUsed[index]!, lastUsed);
    this.#lastPossible[index] = Math.max(this.#lastPossible[index]!, lastPossible);
  }

  /** In the window, of the sources that speak. */
  useOf(index: number): RuleDay {
    return this.#uses[index] ?? emptyRuleDay();
  }

  seenOf(index: number): Seen {
    const numbers = SEEN.map((name, i) => [name, this.#seen[index * SEEN.length + i]!] as const);
    return Object.fromEntries(numbers) as Record<(typeof SEEN)[number], number>;
  }

  lastUseOf(index: number): LastUse {
    return { lastUsed: this.#lastUsed[index]!, lastPossible: this.#lastPossible[index]! };
  }

  isUsedOn(index: number, day: Day): boolean {
    return this.#days.get(day)?.used[index] === 1;
  }

  /** The days of the window on which the sources that speak say anything of the rule, the oldest first. */
  daysOf(index: number): Iterable<readonly [Day, DayUse]> {
    return { [Symbol.iterator]: () => this.#iterate(index) };
  }

  *#iterate(index: number): Generator<readonly [Day, DayUse]> {
    for (const day of [...this.#days.keys()].sort((a, b) => a - b)) {
      const { shown } = this.#days.get(day)!;
      const numbers = SHOWN.map((name, i) => [name, shown[index * SHOWN.length + i]!] as const);
      if (numbers.some(([, number]) => number > 0)) yield [day, Object.fromEntries(numbers) as unknown as DayUse];
    }
  }

  /** By index: what was counted under the ids that a content has had on the day is one. */
  #ofDay(day: Day, { rules }: Usage): Map<number, RuleDay> {
    const found = new Map<number, RuleDay>();
    for (const [id, days] of rules) {
      const use = days.get(day);
      if (!use) continue;
      for (const index of this.#known.named(id)) {
        const before = found.get(index);
        if (before) {
          const sum = emptyRuleDay();
          addRuleDay(sum, before);
          addRuleDay(sum, use);
          found.set(index, sum);
        } else found.set(index, use);
      }
    }
    return found;
  }

  #at(day: Day): RulesOfDay {
    let ofDay = this.#days.get(day);
    if (!ofDay) {
      const count = this.#known.rules.length;
      ofDay = { shown: new Float64Array(count * SHOWN.length), used: new Uint8Array(count) };
      this.#days.set(day, ofDay);
    }
    return ofDay;
  }
}

function timesUsed(use: RuleDay | undefined): number {
  return use ? use.usedTimes + use.replyTimes : 0;
}
