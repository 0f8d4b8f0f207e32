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
import { MOST_ROWS, type CellColumn } from './parquet-cells.ts';
import type { ParquetColumn } from './parquet-schema.ts';
import { ColumnPages, PageLimits } from './parquet-pages.ts';
import { endOfStruct } from './parquet-thrift.ts';
import { FlowLogError } from './record.ts';

/** A file that is no larger is fetched as one: each column by itself costs more calls, and requests to S3, than it saves bytes. */
const WHOLE_BYTES = 4 * 1024 * 1024;
/** A larger row group than this is not a flow log that AWS writes. */
const MAX_ROW_GROUP_BYTES = 1024 * 1024 * 1024;
const MAX_FILE_ROWS = 2 ** 40;
/** A kilobyte for each column and row group is much; decoded it takes some ten times that. */
const MAX_FOOTER_BYTES = 8 * 1024 * 1024;
const MAGIC = 'PAR1';
/** Behind the footer: its length, and the mark. */
const TAIL_BYTES = 8;

/** A Parquet file of which the footer was read: what it holds, and where. */
export class ParquetFile {
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
  readonly #source: Source;

  private constructor(source: Source, metadata: FileMetaData, schema: SchemaTree) {
    this.#source = source;
    this.metadata = metadata;
    this.schema = schema;
  }

  /** @throws FlowLogError where it is not Parquet; errors of the file */
  static async open(file: AsyncBuffer): Promise<ParquetFile> {
    const source = watched(file);
    return parsed(source, async () => {
      const { metadata, footerAt } = await footerOf(source.file);
      const schema = parquetSchema(metadata);
      checkLayout(metadata, schema, footerAt);
      return new ParquetFile(source, metadata, schema);
    });
  }

  /** Does what may find the file damaged. @throws FlowLogError then */
  async look<T>(act: () => T | Promise<T>): Promise<T> {
    return parsed(this.#source, act);
  }

  /**
   * Reads some columns, row group by row group and page by page, some rows at a time.
   *
   * @param into what is filled, by the same keys
   * @returns how many rows are in the columns until the next ones are asked for
   * @throws FlowLogError where the file is damaged; errors of the file
   */
  async *rows(used: ReadonlyMap<string, ParquetColumn>, into: ReadonlyMap<string, CellColumn>): AsyncGenerator<number> {
    const rowCounts = await this.look(() => rowCountsOf(this.metadata));
    const limits = new PageLimits();
    for (const [index, group] of this.metadata.row_groups.entries()) {
      const pages = await this.look(() => pagesOf(this.#source.file, group, used, limits, into));
      const inOrder = [...pages.values()];
      for (let left = rowCounts[index]!; left > 0;) {
        if (inOrder.some((one) => one.left === 0)) await this.look(() => eachColumn(pages, (one) => one.load()));
        const rows = Math.min(left, MOST_ROWS, ...inOrder.map((one) => one.left));
        await this.look(() => {
          fillEach(pages, rows);
        });
        left -= rows;
        yield rows;
      }
      await this.look(() => eachColumn(pages, (one) => one.end()));
    }
  }
}

function rowCountsOf({ row_groups: groups, num_rows: rows }: FileMetaData): number[] {
  const counts = groups.map((group) => Number(group.num_rows));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!counts.every((count) => count >= 0 && count <= MAX_FILE_ROWS) || total !== Number(rows)) {
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

function pagesOf(
  file: AsyncBuffer,
  group: RowGroup,
  used: ReadonlyMap<string, ParquetColumn>,
  limits: PageLimits,
  into: ReadonlyMap<string, CellColumn>,
): PagesByField {
  if (group.total_byte_size > MAX_ROW_GROUP_BYTES) {
    throw new FlowLogError(`a row group of ${String(group.total_byte_size)} bytes: not a VPC flow log`);
  }
  const pages = new Map<string, ColumnPages>();
  for (const [field, column] of used) {
    const isIt = (one: ColumnMetaData): boolean => column.path.every((name, i) => one.path_in_schema[i] === name);
    const meta = group.columns.find(({ meta_data: one }) => one && isIt(one))?.meta_data;
    if (!meta) throw new Error(`a row group lacks the column ${quoted(field)}`);
    pages.set(field, new ColumnPages(file, rangeOf(meta), meta, column, limits, into.get(field)!));
  }
  return pages;
}

async function eachColumn(pages: PagesByField, act: (one: ColumnPages) => Promise<void>): Promise<void> {
  for (const [field, one] of pages) {
    try {
      await act(one);
    } catch (error) {
      throw ofColumn(field, error);
    }
  }
}

function fillEach(pages: PagesByField, rows: number): void {
  for (const [field, one] of pages) {
    try {
      one.fill(rows);
    } catch (error) {
      throw ofColumn(field, error);
    }
  }
}

function ofColumn(field: string, error: unknown): Error {
  return new Error(`column ${field}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
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
