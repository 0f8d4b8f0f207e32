import { unite } from '../inventory/union.ts';
import { withVersionedRules } from '../inventory/versioned-rules.ts';
import { CompiledInventory } from '../matching/compiled-inventory.ts';
import { startOfDay, type Day } from '../time.ts';
import type { Past } from '../inventory/past/past.ts';
import { PastDays } from './as-on-day.ts';
import {
  factsOf,
  FactsOfDay,
  isOutdated,
  isToldWhole,
  MARGIN_SECONDS,
  type Basis,
  type DayFacts,
  type Moment,
} from './day-facts.ts';

/** What a day is held against. */
export interface InForce extends Basis {
  /** The oldest first. */
  readonly moments: readonly Moment[];
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
  readonly #toldSince: number | undefined;
  readonly #days: PastDays | undefined;
  /** The inventory compiled last: days that have the same snapshots follow each other. */
  #last: { readonly key: string; readonly compiled: CompiledInventory } | undefined;

  /**
   * @param toldSince from when up to the newest snapshot the past tells all that happened, UNIX seconds: a gap between
   * snapshots of that time is none
   * @throws Error where there is none
   */
  constructor(moments: readonly Moment[], past?: Past, toldSince?: number) {
    this.moments = [...moments].sort((a, b) => a.takenAt - b.takenAt);
    const newest = this.moments.at(-1);
    if (!newest) throw new Error('no snapshot is in force');
    this.newest = newest;
    this.past = past;
    this.#toldSince = toldSince;
    this.#days = past && new PastDays(past);
  }

  /** Whether the time of its snapshots is known. */
  get isDated(): boolean {
    return this.newest.takenAt < Infinity;
  }

  /** The last snapshot taken by 23:45 of the day before, and all that were taken until the day's end; else the first. */
  inForceOn(day: Day): InForce {
    if (!this.isDated) return { moments: this.moments, assumed: false, outdated: false };
    const [begin, end] = [startOfDay(day) - MARGIN_SECONDS, startOfDay(day + 1)];
    const before = this.moments.findLastIndex(({ takenAt }) => takenAt <= begin);
    const moments = this.moments.slice(Math.max(0, before)).filter(({ takenAt }) => takenAt < end);
    const assumed = before < 0;
    const last = moments.at(-1);
    if (!last) return { moments: this.moments.slice(0, 1), assumed, outdated: false };
    const isTold = isToldWhole(day, this.#toldSince, oldestAt(this.newest));
    return { moments, assumed, outdated: isOutdated(day, oldestAt(last)) && !isTold };
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
    const { moments, assumed, outdated } = this.inForceOn(day);
    const past = this.#days?.of(day);
    const facts = new FactsOfDay({ day, assumed, outdated });
    for (const moment of moments) facts.add(moment, past?.on(moment));
    return facts.finish();
  }

  /** What stood when each snapshot was taken: it tells how old rules are, and nothing of their use. */
  *standing(): Generator<DayFacts> {
    for (const moment of this.moments) yield factsOf({ day: 0, assumed: false, outdated: false }, [moment]);
  }
}

function oldestAt(moment: Moment): number {
  return moment.oldestAt ?? moment.takenAt;
}
