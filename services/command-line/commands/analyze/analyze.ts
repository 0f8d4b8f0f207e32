import { join } from 'node:path';
import { Narrowing } from '../../../../shared/advice/narrowing/narrowing.ts';
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
  const narrowing = new Narrowing(given.newest);
  const rules = given.history ? [] : given.newest.rules;
  const evidence = new EvidenceWriter(join(options.out, EVIDENCE), rules, (day, flow) => narrowing.add(day, flow));
  try {
    return await analyzed(options, given, found, evidence, narrowing);
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
  narrowing: Narrowing,
): Promise<Analyzed> {
  const { files } = found;
  const progress = startProgress(files.reduce((sum, { size }) => sum + size, 0));
  const counting = countFiles(files, history ?? inventory, progress, (source) => evidence.hear(source));
  const { usage, isCounted, malformedSamples, emptyFiles, ...read } = await counting.finally(() => {
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
  evidence.settle(isCounted);
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
