import { Attribution, type FlowListener, type RecordOrigin } from '../../../shared/attribution/attribution.ts';
import type { Chunks } from '../../../shared/flowlogs/read-text.ts';
import type { RecordSink } from '../../../shared/flowlogs/record.ts';
import { InventoryHistory } from '../../../shared/history/inventory-history.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { dayOf, type Day } from '../../../shared/time.ts';
import { MALFORMED_KEPT } from '../../../shared/usage/addition.ts';
import { emptyUsage, noteFileIn, type Usage } from '../../../shared/usage/usage.ts';
import type { LogFile } from './log-files.ts';
import { deliveryOf, readLogFile } from './read-log-file.ts';
import type { Progress } from '../terminal/progress.ts';
import { flowLogFileName, flowLogIdOf } from '../../../shared/flowlogs/file-name.ts';
import type { MalformedSample } from '../../../shared/flowlogs/malformed.ts';
import { heardLogs } from './heard-logs.ts';
import { duplicatesAmong } from '../../../shared/attribution/duplicate-log.ts';

export interface CountedFiles {
  readonly usage: Usage;
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
 * @param onFlow hears of every record that was read as request or reply
 * @throws Error whose message names file and cause
 */
export async function countFiles(
  files: readonly LogFile[],
  against: Inventory | InventoryHistory,
  progress: Progress,
  onFlow?: FlowListener,
): Promise<CountedFiles> {
  const usage = emptyUsage();
  const attributions = new DayAttributions(matchedAgainst(against), usage, onFlow);
  const malformedSamples: MalformedSample[] = [];
  const [emptyFiles, otherLogs, withoutStatus]: [string[], string[], string[]] = [[], [], []];
  const inventories =
    against instanceof InventoryHistory ? against.moments.map(({ inventory }) => inventory) : [against];
  const logsOn = await heardLogs(files, inventories);
  let bytes = 0;
  let records = 0;
  for (const file of files) {
    const { accountId, day } = flowLogFileName(file.name) ?? {};
    const flowLogId = flowLogIdOf(file.name);
    const origin = { flowLogId, accountId, isDuplicate: duplicatesAmong(flowLogId, logsOn) };
    const sink: RecordSink = {
      record: (record) => {
        records++;
        attributions.on(dayOf(record.end)).add(record, origin);
      },
      malformed: (line, reason) => {
        records++;
        attributions.malformed(origin, day);
        if (malformedSamples.length < MALFORMED_KEPT) malformedSamples.push({ file: file.name, line, reason });
      },
    };
    const metered = async function* (): Chunks {
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
    if (delivered) noteFileIn(usage.logs, delivered);
  }
  attributions.finish();
  return { usage, malformedSamples, emptyFiles, otherLogs, withoutStatus };
}

function matchedAgainst(against: Inventory | InventoryHistory): (day: Day) => CompiledInventory {
  if (against instanceof InventoryHistory) return (day) => against.compiledOn(day);
  const compiled = new CompiledInventory(against);
  return () => compiled;
}

/** Inventories held at one time: some 20 MB each for 10,000 rules and 5,000 interfaces. */
const MAX_HELD = 4;

/** The attribution of each day, by the inventory that it is held against. */
class DayAttributions {
  readonly #compiledOn: (day: Day) => CompiledInventory;
  readonly #usage: Usage;
  readonly #onFlow: FlowListener | undefined;
  /** The one used last comes last. */
  readonly #byInventory = new Map<CompiledInventory, Attribution>();
  #day: Day | undefined;
  #last: Attribution | undefined;

  constructor(compiledOn: (day: Day) => CompiledInventory, usage: Usage, onFlow: FlowListener | undefined) {
    this.#compiledOn = compiledOn;
    this.#usage = usage;
    this.#onFlow = onFlow;
  }

  on(day: Day): Attribution {
    if (this.#last && day === this.#day) return this.#last;
    const compiled = this.#compiledOn(day);
    const attribution = this.#byInventory.get(compiled) ?? new Attribution(compiled, this.#usage, this.#onFlow);
    this.#byInventory.delete(compiled);
    this.#byInventory.set(compiled, attribution);
    for (const [oldest, other] of this.#byInventory) {
      if (this.#byInventory.size <= MAX_HELD) break;
      other.finish();
      this.#byInventory.delete(oldest);
    }
    this.#day = day;
    return (this.#last = attribution);
  }

  /** @param day of the file's name; undefined where it tells none: then that of the record before */
  malformed(origin: RecordOrigin, day: Day | undefined): void {
    const of = day ?? this.#day;
    if (of === undefined) this.#usage.fates.malformed++;
    else this.on(of).malformed(origin, day);
  }

  finish(): void {
    for (const attribution of this.#byInventory.values()) attribution.finish();
  }
}
