import type { Finding } from '../advice/findings/finding.ts';
import type { Plan } from '../advice/removal/plan.ts';
import { compareText } from '../text/compare.ts';
import { backInUse } from './back-in-use.ts';
import { candidatesOf } from './candidates.ts';
import type { RuleReport, UsageReport } from './schema.ts';

/** What a report says to one owner. */
export interface OwnerReport {
  /** Text of others. */
  readonly owner: string;
  /** The report as if there were no other rules. Figures of days and records are those of the whole. */
  readonly report: UsageReport;
  /** Rules of which there is something to tell. */
  readonly toTell: number;
}

export interface ReportByOwner {
  /** Those to whom there is something to tell, the most first. */
  readonly owners: readonly OwnerReport[];
  /** How many others there are. */
  readonly quiet: number;
  /** Rules that nobody is told to own, and of how many of these there is something to tell. */
  readonly unowned: { readonly rules: number; readonly toTell: number };
}

/** The report, cut by owners. While it has no verdicts yet, there is nothing to tell to anybody. */
export function reportByOwner(report: UsageReport): ReportByOwner {
  const byOwner = Map.groupBy(report.rules, ({ owner }) => owner?.name ?? '');
  const parts = [...byOwner].map(([owner, rules]) => {
    const own = partOf(report, rules);
    return { owner, report: own, toTell: report.growth?.verdictsOn ? 0 : toTell(own) };
  });
  const unowned = parts.find(({ owner }) => owner === '');
  const owned = parts.filter(({ owner }) => owner !== '');
  const owners = owned.filter((one) => one.toTell > 0);
  return {
    owners: owners.sort((a, b) => b.toTell - a.toTell || compareText(a.owner, b.owner)),
    quiet: owned.length - owners.length,
    unowned: { rules: unowned?.report.rules.length ?? 0, toTell: unowned?.toTell ?? 0 },
  };
}

/** Candidates, what is too wide, went quiet or is back in use. */
function toTell(report: UsageReport): number {
  const candidates = new Set(candidatesOf(report).map(({ rule }) => rule));
  const backOf = backInUse(report);
  return report.rules.filter(
    (rule) => candidates.has(rule) || rule.narrower !== null || rule.wentQuiet !== null || backOf(rule) !== undefined,
  ).length;
}

function partOf(report: UsageReport, rules: readonly RuleReport[]): UsageReport {
  const ids = new Set(rules.map(({ ruleId }) => ruleId));
  const groups = new Set(rules.map(({ groupId }) => groupId));
  return {
    ...report,
    rules,
    findings: report.findings.filter(({ finding }) => isOf(finding, ids, groups)),
    plan: report.plan && planOf(report.plan, ids, groups),
  };
}

function planOf(plan: Plan, ids: ReadonlySet<string>, groups: ReadonlySet<string>): Plan {
  const own = (removals: Plan['inCode']): Plan['inCode'] => removals.filter(({ rule }) => ids.has(rule.ruleId));
  const stages = plan.stages.map((stage) => ({ ...stage, removals: own(stage.removals) }));
  return {
    ...plan,
    stages: stages.filter(({ removals }) => removals.length > 0),
    inCode: own(plan.inCode),
    skipped: plan.skipped.filter(({ ruleId }) => ids.has(ruleId)),
    ...(plan.groups && { groups: plan.groups.filter(({ groupId }) => groups.has(groupId)) }),
  };
}

function isOf(finding: Finding, ids: ReadonlySet<string>, groups: ReadonlySet<string>): boolean {
  switch (finding.kind) {
    case 'groupOnNoInterface':
      return groups.has(finding.groupId);
    case 'duplicateRules':
      return finding.ruleIds.some((id) => ids.has(id));
    case 'danglingReference':
    case 'coveredByRules':
    case 'openToWorld':
      return ids.has(finding.ruleId);
  }
}
