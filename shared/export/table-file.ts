import { parquetWriteBuffer } from 'hyparquet-writer';
import { gzipPage } from '../parquet-gzip.ts';
import { TYPES, type TableColumns, type ColumnType } from './tables.ts';

/** What a cell is given as; times are UNIX seconds. */
interface Cells extends Record<ColumnType, string | number> {
  readonly text: string;
  readonly integer: number;
  readonly count: number;
  readonly number: number;
  readonly time: number;
}

/** A value for each column. */
export type TableRow<C extends TableColumns> = {
  readonly [name in keyof C]: Cells[C[name]['type']] | (C[name]['nullable'] extends true ? null : never);
};

type Stored = string | number | bigint | Date;

const STORED: { readonly [type in ColumnType]: (cell: Cells[type]) => Stored } = {
  text: (cell) => cell,
  integer: (cell) => cell,
  count: (cell) => BigInt(cell),
  number: (cell) => cell,
  time: (seconds) => new Date(seconds * 1000),
};

const ROWS_PER_GROUP = 100_000;

/**
 * The bytes of one file of a table: Parquet, GZIP, columns in the order and of the types that are declared.
 *
 * @throws RangeError for a count that is not a whole number
 */
export function tableFile<C extends TableColumns>(columns: C, rows: readonly TableRow<C>[]): Uint8Array {
  const columnData = Object.entries(columns).map(([name, { type, nullable }]) => {
    const stored = STORED[type] as (cell: string | number) => Stored;
    const data = rows.map((row) => {
      const cell = row[name] as string | number | null;
      return cell === null ? null : stored(cell);
    });
    return { name, type: TYPES[type].parquet, data, nullable };
  });
  return new Uint8Array(
    parquetWriteBuffer({
      columnData,
      rowGroupSize: ROWS_PER_GROUP,
      codec: 'GZIP',
      compressors: { GZIP: gzipPage },
      // Smallest and largest values would skip nothing in one row group, and take a third of the time, as pages of so many bytes do.
      statistics: false,
      pageSize: 0,
    }),
  );
}
