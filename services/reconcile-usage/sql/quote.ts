import { quoted } from '../../../shared/text/plain.ts';

/** What stands in statements of this folder is written here, from values of these shapes only. */
const IDENTIFIER = /^[a-z][a-z0-9_]{0,127}$/;
/** A folder: it ends with a slash. */
const LOCATION = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/(?:[0-9A-Za-z!_.*()=-]+\/)*$/;
/** Neither quotes nor backslashes nor line ends. */
const PLAIN = /^[0-9A-Za-z !#$%&()*+,./:;<=>?@[\]^_{|}~-]*$/;
/** A regular expression, the one kind of literal that has backslashes: Trino takes them as they are. */
const PATTERN = /^[\x20-\x26\x28-\x7e]*$/;

/** A table of the Glue catalog. Lower case, as Glue keeps them. */
export interface TableName {
  readonly database: string;
  readonly table: string;
}

/** @throws RangeError where it is not one */
export function identifier(name: string): string {
  return checked('identifier', name, IDENTIFIER);
}

/** As a query names it; statements of Hive's kind want backticks. */
export function quotedTable({ database, table }: TableName, quote: '"' | '`' = '"'): string {
  return `${quote}${identifier(database)}${quote}.${quote}${identifier(table)}${quote}`;
}

export function text(value: string): string {
  return `'${checked('text', value, PLAIN)}'`;
}

export function texts(values: readonly string[]): string {
  return values.map(text).join(', ');
}

export function pattern(source: string): string {
  return `'${checked('pattern', source, PATTERN)}'`;
}

export function location(uri: string): string {
  return `'${checked('location', uri, LOCATION)}'`;
}

/** A whole number, exact in a double. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`);
  return String(value);
}

/** @throws RangeError where it is not a whole number from `low` to `high` */
export function checkWhole(what: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${what} must be a whole number from ${low} to ${high}, not ${value}`);
  }
}

function checked(what: string, value: string, shape: RegExp): string {
  if (!shape.test(value)) throw new RangeError(`${quoted(value)} cannot stand in a statement as ${what}`);
  return value;
}
