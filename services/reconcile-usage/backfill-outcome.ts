import type { BackfillOutcome } from '../../shared/backfill-outcome.ts';
import { inParallel } from '../../shared/in-parallel.ts';
import { isoDay, type Day } from '../../shared/time.ts';
import { NothingYet } from './plan-night.ts';
import type { Nights, Run } from './settle-day.ts';

export interface DayFailure {
  readonly error: string;
  readonly cause: string;
}

/** Days of one run that were not settled, and why: a state machine could not hand on hundreds of reasons. */
export interface FailedDays {
  /** May be done again. */
  note(run: Run, failure: DayFailure): Promise<void>;
  of(run: string): Promise<ReadonlyMap<Day, DayFailure>>;
}

const CALLS_AT_ONCE = 16;
/** What all states together may hand on is 256 KiB, and a mail is read by people. */
const FAILURES_TOLD = 40;
const REASON_TOLD = 300;
const UNKNOWN = 'its execution ended without a word: it was stopped, or nothing could be noted';

/**
 * What has become of the days of a backfill. A day that another run has settled meanwhile, and this one has not failed to, is
 * settled.
 *
 * @param days at least one
 */
export async function backfillOutcome(
  days: readonly Day[],
  run: string,
  { failedDays, nights }: { readonly failedDays: FailedDays; readonly nights: Pick<Nights, 'settled'> },
): Promise<BackfillOutcome> {
  const inOrder = [...days].sort((a, b) => a - b);
  const failures = await failedDays.of(run);
  const reasons = await inParallel(inOrder, CALLS_AT_ONCE, async (day) => {
    const failure = failures.get(day);
    if (failure) return failure.error === NothingYet.name ? ABSENT : `${failure.error}: ${failure.cause}`;
    return (await nights.settled(day)) ? undefined : UNKNOWN;
  });
  const groups: { from: Day; to: Day; reason: string }[] = [];
  for (const [i, reason] of reasons.entries()) {
    const [day, last] = [inOrder[i]!, groups.at(-1)];
    if (reason === undefined || reason === ABSENT) continue;
    if (last?.to === day - 1 && last.reason === reason) last.to = day;
    else groups.push({ from: day, to: day, reason });
  }
  const settled = reasons.filter((reason) => reason === undefined).length;
  const withoutLogs = reasons.filter((reason) => reason === ABSENT).length;
  return {
    from: isoDay(inOrder[0]!),
    to: isoDay(inOrder.at(-1)!),
    days: days.length,
    settled,
    withoutLogs,
    failed: days.length - settled - withoutLogs,
    failures: groups.slice(0, FAILURES_TOLD).map(({ from, to, reason }) => ({
      from: isoDay(from),
      to: isoDay(to),
      days: to - from + 1,
      reason: reason.slice(0, REASON_TOLD),
    })),
  };
}

const ABSENT = 'absent';
