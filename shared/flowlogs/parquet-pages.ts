import type { ColumnMetaData, Compressors, DecodedArray, SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import type { Cell, CellReader } from './parquet-column.ts';
import { openPage } from './parquet-runs.ts';

/**
 * Limits of one page. Those that writers make have a megabyte, and at most the 1,048,576 rows of a usual row group, where
 * all are equal. A few bytes can stand for any number of equal values: unpacked they would take all memory.
 */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;
const MAX_PAGE_VALUES = 1 << 21;
/** A larger page is kept as codes, if so many values are all that is in it. */
const KEPT_AS_IT_IS = 1 << 16;

const limited: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, expand]) => [
    codec,
    (bytes: Uint8Array, length: number) => {
      if (!(length >= 0 && length <= MAX_PAGE_BYTES)) throw new Error(`a page of ${String(length)} bytes`);
      return expand(bytes, length);
    },
  ]),
);

/** What hyparquet makes of INT96, the old form of a timestamp, stays the number that it is. */
const parsers = { ...DEFAULT_PARSERS, timestampFromNanoseconds: (nanos: bigint): unknown => nanos };

/** The values of a column in one row group, in their order. Of its pages one is unpacked at a time. */
export class ColumnPages {
  readonly #reader: { readonly view: DataView; offset: number };
  readonly #decoder;
  readonly #cellOf: CellReader['cellOf'];
  readonly #isOptional: boolean;
  #dictionary: DecodedArray | undefined;
  #codes: Uint16Array | undefined;
  #values: ArrayLike<unknown> = [];
  #length = 0;
  #at = 0;

  /** @param schemaPath from the root of the schema to the column */
  constructor(
    bytes: ArrayBuffer,
    meta: ColumnMetaData,
    schemaPath: SchemaTree[],
    { element, isText, cellOf }: CellReader,
  ) {
    this.#reader = { view: new DataView(bytes), offset: 0 };
    this.#decoder = {
      ...meta,
      pathInSchema: meta.path_in_schema,
      element,
      schemaPath,
      compressors: limited,
      parsers,
      utf8: isText,
    };
    this.#cellOf = cellOf;
    this.#isOptional = element.repetition_type !== 'REQUIRED';
  }

  /**
   * The next value.
   *
   * @throws Error where a page cannot be read, or there is no more; hyparquet's own where bytes are damaged
   */
  next(): Cell {
    while (this.#at >= this.#length) this.#readPage();
    const at = this.#at++;
    return this.#cellOf(this.#codes ? this.#values[this.#codes[at]!] : this.#values[at]);
  }

  #readPage(): void {
    const { view } = this.#reader;
    if (this.#reader.offset >= view.byteLength - 1) throw new Error('too few rows');
    const header = parquetHeader(this.#reader);
    const { compressed_page_size: size, uncompressed_page_size: unpacked } = header;
    if (!(size >= 0 && this.#reader.offset + size <= view.byteLength))
      throw new Error('a page lies outside of its column');
    if (!(unpacked >= 0 && unpacked <= MAX_PAGE_BYTES)) throw new Error(`a page of ${String(unpacked)} bytes`);
    const count = (header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header)?.num_values;
    if (count !== undefined && !(count >= 0 && count <= MAX_PAGE_VALUES)) {
      throw new Error(`a page of ${String(count)} values; write the file with smaller row groups`);
    }
    if (header.type === 'DICTIONARY_PAGE') {
      const { data } = readPage(this.#reader, header, this.#decoder, undefined, undefined, 0);
      this.#dictionary = data && convert(data, this.#decoder);
      return;
    }
    const packed = new Uint8Array(view.buffer, view.byteOffset + this.#reader.offset, size);
    this.#reader.offset += size;
    const open = openPage(packed, header, this.#decoder, this.#isOptional);
    const reader = { view: new DataView(open.bytes.buffer, open.bytes.byteOffset, open.bytes.byteLength), offset: 0 };
    const decoder = { ...this.#decoder, codec: 'UNCOMPRESSED' as const };
    this.#hold(readPage(reader, open.header, decoder, this.#dictionary, undefined, 0).data ?? []);
  }

  #hold(values: ArrayLike<unknown>): void {
    const packed = values.length > KEPT_AS_IT_IS ? pack(values) : undefined;
    this.#codes = packed?.codes;
    this.#values = packed?.values ?? values;
    this.#length = values.length;
    this.#at = 0;
  }
}

/** Two bytes a value; undefined where too many values are distinct. */
function pack(values: ArrayLike<unknown>): { codes: Uint16Array; values: unknown[] } | undefined {
  const codeOf = new Map<unknown, number>();
  const codes = new Uint16Array(values.length);
  let last: unknown = codes;
  let lastCode = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== last) {
      last = value;
      lastCode = codeOf.get(value) ?? codeOf.size;
      if (lastCode === KEPT_AS_IT_IS) return undefined;
      codeOf.set(value, lastCode);
    }
    codes[i] = lastCode;
  }
  return { codes, values: [...codeOf.keys()] };
}
