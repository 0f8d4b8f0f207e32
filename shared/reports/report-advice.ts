import { advise, narrowerRules, type Advice } from '../advice/advise.ts';
import type { Narrower, NarrowerOptions } from '../advice/narrowing/narrower.ts';
import type { Narrowing } from '../advice/narrowing/narrowing.ts';
import { nearestRule, type NearestRule } from '../advice/findings/nearest-rule.ts';
import { planRemoval, windowsOf, type EvidenceDays } from '../advice/removal/plan-removal.ts';
import type { Plan } from '../advice/removal/plan.ts';
import { RemovalEvidence } from '../advice/removal/removal-evidence.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { CompiledInventory } from '../matching/compiled-inventory.ts';
import type { RejectedFlow, Usage } from '../usage/usage.ts';
import type { Judged } from '../verdicts/judge.ts';
import { changesReport, evidenceReport } from './build-report.ts';
import { verdictText } from './verdict-text.ts';
import { isoTime, type Day } from '../time.ts';
import type { JudgedRule } from '../advice/judged-rule.ts';
import type { StaleReference } from '../inventory/stale-references.ts';

/** What a report says in addition to figures and verdicts. */
export interface ReportAdvice extends Advice {
  readonly plan: Plan;
  readonly nearest: (flow: RejectedFlow) => NearestRule | undefined;
}

export interface AdviceGrounds {
  /** The newest. */
  readonly inventory: Inventory;
  readonly asOf: number;
  readonly windowDays: number;
  readonly judged: readonly Judged[];
  /** Made by {@link removalEvidence}. */
  readonly evidence: RemovalEvidence;
  readonly evidenceDays: EvidenceDays;
  /** Days whose service flows narrower rules know; by default the same. */
  readonly narrowedDays?: ReadonlySet<Day> | undefined;
  /** Undefined where there are no service flows. */
  readonly narrowing: Narrowing | undefined;
  readonly staleReferences: readonly StaleReference[];
  readonly narrower?: Partial<NarrowerOptions>;
  /** The key of the tag that names owners, before those that are usual. */
  readonly ownerTag?: string | undefined;
}

/** To be fed with the admitting sets of all days that were read. */
export function removalEvidence(inventory: Inventory, options: { asOf: number; windowDays: number }): RemovalEvidence {
  return new RemovalEvidence(inventory, windowsOf(options));
}

export function addSets(evidence: RemovalEvidence, { admittingSets }: Pick<Usage, 'admittingSets'>): void {
  for (const set of admittingSets.values()) evidence.addSet(set);
}

export function reportAdvice(grounds: AdviceGrounds): ReportAdvice {
  const { inventory, asOf, windowDays, judged, evidence, evidenceDays, narrowing, staleReferences } = grounds;
  const { narrower = {}, narrowedDays, ownerTag } = grounds;
  const compiled = new CompiledInventory(inventory);
  const found = narrowerRules({ judged, narrowing, narrower });
  const rules = judged.map((one) => judgedRule(one, found.get(one.rule.ruleId)));
  const plan = planRemoval(rules, inventory, evidence, evidenceDays, {
    asOf,
    windowDays,
    ownerTag,
    narrowedDays,
  });
  const planned = new Set(plan.stages.flatMap(({ removals }) => removals.map(({ rule }) => rule.ruleId)));
  return {
    ...advise({ inventory, judged, narrowing, narrower, staleReferences, planned }, found),
    plan,
    nearest: (flow) => nearestRule(flow, compiled),
  };
}

function judgedRule(
  { rule, verdict, use, lastUsed, evidence, changes }: Judged,
  narrower: Narrower | undefined,
): JudgedRule {
  const { usedTimes, soleTimes, replyTimes, possibleTimes, untrackedReplies } = use;
  return {
    rule,
    report: {
      verdict,
      why: verdictText(verdict, use),
      lastUsed: lastUsed < 0 ? null : isoTime(lastUsed),
      usedTimes,
      soleTimes,
      replyTimes,
      possibleTimes,
      untrackedReplies,
      evidence: evidenceReport(evidence),
      changes: changesReport(changes),
      narrower,
    },
  };
}
