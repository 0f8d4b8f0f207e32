import { usageCsv } from '../../shared/reports/usage-csv.ts';
import { usageReport, type UsageReport } from '../../shared/reports/usage-report.ts';
import { daysSpanned, windowOf } from '../../shared/usage/window.ts';
import { judge } from '../../shared/verdicts/judge.ts';
import { countFiles } from './count-files.ts';
import { findLogFiles } from './find-log-files.ts';
import { startProgress } from './progress.ts';
import { checkFolder, writeFiles } from './out-folder.ts';
import { readInventory } from './read-inventory.ts';

export interface AnalyzeOptions {
  readonly inventory: string;
  readonly logs: readonly string[];
  readonly out: string;
  /** UNIX seconds; by default the latest `end` read. */
  readonly asOf?: number;
  /** By default the UTC days that the logs span, at most 90. */
  readonly windowDays?: number;
  /** UNIX seconds. */
  readonly rulesKnownSince?: number;
}

export interface Analyzed {
  readonly report: UsageReport;
  readonly files: number;
  readonly emptyFiles: readonly string[];
  readonly interfaces: number;
  readonly written: readonly string[];
}

const DEFAULT_WINDOW_DAYS = 90;

const JSON_NAME = 'usage.json';
const CSV_NAME = 'usage.csv';

/** The main job: inventory and flow logs in, `usage.json` and `usage.csv` out. Writes nothing unless all was read. */
export async function analyze(options: AnalyzeOptions): Promise<Analyzed> {
  await checkFolder(options.out, [JSON_NAME, CSV_NAME]);
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
  const asOf = options.asOf ?? usage.lastEnd;
  const windowDays = options.windowDays ?? Math.min(DEFAULT_WINDOW_DAYS, daysSpanned(usage.firstEnd, usage.lastEnd));
  const { rulesKnownSince } = options;
  const judged = judge(inventory, usage, { asOf, windowDays, rulesKnownSince });
  const report = usageReport(
    {
      asOf,
      windowDays,
      rulesKnownSince,
      window: windowOf(asOf, windowDays),
      observedBy: inventory.flowLogs ? 'flowLogs' : 'records',
      malformedSamples,
      inventoryProblems: inventory.problems,
    },
    usage,
    judged,
  );
  const written = await writeFiles(options.out, {
    [JSON_NAME]: `${JSON.stringify(report, null, 2)}\n`,
    [CSV_NAME]: usageCsv(report.rules),
  });
  return { report, files: files.length, emptyFiles, interfaces: inventory.interfaces.size, written };
}
