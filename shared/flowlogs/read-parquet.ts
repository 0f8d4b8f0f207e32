import type { AsyncBuffer } from 'hyparquet';
import type { Day } from '../time.ts';
import { USED_FIELDS, type UsedField } from './fields.ts';
import { fieldsOfOcsf, OCSF_FIELDS, type OcsfColumn } from './ocsf-columns.ts';
import { CellColumn, type Cell } from './parquet-cells.ts';
import { kindOf } from './parquet-column.ts';
import { ParquetFile } from './parquet-file.ts';
import { usedColumnsOf, type ParquetColumn, type UsedColumns } from './parquet-schema.ts';
import { RowReader } from './parquet-rows.ts';
import type { RecordSink } from './record.ts';
import { MAX_ROWS } from './scan/layout.ts';
import { UsualRows } from './usual-rows.ts';

/**
 * Reads a Parquet flow log row group by row group and page by page: columns by name, `_` or `-` between its words, or by those of
 * OCSF, of any type that can hold their values; nulls and `-` alike are absent. Rows are counted from 1, as lines are.
 *
 * @param day of the file, for rows without traffic whose own times cannot be read
 * @throws FlowLogError when the file is not a Parquet file or no flow log
 */
export async function readParquet(file: AsyncBuffer, sink: RecordSink, day?: Day): Promise<ParquetRead> {
  const parquet = await ParquetFile.open(file);
  const { used, isOcsf } = await parquet.look(() => usedColumnsOf(parquet.schema));
  const room = idle.pop() ?? new Room();
  try {
    const ocsf = isOcsf ? new OcsfColumns(used) : undefined;
    const columns = ocsf?.columns ?? room.columnsOf(used.keys() as Iterable<UsedField>);
    const [{ rows: usual }, reader] = [room, new RowReader(columns, day)];
    const { record } = reader;
    usual.use(columns);
    let row = 0;
    for await (const rows of parquet.rows(used, ocsf?.into ?? columns)) {
      if (ocsf) await parquet.look(() => ocsf.put(rows));
      for (let from = 0; from < rows; from += MAX_ROWS) {
        const some = Math.min(rows - from, MAX_ROWS);
        usual.read(from, some);
        for (let i = 0; i < some; i++) {
          if (!usual.isOdd(i)) {
            if (i >= usual.size) usual.endBeforeOdd(i);
            const next = sink.rows?.(usual, i) ?? i;
            row += next - i;
            if (next === some) break;
            i = next;
          }
          row++;
          let reason: string | undefined;
          if (usual.isOdd(i)) reason = reader.read(from + i);
          else usual.fill(i, record);
          if (reason === undefined) sink.record(record, row);
          else sink.malformed(row, reason);
        }
      }
    }
    return ocsf ? { tellsGaps: false, form: 'ocsf' } : { tellsGaps: used.has('log-status'), form: 'parquet' };
  } finally {
    room.forget();
    idle.push(room);
  }
}

/** Columns and rows for one file: to make them takes as long as to read a hundred rows. */
class Room {
  readonly rows = new UsualRows();
  readonly #columns = new Map(USED_FIELDS.map((field) => [field, new CellColumn(kindOf(field))]));

  columnsOf(fields: Iterable<UsedField>): ReadonlyMap<UsedField, CellColumn> {
    return new Map(Array.from(fields, (field) => [field, this.#columns.get(field)!]));
  }

  forget(): void {
    for (const column of this.#columns.values()) column.forget();
  }
}

/** One is enough while no sink reads another file. */
const idle: Room[] = [];

/** Of its rows: where they are in OCSF, they do not tell which interface records were skipped of. */
interface ParquetRead {
  readonly tellsGaps: boolean;
  readonly form: 'parquet' | 'ocsf';
}

/** The columns of rows in OCSF, from which those of a flow log are made. */
class OcsfColumns {
  readonly columns: ReadonlyMap<UsedField, CellColumn> = new Map(
    OCSF_FIELDS.map((field) => [field, new CellColumn(kindOf(field))]),
  );
  readonly into: ReadonlyMap<string, CellColumn>;
  readonly #used: ReadonlyMap<string, ParquetColumn>;

  constructor(used: ReadonlyMap<string, ParquetColumn>) {
    this.into = new Map([...used].map(([key, { kind }]) => [key, new CellColumn(kind)]));
    this.#used = used;
  }

  put(rows: number): void {
    // A column of times is of a type that says so, or holds milliseconds.
    const inMilliseconds = (key: OcsfColumn): boolean => this.#used.get(key)?.isPlain === true;
    for (let row = 0; row < rows; row++) {
      const cell = (key: OcsfColumn): Cell => this.into.get(key)?.get(row) ?? null;
      fieldsOfOcsf(cell, inMilliseconds, (field, value) => {
        this.columns.get(field)!.put(row, value);
      });
    }
  }
}

/**
 * The columns of a Parquet flow log that the program looks at.
 *
 * @throws FlowLogError as {@link readParquet} does
 */
export async function fieldsOfParquet(file: AsyncBuffer): Promise<Pick<UsedColumns, 'fields' | 'isOcsf'>> {
  const parquet = await ParquetFile.open(file);
  return parquet.look(() => usedColumnsOf(parquet.schema));
}

/**
 * The fields of a Parquet flow log, with hyphens, if every engine reads it as this module does: names, types and encodings
 * as AWS has them. Undefined for any other.
 *
 * @throws FlowLogError as {@link readParquet} does
 */
export async function isAsAwsWrites(file: AsyncBuffer): Promise<readonly string[] | undefined> {
  const parquet = await ParquetFile.open(file);
  const { metadata, schema } = parquet;
  const { used, isOcsf: isOther } = await parquet.look(() => usedColumnsOf(schema));
  const isUsual = !isOther && [...used.values()].every(({ path: [name], isPlain }) => isPlain && !name!.includes('-'));
  const chunks = metadata.row_groups.flatMap(({ columns }) => columns.flatMap(({ meta_data: meta }) => meta ?? []));
  const isReadByAll = chunks.every(
    ({ codec, encodings }) => CODECS.has(codec) && encodings.every((encoding) => ENCODINGS.has(encoding)),
  );
  if (!isUsual || !isReadByAll) return undefined;
  return schema.children.map(({ element }) => element.name.replaceAll('_', '-'));
}

const CODECS: ReadonlySet<string> = new Set(['UNCOMPRESSED', 'SNAPPY', 'GZIP']);
const ENCODINGS: ReadonlySet<string> = new Set(['PLAIN', 'PLAIN_DICTIONARY', 'RLE_DICTIONARY', 'RLE', 'BIT_PACKED']);
