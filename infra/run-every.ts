import { Stack, type Duration } from 'aws-cdk-lib/core';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';

export interface RunEveryOptions {
  readonly name: string;
  readonly every: Duration;
}

/** Calls the function again and again. What is a whole round late is not called any more: the next one is there. */
export function runEvery(scope: Construct, { functionArn }: IFunction, { name, every }: RunEveryOptions): void {
  const role = new iam.Role(scope, 'ScheduleRole', {
    // Schedules of other accounts must not be able to use the role.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
  new Schedule(scope, 'Schedule', {
    scheduleName: name,
    schedule: ScheduleExpression.rate(every),
    // CDK's own LambdaInvoke would also allow every version of the function.
    target: {
      bind: () => ({
        arn: functionArn,
        role,
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: every.toSeconds() },
      }),
    },
  });
}
