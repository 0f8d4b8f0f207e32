import { Stack } from 'aws-cdk-lib/core';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '../shared/configuration/config.ts';
import { flowLogKeys } from './flow-logs.ts';
import { forwarderRoleName } from './log-account.ts';

export interface Feed {
  readonly scope: Construct;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly config: Config;
}

/**
 * Events of a bucket in a log account come over the rule that log-account.ts describes, which may send straight into the
 * queue; or over the topic that the bucket tells of its objects.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html
 */
export function feedFromLogAccount({ scope, queue, deadLetters, config }: Feed): void {
  const { partition, account, region } = Stack.of(scope);
  const { topicArn, ownerAccount } = config.flowLogs;
  if (topicArn === undefined) {
    const role = forwarderRoleName(config.prefix, { account, region });
    queue.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'RuleOfTheLogAccount',
        principals: [new iam.AccountPrincipal(ownerAccount)],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:PrincipalArn': `arn:${partition}:iam::${ownerAccount!}:role/${role}` } },
      }),
    );
    return;
  }
  for (const target of [queue, deadLetters]) {
    target.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'TopicOfTheLogAccount',
        principals: [new iam.ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [target.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': topicArn } },
      }),
    );
  }
  new CfnSubscription(scope, 'Subscription', {
    topicArn,
    protocol: 'sqs',
    endpoint: queue.queueArn,
    // As S3 wrote it: without, it would be text in an envelope of SNS.
    rawMessageDelivery: true,
    // A topic of many accounts tells each of its own. S3 writes keys URL-encoded.
    // https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    filterPolicyScope: 'MessageBody',
    filterPolicy: {
      Records: {
        s3: {
          object: { key: flowLogKeys(scope, config).map((prefix) => ({ prefix: prefix.replaceAll('=', '%3D') })) },
        },
      },
    },
    redrivePolicy: { deadLetterTargetArn: deadLetters.queueArn },
  });
}
