/** ARNs of what the states call, as they stand in the definition: literal, or tokens of CDK. */
export interface NightParts {
  readonly partition: string;
  readonly snapshotGroups: string;
  readonly recallAccount: string;
  readonly reconcileUsage: string;
  readonly judgeRules: string;
  /** Undefined where no mail is configured. */
  readonly sendReport: string | undefined;
  /** Where operators hear of a night that failed. */
  readonly topic: string;
  readonly workGroup: string;
  readonly region: string;
  /** Of the AWS console in the region. */
  readonly console: string;
}

/** Errors of Lambda itself, not of the code in it: https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html */
const OF_LAMBDA = {
  ErrorEquals: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};
/** What the code says that no repetition changes. */
const FINAL = { ErrorEquals: ['IncompleteDay', 'NothingToReconcile', 'NightFailed', 'RangeError'], MaxAttempts: 0 };
/** All else that may pass: capacity, a connection. `States.TaskFailed` is every error but a timeout. */
const OF_CODE = {
  ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
  IntervalSeconds: 20,
  MaxAttempts: 2,
  BackoffRate: 3,
  JitterStrategy: 'FULL',
};
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
/** Longer than any function takes: one that ends by itself says why, a state that ends it does not. */
const LONGEST_FUNCTION_SECONDS = 960;

/** Without the cause itself: of several days, causes may be more than a state hands on. */
const UNMARKED = 'the cause is in the execution; nor could the day be marked, so no later night runs it by itself';

/**
 * The state machine of the night, in the words of the Amazon States Language: pointers go from state to state, never
 * what they point to. A day that fails does not keep the others from being settled; it fails the night.
 *
 * Whatever works on settled days stands between `EachDay` and the end, behind `Conclude`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */
export function nightDefinition(parts: NightParts): object {
  const catchAll = (next: string) => [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }];
  const caught = { Catch: catchAll('Notify') };
  const { reconcileUsage, region, console } = parts;
  const link = `https://${console}/states/home?region=${region}#/v2/executions/details/`;
  const invoke = (functionArn: string, payload: object, timeoutSeconds: number) => ({
    Type: 'Task',
    Resource: functionArn,
    Parameters: payload,
    TimeoutSeconds: timeoutSeconds,
    Retry: [FINAL, OF_LAMBDA, OF_CODE],
  });
  const ofRun = { 'day.$': '$.day', 'run.$': '$.run' };
  return {
    Comment: 'Snapshots the account, and makes the figures of the last day authoritative.',
    StartAt: 'Snapshot',
    // A day takes a dozen; what takes longer than this hangs.
    TimeoutSeconds: 12 * 3600,
    States: {
      Snapshot: { ...invoke(parts.snapshotGroups, {}, 360), ResultPath: null, ...caught, Next: 'IsToRecall' },
      ...recalling(parts, invoke),
      Days: {
        ...invoke(
          reconcileUsage,
          {
            step: 'days',
            'input.$': '$$.Execution.Input',
            'startedAt.$': '$$.Execution.StartTime',
            'execution.$': '$$.Execution.Name',
          },
          120,
        ),
        ...caught,
        Next: 'EachDay',
      },
      EachDay: {
        Type: 'Map',
        ItemsPath: '$.days',
        MaxConcurrency: 1,
        ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...oneDay(parts, invoke, ofRun, catchAll('Incomplete')) },
        ResultPath: '$.done',
        ...caught,
        Next: 'Conclude',
      },
      Conclude: {
        ...invoke(reconcileUsage, { step: 'conclude', 'days.$': '$.done' }, 120),
        ResultPath: '$.night',
        ...caught,
        Next: 'IsNightly',
      },
      ...reporting(parts, invoke, caught),
      Done: { Type: 'Succeed' },
      Notify: {
        Type: 'Task',
        Resource: `arn:${parts.partition}:states:::sns:publish`,
        Parameters: {
          TopicArn: parts.topic,
          Subject: 'stale-sg: the night FAILED, and nothing was reported of it',
          // The error comes last: it may be long, though Step Functions cuts it to far less than SNS takes.
          'Message.$': `States.Format('The nightly run failed; nothing was reported of this night. What was streamed, and days that were settled, stay as they are. | Execution: ${link}{} | What to do: infra/RUNBOOK.md, section night-failed | {}: {}', $$.Execution.Id, $.error.Error, $.error.Cause)`,
        },
        TimeoutSeconds: 60,
        Retry: [{ ...OF_CODE, ErrorEquals: ['States.ALL'] }],
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            ResultPath: '$.notified',
            Next: parts.sendReport ? 'IsNightThatFailed' : 'End',
          },
        ],
        ResultPath: '$.notified',
        Next: parts.sendReport ? 'IsNightThatFailed' : 'End',
      },
      // Names that begin so are Step Functions' own: a state that fails may not give itself one.
      // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
      End: {
        Type: 'Choice',
        Choices: [{ Variable: '$.error.Error', StringMatches: 'States.*', Next: 'Renamed' }],
        Default: 'Failed',
      },
      Renamed: {
        Type: 'Pass',
        Parameters: {
          error: { Error: 'NightFailed', 'Cause.$': "States.Format('{}: {}', $.error.Error, $.error.Cause)" },
        },
        Next: 'Failed',
      },
      Failed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
    },
  };
}

