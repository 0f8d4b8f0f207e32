import { setImmediate } from 'node:timers/promises';
import type { FlowListener } from '../../../shared/attribution/attribution.ts';
import { forgetFreeFolds } from '../../../shared/attribution/fold-memory.ts';
import { flowLogFileName, flowLogIdOf } from '../../../shared/flowlogs/file-name.ts';
import type { MalformedSample } from '../../../shared/flowlogs/malformed.ts';
import type { RecordSink } from '../../../shared/flowlogs/record.ts';
import { InventoryHistory } from '../../../shared/history/inventory-history.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { compareText } from '../../../shared/text/compare.ts';
import type { Day } from '../../../shared/time.ts';
import { firstSamples, MALFORMED_KEPT } from '../../../shared/usage/addition.ts';
import type { Source } from '../../../shared/usage/source.ts';
import type { Progress } from '../terminal/progress.ts';
import { DayCounts } from './day-counts.ts';
import type { LogFile } from './log-files.ts';
import { deliveryOf, readLogFile } from './read-log-file.ts';

/** How often others get a turn. */
const TURN_EVERY_MS = 50;

/** What is to be said of some files beside their records. */
export interface FileFindings {
  /** The first few, by name and line. */
  readonly malformedSamples: readonly MalformedSample[];
  /** Files that held no record at all, not even an unreadable one. */
  readonly emptyFiles: readonly string[];
  /** Flow logs of transit gateways and of Cloud WAN, left out. */
  readonly otherLogs: readonly string[];
  /** Files of a format without `log-status`. */
  readonly withoutStatus: readonly string[];
  /** Lines of other days than those that were asked for. */
  readonly otherDays: number;
}

/** What some files say before it is known which of several flow logs counts on each day. */
export interface FileCounts {
  readonly days: DayCounts;
  readonly findings: FileFindings;
}

/** What is to be said of all files together. Names are in order. */
export function mergeFindings(some: readonly FileFindings[]): FileFindings {
  const names = (of: (findings: FileFindings) => readonly string[]): string[] => some.flatMap(of).sort(compareText);
  return {
    malformedSamples: firstSamples(some.flatMap(({ malformedSamples }) => malformedSamples)),
    emptyFiles: names(({ emptyFiles }) => emptyFiles),
    otherLogs: names(({ otherLogs }) => otherLogs),
    withoutStatus: names(({ withoutStatus }) => withoutStatus),
    otherDays: some.reduce((sum, { otherDays }) => sum + otherDays, 0),
  };
}

/** The files of a day together, so that few days are open at a time, and what rival flow logs tell of one is seen side by side. */
export function inReadingOrder<T extends Pick<LogFile, 'name'>>(files: readonly T[]): T[] {
  const dated = files.map((file) => ({ file, day: flowLogFileName(file.name)?.day ?? -1 }));
  return dated.sort((a, b) => a.day - b.day).map(({ file }) => file);
}

/**
 * What the records of a day are matched against. Flow logs of which there are no files will never be heard: what others tell
 * does not depend on them.
 */
export function matchedAgainst(
  against: Inventory | InventoryHistory,
  files: readonly Pick<LogFile, 'name'>[],
): (day: Day) => CompiledInventory {
  const ids = new Set(files.map(({ name }) => flowLogIdOf(name)));
  const heard = (inventory: Inventory): Inventory => {
    return { ...inventory, flowLogs: inventory.flowLogs?.filter(({ flowLogId }) => ids.has(flowLogId)) };
  };
  if (!(against instanceof InventoryHistory)) {
    const compiled = new CompiledInventory(heard(against));
    return () => compiled;
  }
  const history = new InventoryHistory(
    against.moments.map((moment) => ({ ...moment, inventory: heard(moment.inventory) })),
    against.past,
  );
  return (day) => history.compiledOn(day);
}

/**
 * Counts every record of files in the order in which they come. All or nothing: the first file that cannot be read fails the whole
 * count, since rules used in it alone would look unused.
 *
 * @param onFlow makes what hears of the service flows that were counted under a source
 * @throws Error whose message names file and cause
 */
export async function countInTurn(
  files: Iterable<LogFile>,
  compiledOn: (day: Day) => CompiledInventory,
  progress: Pick<Progress, 'update'>,
  onFlow?: (source: Source) => FlowListener,
): Promise<FileCounts> {
  const days = new DayCounts(compiledOn, onFlow);
  let malformedSamples: MalformedSample[] = [];
  const [emptyFiles, otherLogs, withoutStatus]: [string[], string[], string[]] = [[], [], []];
  let bytes = 0;
  let records = 0;
  let otherDays = 0;
  let turn = 0;
  for (const file of files) {
    const { accountId, region, day } = flowLogFileName(file.name) ?? {};
    const counting = days.file({ flowLogId: flowLogIdOf(file.name), accountId, region }, day);
    const sink: RecordSink = {
      rows: (scanned, from) => {
        const next = counting.rows(scanned, from);
        records += next - from;
        return next;
      },
      record: (record) => {
        records++;
        counting.add(record);
      },
      malformed: (line, reason) => {
        records++;
        counting.malformed();
        malformedSamples.push({ file: file.name, line, reason });
        if (malformedSamples.length > 2 * MALFORMED_KEPT) malformedSamples = firstSamples(malformedSamples);
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
    otherDays += read?.otherDays ?? 0;
    if (!read) otherLogs.push(file.name);
    else if (read.lines === 0) emptyFiles.push(file.name);
    else if (!read.tellsGaps) withoutStatus.push(file.name);
    const delivered = deliveryOf(file, read);
    if (delivered) days.noteFile(delivered);
    days.relieve();
    // Files that are read at once leave no room for signals, and for what other threads say.
    if (performance.now() < turn) continue;
    await setImmediate();
    turn = performance.now() + TURN_EVERY_MS;
  }
  const findings = mergeFindings([{ malformedSamples, emptyFiles, otherLogs, withoutStatus, otherDays }]);
  days.finish();
  forgetFreeFolds();
  return { days, findings };
}
