import { TABLE_KEYS } from '../names.ts';

/** Names of the attributes of the keys. Rows of days are in files alone; those of rules are in a table as well. */
export const ROW_KEYS = {
  rulesUsage: TABLE_KEYS.rulesUsage,
  dayUsage: { partition: 'part', sort: 'row' },
} as const;

/** What is said of one rule or of one thing of a day, as one row of a file of sums, or one item of a table. */
export interface RowChange {
  readonly table: keyof typeof ROW_KEYS;
  /** Values of the attributes that {@link ROW_KEYS} names, in their order. */
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