/** Past days that are run again (`backfill`) are in the next night's report; nobody wants a mail for each of them. */
const ofNight = (yes: string, no: string) => ({
  Type: 'Choice',
  Choices: [{ Variable: '$$.Execution.Input.day', IsPresent: true, Next: no }],
  Default: yes,
});

/**
 * Asks what the account remembers, round by round, as long as the function says that something is left. Whatever fails of it
 * keeps no day from being settled: the report says that it was not asked, an alarm that it failed.
 */
function recalling({ recallAccount }: NightParts, invoke: Invoke): object {
  return {
    IsToRecall: ofNight('FirstRound', 'Days'),
    FirstRound: { Type: 'Pass', Result: { round: 1 }, ResultPath: '$.recall', Next: 'Recall' },
    Recall: {
      ...invoke(
        recallAccount,
        { 'startedAt.$': '$$.Execution.StartTime', 'round.$': '$.recall.round' },
        LONGEST_FUNCTION_SECONDS,
      ),
      ResultPath: '$.recall',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.recall', Next: 'Days' }],
      Next: 'IsMoreToRecall',
    },
    IsMoreToRecall: {
      Type: 'Choice',
      Choices: [{ Variable: '$.recall.again', BooleanEquals: true, Next: 'NextRound' }],
      Default: 'Days',
    },
    NextRound: { Type: 'Wait', SecondsPath: '$.recall.waitSeconds', Next: 'Recall' },
  };
}

/** What follows a night of which every day was settled; and the mail that takes the report's place where one was not. */
function reporting({ judgeRules, sendReport }: NightParts, invoke: Invoke, caught: object): object {
  const judge = invoke(
    judgeRules,
    { 'startedAt.$': '$$.Execution.StartTime', 'execution.$': '$$.Execution.Name' },
    LONGEST_FUNCTION_SECONDS,
  );
  return {
    IsNightly: ofNight('Judge', 'Done'),
    Judge: { ...judge, ResultPath: '$.judged', ...caught, Next: sendReport === undefined ? 'Done' : 'SendReport' },
    ...(sendReport !== undefined && {
      SendReport: {
        ...invoke(sendReport, { 'report.$': '$.judged.report' }, LONGEST_FUNCTION_SECONDS),
        ResultPath: '$.sent',
        ...caught,
        Next: 'Done',
      },
      IsNightThatFailed: ofNight('SendFailure', 'End'),
      SendFailure: {
        ...invoke(sendReport, { 'failed.$': '$.error', 'execution.$': '$$.Execution.Id' }, 120),
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.sent', Next: 'End' }],
        ResultPath: '$.sent',
        Next: 'End',
      },
    }),
  };
}

type Invoke = (functionArn: string, payload: object, timeoutSeconds: number) => object;

function oneDay(parts: NightParts, invoke: Invoke, ofRun: object, Catch: readonly object[]): object {
  const { reconcileUsage } = parts;
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
        ...invoke(reconcileUsage, { step: 'settle', ...ofRun, 'parts.$': '$.parts' }, LONGEST_FUNCTION_SECONDS),
        Catch,
        End: true,
      },
      Incomplete: {
        ...invoke(reconcileUsage, { step: 'incomplete', ...ofRun, 'error.$': '$.error' }, 120),
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.unmarked', Next: 'Unmarked' }],
        End: true,
      },
      Unmarked: {
        Type: 'Pass',
        Parameters: {
          'day.$': '$.day',
          status: 'incomplete',
          error: { 'Error.$': '$.error.Error', Cause: UNMARKED },
        },
        End: true,
      },
    },
  };
}
