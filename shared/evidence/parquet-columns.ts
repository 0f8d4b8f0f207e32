import type { ColumnChunk, Encoding, SchemaElement, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';

/*
 * Columns of a Parquet file, filled value by value in typed arrays. hyparquet-writer writes headers, runs of bits, SNAPPY and the
 * footer, but makes columns from arrays of values alone: of strings and BigInts, each looked up, compared with a smallest and a
 * largest one, and copied. Here distinct values are known while a column is filled.
 */

/** Values of one row group. */
export interface Column {
  readonly element: SchemaElement;
  /** Writes the values and forgets them. */
  write(into: ByteWriter): ColumnChunk;
}

interface Pages {
  /** Distinct values, as Parquet's PLAIN has them, and their number. */
  readonly dictionary?: { readonly bytes: Uint8Array; readonly size: number };
  /** The values, as the encoding has them. */
  readonly data: Uint8Array;
  readonly rows: number;
  /** Smallest and largest value. */
  readonly bounds: Pick<Statistics, 'min_value' | 'max_value'>;
}

/** A column of texts, of which many are the same. */
export class TextColumn implements Column {
  readonly element: SchemaElement;
  readonly #indexes: Int32Array;
  readonly #numbers = new Map<unknown, number>();
  #texts: string[] = [];
  #rows = 0;

  /** @param most rows of a row group */
  constructor(name: string, most: number) {
    this.element = { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' };
    this.#indexes = new Int32Array(most);
  }

  add(text: string): void {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#texts.push(text) - 1));
    this.#indexes[this.#rows++] = number;
  }

  /** @param list stays as it is; told separated by blanks */
  addList(list: readonly string[]): void {
    const number = this.#numbers.get(list);
    if (number === undefined) {
      this.add(list.join(' '));
      this.#numbers.set(list, this.#indexes[this.#rows - 1]!);
    } else {
      this.#indexes[this.#rows++] = number;
    }
  }

  /** A text that is known to be no other's. */
  addNew(text: string): void {
    this.#indexes[this.#rows++] = this.#texts.push(text) - 1;
  }

  /** @param number of a text that was added, by the order in which distinct ones came, from 0 */
  addAgain(number: number): void {
    this.#indexes[this.#rows++] = number;
  }

  write(into: ByteWriter): ColumnChunk {
    const [texts, rows] = [this.#texts, this.#rows];
    const data = indexPage(this.#indexes.subarray(0, rows), texts.length);
    this.#texts = [];
    this.#numbers.clear();
    this.#rows = 0;
    return writePages(into, this.element, {
      dictionary: { bytes: plainTexts(texts), size: texts.length },
      data,
      rows,
      bounds: boundsOf(texts),
    });
  }
}

/** A column of integers that are not negative. */
export class NumberColumn implements Column {
  readonly element: SchemaElement;
  readonly #values: Float64Array;
  #rows = 0;

  constructor(name: string, type: 'INT32' | 'INT64', most: number) {
    this.element = { name, type, repetition_type: 'REQUIRED' };
    this.#values = new Float64Array(most);
  }

  add(value: number): void {
    this.#values[this.#rows++] = value;
  }

  write(into: ByteWriter): ColumnChunk {
    const values = this.#values.subarray(0, this.#rows);
    const is32 = this.element.type === 'INT32';
    let [smallest, largest] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
    const bounds = is32
      ? { min_value: smallest, max_value: largest }
      : { min_value: BigInt(smallest), max_value: BigInt(largest) };
    const plain = (some: ArrayLike<number>): Uint8Array => (is32 ? plainInt32(some) : plainInt64(some));
    const found = dictionaryOf(values);
    const pages = found
      ? {
          dictionary: { bytes: plain(found.distinct), size: found.distinct.length },
          data: indexPage(found.indexes, found.distinct.length),
        }
      : { data: plain(values) };
    this.#rows = 0;
    return writePages(into, this.element, { ...pages, rows: values.length, bounds });
  }
}

/** Values looked at before it may be said that too many are distinct. */
const SAMPLE = 1024;

/** Of small values, their number plus 1; 0 between uses. */
const small = new Int32Array(1 << 16);

/** Undefined where more than a third of the values are distinct: to number them would save little. */
function dictionaryOf(values: Float64Array): { distinct: number[]; indexes: Int32Array } | undefined {
  const distinct: number[] = [];
  const indexes = new Int32Array(values.length);
  const large = new Map<number, number>();
  let isWorth = true;
  for (let i = 0; i < values.length && isWorth; i++) {
    const value = values[i]!;
    let number = value < small.length ? small[value]! : (large.get(value) ?? 0);
    if (number === 0) {
      isWorth = i <= SAMPLE || distinct.length * 3 <= i;
      number = distinct.push(value);
      if (value < small.length) small[value] = number;
      else large.set(value, number);
    }
    indexes[i] = number - 1;
  }
  for (const value of distinct) if (value < small.length) small[value] = 0;
  return isWorth ? { distinct, indexes } : undefined;
}

function indexPage(indexes: Int32Array, distinct: number): Uint8Array {
  const width = 32 - Math.clz32(Math.max(0, distinct - 1));
  const page = new ByteWriter();
  page.appendUint8(width);
  writeRleBitPackedHybrid(page, indexes, width);
  return page.getBytes();
}

const encoder = new TextEncoder();

/** Each with its length before it. */
function plainTexts(texts: readonly string[]): Uint8Array {
  const most = texts.reduce((sum, text) => sum + 4 + 3 * text.length, 0);
  const bytes = new Uint8Array(most);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    const { written } = encoder.encodeInto(text, bytes.subarray(at + 4));
    view.setUint32(at, written, true);
    at += 4 + written;
  }
  return bytes.subarray(0, at);
}

function plainInt32(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i]!, true);
  return new Uint8Array(view.buffer);
}

function plainInt64(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    view.setUint32(8 * i, value >>> 0, true);
    view.setUint32(8 * i + 4, Math.floor(value / 2 ** 32), true);
  }
  return new Uint8Array(view.buffer);
}

