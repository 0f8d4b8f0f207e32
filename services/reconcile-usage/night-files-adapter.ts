import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AsyncBuffer } from 'hyparquet';
import { s3LogObject } from '../../shared/aws/s3-log-object.ts';
import { usageExportKey } from '../../shared/export/tables.ts';
import { DATA_PREFIXES, historyKey } from '../../shared/names.ts';
import type { Plan } from './plan-night.ts';
import type { Run } from './settle-day.ts';
import { isoDay, type Day } from '../../shared/time.ts';

/** What the steps of a run hand to each other, in the data bucket. */
export class NightFiles {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /** `s3://…/` below the folder of the run. */
  folder(run: Run, name: string): string {
    return `s3://${this.#bucket}/${folderOf(run)}${name}/`;
  }

  async writePlan(run: Run, plan: Plan): Promise<void> {
    await this.#put(`${folderOf(run)}plan.json.gz`, JSON.stringify(plan));
  }

  async readPlan(run: Run): Promise<Plan> {
    return JSON.parse(await this.text(`${folderOf(run)}plan.json.gz`)) as Plan;
  }

  /** Returns its key. */
  async writePart(run: Run, part: number, text: string): Promise<string> {
    const key = `${folderOf(run)}part-${part}-${hashOf(text)}.json.gz`;
    await this.#put(key, text);
    return key;
  }

  /** Returns its key: named by its content, so that a part that is done again writes the same or beside it. */
  async writeEvidence(run: Run, part: number, bytes: Uint8Array): Promise<string> {
    const name = `part-${String(part).padStart(3, '0')}-${hashOf(bytes)}.parquet`;
    const key = `${DATA_PREFIXES.evidence}day=${isoDay(run.day)}/run=${run.id}/${name}`;
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: bytes }));
    return key;
  }

  /** What the run says of its day, for verdicts. */
  async writeHistory(run: Run, text: string): Promise<void> {
    await this.#put(historyKey(isoDay(run.day), run.id), text);
  }

  /** The one file of a day, replaced by each run. */
  async writeExport(day: Day, bytes: Uint8Array): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: usageExportKey(isoDay(day)), Body: bytes }));
  }

  /** @throws Error that names the key */
  async text(key: string): Promise<string> {
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      return (key.endsWith('.gz') ? await promisify(gunzip)(bytes) : Buffer.from(bytes)).toString('utf8');
    } catch (error) {
      throw new Error(`${key}: cannot be read`, { cause: error });
    }
  }

  /** @throws Error that names the key, where it is not there */
  async buffer(uri: string): Promise<AsyncBuffer> {
    const key = this.keyOf(uri);
    try {
      const head = await this.#s3.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      const content = { bucket: this.#bucket, key, etag: head.ETag, size: head.ContentLength ?? 0 };
      return s3LogObject(this.#s3, content).buffer;
    } catch (error) {
      throw new Error(`${uri}: cannot be read`, { cause: error });
    }
  }

  /** @throws Error for what is not in the data bucket */
  keyOf(uri: string): string {
    const start = `s3://${this.#bucket}/`;
    if (!uri.startsWith(start)) throw new Error(`${uri} is not in the data bucket`);
    return uri.slice(start.length);
  }

  async #put(key: string, text: string): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: await promisify(gzip)(text) }));
  }
}

function folderOf({ day, id }: Run): string {
  return `${DATA_PREFIXES.night}${isoDay(day)}/${id}/`;
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
