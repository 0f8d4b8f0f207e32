import { runId } from '../../shared/night-run.ts';
import type { Run } from './settle-day.ts';
import { type Day, dayOf } from '../../shared/time.ts';

/** Days that the night must run again, with the reasons. */
export interface Marks {
  /** Of the marked days, those that were not tried {@link TRIES} times since they were last settled. */
  open(): Promise<readonly Day[]>;
  /** Notes that the day is tried once more. */
  tried(day: Day): Promise<void>;
}

export const TRIES = 5;
const DAYS_A_NIGHT = 7;

/** The last UTC day that was over at that time. */
function dayBefore(time: Date): Day {
  return dayOf(time.getTime() / 1000) - 1;
}

/**
 * What one execution works on: the day that was asked for; else the last one that is over, and the marked ones, the
 * latest first, a few.
 *
 * @throws RangeError for a day that is not over yet
 */
export async function chooseDays(
  { day, startedAt, execution }: { day?: Day | undefined; startedAt: Date; execution: string },
  marks: Marks,
): Promise<Run[]> {
  const last = dayBefore(startedAt);
  if (day !== undefined && day > last) throw new RangeError('this day is not over yet');
  const id = runId(startedAt, execution);
  if (day !== undefined) return [{ day, id }];
  const marked = (await marks.open()).filter((one) => one < last).sort((a, b) => b - a);
  const again = marked.slice(0, DAYS_A_NIGHT - 1);
  for (const one of again) await marks.tried(one);
  return [last, ...again].map((one) => ({ day: one, id }));
}
