import { runId } from '../../shared/night-run.ts';
import { isoDay, type Day, dayOf } from '../../shared/time.ts';

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

/** So many a state can hand on, and far more than flow logs are kept for. */
const MOST_DAYS = 10_000;

export interface FirstAndLastDay {
  /** Both inclusive. */
  readonly from: Day;
  readonly to: Day;
}

export interface DaysToRun {
  readonly days: readonly Day[];
  /** The execution is one run of each of them. */
  readonly run: string;
}

/**
 * What one execution works on: the days that were asked for, the latest first; else the last one that is over, and the
 * marked ones, the latest first, a few.
 *
 * @throws RangeError for days that are not over yet, in no order, or too many
 */
export async function chooseDays(
  { span, startedAt, execution }: { span?: FirstAndLastDay | undefined; startedAt: Date; execution: string },
  marks: Marks,
): Promise<DaysToRun> {
  const last = dayBefore(startedAt);
  const run = runId(startedAt, execution);
  if (span) {
    const number = span.to - span.from + 1;
    if (number < 1) throw new RangeError(`${isoDay(span.to)} is before ${isoDay(span.from)}`);
    if (number > MOST_DAYS) throw new RangeError(`${number} days are more than ${MOST_DAYS}`);
    if (span.to > last) throw new RangeError(`${isoDay(span.to)} is not over yet`);
    return { days: Array.from({ length: number }, (_, i) => span.to - i), run };
  }
  const marked = (await marks.open()).filter((one) => one < last).sort((a, b) => b - a);
  const again = marked.slice(0, DAYS_A_NIGHT - 1);
  for (const one of again) await marks.tried(one);
  return { days: [last, ...again], run };
}
