import { existsSync, readdirSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EvidenceFile } from '../../../shared/evidence/evidence-file.ts';
import { ServiceFlows } from '../../../shared/evidence/service-flows.ts';
import type { FlowGroup } from '../../../shared/evidence/flow-group.ts';
import type { RowRun } from '../../../shared/evidence/flow-rows.ts';
import type { HandedFlow } from '../../../shared/evidence/service-flow.ts';
import { withContents } from '../../../shared/evidence/current-rule-ids.ts';
import type { FlowListener } from '../../../shared/attribution/attribution.ts';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import { dayFolder, MANIFEST, manifestText, readManifest } from './evidence-folder.ts';
import { FlowRuns, RunReader } from './flow-runs.ts';
import { withFlowsOf, type FlowRange, type SharedFlows } from './shared-flows.ts';
import { FileSet, makeFolder, syncFolder } from '../../../shared/disk/file-set.ts';
import { OutputFile } from '../../../shared/disk/output-file.ts';
import type { Day } from '../../../shared/time.ts';
import { sourceText, type Source } from '../../../shared/usage/source.ts';
import { within } from '../../../shared/usage/usage.ts';

/**
 * Rows held before they are written out for a while: 10 MB. Not to be critical: of 230,000 flows all of whose evidence took 0.75
 * CPU seconds, writing out took 0.1 more, with 8,000 held as with 125,000.
 */
const MAX_HELD = 100_000;

/** A file of a day that is being written. */
interface OpenPart {
  readonly day: Day;
  readonly file: OutputFile;
  readonly evidence: EvidenceFile;
  readonly name: string;
}

/** What files are named by, where several threads write evidence of one run. */
export interface EvidenceNames {
  readonly run: string;
  /** Of the thread, from 0. */
  readonly thread: number;
  /** Of its file of no use afterwards. */
  readonly scratch?: string;
}

/** Told apart from all other runs. */
export function evidenceRun(): string {
  return Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
}

/**
 * Writes evidence into a folder. Nothing of it counts before {@link publish}; until then, what a former run wrote does.
 * Dies before the manifest is written: files that nobody reads, which the next run removes. After it: the same of the
 * former run.
 *
 * Flows that are too many to be held are written out in order, as they are, to a file of no use afterwards; {@link settle}
 * puts all of them in one order, so that each flow is written, and told of, once, whatever was held.
 */
export class EvidenceWriter {
  readonly #folder: string;
  readonly #nameOf: (ruleId: string) => string;
  readonly #onWrite: ((day: Day, flow: HandedFlow) => void) | undefined;
  readonly #maxHeld: number;
  readonly #names: EvidenceNames;
  #held = new ServiceFlows();
  readonly #runs: FlowRuns;
  readonly #parts = new Map<Day, string[]>();
  readonly #sources: Source[] = [];
  #open: OpenPart | undefined;
  #isShared = false;
  #isPublished = false;

  /**
   * @param rules those that the flows are matched against
   * @param onWrite hears of every flow that is evidence, once that is known; what it hears of is valid during the call only
   */
  constructor(
    folder: string,
    rules: readonly Rule[],
    onWrite?: (day: Day, flow: HandedFlow) => void,
    maxHeld = MAX_HELD,
    names: EvidenceNames = { run: evidenceRun(), thread: 0 },
  ) {
    this.#onWrite = onWrite;
    this.#folder = folder;
    this.#nameOf = withContents(rules);
    this.#maxHeld = maxHeld;
    this.#names = names;
    this.#runs = new FlowRuns(folder, names.scratch);
  }

