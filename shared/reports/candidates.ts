import type { Removal, Stage } from '../advice/removal/plan.ts';
import { VERDICT_KINDS, type VerdictKind } from '../verdicts/verdict.ts';
import type { RuleReport, UsageReport } from './schema.ts';

/** A rule that asks for a decision, and what the plan says of it. */
export interface RuleToDecide {
  readonly rule: RuleReport;
  /** Undefined where the plan does not let it go; without a stage where it is to be changed in code. */
  readonly removal: { readonly stage: Stage | undefined; readonly removal: Removal } | undefined;
  /** Why the plan leaves it where it is; undefined where it does not. */
  readonly skipped: string | undefined;
}

const ASKS: ReadonlySet<VerdictKind> = new Set(['stale', 'unattached', 'redundant']);

/**
 * Rules that are unused or redundant, and all that the plan removes: the highest rank first; of one rank, by verdict and
 * then in the order of the report.
 */
export function candidatesOf({ rules, plan }: UsageReport): RuleToDecide[] {
  const parts: readonly { stage: Stage | undefined; removals: readonly Removal[] }[] = [
    ...(plan?.stages ?? []).map((stage) => ({ stage, removals: stage.removals })),
    { stage: undefined, removals: plan?.inCode ?? [] },
  ];
  const removals = new Map(
    parts.flatMap(({ stage, removals: some }) =>
      some.map((removal) => [removal.rule.ruleId, { stage, removal }] as const),
    ),
  );
  const skipped = new Map((plan?.skipped ?? []).map(({ ruleId, reason }) => [ruleId, reason]));
  return rules
    .filter(({ ruleId, verdict }) => ASKS.has(verdict.kind) || removals.has(ruleId))
    .map((rule) => ({ rule, removal: removals.get(rule.ruleId), skipped: skipped.get(rule.ruleId) }))
    .sort((a, b) => scoreOf(b) - scoreOf(a) || kindOf(a) - kindOf(b));
}

function scoreOf({ rule }: RuleToDecide): number {
  return rule.rank.score;
}

function kindOf({ rule }: RuleToDecide): number {
  return VERDICT_KINDS.indexOf(rule.verdict.kind);
}
