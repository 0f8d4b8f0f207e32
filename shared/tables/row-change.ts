import type { TableNames } from '../names.ts';

/**
 * What is added to one item of a table. Everything in it either follows from the key, or can be added in any order; it is
 * plain JSON, since it is written down before it is added.
 */
export interface RowChange {
  readonly table: keyof Pick<TableNames, 'rulesUsage' | 'dayUsage'>;
  /** Values of the partition and the sort attribute. */
  readonly key: readonly [partition: string, sort: string];
  /** Always the same for one key. */
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
  readonly sums?: Readonly<Record<string, number>>;
  /** The larger one stays. */
  readonly latest?: Readonly<Record<string, number>>;
  /** As `latest`, but UNIX seconds that move only when their UTC day does. */
  readonly latestDay?: Readonly<Record<string, number>>;
  /** The smaller one stays. */
  readonly earliest?: Readonly<Record<string, number>>;
  readonly sets?: Readonly<Record<string, readonly string[]>>;
  readonly samples?: Readonly<Record<string, Sample>>;
}

/** Of many texts keeps at least the `limit` smallest. */
export interface Sample {
  readonly limit: number;
  /** Ascending by code unit, at most `limit`. */
  readonly smallest: readonly string[];
  /** Whether there were more. */
  readonly leftOut: boolean;
}

/** Attribute that tells that a sample left something out. */
export function leftOutAttribute(sample: string): string {
  return `${sample}_left_out`;
}

/** Of what an update may say; DynamoDB takes 300 operators and 4 KB of expression. */
const CHANGES_PER_UPDATE = 120;

/**
 * Cuts a change into several that together say the same, each small enough for one update.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters
 */
function cut(change: RowChange): RowChange[] {
  const { sums = {}, ...rest } = change;
  const entries = Object.entries(sums);
  if (entries.length <= CHANGES_PER_UPDATE) return [change];
  const { table, key, facts } = change;
  const parts: RowChange[] = [];
  for (let at = 0; at < entries.length; at += CHANGES_PER_UPDATE) {
    const part = Object.fromEntries(entries.slice(at, at + CHANGES_PER_UPDATE));
    parts.push(at === 0 ? { ...rest, sums: part } : { table, key, facts, sums: part });
  }
  return parts;
}

/** Items of one transaction beside the one that counts the chunks. */
const ROWS_PER_CHUNK = 99;
/** A transaction takes 4 MB in all; JSON is longer than what is sent. */
const BYTES_PER_CHUNK = 2_000_000;

/**
 * Puts changes together that fit one transaction: no item twice.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export function chunksOf(changes: readonly RowChange[]): RowChange[][] {
  const chunks: RowChange[][] = [];
  let bytes = 0;
  const keys = new Set<string>();
  for (const change of changes.flatMap(cut)) {
    const key = rowKey(change);
    const size = JSON.stringify(change).length;
    const last = chunks.at(-1);
    if (!last || last.length === ROWS_PER_CHUNK || bytes + size > BYTES_PER_CHUNK || keys.has(key)) {
      chunks.push([change]);
      keys.clear();
      bytes = 0;
    } else {
      last.push(change);
    }
    keys.add(key);
    bytes += size;
  }
  return chunks;
}

export function rowKey({ table, key }: Pick<RowChange, 'table' | 'key'>): string {
  return [table, ...key].join('\0');
}
