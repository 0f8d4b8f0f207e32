/** What is said of one rule or of one thing of a day: a row of a file of sums; that of a rule is an item of a table as well. */
export interface RowChange {
  readonly table: 'rulesUsage' | 'dayUsage';
  /** Of a rule, what identifies its item; else the day, with a mark where they are rejected flows, and the thing. */
  readonly key: readonly [partition: string, sort: string];
  /** Always the same for one key. */
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
  /** Those that are not zero. */
  readonly sums?: Readonly<Record<string, number>>;
  /** UNIX seconds. */
  readonly latest?: Readonly<Record<string, number>>;
  readonly earliest?: Readonly<Record<string, number>>;
  readonly sets?: Readonly<Record<string, readonly string[]>>;
  readonly samples?: Readonly<Record<string, Sample>>;
}

/** Of many texts the smallest. */
export interface Sample {
  /** Ascending by code unit. */
  readonly smallest: readonly string[];
  /** Whether there were more. */
  readonly leftOut: boolean;
}
