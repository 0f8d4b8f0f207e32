import * as z from 'zod';

const DAY = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const NUMBER = z.int().min(0);

/** What became of past days that were to be reconciled; small enough to go from state to state, however many they are. */
export const BACKFILL_OUTCOME = z.object({
  /** The first and the last, UTC. */
  from: DAY,
  to: DAY,
  days: NUMBER,
  settled: NUMBER,
  /** Before the deployment, and without a file of its flow logs. */
  withoutLogs: NUMBER,
  failed: NUMBER,
  /** Of failed days, those that follow each other and have one reason together; the earliest first, not all where they are many. */
  failures: z.array(z.object({ from: DAY, to: DAY, days: NUMBER, reason: z.string() })),
});
export type BackfillOutcome = z.output<typeof BACKFILL_OUTCOME>;
