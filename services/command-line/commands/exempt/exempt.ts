import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { FileSet } from '../../../../shared/disk/file-set.ts';
import { shown } from '../../../../shared/text/plain.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { EXEMPTION_TARGETS, type Exemption } from '../../../../shared/verdicts/exemption.ts';
import { readExemptions } from '../../../../shared/verdicts/exemption-list.ts';

export interface NewExemption {
  /** See {@link targetOf}. */
  readonly target: string;
  readonly reason: string;
  readonly owner: string;
  /** `YYYY-MM-DD`, the last UTC day on which it holds. */
  readonly expires: string;
  /** CSV, or JSON where it holds that or its name says so. */
  readonly list: string;
}

type Row = Record<string, unknown>;

/**
 * Writes the exemption into the list, in the place of one of the same target. Other lines, and columns that nobody here
 * knows, stay as they are.
 *
 * @returns whether there was none of the target
 * @throws Error of one line where the list cannot be read or written, or would not be one afterwards
 */
export async function writeExemption({ target, list, ...said }: NewExemption): Promise<boolean> {
  const { kind, value } = targetOf(target);
  const before = await listIn(list);
  if (before !== undefined) readExemptions(before, list);
  const isJson = before === undefined ? list.endsWith('.json') : /^\ufeff?\s*\[/.test(before);
  const { columns, rows } =
    before === undefined ? { columns: [], rows: [] } : isJson ? jsonRows(before) : csvRows(before);
  const at = rows.findIndex((row) => textOf(row[kind]).trim() === value);
  const row = { ...(at < 0 ? {} : rows[at]), [kind]: value, ...said };
  const all = at < 0 ? [...rows, row] : rows.with(at, row);
  const known = before === undefined ? [...EXEMPTION_TARGETS, 'reason', 'owner', 'expires'] : columns;
  const text = isJson ? `${JSON.stringify(all, null, 2)}\n` : csvOf([...new Set([...known, ...Object.keys(row)])], all);
  readExemptions(text, list);
  const files = new FileSet();
  files.add(list, text);
  files.commit();
  return at < 0;
}

/** @throws Error that says what there may be */
function targetOf(text: string): Exemption['target'] {
  const [, prefix, rest = ''] = /^(tag|name):(.+)$/s.exec(text) ?? [];
  if (prefix === 'tag') return { kind: 'tag', value: rest };
  if (prefix === 'name') return { kind: 'group_name', value: rest };
  if (/^sgr-\w+$/.test(text)) return { kind: 'rule_id', value: text };
  if (/^sg-\w+$/.test(text)) return { kind: 'group_id', value: text };
  if (text.includes('/')) return { kind: 'cidr', value: text };
  throw new Error(`${shown(text)}: give sgr-…, sg-…, a block such as 10.0.0.0/8, tag:key=value or name:web*`);
}

async function listIn(list: string): Promise<string | undefined> {
  return readFile(list, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw namedError(list, error);
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function jsonRows(text: string): { columns: string[]; rows: Row[] } {
  return { columns: [], rows: JSON.parse(text.replace(/^\ufeff/, '')) as Row[] };
}

function csvRows(text: string): { columns: string[]; rows: Row[] } {
  const [columns = [], ...lines] = parse(text, { bom: true, skip_empty_lines: true });
  const rows = lines.map((cells) => Object.fromEntries(columns.map((column, i) => [column.trim(), cells[i]])));
  return { columns: columns.map((column) => column.trim()), rows };
}

/** Texts as they are: this list is read by this program, and kept by hand. RFC 4180, but for line feeds. */
function csvOf(columns: readonly string[], rows: readonly Row[]): string {
  const cell = (value: unknown): string => {
    const text = textOf(value);
    return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => `${cells.map(cell).join(',')}\n`)
    .join('');
}
