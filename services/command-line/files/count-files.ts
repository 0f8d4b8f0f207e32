import { Attribution, type FlowListener } from '../../../shared/attribution/attribution.ts';
import { DayCount, type FileCount, type FileOrigin } from '../../../shared/attribution/day-count.ts';
import { flowLogFileName, flowLogIdOf, type FlowLogFileName } from '../../../shared/flowlogs/file-name.ts';
import type { MalformedSample } from '../../../shared/flowlogs/malformed.ts';
import type { FlowRecord, RecordSink } from '../../../shared/flowlogs/record.ts';
import { InventoryHistory } from '../../../shared/history/inventory-history.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { dayOf, type Day } from '../../../shared/time.ts';
import { MALFORMED_KEPT } from '../../../shared/usage/addition.ts';
import { decideSources, UsageBySource } from '../../../shared/usage/by-source.ts';
import { addUsage } from '../../../shared/usage/merge.ts';
import { STREAM, type Source } from '../../../shared/usage/source.ts';
import { emptyUsage, noteFileIn, type Usage } from '../../../shared/usage/usage.ts';
import type { Progress } from '../terminal/progress.ts';
import type { LogFile } from './log-files.ts';
import { deliveryOf, readLogFile } from './read-log-file.ts';

export interface CountedFiles {
  readonly usage: Usage;
  /** Whether what was counted under a source on a day of which there are records counts. */
  readonly isCounted: (day: Day, source: Source) => boolean;
  /** The first few, by the order of the files. */
  readonly malformedSamples: readonly MalformedSample[];
  /** Files that held no record at all, not even an unreadable one. */
  readonly emptyFiles: readonly string[];
  /** Flow logs of transit gateways and of Cloud WAN, left out. */
  readonly otherLogs: readonly string[];
  /** Files of a format without `log-status`. */
  readonly withoutStatus: readonly string[];
}

/**
 * Counts every record of every file against the inventory of its day. All or nothing: the first file that cannot be read fails
 * the whole count, since rules used in it alone would look unused.
 *
 * @param onFlow makes what hears of the service flows that were counted under a source
 * @throws Error whose message names file and cause
 */
export async function countFiles(
  files: readonly LogFile[],
  against: Inventory | InventoryHistory,
  progress: Progress,
  onFlow?: (source: Source) => FlowListener,
): Promise<CountedFiles> {
  const days = new DayCounts(matchedAgainst(against), onFlow);
  const malformedSamples: MalformedSample[] = [];
  const [emptyFiles, otherLogs, withoutStatus]: [string[], string[], string[]] = [[], [], []];
  let bytes = 0;
  let records = 0;
  for (const file of files) {
    const { accountId, day } = flowLogFileName(file.name) ?? {};
    const counting = days.file({ flowLogId: flowLogIdOf(file.name), accountId }, day);
    const sink: RecordSink = {
      record: (record) => {
        records++;
        counting.add(record);
      },
      malformed: (line, reason) => {
        records++;
        counting.malformed();
        if (malformedSamples.length < MALFORMED_KEPT) malformedSamples.push({ file: file.name, line, reason });
      },
    };
    const metered = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of file.chunks()) {
        yield chunk;
        bytes += chunk.length;
        progress.update(bytes, records);
      }
    };
    const before = bytes;
    const read = await readLogFile({ ...file, chunks: metered }, sink);
    progress.update((bytes = before + file.size), records);
    if (!read) otherLogs.push(file.name);
    else if (read.lines === 0) emptyFiles.push(file.name);
    else if (!read.tellsGaps) withoutStatus.push(file.name);
    const delivered = deliveryOf(file, read);
    if (delivered) days.noteFile(delivered);
    days.relieve();
  }
  return { ...days.finish(), malformedSamples, emptyFiles, otherLogs, withoutStatus };
}

function matchedAgainst(against: Inventory | InventoryHistory): (day: Day) => CompiledInventory {
  if (against instanceof InventoryHistory) return (day) => against.compiledOn(day);
  const compiled = new CompiledInventory(against);
  return () => compiled;
}

