/** Days and times, all in UTC. Nothing here reads a clock. */

export const DAY_SECONDS = 86_400;

/** A UTC day as days since 1970-01-01; a record belongs to the day of its `end`. */
export type Day = number;

/** The UTC day of a time in UNIX seconds. */
export function dayOf(seconds: number): Day {
  return Math.floor(seconds / DAY_SECONDS);
}

/** The first second of the day, UNIX seconds. */
export function startOfDay(day: Day): number {
  return day * DAY_SECONDS;
}

/** ISO 8601 in UTC with whole seconds: `2026-01-31T23:59:59Z`. */
export function isoTime(seconds: number): string {
  return `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, -5)}Z`;
}

/** `2026-01-31`; years beyond 9999 have more digits and a sign. */
export function isoDay(day: Day): string {
  return isoTime(startOfDay(day)).replace(/T.*/, '');
}

/** The UTC day that a text such as `2026-01-31` names; undefined where it names none. */
export function dayFromIso(text: string): Day | undefined {
  const seconds = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) / 1000 : Number.NaN;
  // A day such as 2026-02-30 is read as one of the next month.
  return Number.isNaN(seconds) || isoDay(dayOf(seconds)) !== text ? undefined : dayOf(seconds);
}

/** UNIX seconds of an ISO 8601 time with a zone; NaN for any other text. */
export function secondsFromIso(text: string): number {
  return Date.parse(text) / 1000;
}

/** The UTC days a verdict speaks of, both inclusive. */
export interface Window {
  readonly firstDay: Day;
  /** Use on the day of `asOf` counts, even in its first second. */
  readonly lastDay: Day;
  /** The last day of which something must have been observed: that of the second before `asOf`. */
  readonly lastObservedDay: Day;
  readonly days: number;
}

/** The `days` UTC days that end with the one in which `asOf` (UNIX seconds) lies. */
export function windowOf(asOf: number, days: number): Window {
  const lastObservedDay = dayOf(asOf - 1);
  return { firstDay: lastObservedDay - days + 1, lastDay: dayOf(asOf), lastObservedDay, days };
}

/** UTC days from the first to the last `end` read, both counted; at least 1. */
export function daysSpanned(firstEnd: number, lastEnd: number): number {
  return Math.max(1, dayOf(lastEnd - 1) - dayOf(firstEnd) + 1);
}

/** Whether the day lies in the window, both ends inclusive. */
export function isIn(window: Pick<Window, 'firstDay' | 'lastDay'>, day: Day): boolean {
  return day >= window.firstDay && day <= window.lastDay;
}
