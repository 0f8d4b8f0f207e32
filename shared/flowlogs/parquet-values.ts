import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import type { Encoding, ParquetType, SchemaElement } from 'hyparquet';
import type { Cell } from './parquet-column.ts';
import { Runs } from './parquet-runs.ts';

/** The values of a page, nulls aside, one after the other. */
export interface Values {
  /**
   * Puts so many into places from one on.
   *
   * @throws Error where there are no more, or bytes are damaged
   */
  fill(into: Cell[], from: number, count: number): void;
  /**
   * To be asked behind the last one.
   *
   * @param isExact whether the page may not be filled up with zeros
   * @throws Error where bytes are left over: then it was not these values that were written
   */
  end(isExact: boolean): void;
}

/** What the values of a column are. */
export interface ValueType {
  readonly element: SchemaElement;
  /** Byte arrays are texts in UTF-8. */
  readonly isText: boolean;
  readonly cellOf: (raw: unknown) => Cell;
}

/** The same before it is known what they mean. */
interface RawValues extends Pick<Values, 'end'> {
  next(): unknown;
}

/** How many bytes {@link valuesOf} needs in addition to those of the page. */
export function bytesBeside(encoding: Encoding, count: number): number {
  return encoding.startsWith('DELTA') || encoding === 'BYTE_STREAM_SPLIT' ? 8 * count : 0;
}

/** No text or number of a flow log is longer. */
const MAX_VALUE_BYTES = 1 << 16;
const JULIAN_DAY_OF_1970 = 2_440_588n;
const NANOSECONDS_OF_DAY = 86_400_000_000_000n;

/**
 * Reads a page, decompressed and without its levels.
 * https://github.com/apache/parquet-format/blob/master/Encodings.md
 *
 * @param count of values that are no nulls
 * @param dictionary of the column, where it has one
 * @throws Error where the encoding is not one of the type's
 */
export function valuesOf(
  page: Uint8Array,
  encoding: Encoding,
  count: number,
  type: ValueType,
  dictionary: readonly Cell[] | undefined,
): Values {
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') return coded(page, dictionary);
  const values = rawValuesOf(page, encoding, count, type);
  const { cellOf } = type;
  return {
    fill: (into, from, count) => {
      for (let at = from; at < from + count; at++) into[at] = cellOf(values.next());
    },
    end: (isExact) => {
      values.end(isExact);
    },
  };
}

function rawValuesOf(page: Uint8Array, encoding: Encoding, count: number, type: ValueType): RawValues {
  switch (encoding) {
    case 'PLAIN':
      return plain(page, type);
    case 'DELTA_BINARY_PACKED':
      return listed(integers(readerOf(page), type.element.type, count));
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return suffixed(page, count, type, false);
    case 'DELTA_BYTE_ARRAY':
      return suffixed(page, count, type, true);
    case 'BYTE_STREAM_SPLIT':
      return split(page, count, type);
    case 'RLE':
    case 'BIT_PACKED':
    case 'GROUP_VAR_INT':
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      throw new Error(`parquet unsupported encoding: ${encoding}`);
    default:
      throw new Error('parquet unsupported encoding');
  }
}

/** @throws Error where the bytes are not those of so many values */
export function dictionaryOf(page: Uint8Array, count: number, type: ValueType, isExact: boolean): readonly Cell[] {
  const values = plain(page, type);
  const dictionary = Array.from({ length: count }, () => type.cellOf(values.next()));
  values.end(isExact);
  return dictionary;
}

interface Reader {
  readonly view: DataView<ArrayBuffer>;
  offset: number;
}

function readerOf(page: Uint8Array): Reader {
  const { buffer, byteOffset, byteLength } = page as Uint8Array<ArrayBuffer>;
  return { view: new DataView(buffer, byteOffset, byteLength), offset: 0 };
}

function plain(page: Uint8Array, type: ValueType): RawValues {
  const { view } = readerOf(page);
  let at = 0;
  const sized = (size: number, read: (at: number) => unknown): RawValues => ({
    next: () => {
      const from = at;
      at += size;
      return read(from);
    },
    end: (isExact) => {
      mustEnd(at, page, isExact);
    },
  });
  switch (type.element.type) {
    case 'INT32':
      return sized(4, (from) => view.getInt32(from, true));
    case 'INT64':
      return sized(8, (from) => wholeAt(view, from));
    case 'FLOAT':
      return sized(4, (from) => view.getFloat32(from, true));
    case 'DOUBLE':
      return sized(8, (from) => view.getFloat64(from, true));
    case 'INT96':
      return sized(12, (from) => {
        const day = BigInt(view.getInt32(from + 8, true)) - JULIAN_DAY_OF_1970;
        return day * NANOSECONDS_OF_DAY + view.getBigUint64(from, true);
      });
    case 'FIXED_LEN_BYTE_ARRAY': {
      const size = lengthOf(type.element);
      return sized(size, (from) => bytesAt(page, from, size));
    }
    case 'BYTE_ARRAY': {
      const text = Buffer.from(page.buffer, page.byteOffset, page.length);
      return {
        next: () => {
          const length = view.getUint32(at, true);
          const from = at + 4;
          at = from + length;
          if (!type.isText) return bytesAt(page, from, length);
          if (at > page.length) throw new Error('a value lies outside of its page');
          return text.toString('utf8', from, at);
        },
        end: (isExact) => {
          mustEnd(at, page, isExact);
        },
      };
    }
    case 'BOOLEAN':
    case undefined:
    default:
      throw new Error('values that are neither numbers nor texts');
  }
}

