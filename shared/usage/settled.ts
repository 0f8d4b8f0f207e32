/** What a settled night says in short. */
export interface Settled {
  readonly run: string;
  readonly records: number;
  readonly streamedRecords: number;
  readonly driftShare: number;
  readonly driftingRules: number;
  /** Share of the accepted records that rules explain; null where there are none, absent from older nights. */
  readonly coverage?: number | null;
  /** Share of the accepted records that are of interfaces no snapshot has; as {@link coverage}. */
  readonly unknownInterfaceShare?: number | null;
  /** Where the day's service flows lie: keys of the data bucket, or names of files. */
  readonly evidence: readonly string[];
  /** Runs that spoke for the day before, the last first. */
  readonly replaced: readonly string[];
}
