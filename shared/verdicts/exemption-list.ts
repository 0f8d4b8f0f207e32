import { parse } from 'csv-parse/sync';
import type { Exemption } from './exemption.ts';
import { dayFromIso } from '../time.ts';
import { shown } from '../text/plain.ts';

const COLUMNS = ['rule_id', 'reason', 'owner', 'expires'] as const;

/** Values by column; `where` is its file and line, or its place in the file. */
interface Row {
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * A list of exemptions: CSV with the columns `rule_id`, `reason`, `owner` and `expires` (`2026-01-31`, that day inclusive)
 * in any order, or a JSON array of objects with these keys. All four are needed; more are ignored.
 *
 * @throws Error that names file, line and column of the first thing that is wrong
 */
export function readExemptions(text: string, name: string): Exemption[] {
  const rows = /^\ufeff?\s*[[{]/.test(text) ? jsonRows(text, name) : csvRows(text, name);
  const places = new Map<string, string>();
  return rows.map(({ where, values }) => {
    const value = (column: (typeof COLUMNS)[number]): string => {
      const found = values[column];
      if (typeof found === 'string' && found.trim() !== '') return found.trim();
      const what = found === undefined || found === '' ? 'missing' : `${shown(JSON.stringify(found))} is not text`;
      throw new Error(`${where}, ${column}: ${what}; an exemption needs ${COLUMNS.join(', ')}`);
    };
    const exemption = {
      ruleId: value('rule_id'),
      reason: value('reason'),
      owner: value('owner'),
      expires: value('expires'),
      where,
    };
    const { ruleId, expires } = exemption;
    if (dayFromIso(expires) === undefined)
      throw new Error(`${where}, expires: ${shown(expires)} is not a day such as 2026-01-31`);
    const before = places.get(ruleId);
    if (before !== undefined) throw new Error(`${where}, rule_id: ${shown(ruleId)} is in the list already (${before})`);
    places.set(ruleId, where);
    return exemption;
  });
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
  for (const column of COLUMNS) {
    if (!header?.record.includes(column)) throw new Error(`${name}:${header?.info.lines ?? 1}: no column "${column}"`);
  }
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
