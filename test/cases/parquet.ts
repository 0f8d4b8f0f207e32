import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { V5, type Row } from './format.ts';

type ColumnType = 'INT32' | 'INT64' | 'DOUBLE' | 'TIMESTAMP_MICROS' | 'UTF8';

const SHORT = new Set(['version', 'srcport', 'dstport', 'protocol', 'tcp-flags', 'traffic-path']);
const LONG = new Set(['packets', 'bytes', 'start', 'end']);
const TIMES = new Set(['start', 'end']);

/** How a file of another writer departs from what AWS delivers. */
interface Departures {
  readonly names?: 'hyphens';
  readonly times?: 'timestamps';
  readonly numbers?: 'double';
  /** Of the columns of 64 bits. */
  readonly encoding?: 'BYTE_STREAM_SPLIT';
}

/**
 * A Parquet file of all fields of version 5, uncompressed. As AWS does it, names have `_` for `-`, and what is absent is
 * null where the column is numeric.
 */
export function parquetOf(rows: readonly Row[], departures: Departures = {}): Uint8Array {
  const { names, encoding } = departures;
  const columns = V5.map((field) => ({
    field,
    name: names === 'hyphens' ? field : field.replaceAll('-', '_'),
    type: typeOf(field, departures),
  }));
  const columnData = columns.map(({ field, name, type }) => ({
    name,
    data: rows.map((row) => cell(row[field] ?? '-', type)),
    ...(encoding && (type === 'INT64' || type === 'DOUBLE') && { encoding }),
  }));
  const schema: SchemaElement[] = [
    { name: 'schema', num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...schemaOf(type) })),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, codec: 'UNCOMPRESSED' }));
}

function typeOf(field: string, { times, numbers }: Departures): ColumnType {
  if (!SHORT.has(field) && !LONG.has(field)) return 'UTF8';
  if (numbers === 'double') return 'DOUBLE';
  if (times === 'timestamps' && TIMES.has(field)) return 'TIMESTAMP_MICROS';
  return SHORT.has(field) ? 'INT32' : 'INT64';
}

function schemaOf(type: ColumnType): Pick<SchemaElement, 'type' | 'converted_type'> {
  switch (type) {
    case 'INT32':
    case 'INT64':
    case 'DOUBLE':
      return { type };
    case 'TIMESTAMP_MICROS':
      return { type: 'INT64', converted_type: type };
    case 'UTF8':
      return { type: 'BYTE_ARRAY', converted_type: type };
  }
}

function cell(value: string | number, type: ColumnType): string | number | bigint | Date | null {
  if (type === 'UTF8') return String(value);
  if (value === '-') return null;
  switch (type) {
    case 'INT32':
    case 'DOUBLE':
      return Number(value);
    case 'INT64':
      return BigInt(value);
    case 'TIMESTAMP_MICROS':
      return new Date(Number(value) * 1000);
  }
}
