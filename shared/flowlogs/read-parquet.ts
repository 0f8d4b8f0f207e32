import {
  parquetMetadata,
  parquetSchema,
  type ColumnMetaData,
  type AsyncBuffer,
  type FileMetaData,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { quoted } from '../text/plain.ts';
import type { Day } from '../time.ts';
import type { UsedField } from './fields.ts';
import { fieldsOfOcsf, type OcsfColumn } from './ocsf-columns.ts';
import type { Cell } from './parquet-column.ts';
import { usedColumnsOf, type ParquetColumn, type UsedColumns } from './parquet-schema.ts';
import { ColumnPages, PageLimits } from './parquet-pages.ts';
import { MOST_ROWS, RowReader } from './parquet-rows.ts';
import { endOfStruct } from './parquet-thrift.ts';
import { FlowLogError, type RecordSink } from './record.ts';

/** A file that is no larger is fetched as one: each column by itself costs more calls, and requests to S3, than it saves bytes. */
const WHOLE_BYTES = 4 * 1024 * 1024;
/** A larger row group than this is not a flow log that AWS writes. */
const MAX_ROW_GROUP_BYTES = 1024 * 1024 * 1024;
const MAX_ROWS = 2 ** 40;
/** A kilobyte for each column and row group is much; decoded it takes some ten times that. */
const MAX_FOOTER_BYTES = 8 * 1024 * 1024;
const MAGIC = 'PAR1';
/** Behind the footer: its length, and the mark. */
const TAIL_BYTES = 8;

/** The used columns of a Parquet flow log. */
interface ParquetColumns extends UsedColumns {
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
}

/**
 * Reads a Parquet flow log row group by row group and page by page: columns by name, `_` or `-` between its words, or by those of
 * OCSF, of any type that can hold their values; nulls and `-` alike are absent. Rows are counted from 1, as lines are.
 *
 * @param day of the file, for rows without traffic whose own times cannot be read
 * @throws FlowLogError when the file is not a Parquet file or no flow log
 */
export async function readParquet(file: AsyncBuffer, sink: RecordSink, day?: Day): Promise<ParquetRead> {
  const source = watched(file);
  const columns = await parsed(source, () => parquetColumns(source.file));
  const rowCounts = await parsed(source, () => rowCountsOf(columns.metadata));
  const reader = new RowReader(columns.fields, day);
  const ocsf = columns.isOcsf ? new OcsfCells(columns.used, reader) : undefined;
  const cellsOf = (key: string): Cell[] => (ocsf ? ocsf.cells(key) : reader.column(key as UsedField));
  const limits = new PageLimits();
  let row = 0;
  for (const [index, group] of columns.metadata.row_groups.entries()) {
    const pages = await parsed(source, () => pagesOf(source.file, group, columns, limits));
    const inOrder = [...pages.values()];
    for (let left = rowCounts[index]!; left > 0;) {
      await parsed(source, () => eachColumn(pages, (one) => one.load()));
      const rows = Math.min(left, MOST_ROWS, ...inOrder.map((one) => one.left));
      await parsed(source, () => eachColumn(pages, (one, key) => one.fill(cellsOf(key), rows)));
      if (ocsf) await parsed(source, () => ocsf.put(rows));
      left -= rows;
      for (let i = 0; i < rows; i++) {
        const reason = reader.read(i);
        row++;
        if (reason === undefined) sink.record(reader.record, row);
        else sink.malformed(row, reason);
      }
    }
    await parsed(source, () => eachColumn(pages, (one) => one.end()));
  }
  if (ocsf) return { tellsGaps: false, form: 'ocsf' };
  return { tellsGaps: columns.used.has('log-status'), form: 'parquet' };
}

/** Of its rows: where they are in OCSF, they do not tell which interface records were skipped of. */
interface ParquetRead {
  readonly tellsGaps: boolean;
  readonly form: 'parquet' | 'ocsf';
}

/** The columns of rows in OCSF, from which those of a flow log are made. */
class OcsfCells {
  readonly #cells: ReadonlyMap<string, Cell[]>;
  readonly #used: ReadonlyMap<string, ParquetColumn>;
  readonly #reader: RowReader;

  constructor(used: ReadonlyMap<string, ParquetColumn>, reader: RowReader) {
    this.#cells = new Map([...used.keys()].map((key) => [key, new Array<Cell>(MOST_ROWS).fill(null)]));
    this.#used = used;
    this.#reader = reader;
  }

  cells(key: string): Cell[] {
    return this.#cells.get(key)!;
  }

  put(rows: number): void {
    // A column of times is of a type that says so, or holds milliseconds.
    const inMilliseconds = (key: OcsfColumn): boolean => this.#used.get(key)?.isPlain === true;
    for (let row = 0; row < rows; row++) {
      const cell = (key: OcsfColumn): Cell => this.#cells.get(key)?.[row] ?? null;
      fieldsOfOcsf(cell, inMilliseconds, (field, value) => {
        this.#reader.column(field)[row] = value;
      });
    }
  }
}

/**
 * Where the used columns of a Parquet flow log are, and what they are of.
 *
 * @throws FlowLogError where it is not Parquet; hyparquet's own errors, and errors of the file
 */
async function parquetColumns(file: AsyncBuffer): Promise<ParquetColumns> {
  const { metadata, footerAt } = await footerOf(file);
  const schema = parquetSchema(metadata);
  checkLayout(metadata, schema, footerAt);
  return { metadata, schema, ...usedColumnsOf(schema) };
}

/**
 * The columns of a Parquet flow log that the program looks at.
 *
 * @throws FlowLogError as {@link readParquet} does
 */
export async function fieldsOfParquet(file: AsyncBuffer): Promise<Pick<UsedColumns, 'fields' | 'isOcsf'>> {
  const source = watched(file);
  return parsed(source, () => parquetColumns(source.file));
}

/**
 * The fields of a Parquet flow log, with hyphens, if every engine reads it as this module does: names, types and encodings
 * as AWS has them. Undefined for any other.
 *
 * @throws FlowLogError as {@link readParquet} does
 */
export async function isAsAwsWrites(file: AsyncBuffer): Promise<readonly string[] | undefined> {
  const source = watched(file);
  const { metadata, schema, used, isOcsf: isOther } = await parsed(source, () => parquetColumns(source.file));
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

function rowCountsOf({ row_groups: groups, num_rows: rows }: FileMetaData): number[] {
  const counts = groups.map((group) => Number(group.num_rows));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!counts.every((count) => count >= 0 && count <= MAX_ROWS) || total !== Number(rows)) {
    throw new FlowLogError('not a readable Parquet file: the rows of its groups are not its rows');
  }
  return counts;
}

async function footerOf(file: AsyncBuffer): Promise<{ metadata: FileMetaData; footerAt: number }> {
  const { byteLength } = file;
  if (byteLength < MAGIC.length + TAIL_BYTES) throw new Error('parquet file is too short');
  const tail = new DataView(await file.slice(byteLength - TAIL_BYTES, byteLength));
  const magic = String.fromCharCode(...new Uint8Array(tail.buffer, 4));
  if (magic !== MAGIC) throw new Error(`parquet file invalid (footer != ${MAGIC})`);
  const length = tail.getUint32(0, true);
  const footerAt = byteLength - TAIL_BYTES - length;
  if (footerAt < MAGIC.length) throw new Error('a footer longer than the file');
  if (length > MAX_FOOTER_BYTES) throw new Error(`a footer of ${String(length)} bytes`);
  const footer = await file.slice(footerAt, byteLength);
  if (endOfStruct(new Uint8Array(footer), 0, length) !== length) throw new Error('bytes behind the footer');
  return { metadata: parquetMetadata(footer, { geoparquet: false }), footerAt };
}

/**
 * The footer has no checksum, but says much of it twice. Makes sure that the columns of each row group are those of the schema,
 * in their order, and that no two of them share a byte of the file.
 *
 * @throws Error where they are not, or do
 */
function checkLayout({ row_groups: groups }: FileMetaData, schema: SchemaTree, footerAt: number): void {
  const leaves = leavesOf(schema);
  const ranges: { from: number; to: number }[] = [];
  for (const { columns } of groups) {
    if (columns.length !== leaves.length) throw new Error('a row group lacks columns, or has others');
    for (const [i, { meta_data: meta, file_path: path }] of columns.entries()) {
      const { path: leaf, element } = leaves[i]!;
      if (path !== undefined) throw new Error('parts in other files are not read');
      if (!meta) throw new Error(`a row group lacks the column ${quoted(leaf.join())}`);
      const named = meta.path_in_schema;
      if (named.length !== leaf.length || named.some((name, at) => name !== leaf[at])) {
        throw new Error(`a column is named ${named.join()}`);
      }
      if (meta.type !== element.type) throw new Error(`a column of type ${meta.type}`);
      ranges.push(rangeOf(meta));
    }
  }
  ranges.sort((a, b) => a.from - b.from);
  let free = MAGIC.length;
  for (const { from, to } of ranges.filter((one) => one.from !== one.to)) {
    if (!(from >= 0 && to >= from && to <= footerAt)) throw new Error('a part lies outside of the file');
    if (from < free) throw new Error('two columns share a part of the file');
    free = to;
  }
}

function leavesOf(tree: SchemaTree): SchemaTree[] {
  const { children, element } = tree;
  if (children.length > 0) return children.flatMap(leavesOf);
  return element.type === undefined ? [] : [tree];
}

function rangeOf(meta: ColumnMetaData): { from: number; to: number } {
  const from = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
  return { from, to: from + Number(meta.total_compressed_size) };
}

type PagesByField = ReadonlyMap<string, ColumnPages>;

function pagesOf(file: AsyncBuffer, group: RowGroup, { used }: ParquetColumns, limits: PageLimits): PagesByField {
  if (group.total_byte_size > MAX_ROW_GROUP_BYTES) {
    throw new FlowLogError(`a row group of ${String(group.total_byte_size)} bytes: not a VPC flow log`);
  }
  const pages = new Map<string, ColumnPages>();
  for (const [field, column] of used) {
    const isIt = (one: ColumnMetaData): boolean => column.path.every((name, i) => one.path_in_schema[i] === name);
    const meta = group.columns.find(({ meta_data: one }) => one && isIt(one))?.meta_data;
    if (!meta) throw new Error(`a row group lacks the column ${quoted(field)}`);
    pages.set(field, new ColumnPages(file, rangeOf(meta), meta, column, limits));
  }
  return pages;
}

async function eachColumn(
  pages: PagesByField,
  act: (one: ColumnPages, key: string) => Promise<void> | void,
): Promise<void> {
  for (const [field, one] of pages) {
    try {
      await act(one, field);
    } catch (error) {
      throw new Error(`column ${field}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

interface Source {
  readonly file: AsyncBuffer;
  /** What reading the file itself failed with, in a list so that any value can be told from none. */
  readonly failures: readonly unknown[];
}

/** Tells a file that could not be fetched from one whose bytes are wrong: by who threw, not by how the error looks. */
function watched(file: AsyncBuffer): Source {
  const failures: unknown[] = [];
  let whole: ArrayBuffer | undefined;
  const slice = async (from: number, to = file.byteLength): Promise<ArrayBuffer> => {
    if (!(from >= 0 && from <= to && to <= file.byteLength)) throw new Error('a part lies outside of the file');
    if (whole) return whole.slice(from, to);
    if (file.byteLength <= WHOLE_BYTES && to - from < file.byteLength) {
      whole = await slice(0, file.byteLength);
      return whole.slice(from, to);
    }
    try {
      const part = await file.slice(from, to);
      if (part.byteLength === to - from) return part;
    } catch (error) {
      failures.push(error);
      throw error;
    }
    throw new Error('a part of the file is missing');
  };
  return { file: { byteLength: file.byteLength, slice }, failures };
}

async function parsed<T>(source: Source, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw refusal(source, error);
  }
}

function refusal({ failures }: Source, error: unknown): unknown {
  if (failures.length > 0) return failures[0];
  if (error instanceof FlowLogError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FlowLogError(`not a readable Parquet file: ${quoted(message, 200)}`);
}
