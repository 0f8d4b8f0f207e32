import { readFile } from 'node:fs/promises';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { daysRead } from '../../shared/reports/day-quality.ts';
import { usageCsv } from '../../shared/reports/usage-csv.ts';
import {
  usageReport,
  type DayQuality,
  type MalformedSample,
  type UsageReport,
} from '../../shared/reports/usage-report.ts';
import type { Usage } from '../../shared/usage/usage.ts';
import { daysSpanned, windowOf } from '../../shared/usage/window.ts';
import { readExemptions } from '../../shared/verdicts/exemption-list.ts';
import { exemptionProblems, type Exemption } from '../../shared/verdicts/exemption.ts';
import { judge } from '../../shared/verdicts/judge.ts';
import { namedError } from './named-error.ts';
import { checkFolder, writeFiles } from './out-folder.ts';

export interface ReportOptions {
  readonly out: string;
  /** UNIX seconds; by default the latest `end` read. */
  readonly asOf?: number;
  /** By default the UTC days that the logs span, at most 90. */
  readonly windowDays?: number;
  /** UNIX seconds. */
  readonly rulesKnownSince?: number;
  /** A file: rules that are kept on purpose. */
  readonly exemptions?: string;
}

export interface Counted {
  readonly inventory: Inventory;
  readonly usage: Usage;
  readonly malformedSamples: readonly MalformedSample[];
  /** Who counted its days; `read` by default. */
  readonly source?: DayQuality['source'];
}

const DEFAULT_WINDOW_DAYS = 90;

const JSON_NAME = 'usage.json';
const CSV_NAME = 'usage.csv';

/** To be asked before the long reading: see `checkFolder`. */
export async function checkReports({ out, exemptions }: Pick<ReportOptions, 'out' | 'exemptions'>): Promise<void> {
  await checkFolder(out, [JSON_NAME, CSV_NAME]);
  await exemptionsOf(exemptions);
}

/** Judges what was counted, and writes `usage.json` and `usage.csv`. */
export async function writeReports(
  { inventory, usage, malformedSamples, source = 'read' }: Counted,
  options: ReportOptions,
): Promise<{ report: UsageReport; written: readonly string[] }> {
  const asOf = options.asOf ?? usage.lastEnd;
  const windowDays = options.windowDays ?? Math.min(DEFAULT_WINDOW_DAYS, daysSpanned(usage.firstEnd, usage.lastEnd));
  const { rulesKnownSince } = options;
  const listed = await exemptionsOf(options.exemptions);
  const exemptions = new Map(listed.map((one) => [one.ruleId, one]));
  const judged = judge(inventory, usage, { asOf, windowDays, rulesKnownSince, exemptions });
  const report = usageReport(
    {
      asOf,
      windowDays,
      rulesKnownSince,
      window: windowOf(asOf, windowDays),
      observedBy: inventory.flowLogs ? 'flowLogs' : 'records',
      malformedSamples,
      inventoryProblems: [...exemptionProblems(listed, inventory.rules, asOf), ...inventory.problems],
      days: daysRead(usage, source),
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

async function exemptionsOf(path: string | undefined): Promise<readonly Exemption[]> {
  if (path === undefined) return [];
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  return readExemptions(text, path);
}
