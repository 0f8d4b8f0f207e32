import type { LogFormat } from './log-format.ts';
import { text, texts } from './quote.ts';
import { type Day, isoDay } from '../../../shared/time.ts';

/**
 * A column that is in no file: its values come from the folders' names, and Athena works out from the query's condition
 * which folders there may be. https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
interface PartitionColumn {
  readonly name: string;
  /** Below `projection.<name>.` */
  readonly projection: Readonly<Record<string, string>>;
}

export interface Partitions {
  readonly columns: readonly PartitionColumn[];
  /** The folder above all partitions. */
  readonly root: string;
  /** Below it, with `${column}` for each column. */
  readonly template: string;
}

/** Flow logs exist since 2015. Tomorrow is in, so that no clock decides what is read. */
const DAYS = { type: 'date', format: 'yyyy/MM/dd', range: '2015/01/01,NOW+1DAYS' };
const numbers = (from: string, to: string) => ({
  type: 'integer',
  range: `${from},${to}`,
  digits: String(from.length),
});

const FLAT = [{ name: 'delivery_day', folder: '', projection: DAYS }];
const HIVE = [
  { name: 'delivery_year', folder: 'year=', projection: numbers('2015', '2100') },
  { name: 'delivery_month', folder: 'month=', projection: numbers('01', '12') },
  { name: 'delivery_day', folder: 'day=', projection: numbers('01', '31') },
];
const HOUR = { name: 'delivery_hour', projection: numbers('00', '23') };

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
export function partitionsOf(format: LogFormat): Partitions {
  const { bucket, prefix, accountId, region, hiveCompatible, perHour } = format;
  const owner = hiveCompatible
    ? `aws-account-id=${accountId}/aws-service=vpcflowlogs/aws-region=${region}`
    : `${accountId}/vpcflowlogs/${region}`;
  const days = hiveCompatible ? HIVE : FLAT;
  const columns = perHour ? [...days, { ...HOUR, folder: hiveCompatible ? 'hour=' : '' }] : days;
  const root = `s3://${bucket}/${prefix === '' ? '' : `${prefix}/`}AWSLogs/${owner}/`;
  const template = root + columns.map(({ name, folder }) => `${folder}\${${name}}/`).join('');
  return { columns, root, template };
}

/**
 * The condition that a file was delivered on that day, or in its first hours.
 *
 * @param hours 1 to 24; looked at only where folders are by the hour
 */
export function deliveredOn(day: Day, { hiveCompatible, perHour }: LogFormat, hours = 24): string {
  const [year, month, date] = yearMonthDate(day);
  const terms = hiveCompatible
    ? [`delivery_year = ${text(year)}`, `delivery_month = ${text(month)}`, `delivery_day = ${text(date)}`]
    : [`delivery_day = ${text(`${year}/${month}/${date}`)}`];
  if (perHour && hours < 24) terms.push(`delivery_hour IN (${texts(firstHours(hours))})`);
  return terms.join(' AND ');
}

const firstHours = (hours: number): string[] =>
  Array.from({ length: hours }, (_, hour) => String(hour).padStart(2, '0'));

/** On which days files are delivered that can hold records of the day, and in how many of their first hours. */
export function deliveryDays(day: Day, lateHours: number): readonly { readonly day: Day; readonly hours: number }[] {
  const late = Array.from({ length: Math.ceil(lateHours / 24) }, (_, i) => ({
    day: day + 1 + i,
    hours: Math.min(24, lateHours - i * 24),
  }));
  return [{ day, hours: 24 }, ...late];
}

/** `['2026', '01', '05']` */
export function yearMonthDate(day: Day): [year: string, month: string, date: string] {
  return isoDay(day).split('-') as [string, string, string];
}

/** What the keys of files begin with that were delivered on the day, in the format's bucket. */
export function deliveryFolder(day: Day, format: LogFormat): string {
  const { root } = partitionsOf(format);
  const [year, month, date] = yearMonthDate(day);
  const folder = format.hiveCompatible ? `year=${year}/month=${month}/day=${date}/` : `${year}/${month}/${date}/`;
  return `${root}${folder}`.slice(`s3://${format.bucket}/`.length);
}

/** What the keys begin with of all files that a query of the day reads, whatever they are. */
export function foldersRead(day: Day, format: LogFormat, lateHours: number): string[] {
  return deliveryDays(day, lateHours).flatMap(({ day: delivered, hours }) => {
    const folder = deliveryFolder(delivered, format);
    if (!format.perHour) return [folder];
    return firstHours(hours).map((hour) => `${folder}${format.hiveCompatible ? 'hour=' : ''}${hour}/`);
  });
}
