import * as z from 'zod';
import { usageReport, type UsageReport } from '../reports/schema.ts';
import type { DataBucket } from './data-bucket.ts';

/** Where a night leaves its report, in the data bucket. */
export const REPORT_KEY = z.string().regex(/^reports\/\d{4}-\d\d-\d\d\/[0-9A-Za-z-]{1,64}\/report\.json\.gz$/);

/**
 * What `report.json.gz` or `usage.json` holds.
 *
 * @throws Error that names the file and what is wrong with it
 */
export function readReport(name: string, text: string): UsageReport {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: no JSON`, { cause: error });
  }
  const { success, data, error } = usageReport.safeParse(content);
  if (!success) throw new Error(`${name}: no report of version 1: ${z.prettifyError(error)}`);
  return data;
}

/** The report under this key of the data bucket. @throws Error that names the key */
export async function reportAt(bucket: DataBucket, key: string): Promise<UsageReport> {
  return readReport(key, await bucket.gzText(key));
}
