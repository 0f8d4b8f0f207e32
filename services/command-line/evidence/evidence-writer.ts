import { rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { evidenceFile } from '../../../shared/evidence/evidence-file.ts';
import { ServiceFlows, type ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { withContents } from '../../../shared/evidence/current-rule-ids.ts';
import type { FlowListener } from '../../../shared/attribution/attribution.ts';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import { dayFolder, evidenceIn, MANIFEST, manifestText, readManifest } from './evidence-folder.ts';
import { FileSet, makeFolder, syncFolder } from '../../../shared/disk/file-set.ts';
import { writeWhole } from '../../../shared/disk/output-file.ts';
import type { EvidenceSource } from '../../../shared/evidence/evidence-source.ts';
import { dayOf, type Day } from '../../../shared/time.ts';

/** Service flows held before the days with most of them are written out: some 100 MB. */
const MAX_HELD = 200_000;

/**
 * Writes evidence into a folder. Nothing of it counts before {@link publish}; until then, what a former run wrote does.
 * Dies before the manifest is written: files that nobody reads, which the next run removes. After it: the same of the
 * former run.
 */
export class EvidenceWriter {
  readonly #folder: string;
  readonly #versioned: (flow: ServiceFlow) => ServiceFlow;
  readonly #maxHeld: number;
  readonly #run = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
  readonly #held = new Map<Day, ServiceFlows>();
  #heldFlows = 0;
  readonly #parts = new Map<Day, string[]>();

  /** @param rules those that the flows are matched against */
  constructor(folder: string, rules: readonly Rule[], maxHeld = MAX_HELD) {
    this.#folder = folder;
    this.#versioned = withContents(rules);
    this.#maxHeld = maxHeld;
  }

  /** For `Attribution`. */
  readonly add: FlowListener = (record, reading) => {
    const day = dayOf(record.end);
    let flows = this.#held.get(day);
    if (!flows) this.#held.set(day, (flows = new ServiceFlows()));
    const before = flows.size;
    flows.add(record, reading);
    this.#heldFlows += flows.size - before;
    if (this.#heldFlows > this.#maxHeld) this.#spill(this.#maxHeld / 2);
  };

  /** Writes these flows of a day; none is evidence too, that the day was looked at. */
  write(day: Day, flows: readonly ServiceFlow[]): void {
    const parts = this.#parts.get(day) ?? [];
    this.#parts.set(day, parts);
    if (flows.length === 0) return;
    const name = `part-${String(parts.length).padStart(3, '0')}-${this.#run}.parquet`;
    const folder = join(this.#folder, dayFolder(day));
    makeFolder(folder);
    writeWhole(join(folder, name), evidenceFile(flows.map(this.#versioned)));
    parts.push(name);
  }

  /** What was written, for who reads it before it counts. */
  source(): EvidenceSource {
    this.#spill(0);
    return evidenceIn(this.#folder, this.#parts);
  }

  /**
   * Makes what was written count.
   *
   * @param replaced `all`: nothing else counts from now on; `days`: other days of the folder stay
   * @param files others of the same run, which take their places with it
   */
  async publish(replaced: 'all' | 'days', files = new FileSet()): Promise<void> {
    this.#spill(0);
    for (const [day, parts] of this.#parts) if (parts.length > 0) syncFolder(join(this.#folder, dayFolder(day)));
    const former = replaced === 'all' ? undefined : await readManifest(this.#folder);
    const manifest = new Map([...(former ?? []), ...this.#parts]);
    files.add(join(this.#folder, MANIFEST), manifestText(manifest));
    files.commit();
    this.#parts.clear();
    await this.#removeAllBut(manifest);
  }

  /** Takes away what was written, if it does not count yet. */
  discard(): void {
    this.#held.clear();
    for (const [day, parts] of this.#parts) {
      for (const part of parts) rmSync(join(this.#folder, dayFolder(day), part), { force: true });
    }
    this.#parts.clear();
  }

  #spill(keep: number): void {
    for (const [day, flows] of [...this.#held].sort(([, a], [, b]) => b.size - a.size)) {
      if (this.#heldFlows <= keep) return;
      this.write(day, flows.sorted());
      this.#held.delete(day);
      this.#heldFlows -= flows.size;
    }
  }

  async #removeAllBut(manifest: ReadonlyMap<Day, readonly string[]>): Promise<void> {
    const kept = new Set([...manifest].flatMap(([day, parts]) => parts.map((part) => join(dayFolder(day), part))));
    for (const folder of await readdir(this.#folder)) {
      if (!/^day=\d{4}-\d{2}-\d{2}$/.test(folder)) continue;
      const names = await readdir(join(this.#folder, folder));
      const gone = names.filter((name) => /^part-.*\.parquet$/.test(name) && !kept.has(join(folder, name)));
      for (const name of gone) await rm(join(this.#folder, folder, name), { force: true });
    }
  }
}
