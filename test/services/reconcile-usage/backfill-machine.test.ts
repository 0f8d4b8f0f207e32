import { describe, expect, jest, test } from '@jest/globals';
import aslValidator from 'asl-validator';
import { BACKFILL_OUTCOME, type BackfillOutcome } from '../../../shared/backfill-outcome.ts';
import type { DayFailure } from '../../../services/reconcile-usage/backfill-outcome.ts';
import { perform, type StepPorts } from '../../../services/reconcile-usage/steps.ts';
import { dayFromIso, isoDay, type Day } from '../../../shared/time.ts';
import { VARIANTS } from '../../infra/variants.ts';
import { asLambda, deployedDefinition, ENTERED, execute, thrown, type Task } from './state-machine.ts';

jest.setTimeout(120_000);

const definition = await deployedDefinition(VARIANTS.report, 'backfill');
const LAST = dayFromIso('2026-01-05')!;
/** What a state hands on at most. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_BYTES = 262_144;

interface Changes {
  readonly days?: number;
  /** Throws for days that fail. */
  readonly settle?: (day: Day) => void;
  readonly plan?: (day: Day) => void;
  readonly tasks?: Readonly<Record<string, Task>>;
  readonly definition?: string;
}

/** A backfill up to 2026-01-05 whose own steps are those that are deployed; Athena, verdicts and mail only answer. */
async function backfilled({ days = 3, settle, plan, tasks = {}, definition: other = definition }: Changes = {}) {
  const failed = new Map<Day, DayFailure>();
  const settled = new Set<Day>();
  const calls: Record<string, unknown[]> = {};
  const marked: Day[] = [];
  const now = { running: 0, most: 0 };
  const ports = {
    marks: { markFailed: async (day: Day) => marked.push(day) },
    failedDays: {
      note: async ({ day }: { day: Day }, why: DayFailure) => failed.set(day, why),
      of: async () => failed,
    },
    nights: { settled: async (day: Day) => (settled.has(day) ? {} : undefined) },
  } as unknown as StepPorts;
  const step = (event: unknown) => perform(event, ports);
  const dayOf = ({ day }: { day: string }): Day => dayFromIso(day)!;
  const usual: Readonly<Record<string, Task>> = {
    Days: step,
    Plan: async (given: { day: string }) => {
      now.most = Math.max(now.most, ++now.running);
      await Promise.resolve();
      plan?.(dayOf(given));
      return { queries: [{ createTable: 'CREATE', unload: 'UNLOAD' }], parts: [0, 1] };
    },
    CreateTable: () => ({ QueryExecution: { QueryExecutionId: 'created' } }),
    Fold: () => ({ QueryExecution: { QueryExecutionId: 'folded' } }),
    Attribute: ({ part }: { part: number }) => ({ part }),
    Settle: (given: { day: string }) => {
      settle?.(dayOf(given));
      settled.add(dayOf(given));
      now.running--;
      return { day: given.day, status: 'reconciled', records: 1 };
    },
    Incomplete: (event: { day: string }) => {
      now.running--;
      return step(event);
    },
    Conclude: step,
    Judge: () => ({ report: 'reports/2026-01-07/r1/report.json.gz' }),
    SendReport: () => ({ messageIds: ['m'] }),
    Tell: () => ({ MessageId: 'm' }),
    Notify: () => ({ MessageId: 'm' }),
  };
  const watched = Object.entries({ ...usual, ...tasks }).map(([name, task]) => {
    const noting = (given: never): unknown => {
      (calls[name] ??= []).push(given);
      return task(given);
    };
    return [name, asLambda(noting)] as const;
  });
  const span = { from: isoDay(LAST - days + 1), to: isoDay(LAST) };
  const end = await execute(other, span, Object.fromEntries(watched));
  return { ...end, calls, failed, settled, marked, most: now.most };
}

const fails =
  (error: string, cause: string, which: (day: Day) => boolean = () => true) =>
  (day: Day) => {
    if (which(day)) throw thrown(error, cause);
  };

