import { join } from 'node:path';
import { Narrowing } from '../../../../shared/advice/narrowing/narrowing.ts';
import type { EvidenceSource } from '../../../../shared/evidence/evidence-source.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { countFiles } from '../../files/count-files.ts';
import type { Analyzed } from '../../results/summary.ts';
import { EVIDENCE } from '../../evidence/evidence-folder.ts';
import type { EvidenceWriter } from '../../evidence/evidence-writer.ts';
import { findLogFiles, type FoundLogs } from '../../files/find-log-files.ts';
import { fileNotes } from '../../files/read-log-file.ts';
import { startProgress } from '../../terminal/progress.ts';
import { readHistory, type GivenInventories } from '../../files/read-inventories.ts';
import { checkReports, writeReports, type ReportOptions } from '../../results/write-reports.ts';

export interface AnalyzeOptions extends ReportOptions {
  readonly inventory: readonly string[];
  readonly logs: readonly string[];
}

/**
 * The main job: inventory and flow logs in, `usage.json`, `usage.csv`, `report.html` and evidence out. Nothing of it counts unless all
 * was read.
 */
export async function analyze(options: AnalyzeOptions): Promise<Analyzed> {
  await checkReports(options);
  const given = await readHistory(options.inventory);
  const found = await findLogFiles(options.logs);
  // What writes Parquet is loaded only when needed.
  const { EvidenceWriter } = await import('../../evidence/evidence-writer.ts');
  const evidence = new EvidenceWriter(join(options.out, EVIDENCE), given.history ? [] : given.newest.rules);
  try {
    return await analyzed(options, given, found, evidence);
  } catch (error) {
    evidence.discard();
    throw error;
  }
}

async function analyzed(
  options: AnalyzeOptions,
  { newest: inventory, history, staleReferences }: GivenInventories,
  found: FoundLogs,
  evidence: EvidenceWriter,
): Promise<Analyzed> {
  const { files } = found;
  const progress = startProgress(files.reduce((sum, { size }) => sum + size, 0));
  const counting = countFiles(files, history ?? inventory, progress, evidence.add);
  const { usage, malformedSamples, emptyFiles, ...read } = await counting.finally(() => {
    progress.stop();
  });
  if (usage.lastEnd < 0) {
    const [first] = malformedSamples;
    const unreadable = first
      ? `; unreadable lines: ${String(usage.fates.malformed)}, the first: ${first.file}:${String(first.line)}: ${first.reason}`
      : '';
    throw new Error(
      `${options.logs.join(', ')}: no flow log record there (files: ${String(files.length)}${unreadable})`,
    );
  }
  // A day of NODATA alone was looked at too.
  for (const day of new Set([...usage.logs.values()].flatMap((days) => [...days.keys()]))) evidence.write(day, []);
  const narrowing = await narrowed(inventory, evidence.source());
  const problems = fileNotes(found, read);
  const counted = { inventory, usage, malformedSamples, narrowing, staleReferences, problems, history };
  const { report, written } = await writeReports(counted, options, (files) => evidence.publish('all', files));
  return {
    report,
    files: files.length - read.otherLogs.length,
    emptyFiles,
    interfaces: inventory.interfaces.size,
    written,
  };
}

/** What the service flows that were just kept say of rules that could be narrower. */
async function narrowed(inventory: Inventory, source: EvidenceSource): Promise<Narrowing> {
  const narrowing = new Narrowing(inventory);
  for (const day of await source.days()) for await (const flow of source.flows(day)) narrowing.add(day, flow);
  return narrowing;
}
