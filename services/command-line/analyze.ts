import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { usageCsv } from '../../shared/reports/usage-csv.ts';
import { usageReport, type UsageReport } from '../../shared/reports/usage-report.ts';
import { daysSpanned, windowOf } from '../../shared/usage/window.ts';
import { judge } from '../../shared/verdicts/judge.ts';
import { countFiles } from './count-files.ts';
import { localLogFiles, type LogFile } from './log-files.ts';
import { startProgress } from './progress.ts';
import { readInventory } from './read-inventory.ts';
import { s3LogFiles } from './s3-log-files.ts';

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

/** The main job: inventory and flow logs in, `usage.json` and `usage.csv` out. Writes nothing unless all was read. */
export async function analyze(options: AnalyzeOptions): Promise<Analyzed> {
  const inventory = await readInventory(options.inventory);
  const files = await logFiles(options.logs);
  const progress = startProgress(files.reduce((sum, { size }) => sum + size, 0));
  const { usage, malformedSamples, emptyFiles } = await countFiles(files, inventory, progress).finally(() => {
    progress.stop();
  });
  if (usage.lastEnd < 0) {
    const [first] = malformedSamples;
    const seen = first
      ? `; the first of ${String(usage.fates.malformed)} unreadable ones: ${first.file} line ${String(first.line)}: ${first.reason}`
      : '';
    throw new Error(`${options.logs.join(', ')}: no flow log record in ${String(files.length)} files${seen}`);
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
  const written = await write(options.out, [
    ['usage.json', `${JSON.stringify(report, null, 2)}\n`],
    ['usage.csv', usageCsv(report.rules)],
  ]);
  return { report, files: files.length, emptyFiles, interfaces: inventory.interfaces.size, written };
}

/** A file that several paths lead to is read once. */
async function logFiles(paths: readonly string[]): Promise<LogFile[]> {
  const byId = new Map<string, LogFile>();
  for (const path of paths) {
    const found = path.startsWith('s3://') ? await s3LogFiles(path) : await localLogFiles(path);
    for (const { id, file } of found) if (!byId.has(id)) byId.set(id, file);
  }
  return [...byId.values()];
}

async function write(folder: string, contents: readonly (readonly [string, string])[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const [name, content] of contents) {
    const path = join(folder, name);
    await writeFileAtomic(path, content);
    written.push(path);
  }
  return written;
}