/** None of texts that Parquet, by their bytes, orders in another way than JavaScript. */
function boundsOf(texts: readonly string[]): Pages['bounds'] {
  let [smallest, largest] = [texts[0]!, texts[0]!];
  for (const text of texts) {
    if (/[\ud800-\uffff]/.test(text)) return {};
    if (text < smallest) smallest = text;
    else if (text > largest) largest = text;
  }
  return { min_value: smallest, max_value: largest };
}

function writePages(into: ByteWriter, element: SchemaElement, pages: Pages): ColumnChunk {
  const { dictionary, data, rows, bounds } = pages;
  const start = into.offset;
  let unpacked = 0;
  const page = (
    bytes: Uint8Array,
    header: Omit<Parameters<typeof writePageHeader>[1], `${string}_page_size`>,
  ): void => {
    const packed = snappyCompress(bytes);
    const at = into.offset;
    writePageHeader(into, {
      ...header,
      uncompressed_page_size: bytes.length,
      compressed_page_size: packed.length,
    });
    unpacked += into.offset - at + bytes.length;
    into.appendBytes(packed);
  };
  if (dictionary) {
    const of = { num_values: dictionary.size, encoding: 'PLAIN' as const };
    page(dictionary.bytes, { type: 'DICTIONARY_PAGE', dictionary_page_header: of });
  }
  const dataStart = into.offset;
  const encoding: Encoding = dictionary ? 'RLE_DICTIONARY' : 'PLAIN';
  page(data, {
    type: 'DATA_PAGE_V2',
    data_page_header_v2: {
      num_values: rows,
      num_nulls: 0,
      num_rows: rows,
      encoding,
      is_compressed: true,
      definition_levels_byte_length: 0,
      repetition_levels_byte_length: 0,
    },
  });
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: element.type!,
      encodings: dictionary ? ['PLAIN', encoding] : [encoding],
      path_in_schema: [element.name],
      codec: 'SNAPPY',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(unpacked),
      total_compressed_size: BigInt(into.offset - start),
      data_page_offset: BigInt(dataStart),
      ...(dictionary && { dictionary_page_offset: BigInt(start) }),
      statistics: { ...bounds, null_count: 0n },
    },
  };
}
