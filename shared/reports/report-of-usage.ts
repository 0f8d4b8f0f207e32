import type { Narrowing } from '../advice/narrowing/narrowing.ts';
import type { InventoryHistory } from '../history/inventory-history.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { onlyRemembered } from '../inventory/past/past.ts';
import type { Usage } from '../usage/usage.ts';
import { judgeOf, type JudgeOptions } from '../verdicts/judge.ts';
import { daysRead } from './day-quality.ts';
import { addSets, removalEvidence, reportAdvice } from './report-advice.ts';
import { buildReport } from './build-report.ts';
import type { DayQuality, UsageReport } from './schema.ts';
import { dayFromIso, dayOf, isoTime, windowOf } from '../time.ts';
import type { MalformedSample } from '../flowlogs/malformed.ts';
import type { StaleReference } from '../inventory/stale-references.ts';

/** What was counted at once, against one inventory. */
export interface CountedOnce {
  readonly inventory: Inventory;
  readonly usage: Usage;
  readonly malformedSamples: readonly MalformedSample[];
  /** Who counted its days. */
  readonly source: DayQuality['source'];
  /** Undefined where no service flows were kept. */
  readonly narrowing?: Narrowing | undefined;
  readonly staleReferences?: readonly StaleReference[] | undefined;
  /** What else is wrong, for the report. */
  readonly problems?: readonly string[];
  /** What each day was held against, where that is not `inventory`, which is the newest then. */
  readonly history?: InventoryHistory | undefined;
}

/** Judges what was counted against one inventory, with all that a report says. */
export function reportOfUsage(
  counted: CountedOnce,
  options: JudgeOptions & { readonly ownerTag?: string | undefined },
): UsageReport {
  const {
    inventory,
    usage,
    malformedSamples,
    source,
    narrowing,
    staleReferences = [],
    problems = [],
    history,
  } = counted;
  const { asOf, windowDays, rulesKnownSince } = options;
  const judge = judgeOf(inventory, usage, options, history);
  const judged = judge.finish();
  const evidence = removalEvidence(inventory, options);
  addSets(evidence, usage);
  const days = new Set([...usage.logs.values()].flatMap((some) => [...some.keys()]));
  const advice = reportAdvice({
    inventory,
    asOf,
    windowDays,
    judged,
    evidence,
    narrowing,
    staleReferences,
    // Few days are told beside the proposal.
    narrower: { minDays: 1 },
    ownerTag: options.ownerTag,
    evidenceDays: { source: 'the flow logs that were read', days: days.add(dayOf(asOf - 1)) },
  });
  const input = {
    asOf,
    windowDays,
    rulesKnownSince,
    malformedSamples,
    advice,
    inventory,
    ownerTag: options.ownerTag,
    window: windowOf(asOf, windowDays),
    growth: judge.growth(),
    observedBy: inventory.flowLogs ? ('flowLogs' as const) : ('records' as const),
    inventoryProblems: [...problems, ...inventory.problems],
    ...(history?.past && { remembered: onlyRemembered(history.past, inventory) }),
    days: daysRead(usage, source).map((day) => ({
      ...day,
      ...heldAgainst(day.day, history),
    })),
  };
  return buildReport(input, usage, judged);
}

function heldAgainst(day: string, history: InventoryHistory | undefined): Pick<DayQuality, 'outdated' | 'heldAgainst'> {
  if (history?.isDated !== true) return { outdated: false, heldAgainst: null };
  const { moments, assumed, outdated } = history.inForceOn(dayFromIso(day)!);
  return { outdated, heldAgainst: { snapshots: moments.map(({ takenAt }) => isoTime(takenAt)), assumed } };
}
