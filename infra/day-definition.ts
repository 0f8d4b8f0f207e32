import { catchAll, invoke, LONGEST_FUNCTION_SECONDS } from './states.ts';

const OF_ATHENA = [
  {
    ErrorEquals: ['Athena.TooManyRequestsException', 'Athena.InternalServerException', 'Athena.AmazonAthenaException'],
    IntervalSeconds: 15,
    MaxAttempts: 8,
    BackoffRate: 2,
    JitterStrategy: 'FULL',
  },
  {
    // A query that failed for want of resources may succeed later; one that is wrong fails again, and soon. Step
    // Functions tells neither from one that was stopped at the limit of what it may read: that is read three times.
    ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
    IntervalSeconds: 60,
    MaxAttempts: 2,
    BackoffRate: 3,
    JitterStrategy: 'FULL',
  },
];

/** Parts of a day that are attributed at once: each holds one part's service flows in memory. */
const PARTS_AT_ONCE = 10;
/** Athena runs some twenty queries of an account at once, other people's too. */
const QUERIES_AT_ONCE = 2;
/** Without the cause itself: of several days, causes may be more than a state hands on. */
const UNMARKED = 'the cause is in the execution; nor could it be noted, so no later night runs the day by itself';

/** ARNs of what the states of a day call. */
export interface DayParts {
  readonly partition: string;
  readonly reconcileUsage: string;
  readonly workGroup: string;
}

export interface DayOptions {
  /** Metrics are of nights, and a day that fails is marked for later ones. */
  readonly nightly: boolean;
  /** What its last states have beside: what becomes of their results. */
  readonly last: object;
}

/** Which days there are, by what the execution was started with: `{ days, run }`. */
export function choosesDays({ reconcileUsage }: DayParts): object {
  return invoke(
    reconcileUsage,
    {
      step: 'days',
      'input.$': '$$.Execution.Input',
      'startedAt.$': '$$.Execution.StartTime',
      'execution.$': '$$.Execution.Name',
    },
    120,
  );
}

/** Of a map over these days. */
export const OF_EACH_DAY = {
  ItemsPath: '$.days',
  ItemSelector: { 'day.$': '$$.Map.Item.Value', 'run.$': '$.run' },
};

/** The states of one day, from `{ day, run }` on. They end well whatever becomes of the day. */
export function dayStates(parts: DayParts, { nightly, last }: DayOptions): object {
  const { reconcileUsage } = parts;
  const ofRun = { 'day.$': '$.day', 'run.$': '$.run' };
  const Catch = catchAll('Incomplete');
  const query = (statement: string) => ({
    Type: 'Task',
    Resource: `arn:${parts.partition}:states:::athena:startQueryExecution.sync`,
    Parameters: { 'QueryString.$': statement, WorkGroup: parts.workGroup },
    TimeoutSeconds: 3600,
    Retry: OF_ATHENA,
  });
  return {
    StartAt: 'Plan',
    States: {
      Plan: {
        ...invoke(reconcileUsage, { step: 'plan', ...ofRun }, 300),
        ResultPath: '$.plan',
        Catch,
        Next: 'Queries',
      },
      Queries: {
        Type: 'Map',
        ItemsPath: '$.plan.queries',
        MaxConcurrency: QUERIES_AT_ONCE,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'CreateTable',
          States: {
            CreateTable: { ...query('$.createTable'), ResultPath: null, Next: 'Fold' },
            Fold: {
              ...query('$.unload'),
              ResultSelector: { 'id.$': '$.QueryExecution.QueryExecutionId' },
              OutputPath: '$.id',
              End: true,
            },
          },
        },
        // In place of the statements: with these, what later states hand on could exceed what a state may.
        ResultPath: '$.plan.queries',
        Catch,
        Next: 'Parts',
      },
      Parts: {
        Type: 'Map',
        ItemsPath: '$.plan.parts',
        ItemSelector: { ...ofRun, 'part.$': '$$.Map.Item.Value', 'queries.$': '$.plan.queries' },
        MaxConcurrency: PARTS_AT_ONCE,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Attribute',
          States: {
            Attribute: {
              ...invoke(
                reconcileUsage,
                { step: 'attribute', ...ofRun, 'part.$': '$.part', 'queries.$': '$.queries' },
                LONGEST_FUNCTION_SECONDS,
              ),
              End: true,
            },
          },
        },
        ResultPath: '$.parts',
        Catch,
        Next: 'Settle',
      },
      Settle: {
        ...invoke(
          reconcileUsage,
          { step: 'settle', ...ofRun, nightly, 'parts.$': '$.parts' },
          LONGEST_FUNCTION_SECONDS,
        ),
        Catch,
        ...last,
        End: true,
      },
      Incomplete: {
        ...invoke(reconcileUsage, { step: 'incomplete', ...ofRun, nightly, 'error.$': '$.error' }, 120),
        Catch: catchAll('Unmarked', '$.unmarked'),
        ...last,
        End: true,
      },
      Unmarked: {
        Type: 'Pass',
        Parameters: {
          'day.$': '$.day',
          status: 'incomplete',
          error: { 'Error.$': '$.error.Error', Cause: UNMARKED },
        },
        ...last,
        End: true,
      },
    },
  };
}
