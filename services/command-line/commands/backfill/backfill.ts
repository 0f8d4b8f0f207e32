import { inParallel } from '../../../../shared/in-parallel.ts';

import { isoDay, type Day } from '../../../../shared/time.ts';

export interface BackfillOptions {
  /** The first and the last UTC day. */
  readonly from: Day;
  readonly to: Day;
  /** Executions that run at a time. */
  readonly atOnce: number;
  /** What the deployment's names begin with. */
  readonly tables: string;
  readonly region?: string;
}

/** The nights of a deployment. */
export interface Executions {
  /** Starts a night for the day and returns its ARN. */
  start(day: Day): Promise<string>;
  /** How it stands: `RUNNING`, `SUCCEEDED`, or what else Step Functions says. */
  state(arn: string): Promise<{ readonly status: string; readonly reason: string | undefined }>;
  /** Where a person looks at it. */
  link(arn: string): string;
}

export interface BackfillPorts {
  readonly executions: Executions;
  readonly wait: () => Promise<void>;
  readonly print: (line: string) => void;
}

/**
 * Has past days reconciled, the earliest first, a few at a time. A day may be run any number of times.
 *
 * @throws Error that says how many failed, once all have ended
 */
export async function backfill({ from, to, atOnce }: BackfillOptions, ports: BackfillPorts): Promise<void> {
  const { executions, wait, print } = ports;
  const days = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const failed = await inParallel(days, atOnce, async (day) => {
    const arn = await executions.start(day);
    print(`${isoDay(day)}  started`);
    for (;;) {
      await wait();
      const { status, reason = '' } = await executions.state(arn);
      if (status === 'RUNNING') continue;
      if (status === 'SUCCEEDED') print(`${isoDay(day)}  reconciled`);
      else print(`${isoDay(day)}  ${status}: ${reason} ${executions.link(arn)}`);
      return status !== 'SUCCEEDED';
    }
  });
  const number = failed.filter(Boolean).length;
  if (number > 0) throw new Error(`${number} of ${days.length} days are not reconciled`);
}
