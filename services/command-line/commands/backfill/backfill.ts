import { BACKFILL_OUTCOME } from '../../../../shared/backfill-outcome.ts';
import { isoDay, type Day } from '../../../../shared/time.ts';

export interface BackfillOptions {
  /** The first and the last UTC day. */
  readonly from: Day;
  readonly to: Day;
  /** Whether to stay until it ends. */
  readonly wait: boolean;
  /** What the deployment's names begin with. */
  readonly tables: string;
  readonly region?: string;
}

/** An execution as Step Functions tells of it. */
export interface ExecutionState {
  /** `RUNNING`, `SUCCEEDED`, or what else it says. */
  readonly status: string;
  /** Days that have ended, however; undefined before the first has begun. */
  readonly ended: number | undefined;
  /** JSON of what it came to; undefined unless it has succeeded. */
  readonly output: string | undefined;
  readonly reason: string | undefined;
}

/** The backfills of a deployment. */
export interface Backfills {
  /** Starts one, unless one of the same days runs: that is then the one. */
  start(from: Day, to: Day): Promise<{ readonly arn: string; readonly startedAt: Date }>;
  state(arn: string): Promise<ExecutionState>;
  /** Where a person looks at it. */
  link(arn: string): string;
}

export interface BackfillPorts {
  readonly backfills: Backfills;
  readonly wait: () => Promise<void>;
  readonly print: (line: string) => void;
}

/**
 * Has past days reconciled by the deployment, which goes on by itself whatever becomes of this program. A day may be run
 * any number of times.
 *
 * @throws Error if it was waited for, and days failed or it did
 */
export async function backfill({ from, to, wait }: BackfillOptions, ports: BackfillPorts): Promise<void> {
  const { backfills, print } = ports;
  const days = to - from + 1;
  const { arn, startedAt } = await backfills.start(from, to);
  print(`${isoDay(from)} to ${isoDay(to)}: ${days} days, a few at a time, since ${startedAt.toISOString()}`);
  print(backfills.link(arn));
  print(
    'It runs in the account, and mails what it has come to. While it runs, the same command with --wait follows it.',
  );
  if (wait) await follow(arn, days, ports);
}

async function follow(arn: string, days: number, { backfills, wait, print }: BackfillPorts): Promise<void> {
  let told: number | undefined;
  for (;;) {
    const { status, ended, output, reason = '' } = await backfills.state(arn);
    if (ended !== told && ended !== undefined) print(`${ended} of ${days} days have ended`);
    told = ended;
    if (status === 'SUCCEEDED') {
      tell(output ?? '', print);
      return;
    }
    if (status !== 'RUNNING') throw new Error(`the backfill is ${status}: ${reason}`);
    await wait();
  }
}

function tell(output: string, print: BackfillPorts['print']): void {
  const { days, settled, withoutLogs, failed, failures } = BACKFILL_OUTCOME.parse(JSON.parse(output));
  for (const { from, to, reason } of failures) print(`${from === to ? from : `${from} to ${to}`}: ${reason}`);
  print(`${settled} of ${days} days are settled, ${withoutLogs} have no flow logs, ${failed} failed`);
  if (failed > 0) throw new Error(`${failed} of ${days} days are not settled`);
}
