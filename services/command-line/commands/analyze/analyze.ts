import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { scratchName } from '../../../../shared/disk/scratch.ts';
import type { Narrowing } from '../../../../shared/advice/narrowing/narrowing.ts';
import { ownAccounts, unitedAccounts } from '../../../../shared/inventory/accounts.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { readAccountNames } from '../../files/read-inventory.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { sourceText } from '../../../../shared/usage/source.ts';
import type { Usage } from '../../../../shared/usage/usage.ts';
import { EVIDENCE } from '../../evidence/evidence-folder.ts';
import { evidenceRun, type EvidenceWriter } from '../../evidence/evidence-writer.ts';
import { rangesOf } from '../../evidence/shared-flows.ts';
import { inReadingOrder, mergeFindings, type FileCounts, type FileFindings } from '../../files/count-files.ts';
import { addDays, decideDays, type DayCounts } from '../../files/day-counts.ts';
import { endDeal, newDeal, threadsFor } from '../../files/deal-files.ts';
import { findLogFiles } from '../../files/find-log-files.ts';
import { refOf } from '../../files/log-files.ts';
import { askedText, type LogOptions } from '../../files/asked-days.ts';
import { fileNotes } from '../../files/read-log-file.ts';
import { readHistory } from '../../files/read-inventories.ts';
import type { Analyzed } from '../../results/summary.ts';
import { checkReports, writeReports, type ReportOptions } from '../../results/write-reports.ts';
import { startProgress } from '../../terminal/progress.ts';
import { AnalyzePart, isCountedBy, type AnalyzeTask, type DecidedSources } from './analyze-part.ts';
import type { ThreadCounts } from './analyze-thread.ts';
import { AnalyzeThread, endThreads, ThreadError } from './analyze-threads.ts';
import { boundYoungObjects } from './memory.ts';

export interface AnalyzeOptions extends ReportOptions, LogOptions {
  readonly inventory: readonly string[];
  readonly logs: readonly string[];
  /** What `aws organizations list-accounts` printed. */
  readonly accounts?: string;
  /** By default as many as there are processors, fewer where there is little to read. */
  readonly threads?: number;
}

/** What all files say together. */
interface Counted {
  readonly usage: Usage;
  readonly findings: FileFindings;
  readonly narrowing: Narrowing;
  readonly evidence: EvidenceWriter;
}

const STRANGERS_SHOWN = 5;
/** How often is shown how far other threads are, while this one waits for them. */
const SHOWN_EVERY_MS = 200;
/** How often is looked, while inventories are read, whether the room for young objects is enough. */
const BOUNDED_EVERY_MS = 10;

/**
 * The main job: inventory and flow logs in, `usage.json`, `usage.csv`, `report.html` and evidence out. Nothing of it counts unless all
 * was read. What is written does not depend on the number of threads.
 */
export async function analyze(options: AnalyzeOptions): Promise<Analyzed> {
  boundYoungObjects();
  await checkReports(options);
  const names = options.accounts === undefined ? undefined : await readAccountNames(options.accounts);
  const found = await findLogFiles(options.logs, options);
  const files = inReadingOrder(found.files).map(refOf);
  const threads = Math.min(files.length, options.threads ?? threadsFor(files, availableParallelism()));
  const task: AnalyzeTask = {
    inventory: options.inventory,
    files,
    access: options,
    deal: newDeal(files.length),
    read: new Float64Array(new SharedArrayBuffer(16 * threads)),
    evidenceFolder: join(options.out, EVIDENCE),
    run: evidenceRun(),
    scratch: Array.from({ length: threads }, scratchName),
  };
  const others = Array.from({ length: threads - 1 }, (_, i) => new AnalyzeThread(task, i + 1));
  let part: AnalyzePart | undefined;
  const analyzed = async (): Promise<Analyzed> => {
    const given = await readHistory(options.inventory);
    part = new AnalyzePart(task, 0, given);
    const { history, staleReferences } = given;
    const inventory = named(given.newest, names);
    const { usage, findings, narrowing, evidence } = await counted(task, part, others, options);
    const { malformedSamples, emptyFiles, otherLogs } = findings;
    mustBeOf(inventory, usage);
    await endThreads(others, task);
    const problems = fileNotes(found, findings);
    const told = { inventory, usage, malformedSamples, narrowing, staleReferences, problems, history };
    const { report, written } = await writeReports(told, options, (set) => evidence.publish('all', set));
    const read = files.length - otherLogs.length;
    return { report, files: read, emptyFiles, interfaces: inventory.interfaces.size, written };
  };
  const bounding = setInterval(boundYoungObjects, BOUNDED_EVERY_MS);
  try {
    try {
      return await analyzed();
    } finally {
      clearInterval(bounding);
      await endThreads(others, task);
    }
  } catch (error) {
    part?.evidence.discard();
    throw error;
  }
}

