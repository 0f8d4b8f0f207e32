import * as z from 'zod';
import { Narrowing } from '../../shared/advice/narrowing/narrowing.ts';
import type { RemovalEvidence } from '../../shared/advice/removal/removal-evidence.ts';
import type { EvidenceSource } from '../../shared/evidence/evidence-source.ts';
import { rulesExport } from '../../shared/export/rules-export.ts';
import type { DayFacts } from '../../shared/history/day-facts.ts';
import type { DayOfHistory } from '../../shared/history/day-file.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import { DATA_PREFIXES } from '../../shared/names.ts';
import { runId } from '../../shared/night-run.ts';
import { hoursByDay } from '../../shared/reports/day-quality.ts';
import { addSets, removalEvidence, reportAdvice } from '../../shared/reports/report-advice.ts';
import { buildReport } from '../../shared/reports/build-report.ts';
import type { DayQuality, UsageReport } from '../../shared/reports/schema.ts';
import { addUsage } from '../../shared/usage/merge.ts';
import { emptyUsage, FATES, type Usage } from '../../shared/usage/usage.ts';
import { exemptionProblems, exemptionsByRule, type Exemption } from '../../shared/verdicts/exemption.ts';
import { Judge } from '../../shared/verdicts/judge.ts';
import type { LastUse } from '../../shared/verdicts/rule-sums.ts';
import { windowDaysOf } from '../../shared/verdicts/window-tag.ts';
import { DAY_SECONDS, isoDay, isoTime, dayOf, type Day, windowOf, startOfDay } from '../../shared/time.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';
import { onlyRemembered } from '../../shared/inventory/past/past.ts';
import type { RecalledPast } from '../../shared/inventory/past/past-file.ts';
import type { StaleReference } from '../../shared/inventory/stale-references.ts';

/** While its window grows: before it has so many days of its own, a deployment calls nothing unused. */
const LEAST_DAYS = 14;

const EVENT = z.object({ startedAt: z.iso.datetime(), execution: z.string().min(1) });
/** The account as it is now. */
export interface NewestAccount {
  readonly inventory: Inventory;
  readonly staleReferences: readonly StaleReference[];
}

/** One day of which anything was counted. */
export interface CountedDay extends DayOfHistory {
  readonly quality: Omit<DayQuality, 'records' | 'hours' | 'outdated'>;
}

export interface JudgeSettings {
  readonly place: AccountRegion;
  readonly windowDays: number;
  /** Days of which there may be anything, at most. */
  readonly retentionDays: number;
  /** UNIX seconds since when somebody vouches that the rules stand as they do. */
  readonly rulesKnownSince: number | undefined;
  /** The key of the tag that names owners, before those that are usual. */
  readonly ownerTag?: string | undefined;
}

export interface JudgePorts {
  readonly settings: JudgeSettings;
  newest(): Promise<NewestAccount>;
  /** The days from `first` to `last` of which anything was counted, in any order, each once. */
  days(first: Day, last: Day): AsyncIterable<CountedDay>;
  /** What the account remembers; undefined where it was never asked. */
  recalled(): Promise<RecalledPast | undefined>;
  /** What stood when the day began, as far as snapshots tell. */
  standingAt(day: Day): Promise<Pick<DayFacts, 'contents' | 'entries'>>;
  /** Last uses of any day, by id or content. */
  lastUses(rules: readonly Rule[]): Promise<Iterable<readonly [id: string, LastUse]>>;
  exemptions(): Promise<readonly Exemption[]>;
  readonly evidence: EvidenceSource;
  /** Milliseconds left for reading evidence. */
  timeLeft(): number;
  writeReport(key: string, text: string): Promise<void>;
  writeRulesExport(bytes: Uint8Array): Promise<void>;
  report(figures: JudgedFigures): void;
}

