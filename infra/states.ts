/** What all states of the state machines have in common. */

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
const FINAL = {
  ErrorEquals: ['IncompleteDay', 'MixedFolder', 'NothingToReconcile', 'NothingYet', 'NightFailed', 'RangeError'],
  MaxAttempts: 0,
};
/** All else that may pass: capacity, a connection. `States.TaskFailed` is every error but a timeout. */
const OF_CODE = {
  ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
  IntervalSeconds: 20,
  MaxAttempts: 2,
  BackoffRate: 3,
  JitterStrategy: 'FULL',
};
/** Longer than any function takes: one that ends by itself says why, a state that ends it does not. */
export const LONGEST_FUNCTION_SECONDS = 960;

/** Has a function called, and again where that may help. */
export function invoke(functionArn: string, payload: object, TimeoutSeconds: number): object {
  return {
    Type: 'Task',
    Resource: functionArn,
    Parameters: payload,
    TimeoutSeconds,
    Retry: [FINAL, OF_LAMBDA, OF_CODE],
  };
}

/** Whatever it is: the state is left for another, with the error beside its input. */
export function catchAll(Next: string, ResultPath = '$.error'): readonly object[] {
  return [{ ErrorEquals: ['States.ALL'], ResultPath, Next }];
}

export interface Notice {
  readonly partition: string;
  readonly topic: string;
  readonly subject: string;
  /** An intrinsic function that makes the text. */
  readonly message: string;
  /** What follows, whether anybody was told or not. */
  readonly next: string;
}

/** Tells operators, as far as that goes. */
export function tells({ partition, topic, subject, message, next }: Notice): object {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::sns:publish`,
    Parameters: { TopicArn: topic, Subject: subject, 'Message.$': message },
    TimeoutSeconds: 60,
    Retry: [{ ...OF_CODE, ErrorEquals: ['States.ALL'] }],
    Catch: catchAll(next, '$.notified'),
    ResultPath: '$.notified',
    Next: next,
  };
}

/** From `End` on, the execution fails with what was caught. */
export const FAILING = {
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
};
