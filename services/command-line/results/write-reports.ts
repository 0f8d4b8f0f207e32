import { join } from 'node:path';
import type { InventoryHistory } from '../../../shared/history/inventory-history.ts';
import type { Narrowing } from '../../../shared/advice/narrowing/narrowing.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { ruleDaysExport, rulesExport } from '../../../shared/export/rules-export.ts';
import { candidatesCsv } from '../../../shared/reports/candidates-csv.ts';
import { candidatesOf } from '../../../shared/reports/candidates.ts';
import { reportOfUsage } from '../../../shared/reports/report-of-usage.ts';
import { spreadsheetFile, usageCsv } from '../../../shared/reports/usage-csv.ts';
import type { DayQuality, UsageReport } from '../../../shared/reports/schema.ts';
import type { Usage } from '../../../shared/usage/usage.ts';
import { exemptionsIn } from '../files/read-exemptions.ts';
import { exemptionProblems, exemptionsByRule } from '../../../shared/verdicts/exemption.ts';
import { pageScript } from './page-script.ts';
import { reportPage } from '../../../shared/reports/page/report-page.ts';
import { FileSet } from '../../../shared/disk/file-set.ts';
import { checkFolder } from './out-folder.ts';
import { dayOf, daysSpanned, isoTime, startOfDay } from '../../../shared/time.ts';
import type { MalformedSample } from '../../../shared/flowlogs/malformed.ts';
import type { StaleReference } from '../../../shared/inventory/stale-references.ts';

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
  /** The key of the tag that names owners, before those that are usual. */
  readonly ownerTag?: string;
}

export interface AnalyzedUsage {
  readonly inventory: Inventory;
  readonly usage: Usage;
  readonly malformedSamples: readonly MalformedSample[];
  /** Who counted its days; `read` by default. */
  readonly source?: DayQuality['source'];
  /** Undefined where no service flows were kept. */
  readonly narrowing?: Narrowing;
  readonly staleReferences?: readonly StaleReference[];
  /** What is wrong with the files, for the report. */
  readonly problems?: readonly string[];
  /** What each day was held against, where that is not one inventory. */
  readonly history?: InventoryHistory | undefined;
}

const DEFAULT_WINDOW_DAYS = 90;

const JSON_NAME = 'usage.json';
const CSV_NAME = 'usage.csv';
const PAGE_NAME = 'report.html';
const RULES_TABLE_NAME = 'rules.parquet';
const USAGE_TABLE_NAME = 'usage.parquet';
const CANDIDATES_NAME = 'candidates.csv';

/** To be asked before the long reading: see `checkFolder`. */
export async function checkReports({ out, exemptions }: Pick<ReportOptions, 'out' | 'exemptions'>): Promise<void> {
  await checkFolder(out, [JSON_NAME, CSV_NAME, PAGE_NAME, RULES_TABLE_NAME, USAGE_TABLE_NAME]);
  await exemptionsIn(exemptions);
}

/**
 * Judges what was counted, and writes `usage.json`, `usage.csv` and `report.html`: all of them, or none.
 *
 * @param commit puts them into their places, with whatever else is of the same run
 * @throws Error that names the file that could not be written; former ones are as they were
 */
export async function writeReports(
  { inventory, usage, malformedSamples, source = 'read', narrowing, staleReferences, ...more }: AnalyzedUsage,
  options: ReportOptions,
  commit?: (files: FileSet) => Promise<void>,
): Promise<{ report: UsageReport; written: readonly string[] }> {
  const latest = latestEnd(usage, Date.now() / 1000);
  const asOf = options.asOf ?? latest;
  const windowDays = options.windowDays ?? Math.min(DEFAULT_WINDOW_DAYS, daysSpanned(usage.firstEnd, latest));
  const { rulesKnownSince } = options;
  const listed = await exemptionsIn(options.exemptions);
  const exemptions = exemptionsByRule(listed, inventory, asOf);
  const future =
    latest < usage.lastEnd ? [`a record ends in the future, at ${isoTime(usage.lastEnd)}: it moves no window`] : [];
  const problems = [...future, ...(more.problems ?? []), ...exemptionProblems(listed, inventory, asOf)];
  const counted = {
    inventory,
    usage,
    malformedSamples,
    source,
    narrowing,
    staleReferences,
    problems,
    history: more.history,
  };
  const report = reportOfUsage(counted, { asOf, windowDays, rulesKnownSince, exemptions, ownerTag: options.ownerTag });
  const files = { ...(await filesOf(report)), ...tablesOf(report, inventory) };
  return { report, written: await write(options.out, files, commit) };
}

/** The latest `end`; where that is in the future, the end of the last day before of which anything was read. */
function latestEnd({ lastEnd, interfaces }: Usage, now: number): number {
  if (lastEnd <= now) return lastEnd;
  const days = [...interfaces.values()].flatMap((some) => [...some.keys()]).filter((day) => day <= dayOf(now));
  return days.length > 0 ? Math.min(startOfDay(Math.max(...new Set(days)) + 1), lastEnd) : lastEnd;
}

async function filesOf(report: UsageReport): Promise<Record<string, string>> {
  return {
    [JSON_NAME]: `${JSON.stringify(report, null, 2)}\n`,
    [CSV_NAME]: usageCsv(report.rules),
    [PAGE_NAME]: reportPage(report, await pageScript()),
  };
}

/** For whoever asks with SQL: `docs/duckdb.md`. */
function tablesOf(report: UsageReport, inventory: Inventory): Record<string, Uint8Array> {
  return {
    [RULES_TABLE_NAME]: rulesExport(report, inventory),
    [USAGE_TABLE_NAME]: ruleDaysExport(report),
  };
}

/** To be asked before a report is read: see `checkFolder`. */
export async function checkDeployedReport(out: string): Promise<void> {
  await checkFolder(out, [JSON_NAME, CSV_NAME, CANDIDATES_NAME, PAGE_NAME]);
}

/** Writes the files of a report that a deployment made, `candidates.csv` as its mail has it. */
export async function writeDeployedReport(report: UsageReport, out: string): Promise<string[]> {
  const candidates = spreadsheetFile(candidatesCsv(candidatesOf(report))).toString('utf8');
  return write(out, { ...(await filesOf(report)), [CANDIDATES_NAME]: candidates });
}

/** Writes a report that was made from others; @param commit as in {@link writeReports} */
export async function writeMergedReport(
  report: UsageReport,
  out: string,
  commit: (files: FileSet) => Promise<void>,
): Promise<string[]> {
  return write(out, await filesOf(report), commit);
}

async function write(
  folder: string,
  contents: Readonly<Record<string, string | Uint8Array>>,
  commit = (files: FileSet): Promise<void> => Promise.resolve(void files.commit()),
): Promise<string[]> {
  const files = new FileSet();
  const paths = Object.keys(contents).map((name) => join(folder, name));
  Object.values(contents).forEach((content, i) => files.add(paths[i]!, content));
  await commit(files);
  return paths;
}