export interface JudgedFigures {
  readonly report: UsageReport;
  readonly daysRead: number;
  readonly daysOfEvidence: number;
  /** Why there are fewer days of evidence than there could be. */
  readonly evidenceProblem: string | undefined;
}

/**
 * Judges the rules that stand now by all days of their windows, up to the last that is over, and writes the report. Run
 * again by the same execution it writes the same key again.
 *
 * @returns where the report is: it can be far larger than what a state hands on
 * @throws Error that names what is wrong with the event, and what reading throws: half of the days would give wrong verdicts
 */
export async function judgeNight(event: unknown, ports: JudgePorts): Promise<{ report: string }> {
  const { success, data, error } = EVENT.safeParse(event);
  if (!success) throw new Error(`nothing to judge: ${z.prettifyError(error)}`);
  const startedAt = new Date(data.startedAt);
  const { settings } = ports;
  const asOf = startOfDay(dayOf(startedAt.getTime() / 1000));
  const { windowDays, rulesKnownSince, ownerTag } = settings;
  const window = windowOf(asOf, windowDays);
  const { inventory, staleReferences } = await ports.newest();
  const listed = await ports.exemptions();
  const exemptions = exemptionsByRule(listed, inventory, asOf);
  const judge = new Judge(inventory, { asOf, windowDays, rulesKnownSince, exemptions, leastDays: LEAST_DAYS });
  const { recalled, problems } = await recalledBy(startedAt.getTime() / 1000, ports);
  if (recalled) judge.addPast(recalled.past);
  const firstDay = firstDayOf(inventory.rules, asOf, settings);
  judge.addStanding(await ports.standingAt(firstDay));
  const evidence = removalEvidence(inventory, { asOf, windowDays });
  const beside = emptyUsage();
  const days: DayQuality[] = [];
  const daysRead = new Set<Day>();
  for await (const day of ports.days(firstDay, window.lastDay)) {
    judge.addDay(day.facts, day.usage, day.other, day.quality.incomplete !== null);
    for (const usage of [day.usage, ...(day.other ? [day.other] : [])]) addSets(evidence, usage);
    daysRead.add(day.facts.day);
    if (day.facts.day < window.firstDay) continue;
    addUsage(beside, withoutRules(day.usage));
    // What is seen of the day that is not over is use; that it is not reconciled is nothing that it lacks.
    if (day.facts.day <= window.lastObservedDay) days.push(qualityOf(day));
  }
  judge.addLastUses(await ports.lastUses(inventory.rules));
  const judged = judge.finish();
  const { narrowing, narrowedDays, evidenceProblem } = await narrowed(inventory, firstDay, evidence, ports);
  const input = {
    asOf,
    windowDays,
    rulesKnownSince,
    ownerTag,
    window,
    growth: judge.growth(),
    observedBy: inventory.flowLogs ? ('flowLogs' as const) : ('records' as const),
    malformedSamples: [],
    inventoryProblems: [
      ...exemptionProblems(listed, inventory, asOf),
      ...(evidenceProblem === undefined ? [] : [evidenceProblem]),
      ...problems,
      ...inventory.problems,
    ],
    ...(recalled && { remembered: onlyRemembered(recalled.past, inventory) }),
    days: days.sort((a, b) => (a.day < b.day ? -1 : 1)),
  };
  const advice = reportAdvice({
    inventory,
    asOf,
    windowDays,
    judged,
    evidence,
    narrowing,
    staleReferences,
    ownerTag,
    evidenceDays: { source: 'the days that were counted', days: daysRead },
    narrowedDays,
  });
  const report = buildReport({ ...input, advice, inventory }, beside, judged);
  const key = `${DATA_PREFIXES.reports}${isoDay(window.lastObservedDay)}/${runId(startedAt, data.execution)}/report.json.gz`;
  await ports.writeRulesExport(rulesExport(report, inventory, settings.place));
  await ports.writeReport(key, JSON.stringify(report));
  ports.report({ report, daysRead: daysRead.size, daysOfEvidence: narrowedDays.size, evidenceProblem });
  return { report: key };
}