  /** Hears of the flows that were counted under a source. */
  hear(source: Source): FlowListener {
    const number = numberIn(this.#sources, source);
    return (flow, interfaceId, admission) => {
      this.#held.add(flow, interfaceId, admission, number);
      if (this.#held.size > this.#maxHeld) this.#spill();
    };
  }

  /** Writes these flows of a day; none is evidence too, that the day was looked at. */
  write(day: Day, flows = new ServiceFlows()): void {
    this.#partsOf(day);
    for (const group of flows.groups({ nameOf: this.#nameOf })) this.#write(day, group);
    this.#close();
  }

  /**
   * Writes what was heard of, and leaves out all that was counted under sources that do not count. Nothing more may come.
   *
   * @param isCounted what holds of a source on a day, now that all files were read
   */
  settle(isCounted: (day: Day, source: Source) => boolean = () => true): void {
    const reader = new RunReader(this.#runs);
    try {
      const runs = this.#runs.runs.map((run) => reader.rows(run));
      this.#tell(this.#held, runs, isCounted);
    } finally {
      reader.close();
    }
    this.#held = new ServiceFlows();
    this.#runs.discard();
  }

  /** What was heard of, for other threads to read until {@link discard}; what any of them heard is settled by ranges. */
  share(): SharedFlows {
    this.#spill();
    this.#isShared = true;
    const { path, runs } = this.#runs;
    return { path, runs, names: this.#held.names, sources: this.#sources };
  }

  /**
   * Writes the flows of a range, whichever thread heard of them, as {@link settle} does.
   *
   * @returns by day, the files that were written
   */
  settleRange(
    shared: readonly SharedFlows[],
    range: FlowRange,
    isCounted: (day: Day, source: Source) => boolean,
  ): ReadonlyMap<Day, readonly string[]> {
    const numberOf = (source: Source): number => numberIn(this.#sources, source);
    withFlowsOf(shared, range, numberOf, (flows, runs) => {
      this.#tell(flows, runs, isCounted);
    });
    return this.#parts;
  }

  /** Takes over what another thread has written of the same run. */
  addParts(parts: ReadonlyMap<Day, readonly string[]>): void {
    for (const [day, names] of parts) this.#partsOf(day).push(...names);
  }

  /**
   * Makes what was written count.
   *
   * @param replaced `all`: nothing else counts from now on; `days`: other days of the folder stay
   * @param files others of the same run, which take their places with it
   */
  async publish(replaced: 'all' | 'days', files = new FileSet()): Promise<void> {
    if (!this.#isShared) this.settle();
    for (const [day, parts] of this.#parts) if (parts.length > 0) syncFolder(join(this.#folder, dayFolder(day)));
    const former = replaced === 'all' ? undefined : await readManifest(this.#folder);
    const manifest = new Map<Day, readonly string[]>([...(former ?? []), ...this.#parts]);
    files.add(join(this.#folder, MANIFEST), manifestText(manifest));
    files.commit();
    this.#isPublished = true;
    this.#runs.discard();
    await this.#removeAllBut(manifest);
  }

  /** Takes away what was written of this run, by whichever thread, if it does not count yet. */
  discard(): void {
    this.#held = new ServiceFlows();
    this.#runs.discard();
    this.#open?.file.discard();
    this.#open = undefined;
    if (this.#isPublished || !existsSync(this.#folder)) return;
    for (const folder of readdirSync(this.#folder).filter(isDayFolder)) {
      const names = readdirSync(join(this.#folder, folder)).filter((name) => name.endsWith(this.#ending));
      for (const name of names) rmSync(join(this.#folder, folder, name), { force: true });
    }
  }

  get #ending(): string {
    return `-${this.#names.run}.parquet`;
  }

  #tell(held: ServiceFlows, runs: readonly RowRun[], isCounted: (day: Day, source: Source) => boolean): void {
    const known = new Map<Day, Map<number, boolean>>();
    const counts = (day: Day, number: number): boolean =>
      within(known, day, number, () => isCounted(day, this.#sources[number]!));
    for (const group of held.groups({ runs, counts, nameOf: this.#nameOf })) {
      const { day } = group;
      this.#write(day, group);
      if (this.#onWrite) for (let i = 0; i < group.size; i++) this.#onWrite(day, group.flow(i));
    }
    this.#close();
  }

  #write(day: Day, group: FlowGroup): void {
    if (this.#open?.day !== day) {
      this.#close();
      this.#open = this.#begin(day);
    }
    this.#open.evidence.add(group);
  }

  #begin(day: Day): OpenPart {
    const number = this.#names.thread + this.#partsOf(day).length;
    const name = `part-${String(number).padStart(3, '0')}${this.#ending}`;
    const folder = join(this.#folder, dayFolder(day));
    makeFolder(folder);
    const file = new OutputFile(join(folder, name));
    const evidence = new EvidenceFile((bytes) => {
      file.write(bytes);
    });
    return { day, file, evidence, name };
  }

  #close(): void {
    const open = this.#open;
    if (!open) return;
    open.evidence.finish();
    open.file.finish();
    this.#partsOf(open.day).push(open.name);
    this.#open = undefined;
  }

  #partsOf(day: Day): string[] {
    let parts = this.#parts.get(day);
    if (!parts) this.#parts.set(day, (parts = []));
    return parts;
  }

  #spill(): void {
    if (this.#held.size === 0) return;
    makeFolder(this.#folder);
    this.#runs.write(this.#held.taken());
    this.#held.clear();
  }

  async #removeAllBut(manifest: ReadonlyMap<Day, readonly string[]>): Promise<void> {
    const kept = new Set([...manifest].flatMap(([day, parts]) => parts.map((part) => join(dayFolder(day), part))));
    for (const folder of (await readdir(this.#folder)).filter(isDayFolder)) {
      const names = await readdir(join(this.#folder, folder));
      const gone = names.filter((name) => /^part-.*\.parquet$/.test(name) && !kept.has(join(folder, name)));
      for (const name of gone) await rm(join(this.#folder, folder, name), { force: true });
    }
  }
}

function isDayFolder(name: string): boolean {
  return /^day=\d{4}-\d{2}-\d{2}$/.test(name);
}

function numberIn(sources: Source[], source: Source): number {
  const known = sources.findIndex((one) => sourceText(one) === sourceText(source));
  return known < 0 ? sources.push(source) - 1 : known;
}
