import { parse } from 'csv-parse/sync';
import { parsePrefix } from '../addresses/address.ts';
import { EXEMPTION_TARGETS, type Exemption } from './exemption.ts';
import { dayFromIso } from '../time.ts';
import { shown } from '../text/plain.ts';

const COLUMNS = ['reason', 'owner', 'expires'] as const;

/** Values by column; `where` is its file and line, or its place in the file. */
interface Row {
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * A list of exemptions: CSV with the columns `reason`, `owner` and `expires` (`2026-01-31`, that day inclusive) and one or more
 * of {@link EXEMPTION_TARGETS}, of which each line fills one, in any order; or a JSON array of objects with these keys. More
 * columns are ignored.
 *
 * @throws Error that names file, line and column of the first thing that is wrong
 */
export function readExemptions(text: string, name: string): Exemption[] {
  const rows = /^\ufeff?\s*[[{]/.test(text) ? jsonRows(text, name) : csvRows(text, name);
  const places = new Map<string, string>();
  return rows.map((row) => {
    const { where } = row;
    const target = targetOf(row);
    const value = (column: (typeof COLUMNS)[number]): string => {
      const found = textIn(row, column);
      if (found !== undefined) return found;
      throw new Error(`${where}, ${column}: missing; an exemption needs ${COLUMNS.join(', ')}`);
    };
    const exemption = { target, reason: value('reason'), owner: value('owner'), expires: value('expires'), where };
    if (dayFromIso(exemption.expires) === undefined)
      throw new Error(`${where}, expires: ${shown(exemption.expires)} is not a day such as 2026-01-31`);
    const key = `${target.kind} ${target.value}`;
    const before = places.get(key);
    if (before !== undefined)
      throw new Error(`${where}, ${target.kind}: ${shown(target.value)} is in the list already (${before})`);
    places.set(key, where);
    return exemption;
  });
}

function targetOf(row: Row): Exemption['target'] {
  const found = EXEMPTION_TARGETS.flatMap((kind) => {
    const value = textIn(row, kind);
    return value === undefined ? [] : [{ kind, value }];
  });
  const [target, other] = found;
  if (!target)
    throw new Error(`${row.where}: says of no rule that it is kept; fill one of ${EXEMPTION_TARGETS.join(', ')}`);
  if (other) throw new Error(`${row.where}: both ${target.kind} and ${other.kind}; an exemption has one of them`);
  if (target.kind === 'cidr' && !parsePrefix(target.value))
    throw new Error(`${row.where}, cidr: ${shown(target.value)} is not a block such as 10.0.0.0/8`);
  return target;
}

/** Undefined where there is none. */
function textIn({ where, values }: Row, column: string): string | undefined {
  const found = values[column];
  if (found === undefined || found === null || found === '') return undefined;
  if (typeof found !== 'string') throw new Error(`${where}, ${column}: ${shown(JSON.stringify(found))} is not text`);
  return found.trim() === '' ? undefined : found.trim();
}

function csvRows(text: string, name: string): Row[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    // Its types do not tell what `info` makes of a record.
    const parsed: unknown = parse(text, { bom: true, info: true, skip_empty_lines: true, trim: true });
    records = parsed as typeof records;
  } catch (error) {
    const { lines } = error as { lines?: number };
    throw new Error(`${name}${lines === undefined ? '' : `:${lines}`}: ${(error as Error).message}`, { cause: error });
  }
  const [header, ...rows] = records;
  const has = (column: string): boolean => header?.record.includes(column) === true;
  const lacking = EXEMPTION_TARGETS.some(has) ? COLUMNS.find((column) => !has(column)) : EXEMPTION_TARGETS[0];
  if (lacking !== undefined) throw new Error(`${name}:${header?.info.lines ?? 1}: no column "${lacking}"`);
  return rows.map(({ record, info }) => {
    const pairs = header!.record.map((column, i) => [column, record[i]] as const);
    return { where: `${name}:${info.lines}`, values: Object.fromEntries(pairs) };
  });
}

function jsonRows(text: string, name: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
  if (!Array.isArray(value)) throw new Error(`${name}: not a list of exemptions`);
  return value.map((entry: unknown, i) => {
    const where = `${name}, entry ${i + 1}`;
    if (typeof entry !== 'object' || entry === null) throw new Error(`${where}: not an object`);
    return { where, values: entry as Record<string, unknown> };
  });
}
