import type { RuleReport } from '../../shared/reports/schema.ts';
import type { Expectation, RuleExpectation, StepExpectation, StepName } from './expectation.ts';
import { ruleReasons } from './judge-rules.ts';
import { lastError, type Results, type StepResult } from './run-steps.ts';

/** Why what came of a case is not what is true of it; empty where it is. */
export function reasonsOf(expectations: readonly Expectation[], results: Results): string[] {
  const steps = expectations.filter((one) => !isOfRules(one));
  return [
    ...[...results].flatMap(([name, result]) => exitReasons(name, result, steps)),
    ...expectations.flatMap((one) =>
      isOfRules(one) ? ruleReasons(one, results) : stepReasons(one, results, refusedSteps(steps, results)),
    ),
  ];
}

function isOfRules(expectation: Expectation): expectation is RuleExpectation {
  switch (expectation.kind) {
    case 'needed':
    case 'notPlanned':
    case 'useful':
    case 'removable':
    case 'oneRemovable':
    case 'verdict':
    case 'usedTimes':
    case 'admits':
      return true;
    case 'simulateWarns':
    case 'mayRefuse':
    case 'exits':
    case 'says':
    case 'sameAs':
      return false;
  }
}

/** Whether it ended as it should. */
function exitReasons(name: StepName, result: StepResult, expectations: readonly StepExpectation[]): string[] {
  const refusal = expectations.find((one) => one.kind === 'mayRefuse' && one.step === name);
  if (refusal?.kind === 'mayRefuse' && result.status !== 0) {
    const missing = refusal.words.filter((word) => !result.stderr.includes(word));
    return missing.length === 0 ? [] : [`${name} fails and does not name ${missing.join(', ')}: ${lastError(result)}`];
  }
  const exit = expectations.find((one) => one.kind === 'exits' && one.step === name);
  const wanted = exit?.kind === 'exits' ? exit.status : 0;
  if (wanted === 'any') return [];
  if (wanted === 'notZero') return result.status === 0 ? [`${name} ends with 0`] : [];
  return result.status === wanted ? [] : [`${name} ends with ${result.status}, not ${wanted}: ${lastError(result)}`];
}

/** Steps that refused their input, and were free to. */
function refusedSteps(expectations: readonly StepExpectation[], results: Results): ReadonlySet<StepName> {
  const free = expectations.flatMap((one) => (one.kind === 'mayRefuse' ? [one.step] : []));
  return new Set(free.filter((step) => (results.get(step)?.status ?? 0) !== 0));
}

function stepReasons(expectation: StepExpectation, results: Results, refused: ReadonlySet<StepName>): string[] {
  switch (expectation.kind) {
    case 'mayRefuse':
    case 'exits':
      return [];
    case 'says': {
      const { step, patterns } = expectation;
      const result = results.get(step);
      if (!result || refused.has(step)) return [];
      const unsaid = patterns.filter((pattern) => !pattern.test(result.stdout + result.stderr));
      return unsaid.map((pattern) => `${step} does not say ${String(pattern)}`);
    }
    case 'simulateWarns': {
      const result = results.get('simulate');
      const saysNothing = result?.status === 0 && !seesFlows(result.stdout);
      return saysNothing ? [`simulate: removing ${expectation.rules.join(', ')} loses nothing`] : [];
    }
    case 'sameAs':
      return expectation.others.flatMap((other) => differences(expectation.first, other, results));
  }
}

/** Whether a simulation lists anything that would or may be lost. */
function seesFlows(json: string): boolean {
  const parts = Object.values(JSON.parse(json) as Record<string, unknown>);
  return parts.some((part) => typeof part === 'object' && part !== null && 'flows' in part && part.flows !== 0);
}

function differences(first: StepName, other: StepName, results: Results): string[] {
  const [one, two] = [results.get(first), results.get(other)];
  if (!one || !two?.usage) return [];
  if (!one.usage) return [`${other} reads what ${first} refuses (${lastError(one)})`];
  const others = new Map(two.usage.rules.map((rule) => [rule.ruleId, counted(rule)]));
  return one.usage.rules.flatMap((rule) => {
    const [here, there] = [counted(rule), others.get(rule.ruleId) ?? 'nothing'];
    if (here === there) return [];
    return [`${rule.ruleId}: ${first} counts ${here}, ${other} ${there} (used, replies, possible)`];
  });
}

function counted({ usedTimes, replyTimes, possibleTimes }: RuleReport): string {
  return `(${usedTimes}, ${replyTimes}, ${possibleTimes})`;
}
