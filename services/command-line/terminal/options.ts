import { InvalidArgumentError } from 'commander';
import { dayFromIso } from '../../../shared/time.ts';

/** A date (its first second) or a time, ISO 8601; UTC unless it says otherwise. Returns UNIX seconds. */
export function parseTime(text: string): number {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/;
  const zoned = /T.*(Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`;
  const milliseconds = iso.test(text) ? Date.parse(zoned) : Number.NaN;
  const sameDay = new Date(Date.parse(text.slice(0, 10))).getUTCDate() === Number(text.slice(8, 10));
  if (Number.isNaN(milliseconds) || milliseconds < 0 || !sameDay) {
    throw new InvalidArgumentError('Give a date or time such as 2026-01-31 or 2026-01-31T00:00:00Z.');
  }
  return Math.floor(milliseconds / 1000);
}

/** A UTC day such as `2026-01-31`, in days since 1970-01-01. */
export function parseDay(text: string): number {
  const day = dayFromIso(text);
  if (day === undefined || day < 0) throw new InvalidArgumentError('Give a day such as 2026-01-31.');
  return day;
}

/** A whole number of days, 1 to 3,650. */
export function parseDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 3650) throw new InvalidArgumentError('Give a whole number of days from 1 to 3650.');
  return days;
}

/** A whole number of threads, 1 to 256. */
export function parseThreads(text: string): number {
  const threads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (threads < 1 || threads > 256) throw new InvalidArgumentError('Give a whole number of threads from 1 to 256.');
  return threads;
}

/** A whole number, not negative; what it may be is checked where it is used. */
export function parseWhole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

/** A number with up to three decimals, not negative, such as `1.5`; what it may be is checked where it is used. */
export function parseDecimal(text: string): number {
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) throw new InvalidArgumentError('Give a number such as 1.5.');
  return Number(text);
}
