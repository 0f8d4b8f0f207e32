import { describe, expect, jest, test } from '@jest/globals';
import aslValidator from 'asl-validator';
import { deployedDefinition, execute, type Task } from './state-machine.ts';

jest.setTimeout(60_000);

const definition = deployedDefinition();

const thrown = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/** A night of two days in which all goes well, but for what is changed. */
async function night(
  changes: Readonly<Record<string, (nth: number, input: never) => unknown>> = {},
  input: object = {},
) {
  const calls: Record<string, unknown[]> = {};
  const usual: Readonly<Record<string, Task>> = {
    Snapshot: () => ({ takenAt: '2026-01-06T03:30:01Z' }),
    FinishOpen: () => ({ finished: 0 }),
    Days: ({ input: { day } }: { input: { day?: string } }) => ({
      days: (day === undefined ? ['2026-01-05', '2026-01-02'] : [day]).map((one) => ({ day: one, run: 'r1' })),
    }),
    Plan: ({ day }: { day: string }) => ({
      queries: [
        { createTable: `CREATE a ${day}`, unload: `UNLOAD a ${day}` },
        { createTable: `CREATE b ${day}`, unload: `UNLOAD b ${day}` },
      ],
      parts: [0, 1, 2],
    }),
    CreateTable: () => ({ QueryExecution: { QueryExecutionId: 'created' } }),
    Fold: ({ QueryString }: { QueryString: string }) => ({
      QueryExecution: { QueryExecutionId: `id of ${QueryString}`, Query: QueryString.repeat(1000) },
    }),
    Attribute: ({ part }: { part: number }) => ({ part, rows: 1, records: 1 }),
    Settle: ({ day }: { day: string }) => ({ day, status: 'reconciled' }),
    Incomplete: ({ day, error }: { day: string; error: object }) => ({ day, status: 'incomplete', error }),
    Conclude: ({ days }: { days: { day: string; status: string }[] }) => {
      const failed = days.filter(({ status }) => status !== 'reconciled');
      if (failed.length > 0) throw thrown('NightFailed', failed.map(({ day }) => day).join());
      return { days };
    },
    Notify: () => ({ MessageId: 'm' }),
  };
  const tasks = Object.fromEntries(
    Object.entries(usual).map(([name, task]) => [
      name,
      (given: never) => {
        (calls[name] ??= []).push(given);
        return changes[name]?.(calls[name].length, given) ?? task(given);
      },
    ]),
  );
  return { ...(await execute(definition, input, tasks)), calls };
}

const timesOf = (calls: Record<string, unknown[]>): Record<string, number> =>
  Object.fromEntries(Object.entries(calls).map(([name, { length }]) => [name, length]));

