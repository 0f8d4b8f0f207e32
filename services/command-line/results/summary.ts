import Table from 'cli-table3';
import { admitsCell } from '../terminal/rule-cells.ts';
import { wrapped } from '../terminal/wrapped.ts';
import { accountText, placeOfRule, severalAccounts, strangersTexts } from '../../../shared/reports/accounts-text.ts';
import { growthText } from '../../../shared/reports/growth-text.ts';
import { plainText, shorten } from '../../../shared/text/plain.ts';
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
const REMOVALS_SHOWN = 6;
const REASONS_SHOWN = 3;
const PROBLEMS_SHOWN = 5;
const FINDINGS_SHOWN = 3;
const ACCOUNTS_SHOWN = 20;
/** Of an account's id and name: the table has 80 columns. */
const ACCOUNT_SHOWN = 19;

/** The result for a terminal: what may go and what keeps others, then what to look at, then figures and the other rules. */
export function summary(analyzed: Analyzed): string {
  const { report, files, emptyFiles, interfaces, written } = analyzed;
  const { records, window, rules } = report;
  const days = count(report.windowDays, 'day');
  const grows = growthText(report);
  const lines = [
    `${window.from} to ${window.to} (${days}), as of ${report.asOf}`,
    `${count(rules.length, 'rule')}, ${count(interfaces, 'interface')}, ${count(files, 'file')}, ${count(records.total, 'record')}`,
    ...(grows === undefined ? [] : wrapped(grows)),
    '',
    ...removals(report),
    '',
    ...nextSteps(report).flatMap((text) => wrapped(plainText(text), 'Next      ')),
    ...advice(report).flatMap((text) => wrapped(plainText(text), 'Look at   ')),
    '',
    ...wrapped(fates(report), 'Records   '),
    ...heldAgainst(report).map((text) => `Against   ${text}`),
    `Coverage  ${report.coverage === null ? 'none (no accepted record)' : percent(report.coverage)} of the accepted records are explained by rules`,
    ...strangersTexts(report).flatMap((text) => wrapped(plainText(text), 'Missing   ')),
    ...notes(report, emptyFiles).map((note) => `Note      ${note}`),
    '',
    ...accountsTable(report),
    verdictTable(rules),
  ];
  const shown = new Set(removed(report).slice(0, REMOVALS_SHOWN));
  const candidates = rules
    .filter(({ verdict, ruleId }) => verdict.kind !== 'active' && verdict.kind !== 'exempt' && !shown.has(ruleId))
    .sort(
      (a, b) =>
        VERDICT_KINDS.indexOf(a.verdict.kind) - VERDICT_KINDS.indexOf(b.verdict.kind) || b.rank.score - a.rank.score,
    );
  if (candidates.length > 0)
    lines.push('', ...candidates.slice(0, RULES_SHOWN).flatMap((rule) => ruleLines(rule, report)));
  if (candidates.length > RULES_SHOWN) lines.push(`… and ${figure(candidates.length - RULES_SHOWN)} more`);
  lines.push('', `All rules: ${listed(written.map(plainText))}`, '');
  return lines.join('\n');
}

function listed(paths: readonly string[]): string {
  return `${paths.slice(0, -1).join(', ')} and ${paths.at(-1)!}`;
}

/** Ids of the rules that the plan lets go, the first to go first; those to be changed in code last. */
function removed({ plan }: UsageReport): string[] {
  if (!plan) return [];
  return [...plan.stages.flatMap((stage) => stage.removals), ...plan.inCode].map(({ rule }) => rule.ruleId);
}

function removals(report: UsageReport): string[] {
  const ids = removed(report);
  if (ids.length === 0) return ['No rule may go yet.'];
  const byId = new Map(report.rules.map((rule) => [rule.ruleId, rule]));
  const more = ids.length - REMOVALS_SHOWN;
  return [
    `${count(ids.length, 'rule')} may go; nothing that was seen needs ${ids.length === 1 ? 'it' : 'them'}:`,
    ...ids.slice(0, REMOVALS_SHOWN).flatMap((id) => ruleLines(byId.get(id)!, report, groundsOf(byId.get(id)!))),
    ...(more > 0 ? [`… and ${figure(more)} more`] : []),
  ];
}

