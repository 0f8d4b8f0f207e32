import { foldQuery, type Fold } from '../../../../services/reconcile-usage/sql/fold.ts';
import { createTable, tableNameOf } from '../../../../services/reconcile-usage/sql/table.ts';
import type { LogFormat } from '../../../../services/reconcile-usage/sql/log-format.ts';
import { withTexts } from '../../../shared/flowlogs/folded-texts.ts';
import type { FoldedRow } from '../../../../shared/flowlogs/folded-record.ts';
import { folderStore } from '../../../beds/athena-store.ts';
import { DuckDbAthena } from '../../../beds/duckdb-athena.ts';
import { DAY } from './laid-files.ts';

/** A row of the query: `FoldedRow` and its part. */
export type QueryRow = FoldedRow<string> & { readonly part: number };

/** Declares the table of the format over the files below `root`, and runs the fold of the day over it. */
export async function foldedInDuckDb(
  root: string,
  format: LogFormat,
  more: Partial<Pick<Fold, 'day' | 'lateHours' | 'parts' | 'share'>> = {},
): Promise<QueryRow[]> {
  const athena = new DuckDbAthena(folderStore(root), ['flow_logs']);
  try {
    const table = { database: 'flow_logs', table: tableNameOf(format) };
    await athena.execute(createTable(table, format));
    const { columns, rows } = await athena.execute(foldQuery({ table, format, day: DAY, ...more }));
    return rows.map((row) =>
      rowOf(
        columns.map(({ name }) => name),
        row,
      ),
    );
  } finally {
    await athena.stop();
  }
}

/** Numbers that have 64 bits come as bigints or texts. */
export function rowOf(names: readonly string[], values: readonly unknown[]): QueryRow {
  const shown = values.map((value) => (typeof value === 'bigint' ? Number(value) : value));
  return Object.fromEntries(names.map((name, i) => [name, shown[i]])) as unknown as QueryRow;
}

/** Without their parts, in an order of their own: what two folds are compared by. */
export function sorted(rows: readonly (FoldedRow | QueryRow)[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(Object.entries({ ...withTexts(row), part: undefined }).sort(([a], [b]) => (a < b ? -1 : 1))),
    )
    .sort();
}
