import { stepShades, stepsOver, usesOf } from '../heat-scale.ts';
import type { RuleReport } from '../schema.ts';
import type { Direction } from '../../protocols.ts';

/** Several rules in a row of the heat map rule × direction. */
export interface HeatSum {
  /** How many. */
  readonly rules: Readonly<Record<Direction, number>>;
  readonly usedTimes: Readonly<Record<Direction, number>>;
}

/** From the most to the least used rule; undefined where there is no rule left for a sum. */
export interface RuleHeatMap {
  readonly most: readonly HeatRow[];
  readonly others: HeatSum | undefined;
  readonly least: readonly HeatRow[];
  readonly unused: HeatSum | undefined;
}

export interface HeatRow {
  readonly rule: RuleReport;
  /** Requests and replies. */
  readonly usedTimes: number;
  /** Which of the blues of the scale; as in the page. */
  readonly shade: number;
}

/** All rules: those used most and least by themselves, the others in two sums. */
export function heatMapOf(rules: readonly RuleReport[], mostShown: number, leastShown: number): RuleHeatMap {
  const used = rules.filter((rule) => usesOf(rule) > 0).sort((a, b) => usesOf(b) - usesOf(a));
  const steps = stepsOver(used.map(usesOf));
  const shades = stepShades(steps.length);
  const row = (rule: RuleReport): HeatRow => {
    const usedTimes = usesOf(rule);
    return { rule, usedTimes, shade: shades[steps.findIndex(({ to }) => usedTimes <= to)]! };
  };
  const leastFrom = Math.max(mostShown, used.length - leastShown);
  return {
    most: used.slice(0, mostShown).map(row),
    others: sumOf(used.slice(mostShown, leastFrom)),
    least: used.slice(leastFrom).map(row),
    unused: sumOf(rules.filter((rule) => usesOf(rule) === 0)),
  };
}

function sumOf(rules: readonly RuleReport[]): HeatSum | undefined {
  if (rules.length === 0) return undefined;
  const numbers = { ingress: 0, egress: 0 };
  const usedTimes = { ingress: 0, egress: 0 };
  for (const rule of rules) {
    numbers[rule.direction]++;
    usedTimes[rule.direction] += usesOf(rule);
  }
  return { rules: numbers, usedTimes };
}
