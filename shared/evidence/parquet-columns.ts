import type { ColumnChunk, Encoding, SchemaElement, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { gzipPage } from '../parquet-gzip.ts';

/*
 * Columns of a Parquet file, written from numbers in typed arrays: values, or the places of texts among distinct ones.
 * hyparquet-writer writes headers, runs of bits and the footer, but makes columns from arrays of values alone: of strings and
 * BigInts, each looked up, compared with a smallest and a largest one, and copied.
 *
 * Loops are functions of their own, each over one kind of array: V8 compiles them soon, and once.
 */

interface Pages {
  /** Distinct values, as Parquet's PLAIN has them, and their number. */
  readonly dictionary?: { readonly bytes: Uint8Array; readonly size: number };
  /** The values, as the encoding has them. */
  readonly data: Uint8Array;
  readonly rows: number;
  /** Smallest and largest value. */
  readonly bounds: Pick<Statistics, 'min_value' | 'max_value'>;
}

/** A column of texts, of which many are the same: they are numbered from 0 as they come, until they are written. */
export class TextColumn {
  readonly element: SchemaElement;
  readonly #numbers = new Map<unknown, number>();
  #texts: string[] = [];
  /** What came last comes mostly again. */
  #last: unknown;
  #lastNumber = 0;

  constructor(name: string) {
    this.element = { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' };
  }

  /** @param value a text, or a list that stays as it is and is told separated by blanks */
  numberOf(value: string | readonly string[]): number {
    return value === this.#last ? this.#lastNumber : this.#lookUp(value);
  }

  /** The number of a text that is known to be no other's. */
  numberOfNew(text: string): number {
    return this.#texts.push(text) - 1;
  }

  /** @param indexes of rows, the numbers of their texts; all texts are forgotten */
  write(into: ByteWriter, indexes: Int32Array): ColumnChunk {
    const texts = this.#texts;
    const pages = {
      dictionary: { bytes: plainTexts(texts), size: texts.length },
      data: indexPage(indexes, texts.length),
      rows: indexes.length,
      bounds: boundsOf(texts),
    };
    this.#texts = [];
    this.#numbers.clear();
    this.#last = undefined;
    return writePages(into, this.element, pages);
  }

  #lookUp(value: string | readonly string[]): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = typeof value === 'string' ? this.numberOfNew(value) : this.#lookUp(value.join(' '));
      this.#numbers.set(value, number);
    }
    this.#last = value;
    this.#lastNumber = number;
    return number;
  }
}

/** A column of integers that are not negative. */
export class NumberColumn {
  readonly element: SchemaElement;

  constructor(name: string, type: 'INT32' | 'INT64') {
    this.element = { name, type, repetition_type: 'REQUIRED' };
  }

  write(into: ByteWriter, values: Float64Array): ColumnChunk {
    const [smallest, largest] = [smallestOf(values), largestOf(values)];
    const is32 = this.element.type === 'INT32';
    const bounds = is32
      ? { min_value: smallest, max_value: largest }
      : { min_value: BigInt(smallest), max_value: BigInt(largest) };
    const plain = is32 ? plainInt32 : plainInt64;
    const found = dictionaryOf(values);
    const pages = found
      ? {
          dictionary: { bytes: plain(found.distinct), size: found.distinct.length },
          data: indexPage(found.indexes, found.distinct.length),
        }
      : { data: plain(values) };
    return writePages(into, this.element, { ...pages, rows: values.length, bounds });
  }
}

function smallestOf(values: Float64Array): number {
  let smallest = Infinity;
  for (const value of values) if (value < smallest) smallest = value;
  return smallest;
}

function largestOf(values: Float64Array): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}

/** Values looked at before it may be said that too many are distinct. */
const SAMPLE = 1024;

/** Of small values, their number plus 1; 0 between uses. */
const small = new Int32Array(1 << 16);

/** Undefined where more than a third of the values are distinct: to number them would save little. */
function dictionaryOf(values: Float64Array): { distinct: Float64Array; indexes: Int32Array } | undefined {
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
  return isWorth ? { distinct: Float64Array.from(distinct), indexes } : undefined;
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
  // One behind the other, and a zero between, so that halves of a character in two texts do not become one.
  const joined = texts.join('\0');
  const all = encoder.encode(joined);
  const isAscii = all.length === joined.length;
  const bytes = new Uint8Array(all.length + 4 * texts.length);
  let [from, at] = [0, 0];
  for (const text of texts) {
    const length = isAscii ? text.length : encoder.encode(text).length;
    for (let shift = 0; shift < 32; shift += 8) bytes[at++] = (length >>> shift) & 255;
    for (const end = at + length; at < end;) bytes[at++] = all[from++]!;
    from++;
  }
  return bytes.subarray(0, at);
}

function plainInt32(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i]!, true);
  return new Uint8Array(view.buffer);
}

function plainInt64(values: Float64Array): Uint8Array {
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
    const packed = gzipPage(bytes);
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
      codec: 'GZIP',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(unpacked),
      total_compressed_size: BigInt(into.offset - start),
      data_page_offset: BigInt(dataStart),
      ...(dictionary && { dictionary_page_offset: BigInt(start) }),
      statistics: { ...bounds, null_count: 0n },
    },
  };
}
