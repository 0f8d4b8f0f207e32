import { Attribution, type FlowListener } from '../../../shared/attribution/attribution.ts';
import { DayCount, type FileCount, type FileOrigin } from '../../../shared/attribution/day-count.ts';
import type { FlowLogFileName } from '../../../shared/flowlogs/file-name.ts';
import { endOf, type FlowRecord, type RecordSink } from '../../../shared/flowlogs/record.ts';
import type { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { dayOf, type Day } from '../../../shared/time.ts';
import { decideSources, UsageBySource } from '../../../shared/usage/by-source.ts';
import { addUsage } from '../../../shared/usage/merge.ts';
import { STREAM, type Source } from '../../../shared/usage/source.ts';
import { sureRejects } from '../../../shared/usage/sure-rejects.ts';
import { emptyUsage, noFates, noteFileIn, REJECTED_KEPT, within, type Usage } from '../../../shared/usage/usage.ts';

/** What is counted of records before it is known which of several flow logs counts on each day. */
export interface UndecidedDays {
  /** What counts for sure. */
  readonly usage: Usage;
  /** What was counted under conditions; {@link STREAM} stands for the usage. */
  readonly sources: ReadonlyMap<Day, Iterable<readonly [Source, Usage]>>;
}

/**
 * Decides what was counted under conditions, and adds what counts to the usage.
 *
 * @returns whether what was counted under a source on a day of which there are records counts
 */
export function decideDays({ usage, sources }: UndecidedDays): (day: Day, source: Source) => boolean {
  const decided = new Map([...sources].map(([day, ofDay]) => [day, decideSources(ofDay, day)]));
  for (const [day, ofDay] of sources) {
    const isCounted = decided.get(day)!;
    for (const [source, some] of ofDay) if (source.kind !== 'stream' && isCounted(source)) addUsage(usage, some);
  }
  return (day, source) => decided.get(day)?.(source) ?? true;
}

/** Adds what was counted of other records against the same inventories. */
export function addDays(into: DayCounts, { usage, sources }: UndecidedDays): void {
  addUsage(into.usage, usage);
  for (const [day, ofDay] of sources) {
    const sums = into.sourcesOn(day);
    for (const [source, some] of ofDay) if (source.kind !== 'stream') addUsage(sums.of(source), some);
  }
}

/** Days that are counted at one time: the inventory of each takes some 20 MB for 10,000 rules and 5,000 interfaces. */
const MAX_OPEN = 4;
/** Service flows held by all of them: some 70 MB, and as many again that one file may add. */
const MAX_HELD = 500_000;
/** Records that wait for their day to be opened: some 10 MB. */
const MAX_WAITING = 20_000;
/** Rejected flows kept under conditions, before those are taken away that cannot count: some 30 MB, and what one file adds. */
const MAX_REJECTED = 100_000;

/** What counts the records of a file, of whatever days they are. */
interface CountedFile extends Required<Pick<RecordSink, 'rows'>> {
  add(record: FlowRecord): void;
  malformed(): void;
}

interface OpenDay {
  readonly compiled: CompiledInventory;
  readonly main: Attribution;
  readonly count: DayCount;
}

/** @param record undefined for a line that could not be read */
interface Waiting {
  readonly origin: FileOrigin;
  readonly record: FlowRecord | undefined;
}

/** All days of which records come, each held against the inventory in force on it. */
export class DayCounts implements UndecidedDays {
  readonly usage = emptyUsage();
  /** Of each day, also of those that are closed. */
  readonly sources = new Map<Day, UsageBySource>();
  readonly #compiledOn: (day: Day) => CompiledInventory;
  readonly #onFlow: ((source: Source) => FlowListener) | undefined;
  /** The one used last comes last. */
  readonly #open = new Map<Day, OpenDay>();
  /** How many days were closed: what was open may be among them. */
  #closed = 0;
  /** By day, while as many others are open as may be: to open a day for one record may cost as much as to count thousands. */
  readonly #waiting = new Map<Day, Waiting[]>();
  #waits = 0;
  #maxRejected = MAX_REJECTED;

  constructor(compiledOn: (day: Day) => CompiledInventory, onFlow?: (source: Source) => FlowListener) {
    this.#compiledOn = compiledOn;
    this.#onFlow = onFlow;
  }

  /** @param named the day of the file's name; undefined where it tells none: then lines that cannot be read follow the record before */
  file(origin: FileOrigin, named: Day | undefined): CountedFile {
    let day = named;
    let closed = 0;
    let counting: FileCount | undefined;
    const on = (wanted: Day): FileCount | undefined => {
      if (!counting || wanted !== day || closed !== this.#closed) {
        counting = this.#on(wanted)?.count.file(origin);
        [day, closed] = [wanted, this.#closed];
      }
      return counting;
    };
    return {
      rows: (rows, from) => on(dayOf(endOf(rows, from)))?.rows(rows, from) ?? from,
      add: (record) => {
        const of = dayOf(record.end);
        const counted = on(of);
        if (counted) counted.add(record);
        else this.#wait(of, { origin, record: copyOf(record) });
      },
      malformed: () => {
        const of = named ?? day;
        if (of === undefined) {
          this.usage.fates.malformed++;
          within(this.usage.accounts, origin.accountId ?? '', origin.region ?? '', noFates).malformed++;
          return;
        }
        const counted = on(of);
        if (counted) counted.malformed(of);
        else this.#wait(of, { origin, record: undefined });
      },
    };
  }

  noteFile(named: FlowLogFileName): void {
    noteFileIn(this.usage.logs, named);
  }

  /** Gives memory back, where all days together hold too much. */
  relieve(): void {
    const mains = new Set([...this.#open.values()].map(({ main }) => main));
    const holders = [...mains, ...[...this.#open.values()].map(({ count }) => count)];
    if (holders.reduce((sum, { held }) => sum + held, 0) > MAX_HELD) for (const one of holders) one.finish();
    // What cannot be taken away now is not asked for again before there is as much beside it.
    if (this.rejectsKept > this.#maxRejected) {
      this.#dropRejects();
      this.#maxRejected = Math.max(MAX_REJECTED, 2 * this.rejectsKept);
    }
  }

  /** Rejected flows kept under conditions. */
  get rejectsKept(): number {
    let kept = 0;
    for (const usage of this.#conditional()) kept += usage.rejected.size;
    return kept;
  }

  /** Call it once all records are in. */
  finish(): this {
    for (const day of [...this.#waiting.keys()].sort((a, b) => a - b)) this.#admit(day);
    for (const day of [...this.#open.keys()]) this.#close(day);
    this.#dropRejects();
    return this;
  }

  /** Undefined where its records must wait. */
  #on(day: Day): OpenDay | undefined {
    const open = this.#open.get(day) ?? (this.#open.size < MAX_OPEN ? this.#begin(day) : undefined);
    if (open) {
      this.#open.delete(day);
      this.#open.set(day, open);
    }
    return open;
  }

  #wait(day: Day, waiting: Waiting): void {
    const ofDay = this.#waiting.get(day);
    if (ofDay) ofDay.push(waiting);
    else this.#waiting.set(day, [waiting]);
    if (++this.#waits < MAX_WAITING) return;
    const most = [...this.#waiting].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    this.#admit(most[0]);
  }

  /** Opens the day in the place of the one used longest ago, and counts what waited for it. */
  #admit(day: Day): void {
    const waiting = this.#waiting.get(day) ?? [];
    this.#waiting.delete(day);
    this.#waits -= waiting.length;
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= MAX_OPEN) this.#close(oldest);
    const { count } = this.#on(day)!;
    for (const [origin, some] of Map.groupBy(waiting, (one) => one.origin)) {
      const counting = count.file(origin);
      for (const { record } of some) {
        if (record) counting.add(record);
        else counting.malformed(day);
      }
    }
  }

  #close(day: Day): void {
    const { main, count } = this.#open.get(day)!;
    this.#open.delete(day);
    this.#closed++;
    count.finish();
    if (![...this.#open.values()].some((open) => open.main === main)) main.finish();
  }

  /** Days of one inventory share what counts most of their records. */
  #begin(day: Day): OpenDay {
    const compiled = this.#compiledOn(day);
    const alike = [...this.#open.values()].find((open) => open.compiled === compiled);
    const main = alike?.main ?? new Attribution(compiled, this.usage, { onFlow: this.#onFlow?.(STREAM) });
    const open = { compiled, main, count: new DayCount(compiled, this.sourcesOn(day), this.#onFlow, main) };
    this.#open.set(day, open);
    return open;
  }

  sourcesOn(day: Day): UsageBySource {
    let sources = this.sources.get(day);
    if (!sources) this.sources.set(day, (sources = new UsageBySource([[STREAM, this.usage]])));
    return sources;
  }

  *#conditional(): Generator<Usage> {
    for (const ofDay of this.sources.values()) {
      for (const [source, usage] of ofDay) if (source.kind !== 'stream') yield usage;
    }
  }

  /** Takes away rejected flows that cannot be among those kept in the end, whatever is decided. */
  #dropRejects(): void {
    const sure = new Set(this.usage.rejected.entries().map(([hash]) => hash));
    for (const ofDay of this.sources.values()) for (const hash of sureRejects(ofDay)) sure.add(hash);
    const bound = Float64Array.from(sure).sort()[REJECTED_KEPT - 1];
    if (bound === undefined) return;
    for (const usage of this.#conditional()) usage.rejected.dropAbove(bound);
  }
}

function copyOf(record: FlowRecord): FlowRecord {
  const { source, destination, packetSource, packetDestination } = record;
  return {
    ...record,
    source: { ...source },
    destination: { ...destination },
    packetSource: { ...packetSource },
    packetDestination: { ...packetDestination },
  };
}
