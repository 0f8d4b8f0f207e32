import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import aslValidator from 'asl-validator';
import { VARIANTS } from '../../infra/variants.ts';
import { deployedDefinition, execute, thrown, type Task } from './state-machine.ts';

jest.setTimeout(60_000);

const definition = await deployedDefinition();
const told = await deployedDefinition(VARIANTS.told);
const toldAlone = await deployedDefinition(VARIANTS.toldAlone);

/** A night of two days in which all goes well, but for what is changed. */
async function night(
  changes: Readonly<Record<string, (nth: number, input: never) => unknown>> = {},
  days: readonly string[] = ['2026-01-05', '2026-01-02'],
  executed = definition,
) {
  const calls: Record<string, unknown[]> = {};
  const usual: Readonly<Record<string, Task>> = {
    Snapshot: () => ({ takenAt: '2026-01-06T03:30:01Z' }),
    Recall: ({ round }: { round: number }) => ({ round: round + 1, again: false, waitSeconds: 0 }),
    Days: () => ({ days, run: 'r1' }),
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
    Judge: () => ({ report: 'reports/2026-01-05/r1/report.json.gz' }),
    SendReport: () => ({ messageIds: ['m'] }),
    SendFailure: () => ({ messageIds: ['m'] }),
    SendFindings: () => ({ problems: [] }),
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
  return { ...(await execute(executed, {}, tasks)), calls };
}

interface State {
  readonly Type: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly {
    readonly MaxAttempts: number;
    readonly BackoffRate?: number;
  }[];
  readonly Catch?: unknown;
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly States: Readonly<Record<string, State>>;
}

/** Those of its maps too. */
function tasksOf({ States }: Machine): Map<string, State> {
  return new Map(
    Object.entries(States).flatMap(([name, state]) => [
      ...(state.Type === 'Task' ? [[name, state] as const] : []),
      ...(state.ItemProcessor ? tasksOf(state.ItemProcessor) : []),
    ]),
  );
}

const timesOf = (calls: Record<string, unknown[]>): Record<string, number> =>
  Object.fromEntries(Object.entries(calls).map(([name, { length }]) => [name, length]));

describe('the state machine of the night', () => {
  test('is a definition that Step Functions takes', () => {
    const checked = aslValidator(JSON.parse(definition) as object, { checkArn: false });
    expect([checked.isValid, checked.errorsText('\n')]).toEqual([true, '']);
    expect(Buffer.byteLength(definition)).toBeLessThan(1_000_000);
    // Ends before the next night begins.
    expect(JSON.parse(definition)).toMatchObject({ TimeoutSeconds: 12 * 3600 });
  });

  test('goes through a day of which there is nothing to ask', async () => {
    const { calls, error } = await night({ Plan: () => ({ queries: [], parts: [0] }) }, ['2026-01-05']);
    expect([error, calls.Fold]).toEqual([undefined, undefined]);
    expect(calls.Attribute).toEqual([expect.objectContaining({ part: 0, queries: [] })]);
  });

  const tasks = tasksOf(JSON.parse(definition) as Machine);

  test('has these tasks', () => {
    expect([...tasks.keys()].sort()).toEqual(
      [
        ...['Snapshot', 'Recall', 'Days', 'Plan', 'CreateTable', 'Fold', 'Attribute', 'Settle', 'Incomplete'],
        ...['Conclude', 'Judge', 'SendReport', 'SendFailure', 'Notify'],
      ].sort(),
    );
  });

  test.each([...tasks])('gives %s an end, and tries it again later and later, at no common time', (_, task) => {
    expect(task.TimeoutSeconds).toBeGreaterThanOrEqual(60);
    expect(task.TimeoutSeconds).toBeLessThanOrEqual(3600);
    const again = task.Retry!.filter(({ MaxAttempts }) => MaxAttempts !== 0);
    expect(again.length).toBeGreaterThan(0);
    for (const retrier of again) {
      expect(retrier.BackoffRate).toBeGreaterThanOrEqual(2);
      expect(retrier).toMatchObject({ IntervalSeconds: expect.any(Number), JitterStrategy: 'FULL' });
    }
  });

  test('tells operators of whatever fails, but for a day, which it ends and goes on', () => {
    const { States } = JSON.parse(definition) as Machine;
    const catchers = (states: Machine['States']) =>
      Object.entries(states).flatMap(([name, { Type, Catch }]) =>
        ['Task', 'Map'].includes(Type) ? [[name, JSON.stringify(Catch)] as const] : [],
      );
    const all = (Next: string, ResultPath = '$.error') =>
      JSON.stringify([{ ErrorEquals: ['States.ALL'], ResultPath, Next }]);
    for (const [name, found] of catchers(States)) {
      const ofTelling: Record<string, string> = {
        Notify: all('SendFailure', '$.notified'),
        SendFailure: all('End', '$.sent'),
        Recall: all('Days', '$.recall'),
      };
      expect([name, found]).toEqual([name, ofTelling[name] ?? all('Notify')]);
    }
    for (const [name, found] of catchers(States.EachDay!.ItemProcessor!.States)) {
      expect([name, found]).toEqual([name, name === 'Incomplete' ? all('Unmarked', '$.unmarked') : all('Incomplete')]);
    }
  });

  test('tries functions again by the same rules, and so queries', () => {
    const rules = (names: readonly string[]) => new Set(names.map((name) => JSON.stringify(tasks.get(name)!.Retry)));
    const queries = ['CreateTable', 'Fold'];
    const functions = [...tasks.keys()].filter((name) => !['Notify', ...queries].includes(name));
    expect([rules(functions).size, rules(queries).size]).toEqual([1, 1]);
  });

  // What may pass is tried for minutes, what nobody foresaw a few times, what was decided once.
  test.each<[state: string, error: string, tries: number]>([
    ['Attribute', 'Lambda.ClientExecutionTimeoutException', 7],
    ['Attribute', 'Lambda.ServiceException', 7],
    ['Attribute', 'Lambda.AWSLambdaException', 7],
    ['Attribute', 'Lambda.SdkClientException', 7],
    ['Attribute', 'Lambda.TooManyRequestsException', 7],
    ['Attribute', 'Lambda.Unknown', 3],
    ['Attribute', 'Error', 3],
    ['Attribute', 'States.Timeout', 3],
    ['Attribute', 'IncompleteDay', 1],
    ['Attribute', 'NothingToReconcile', 1],
    ['Attribute', 'NightFailed', 1],
    ['Attribute', 'RangeError', 1],
    ['Fold', 'Athena.TooManyRequestsException', 9],
    ['Fold', 'Athena.InternalServerException', 9],
    ['Fold', 'Athena.AmazonAthenaException', 9],
    ['Fold', 'Athena.InvalidRequestException', 3],
    ['Fold', 'States.TaskFailed', 3],
    ['Fold', 'States.Timeout', 3],
    ['Notify', 'SNS.ThrottledException', 3],
    ['Notify', 'States.Timeout', 3],
  ])('has %s that fails with %s tried %i times', async (state, name, tries) => {
    const fails = () => {
      throw thrown(name, 'for good');
    };
    const settling = state === 'Notify' ? { Conclude: fails } : {};
    const one = { Plan: () => ({ queries: [{ createTable: 'a', unload: 'b' }], parts: [0] }) };
    const { calls } = await night({ ...one, ...settling, [state]: fails }, ['2026-01-05']);
    expect(calls[state]).toHaveLength(tries);
  });

  test.each([
    ['Conclude', 'NightFailed'],
    ['Judge', 'Error'],
    ['SendReport', 'Error'],
    ['Snapshot', 'Error'],
  ])('where %s fails, operators are told and the failure is mailed in the place of a report', async (state, name) => {
    const fails = () => {
      throw thrown(name, 'why');
    };
    const { error, calls } = await night({ [state]: fails });
    expect(error).toBe(`${name}: why`);
    expect(calls.Notify).toHaveLength(1);
    const execution = 'arn:aws:states:eu-west-1:111122223333:execution:sg-analysis-night:one';
    expect(calls.SendFailure).toEqual([{ failed: { Error: name, Cause: 'why' }, execution }]);
    if (state !== 'SendReport') expect(calls.SendReport).toBeUndefined();
  });

  test('where not even operators can be told, the failure is mailed all the same', async () => {
    const fails = () => {
      throw thrown('Error', 'why');
    };
    const { error, calls } = await night({ Judge: fails, Notify: fails, SendFailure: fails });
    expect([error, calls.SendFailure!.length]).toEqual(['Error: why', 3]);
  });

  test('without recipients nothing is mailed, and verdicts are given all the same', async () => {
    const without = await deployedDefinition({});
    const { States } = JSON.parse(without) as Machine;
    const names = Object.keys(States);
    expect(names).toContain('Judge');
    expect(names.filter((name) => name.startsWith('Send'))).toEqual([]);
    const checked = aslValidator(JSON.parse(without) as object, { checkArn: false });
    expect([checked.isValid, checked.errorsText('\n')]).toEqual([true, '']);
  });

  describe.each([
    ['with a mail', told],
    ['without', toldAlone],
  ])('tells Security Hub of the report last, %s;', (_what, executed) => {
    const fails = () => {
      throw thrown('Error', 'why');
    };

    test('is a definition that Step Functions takes, and whose function ends by itself', () => {
      const checked = aslValidator(JSON.parse(executed) as object, { checkArn: false });
      expect([checked.isValid, checked.errorsText('\n')]).toEqual([true, '']);
      expect(tasksOf(JSON.parse(executed) as Machine).get('SendFindings')).toMatchObject({ TimeoutSeconds: 960 });
    });

    test('where that fails, it is tried again, and the night succeeds', async () => {
      const { error, calls } = await night({ SendFindings: fails }, [], executed);
      expect([error, calls.Notify]).toEqual([undefined, undefined]);
      expect(calls.SendFindings).toEqual(Array(3).fill({ report: 'reports/2026-01-05/r1/report.json.gz' }));
    });

    test('where there is no report, nothing is told', async () => {
      const { error, calls } = await night({ Judge: fails }, [], executed);
      expect([error, calls.SendFindings]).toEqual(['Error: why', undefined]);
    });
  });

  test.each(['Recall', 'Attribute', 'Settle', 'Judge', 'SendReport'])(
    'lets the function of %s end by itself',
    (state) => {
      expect(tasks.get(state)!.TimeoutSeconds).toBeGreaterThan(900);
    },
  );

  test('works on a day at a time, two of its queries, and ten of its parts', async () => {
    const now: Record<string, number> = {};
    const most: Record<string, number> = {};
    const slowly = (name: string, result: (given: never) => object) => async (_: number, given: never) => {
      now[name] = (now[name] ?? 0) + 1;
      most[name] = Math.max(most[name] ?? 0, now[name]);
      await sleep(10);
      now[name] -= 1;
      return result(given);
    };
    const some = (number: number) => Array.from({ length: number }, (_, i) => i);
    const { error } = await night({
      Plan: slowly('Plan', () => ({
        queries: some(5).map((i) => ({ createTable: `a${i}`, unload: `b${i}` })),
        parts: some(30),
      })),
      Fold: slowly('Fold', () => ({ QueryExecution: { QueryExecutionId: 'id' } })),
      Attribute: slowly('Attribute', ({ part }: { part: number }) => ({ part })),
    });
    expect([error, most]).toEqual([undefined, { Plan: 1, Fold: 2, Attribute: 10 }]);
  });

  test('settles each day from all of its queries and parts, and then ends', async () => {
    const { error, calls } = await night();
    expect(error).toBeUndefined();
    const twice = { Plan: 2, CreateTable: 4, Fold: 4, Attribute: 6, Settle: 2 };
    expect(timesOf(calls)).toEqual({
      Snapshot: 1,
      Recall: 1,
      Days: 1,
      ...twice,
      Conclude: 1,
      Judge: 1,
      SendReport: 1,
    });
    expect(calls.Judge).toEqual([{ startedAt: expect.stringMatching(/^2026-.*Z$/), execution: 'one' }]);
    expect(calls.SendReport).toEqual([{ report: 'reports/2026-01-05/r1/report.json.gz' }]);
    expect(calls.Days).toEqual([
      { step: 'days', input: {}, startedAt: expect.stringMatching(/^2026-.*Z$/), execution: 'one' },
    ]);
    expect(calls.Attribute![0]).toEqual({
      step: 'attribute',
      day: '2026-01-05',
      run: 'r1',
      part: 0,
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

  test('asks what the account remembers round by round, as long as something is left', async () => {
    const { error, calls } = await night({
      Recall: (nth) => ({ round: nth + 1, again: nth < 3, waitSeconds: 0 }),
    });
    expect([error, calls.Days!.length, calls.Judge!.length]).toEqual([undefined, 1, 1]);
    const startedAt = expect.stringMatching(/^2026-.*Z$/);
    expect(calls.Recall).toEqual([1, 2, 3].map((round) => ({ startedAt, round })));
  });

  test.each(['Error', 'States.Timeout', 'Lambda.Unknown'])('goes on where that fails with %s', async (name) => {
    const { error, calls } = await night({
      Recall: () => {
        throw thrown(name, 'x'.repeat(32_768));
      },
    });
    expect([error, calls.Recall!.length, calls.Notify]).toEqual([undefined, 3, undefined]);
    const { calls: usual } = await night();
    expect(timesOf({ ...calls, Recall: [] })).toEqual(timesOf({ ...usual, Recall: [] }));
    expect(calls.Days).toEqual([{ step: 'days', input: {}, startedAt: expect.any(String), execution: 'one' }]);
  });

  test('tells each task what it needs', async () => {
    const day = '2025-12-24';
    const one = { queries: [{ createTable: 'CREATE', unload: 'UNLOAD' }], parts: [7] };
    const { error, output, calls } = await night({ Plan: () => one }, [day]);
    expect(error).toBeUndefined();
    expect(output).toMatchObject({ night: { days: [{ day, status: 'reconciled' }] } });
    const run = { day, run: 'r1' };
    const query = (QueryString: string) => ({ QueryString, WorkGroup: 'sg-analysis-night' });
    expect(calls).toEqual({
      Snapshot: [{}],
      Recall: [expect.anything()],
      Days: [{ step: 'days', input: {}, startedAt: expect.any(String), execution: 'one' }],
      Plan: [{ step: 'plan', ...run }],
      CreateTable: [query('CREATE')],
      Fold: [query('UNLOAD')],
      Attribute: [{ step: 'attribute', ...run, part: 7, queries: ['id of UNLOAD'] }],
      Settle: [{ step: 'settle', ...run, nightly: true, parts: [{ part: 7, rows: 1, records: 1 }] }],
      Conclude: [{ step: 'conclude', days: [{ day, status: 'reconciled' }] }],
      Judge: [expect.anything()],
      SendReport: [expect.anything()],
    });
  });

  test('hands on nothing large', async () => {
    const { happened, calls } = await night();
    expect(happened.length).toBeGreaterThan(40);
    for (const name of Object.keys(calls)) {
      for (const given of calls[name]!) expect(JSON.stringify(given).length).toBeLessThan(1000);
    }
  });

  test.each([
    ['nothing', []],
    ['a query', ['Fold']],
    ['a part', ['Attribute']],
    ['settling', ['Settle']],
    ['settling, and marking the day,', ['Settle', 'Incomplete']],
    ['the end', ['Conclude']],
  ])('hands on no more than a state may, were all as large as it can be, and %s failed', async (_, failing) => {
    const statement = 'x'.repeat(95_000);
    const parts = Array.from({ length: 100 }, (_, part) => part);
    const { happened } = await night({
      Plan: () => ({ queries: [{ createTable: statement, unload: statement }], parts }),
      Attribute: (_, { part }: { part: number }) => ({ part, foreignFiles: Array<string>(3).fill('x'.repeat(250)) }),
      ...Object.fromEntries(
        failing.map((state) => [
          state,
          () => {
            throw thrown('Error', 'x'.repeat(32_768));
          },
        ]),
      ),
    });
    // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    expect(Math.max(...happened.map(({ bytes = 0 }) => bytes))).toBeLessThan(262_144);
    expect(happened.at(-1)!.type).toBe(failing.length === 0 ? 'ExecutionSucceeded' : 'ExecutionFailed');
  });

  test('settles the other day too where the one that failed cannot be marked, and says so', async () => {
    const fails =
      (reason: string) =>
      (_: number, { day }: { day: string }) => {
        if (day === '2026-01-05') throw thrown('Error', reason);
      };
    const { error, calls } = await night({ Settle: fails('for good'), Incomplete: fails('no table') });
    expect(error).toBe('NightFailed: 2026-01-05');
    const [failed, settled] = (calls.Conclude![0] as { days: object[] }).days;
    const Cause = expect.stringContaining('nor could it be noted');
    expect(failed).toEqual({ day: '2026-01-05', status: 'incomplete', error: { Error: 'Error', Cause } });
    expect(settled).toEqual({ day: '2026-01-02', status: 'reconciled' });
    expect(calls.Notify).toHaveLength(1);
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
        { step: 'incomplete', day: '2026-01-05', run: 'r1', nightly: true, error: { Error: name, Cause: 'for good' } },
      ]);
      expect(calls.Settle!.filter((given) => JSON.stringify(given).includes('2026-01-02'))).toHaveLength(1);
      expect(error).toBe('NightFailed: 2026-01-05');
      expect(calls.Conclude).toHaveLength(1);
      expect(calls.Notify).toHaveLength(1);
    },
  );

  test.each(['Snapshot', 'Days'])('without %s there is no night, and operators hear of it', async (state) => {
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
    expect(Message).toMatch(/ \| Error: AccessDenied$/);
    expect(Message).toContain(
      'https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/' +
        'arn:aws:states:eu-west-1:111122223333:execution:sg-analysis-night:one',
    );
  });

  test('gives itself no name that is Step Functions\u2019 own', async () => {
    const { error } = await night({
      Days: () => {
        throw thrown('States.Timeout', '');
      },
    });
    expect(error).toBe('NightFailed: States.Timeout: ');
  });

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
