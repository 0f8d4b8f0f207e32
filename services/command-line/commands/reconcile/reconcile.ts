import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FileSet } from '../../../../shared/disk/file-set.ts';
import { withScratch } from '../../../../shared/disk/scratch.ts';
import type { FoldedRow } from '../../../../shared/flowlogs/folded-record.ts';
import { Narrowing } from '../../../../shared/advice/narrowing/narrowing.ts';
import { flowLogFileName, flowLogIdOf } from '../../../../shared/flowlogs/file-name.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { StandingRules, withContents } from '../../../../shared/evidence/current-rule-ids.ts';
import type { Rule } from '../../../../shared/inventory/inventory.ts';
import type { MalformedSample } from '../../../../shared/flowlogs/malformed.ts';
import { MALFORMED_KEPT, rulesNamed } from '../../../../shared/usage/addition.ts';
import type { Settled } from '../../../../shared/usage/settled.ts';
import { admittingSetKey, type Usage } from '../../../../shared/usage/usage.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { SqliteStore } from '../../../count-usage/sqlite/sqlite-store.ts';
import { attributePart, type AttributedPart } from '../../../reconcile-usage/attribute-part.ts';
import { IncompleteDay, settleDay } from '../../../reconcile-usage/settle-day.ts';
import { dayFolder, EVIDENCE } from '../../evidence/evidence-folder.ts';
import { findLogFiles, type FoundLogs } from '../../files/find-log-files.ts';
import { isGroup, type LogFile } from '../../files/log-files.ts';
import type { LogOptions } from '../../files/asked-days.ts';
import type { GivenFormats } from '../../../../shared/flowlogs/line-format.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { deliveryOf, fileNotes, readLogFile } from '../../files/read-log-file.ts';
import { readHistory } from '../../files/read-inventories.ts';
import { SqliteNights } from './sqlite-nights.ts';
import { checkReports, writeReports, type AnalyzedUsage } from '../../results/write-reports.ts';
import { isoDay, type Day, dayOf } from '../../../../shared/time.ts';
import type { Analyzed } from '../../results/summary.ts';
import { type LogDay, emptyLogDay, noteFile, noteRecord, type LogsOfDay } from '../../../../shared/usage/log-days.ts';
import type { FlowRecord } from '../../../../shared/flowlogs/record.ts';

export interface ReconcileOptions extends Pick<LogOptions, 'logFormat'> {
  readonly inventory: readonly string[];
  readonly logs: readonly string[];
  readonly day: Day;
  /** Where the day was counted as its files came. */
  readonly store?: string;
  readonly out?: string;
}

export interface Reconciled {
  readonly day: Day;
  /** Lines and rows of the files, those of other days aside. */
  readonly records: number;
  /** What they were folded into. */
  readonly rows: number;
  readonly files: number;
  readonly serviceFlows: number;
  /** With a store. */
  readonly settled: Settled | undefined;
  /** With a folder to write into. */
  readonly analyzed: Analyzed | undefined;
}

/** Files that can hold records of a day are named by it, or by the next: see `LATE_HOURS` of the fold. */
const DAYS_OF_DELIVERY = 2;
const MEMORY_MIB = 2048;

/**
 * The nightly run on one machine: folds a day with the query that Athena is given, attributes it, and makes it count in
 * the store.
 *
 * @throws Error that names the store, where fewer records were read than it has streamed; nothing is changed
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { day, store, out } = options;
  if (out !== undefined) await checkReports({ out });
  const { newest: inventory, history, staleReferences } = await readHistory(options.inventory);
  const found = await filesOf(options);
  const { names, logs, malformedSamples, problems } = await checked(found, day);
  const compiled = history ? history.compiledOn(day) : new CompiledInventory(inventory);
  const { rules } = compiled.inventory;
  // Those of a history name their contents already.
  const nameOf = withContents(history ? [] : rules);
  const part = await fold(names, day, compiled, { logs, formats: found.files[0]?.formats });
  for (const file of found.files) file.mustBeUnchanged?.();
  const { flows, foreignFiles, records, rows } = part;
  if (records === 0) {
    throw new Error(`${options.logs.join(', ')}: no flow log record of ${isoDay(day)} in ${names.length} files`);
  }
  if (foreignFiles.length > 0) throw new IncompleteDay(`${foreignFiles[0]!}: another header in mid-file`);
  // In the store a rule that stands has its id alone, as `watch` has it.
  const told = history ? { ...part, usage: underStandingIds(part.usage, StandingRules.of(inventory.rules)) } : part;
  const known = { rules: [...inventory.rules, ...rules], nameOf };
  const settled = store === undefined ? undefined : await settleInStore(store, day, told, known);
  const ofFiles = { malformedSamples, problems, staleReferences, history };
  const reports = out === undefined ? undefined : await report(day, { inventory, ...ofFiles }, part, out);
  const analyzed = reports && {
    report: reports.report,
    files: names.length,
    emptyFiles: [],
    interfaces: inventory.interfaces.size,
    written: reports.written,
  };
  return { day, records, rows, files: names.length, serviceFlows: flows.count(), settled, analyzed };
}

/** What was counted by contents, under the ids of the rules that stand with them; what stands no more keeps its content. */
function underStandingIds(usage: Usage, standing: StandingRules): Usage {
  const idsOf = (id: string): readonly string[] => {
    const ids = standing.idsOf(id);
    return ids.length > 0 ? ids : [id];
  };
  const rules = new Map([...usage.rules].flatMap(([id, days]) => idsOf(id).map((own) => [own, days] as const)));
  const sets = [...usage.admittingSets.values()].map((set) => {
    return { ...set, ruleIds: set.ruleIds.flatMap(idsOf).sort(compareText) };
  });
  return { ...usage, rules, admittingSets: new Map(sets.map((set) => [admittingSetKey(set), set])) };
}

