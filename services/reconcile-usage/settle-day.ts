import { UsageBySource } from '../../shared/usage/by-source.ts';
import { coverageOf } from '../../shared/reports/coverage.ts';
import type { Addition, RuleFacts } from '../../shared/usage/addition.ts';
import { addUsage } from '../../shared/usage/merge.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import { emptyUsage, type Usage } from '../../shared/usage/usage.ts';
import { driftOf, unknownShareOf, type Drift } from './compare-counts.ts';
import { missingRecords, total } from '../../shared/usage/missing-records.ts';
import type { Day } from '../../shared/time.ts';

/** Where the counters of days lie. */
export interface Nights {
  /** What was streamed for the day. */
  streamed(day: Day): Promise<Usage>;
  /** What is said of the day now, if a night was settled. */
  settled(day: Day): Promise<Settled | undefined>;
  /**
   * Makes the night what is said of the day, wholly and at once, unless another run was settled since `before` was read:
   * then false, and nothing is changed for whoever reads. May be done again.
   */
  replace(night: SettledRun, before: Settled | undefined): Promise<boolean>;
}

/** One execution for one day. */
export interface Run {
  readonly day: Day;
  /** Letters and digits. */
  readonly id: string;
}

export interface SettledRun {
  readonly run: Run;
  /** Of the day alone, under the run's own source. */
  readonly addition: Addition;
  readonly settled: Settled;
  readonly drift: Drift;
}

/** What was read of some of a day's interfaces. */
export interface Part {
  readonly usage: Usage;
  readonly rules: ReadonlyMap<string, RuleFacts>;
  readonly evidence: readonly string[];
  /** Files that are not of the declared format. */
  readonly foreignFiles: readonly string[];
}

/** What was read of all of a day's interfaces. */
export function mergedParts(parts: readonly Part[]): Part {
  const usage = emptyUsage();
  for (const part of parts) addUsage(usage, part.usage);
  return {
    usage,
    rules: new Map(parts.flatMap(({ rules }) => [...rules])),
    evidence: parts.flatMap(({ evidence }) => evidence),
    foreignFiles: parts.flatMap(({ foreignFiles }) => foreignFiles),
  };
}

export interface SettleOptions {
  /**
   * Writes what has to be there for whoever reads that the day points to the run. Done again by each attempt, and also
   * where another run comes first.
   *
   * @param streamed what was streamed for the day
   */
  readonly beforePointing?: (streamed: Usage) => Promise<void>;
}

/** A day whose night has read less than was streamed, or other than it thought: it must not be replaced. */
export class IncompleteDay extends Error {
  override name = 'IncompleteDay';
}

const REPLACED_KEPT = 50;
const ATTEMPTS = 5;

/**
 * Makes what the night has counted replace the streamed figures of its day. Done twice by one run it is done once.
 *
 * Dies before `replace` has taken effect: what was said of the day stands. After it: a run that finds itself settled, or
 * settled and replaced by another, has nothing left to do.
 *
 * @param part all that was read of the day
 * @throws IncompleteDay if the night has read fewer records than were streamed, in total or of an interface
 */
export async function settleDay(
  run: Run,
  { usage, rules, evidence, foreignFiles }: Part,
  nights: Nights,
  { beforePointing }: SettleOptions = {},
): Promise<Settled> {
  const { day, id } = run;
  const addition: Addition = {
    days: new Map([[day, { sources: new UsageBySource([[{ kind: 'night', run: id }, usage]]), malformedSamples: [] }]]),
    rules,
  };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = await nights.settled(day);
    if (before && [before.run, ...before.replaced].includes(id)) return before;
    const streamed = await nights.streamed(day);
    const reasons = missingRecords(streamed, usage);
    if (total(usage) === 0) reasons.unshift('nothing was read');
    if (foreignFiles.length > 0) reasons.unshift(`${foreignFiles[0]!} has another header than its flow log's format`);
    if (before && total(usage) < before.records) {
      reasons.push(`${total(usage)} records were read, ${before.records} by run ${before.run}`);
    }
    if (reasons.length > 0) throw new IncompleteDay(incompleteText(reasons));
    const drift = driftOf(streamed, usage, day);
    const settled = {
      run: id,
      records: total(usage),
      streamedRecords: total(streamed),
      driftShare: drift.share,
      driftingRules: drift.driftingRules,
      coverage: coverageOf(usage.fates),
      unknownInterfaceShare: unknownShareOf(usage.fates),
      evidence,
      replaced: before ? [before.run, ...before.replaced].slice(0, REPLACED_KEPT) : [],
    };
    await beforePointing?.(streamed);
    if (await nights.replace({ run, addition, settled, drift }, before)) return settled;
  }
  throw new Error(`other runs were settled for the day while run ${id} was at it, ${ATTEMPTS} times`);
}

const REASONS_SHOWN = 3;

function incompleteText(reasons: readonly string[]): string {
  const rest = reasons.length - REASONS_SHOWN;
  return reasons.slice(0, REASONS_SHOWN).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}
