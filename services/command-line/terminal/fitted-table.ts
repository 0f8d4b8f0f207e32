import Table from 'cli-table3';
import { columns, wrapped } from './wrapped.ts';

export interface TableContent {
  readonly head: readonly string[];
  readonly colAligns: readonly ('left' | 'right')[];
  /** Plain text. */
  readonly rows: readonly (readonly string[])[];
  /** So many cells of a row tell what it is of. */
  readonly lead: number;
}

const STYLE = { head: [], border: [], compact: true };

/**
 * The lines of a table; on a terminal that is too narrow for it, a paragraph for each row: what it is of, and below it the other
 * cells, each behind its heading. What goes elsewhere is a table whatever its width.
 */
export function fittedTable({ head, colAligns, rows, lead }: TableContent): string[] {
  const table = new Table({ head: [...head], colAligns: [...colAligns], style: STYLE });
  for (const row of rows) table.push([...row]);
  const lines = table.toString().split('\n');
  if (!process.stdout.isTTY || lines.every(({ length }) => length <= columns())) return lines;
  return rows.flatMap((row) => {
    const cells = row.slice(lead).map((cell, i) => `${head[lead + i]!.toLowerCase()} ${cell}`);
    return [...wrapped(row.slice(0, lead).join(' ')), ...wrapped(cells.join(', '), INDENT)];
  });
}

const INDENT = '    ';
