/** A synthetic account on disk, what the program reads of it, and the truth beside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { countFiles } from '../services/command-line/files/counted-files.ts';
import { findLogFiles } from '../../services/command-line/files/find-log-files.ts';
import type { LogFile } from '../../services/command-line/files/log-files.ts';
import { readInventory } from '../../services/command-line/files/read-inventory.ts';
import type { GenerateOptions } from '../../services/generate-account/options/options.ts';
import type { GenerateSummary } from '../../services/generate-account/truth/account-truth.ts';
import { RECORD_TRUTH_HEADER } from '../../services/generate-account/truth/record-truth.ts';
import type { FlowReading } from '../../shared/attribution/alike-readings.ts';
import { Attribution, type FlowListener } from '../../shared/attribution/attribution.ts';
import type { Orientation } from '../../shared/attribution/orient.ts';
import { readLog } from '../../shared/flowlogs/read-log.ts';
import type { FlowRecord } from '../../shared/flowlogs/record.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { reportOfUsage } from '../../shared/reports/report-of-usage.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { emptyUsage, noteFileIn, type Fate, type Usage } from '../../shared/usage/usage.ts';
import { judge, type Judged } from '../../shared/verdicts/judge.ts';
import { generated } from '../services/generate-account/generated.ts';
import { flowLogFileName, flowLogIdOf } from '../../shared/flowlogs/file-name.ts';
import type { Opener } from '../../shared/protocols.ts';
import { InventoryHistory } from '../../shared/history/inventory-history.ts';
import { dayOf, daysSpanned, type Day } from '../../shared/time.ts';
import { heardLogs } from '../../services/command-line/files/heard-logs.ts';
import { duplicatesAmong } from '../../shared/attribution/duplicate-log.ts';
import { fateOf } from '../shared/attribution/fate-of.ts';

export interface Account {
  readonly out: string;
  readonly summary: GenerateSummary;
  readonly inventory: Inventory;
  readonly files: readonly LogFile[];
}

/** Removed by `removeScratchFolders` of `generated.ts`. */
export async function account(options: Partial<GenerateOptions>): Promise<Account> {
  const { out, summary } = await generated(options);
  return {
    out,
    summary,
    inventory: await readInventory(join(out, 'inventory')),
    files: (await findLogFiles([join(out, 'logs')])).files,
  };
}

/** What the truth says of one record; texts are empty where it says nothing. */
export interface RecordTruth {
  readonly kind: string;
  readonly opened: Opener | '';
  readonly decidable: 'portsDiffer' | 'equalPorts' | 'noPorts' | '';
  /** Ids of the rules that truly admitted the connection; `sgr-…@1` is a content before an edit. */
  readonly rules: readonly string[];
  readonly setAside: string;
}

/** What the program makes of a record. */
export interface Reading {
  readonly fate: Fate;
  /** Undefined where the record was set aside before anybody asked for rules. */
  readonly flow: FlowReading | undefined;
  /** Undefined where the record was set aside before the question came up. */
  readonly orientation: Orientation | undefined;
}

/** Hears of a record and of what was made of it. The record is one object, filled again and again. */
type ReadingListener = (record: FlowRecord, reading: Reading, file: LogFile, line: number) => void;

/** Counts files as `analyze` does, and shows every record. */
export async function readEach(
  files: readonly LogFile[],
  against: Inventory | InventoryHistory,
  see: ReadingListener,
  onFlow?: FlowListener,
): Promise<Usage> {
  const usage = emptyUsage();
  const byInventory = new Map<CompiledInventory, Attribution>();
  const isHistory = against instanceof InventoryHistory;
  const once = isHistory ? undefined : new CompiledInventory(against);
  const attributionOn = (day: Day): Attribution => {
    const compiled = once ?? (against as InventoryHistory).compiledOn(day);
    const attribution = byInventory.get(compiled) ?? new Attribution(compiled, usage, { onFlow });
    byInventory.set(compiled, attribution);
    return attribution;
  };
  const read = { request: 0, reply: 0 };
  const logsOn = await heardLogs(files, [isHistory ? against.newest.inventory : against]);
  for (const file of files) {
    const flowLogId = flowLogIdOf(file.name);
    const origin = { flowLogId, isDuplicate: duplicatesAmong(flowLogId, logsOn) };
    let lines = 0;
    const sink = {
      record: (record: FlowRecord) => {
        const attribution = attributionOn(dayOf(record.end));
        const fate = fateOf(attribution, usage, record, origin);
        const flow = attribution.reading;
        const orientation = flow?.orientation;
        if (orientation) read[orientation.opener]++;
        see(record, { fate, flow, orientation }, file, lines++);
      },
      malformed: (at: number, reason: string) => {
        throw new Error(`${file.name}:${at}: ${reason}`);
      },
    };
    await readLog(file, sink);
    if (lines > 0) noteFileIn(usage.logs, flowLogFileName(file.name)!);
  }
  for (const attribution of byInventory.values()) attribution.finish();
  if (usage.requests !== read.request || usage.replies !== read.reply) throw new Error('counted otherwise than read');
  return usage;
}

