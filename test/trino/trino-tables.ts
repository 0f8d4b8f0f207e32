import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LogFormat } from '../../services/reconcile-usage/sql/log-format.ts';
import { partitionsOf } from '../../services/reconcile-usage/sql/partitions.ts';
import { quotedTable, type TableName } from '../../services/reconcile-usage/sql/quote.ts';
import { columnsOf } from '../../services/reconcile-usage/sql/table.ts';
import type { TrinoServer } from './trino-server.ts';

/** The first with the SerDe of regular expressions, by which Athena reads text here. */
export const REGEX_SINCE = 408;

/**
 * Declares over files below `root` what the CREATE EXTERNAL TABLE of the format declares in Athena, in Trino's own words.
 * Projection of partitions is Athena's: here each folder that there is becomes a partition.
 */
export async function declareTable(
  trino: TrinoServer,
  version: number,
  name: TableName,
  format: LogFormat,
  root: string,
): Promise<void> {
  const { columns, root: uri, template } = partitionsOf(format);
  const local = (address: string): string => `file://${root}/${address.slice('s3://'.length)}`;
  // Without the SerDe: fields separated by what is in no line of the tests, of which there is one.
  const text = version >= REGEX_SINCE ? `format = 'REGEX', regex = '(.*)'` : `format = 'TEXTFILE'`;
  const all = [...columnsOf(format), ...columns.map((column) => ({ name: column.name, type: 'string' }))];
  const types = { string: 'varchar', bigint: 'bigint' } as Readonly<Record<string, string>>;
  await trino.run(`CREATE SCHEMA IF NOT EXISTS "${name.database}"`);
  await trino.run(
    `CREATE TABLE ${quotedTable(name)} (${all.map((column) => `"${column.name}" ${types[column.type]!}`).join(', ')})
WITH (
  ${format.fileFormat === 'parquet' ? `format = 'PARQUET'` : text},
  external_location = '${local(uri)}',
  partitioned_by = ARRAY[${columns.map((column) => `'${column.name}'`).join(', ')}]
)`,
  );
  const shape = (_: string, column: string): string => `(?<${column}>${shapeOf(column, format)})`;
  const pattern = new RegExp(`^${template.slice(uri.length).replaceAll(/\$\{(\w+)\}/g, shape)}$`);
  const folder = join(root, uri.slice('s3://'.length));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const place = `${join(entry.parentPath, entry.name).slice(folder.length)}/`.replace(/^\//, '');
    const values = pattern.exec(place)?.groups;
    if (!entry.isDirectory() || !values) continue;
    const names = columns.map((column) => `'${column.name}'`).join(', ');
    const given = columns.map((column) => `'${values[column.name]!}'`).join(', ');
    await trino.run(
      `CALL system.register_partition('${name.database}', '${name.table}', ARRAY[${names}], ARRAY[${given}], '${local(uri)}${place}')`,
    );
  }
}

function shapeOf(column: string, { hiveCompatible }: LogFormat): string {
  return column === 'delivery_day' && !hiveCompatible ? '\\d{4}/\\d{2}/\\d{2}' : '\\d+';
}