/** Evidence comes in the place of what is said of the day there; other days of the folder stay. */
async function report(
  day: Day,
  counted: Omit<AnalyzedUsage, 'usage' | 'narrowing' | 'source'>,
  { usage, flows }: AttributedPart,
  out: string,
) {
  const { inventory, history } = counted;
  const narrowing = new Narrowing(inventory);
  for (const flow of flows.flows()) narrowing.add(day, flow);
  // What writes Parquet is loaded only when needed.
  const { EvidenceWriter } = await import('../../evidence/evidence-writer.ts');
  const evidence = new EvidenceWriter(join(out, EVIDENCE), history ? [] : inventory.rules);
  try {
    evidence.write(day, flows);
    return await writeReports({ ...counted, usage, source: 'reconciled', narrowing }, { out }, (files) =>
      evidence.publish('days', files),
    );
  } catch (error) {
    evidence.discard();
    throw error;
  }
}

/** The files of the day, read once: what `analyze` would refuse is refused here, in the same words. */
async function checked(found: FoundLogs, day: Day) {
  const names: string[] = [];
  const logs = new Map<string, LogDay>();
  const malformedSamples: MalformedSample[] = [];
  const [otherLogs, withoutStatus]: [string[], string[]] = [[], []];
  for (const file of found.files) {
    const isOfDay = (flowLogFileName(file.name)?.day ?? day) === day;
    const malformed = (line: number, reason: string): void => {
      if (isOfDay && malformedSamples.length < MALFORMED_KEPT) malformedSamples.push({ file: file.name, line, reason });
    };
    const flowLogId = flowLogIdOf(file.name);
    const log = logs.get(flowLogId ?? '') ?? emptyLogDay();
    logs.set(flowLogId ?? '', log);
    const record = (one: FlowRecord): void => {
      if (dayOf(one.end) === day) noteRecord(log, one);
    };
    const read = await readLogFile(file, { record, malformed });
    const delivered = deliveryOf(file, read);
    if (delivered?.day === day) noteFile(log, delivered);
    if (read) names.push(file.name);
    else otherLogs.push(file.name);
    if (read?.tellsGaps === false) withoutStatus.push(file.name);
  }
  return { names, logs, malformedSamples, problems: fileNotes(found, { otherLogs, withoutStatus, otherDays: 0 }) };
}

async function filesOf({ logs, day, ...options }: ReconcileOptions): Promise<FoundLogs> {
  const remote = logs.find((path) => path.startsWith('s3://') || isGroup(path));
  if (remote !== undefined) throw new Error(`${remote}: reconcile reads local files; copy the day first (aws s3 sync)`);
  const found = await findLogFiles(logs, options);
  const isOfDay = ({ name }: LogFile): boolean => {
    const delivered = flowLogFileName(name)?.day;
    return delivered === undefined || (delivered >= day && delivered < day + DAYS_OF_DELIVERY);
  };
  return { ...found, files: found.files.filter(isOfDay) };
}

async function fold(
  names: readonly string[],
  day: Day,
  compiled: CompiledInventory,
  { logs, formats }: { readonly logs: LogsOfDay; readonly formats: GivenFormats | undefined },
): Promise<AttributedPart> {
  // The engine is loaded only when needed.
  const [{ layOut }, { foldFiles }] = await Promise.all([
    import('../../../reconcile-usage/local-logs.ts'),
    import('../../../reconcile-usage/fold-files.ts'),
  ]);
  return withScratch(async (scratch) => {
    const folders = await layOut(names, day, join(scratch, 'logs'), formats);
    const spillFolder = join(scratch, 'spill');
    const resources = { spillFolder, memory: MEMORY_MIB, threads: availableParallelism() };
    const rows = async function* (): AsyncGenerator<readonly FoldedRow[]> {
      for (const folder of folders) yield* foldFiles(folder, day, resources);
    };
    return attributePart(rows(), compiled, logs);
  });
}

async function settleInStore(
  path: string,
  day: Day,
  { usage, flows }: AttributedPart,
  { rules: knownRules, nameOf }: { readonly rules: readonly Rule[]; readonly nameOf: ReturnType<typeof withContents> },
): Promise<Settled> {
  const { evidenceFile } = await import('../../../../shared/evidence/evidence-file.ts');
  const store = new SqliteStore(path, { create: true });
  const files = new FileSet();
  try {
    const bytes = evidenceFile(flows.groups({ nameOf }));
    const id = `${Date.now().toString(36)}${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;
    const folder = join(`${path}-${EVIDENCE}`, dayFolder(day));
    const evidence = join(folder, `part-000-${id}.parquet`);
    files.add(evidence, bytes);
    const rules = rulesNamed(usage, knownRules);
    const part = { usage, rules, evidence: [evidence], foreignFiles: [] };
    const nights = new SqliteNights(store);
    const beforePointing = (): Promise<void> => Promise.resolve(void files.commit());
    const settled = await settleDay({ day, id }, part, nights, { beforePointing }).catch(async (error: unknown) => {
      await rm(evidence, { force: true });
      throw namedError(path, error);
    });
    for (const former of nights.formerEvidence) await rm(former, { force: true });
    return settled;
  } finally {
    files.discard();
    store.close();
  }
}
