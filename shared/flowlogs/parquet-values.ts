import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import type { Encoding, ParquetType, SchemaElement } from 'hyparquet';
import { Cells, type Cell, type CellKind, type CellColumn } from './parquet-cells.ts';
import { Runs } from './parquet-runs.ts';

/** The values of a page, nulls aside, one after the other. */
export interface Values {
  /** The dictionary that their numbers are of; undefined where they have none. */
  readonly cells: Cells | undefined;
  /**
   * Puts so many into rows from one on.
   *
   * @param into has these cells, or its own
   * @throws Error where there are no more, or bytes are damaged
   */
  fill(into: CellColumn, from: number, count: number): void;
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
  /** A cell is what is in the file. */
  readonly isPlain: boolean;
  readonly kind: CellKind;
  readonly cellOf: (raw: unknown) => Cell;
}

/** The same where they have no dictionary, or are one. */
interface PlainValues extends Pick<Values, 'end'> {
  put(into: Cells, from: number, count: number): void;
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
  dictionary: Cells | undefined,
): Values {
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') return coded(page, dictionary);
  const values = encoding === 'PLAIN' ? plain(page, type) : meant(rawValuesOf(page, encoding, count, type), type);
  return {
    cells: undefined,
    fill: ({ own, codes }, from, count) => {
      values.put(own, from, count);
      for (let at = from; at < from + count; at++) codes[at] = at;
    },
    end: (isExact) => {
      values.end(isExact);
    },
  };
}

function meant(values: RawValues, { cellOf }: ValueType): PlainValues {
  return {
    put: (into, from, count) => {
      for (let at = from; at < from + count; at++) into.put(at, cellOf(values.next()));
    },
    end: (isExact) => {
      values.end(isExact);
    },
  };
}

function rawValuesOf(page: Uint8Array, encoding: Encoding, count: number, type: ValueType): RawValues {
  switch (encoding) {
    case 'DELTA_BINARY_PACKED':
      return listed(integers(readerOf(page), type.element.type, count));
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return suffixed(page, count, type, false);
    case 'DELTA_BYTE_ARRAY':
      return suffixed(page, count, type, true);
    case 'BYTE_STREAM_SPLIT':
      return split(page, count, type);
    case 'RLE':
      if (type.element.type === 'BOOLEAN') return bitsInRuns(page);
      throw new Error(`parquet unsupported encoding: ${encoding}`);
    case 'PLAIN':
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
export function dictionaryOf(page: Uint8Array, count: number, type: ValueType, isExact: boolean): Cells {
  const values = plain(page, type);
  const dictionary = new Cells(type.kind, count);
  values.put(dictionary, 0, count);
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

function plain(page: Uint8Array, type: ValueType): PlainValues {
  const { view } = readerOf(page);
  const { isPlain, isText, cellOf } = type;
  let next = 0;
  const end = (isExact: boolean): void => {
    mustEnd(next, page, isExact);
  };
  const sized = (size: number, read: (at: number) => unknown): PlainValues => {
    const one = (): unknown => {
      const from = next;
      next += size;
      return read(from);
    };
    return meant({ next: one, end }, type);
  };
  switch (type.element.type) {
    case 'INT32': {
      if (!isPlain) return sized(4, (from) => view.getInt32(from, true));
      const put: PlainValues['put'] = (into, from, count) => {
        for (let at = from; at < from + count; at++, next += 4) into.putWhole(at, view.getInt32(next, true));
      };
      return { put, end };
    }
    case 'INT64': {
      if (!isPlain) return sized(8, (from) => wholeAt(view, from));
      const put: PlainValues['put'] = (into, from, count) => {
        for (let at = from; at < from + count; at++, next += 8) into.putWhole(at, wholeAt(view, next));
      };
      return { put, end };
    }
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
      const bytes = Buffer.from(page.buffer, page.byteOffset, page.length);
      const put: PlainValues['put'] = (into, from, count) => {
        for (let at = from; at < from + count; at++) {
          const begin = next + 4;
          next = begin + view.getUint32(next, true);
          if (next > page.length) throw new Error('a value lies outside of its page');
          if (isText && isPlain) into.putBytes(at, bytes, begin, next);
          else into.put(at, cellOf(isText ? bytes.toString('utf8', begin, next) : page.subarray(begin, next)));
        }
      };
      return { put, end };
    }
    case 'BOOLEAN': {
      const bit = (): number => (view.getUint8(next >> 3) >> (next++ & 7)) & 1;
      const endBits = (isExact: boolean): void => {
        mustEnd(Math.ceil(next / 8), page, isExact);
      };
      return meant({ next: bit, end: endBits }, type);
    }
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

/** Numbers of values in the dictionary, as runs behind one byte with their width. */
function coded(page: Uint8Array, dictionary: Cells | undefined): Values {
  if (!dictionary) throw new Error('codes without their dictionary');
  const size = dictionary.absent;
  const runs = page.length === 0 ? undefined : new Runs(page, 1, page.length, page[0]!);
  return {
    cells: dictionary,
    fill: ({ codes }, from, count) => {
      if (!runs && count > 0) throw new Error('a code without its value');
      runs?.take(codes, from, from + count);
      for (let at = from; at < from + count; at++) {
        const code = codes[at]!;
        if (code < 0 || code >= size) throw new Error('a code without its value');
      }
    },
    // Writers fill up the last run as they like.
    end: () => undefined,
  };
}

/** Of truth values, behind the number of their bytes. */
function bitsInRuns(page: Uint8Array): RawValues {
  const { view } = readerOf(page);
  const runs = new Runs(page, 4, 4 + view.getUint32(0, true), 1);
  return { next: () => runs.run(1).value, end: () => undefined };
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