describe('the state machine of the night', () => {
  test('is a definition that Step Functions takes', () => {
    const checked = aslValidator(JSON.parse(definition) as object, { checkArn: false });
    expect([checked.isValid, checked.errorsText('\n')]).toEqual([true, '']);
    expect(Buffer.byteLength(definition)).toBeLessThan(1_000_000);
  });

  test('settles each day from all of its queries and parts, and then ends', async () => {
    const { error, calls } = await night();
    expect(error).toBeUndefined();
    const twice = { Plan: 2, CreateTable: 4, Fold: 4, Attribute: 6, Settle: 2 };
    expect(timesOf(calls)).toEqual({ Snapshot: 1, FinishOpen: 1, Days: 1, ...twice, Conclude: 1 });
    expect(calls.Days).toEqual([
      { step: 'days', input: {}, startedAt: expect.stringMatching(/^2026-.*Z$/), execution: 'one' },
    ]);
    expect(calls.Attribute![0]).toEqual({
      ...{ step: 'attribute', day: '2026-01-05', run: 'r1', part: 0 },
      queries: ['id of UNLOAD a 2026-01-05', 'id of UNLOAD b 2026-01-05'],
    });
    expect(calls.Settle![1]).toMatchObject({ day: '2026-01-02', parts: [{ part: 0 }, { part: 1 }, { part: 2 }] });
    expect(calls.Conclude![0]).toEqual({
      step: 'conclude',
      days: [
        { day: '2026-01-05', status: 'reconciled' },
        { day: '2026-01-02', status: 'reconciled' },
      ],
    });
  });

  test('works on the day that it is given', async () => {
    const { error, calls } = await night({}, { day: '2025-12-24' });
    expect(error).toBeUndefined();
    expect(calls.Days![0]).toMatchObject({ input: { day: '2025-12-24' } });
    expect(calls.Settle).toHaveLength(1);
  });

  test('hands on nothing large', async () => {
    const { happened, calls } = await night();
    expect(happened.length).toBeGreaterThan(40);
    for (const name of Object.keys(calls)) {
      for (const given of calls[name]!) expect(JSON.stringify(given).length).toBeLessThan(1000);
    }
  });

  test.each([
    ['Snapshot', 'Lambda.ServiceException'],
    ['Attribute', 'Lambda.TooManyRequestsException'],
    ['Settle', 'TransactionCanceledException'],
    ['Fold', 'Athena.TooManyRequestsException'],
    ['CreateTable', 'States.TaskFailed'],
  ])('does %s once more after %s', async (state, name) => {
    const { error, calls } = await night({
      [state]: (nth) => {
        if (nth === 1) throw thrown(name, 'this once');
        return undefined;
      },
    });
    expect(error).toBeUndefined();
    const { calls: usual } = await night();
    expect(timesOf(calls)).toEqual({ ...timesOf(usual), [state]: usual[state]!.length + 1 });
  });

  test.each([
    ['Plan', 'NothingToReconcile', 1],
    ['Settle', 'IncompleteDay', 1],
    ['Fold', 'States.TaskFailed', 3],
    ['Attribute', 'Error', 3],
  ])(
    '%s that fails for good with %s fails its day after %i tries, settles the other, and tells',
    async (state, name, tries) => {
      const { error, calls } = await night({
        [state]: (_, given: { day?: string; QueryString?: string; part?: number }) => {
          const isIt = (given.day ?? given.QueryString)?.endsWith('2026-01-05') ?? false;
          if (isIt && !given.QueryString?.includes(' b ') && (given.part ?? 1) === 1) throw thrown(name, 'for good');
          return undefined;
        },
      });
      const failing = calls[state]!.filter((given) => JSON.stringify(given).includes('2026-01-05')) as {
        part?: number;
        QueryString?: string;
      }[];
      expect(
        failing.filter(({ part = 1, QueryString = ' a ' }) => part === 1 && QueryString.includes(' a ')),
      ).toHaveLength(tries);
      expect(calls.Incomplete).toEqual([
        { step: 'incomplete', day: '2026-01-05', run: 'r1', error: { Error: name, Cause: 'for good' } },
      ]);
      expect(calls.Settle!.filter((given) => JSON.stringify(given).includes('2026-01-02'))).toHaveLength(1);
      expect(error).toBe('NightFailed: 2026-01-05');
      expect(calls.Conclude).toHaveLength(1);
      expect(calls.Notify).toHaveLength(1);
    },
  );

  test.each(['Snapshot', 'FinishOpen', 'Days'])(
    'without %s there is no night, and operators hear of it',
    async (state) => {
      const { error, calls } = await night({
        [state]: () => {
          throw thrown('Error', 'AccessDenied');
        },
      });
      expect(error).toBe('Error: AccessDenied');
      expect(calls.Settle).toBeUndefined();
      const { Subject, Message, TopicArn } = calls.Notify![0] as Record<string, string>;
      expect(TopicArn).toBe('sg-analysis-alarms');
      expect(Subject!.length).toBeLessThan(100);
      expect(Subject).toContain('FAILED');
      expect(Message).toContain('failed with Error: AccessDenied');
      expect(Message).toContain(
        'https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/' +
          'arn:aws:states:eu-west-1:111122223333:execution:sg-analysis-night:one',
      );
    },
  );

  test('ends as failed too where nobody can be told', async () => {
    const { error } = await night({
      Days: () => {
        throw thrown('Error', 'no');
      },
      Notify: () => {
        throw thrown('SNS.ThrottledException', 'later');
      },
    });
    expect(error).toBe('Error: no');
  });
});
