import type { ServiceFlow } from './service-flow.ts';
import { isoDay, type Day } from '../time.ts';

/** The service flows that were kept, day by day: what simulation, plans and explanations read. */
export interface EvidenceSource {
  /** For messages: a folder, or the tables of a deployment. */
  readonly name: string;
  /** The UTC days of which there is evidence, ascending; a day without any record of a service flow may be among them. */
  days(): Promise<readonly Day[]>;
  /**
   * All service flows of one of these days. One flow may come in several pieces, in any order: add them up. Ids of rules
   * are those of the inventory of the day, mostly with their content (`sgr-…@content`): see `StandingRules`.
   */
  flows(day: Day): AsyncIterable<ServiceFlow>;
}

/** UTC days, both inclusive. */
export interface DayRange {
  readonly from?: Day;
  readonly to?: Day;
}

export interface ChosenDays {
  readonly from: Day;
  readonly to: Day;
  readonly days: readonly Day[];
  /** Days between `from` and `to` of which there is no evidence. */
  readonly gaps: readonly Day[];
}

/** The longest window that verdicts use by default. */
const MOST_DAYS = 90;

/**
 * The days of evidence in the range: by default the last {@link MOST_DAYS} up to the last one there is.
 *
 * @throws Error if there are none
 */
export async function daysInRange(source: EvidenceSource, { from, to }: DayRange): Promise<ChosenDays> {
  const all = await source.days();
  const last = to ?? all.at(-1);
  const inRange = all.filter((day) => day <= last! && day >= (from ?? last! - MOST_DAYS + 1));
  if (last === undefined || inRange.length === 0) {
    const known =
      all.length === 0
        ? ''
        : ` in this range; it has ${all.length} days, from ${isoDay(all[0]!)} to ${isoDay(all.at(-1)!)}`;
    throw new Error(`${source.name}: no day of evidence${known}`);
  }
  const first = from ?? inRange[0]!;
  const there = new Set(inRange);
  const span = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return { from: first, to: last, days: inRange, gaps: span.filter((day) => !there.has(day)) };
}
