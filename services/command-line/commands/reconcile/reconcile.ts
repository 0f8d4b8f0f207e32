import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { FoldedRow } from '../../../../shared/flowlogs/folded-record.ts';
import { Narrowing } from '../../../../shared/advice/narrowing/narrowing.ts';
import { flowLogFileName } from '../../../../shared/flowlogs/file-name.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import type { ServiceFlow } from '../../../../shared/evidence/service-flow.ts';
import { withContents } from '../../../../shared/evidence/current-rule-ids.ts';
import type { Inventory, Rule } from '../../../../shared/inventory/inventory.ts';
import { rulesNamed } from '../../../../shared/usage/addition.ts';
import type { Settled } from '../../../../shared/usage/settled.ts';
import { SqliteStore } from '../../../count-usage/sqlite/sqlite-store.ts';
import { attributePart, type AttributedPart } from '../../../reconcile-usage/attribute-part.ts';
import { IncompleteDay, settleDay } from '../../../reconcile-usage/settle-day.ts';
import { dayFolder, EVIDENCE } from '../../evidence/evidence-folder.ts';
import { findLogFiles } from '../../files/find-log-files.ts';
import { readInventory, readStaleReferences } from '../../files/read-inventory.ts';
import { SqliteNights } from './sqlite-nights.ts';
import { checkReports, writeReports } from '../../results/write-reports.ts';
import { isoDay, type Day } from '../../../../shared/time.ts';
import type { Analyzed } from '../../results/summary.ts';

export interface ReconcileOptions {
  readonly inventory: string;
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
 * The nightly run on one machine: folds a day with the query that Athena is given, attributes it, and makes it speak for
 * the day in the store.
 *
 * @throws IncompleteDay where fewer records were read than the store has streamed; nothing is changed
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { day, store, out } = options;
  if (out !== undefined) await checkReports({ out });
  const inventory = await readInventory(options.inventory);
  const names = await filesOf(options);
  const compiled = new CompiledInventory(inventory);
  const part = await fold(names, day, compiled);
  const { flows, foreignFiles, records, rows } = part;
  if (records === 0) throw new Error(`no flow log record of ${isoDay(day)} in ${names.length} files`);
  if (foreignFiles.length > 0) throw new IncompleteDay(`${foreignFiles[0]!}: another header in mid-file`);
  const settled = store === undefined ? undefined : await settleInStore(store, day, part, inventory.rules);
  if (out !== undefined) await writeEvidence(join(out, EVIDENCE), day, flows, inventory.rules);
  const reports = out === undefined ? undefined : await report(options, inventory, part, out);
  const analyzed = reports && {
    report: reports.report,
    files: names.length,
    emptyFiles: [],
    interfaces: inventory.interfaces.size,
    written: reports.written,
  };
  return { day, records, rows, files: names.length, serviceFlows: flows.length, settled, analyzed };
}

async function report(
  { day, inventory: folder }: ReconcileOptions,
  inventory: Inventory,
  { usage, flows }: AttributedPart,
  out: string,
) {
  const narrowing = new Narrowing(inventory);
  for (const flow of flows) narrowing.add(day, flow);
  const staleReferences = await readStaleReferences(folder);
  const counted = { inventory, usage, malformedSamples: [], source: 'reconciled', narrowing, staleReferences } as const;
  return writeReports(counted, { out });
}

/** In the place of what is said of the day there; other days of the folder stay. */
async function writeEvidence(folder: string, day: Day, flows: readonly ServiceFlow[], rules: readonly Rule[]) {
  // What writes Parquet is loaded by who needs it.
  const { EvidenceWriter } = await import('../../evidence/evidence-writer.ts');
  const writer = new EvidenceWriter(folder, rules);
  try {
    writer.write(day, flows);
    await writer.publish('days');
  } catch (error) {
    writer.discard();
    throw error;
  }
}

async function filesOf({ logs, day }: ReconcileOptions): Promise<string[]> {
  const remote = logs.find((path) => path.startsWith('s3://'));
  if (remote !== undefined) throw new Error(`${remote}: reconcile reads local files; copy the day first (aws s3 sync)`);
  const names = (await findLogFiles(logs)).map(({ name }) => name);
  return names.filter((name) => {
    const delivered = flowLogFileName(name)?.day;
    return delivered === undefined || (delivered >= day && delivered < day + DAYS_OF_DELIVERY);
  });
}

async function fold(names: readonly string[], day: Day, compiled: CompiledInventory): Promise<AttributedPart> {
  // The engine is loaded by who needs it.
  const [{ layOut }, { foldFiles }] = await Promise.all([
    import('../../../reconcile-usage/local-logs.ts'),
    import('../../../reconcile-usage/fold-files.ts'),
  ]);
  const scratch = await mkdtemp(join(tmpdir(), 'stale-sg-'));
  try {
    const folders = await layOut(names, day, join(scratch, 'logs'));
    const spillFolder = join(scratch, 'spill');
    const resources = { spillFolder, memory: MEMORY_MIB, threads: availableParallelism() };
    const rows = async function* (): AsyncGenerator<FoldedRow> {
      for (const folder of folders) yield* foldFiles(folder, day, resources);
    };
    return await attributePart(rows(), compiled, deliveredOn(names, day));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function deliveredOn(names: readonly string[], day: Day): Set<string> {
  return new Set(
    names.flatMap((name) => {
      const known = flowLogFileName(name);
      return known?.day === day ? known.flowLogId : [];
    }),
  );
}

async function settleInStore(
  path: string,
  day: Day,
  { usage, flows }: AttributedPart,
  knownRules: readonly Rule[],
): Promise<Settled> {
  const { evidenceFile } = await import('../../../../shared/evidence/evidence-file.ts');
  const store = new SqliteStore(path, { create: true });
  try {
    const bytes = evidenceFile(flows.map(withContents(knownRules)));
    const id = `${Date.now().toString(36)}${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;
    const folder = join(`${path}-${EVIDENCE}`, dayFolder(day));
    const evidence = join(folder, `part-000-${id}.parquet`);
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(evidence, Buffer.from(bytes));
    const rules = rulesNamed(usage, knownRules);
    const part = { usage, rules, evidence: [evidence], foreignFiles: [] };
    const nights = new SqliteNights(store);
    const settled = await settleDay({ day, id }, part, nights).catch(async (error: unknown) => {
      await rm(evidence, { force: true });
      throw error;
    });
    for (const former of nights.formerEvidence) await rm(former, { force: true });
    return settled;
  } finally {
    store.close();
  }
}
