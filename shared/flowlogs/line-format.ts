import { columnOfOtherLog, findColumns, TRAFFIC_FIELDS, type Columns } from './fields.ts';
import { FlowLogError, OtherLogError } from './record.ts';

/** What a header says of the lines behind it. */
export interface LineFormat {
  readonly columns: Columns;
  /** How many columns there are, those that nobody uses included. */
  readonly count: number;
  /** Columns of {@link TRAFFIC_FIELDS}, where there is no status. */
  readonly traffic: readonly number[] | undefined;
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

/** File after file has the same header: what the last one said is known by its bytes. */
let last: { readonly line: Uint8Array; readonly format: LineFormat } | undefined;

/** Undefined unless the line is, byte for byte, the header that was remembered last. */
export function rememberedFormat(line: Uint8Array): LineFormat | undefined {
  return last && Buffer.compare(last.line, line) === 0 ? last.format : undefined;
}

export function rememberFormat(line: Uint8Array, format: LineFormat): void {
  last = { line: Uint8Array.from(line), format };
}
