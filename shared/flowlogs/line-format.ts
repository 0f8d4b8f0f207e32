import { columnOfOtherLog, DEFAULT_FIELDS, findColumns, KNOWN_FIELDS, TRAFFIC_FIELDS, type Columns } from './fields.ts';
import { FlowLogError, OtherLogError } from './record.ts';
import type { Day } from '../time.ts';

/** What a header says of the lines behind it. */
export interface LineFormat {
  readonly columns: Columns;
  /** How many columns there are, those that nobody uses included. */
  readonly count: number;
  /** Columns of {@link TRAFFIC_FIELDS}, where there is no status. */
  readonly traffic: readonly number[] | undefined;
}

/** `${version} ${account-id}`, as a flow log's `LogFormat` has it: the names in their order. */
export function fieldsOfLogFormat(logFormat: string): string[] {
  return logFormat
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => /^\$\{([^{}]+)\}$/.exec(part)?.[1] ?? part);
}

/** What lines hold where no header says so: names of fields, in their order. */
export interface GivenFormats {
  /** Of all lines; where it is not given, those of their log group. */
  readonly fields?: readonly string[] | undefined;
  /** By name of the log group that a flow log publishes to. */
  readonly ofGroups?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface LineOptions {
  /** Of the file, for records without traffic whose own times cannot be read. */
  readonly day?: Day | undefined;
  /** What lines hold where no header says so; by default the default 14 fields. */
  readonly fields?: readonly string[] | undefined;
  /** A line with another number of fields is no record that cannot be read, but shows that nobody knows what lines hold. */
  readonly mustFit?: boolean;
}

/** The fields of lines of a log group; where it is not known, those that all known ones have, if they are alike. */
export function fieldsOfGroup({ fields, ofGroups = {} }: GivenFormats, group?: string): readonly string[] {
  const known = Object.hasOwn(ofGroups, group ?? '') ? ofGroups[group ?? ''] : undefined;
  if (fields ?? known) return (fields ?? known)!;
  const all = Object.values(ofGroups);
  const isOne = group === undefined && all.every((one) => one.join(' ') === all[0]!.join(' '));
  return (isOne ? all[0] : undefined) ?? DEFAULT_FIELDS;
}

/**
 * What is known of lines whose first one is no header.
 *
 * @throws FlowLogError where it has another number of fields
 */
export function formatWithoutHeader(given: readonly string[] | undefined, line: number, count: string): LineFormat {
  const fields = given ?? DEFAULT_FIELDS;
  if (count === String(fields.length)) return formatOf(fields);
  const format = fields === DEFAULT_FIELDS ? 'default format' : 'format that was given for it';
  throw new FlowLogError(
    `not a VPC flow log: no header, and line ${String(line)} has ${count} fields, ` +
      `not the ${String(fields.length)} of the ${format}`,
  );
}

/** @throws FlowLogError where the names are not those of a VPC flow log, or a used one stands twice */
export function formatOf(names: readonly string[]): LineFormat {
  const other = columnOfOtherLog(names);
  if (other !== undefined) throw new OtherLogError(other);
  const columns = findColumns(names);
  if (typeof columns === 'string') throw new FlowLogError(columns);
  const traffic = columns['log-status'] < 0 ? TRAFFIC_FIELDS.map((field) => columns[field]) : undefined;
  return { columns, count: names.length, traffic };
}

/** What a header may call a field. */
export const isName = (text: string): boolean => /^[a-z][a-z0-9-]*$/.test(text);

/**
 * Whether a line behind the first one is a header: such a one starts with a known field name or has a `srcaddr`; no record is
 * all lower-case names.
 */
export function isHeader(values: readonly string[]): boolean {
  return (KNOWN_FIELDS.has(values[0]!) || values.includes('srcaddr')) && values.every(isName);
}

/** File after file has the same header: what the last one said is known by its bytes. */
let last: { readonly line: Uint8Array; readonly format: LineFormat } | undefined;

/** Undefined unless the line is, byte for byte, the header that was remembered last. */
export function rememberedFormat(line: Uint8Array): LineFormat | undefined {
  return last && Buffer.compare(last.line, line) === 0 ? last.format : undefined;
}

export function rememberFormat(line: Uint8Array, format: LineFormat): void {
  last = { line: Uint8Array.from(line), format };
}
