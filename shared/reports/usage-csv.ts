import type { RuleReport } from './schema.ts';

type Cell = string | number | null;

/** What a line tells of: all but the days, which the page has otherwise. */
type CsvRule = Omit<RuleReport, 'history'>;

export type CsvColumn<T> = readonly [name: string, cell: (row: T) => Cell];

/** What a rule is. */
export const NAMING_COLUMNS: readonly CsvColumn<CsvRule>[] = [
  ['rule_id', (rule) => rule.ruleId],
  ['sg_id', (rule) => rule.groupId],
  ['sg_name', (rule) => rule.groupName],
  ['direction', (rule) => rule.direction],
  ['protocol', (rule) => rule.protocol],
  ['from_port', (rule) => rule.fromPort],
  ['to_port', (rule) => rule.toPort],
  ['icmp_type', (rule) => rule.icmp?.type ?? null],
  ['icmp_code', (rule) => rule.icmp?.code ?? null],
  ['peer_type', (rule) => rule.peer.type],
  ['peer', (rule) => rule.peer.value],
  ['peer_name', (rule) => rule.peer.name],
  ['description', (rule) => rule.description],
];

/** Whom to ask: who made the rule, and who edited it last. */
export const CHANGE_COLUMNS: readonly CsvColumn<CsvRule>[] = [
  ['made_by', ({ changes }) => changes?.find(({ what }) => what === 'made')?.by ?? null],
  ['made_at', ({ changes }) => changes?.find(({ what }) => what === 'made')?.time ?? null],
  ['edited_by', ({ changes }) => changes?.findLast(({ what }) => what === 'edited')?.by ?? null],
  ['edited_at', ({ changes }) => changes?.findLast(({ what }) => what === 'edited')?.time ?? null],
];

/** Whom to ask, and what a change would touch. */
const OWNER_COLUMNS: readonly CsvColumn<CsvRule>[] = [
  ['owner', ({ owner }) => owner?.name ?? null],
  ['owner_from', ({ owner }) => owner?.from ?? null],
  ['attached_to', ({ attachedTo = [] }) => attachedTo.join('; ')],
];

/** Where it is. */
export const PLACE_COLUMNS: readonly CsvColumn<CsvRule>[] = [
  ['account_id', ({ accountId }) => accountId ?? null],
  ['region', ({ region }) => region ?? null],
  ['vpc_id', ({ vpcId }) => vpcId ?? null],
  ['account_name', ({ accountName }) => accountName ?? null],
];

/** Columns are added at the end: who reads them by position goes on reading the same. */
const COLUMNS: readonly CsvColumn<CsvRule>[] = [
  ...NAMING_COLUMNS,
  ['verdict', (rule) => rule.verdict.kind],
  ['why', (rule) => rule.why],
  ['used_times', (rule) => rule.usedTimes],
  ['sole_times', (rule) => rule.soleTimes],
  ['primary_times', (rule) => rule.primaryTimes],
  ['inferred_times', (rule) => rule.inferredTimes],
  ['reply_times', (rule) => rule.replyTimes],
  ['possible_times', (rule) => rule.possibleTimes],
  ['untracked_replies', (rule) => rule.untrackedReplies],
  ['packets', (rule) => rule.packets],
  ['bytes', (rule) => rule.bytes],
  ['last_used', (rule) => rule.lastUsed],
  ['last_possible', (rule) => rule.lastPossible],
  ['distinct_peers', (rule) => rule.distinctPeers],
  ['rank', (rule) => rule.rank.score],
  ['observed_days', (rule) => rule.evidence.observedDays],
  ['interface_days', (rule) => rule.evidence.interfaceDays],
  ['known_since', (rule) => rule.evidence.knownSince],
  ['used_until', (rule) => rule.wentQuiet?.lastDay ?? null],
  ['quiet_days', (rule) => rule.wentQuiet?.quietDays ?? null],
  ['known_by', (rule) => rule.evidence.knownBy ?? null],
  ...CHANGE_COLUMNS,
  ...OWNER_COLUMNS,
  ...PLACE_COLUMNS,
];

/** One line a rule, in the form of {@link csvText}. */
export function usageCsv(rules: readonly CsvRule[]): string {
  return csvText(COLUMNS, rules);
}

/** RFC 4180, with a header; lines end in CRLF. Texts cannot become spreadsheet formulas. */
export function csvText<T>(columns: readonly CsvColumn<T>[], rows: readonly T[]): string {
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, cell]) => csvCell(cell(row))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

/**
 * The text as a file that is opened by a double click: Excel takes a CSV for UTF-8 only if it begins with this mark, and
 * other programs skip it. https://support.microsoft.com/office/8a935af5-3416-4edd-ba7e-3dfd2bc4a032
 */
export function spreadsheetFile(csv: string): Buffer {
  return Buffer.from(`\ufeff${csv}`, 'utf8');
}

/**
 * What a spreadsheet takes for a formula: a cell that starts with = + - or @, full width or not, whatever blanks, control
 * or invisible characters and quotes stand before it; and a tab, line break or NUL in front. Where the list separator is
 * a semicolon, a new cell starts in the middle of a text.
 */
const FORMULA_START = /^(?=[\0\t\r\n]|[\s"\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20])/u;
const FORMULA_INSIDE = /(\r\n|[;\t\r\n])(?=[\s"]{0,8}[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/**
 * Such a text gets an apostrophe where the formula would start, as OWASP advises
 * (https://owasp.org/www-community/attacks/CSV_Injection). The protocol `-1` and numbers stay what they are.
 */
function csvCell(value: Cell): string {
  if (value === null) return '';
  const text = String(value);
  const safe = /^-?\d+$/.test(text) ? text : text.replace(FORMULA_INSIDE, "$1'").replace(FORMULA_START, "'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
