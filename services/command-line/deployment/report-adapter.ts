import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { reportAt } from '../../../shared/aws/report-store.ts';
import { compareText } from '../../../shared/text/compare.ts';
import { DATA_PREFIXES } from '../../../shared/names.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { namedError } from '../../../shared/text/named-error.ts';

/** A report of a deployment, and when it was made. Times are UNIX seconds. */
export interface DeployedReport {
  /** `s3://…` */
  readonly name: string;
  /** Begin of its run, to the minute. */
  readonly startedAt: number;
  readonly writtenAt: number;
  readonly report: UsageReport;
}

/** By day, then by the run's id, which begins with its time: see `shared/night-run.ts`. */
const DAY_FOLDER = /^(\d{4}-\d\d-\d\d)\/$/;
const RUN = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z[0-9a-f]{12}\/report\.json\.gz$/;

interface Found {
  readonly key: string;
  readonly startedAt: number;
  readonly writtenAt: number;
}

/**
 * The newest report in the data bucket, or the newest of a day (`2026-01-31`, the last one it speaks of). Days are looked
 * through from the newest on, until one has a report: none but that one is read.
 *
 * @throws Error that names the bucket, the prefix or the report that cannot be read
 */
export async function findReport(s3: S3Client, bucket: string, day?: string): Promise<DeployedReport | undefined> {
  const days = day === undefined ? await daysOf(s3, bucket) : [day];
  for (const one of days) {
    const [newest] = await reportsOf(s3, bucket, `${DATA_PREFIXES.reports}${one}/`);
    if (!newest) continue;
    const { key, ...times } = newest;
    const name = `s3://${bucket}/${key}`;
    try {
      return { name, ...times, report: await reportAt(new DataBucket(s3, bucket), key) };
    } catch (error) {
      const { message, cause } = error as Error;
      const why = (cause as Error | undefined)?.message;
      const what = message.replace(`${key}: `, '');
      throw new Error(`${name}: ${what}${why === undefined ? '' : `: ${why}`}`, { cause: error });
    }
  }
  return undefined;
}

/** The newest first. */
async function daysOf(s3: S3Client, bucket: string): Promise<string[]> {
  const days: string[] = [];
  for await (const { CommonPrefixes = [] } of pagesOf(s3, bucket, DATA_PREFIXES.reports, '/')) {
    for (const { Prefix = '' } of CommonPrefixes) {
      const [, day] = DAY_FOLDER.exec(Prefix.slice(DATA_PREFIXES.reports.length)) ?? [];
      if (day !== undefined) days.push(day);
    }
  }
  return days.sort(compareText).reverse();
}

/** The newest first: by when its run began, then by when it was written. */
async function reportsOf(s3: S3Client, bucket: string, prefix: string): Promise<Found[]> {
  const found: Found[] = [];
  for await (const { Contents = [] } of pagesOf(s3, bucket, prefix)) {
    for (const { Key: key = '', LastModified } of Contents) {
      const [, year, month, date, hour, minute] = RUN.exec(key.slice(prefix.length)) ?? [];
      if (year === undefined || !LastModified) continue;
      const startedAt = Date.UTC(Number(year), Number(month) - 1, Number(date), Number(hour), Number(minute)) / 1000;
      found.push({ key, startedAt, writtenAt: LastModified.getTime() / 1000 });
    }
  }
  return found.sort((a, b) => b.startedAt - a.startedAt || b.writtenAt - a.writtenAt);
}

async function* pagesOf(client: S3Client, bucket: string, prefix: string, delimiter?: string) {
  const asked = { Bucket: bucket, Prefix: prefix, ...(delimiter !== undefined && { Delimiter: delimiter }) };
  try {
    yield* paginateListObjectsV2({ client }, asked);
  } catch (error) {
    throw namedError(`s3://${bucket}/${prefix}`, error);
  }
}
