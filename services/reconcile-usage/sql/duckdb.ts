import type { FileColumn } from './table.ts';
import { identifier, quotedTable, type TableName } from './quote.ts';

export interface DuckDbTable {
  readonly name: TableName;
  readonly columns: readonly FileColumn[];
  readonly fileFormat: 'plain-text' | 'parquet';
  /** Where they lie: absolute paths. */
  readonly files: readonly string[];
  /** What `"$path"` has instead of the folder that all files are in. */
  readonly root: { readonly folder: string; readonly path: string };
  /** By column of partition: a regular expression that finds its value in `"$path"`, with one group around it. */
  readonly partitions: Readonly<Record<string, string>>;
}

/**
 * What makes DuckDB understand the queries of this folder as Trino does. These of Trino's functions have another name
 * there or none; `crc32` need only spread, and does so by other numbers.
 */
export const duckDbSetup: readonly string[] = [
  `SET integer_division = true`,
  `CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)`,
  `CREATE MACRO element_at(list, place) AS list_extract(list, place)`,
  `CREATE MACRO cardinality(list) AS len(list)`,
  `CREATE MACRO array_join(list, separator) AS array_to_string(list, separator)`,
  `CREATE MACRO bitwise_and(a, b) AS a & b`,
  `CREATE MACRO to_utf8(text) AS encode(text)`,
  `CREATE MACRO crc32(bytes) AS CAST(hash(bytes) % 4294967296 AS bigint)`,
];

/** Longer lines fail the query, with the name of the file. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** The last of all code points, which is not a character: it separates fields, and a line is one field. */
const NEVER = '\u{10ffff}';
const LINES =
  `auto_detect = false, header = false, delim = '${NEVER}', quote = '', escape = '', comment = '', ` +
  `columns = { 'line': 'VARCHAR' }, force_not_null = ['line'], max_line_size = ${MAX_LINE_BYTES}, ` +
  // Else sixteen times as much, for each thread.
  `buffer_size = ${MAX_LINE_BYTES}, ` +
  // Not strict: a carriage return ends a line, as in Hive and Trino.
  `strict_mode = false, encoding = 'utf-8'`;

const TYPES = { string: 'VARCHAR', bigint: 'BIGINT' } as const;

/**
 * Statements that make a view of the files, which the query reads as it would read Athena's table. Text must be UTF-8 and
 * `withWholeLines`, plain or gzip, as the name's end says; columns that a Parquet file lacks are null.
 */
export function duckDbView({ name, columns, fileFormat, files, root, partitions }: DuckDbTable): string[] {
  const list = files.map(literal).join(', ');
  const absent = columns.map((column) => `CAST(NULL AS ${TYPES[column.type]}) AS ${named(column.name)}`).join(', ');
  const source =
    fileFormat === 'plain-text'
      ? `SELECT line, filename FROM read_csv([${list}], filename = true, ${LINES})`
      : `SELECT * FROM read_parquet([${list}], filename = true, union_by_name = true)`;
  const none = `SELECT ${absent}, CAST(NULL AS VARCHAR) AS filename WHERE false`;
  // Worked out from `filename` each: its value is one for many rows, and DuckDB then works once.
  const path = `${literal(root.path)} || substr(filename, ${root.folder.length + 1})`;
  const values = Object.entries(partitions).map(
    ([column, source]) => `regexp_extract(${path}, ${literal(source)}, 1) AS ${named(column)}`,
  );
  const typed = columns.map(
    (column) => `CAST(${named(column.name)} AS ${TYPES[column.type]}) AS ${named(column.name)}`,
  );
  return [
    `CREATE SCHEMA IF NOT EXISTS "${identifier(name.database)}"`,
    `CREATE OR REPLACE VIEW ${quotedTable(name)} AS
SELECT ${[...typed, `${path} AS "$path"`, ...values].join(', ')}
FROM (${files.length === 0 ? none : `${source} UNION ALL BY NAME ${none}`})`,
  ];
}

/** Text with what would cut its lines for DuckDB replaced by U+FFFD. ASCII is left as it is. */
export function withWholeLines(text: string): string {
  return text.replaceAll(NEVER, '\ufffd');
}

/** Names of files are text of others. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function named(column: string): string {
  return `"${identifier(column)}"`;
}
