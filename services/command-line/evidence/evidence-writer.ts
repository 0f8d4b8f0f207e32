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
import type { Day } from '../../../shared/time.ts';
import { sourceText, type Source } from '../../../shared/usage/source.ts';

/** Service flows held before the days with most of them are written out: some 25 MB, and 100 more while they are. */
const MAX_HELD = 200_000;

/** A file that was written. */
interface Part {
  readonly name: string;
  /** Where it is not known yet whether it counts. */
  readonly source: Source | undefined;
}

/**
 * Writes evidence into a folder. Nothing of it counts before {@link publish}; until then, what a former run wrote does.
 * Dies before the manifest is written: files that nobody reads, which the next run removes. After it: the same of the
 * former run.
 */
export class EvidenceWriter {
  readonly #folder: string;
  readonly #versioned: (flow: ServiceFlow) => ServiceFlow;
  readonly #onWrite: ((day: Day, flow: ServiceFlow) => void) | undefined;
  readonly #maxHeld: number;
  readonly #run = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
  readonly #held = new Map<Day, ServiceFlows>();
  #heldFlows = 0;
  readonly #parts = new Map<Day, Part[]>();
  readonly #sources: Source[] = [];

  /**
   * @param rules those that the flows are matched against
   * @param onWrite hears of every flow that is evidence, once that is known
   */
  constructor(
    folder: string,
    rules: readonly Rule[],
    onWrite?: (day: Day, flow: ServiceFlow) => void,
    maxHeld = MAX_HELD,
  ) {
    this.#onWrite = onWrite;
    this.#folder = folder;
    this.#versioned = withContents(rules);
    this.#maxHeld = maxHeld;
  }

  /** Hears of the flows that were counted under a source. */
  hear(source: Source): FlowListener {
    const number = numberIn(this.#sources, source);
    return (flow, interfaceId, admission) => {
      const { day } = flow;
      let flows = this.#held.get(day);
      if (!flows) this.#held.set(day, (flows = new ServiceFlows()));
      const before = flows.size;
      flows.add(flow, interfaceId, admission, number);
      this.#heldFlows += flows.size - before;
      if (this.#heldFlows > this.#maxHeld) this.#spill();
    };
  }

  /** Writes these flows of a day; none is evidence too, that the day was looked at. */
  write(day: Day, flows: readonly ServiceFlow[]): void {
    this.#write(day, flows, undefined);
  }

  /**
   * Writes what is held, and leaves out all that was counted under sources that do not count. Nothing more may come.
   *
   * @param isCounted what holds of a source on a day, now that all files were read
   */
  async settle(isCounted: (day: Day, source: Source) => boolean = () => true): Promise<void> {
    for (const [day, flows] of this.#held) {
      this.#write(
        day,
        flows.sorted((number) => isCounted(day, this.#sources[number]!)),
        undefined,
      );
      this.#held.delete(day);
      this.#heldFlows -= flows.size;
    }
    for (const [day, parts] of this.#parts) {
      const counted = parts.filter(({ source }) => source === undefined || isCounted(day, source));
      this.#remove(
        day,
        parts.filter((part) => !counted.includes(part)),
      );
      this.#parts.set(
        day,
        counted.map(({ name }) => ({ name, source: undefined })),
      );
      await this.#tellOf(
        day,
        counted.filter(({ source }) => source !== undefined),
      );
    }
  }

  /**
   * Makes what was written count.
   *
   * @param replaced `all`: nothing else counts from now on; `days`: other days of the folder stay
   * @param files others of the same run, which take their places with it
   */
  async publish(replaced: 'all' | 'days', files = new FileSet()): Promise<void> {
    await this.settle();
    for (const [day, parts] of this.#parts) if (parts.length > 0) syncFolder(join(this.#folder, dayFolder(day)));
    const former = replaced === 'all' ? undefined : await readManifest(this.#folder);
    const written = [...this.#parts].map(([day, parts]) => [day, parts.map(({ name }) => name)] as const);
    const manifest = new Map([...(former ?? []), ...written]);
    files.add(join(this.#folder, MANIFEST), manifestText(manifest));
    files.commit();
    this.#parts.clear();
    await this.#removeAllBut(manifest);
  }

  /** Takes away what was written, if it does not count yet. */
  discard(): void {
    this.#held.clear();
    this.#heldFlows = 0;
    for (const [day, parts] of this.#parts) this.#remove(day, parts);
    this.#parts.clear();
  }

  #write(day: Day, flows: readonly ServiceFlow[], source: Source | undefined): void {
    const parts = this.#parts.get(day) ?? [];
    this.#parts.set(day, parts);
    if (flows.length === 0) return;
    const name = `part-${String(parts.length).padStart(3, '0')}-${this.#run}.parquet`;
    const folder = join(this.#folder, dayFolder(day));
    makeFolder(folder);
    const versioned = flows.map(this.#versioned);
    writeWhole(join(folder, name), evidenceFile(versioned));
    parts.push({ name, source });
    if (this.#onWrite && source === undefined) for (const flow of versioned) this.#onWrite(day, flow);
  }

  /** Writes the days with most flows, each source by itself, until half of what may be held is left. */
  #spill(): void {
    for (const [day, flows] of [...this.#held].sort(([, a], [, b]) => b.size - a.size)) {
      if (this.#heldFlows <= this.#maxHeld / 2) return;
      this.#sources.forEach((source, number) => {
        const ofSource = flows.sorted((one) => one === number);
        if (ofSource.length > 0) this.#write(day, ofSource, source.kind === 'stream' ? undefined : source);
      });
      this.#held.delete(day);
      this.#heldFlows -= flows.size;
    }
  }

  /** Of the parts that were written before it was known that they count. */
  async #tellOf(day: Day, parts: readonly Part[]): Promise<void> {
    const onWrite = this.#onWrite;
    if (!onWrite || parts.length === 0) return;
    const source = evidenceIn(this.#folder, new Map([[day, parts.map(({ name }) => name)]]));
    for await (const flow of source.flows(day)) onWrite(day, flow);
  }

  #remove(day: Day, parts: readonly Part[]): void {
    for (const { name } of parts) rmSync(join(this.#folder, dayFolder(day), name), { force: true });
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

function numberIn(sources: Source[], source: Source): number {
  const known = sources.findIndex((one) => sourceText(one) === sourceText(source));
  return known < 0 ? sources.push(source) - 1 : known;
}
