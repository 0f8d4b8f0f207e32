import * as z from 'zod';
import type { ReportFile } from '../reports/mail/fit-attachments.ts';
import { usageReport, type UsageReport } from '../reports/schema.ts';
import type { DataBucket } from './data-bucket.ts';

/** The longest text that Node can hold, in bytes of ASCII. */
const LONGEST_REPORT = { atMost: 2 ** 29 - 25 };

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

/** Reports in the data bucket, and the files that lie beside them. */
export class ReportStore {
  readonly #bucket: DataBucket;

  constructor(bucket: DataBucket) {
    this.#bucket = bucket;
  }

  /** @throws Error that names the key */
  async read(key: string): Promise<UsageReport> {
    return readReport(key, await this.#bucket.gzText(key, LONGEST_REPORT));
  }

  async write(key: string, text: string): Promise<void> {
    await this.#bucket.putGz(key, text, 'application/gzip');
  }

  /** A page or a list that is made from a report. */
  async writeFile(key: string, { content, contentType }: ReportFile): Promise<void> {
    await this.#bucket.put(key, content, contentType);
  }
}
