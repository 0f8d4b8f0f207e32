import * as z from 'zod';
import { usageExport } from '../../shared/export/usage-export.ts';
import { evidenceFile } from '../../shared/evidence/evidence-file.ts';
import type { FoldedRow } from '../../shared/flowlogs/folded-record.ts';
import type { DayFacts } from '../../shared/history/day-facts.ts';
import { dayText } from '../../shared/history/day-file.ts';
import type { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { partText, readPart } from '../../shared/tables/part-file.ts';
import { rulesNamed } from '../../shared/usage/addition.ts';
import type { Settled } from '../../shared/usage/settled.ts';
import { attributePart } from './attribute-part.ts';
import { backfillOutcome, type FailedDays } from './backfill-outcome.ts';
import { chooseDays, type Marks } from './choose-days.ts';
import { failureReason } from '../../shared/failure-reason.ts';
import { MixedFolder } from './mixed-folder.ts';
import { NothingYet, planNight, plannedLogs, type NightPlan, type PlannedNight, type PlanPorts } from './plan-night.ts';
import { mergedParts, settleDay, type Nights, type Part, type Run } from './settle-day.ts';
import { isoDay, type Day, dayFromIso } from '../../shared/time.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';

const DAY = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'a day is given as 2026-01-31')
  .transform((text, context): Day => {
    const day = dayFromIso(text);
    if (day !== undefined) return day;
    context.addIssue({ code: 'custom', message: `there is no day ${text}` });
    return z.NEVER;
  });
/** Whether a night has the day run, or somebody who wants past days. */
const NIGHTLY = { nightly: z.boolean() };
const RUN = { day: DAY, run: z.string().regex(/^[0-9A-Za-z]{1,64}$/) };
/** A timeout may have no cause. */
const REASON = z.object({ Error: z.string(), Cause: z.string().default('') });
const ATTRIBUTED = z.object({
  part: z.int().min(0),
  result: z.string(),
  evidence: z.array(z.string()),
  foreignFiles: z.array(z.string()),
  records: z.int().min(0),
  rows: z.int().min(0),
});
const DONE = z.object({
  day: z.string(),
  status: z.enum(['reconciled', 'incomplete', 'absent']),
  error: REASON.optional(),
});

/** What the state machine asks for. Pointers go from step to step, never what they point to. */
const STEP = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('days'),
    /** What the execution was started with. */
    input: z.union([z.strictObject({ from: DAY, to: DAY }), z.strictObject({}).transform(() => undefined)]),
    startedAt: z.iso.datetime(),
    execution: z.string().min(1),
  }),
  z.object({ step: z.literal('plan'), ...RUN }),
  z.object({ step: z.literal('attribute'), ...RUN, part: z.int().min(0), queries: z.array(z.string().min(1)) }),
  z.object({ step: z.literal('settle'), ...RUN, ...NIGHTLY, parts: z.array(ATTRIBUTED) }),
  z.object({ step: z.literal('incomplete'), ...RUN, ...NIGHTLY, error: REASON }),
  z.object({ step: z.literal('conclude'), days: z.array(DONE) }),
  z.object({ step: z.literal('outcome'), days: z.array(DAY).min(1), run: RUN.run }),
]);
export type NightStep = z.output<typeof STEP>;
type Of<S extends NightStep['step']> = Extract<NightStep, { step: S }>;

export type Attributed = z.output<typeof ATTRIBUTED>;
export type DayDone = z.output<typeof DONE>;

export interface StepPorts {
  readonly marks: Marks & {
    markFailed(day: Day, reason: string): Promise<void>;
    /** Notes why no later night can settle the day, so that none tries. */
    giveUp(day: Day, reason: string): Promise<void>;
    clear(day: Day, count: number): Promise<void>;
  };
  readonly failedDays: FailedDays;
  readonly plan: PlanPorts;
  readonly database: string;
  readPlan(run: Run): Promise<NightPlan>;
  inventory(run: Run, plan: NightPlan): Promise<CompiledInventory>;
  /** The rows of one part, from all the queries, some at a time. */
  rows(plan: NightPlan, part: number, queries: readonly string[]): AsyncIterable<readonly FoldedRow[]>;
  writePart(run: Run, part: number, text: string): Promise<string>;
  readPart(result: string): Promise<string>;
  /** Returns its key. */
  writeEvidence(run: Run, part: number, bytes: Uint8Array): Promise<string>;
  readonly nights: Nights;
  facts(run: Run, plan: NightPlan): Promise<DayFacts>;
  /** Keeps what the run says of its day. */
  writeHistory(run: Run, text: string): Promise<void>;
  /** Replaces the day's file of the export. */
  writeExport(day: Day, bytes: Uint8Array): Promise<void>;
  readonly place: AccountRegion;
  report(settled: Settled & SettledHow): void;
}

export interface SettledHow {
  readonly day: string;
  readonly nightly: boolean;
  /** The deployment has not seen the day begin. */
  readonly assumed: boolean;
}

