import type { RankedFinding } from '../advice/findings/finding.ts';
import { nameAndId } from '../text/name-and-id.ts';
import { count, figure, percent } from '../text/numbers.ts';
import { ruleText } from '../text/rule-text.ts';
import { canBeDone, isTooWide } from './doable.ts';
import type { RuleReport, UsageReport } from './schema.ts';

/** Something worth a person's next minutes. Holds text of others. */
export interface Step {
  readonly kind: 'remove' | 'finding' | 'quiet' | 'narrow' | 'unused' | 'age' | 'evidence';
  readonly title: string;
  readonly text: string;
  /** 0 to 100, as priorities: the highest of what the step is about; Infinity where others wait for it. */
  readonly score: number;
}

/** Of a report, whole or as a page has it. */
export interface Advised extends Pick<UsageReport, 'findings' | 'growth'> {
  readonly rules: readonly StepRule[];
  /** Undefined where there is no plan. */
  readonly stages: readonly AdvisedStage[] | undefined;
}

export interface AdvisedStage {
  readonly number: number;
  readonly waitDays: number;
  readonly ruleIds: readonly string[];
}

type StepRule = Omit<RuleReport, 'history'>;

const STEPS_SHOWN = 3;

/** The most useful things to do, at most one of each kind: what keeps the plan from advising anything, then by priority. */
export function nextSteps(report: Advised): Step[] {
  const { rules, findings, growth } = report;
  const stages = growth?.planOn ? undefined : report.stages;
  const steps = [
    removeStep(rules, stages),
    findingStep(findings.filter(canBeDone)),
    quietStep(rules.filter(({ wentQuiet }) => wentQuiet !== null)),
    narrowStep(rules.filter(isTooWide)),
    // A plan says better which of the unused rules may go, and in which order.
    stages && stages.length > 0 ? undefined : unusedStep(rules),
    ageStep(rules, stages),
    // Before the first verdicts there is nothing to do but to wait.
    growth?.verdictsOn ? undefined : evidenceStep(rules),
  ];
  return steps
    .filter((step) => step !== undefined)
    .sort((a, b) => b.score - a.score)
    .slice(0, STEPS_SHOWN);
}

function removeStep(rules: readonly StepRule[], stages: Advised['stages'] = []): Step | undefined {
  const [first] = stages;
  if (!first || first.ruleIds.length === 0) return undefined;
  const all = stages.reduce((sum, { ruleIds }) => sum + ruleIds.length, 0);
  const planned = new Set(first.ruleIds);
  const later = all - planned.size;
  return {
    kind: 'remove',
    title: `Remove ${count(planned.size, 'rule')}: stage ${String(first.number)} of the plan`,
    text:
      `Nothing that was observed needs them. Each command has its undo; then wait ${count(first.waitDays, 'day')}` +
      `${later > 0 ? ` before the other ${figure(later)}` : ''}.`,
    score: highest(rules.filter(({ ruleId }) => planned.has(ruleId))),
  };
}

function findingStep(findings: readonly RankedFinding[]): Step | undefined {
  const [first, ...others] = findings;
  if (!first) return undefined;
  return {
    kind: 'finding',
    title: FINDING_TITLES[first.finding.kind],
    text: `${first.text}${others.length > 0 ? ` And ${count(others.length, 'other finding')}.` : ''}`,
    score: first.rank,
  };
}

const FINDING_TITLES: Readonly<Record<RankedFinding['finding']['kind'], string>> = {
  groupOnNoInterface: 'Ask whether a group is still wanted',
  danglingReference: 'Mend a rule that refers to what is gone',
  coveredByRules: 'Drop a rule that others cover',
  duplicateRules: 'Drop a rule that is there twice',
  openToWorld: 'Close a service to the world',
};

function quietStep(quiet: readonly StepRule[]): Step | undefined {
  const [first] = byRank(quiet);
  if (!first?.wentQuiet) return undefined;
  const { usedDays, quietDays, lastDay } = first.wentQuiet;
  return {
    kind: 'quiet',
    title: `Ask why ${count(quiet.length, 'rule')} went quiet`,
    text:
      `${groupOf(first)}, ${ruleText(first)}: used on ${count(usedDays, 'day')} until ${lastDay}, and not on the ` +
      `${count(quietDays, 'day')} since. Switched off on purpose, or broken?`,
    score: highest(quiet),
  };
}

function narrowStep(wide: readonly StepRule[]): Step | undefined {
  const [first] = byRank(wide);
  if (!first?.narrower) return undefined;
  const { givesUp, serviceFlows, days } = first.narrower;
  return {
    kind: 'narrow',
    title: `Narrow ${count(wide.length, 'rule')} to what is used`,
    text:
      `${groupOf(first)}, ${ruleText(first)}: narrower rules would admit what was seen ` +
      `(${count(serviceFlows, 'service flow')} on ${count(days, 'day')}) and give up ${percent(givesUp)} of what it opens.`,
    score: highest(wide),
  };
}

function unusedStep(rules: readonly StepRule[]): Step | undefined {
  const stale = rules.filter(({ verdict }) => verdict.kind === 'stale');
  const [first] = byRank(stale);
  if (!first) return undefined;
  return {
    kind: 'unused',
    title: `Review ${count(stale.length, 'stale rule')}`,
    text: `Start with ${groupOf(first)}, ${ruleText(first)}. Stale is no order to remove: ask its owner first.`,
    score: highest(stale),
  };
}

function ageStep(rules: readonly StepRule[], stages: Advised['stages']): Step | undefined {
  const aged = rules.filter(isAgeUnknown);
  if (aged.length === 0) return undefined;
  return {
    kind: 'age',
    title: 'Say since when the rules stand',
    text:
      `The age of ${count(aged.length, 'unused rule')} is unknown, so no plan removes them. Ask what the account ` +
      'remembers (snapshot --history), take snapshots every day, or vouch for a date with --rules-known-since.',
    score: stages?.length === 0 ? Infinity : 0,
  };
}

function evidenceStep(rules: readonly StepRule[]): Step | undefined {
  const unseen = rules.filter(({ verdict }) => verdict.kind === 'notObserved');
  if (unseen.length === 0) return undefined;
  return {
    kind: 'evidence',
    title: `Find evidence for ${count(unseen.length, 'rule')}`,
    text: 'Nothing can be said of them, and each says why: flow logs that are missing, gaps, traffic that is never logged.',
    score: 0,
  };
}

/** Its verdict would call it unused, but for the window nobody can tell how long it has been there. */
export function isAgeUnknown({ verdict }: Pick<RuleReport, 'verdict'>): boolean {
  return 'ageUnknown' in verdict && verdict.ageUnknown;
}

function groupOf({ groupName, groupId }: StepRule): string {
  return nameAndId(groupName, groupId);
}

function byRank(rules: readonly StepRule[]): StepRule[] {
  return [...rules].sort((a, b) => b.rank.score - a.rank.score);
}

function highest(rules: readonly StepRule[]): number {
  return rules.reduce((most, { rank }) => Math.max(most, rank.score), 0);
}
