import type { GroupPlan, Plan, Removal, Stage } from '../../advice/removal/plan.ts';
import type { Advised } from '../next-steps.ts';
import type { DayReport, RuleReport, UsageReport } from '../schema.ts';
import type { PackedRows } from './packed-rows.ts';
import { ruleText } from '../../text/rule-text.ts';
import { dayFromIso, isoDay } from '../../time.ts';

/**
 * Days of use as columns of equal length: a tenth of the text of as many objects. Without their bytes, which would be half
 * of the page, and of which `usage.json` tells.
 */
export interface PackedHistory {
  /** Days after `window.from`, ascending; negative where a rule's own window is longer. */
  readonly days: readonly number[];
  readonly used: readonly number[];
  /** More than `used`: what follows from requests is most of it, and takes no room so. */
  readonly repliesMore: readonly number[];
  readonly possible: readonly number[];
}

export type PageRule = Omit<RuleReport, 'history'> & { readonly history: PackedHistory };
export type PageRemoval = Omit<Removal, 'rule'> & { readonly ruleId: string; readonly groupId: string };
export type PageStage = Omit<Stage, 'removals'> & { readonly removals: readonly PageRemoval[] };
/** What a group could be, without the commands: `plan.md` has them. */
export interface PageGroupPlan extends Pick<GroupPlan, 'groupId' | 'groupName' | 'rules' | 'reason'> {
  /** Undefined where there is no proposal. */
  readonly proposal?: {
    readonly keeps: readonly string[];
    /** In words. */
    readonly adds: readonly string[];
    /** Undefined where a stage removes it for good. */
    readonly removes: readonly { readonly ruleId: string; readonly givesUp: number | undefined }[];
    readonly caveats: readonly string[];
  };
}
export type PagePlan = Omit<Plan, 'stages' | 'inCode' | 'groups'> & {
  readonly groups: readonly PageGroupPlan[];
  readonly stages: readonly PageStage[];
  readonly inCode: readonly PageRemoval[];
};

/** What travels inside the page: the report, less what it says twice. */
export type PageReport = Omit<UsageReport, 'rules' | 'plan'> & {
  readonly rules: readonly PageRule[];
  readonly plan: PagePlan | null;
};

/** As it lies in the file. */
export type ColumnReport = Omit<PageReport, 'rules'> & { readonly rules: PackedRows };

/** Whole days from one UTC day (`YYYY-MM-DD`) to another. */
export function daysBetween(from: string, to: string): number {
  return dayFromIso(to)! - dayFromIso(from)!;
}

/** The UTC day so many days later. */
export function dayAfter(from: string, days: number): string {
  return isoDay(dayFromIso(from)! + days);
}

export function packReport(report: UsageReport): PageReport {
  const { plan } = report;
  return {
    ...report,
    rules: report.rules.map((rule) => ({
      ...rule,
      history: packHistory(rule.history, report.window.from),
      rank: { score: rule.rank.score, exposure: rounded(rule.rank.exposure), idleness: rounded(rule.rank.idleness) },
    })),
    plan: plan ? packPlan(plan) : null,
  };
}

/** As exact as it is shown. */
function rounded(share: number): number {
  return Math.round(100 * share) / 100;
}

function packHistory(history: readonly DayReport[], from: string): PackedHistory {
  return {
    days: history.map(({ day }) => daysBetween(from, day)),
    used: history.map(({ usedTimes }) => usedTimes),
    repliesMore: history.map(({ usedTimes, replyTimes }) => replyTimes - usedTimes),
    possible: history.map(({ possibleTimes }) => possibleTimes),
  };
}

/** A day of use as the page has it; days after `window.from`. */
export interface PageDay extends Pick<DayReport, 'usedTimes' | 'replyTimes' | 'possibleTimes'> {
  readonly offset: number;
}

export function unpackHistory({ days, used, repliesMore, possible }: PackedHistory): PageDay[] {
  return days.map((offset, i) => ({
    offset,
    usedTimes: used[i]!,
    replyTimes: used[i]! + repliesMore[i]!,
    possibleTimes: possible[i]!,
  }));
}

function packPlan(plan: Plan): PagePlan {
  return {
    ...plan,
    stages: plan.stages.map(packStage),
    inCode: plan.inCode.map(packRemoval),
    groups: (plan.groups ?? []).map(packGroupPlan),
  };
}

function packGroupPlan({ groupId, groupName, rules, reason, proposal }: GroupPlan): PageGroupPlan {
  if (!proposal) return { groupId, groupName, rules, reason };
  const { keeps, adds, removes, caveats } = proposal;
  return {
    groupId,
    groupName,
    rules,
    reason,
    proposal: {
      keeps: keeps.map(({ ruleId }) => ruleId),
      adds: adds.map(({ rule }) => ruleText(rule)),
      removes: removes.map(({ ruleId, isNarrowed, givesUp }) => ({
        ruleId,
        givesUp: isNarrowed ? givesUp : undefined,
      })),
      caveats,
    },
  };
}

function packStage(stage: Stage): PageStage {
  return { ...stage, removals: stage.removals.map(packRemoval) };
}

function packRemoval({ rule, ...removal }: Removal): PageRemoval {
  return { ruleId: rule.ruleId, groupId: rule.groupId, ...removal };
}

/** What the next steps are found in. */
export function advisedOf(report: PageReport): Advised {
  const stages = report.plan?.stages.map(({ number, waitDays, removals }) => {
    return { number, waitDays, ruleIds: removals.map(({ ruleId }) => ruleId) };
  });
  return { ...report, stages };
}