/** Days that are counted at one time: the inventory of each takes some 20 MB for 10,000 rules and 5,000 interfaces. */
const MAX_OPEN = 4;
/** Service flows held by all of them: some 70 MB, and as many again that one file may add. */
const MAX_HELD = 500_000;

interface OpenDay {
  readonly compiled: CompiledInventory;
  readonly main: Attribution;
  readonly count: DayCount;
}

/** All days of which records come, each held against the inventory in force on it. */
class DayCounts {
  readonly #usage = emptyUsage();
  readonly #compiledOn: (day: Day) => CompiledInventory;
  readonly #onFlow: ((source: Source) => FlowListener) | undefined;
  /** The one used last comes last. */
  readonly #open = new Map<Day, OpenDay>();
  /** What was counted under conditions on each day, also of those that are closed; all else is in the usage already. */
  readonly #sources = new Map<Day, UsageBySource>();
  /** How many days were closed: what was open may be among them. */
  #closed = 0;

  constructor(compiledOn: (day: Day) => CompiledInventory, onFlow: ((source: Source) => FlowListener) | undefined) {
    this.#compiledOn = compiledOn;
    this.#onFlow = onFlow;
  }

  /** @param named the day of the file's name; undefined where it tells none: then lines that cannot be read follow the record before */
  file(origin: FileOrigin, named: Day | undefined): { add(record: FlowRecord): void; malformed(): void } {
    let day = named;
    let closed = 0;
    let counting: FileCount | undefined;
    const on = (wanted: Day): FileCount => {
      if (!counting || wanted !== day || closed !== this.#closed) {
        counting = this.#on(wanted).count.file(origin);
        [day, closed] = [wanted, this.#closed];
      }
      return counting;
    };
    return {
      add: (record) => {
        on(dayOf(record.end)).add(record);
      },
      malformed: () => {
        const of = named ?? day;
        if (of === undefined) this.#usage.fates.malformed++;
        else on(of).malformed(of);
      },
    };
  }

  noteFile(named: FlowLogFileName): void {
    noteFileIn(this.#usage.logs, named);
  }

  /** Has sums written out where all days together hold too many flows. */
  relieve(): void {
    const mains = new Set([...this.#open.values()].map(({ main }) => main));
    const holders = [...mains, ...[...this.#open.values()].map(({ count }) => count)];
    if (holders.reduce((sum, { held }) => sum + held, 0) <= MAX_HELD) return;
    for (const one of holders) one.finish();
  }

  finish(): Pick<CountedFiles, 'usage' | 'isCounted'> {
    for (const day of [...this.#open.keys()]) this.#close(day);
    const decided = new Map([...this.#sources].map(([day, sources]) => [day, decideSources(sources, day)]));
    for (const [day, sources] of this.#sources) {
      const isCounted = decided.get(day)!;
      for (const [source, usage] of sources)
        if (source.kind !== 'stream' && isCounted(source)) addUsage(this.#usage, usage);
      this.#sources.delete(day);
    }
    return { usage: this.#usage, isCounted: (day, source) => decided.get(day)?.(source) ?? true };
  }

  #on(day: Day): OpenDay {
    const open = this.#open.get(day) ?? this.#begin(day);
    this.#open.delete(day);
    this.#open.set(day, open);
    const [oldest = day] = this.#open.keys();
    if (this.#open.size > MAX_OPEN) this.#close(oldest);
    return open;
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
    const main = alike?.main ?? new Attribution(compiled, this.#usage, { onFlow: this.#onFlow?.(STREAM) });
    return { compiled, main, count: new DayCount(compiled, this.#sourcesOn(day), this.#onFlow, main) };
  }

  #sourcesOn(day: Day): UsageBySource {
    let sources = this.#sources.get(day);
    if (!sources) this.#sources.set(day, (sources = new UsageBySource([[STREAM, this.#usage]])));
    return sources;
  }
}
