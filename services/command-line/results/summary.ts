import Table from 'cli-table3';
import { admitsCell } from '../terminal/rule-cells.ts';
import { coloured, verdictColoured } from '../terminal/colour.ts';
import { columns, wrapped } from '../terminal/wrapped.ts';
import { accountText, placeOfRule, severalAccounts, strangersTexts } from '../../../shared/reports/accounts-text.ts';
import { canBeDone, isTooWide } from '../../../shared/reports/doable.ts';
import { outdatedTexts } from '../../../shared/reports/days-with-records.ts';
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

/** Of each verdict. */
const RULES_SHOWN = 5;
const REMOVALS_SHOWN = 6;
const REASONS_SHOWN = 3;
const PROBLEMS_SHOWN = 5;
const FINDINGS_SHOWN = 3;
const ACCOUNTS_SHOWN = 20;
/** Of an account's id and name: the table has 80 columns. */
const ACCOUNT_SHOWN = 19;

/**
 * The result for a terminal, the most important last, where a reader's eyes are: first figures, then rules of which nothing can be
 * said or asked, then what to look at, what may go, and what to do next.
 */
export function summary(analyzed: Analyzed): string {
  const { report } = analyzed;
  const sections = [
    figures(analyzed),
    [...accountsTable(report), verdictTable(report.rules)],
    others(report),
    worst(report),
  ];
  const end = [removals(report), [...next(report), ...whereAllIs(analyzed)]];
  return `${[...sections, ...end]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function figures({ report, files, emptyFiles, interfaces }: Analyzed): string[] {
  const { records, window, rules, coverage } = report;
  const grows = growthText(report);
  const counts = [
    count(rules.length, 'rule'),
    count(interfaces, 'interface'),
    count(files, 'file'),
    count(records.total, 'record'),
  ];
  const explained = coverage === null ? 'none (no accepted record)' : percent(coverage);
  return [
    ...wrapped(`${window.from} to ${window.to} (${count(report.windowDays, 'day')}), as of ${report.asOf}`),
    ...wrapped(counts.join(', ')),
    ...(grows === undefined ? [] : wrapped(grows)),
    '',
    ...labelled('Records', fates(report)),
    ...heldAgainst(report).flatMap((text) => labelled('Against', text)),
    ...labelled('Coverage', `${explained} of the accepted records are explained by rules`),
    ...[...strangersTexts(report), ...outdatedTexts(report)].flatMap((text) => labelled('Missing', plainText(text))),
    ...notes(report, emptyFiles).flatMap((text) => labelled('Note', text)),
  ];
}

/** Behind a label that stands out. */
function labelled(label: string, text: string): string[] {
  const lines = wrapped(text, label.padEnd(LABEL));
  return [`${coloured('bold', label)}${lines[0]!.slice(label.length)}`, ...lines.slice(1)];
}

const LABEL = 'Coverage  '.length;

/** Rules that are no use to act on now, by verdict: the ones that ask for action last. */
function others(report: UsageReport): string[] {
  const shown = new Set(removed(report).slice(0, REMOVALS_SHOWN));
  return [...VERDICT_KINDS].reverse().flatMap((kind) => {
    if (kind === 'active' || kind === 'exempt') return [];
    const rules = report.rules.filter(({ verdict, ruleId }) => verdict.kind === kind && !shown.has(ruleId));
    const more = rules.length - RULES_SHOWN;
    return [
      ...rules
        .sort((a, b) => b.rank.score - a.rank.score)
        .slice(0, RULES_SHOWN)
        .flatMap((rule) => ruleLines(rule, report)),
      ...(more > 0 ? [`${' '.repeat(INDENT)}… and ${figure(more)} more ${kind}`] : []),
    ];
  });
}

/** What is worth a look beside the verdicts; of findings the worst. */
function worst(report: UsageReport): string[] {
  return advice(report).flatMap((text) => labelled('Look at', plainText(text)));
}

function next(report: UsageReport): string[] {
  return nextSteps(report).flatMap((text) => labelled('Next', plainText(text)));
}

function whereAllIs({ written }: Analyzed): string[] {
  const page = written.find((path) => path.endsWith('.html'));
  const more = written.filter((path) => path !== page).map(plainText);
  return [
    ...(page === undefined ? [] : labelled('Report', plainText(page))),
    ...(more.length === 0 ? [] : labelled('Also', more.join(', '))),
  ];
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
    coloured(
      'bold',
      `${count(ids.length, 'rule')} may go; nothing that was seen needs ${ids.length === 1 ? 'it' : 'them'}:`,
    ),
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
  const name = plainText(groupName === '' ? groupId : shorten(groupName, NAME_SHOWN));
  const kind = verdict.kind.padEnd(INDENT);
  const place = placeOfRule(rule, report);
  const ids = `${ruleId} of ${groupId}${place === '' ? '' : ` in ${place}`}`;
  const [first = '', ...more] = wrapped(`${name}: ${plainText(admitsCell(rule))}`, kind);
  const behind = first.slice(INDENT);
  const shown = behind.startsWith(name) ? `${coloured('bold', name)}${behind.slice(name.length)}` : behind;
  return [
    `${verdictColoured(verdict.kind, kind)}${shown}`,
    ...more,
    ...wrapped(plainText(`${why}${grounds} (${ids})`), ' '.repeat(INDENT)),
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

/** What is worth a look beside the verdicts, and can be done, the worst first; the page tells all of it. */
function advice({ rules, findings }: UsageReport): string[] {
  const quiet = rules.filter(({ wentQuiet }) => wentQuiet !== null).length;
  const wide = rules.filter(isTooWide).length;
  return [
    ...findings
      .filter(canBeDone)
      .slice(0, FINDINGS_SHOWN)
      .map(({ text }) => text),
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
  const head = ['Account', 'Rules', 'Stale', 'Priority', 'Coverage', 'Days', ...(isDated ? ['Inventory'] : [])];
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
  const width = columns() - VERDICT_COLUMNS;
  const table = new Table({
    head: ['Verdict', 'Rules', 'Meaning'],
    colAligns: ['left', 'right'],
    colWidths: [null, null, Math.min(width, LONGEST_MEANING + 2)],
    wordWrap: true,
    style: PLAIN,
  });
  for (const kind of [...VERDICT_KINDS].reverse()) {
    const number = rules.filter(({ verdict }) => verdict.kind === kind).length;
    if (number > 0) table.push([verdictColoured(kind, kind), number, VERDICT_MEANING[kind]]);
  }
  return table.toString();
}

/** Of the table, all but its last column. */
const VERDICT_COLUMNS = 24;
const LONGEST_MEANING = Math.max(...Object.values(VERDICT_MEANING).map(({ length }) => length));

const PLAIN = { head: [], border: [], compact: true };
