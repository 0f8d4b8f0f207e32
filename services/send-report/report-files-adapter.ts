import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { UsageReport } from '../../shared/reports/usage-report.ts';
import type { ReportFile } from '../../shared/reports/mail/fit-attachments.ts';

/** The longest text that JavaScript holds, in bytes of ASCII. */
const MAX_REPORT_BYTES = 2 ** 29 - 25;

/** What tells a report from another JSON text, and its version. Who wrote it is this program. */
const REPORT = z.looseObject({
  schemaVersion: z.literal(1),
  asOf: z.iso.datetime(),
  window: z.object({ from: z.iso.date(), to: z.iso.date() }),
  ...{ rules: z.array(z.unknown()), days: z.array(z.unknown()), findings: z.array(z.unknown()) },
  plan: z.looseObject({ stages: z.array(z.unknown()) }).nullable(),
});

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
  const { success, error } = REPORT.safeParse(content);
  if (!success) throw new Error(`${name}: no report of version 1: ${z.prettifyError(error)}`);
  return content as UsageReport;
}

/** The files of reports in the data bucket. */
export class ReportFiles {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /** @throws Error that names the key */
  async read(key: string): Promise<UsageReport> {
    return readReport(key, await this.#text(key));
  }

  async write(key: string, { content, contentType }: ReportFile): Promise<void> {
    await this.#s3.send(
      new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: content, ContentType: contentType }),
    );
  }

  async #text(key: string): Promise<string> {
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      return (await promisify(gunzip)(bytes, { maxOutputLength: MAX_REPORT_BYTES })).toString('utf8');
    } catch (error) {
      throw new Error(`${key}: cannot be read`, { cause: error });
    }
  }
}