/** A night has asked until a quarter of an hour before it began; a backfill may be judged at any time until the next one begins. */
const ASKED_SECONDS = DAY_SECONDS;

/** It makes verdicts better founded, and none rests on it alone: where it cannot be read there is none, and the report says so. */
async function recalledBy(startedAt: number, ports: JudgePorts) {
  try {
    const recalled = await ports.recalled();
    if (!recalled) return { recalled, problems: ['nobody asked this account yet what it remembers of its past'] };
    const late = `what the account remembers is known up to ${isoTime(recalled.until)} only, since no later night could ask for all of it: infra/RUNBOOK.md, recall-account-errors`;
    const isLate = recalled.until < startedAt - ASKED_SECONDS;
    const missing = recalled.missing.map((what) => `of what the account remembers is missing: ${what}`);
    return { recalled, problems: [...(isLate ? [late] : []), ...missing, ...recalled.past.problems] };
  } catch (error) {
    return {
      recalled: undefined,
      problems: [`what the account remembers cannot be used: ${(error as Error).message}`],
    };
  }
}

/** What is counted beside the rules: figures of rules are the judge's. */
function withoutRules(usage: Usage): Usage {
  return { ...usage, rules: new Map(), interfaces: new Map(), admittingSets: new Map(), logs: new Map() };
}

function qualityOf({ facts, usage, quality }: CountedDay): DayQuality {
  const hours = hoursByDay(usage).get(facts.day) ?? new Array<number>(24).fill(0);
  const records = FATES.reduce((sum, fate) => sum + usage.fates[fate], 0);
  return { ...quality, records, hours, outdated: facts.outdated };
}

/** Of the longest window. What was counted before changes no verdict; of last uses before, there are rows. */
function firstDayOf(rules: readonly Rule[], asOf: number, { windowDays, retentionDays }: JudgeSettings): Day {
  const longest = Math.max(windowDays, ...new Set(rules.map((rule) => windowDaysOf(rule, windowDays))));
  return Math.max(windowOf(asOf, longest).firstDay, dayOf(asOf) - retentionDays);
}

/** Whatever is kept of a day that was not read to its end would be taken for all of it. */
class OutOfTime extends Error {
  override name = 'OutOfTime';
}

/**
 * From the latest days of evidence on, as many as there is time for: a proposal says of how many days it speaks. It is
 * advice, on which no verdict rests: where evidence cannot be read there is none, and the report says so.
 */
async function narrowed(inventory: Inventory, first: Day, removal: RemovalEvidence, ports: JudgePorts) {
  const narrowing = new Narrowing(inventory);
  const narrowedDays = new Set<Day>();
  let longest = 0;
  try {
    const days = [...(await ports.evidence.days())].filter((one) => one >= first).sort((a, b) => b - a);
    for (const day of days) {
      const before = ports.timeLeft();
      // Twice: a day may well have more than any that came before it.
      if (before <= 2 * longest) break;
      for await (const flow of ports.evidence.flows(day)) {
        if (ports.timeLeft() <= 0) throw new OutOfTime(`reading ${isoDay(day)} took too long`);
        narrowing.add(day, flow);
        // Admitting sets know no peer: only a flow tells whether what would take over admits it today.
        removal.addFlow(flow, day);
      }
      longest = Math.max(longest, before - ports.timeLeft());
      narrowedDays.add(day);
    }
    const isCut = narrowedDays.size < days.length;
    const cut = `narrower rules rest on the latest ${narrowedDays.size} of ${days.length} days of evidence: time ran out`;
    return { narrowing, narrowedDays, evidenceProblem: isCut ? cut : undefined };
  } catch (error) {
    const evidenceProblem = `no narrower rules are proposed: ${(error as Error).message}`;
    return { narrowing: undefined, narrowedDays: new Set<Day>(), evidenceProblem };
  }
}
