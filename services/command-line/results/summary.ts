import { admitsCell, groupCell } from '../terminal/rule-cells.ts';
import Table from 'cli-table3';
import { plainText } from '../../../shared/text/plain.ts';
import type { RuleReport, UsageReport } from '../../../shared/reports/schema.ts';
import { VERDICT_MEANING } from '../../../shared/reports/verdict-text.ts';
import { FATES } from '../../../shared/usage/usage.ts';
import { VERDICT_KINDS } from '../../../shared/verdicts/verdict.ts';
import { count, figure, percent } from '../../../shared/text/numbers.ts';

/** What a run read, and what it made of it. */
export interface Analyzed {
  readonly report: UsageReport;
  /** How many files, and how many interfaces of the inventory. */
  readonly files: number;
  /** Names of files without a record. */
  readonly emptyFiles: readonly string[];
  readonly interfaces: number;
  /** Paths of the files. */
  readonly written: readonly string[];
}

const RULES_SHOWN = 25;
const PROBLEMS_SHOWN = 5;
const FINDINGS_SHOWN = 3;

/** The result for a terminal: figures first, then the rules that ask for a decision, then where to look. */
export function summary({ report, files, emptyFiles, interfaces, written }: Analyzed): string {
  const { records, window, rules } = report;
  const days = count(report.windowDays, 'day');
  const lines = [
    `${window.from} to ${window.to} (${days}), as of ${report.asOf}`,
    `${count(rules.length, 'rule')}, ${count(interfaces, 'interface')}, ${count(files, 'file')}, ${count(records.total, 'record')}`,
    '',
    `Records   ${fates(report)}`,
    ...heldAgainst(report).map((text) => `Against   ${text}`),
    `Coverage  ${report.coverage === null ? 'none (no accepted record)' : percent(report.coverage)} of the accepted records are explained by rules`,
    ...notes(report, emptyFiles).map((note) => `Note      ${note}`),
    '',
    verdictTable(rules),
  ];
  const candidates = rules
    .filter(({ verdict }) => verdict.kind !== 'active' && verdict.kind !== 'exempt')
    .sort(
      (a, b) =>
        VERDICT_KINDS.indexOf(a.verdict.kind) - VERDICT_KINDS.indexOf(b.verdict.kind) || b.rank.score - a.rank.score,
    );
  if (candidates.length > 0) lines.push('', ruleTable(candidates.slice(0, RULES_SHOWN)));
  if (candidates.length > RULES_SHOWN) lines.push(`… and ${figure(candidates.length - RULES_SHOWN)} more`);
  lines.push('', ...advice(report).map((line) => `Advice    ${plainText(line)}`));
  lines.push('', `All rules: ${listed(written.map(plainText))}`, '');
  return lines.join('\n');
}

function listed(paths: readonly string[]): string {
  return `${paths.slice(0, -1).join(', ')} and ${paths.at(-1)!}`;
}

/** What is worth a look beside the verdicts; the page tells all of it. */
function advice({ rules, findings, plan }: UsageReport): string[] {
  const removable = plan?.stages.flatMap(({ removals }) => removals).length ?? 0;
  const quiet = rules.filter(({ wentQuiet }) => wentQuiet !== null).length;
  const wide = rules.filter(({ narrower }) => narrower !== null).length;
  const unvouched = rules.some(({ verdict }) => 'ageUnknown' in verdict && verdict.ageUnknown);
  return [
    removable > 0
      ? `${count(removable, 'rule')} may go together: stale-sg plan writes commands and their undo`
      : `no rule is advised for removal${unvouched ? ': how old they are, is unknown (snapshot --history tells)' : ''}`,
    ...(quiet > 0 ? [`${count(quiet, 'rule')} went quiet after regular use`] : []),
    ...(wide > 0 ? [`${count(wide, 'rule')} could be narrower and still admit all that was seen`] : []),
    ...findings.slice(0, FINDINGS_SHOWN).map(({ text }) => text),
  ];
}

/** Where there are dated snapshots: which of them, and of how many days what stood at first is not known. */
function heldAgainst({ days }: UsageReport): string[] {
  const held = days.flatMap((day) => day.heldAgainst ?? []);
  const times = [...new Set(held.flatMap(({ snapshots }) => snapshots))].sort();
  if (times.length === 0) return [];
  const assumed = held.filter((one) => one.assumed).length;
  const range = times.length === 1 ? times[0]! : `${times[0]!} to ${times.at(-1)!}`;
  const before = assumed > 0 ? `; ${count(assumed, 'day')} began before the first, which stands in` : '';
  return [`${count(times.length, 'snapshot')} of the inventory, ${range}, each day against its own${before}`];
}

function fates({ records }: UsageReport): string {
  const shown = [...FATES].reverse().filter((fate) => records[fate] > 0 || fate === 'attributed');
  return shown.map((fate) => `${figure(records[fate])} ${fate}`).join(', ');
}

function notes(report: UsageReport, emptyFiles: readonly string[]): string[] {
  const { malformedSamples, inventoryProblems, records } = report;
  const notes: string[] = [];
  const [malformed] = malformedSamples;
  if (malformed) {
    notes.push(
      `${count(records.malformed, 'line')} could not be read, the first: ${malformed.file}:${String(malformed.line)}: ${malformed.reason}`,
    );
  }
  const [empty] = emptyFiles;
  if (empty !== undefined) notes.push(`${count(emptyFiles.length, 'file')} held no record, the first: ${empty}`);
  if (report.observedBy === 'records') {
    notes.push('no flow-logs.json: an interface counts as observed on days that it has any record');
  }
  notes.push(...inventoryProblems.slice(0, PROBLEMS_SHOWN));
  if (inventoryProblems.length > PROBLEMS_SHOWN) {
    notes.push(`… and ${figure(inventoryProblems.length - PROBLEMS_SHOWN)} more about the inventory: see usage.json`);
  }
  return notes.map(plainText);
}

function verdictTable(rules: readonly RuleReport[]): string {
  const table = new Table({ head: ['Verdict', 'Rules', 'Meaning'], colAligns: ['left', 'right'], style: PLAIN });
  for (const kind of VERDICT_KINDS) {
    const number = rules.filter(({ verdict }) => verdict.kind === kind).length;
    if (number > 0) table.push([kind, number, VERDICT_MEANING[kind]]);
  }
  return table.toString();
}

function ruleTable(rules: readonly RuleReport[]): string {
  const table = new Table({
    head: ['Verdict', 'Rule', 'Group', 'Admits', 'Why'],
    colWidths: [null, null, null, null, 44],
    wordWrap: true,
    style: PLAIN,
  });
  for (const rule of rules) {
    table.push([rule.verdict.kind, rule.ruleId, groupCell(rule), admitsCell(rule), rule.why].map(plainText));
  }
  return table.toString();
}

const PLAIN = { head: [], border: [], compact: true };
