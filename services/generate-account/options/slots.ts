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

/**
 * The ten-minute slots in which something happens. All of them where there are records enough; else some, evenly spread
 * from the first to the last, at least one a day.
 */
export function slotsOf(logs: Span, records: number): Span[] {
  const seconds = logs.to - logs.from;
  const total = Math.ceil(seconds / SLOT_SECONDS);
  const days = Math.ceil(seconds / DAY_SECONDS);
  const count = Math.min(total, Math.max(1, days, Math.floor(records / RECORDS_PER_SLOT)));
  return Array.from({ length: count }, (_, i) => {
    const position = count === 1 ? 0 : Math.round((i * (total - 1)) / (count - 1));
    const from = logs.from + position * SLOT_SECONDS;
    return { from, to: Math.min(from + SLOT_SECONDS, logs.to) };
  });
}
