import { unite } from '../inventory/union.ts';
import { withVersionedRules } from '../inventory/versioned-rules.ts';
import { CompiledInventory } from '../matching/compiled-inventory.ts';
import { startOfDay, type Day } from '../time.ts';
import type { Past } from '../inventory/past/past.ts';
import { PastDays } from './as-on-day.ts';
import { factsOf, FactsOfDay, type DayFacts, type Moment } from './day-facts.ts';

/** A day begins with the last snapshot that was taken before this much was left of the day before. */
const MARGIN_SECONDS = 15 * 60;

/** What a day is held against. */
export interface InForce {
  /** The oldest first. */
  readonly moments: readonly Moment[];
  /** What stood when the day began was never described: the first snapshot is later, and stands in for it. */
  readonly assumed: boolean;
}

/**
 * Snapshots that are all at hand, and what the account remembers: of each day they tell what stood at any time of it. One
 * snapshot of which nobody knows when it was taken (`takenAt` is Infinity) stands for every day.
 */
export class InventoryHistory {
  /** The oldest first, at least one. */
  readonly moments: readonly Moment[];
  readonly newest: Moment;
  readonly past: Past | undefined;
  readonly #days: PastDays | undefined;
  /** The inventory compiled last: days that have the same snapshots follow each other. */
  #last: { readonly key: string; readonly compiled: CompiledInventory } | undefined;

  /** @throws Error where there is none */
  constructor(moments: readonly Moment[], past?: Past) {
    this.moments = [...moments].sort((a, b) => a.takenAt - b.takenAt);
    const newest = this.moments.at(-1);
    if (!newest) throw new Error('no snapshot is in force');
    this.newest = newest;
    this.past = past;
    this.#days = past && new PastDays(past);
  }

  /** Whether the time of its snapshots is known. */
  get isDated(): boolean {
    return this.newest.takenAt < Infinity;
  }

  /** The last snapshot taken by 23:45 of the day before, and all that were taken until the day's end; else the first. */
  inForceOn(day: Day): InForce {
    if (!this.isDated) return { moments: this.moments, assumed: false };
    const [begin, end] = [startOfDay(day) - MARGIN_SECONDS, startOfDay(day + 1)];
    const before = this.moments.findLastIndex(({ takenAt }) => takenAt <= begin);
    const moments = this.moments.slice(Math.max(0, before)).filter(({ takenAt }) => takenAt < end);
    return { moments: moments.length > 0 ? moments : this.moments.slice(0, 1), assumed: before < 0 };
  }

  /** What the records of a day are matched against: all that was in force, under versioned rule ids. */
  compiledOn(day: Day): CompiledInventory {
    const { moments } = this.inForceOn(day);
    const past = this.#days?.of(day);
    const isLater = moments[0]!.takenAt >= startOfDay(day + 1);
    const key = `${this.moments.indexOf(moments[0]!)} ${String(moments.length)} ${String(isLater)} ${past?.key ?? ''}`;
    if (this.#last?.key === key) return this.#last.compiled;
    const [first, ...later] = moments.map((moment) => past?.on(moment) ?? moment.inventory);
    const union = later.reduce(unite, first!);
    const compiled = new CompiledInventory(withVersionedRules(union));
    this.#last = { key, compiled };
    return compiled;
  }

  factsOn(day: Day): DayFacts {
    const { moments, assumed } = this.inForceOn(day);
    const past = this.#days?.of(day);
    const facts = new FactsOfDay({ day, assumed });
    for (const moment of moments) facts.add(moment, past?.on(moment));
    return facts.finish();
  }

  /** What stood when each snapshot was taken: it tells how old rules are, and nothing of their use. */
  *standing(): Generator<DayFacts> {
    for (const moment of this.moments) yield factsOf({ day: 0, assumed: false }, [moment]);
  }
}
