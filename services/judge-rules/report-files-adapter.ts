import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { RULES_EXPORT_KEY } from '../../shared/export/tables.ts';
import { readExemptions } from '../../shared/verdicts/exemption-list.ts';
import type { Exemption } from '../../shared/verdicts/exemption.ts';

/** What the judge reads and writes in the data bucket, besides days and evidence. */
export class ReportFiles {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /**
   * The list that was deployed.
   *
   * @param key undefined where there is none
   * @throws Error that names the key where it cannot be read: rules that are to stay would be advised for removal
   */
  async exemptions(key: string | undefined): Promise<readonly Exemption[]> {
    if (key === undefined) return [];
    let text: string;
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      text = (await Body?.transformToString('utf8')) ?? '';
    } catch (error) {
      throw new Error(`${key}: cannot be read`, { cause: error });
    }
    return readExemptions(text, key);
  }

  async writeReport(key: string, text: string): Promise<void> {
    await this.#put(key, await promisify(gzip)(text), 'application/gzip');
  }

  /** Of all rules, used or not: one file, replaced each night. */
  async writeRulesExport(bytes: Uint8Array): Promise<void> {
    await this.#put(RULES_EXPORT_KEY, bytes, 'application/vnd.apache.parquet');
  }

  async #put(Key: string, Body: Uint8Array, ContentType: string): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key, Body, ContentType }));
  }
}
