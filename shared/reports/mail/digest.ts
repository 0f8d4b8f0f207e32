import type { RankedFinding } from '../../advice/findings/finding.ts';
import { backInUse, type BackInUse } from '../back-in-use.ts';
import { candidatesOf, type RuleToDecide } from '../candidates.ts';
import { isOfDefaultGroup, isTooWide } from '../doable.ts';
import { nextSteps, type Step } from '../next-steps.ts';
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
  /** Days of the window whose night has not replaced what was streamed, the newest first. */
  readonly incompleteDays: readonly DayQuality[];
  readonly daysOfRecords: DaysOfRecords;
  readonly groups: number;
  /** Less those of default groups, which are told at once. */
  readonly findings: readonly RankedFinding[];
  /** The first of what the page has as next steps, and how many more there are there. */
  readonly doFirst: Step | undefined;
  readonly stepsAfter: number;
}

export function digestOf(report: UsageReport): Digest {
  const { rules, plan } = report;
  const backOf = backInUse(report);
  const records = daysOfRecords(report);
  const stages = plan?.stages.map(({ number, waitDays, removals }) => {
    return { number, waitDays, ruleIds: removals.map(({ rule }) => rule.ruleId) };
  });
  const [doFirst, ...after] = nextSteps({ ...report, stages });
  const of = (kind: VerdictKind): number => rules.filter(({ verdict }) => verdict.kind === kind).length;
  return {
    report,
    toRemove: report.growth?.planOn ? undefined : plan?.stages.reduce((sum, { removals }) => sum + removals.length, 0),
    unused: of('stale') + of('unattached'),
    verdicts: VERDICT_KINDS.map((kind) => ({ kind, rules: of(kind) })),
    candidates: candidatesOf(report),
    wentQuiet: quietRules(rules),
    tooWide: rules.filter(isTooWide).sort((a, b) => b.rank.score - a.rank.score),
    back: rules.flatMap((rule) => {
      const back = backOf(rule);
      return back ? [{ rule, back }] : [];
    }),
    incompleteDays: report.days.filter((one) => isLacking(one, report.window, records)).reverse(),
    daysOfRecords: records,
    groups: new Set(rules.map(({ groupId }) => groupId)).size,
    findings: report.findings.filter((found) => !isOfDefaultGroup(found)),
    doFirst,
    stepsAfter: after.length,
  };
}

/** Of the window, and of the time in which there were logs: what came before lacks nothing. */
function isLacking(
  { day, incomplete }: DayQuality,
  { from, to }: UsageReport['window'],
  { begin = from }: DaysOfRecords,
): boolean {
  return incomplete !== null && day >= from && day >= begin && day <= to;
}

function quietRules(rules: readonly RuleReport[]): QuietRule[] {
  return rules
    .flatMap((rule) => (rule.wentQuiet ? [{ rule, quiet: rule.wentQuiet }] : []))
    .sort((a, b) => b.quiet.usedDays - a.quiet.usedDays || b.quiet.quietDays - a.quiet.quietDays);
}
