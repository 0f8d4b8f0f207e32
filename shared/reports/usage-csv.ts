import type { RuleReport } from './usage-report.ts';

type Cell = string | number | null;

const COLUMNS: readonly (readonly [string, (rule: RuleReport) => Cell])[] = [
  ['rule_id', (rule) => rule.ruleId],
  ['sg_id', (rule) => rule.groupId],
  ['sg_name', (rule) => rule.groupName],
  ['direction', (rule) => rule.direction],
  ['protocol', (rule) => rule.protocol],
  ['from_port', (rule) => rule.fromPort],
  ['to_port', (rule) => rule.toPort],
  ['peer_type', (rule) => rule.peer.type],
  ['peer', (rule) => rule.peer.value],
  ['description', (rule) => rule.description],
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
];

/** One line a rule, RFC 4180, with a header; lines end in CRLF. Texts cannot become spreadsheet formulas. */
export function usageCsv(rules: readonly RuleReport[]): string {
  const lines = [COLUMNS.map(([name]) => name), ...rules.map((rule) => COLUMNS.map(([, cell]) => csvCell(cell(rule))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
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
