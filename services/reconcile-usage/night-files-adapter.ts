import { createHash } from 'node:crypto';
import type { AsyncBuffer } from 'hyparquet';
import type { DataBucket } from '../../shared/aws/data-bucket.ts';
import { usageExportKey } from '../../shared/export/tables.ts';
import { DATA_PREFIXES, historyKey } from '../../shared/names.ts';
import type { NightPlan } from './plan-night.ts';
import type { Run } from './settle-day.ts';
import { isoDay, type Day } from '../../shared/time.ts';

/** What the steps of a run hand to each other, in the data bucket. */
export class NightFiles {
  readonly #bucket: DataBucket;

  constructor(bucket: DataBucket) {
    this.#bucket = bucket;
  }

  /** `s3://…/` below the folder of the run. */
  folder(run: Run, name: string): string {
    return `s3://${this.#bucket.name}/${folderOf(run)}${name}/`;
  }

  async writePlan(run: Run, plan: NightPlan): Promise<void> {
    await this.#bucket.putGz(`${folderOf(run)}plan.json.gz`, JSON.stringify(plan));
  }

  async readPlan(run: Run): Promise<NightPlan> {
    return JSON.parse(await this.text(`${folderOf(run)}plan.json.gz`)) as NightPlan;
  }

  /** Returns its key. */
  async writePart(run: Run, part: number, text: string): Promise<string> {
    const key = `${folderOf(run)}part-${part}-${hashOf(text)}.json.gz`;
    await this.#bucket.putGz(key, text);
    return key;
  }

  /** Returns its key: named by its content, so that a part that is done again writes the same or beside it. */
  async writeEvidence(run: Run, part: number, bytes: Uint8Array): Promise<string> {
    const name = `part-${String(part).padStart(3, '0')}-${hashOf(bytes)}.parquet`;
    const key = `${DATA_PREFIXES.evidence}day=${isoDay(run.day)}/run=${run.id}/${name}`;
    await this.#bucket.put(key, bytes);
    return key;
  }

  /** What the run says of its day, for verdicts. */
  async writeHistory(run: Run, text: string): Promise<void> {
    await this.#bucket.putGz(historyKey(isoDay(run.day), run.id), text);
  }

  /** The one file of a day, replaced by each run. */
  async writeExport(day: Day, bytes: Uint8Array): Promise<void> {
    await this.#bucket.put(usageExportKey(isoDay(day)), bytes);
  }

  /** @throws Error that names the key */
  async text(key: string): Promise<string> {
    return key.endsWith('.gz') ? this.#bucket.gzText(key) : this.#bucket.text(key);
  }

  /** @throws Error that names the key, where it is not there */
  async buffer(uri: string): Promise<AsyncBuffer> {
    const key = this.keyOf(uri);
    try {
      return await this.#bucket.buffer(key);
    } catch (error) {
      throw new Error(`${uri}: cannot be read`, { cause: error });
    }
  }

  /** @throws Error for what is not in the data bucket */
  keyOf(uri: string): string {
    const start = `s3://${this.#bucket.name}/`;
    if (!uri.startsWith(start)) throw new Error(`${uri} is not in the data bucket`);
    return uri.slice(start.length);
  }
}

function folderOf({ day, id }: Run): string {
  return `${DATA_PREFIXES.night}${isoDay(day)}/${id}/`;
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