/** A number where a double holds it. */
function wholeAt(view: DataView, at: number): number | bigint {
  const high = view.getInt32(at + 4, true);
  if (high < -(2 ** 20) || high >= 2 ** 20) return view.getBigInt64(at, true);
  return high * 2 ** 32 + view.getUint32(at, true);
}

/** What some writers of pages without a checksum fill them up with. */
const MAX_PADDING_BYTES = 8;

function mustEnd(at: number, page: Uint8Array, isExact: boolean): void {
  const rest = page.subarray(at);
  if (at > page.length || rest.length > (isExact ? 0 : MAX_PADDING_BYTES) || rest.some((byte) => byte !== 0)) {
    throw new Error('a page of more bytes than its values take');
  }
}

function lengthOf({ type_length: length }: SchemaElement): number {
  if (length === undefined || !(length > 0 && length <= MAX_VALUE_BYTES))
    throw new Error('parquet missing fixed length');
  return length;
}

function bytesAt(page: Uint8Array, from: number, length: number): Uint8Array {
  if (!(length >= 0 && from + length <= page.length)) throw new Error('a value lies outside of its page');
  return page.subarray(from, from + length);
}

function valueAt(page: Uint8Array, from: number, length: number, isText: boolean): unknown {
  const bytes = bytesAt(page, from, length);
  return isText ? Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8') : bytes;
}

/** Codes that are looked up at a time. */
const scratch = new Uint32Array(256);

/** Numbers of values in the dictionary, as runs behind one byte with their width. */
function coded(page: Uint8Array, dictionary: readonly Cell[] | undefined): Values {
  if (!dictionary) throw new Error('codes without their dictionary');
  const size = dictionary.length;
  const codes = page.length === 0 ? undefined : new Runs(page, 1, page.length, page[0]!);
  return {
    fill: (into, from, count) => {
      for (let at = 0; at < count; at += scratch.length) {
        const some = Math.min(scratch.length, count - at);
        if (!codes) throw new Error('a code without its value');
        codes.take(scratch, some);
        for (let i = 0; i < some; i++) {
          const code = scratch[i]!;
          if (code >= size) throw new Error('a code without its value');
          into[from + at + i] = dictionary[code]!;
        }
      }
    },
    // Writers fill up the last run as they like.
    end: () => undefined,
  };
}

function listed(values: ArrayLike<unknown>): RawValues {
  let at = 0;
  return { next: () => values[at++], end: () => undefined };
}

/** Differences, packed. The head is looked at before anybody makes room for what it says. */
function integers(reader: Reader, type: ParquetType | undefined, count: number): Int32Array | BigInt64Array {
  if (type !== 'INT32' && type !== 'INT64') throw new Error('packed differences of what is no integer');
  const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
  if (count === 0) return values;
  const head = { view: reader.view, offset: reader.offset };
  const [block, parts, total] = [readVarInt(head), readVarInt(head), readVarInt(head)];
  const isSound = block > 0 && block <= 1 << 16 && parts > 0 && parts <= block / 8 && total === count;
  if (!isSound) throw new Error('packed differences that cannot be');
  deltaBinaryUnpack(reader, count, values);
  return values;
}

/** Byte arrays behind their lengths; each may share its first bytes with the one before. */
function suffixed(page: Uint8Array, count: number, type: ValueType, sharesPrefix: boolean): RawValues {
  const { element } = type;
  if (element.type !== 'BYTE_ARRAY' && element.type !== 'FIXED_LEN_BYTE_ARRAY') {
    throw new Error('lengths of what has none');
  }
  const reader = readerOf(page);
  const prefixes = sharesPrefix ? integers(reader, 'INT32', count) : undefined;
  const lengths = integers(reader, 'INT32', count);
  let { offset } = reader;
  let before = new Uint8Array(0);
  let at = 0;
  return {
    next: () => {
      const [prefix, length] = [Number(prefixes?.[at] ?? 0), Number(lengths[at])];
      at++;
      const from = offset;
      offset += length;
      if (!prefixes) return valueAt(page, from, length, type.isText);
      const suffix = bytesAt(page, from, length);
      if (!(prefix >= 0 && prefix <= before.length && prefix + length <= MAX_VALUE_BYTES)) {
        throw new Error('a value that shares more than there is');
      }
      const value = new Uint8Array(prefix + length);
      value.set(before.subarray(0, prefix));
      value.set(suffix, prefix);
      before = value;
      return valueAt(value, 0, value.length, type.isText);
    },
    end: (isExact) => {
      mustEnd(count === 0 ? page.length : offset, page, isExact);
    },
  };
}

const WIDTHS: Readonly<Partial<Record<ParquetType, number>>> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 };

function split(page: Uint8Array, count: number, { element }: ValueType): RawValues {
  const { type } = element;
  const width = type === 'FIXED_LEN_BYTE_ARRAY' ? lengthOf(element) : type && WIDTHS[type];
  if (type === undefined || width === undefined) throw new Error('split bytes of what has no width');
  mustEnd(count * width, page, true);
  return listed(byteStreamSplit(readerOf(page), count, type, element.type_length));
}
