import type { UsageReport } from '../../shared/reports/usage-report.ts';
import { countFiles } from './count-files.ts';
import { findLogFiles } from './find-log-files.ts';
import { startProgress } from './progress.ts';
import { readInventory } from './read-inventory.ts';
import { checkReports, writeReports, type ReportOptions } from './write-reports.ts';

export interface AnalyzeOptions extends ReportOptions {
  readonly inventory: string;
  readonly logs: readonly string[];
}

export interface Analyzed {
  readonly report: UsageReport;
  readonly files: number;
  readonly emptyFiles: readonly string[];
  readonly interfaces: number;
  readonly written: readonly string[];
}

/** The main job: inventory and flow logs in, `usage.json` and `usage.csv` out. Writes nothing unless all was read. */
export async function analyze(options: AnalyzeOptions): Promise<Analyzed> {
  await checkReports(options);
  const inventory = await readInventory(options.inventory);
  const files = await findLogFiles(options.logs);
  const progress = startProgress(files.reduce((sum, { size }) => sum + size, 0));
  const { usage, malformedSamples, emptyFiles } = await countFiles(files, inventory, progress).finally(() => {
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
  const { report, written } = await writeReports({ inventory, usage, malformedSamples }, options);
  return { report, files: files.length, emptyFiles, interfaces: inventory.interfaces.size, written };
}
