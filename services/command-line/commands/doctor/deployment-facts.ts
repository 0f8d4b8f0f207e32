import type { Day } from '../../../../shared/time.ts';
import type { Settled } from '../../../../shared/usage/settled.ts';
import type { DeployedReport } from '../../deployment/report-adapter.ts';
import type { Looked } from './looked.ts';

/** An execution of the night. Times are UNIX seconds. */
export interface NightRun {
  readonly startedAt: number;
  /** The day that it was begun for: the one before it began. */
  readonly day: Day;
  /** `RUNNING`, `SUCCEEDED`, or what else Step Functions says. */
  readonly status: string;
  /** Where a person looks at it. */
  readonly link: string;
}

export interface MarkedDay {
  readonly day: Day;
  /** Text of others, in part. */
  readonly reasons: readonly string[];
}

/** What a deployment shows of itself. */
export interface DeploymentFacts {
  /** UNIX seconds. */
  readonly now: number;
  /** What its names begin with, and its region where one was given. */
  readonly prefix: string;
  readonly region: string | undefined;
  /** When a reading last found the account as the newest snapshot shows it, UNIX seconds; undefined before the first. */
  readonly lastReading: Looked<number | undefined>;
  /** Objects that wait to be counted, those at work included. */
  readonly waiting: Looked<number>;
  readonly deadLetters: Looked<number>;
  /** Batches of log groups that died and are not kept back yet; 0 where no log group is archived. */
  readonly deadBatches: Looked<number>;
  /** Some of the newest, the newest first. */
  readonly nights: Looked<readonly NightRun[]>;
  readonly marked: Looked<readonly MarkedDay[]>;
  readonly settled: Looked<ReadonlyMap<Day, Settled>>;
  /** The newest. */
  readonly report: Looked<DeployedReport | undefined>;
}