/** The night did not settle all days. */
class NightFailed extends Error {
  override name = 'NightFailed';
}

/**
 * One step of the state machine.
 *
 * @throws Error that names what is wrong with the event, and what the step itself throws
 */
export async function perform(event: unknown, ports: StepPorts): Promise<unknown> {
  const { success, data: step, error } = STEP.safeParse(event);
  if (!success) throw new Error(`no step of the night: ${z.prettifyError(error)}`);
  switch (step.step) {
    case 'days':
      return days(step, ports);
    case 'plan':
      return plan(step, ports);
    case 'attribute':
      return attribute(step, ports);
    case 'settle':
      return settle(step, ports);
    case 'incomplete':
      return incomplete(step, ports);
    case 'conclude':
      return conclude(step);
    case 'outcome':
      return backfillOutcome(step.days, step.run, ports);
  }
}

async function days({ input, startedAt, execution }: Of<'days'>, { marks }: StepPorts) {
  const { days, run } = await chooseDays({ span: input, startedAt: new Date(startedAt), execution }, marks);
  return { days: days.map(isoDay), run };
}

async function plan(step: Of<'plan'>, ports: StepPorts): Promise<PlannedNight> {
  return planNight(runOf(step), ports.database, ports.plan);
}

async function attribute(step: Of<'attribute'>, ports: StepPorts): Promise<Attributed> {
  const [run, { part }] = [runOf(step), step];
  const plan = await ports.readPlan(run);
  const compiled = await ports.inventory(run, plan);
  const rows = ports.rows(plan, part, step.queries);
  const { usage, flows, foreignFiles, ...counts } = await attributePart(rows, compiled, plannedLogs(plan));
  const evidence = flows.size === 0 ? [] : [await ports.writeEvidence(run, part, evidenceFile(flows.groups()))];
  const text = partText(run.day, usage, rulesNamed(usage, compiled.inventory.rules));
  const result = await ports.writePart(run, part, text);
  return { part, result, evidence, foreignFiles: foreignFiles.slice(0, FOREIGN_SHOWN), ...counts };
}

/** One is enough to keep the day from being settled; payloads are bounded. */
const FOREIGN_SHOWN = 3;

async function settle(step: Of<'settle'>, ports: StepPorts) {
  const run = runOf(step);
  const plan = await ports.readPlan(run);
  const numbers = step.parts.map(({ part }) => part).sort((a, b) => a - b);
  if (numbers.length !== plan.parts || numbers.some((part, i) => part !== i)) {
    throw new Error(`parts ${numbers.join(', ')} were attributed, of ${plan.parts}`);
  }
  const parts: Part[] = [];
  for (const { result, evidence, foreignFiles } of step.parts) {
    parts.push({ ...readPart(await ports.readPart(result), result), evidence, foreignFiles });
  }
  const whole = mergedParts(parts);
  const { usage, rules } = whole;
  const facts = await ports.facts(run, plan);
  const settled = await settleDay(run, whole, ports.nights, {
    beforePointing: (streamed) => ports.writeHistory(run, dayText({ facts, usage, other: streamed }, rules)),
  });
  // Also of a run that was settled before it died here. Another run that was settled meanwhile writes its own.
  if (settled.run === run.id) await ports.writeExport(run.day, usageExport(run.day, usage, rules, ports.place));
  await ports.marks.clear(run.day, plan.marks);
  const day = isoDay(run.day);
  ports.report({ day, nightly: step.nightly, assumed: plan.assumed, ...settled });
  const { records, streamedRecords, driftShare, driftingRules } = settled;
  return { day, status: 'reconciled', records, streamedRecords, driftShare, driftingRules };
}

/** Later nights run a day again that failed in one, if that can help; whoever asked for past days is told of them. */
async function incomplete(step: Of<'incomplete'>, { marks, failedDays }: StepPorts): Promise<DayDone> {
  const error = { Error: step.error.Error, Cause: failureReason(step.error.Cause).slice(0, CAUSE_SHOWN) };
  const day = isoDay(step.day);
  if (!step.nightly) await failedDays.note(runOf(step), { error: error.Error, cause: error.Cause });
  else if (error.Error === NothingYet.name) return { day, status: 'absent', error };
  else if (error.Error === MixedFolder.name) await marks.giveUp(step.day, `${error.Error}: ${error.Cause}`);
  else await marks.markFailed(step.day, error.Error);
  return { day, status: 'incomplete', error };
}

const CAUSE_SHOWN = 2000;

function conclude({ days }: Of<'conclude'>) {
  const failed = days.filter(({ status }) => status === 'incomplete');
  if (failed.length === 0) return { days: days.map(({ day }) => day) };
  const lines = failed.map(({ day, error }) => `${day}: ${error?.Error ?? ''}: ${error?.Cause ?? ''}`);
  throw new NightFailed(`${failed.length} of ${days.length} days are not reconciled. ${lines.join('\n')}`);
}

function runOf({ day, run }: { day: Day; run: string }): Run {
  return { day, id: run };
}
