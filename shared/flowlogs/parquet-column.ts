import type { SchemaElement, SchemaTree } from 'hyparquet';
import { parseAddress } from '../addresses/address.ts';
import { ADDRESS_FIELDS, LIMITS, type NumericField, type UsedField } from './fields.ts';
import type { Cell, CellKind } from './parquet-cells.ts';

/** How the values of one column are read. */
export interface CellReader {
  /** The element as the decoder is to take it: with its physical type alone, where the rest is done here. */
  readonly element: SchemaElement;
  readonly isText: boolean;
  /** Whether every SQL engine reads it as a text or a 64-bit integer without being told: then a cell is what is in the file. */
  readonly isPlain: boolean;
  readonly kind: CellKind;
  readonly cellOf: (raw: unknown) => Cell;
}

const MAX_SCALE = 38;
/** What the cells of a field are. */
export function kindOf(field: UsedField): CellKind {
  if (field in LIMITS) return { is: 'number', least: 0, most: LIMITS[field as NumericField] };
  return { is: ADDRESS_FIELDS.has(field) ? 'address' : 'text', least: 0, most: 0 };
}

const isTime = (field: UsedField): boolean => field === 'start' || field === 'end';

/**
 * How the column of a field is read: texts from byte arrays; numbers from every type that can hold whole ones, digits in
 * a text included; times from timestamps as well, which are cut to whole seconds. Returns the reason, ready to print,
 * for a column of another type.
 * https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
 */
export function cellReaderOf(field: UsedField, { element, children }: SchemaTree): CellReader | string {
  const refused = (what: string): string => `column "${field}" is ${what}, and cannot be read as ${wanted(field)}`;
  if (children.length > 0) return refused('nested');
  if (element.repetition_type === 'REPEATED') return refused('a list');
  const isText = element.type === 'BYTE_ARRAY' && !isDecimal(element) && isTextual(element);
  const bare: SchemaElement = {
    name: element.name,
    ...(element.type && { type: element.type }),
    ...(element.type_length !== undefined && { type_length: element.type_length }),
    ...(element.repetition_type && { repetition_type: element.repetition_type }),
  };
  const kind = kindOf(field);
  if (isText) {
    const isPlain = !(field in LIMITS);
    return {
      element: { ...bare, converted_type: 'UTF8' },
      isText,
      isPlain,
      kind,
      cellOf: ADDRESS_FIELDS.has(field) ? addressOf : textOf,
    };
  }
  const cellOf = field in LIMITS ? numberReader(element, isTime(field)) : undefined;
  if (!cellOf) return refused(`of type ${shownType(element)}`);
  return { element: bare, isText, isPlain: isPlainInteger(element), kind, cellOf };
}

function wanted(field: UsedField): string {
  return isTime(field) ? 'a time' : field in LIMITS ? 'a number' : 'a text';
}

function isTextual({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return (
    (converted === undefined || converted === 'UTF8' || converted === 'ENUM') &&
    (logical === undefined || logical.type === 'STRING' || logical.type === 'ENUM')
  );
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

function isPlainInteger({ type, converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return (
    (type === 'INT32' || type === 'INT64') &&
    (converted === undefined || converted.startsWith('INT_')) &&
    (logical === undefined || (logical.type === 'INTEGER' && logical.isSigned))
  );
}

function shownType({ type, converted_type: converted, logical_type: logical }: SchemaElement): string {
  return converted ?? logical?.type ?? type ?? 'none';
}

function numberReader(element: SchemaElement, isTime: boolean): CellReader['cellOf'] | undefined {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (isTime) {
    if (type === 'INT96' && converted === undefined) return secondsIn(1_000_000_000n);
    const unit = unitOf(element);
    if (type === 'INT64' && unit !== undefined) return secondsIn(unit);
  }
  if (isDecimal(element)) return decimalReader(element);
  const isNamed = converted !== undefined || logical !== undefined;
  if ((type === 'FLOAT' || type === 'DOUBLE') && !isNamed) return plainNumber;
  const unsigned = (converted ?? '').startsWith('UINT_') || (logical?.type === 'INTEGER' && !logical.isSigned);
  if (isPlainInteger(element)) return plainNumber;
  if (unsigned && type === 'INT32') return (raw) => (typeof raw === 'number' ? raw >>> 0 : plainNumber(raw));
  if (unsigned && type === 'INT64') return (raw) => (typeof raw === 'number' && raw >= 0 ? raw : asUnsigned(raw));
  return undefined;
}

function asUnsigned(raw: unknown): Cell {
  return typeof raw === 'bigint' || typeof raw === 'number' ? BigInt.asUintN(64, BigInt(raw)) : null;
}

function unitOf({ converted_type: converted, logical_type: logical }: SchemaElement): bigint | undefined {
  if (logical?.type === 'TIMESTAMP') return UNITS[logical.unit];
  if (converted === 'TIMESTAMP_MILLIS') return UNITS.MILLIS;
  return converted === 'TIMESTAMP_MICROS' ? UNITS.MICROS : undefined;
}

const UNITS = { MILLIS: 1000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n } as const;

/** `-` is how text shows what is absent. */
function textOf(raw: unknown): Cell {
  return typeof raw === 'string' && raw !== '-' ? raw : null;
}

/** A text that is no address stays a text. */
function addressOf(raw: unknown): Cell {
  return typeof raw === 'string' ? (parseAddress(raw) ?? textOf(raw)) : null;
}

/** Data frames write NaN for what a column of floating point numbers lacks. */
function plainNumber(raw: unknown): Cell {
  return typeof raw === 'bigint' || (typeof raw === 'number' && !Number.isNaN(raw)) ? raw : null;
}

function secondsIn(unit: bigint): CellReader['cellOf'] {
  const divisor = Number(unit);
  return (raw) => {
    if (typeof raw === 'number') return raw < 0 ? -1 : (raw - (raw % divisor)) / divisor;
    return typeof raw === 'bigint' ? (raw < 0n ? -1n : raw / unit) : null;
  };
}

function decimalReader({ scale, logical_type: logical }: SchemaElement): CellReader['cellOf'] | undefined {
  const places = scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
  if (!(places >= 0 && places <= MAX_SCALE)) return undefined;
  const one = 10n ** BigInt(places);
  return (raw) => {
    const unscaled = raw instanceof Uint8Array ? signed(raw) : plainNumber(raw);
    if (typeof unscaled !== 'bigint' && typeof unscaled !== 'number') return null;
    const value = BigInt(unscaled);
    if (value % one === 0n) return value / one;
    return `${value / one}.${String(value < 0n ? -value % one : value % one).padStart(places, '0')}`;
  };
}

/** Two's complement, most significant byte first. */
function signed(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}