function named(inventory: Inventory, names: Inventory['accounts']): Inventory {
  const accounts = unitedAccounts(names, inventory.accounts);
  return accounts ? { ...inventory, accounts } : inventory;
}

/**
 * Whoever gives the logs of other accounts alone gets no report of which all is unknown.
 *
 * @throws Error that names the accounts, and the way out
 */
function mustBeOf(inventory: Inventory, { accounts, interfaces }: Usage): void {
  const own = ownAccounts(inventory);
  const strangers = [...accounts.keys()];
  if (!own || interfaces.size > 0 || strangers.length === 0 || strangers.some((id) => id === '' || own.has(id))) return;
  const [shown, more] = [strangers.sort(compareText).slice(0, STRANGERS_SHOWN), strangers.length - STRANGERS_SHOWN];
  throw new Error(
    `the logs are of ${count(strangers.length, 'account')} (${shown.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}), the ` +
      `inventory is of ${[...own].sort(compareText).join(', ')}: no record is of an interface in it; take theirs with ` +
      `'stale-sg snapshot --out DIR' and their credentials, and give it with --inventory`,
  );
}

/** Counts in all threads, decides what counts, and has all of them write evidence. */
async function counted(
  task: AnalyzeTask,
  part: AnalyzePart,
  others: readonly AnalyzeThread[],
  { logs }: AnalyzeOptions,
): Promise<Counted> {
  const { narrowing, evidence } = part;
  const { own, some } = await inAll(task, part, others);
  const { days } = own;
  for (const { usage, sources } of some) addDays(days, { usage, sources });
  const findings = mergeFindings([own.findings, ...some.map((one) => one.findings)]);
  const isCounted = decideDays(days);
  const { usage } = days;
  if (usage.lastEnd < 0) {
    const [first] = findings.malformedSamples;
    const unreadable = first
      ? `; unreadable lines: ${String(usage.fates.malformed)}, the first: ${first.file}:${String(first.line)}: ${first.reason}`
      : '';
    const asked = task.files[0]?.asked;
    const days = asked ? ` of ${askedText(asked)}` : '';
    throw new Error(
      `${logs.join(', ')}: no flow log record${days} there (files: ${String(task.files.length)}${unreadable})`,
    );
  }
  // A day of NODATA alone was looked at too.
  for (const day of new Set([...usage.logs.values()].flatMap((ofLog) => [...ofLog.keys()]))) evidence.write(day);
  if (others.length === 0) evidence.settle(isCounted);
  else {
    const shared = [evidence.share(), ...some.map(({ flows }) => flows)];
    const decided = decidedSources(days, isCounted);
    const [first, ...ranges] = rangesOf(shared, shared.length);
    const settling = ranges.map((range, i) => others[i]!.settle({ shared, range, decided }));
    for (const one of settling) one.catch(() => undefined);
    evidence.settleRange(shared, first!, isCountedBy(decided));
    for (const { parts, narrowing: more } of await Promise.all(settling)) {
      evidence.addParts(parts);
      narrowing.merge(more);
    }
  }
  return { usage, findings, narrowing, evidence };
}

/** Counts in all threads. Of several errors it throws that of the first file. */
async function inAll(
  task: AnalyzeTask,
  part: AnalyzePart,
  others: readonly AnalyzeThread[],
): Promise<{ own: FileCounts; some: readonly ThreadCounts[] }> {
  const progress = startProgress(task.files.reduce((sum, { size }) => sum + size, 0));
  const show = (): void => {
    const sum = (first: number): number => task.read.reduce((all, read, i) => (i % 2 === first ? all + read : all), 0);
    progress.update(sum(0), sum(1));
  };
  const timer = setInterval(show, SHOWN_EVERY_MS);
  try {
    const own = part.count(show).catch((error: unknown) => {
      endDeal(task.deal);
      throw others.length === 0 ? error : new ThreadError({ message: (error as Error).message, file: part.file });
    });
    const ended = await Promise.allSettled([own, ...others.map((other) => other.counted)]);
    const failed = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    const fileOf = (error: Error): string => (error instanceof ThreadError ? error.file : '');
    failed.sort((a, b) => compareText(fileOf(a), fileOf(b)));
    if (failed[0]) throw failed[0];
    return { own: await own, some: await Promise.all(others.map(({ counted }) => counted)) };
  } finally {
    clearInterval(timer);
    progress.stop();
  }
}

/** By day, what counts of that which may not. */
function decidedSources({ sources }: DayCounts, isCounted: ReturnType<typeof decideDays>): DecidedSources {
  return new Map(
    [...sources].map(([day, ofDay]) => {
      const counting = [...ofDay].filter(([source]) => source.kind !== 'stream' && isCounted(day, source));
      return [day, new Set(counting.map(([source]) => sourceText(source)))];
    }),
  );
}
