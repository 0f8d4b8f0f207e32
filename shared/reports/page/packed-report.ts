import type { GroupPlan, Plan, Removal, Stage } from '../../advice/removal/plan.ts';
import type { DayReport, RuleReport, UsageReport } from '../schema.ts';
import { ruleText } from '../../text/rule-text.ts';
import { dayFromIso, isoDay } from '../../time.ts';

/** Days of use as columns of equal length: a tenth of the text of as many objects. */
export interface PackedHistory {
  /** Days after `window.from`, ascending; negative where a rule's own window is longer. */
  readonly days: readonly number[];
  readonly used: readonly number[];
  readonly replies: readonly number[];
  readonly possible: readonly number[];
  readonly bytes: readonly number[];
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
    rules: report.rules.map((rule) => ({ ...rule, history: packHistory(rule.history, report.window.from) })),
    plan: plan ? packPlan(plan) : null,
  };
}

function packHistory(history: readonly DayReport[], from: string): PackedHistory {
  return {
    days: history.map(({ day }) => daysBetween(from, day)),
    used: history.map(({ usedTimes }) => usedTimes),
    replies: history.map(({ replyTimes }) => replyTimes),
    possible: history.map(({ possibleTimes }) => possibleTimes),
    bytes: history.map(({ bytes }) => bytes),
  };
}

export function unpackHistory({ days, used, replies, possible, bytes }: PackedHistory, from: string): DayReport[] {
  return days.map((day, i) => ({
    day: dayAfter(from, day),
    usedTimes: used[i]!,
    replyTimes: replies[i]!,
    possibleTimes: possible[i]!,
    bytes: bytes[i]!,
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
