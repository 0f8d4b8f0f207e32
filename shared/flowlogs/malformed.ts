/** A line of a flow log that could not be read. */
export interface MalformedSample {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}
