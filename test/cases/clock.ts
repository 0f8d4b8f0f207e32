const FIRST_DAY = Date.UTC(2026, 0, 1);
const HOURS_OF_DAY = Array.from({ length: 24 }, (_, hour) => hour);

export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** UNIX seconds. Day 0 of every case is the first of January 2026; minutes and hours may run over. */
export function at(day: number, hour = 12, minute = 0): number {
  return FIRST_DAY / 1000 + day * DAY + hour * HOUR + minute * 60;
}

/** Whole numbers from the first on, without the last: of days, hours and the like. */
export function range(from: number, to: number, step = 1): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}

/** The same minute of each hour of the days. */
export function hoursOf(of: readonly number[], minute = 0): number[] {
  return of.flatMap((day) => HOURS_OF_DAY.map((hour) => at(day, hour, minute)));
}