describe('the state machine of a backfill', () => {
  test('is a definition that Step Functions takes', async () => {
    const sns = await deployedDefinition({}, 'backfill');
    for (const one of [definition, sns]) {
      const checked = aslValidator(JSON.parse(one) as object, { checkArn: false });
      expect([checked.isValid, checked.errorsText('\n')]).toEqual([true, '']);
    }
  });

  test('runs each day as an execution of its own, as the night has it', async () => {
    interface Machine {
      readonly TimeoutSeconds?: number;
      readonly States: {
        EachDay: { ItemProcessor: { ProcessorConfig: object; States: object }; ToleratedFailurePercentage: number };
      };
    }
    const of = (text: string) => JSON.parse(text) as Machine;
    const [mine, night] = [of(definition), of(await deployedDefinition())];
    const { ProcessorConfig, States } = mine.States.EachDay.ItemProcessor;
    expect(ProcessorConfig).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' });
    expect(mine.TimeoutSeconds).toBeUndefined();
    // Executed here in one piece, a day that is stopped by hand cannot be played.
    expect(mine.States.EachDay.ToleratedFailurePercentage).toBe(100);
    // But for what becomes of results.
    const same = (states: object): unknown =>
      JSON.parse(
        JSON.stringify(states)
          .replaceAll(',"ResultPath":null,"OutputPath":"$.day"', '')
          .replaceAll('"nightly":false', '"nightly":true'),
      );
    expect(same(States)).toEqual(same(night.States.EachDay.ItemProcessor.States));
  });

  test.each([
    ['is settled', {}],
    ['fails', { Settle: fails('Error', 'x'.repeat(30_000)) }],
    ['fails, and cannot be noted', { Settle: fails('Error', 'why'), Incomplete: fails('Error', 'no table') }],
  ])('hands on no more of a day that %s than its date: a state takes those of all', async (_, tasks) => {
    const { States } = JSON.parse(definition) as { States: { EachDay: { ItemProcessor: { States: object } } } };
    const { output } = await execute(
      JSON.stringify({ StartAt: 'Plan', States: States.EachDay.ItemProcessor.States }),
      { day: '2026-01-05', run: 'r1' },
      {
        Plan: () => ({ queries: [], parts: [] }),
        Settle: () => ({ day: '2026-01-05', status: 'reconciled' }),
        Incomplete: () => ({ day: '2026-01-05', status: 'incomplete' }),
        ...(tasks as Readonly<Record<string, Task>>),
      },
    );
    expect(output).toBe('2026-01-05');
  });

  test('settles 400 days, a few at a time, goes on past those that fail, judges once and mails once', async () => {
    const { error, output, calls, settled, marked, happened, most } = await backfilled({
      days: 400,
      plan: fails('NothingYet', 'no file', (day) => day < LAST - 369),
      settle: fails('IncompleteDay', 'fewer records', (day) => [1, 50, 51, 200].includes(LAST - day)),
    });
    expect(error).toBeUndefined();
    const outcome: BackfillOutcome = {
      from: '2024-12-02',
      to: '2026-01-05',
      days: 400,
      settled: 366,
      withoutLogs: 30,
      failed: 4,
      failures: [200, 51, 1].map((ago) => ({
        from: isoDay(LAST - ago),
        to: isoDay(LAST - (ago === 51 ? 50 : ago)),
        days: ago === 51 ? 2 : 1,
        reason: 'IncompleteDay: fewer records',
      })),
    };
    expect(output).toEqual(outcome);
    expect(settled.size).toBe(366);
    expect([calls.Plan!.length, calls.Judge!.length, calls.SendReport!.length, calls.Notify]).toEqual([
      400,
      1,
      1,
      undefined,
    ]);
    const { run } = calls.Plan![0] as { run: string };
    expect(calls.Plan![0]).toEqual({ step: 'plan', day: '2026-01-05', run: expect.stringMatching(/^2026/) });
    expect(calls.Conclude).toEqual([{ step: 'outcome', days: expect.anything(), run }]);
    // As of when the days were done, not of when somebody asked for them.
    expect(calls.Judge).toEqual([{ startedAt: ENTERED, execution: 'one' }]);
    const execution = 'arn:aws:states:eu-west-1:111122223333:execution:sg-analysis-night:one';
    expect(calls.SendReport).toEqual([
      { report: 'reports/2026-01-07/r1/report.json.gz', backfill: outcome, execution },
    ]);
    // Nights have enough to do with their own days, and alarms are about nights.
    expect(marked).toEqual([]);
    expect(calls.Settle!.every((given) => (given as { nightly: boolean }).nightly)).toBe(false);
    expect(most).toBe(3);
    expect(Math.max(...happened.map(({ bytes = 0 }) => bytes))).toBeLessThan(MOST_BYTES);
  });

  test('hands on no more than a state may, were all of 500 days to fail with long reasons, each with another', async () => {
    const { error, output, happened, failed } = await backfilled({
      days: 500,
      plan: (day) => {
        throw thrown('IncompleteDay', `${day} ${'x'.repeat(30_000)}`);
      },
    });
    expect(error).toBeUndefined();
    expect(failed.size).toBe(500);
    const { failures, ...outcome } = BACKFILL_OUTCOME.parse(output);
    expect(outcome).toMatchObject({ days: 500, settled: 0, failed: 500 });
    expect(failures).toHaveLength(40);
    const handedOn = happened.filter(({ state }) => state !== 'Incomplete').map(({ bytes = 0 }) => bytes);
    expect(Math.max(...handedOn)).toBeLessThan(MOST_BYTES);
    // Of one error, Step Functions hands on at most 32 KiB of its cause.
    expect(Buffer.byteLength(JSON.stringify(output))).toBeLessThan(20_000);
  });

  test('tells of a day whose failure could not even be noted, and settles the others', async () => {
    const { error, output } = await backfilled({
      settle: fails('Error', 'why', (day) => day === LAST - 1),
      tasks: {
        Incomplete: () => {
          throw thrown('Error', 'no table');
        },
      },
    });
    expect(error).toBeUndefined();
    const day = isoDay(LAST - 1);
    const reason = expect.stringContaining('ended without a word');
    expect(output).toMatchObject({ settled: 2, failed: 1, failures: [{ from: day, to: day, days: 1, reason }] });
  });

  test.each(['Days', 'Conclude', 'Judge', 'SendReport'])(
    'where %s fails, operators are told, and it fails',
    async (state) => {
      const { error, calls, settled } = await backfilled({
        tasks: {
          [state]: () => {
            throw thrown('Error', 'why');
          },
        },
      });
      expect(error).toMatch(/^Error: .*why/);
      const { Subject, Message } = calls.Notify![0] as Record<string, string>;
      expect(Subject).toBe('stale-sg: a backfill FAILED');
      expect(Message).toContain('why');
      expect(settled.size).toBe(state === 'Days' ? 0 : 3);
    },
  );

  test.each([
    ['not over yet', { from: '2026-01-05', to: '2026-01-06' }],
    ['before', { from: '2026-01-05', to: '2026-01-04' }],
    ['more than 10000', { from: '1990-01-01', to: '2026-01-05' }],
    ['no step of the night', { from: '2026-01-05' }],
    ['no step of the night', { from: '2026-01-05', to: '2026-01-32' }],
  ])('refuses days that are %s', async (says, input) => {
    const step = { step: 'days', input, startedAt: '2026-01-06T03:30:00Z', execution: 'one' };
    await expect(perform(step, {} as StepPorts)).rejects.toThrow(says);
  });

  test('without a mail, operators are told what it has come to', async () => {
    const other = await deployedDefinition({}, 'backfill');
    const { error, output, calls } = await backfilled({
      definition: other,
      settle: fails('Error', 'why', (day) => day === LAST),
    });
    expect([error, output]).toEqual([undefined, expect.objectContaining({ settled: 2, failed: 1 })]);
    const { Message } = calls.Tell![0] as Record<string, string>;
    expect(Message).toMatch(/^2 of 3 days are settled, 0 have no flow logs, 1 failed\. \| Execution: https:/);
    expect(calls.SendReport).toBeUndefined();
  });
});
