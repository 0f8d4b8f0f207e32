import type { Inventory } from '../../shared/inventory/inventory.ts';
import { usageCsv } from '../../shared/reports/usage-csv.ts';
import { usageReport, type MalformedSample, type UsageReport } from '../../shared/reports/usage-report.ts';
import type { Usage } from '../../shared/usage/usage.ts';
import { daysSpanned, windowOf } from '../../shared/usage/window.ts';
import { judge } from '../../shared/verdicts/judge.ts';
import { checkFolder, writeFiles } from './out-folder.ts';

export interface ReportOptions {
  readonly out: string;
  /** UNIX seconds; by default the latest `end` read. */
  readonly asOf?: number;
  /** By default the UTC days that the logs span, at most 90. */
  readonly windowDays?: number;
  /** UNIX seconds. */
  readonly rulesKnownSince?: number;
}

export interface Counted {
  readonly inventory: Inventory;
  readonly usage: Usage;
  readonly malformedSamples: readonly MalformedSample[];
}

const DEFAULT_WINDOW_DAYS = 90;

const JSON_NAME = 'usage.json';
const CSV_NAME = 'usage.csv';

/** To be asked before the long reading: see `checkFolder`. */
export async function checkReports({ out }: Pick<ReportOptions, 'out'>): Promise<void> {
  await checkFolder(out, [JSON_NAME, CSV_NAME]);
}

/** Judges what was counted, and writes `usage.json` and `usage.csv`. */
export async function writeReports(
  { inventory, usage, malformedSamples }: Counted,
  options: ReportOptions,
): Promise<{ report: UsageReport; written: readonly string[] }> {
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
  return { report, written };
}
