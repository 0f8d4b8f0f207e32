import { dayFromIso, isIn, isoDay, startOfDay, type Day, type Window } from '../../../shared/time.ts';
import { flowLogFileName } from '../../../shared/flowlogs/file-name.ts';

/** Whose credentials read flow logs in S3. Where it is not given, the SDK looks for it. */
export interface S3Access {
  readonly profile?: string;
  /** Of the first call; the bucket's own is found out. */
  readonly region?: string;
  /** That the credentials assume. */
  readonly roleArn?: string;
}

/** What is wanted of the flow logs that some paths lead to. */
export interface LogOptions extends S3Access {
  /** UTC days, both inclusive; all there are where it is not given. */
  readonly from?: Day;
  readonly to?: Day;
  /** What lines hold where no header says so; where it is not given, the inventory may tell. */
  readonly logFormat?: readonly string[];
  readonly inventory?: readonly string[];
}

/** UTC days, both inclusive; the first may be `-Infinity`, the last `Infinity`. */
export type AskedDays = Pick<Window, 'firstDay' | 'lastDay'>;

/**
 * Undefined where all days are asked for.
 *
 * @throws Error where the last one comes before the first
 */
export function askedDays({ from = -Infinity, to = Infinity }: LogOptions): AskedDays | undefined {
  if (from > to) throw new Error(`--from ${isoDay(from)} is after --to ${isoDay(to)}`);
  return from === -Infinity && to === Infinity ? undefined : { firstDay: from, lastDay: to };
}

/** `2026-01-01 to 2026-01-31`. */
export function askedText({ firstDay, lastDay }: AskedDays): string {
  if (firstDay === -Infinity) return `days until ${isoDay(lastDay)}`;
  return lastDay === Infinity ? `days from ${isoDay(firstDay)} on` : `${isoDay(firstDay)} to ${isoDay(lastDay)}`;
}

/**
 * A file is named by its delivery, some minutes after its records ended: AWS does not say whether by the beginning or the end of
 * five minutes, so an hour before the first day is looked at as well.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */
const EARLY_SECONDS = 3600;
/** What is late comes within the day after, as `reconcile` has it. */
const LATE_DAYS = 1;

/** The days by which files are named that can hold records of the days: folders of other days need not be looked into. */
export function daysOfDelivery({ firstDay, lastDay }: AskedDays): AskedDays {
  return { firstDay: firstDay - 1, lastDay: lastDay + LATE_DAYS };
}

const DAY_FOLDER =
  /(?:^|[/\\])(?:year=)?(\d{4})[/\\](?:month=)?(\d\d)[/\\](?:day=)?(\d\d)[/\\](?:(?:hour=)?\d\d[/\\])?[^/\\]*$/;

/** Whether a file can hold records of the days, by its name, else by the folder of a day that it is in. */
export function mayTellOf(asked: AskedDays, path: string): boolean {
  const named = flowLogFileName(path);
  if (named) {
    const time = startOfDay(named.day) + 3600 * named.hour + 60 * named.minute;
    return time >= startOfDay(asked.firstDay) - EARLY_SECONDS && time < startOfDay(daysOfDelivery(asked).lastDay + 1);
  }
  const [, year, month, day] = DAY_FOLDER.exec(path) ?? [];
  const folder = day === undefined ? undefined : dayFromIso(`${year!}-${month!}-${day}`);
  return folder === undefined || isIn(daysOfDelivery(asked), folder);
}
