/** Rows of like keys, column by column: what is alike lies together, so that gzip leaves a third less of it. */
export interface PackedRows {
  readonly length: number;
  readonly columns: Readonly<Record<string, Column>>;
}

interface Column {
  /** Indexes of rows without the key, ascending. */
  readonly absent: readonly number[];
  /** Of the others: their values, or where all are objects those in columns as well. */
  readonly values: readonly unknown[] | PackedRows;
}

type Row = Readonly<Record<string, unknown>>;

/** @param rows of what JSON can hold */
export function packRows(rows: readonly Row[]): PackedRows {
  const keys = new Set(rows.flatMap((row) => Object.keys(row)));
  const columnOf = (key: string): Column => {
    const absent: number[] = [];
    const values: unknown[] = [];
    for (const [i, row] of rows.entries()) {
      if (row[key] === undefined) absent.push(i);
      else values.push(row[key]);
    }
    return { absent, values: values.length > 0 && values.every(isRow) ? packRows(values) : values };
  };
  return { length: rows.length, columns: Object.fromEntries([...keys].map((key) => [key, columnOf(key)])) };
}

/** What {@link packRows} was made of. Row by row, so that rows of the same keys are of one shape to the engine. */
export function unpackRows({ length, columns }: PackedRows): Row[] {
  const all = Object.entries(columns).map(([key, { absent, values }]) => {
    return { key, absent, there: 'columns' in values ? unpackRows(values) : values, next: 0, missing: 0 };
  });
  return Array.from({ length }, (_, i) => {
    const row: Record<string, unknown> = {};
    for (const column of all) {
      if (column.absent[column.missing] === i) column.missing++;
      else row[column.key] = column.there[column.next++];
    }
    return row;
  });
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