/** The same of an account, every record together with its truth, line by line. */
export async function readWithTruth(
  { out, inventory, files }: Pick<Account, 'out' | 'files'> & { readonly inventory: Inventory | InventoryHistory },
  see: (record: FlowRecord, truth: RecordTruth, reading: Reading, file: LogFile) => void,
  onFlow?: FlowListener,
): Promise<Usage> {
  const truths = new Map(files.map((file) => [file, truthsOf(out, file.name)]));
  const shown = new Map<LogFile, number>();
  const usage = await readEach(
    files,
    inventory,
    (record, reading, file, line) => {
      const truth = truths.get(file)![line];
      if (!truth) throw new Error(`a record without truth: ${file.name}:${line + 2}`);
      see(record, truth, reading, file);
      shown.set(file, line + 1);
    },
    onFlow,
  );
  for (const [file, { length }] of truths) {
    if (length !== (shown.get(file) ?? 0))
      throw new Error(`${file.name}: ${length} truths for ${shown.get(file)} records`);
  }
  return usage;
}

function truthsOf(out: string, logFile: string): RecordTruth[] {
  const path = logFile.slice(join(out, 'logs').length + 1).replace(/\.log\.(gz|parquet)$/, '');
  const text = gunzipSync(readFileSync(join(out, 'truth', 'records', `${path}.csv.gz`))).toString('latin1');
  const [header, ...lines] = text.trimEnd().split('\n');
  if (header !== RECORD_TRUTH_HEADER) throw new Error(`other columns: ${header}`);
  return lines.map((line) => {
    const [, kind, opened, decidable, , , rules, , setAside] = line.split(',');
    return {
      kind: kind!,
      opened: opened as RecordTruth['opened'],
      decidable: decidable as RecordTruth['decidable'],
      rules: rules!.split(' ').filter((id) => id !== ''),
      setAside: setAside!,
    };
  });
}

/**
 * Rules judged as `analyze` does by default: as of the latest record, over the days that the logs span.
 *
 * @param rulesKnownSince UNIX seconds
 */
export function judged(inventory: Inventory, usage: Usage, rulesKnownSince?: number): Judged[] {
  const windowDays = daysSpanned(usage.firstEnd, usage.lastEnd);
  return judge(inventory, usage, { asOf: usage.lastEnd, windowDays, rulesKnownSince });
}

/**
 * The rules of an account, judged.
 *
 * @param rulesKnownSince UNIX seconds
 */
export async function verdictsOf(
  { inventory, files }: Pick<Account, 'inventory' | 'files'>,
  rulesKnownSince?: number,
): Promise<Judged[]> {
  const { usage } = await countFiles(files, inventory);
  return judged(inventory, usage, rulesKnownSince);
}

/** All that `usage.json` holds, for files wherever they lie. */
export async function reportOf(inventory: Inventory, files: readonly LogFile[]): Promise<UsageReport> {
  const { usage, malformedSamples } = await countFiles(files, inventory);
  const asOf = usage.lastEnd;
  const windowDays = daysSpanned(usage.firstEnd, asOf);
  const counted = { inventory, usage, malformedSamples, source: 'read' as const };
  return reportOfUsage(counted, { asOf, windowDays, rulesKnownSince: undefined });
}