/** What makes its silence mean something, and whom to ask. */
function groundsOf({ evidence: { watchedDays, knownSince }, changes = [] }: RuleReport): string {
  const last = changes.findLast(({ by }) => by !== '');
  const age = knownSince === null ? '' : `, stands since ${knownSince.slice(0, 10)}${last ? '' : ' at least'}`;
  return `; watched on ${count(watchedDays, 'day')}${age}${last ? `; ${last.what} by ${last.by}` : ''}`;
}

/** By its name first; ids are for the next command. */
function ruleLines(rule: RuleReport, report: UsageReport, grounds = ''): string[] {
  const { verdict, groupName, groupId, ruleId, why } = rule;
  const name = groupName === '' ? groupId : shorten(groupName, NAME_SHOWN);
  const [kind, indent] = [verdict.kind.padEnd(INDENT), ' '.repeat(INDENT)];
  const place = placeOfRule(rule, report);
  const ids = `${ruleId} of ${groupId}${place === '' ? '' : ` in ${place}`}`;
  return [
    plainText(`${kind}${name}: ${admitsCell(rule)}`),
    ...wrapped(`${plainText(`${why}${grounds}`)} (${ids})`, indent).map(plainText),
  ];
}

/** Of names, which AWS lets be 255 characters long. */
const NAME_SHOWN = 24;
const INDENT = 'notObserved '.length;

/** What to do about rules that are unused or redundant: first what keeps some from going, most of them first. */
function nextSteps(report: UsageReport): string[] {
  const reasons = new Map<string, number>();
  for (const { verdict, reason } of report.plan?.skipped ?? []) {
    if (verdict === 'stale' || verdict === 'redundant') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const blocked = [...reasons].sort(([, a], [, b]) => b - a).slice(0, REASONS_SHOWN);
  return [
    ...blocked.map(
      ([reason, rules]) => `${count(rules, 'more rule')} might go, but ${rules === 1 ? 'stays' : 'stay'}: ${reason}`,
    ),
    ...(removed(report).length > 0
      ? ['stale-sg plan writes what may go together as commands, with their undo; stale-sg explain tells all of a rule']
      : []),
  ];
}

/** What is worth a look beside the verdicts, the worst first; the page tells all of it. */
function advice({ rules, findings }: UsageReport): string[] {
  const quiet = rules.filter(({ wentQuiet }) => wentQuiet !== null).length;
  const wide = rules.filter(({ narrower }) => narrower !== null).length;
  return [
    ...findings.slice(0, FINDINGS_SHOWN).map(({ text }) => text),
    ...(quiet > 0 ? [`${count(quiet, 'rule')} went quiet after regular use`] : []),
    ...(wide > 0 ? [`${count(wide, 'rule')} could be narrower and still admit all that was seen`] : []),
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

/** Where there are several: those with the most stale rules first. */
function accountsTable(report: UsageReport): string[] {
  const accounts = severalAccounts(report);
  if (accounts.length === 0) return [];
  const isDated = accounts.some(({ takenAt }) => takenAt !== null);
  const head = ['Account', 'Rules', 'Stale', 'Top rank', 'Coverage', 'Days', ...(isDated ? ['Inventory'] : [])];
  const colAligns = head.map((name) => (name === 'Account' || name === 'Inventory' ? 'left' : 'right'));
  const table = new Table({ head, colAligns, style: PLAIN });
  for (const account of accounts.slice(0, ACCOUNTS_SHOWN)) {
    const { rules, verdicts, riskiest, coverage, heard, takenAt } = account;
    table.push([
      plainText(shorten(accountText(account), isDated ? ACCOUNT_SHOWN : ACCOUNT_SHOWN + 12)),
      figure(rules),
      figure(verdicts.stale),
      riskiest ? riskiest.rank.toFixed(0) : '–',
      coverage === null ? '–' : percent(coverage),
      figure(heard?.days ?? 0),
      ...(isDated ? [takenAt?.slice(0, 10) ?? '–'] : []),
    ]);
  }
  const more = accounts.length - ACCOUNTS_SHOWN;
  return [table.toString(), ...(more > 0 ? [`… and ${figure(more)} more accounts: see usage.json`] : []), ''];
}

function verdictTable(rules: readonly RuleReport[]): string {
  const table = new Table({ head: ['Verdict', 'Rules', 'Meaning'], colAligns: ['left', 'right'], style: PLAIN });
  for (const kind of VERDICT_KINDS) {
    const number = rules.filter(({ verdict }) => verdict.kind === kind).length;
    if (number > 0) table.push([kind, number, VERDICT_MEANING[kind]]);
  }
  return table.toString();
}

const PLAIN = { head: [], border: [], compact: true };
