import type { RankedFinding } from '../../advice/findings/finding.ts';
import { backInUse, type BackInUse } from '../back-in-use.ts';
import { candidatesOf, type RuleToDecide } from '../candidates.ts';
import type { DayQuality, RuleReport, UsageReport, WentQuiet } from '../schema.ts';
import { daysOfRecords, type DaysOfRecords } from '../days-with-records.ts';
import { VERDICT_KINDS, type VerdictKind } from '../../verdicts/verdict.ts';

export interface QuietRule {
  readonly rule: RuleReport;
  readonly quiet: WentQuiet;
}

export interface RuleBack {
  readonly rule: RuleReport;
  readonly back: BackInUse;
}

/** What a mail says of a report. */
export interface Digest {
  readonly report: UsageReport;
  /** Rules that the plan removes; undefined where none was worked out, or the window is too young for any. */
  readonly toRemove: number | undefined;
  /** Stale or unattached. */
  readonly unused: number;
  readonly verdicts: readonly { readonly kind: VerdictKind; readonly rules: number }[];
  readonly candidates: readonly RuleToDecide[];
  /** Those used on most days before first. */
  readonly wentQuiet: readonly QuietRule[];
  /** Used, and something narrower would do: the highest rank first. */
  readonly tooWide: readonly RuleReport[];
  /** Used again after a long time. */
  readonly back: readonly RuleBack[];
  /** Days whose night has not replaced what was streamed, the newest first. */
  readonly incompleteDays: readonly DayQuality[];
  readonly daysOfRecords: DaysOfRecords;
  readonly groups: number;
  readonly findings: readonly RankedFinding[];
}

export function digestOf(report: UsageReport): Digest {
  const { rules, plan } = report;
  const backOf = backInUse(report);
  const of = (kind: VerdictKind): number => rules.filter(({ verdict }) => verdict.kind === kind).length;
  return {
    report,
    toRemove: report.growth?.planOn ? undefined : plan?.stages.reduce((sum, { removals }) => sum + removals.length, 0),
    unused: of('stale') + of('unattached'),
    verdicts: VERDICT_KINDS.map((kind) => ({ kind, rules: of(kind) })),
    candidates: candidatesOf(report),
    wentQuiet: quietRules(rules),
    tooWide: rules.filter(({ narrower }) => narrower !== null).sort((a, b) => b.rank.score - a.rank.score),
    back: rules.flatMap((rule) => {
      const back = backOf(rule);
      return back ? [{ rule, back }] : [];
    }),
    incompleteDays: report.days.filter(({ incomplete }) => incomplete !== null).reverse(),
    daysOfRecords: daysOfRecords(report),
    groups: new Set(rules.map(({ groupId }) => groupId)).size,
    findings: report.findings,
  };
}

function quietRules(rules: readonly RuleReport[]): QuietRule[] {
  return rules
    .flatMap((rule) => (rule.wentQuiet ? [{ rule, quiet: rule.wentQuiet }] : []))
    .sort((a, b) => b.quiet.usedDays - a.quiet.usedDays || b.quiet.quietDays - a.quiet.quietDays);
}
