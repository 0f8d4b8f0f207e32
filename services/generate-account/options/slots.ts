import { DAY_SECONDS } from '../../../shared/time.ts';

/** UNIX seconds, [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A multiple of every aggregation window. */
const SLOT_SECONDS = 600;
/** Fewer records would not fill a slot with more than a few kinds. */
const RECORDS_PER_SLOT = 400;

const HOUR_SECONDS = 3600;

/** The UTC hour of a time in UNIX seconds, 0 to 23. */
export function hourOf(seconds: number): number {
  return Math.floor((seconds % DAY_SECONDS) / HOUR_SECONDS);
}

/** Whether the time is long enough for something to be told of every hour. */
export function isOfWholeDays({ from, to }: Span): boolean {
  return to - from >= DAY_SECONDS;
}

/**
 * The ten-minute slots in which something happens. All of them where there are records enough; else some, evenly spread
 * from the first to the last, in runs of a day or more at least one in every hour: verdicts speak of whole days.
 */
export function slotsOf(logs: Span, records: number): Span[] {
  const seconds = logs.to - logs.from;
  const total = Math.ceil(seconds / SLOT_SECONDS);
  const least = isOfWholeDays(logs) ? Math.ceil(seconds / HOUR_SECONDS) : 1;
  const count = Math.min(total, Math.max(least, Math.floor(records / RECORDS_PER_SLOT)));
  return Array.from({ length: count }, (_, i) => {
    const position = count === 1 ? 0 : Math.round((i * (total - 1)) / (count - 1));
    const from = logs.from + position * SLOT_SECONDS;
    return { from, to: Math.min(from + SLOT_SECONDS, logs.to) };
  });
}
