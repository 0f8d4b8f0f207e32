import { createHash } from 'node:crypto';
import { LIMITS, type UsedField } from '../../../shared/flowlogs/fields.ts';
import { checkedFormat, usedFields, type LogFormat } from './log-format.ts';
import { partitionsOf } from './partitions.ts';
import { quotedTable, text, type TableName } from './quote.ts';

/** What Parquet columns of these fields are read as, be they of 32 or 64 bits; all others are text. */
const typeOf = (field: UsedField): FileColumn['type'] => (field in LIMITS ? 'bigint' : 'string');

export interface FileColumn {
  readonly name: string;
  readonly type: 'string' | 'bigint';
}

/** The columns that are in the files. */
export function columnsOf(format: LogFormat): FileColumn[] {
  if (format.fileFormat === 'plain-text') return [{ name: 'line', type: 'string' }];
  return usedFields(format).map((field) => ({ name: field.replaceAll('-', '_'), type: typeOf(field) }));
}

/** Keeps a line whole: its one group takes everything, blanks and control characters too. */
const WHOLE_LINE = `ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ("input.regex" = "(.*)")
STORED AS TEXTFILE`;
/** Columns go by their names. */
const PARQUET = `ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS PARQUET`;

/** A name that tells one table from every other, so that a table that exists is the one that is meant. */
export function tableNameOf(format: LogFormat): string {
  const definition = createTable({ database: 'database', table: 'name' }, format);
  return `flow_logs_${createHash('sha256').update(definition).digest('hex').slice(0, 12)}`;
}

/**
 * The table over the files of a format, with partitions that need neither a crawler nor a repair. Text has one column,
 * the line: columns by position would lose lines with too many fields, headers in mid-file and odd blanks.
 */
export function createTable(name: TableName, format: LogFormat): string {
  const { columns, root, template } = partitionsOf(checkedFormat(format));
  const isText = format.fileFormat === 'plain-text';
  const fields = columnsOf(format).map((column) => `\`${column.name}\` ${column.type}`);
  const properties = [
    ['projection.enabled', 'true'],
    ...columns.flatMap(({ name: column, projection }) =>
      Object.entries(projection).map(([key, value]) => [`projection.${column}.${key}`, value]),
    ),
    ['storage.location.template', template],
  ];
  return `CREATE EXTERNAL TABLE IF NOT EXISTS ${quotedTable(name, '`')} (
  ${fields.join(',\n  ')}
)
PARTITIONED BY (${columns.map((column) => `\`${column.name}\` string`).join(', ')})
${isText ? WHOLE_LINE : PARQUET}
LOCATION ${text(root)}
TBLPROPERTIES (
  ${properties.map(([key, value]) => `${text(key!)} = ${text(value!)}`).join(',\n  ')}
)`;
}
