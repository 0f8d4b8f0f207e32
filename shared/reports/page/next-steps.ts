import type { RankedFinding } from '../../advice/findings/finding.ts';
import type { PageReport, PageRule } from './packed-report.ts';
import { placeHash } from './place.ts';
import { hasGoneQuiet, isTooWide, NO_FILTER } from './rows.ts';
import { groupText } from './text.ts';
import { ruleText } from '../../text/rule-text.ts';
import { count, figure, percent } from '../../text/numbers.ts';

/** Something worth a person's next minutes. */
export interface Step {
  readonly title: string;
  readonly text: string;
  readonly hash: string;
  /** 0 to 100, as ranks: the highest of what the step is about; Infinity where others wait for it. */
  readonly score: number;
}

const STEPS_SHOWN = 3;

/** The most useful things to do, at most one of each kind: what keeps the plan from advising anything, then by rank. */
export function nextSteps(report: PageReport): Step[] {
  const { rules, findings, plan } = report;
  const steps = [
    removeStep(report),
    findingStep(findings),
    quietStep(rules.filter(hasGoneQuiet)),
    narrowStep(rules.filter(isTooWide)),
    // A plan says better which of the unused rules may go, and in which order.
    plan && plan.stages.length > 0 ? undefined : unusedStep(rules),
    ageStep(report),
    evidenceStep(rules),
  ];
  return steps
    .filter((step) => step !== undefined)
    .sort((a, b) => b.score - a.score)
    .slice(0, STEPS_SHOWN);
}

function removeStep({ plan, rules }: PageReport): Step | undefined {
  const [first] = plan?.stages ?? [];
  if (!plan || !first || first.removals.length === 0) return undefined;
  const all = plan.stages.reduce((sum, { removals }) => sum + removals.length, 0);
  const planned = new Set(first.removals.map(({ ruleId }) => ruleId));
  const later = all - planned.size;
  return {
    title: `Remove ${count(planned.size, 'rule')}: stage ${String(first.number)} of the plan`,
    text:
      `Nothing that was observed needs them. Each command has its undo; then wait ${count(first.waitDays, 'day')}` +
      `${later > 0 ? ` before the other ${figure(later)}` : ''}.`,
    hash: placeHash({ view: 'plan' }),
    score: highest(rules.filter(({ ruleId }) => planned.has(ruleId))),
  };
}

function findingStep(findings: readonly RankedFinding[]): Step | undefined {
  const [first, ...others] = findings;
  if (!first) return undefined;
  return {
    title: FINDING_TITLES[first.finding.kind],
    text: `${first.text}${others.length > 0 ? ` And ${count(others.length, 'other finding')}.` : ''}`,
    hash: placeHash({ view: 'findings' }),
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

function quietStep(quiet: readonly PageRule[]): Step | undefined {
  const [first] = byRank(quiet);
  if (!first?.wentQuiet) return undefined;
  const { usedDays, quietDays, lastDay } = first.wentQuiet;
  return {
    title: `Ask why ${count(quiet.length, 'rule')} went quiet`,
    text:
      `${groupText(first)}, ${ruleText(first)}: used on ${count(usedDays, 'day')} until ${lastDay}, and not on the ` +
      `${count(quietDays, 'day')} since. Switched off on purpose, or broken?`,
    hash: placeHash({ view: 'rules', filter: { ...NO_FILTER, wentQuiet: true } }),
    score: highest(quiet),
  };
}

function narrowStep(wide: readonly PageRule[]): Step | undefined {
  const [first] = byRank(wide);
  if (!first?.narrower) return undefined;
  const { givesUp, serviceFlows, days } = first.narrower;
  return {
    title: `Narrow ${count(wide.length, 'rule')} to what is used`,
    text:
      `${groupText(first)}, ${ruleText(first)}: narrower rules would admit what was seen ` +
      `(${count(serviceFlows, 'service flow')} on ${count(days, 'day')}) and give up ${percent(givesUp)} of what it opens.`,
    hash: placeHash({ view: 'rules', filter: { ...NO_FILTER, tooWide: true } }),
    score: highest(wide),
  };
}

function unusedStep(rules: readonly PageRule[]): Step | undefined {
  const stale = rules.filter(({ verdict }) => verdict.kind === 'stale');
  const [first] = byRank(stale);
  if (!first) return undefined;
  return {
    title: `Review ${count(stale.length, 'stale rule')}`,
    text: `Start with ${groupText(first)}, ${ruleText(first)}. Stale is no order to remove: ask its owner first.`,
    hash: placeHash({ view: 'rules', filter: { ...NO_FILTER, verdict: 'stale' } }),
    score: highest(stale),
  };
}

function ageStep({ rules, plan }: PageReport): Step | undefined {
  const aged = rules.filter(isAgeUnknown);
  if (aged.length === 0) return undefined;
  return {
    title: 'Say since when the rules stand',
    text:
      `The age of ${count(aged.length, 'unused rule')} is unknown, so no plan removes them. Ask what the account ` +
      'remembers (snapshot --history), take snapshots every day, or vouch for a date with --rules-known-since.',
    hash: placeHash({ view: 'quality' }),
    score: plan?.stages.length === 0 ? Infinity : 0,
  };
}

function evidenceStep(rules: readonly PageRule[]): Step | undefined {
  const unseen = rules.filter(({ verdict }) => verdict.kind === 'notObserved');
  if (unseen.length === 0) return undefined;
  return {
    title: `Find evidence for ${count(unseen.length, 'rule')}`,
    text: 'Nothing can be said of them, and each says why: flow logs that are missing, gaps, traffic that is never logged.',
    hash: placeHash({ view: 'rules', filter: { ...NO_FILTER, verdict: 'notObserved' } }),
    score: 0,
  };
}

/** Its verdict would call it unused, but for the window nobody can tell how long it has been there. */
export function isAgeUnknown({ verdict }: PageRule): boolean {
  return 'ageUnknown' in verdict && verdict.ageUnknown;
}

function byRank(rules: readonly PageRule[]): PageRule[] {
  return [...rules].sort((a, b) => b.rank.score - a.rank.score);
}

function highest(rules: readonly PageRule[]): number {
  return rules.reduce((most, { rank }) => Math.max(most, rank.score), 0);
}
