import type { Day, Window } from '../time.ts';

/** Fewer days of use are no habit. */
const MIN_USED_DAYS = 7;
/** Of the observed days from the first use to the last. What runs on working days only has 5 of 7. */
const MIN_USED_SHARE = 0.6;
const MIN_QUIET_DAYS = 3;
/** Times the longest pause so far: who pauses for weekends is not quiet on Monday. */
const PAUSES = 5;

/** A rule that was used regularly, and then not at all. */
export interface Quiet {
  readonly lastDay: Day;
  /** Days with use, up to `lastDay`. */
  readonly usedDays: number;
  /** Observed days without, since. */
  readonly quietDays: number;
}

/**
 * Tells that a rule went quiet before its window ends: it was used on at least 7 days of the window, on at least 60 % of
 * the observed days from the first of them to the last, and since then nothing was seen of it on at least 3 observed days,
 * and 5 times its longest pause before. Days on which its use would not have been seen count neither for nor against it,
 * but that they make a pause longer.
 */
export function wentQuiet(
  { firstDay, lastDay, lastObservedDay }: Window,
  isUsed: (day: Day) => boolean,
  isObserved: (day: Day) => boolean,
): Quiet | undefined {
  let first: Day | undefined;
  let [last, usedDays, pause] = [firstDay, 0, 0];
  for (let day = firstDay; day <= lastDay; day++) {
    if (!isUsed(day)) continue;
    if (first !== undefined) pause = Math.max(pause, day - last - 1);
    first ??= day;
    last = day;
    usedDays++;
  }
  if (first === undefined || usedDays < MIN_USED_DAYS) return undefined;
  let [observedDays, quietDays] = [0, 0];
  for (let day = first; day <= last; day++) if (isUsed(day) || isObserved(day)) observedDays++;
  for (let day = last + 1; day <= lastObservedDay; day++) if (isObserved(day)) quietDays++;
  if (usedDays < MIN_USED_SHARE * observedDays || quietDays < Math.max(MIN_QUIET_DAYS, PAUSES * pause))
    return undefined;
  return { lastDay: last, usedDays, quietDays };
}
