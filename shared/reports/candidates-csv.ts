import type { RuleToDecide } from './candidates.ts';
import { CHANGE_COLUMNS, csvText, NAMING_COLUMNS, PLACE_COLUMNS, type CsvColumn } from './usage-csv.ts';

const COLUMNS: readonly CsvColumn<RuleToDecide>[] = [
  ['rank', ({ rule }) => rule.rank.score],
  ...NAMING_COLUMNS.map(([name, cell]): CsvColumn<RuleToDecide> => [name, ({ rule }) => cell(rule)]),
  ['verdict', ({ rule }) => rule.verdict.kind],
  ['why', ({ rule }) => rule.why],
  ['last_used', ({ rule }) => rule.lastUsed],
  ['known_since', ({ rule }) => rule.evidence.knownSince],
  ['observed_days', ({ rule }) => rule.evidence.observedDays],
  ['interface_days', ({ rule }) => rule.evidence.interfaceDays],
  ['plan_stage', ({ removal }) => (removal ? (removal.stage?.number ?? 'in code') : null)],
  ['wait_days', ({ removal }) => removal?.stage?.waitDays ?? null],
  ['plan_leaves_it', ({ skipped }) => skipped ?? null],
  ['covered_by', ({ removal }) => removal?.removal.coveredBy.join(' ') ?? null],
  ['cuts_untracked', ({ removal }) => (removal ? (removal.removal.cutsUntracked ? 'yes' : 'no') : null)],
  ...[...CHANGE_COLUMNS, ...PLACE_COLUMNS].map(([name, cell]): CsvColumn<RuleToDecide> => [
    name,
    ({ rule }) => cell(rule),
  ]),
];

/**
 * One line for each rule that asks for a decision, in the form of {@link csvText}. The plan's commands are not in it: what
 * keeps a cell from becoming a formula changes the text, and with it what a shell would do.
 */
export function candidatesCsv(candidates: readonly RuleToDecide[]): string {
  return csvText(COLUMNS, candidates);
}
