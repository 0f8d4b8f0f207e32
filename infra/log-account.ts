import { Aws, CfnOutput, CfnParameter, CfnWaitConditionHandle, Stack, type StackProps } from 'aws-cdk-lib/core';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { nightName } from '../shared/names.ts';
import type { Config } from '../shared/configuration/config.ts';
import { createdFlowLogs, flowLogKeys } from './flow-logs.ts';
import { deliveryStatements, keyDeliveryStatement, type Member } from './log-delivery.ts';

/** Of the log account, by which it sends events to one deployment. At most 64 characters. */
export function forwarderRoleName(prefix: string, { account, region }: Omit<Member, 'partition'>): string {
  return `${prefix}-to-${account}-${region}`;
}

export interface LogAccountStackProps extends StackProps {
  readonly config: Config;
}

/**
 * What the account of a central bucket must allow one deployment: to be deployed *there*, or read. It makes the rule that
 * forwards events; what belongs into the policies of the bucket and its keys is an output, since a template would put its
 * own policy in the place of the one that is there.
 */
export class LogAccountStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: LogAccountStackProps) {
    super(scope, id, props);
    const { account = this.#parameter('MemberAccount'), region = Aws.REGION } = config;
    const member = { partition: this.partition, account, region };
    const { topicArn, kmsKeyArns } = config.flowLogs;
    this.#tell('AddToTheBucketPolicy', bucketStatements(this, config, member));
    if (kmsKeyArns.length > 0) this.#tell('AddToTheKeyPolicy', keyStatements(this, config, member));
    if (topicArn === undefined) {
      this.#forwardEvents(config, member);
    } else {
      this.#tell('AddToTheTopicPolicy', [topicStatement(topicArn, member)]);
      // CloudFormation refuses a template without resources; this one does nothing.
      new CfnWaitConditionHandle(this, 'Nothing');
    }
  }

  #parameter(name: string): string {
    const description = 'The account that stale-sg is deployed in';
    return new CfnParameter(this, name, { type: 'String', allowedPattern: '\\d{12}', description }).valueAsString;
  }

  #forwardEvents(config: Config, member: Member): void {
    const { partition, account, region } = member;
    const queueArn = `arn:${partition}:sqs:${region}:${account}:${config.prefix}-count-usage`;
    const role = new iam.Role(this, 'Forwarder', {
      roleName: forwarderRoleName(config.prefix, member),
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn] }));
    const { source, detailType, detail } = createdFlowLogs(config.flowLogs.bucket!, flowLogKeys(this, config, member));
    new CfnRule(this, 'ObjectCreated', {
      description: 'Flow-log objects of one account and region, to its stale-sg',
      eventPattern: { source, 'detail-type': detailType, detail },
      targets: [{ id: 'queue', arn: queueArn, roleArn: role.roleArn }],
    });
  }

  #tell(name: string, statements: readonly iam.PolicyStatement[]): void {
    new CfnOutput(this, name, {
      value: this.toJsonString(statements.map((statement) => statement.toJSON() as object)),
    });
  }
}

/** A principal that is an account stays right when a role is made anew; the condition says which of its roles. */
function toRoles({ partition, account, region }: Member, names: readonly string[]) {
  const arns = names.map((name) => `arn:${partition}:iam::${account}:role/${name}-${region}`);
  return {
    principals: [new iam.ArnPrincipal(`arn:${partition}:iam::${account}:root`)],
    conditions: { ArnEquals: { 'aws:PrincipalArn': arns } },
  };
}

/** By the names that service-function.ts gives them, without the region. */
const readers = (prefix: string): string[] => [`${prefix}-count-usage`, nightName(prefix)];

function bucketStatements(scope: Construct, config: Config, member: Member): iam.PolicyStatement[] {
  const { prefix } = config;
  const { bucket, keyPrefix, enableOn } = config.flowLogs;
  const bucketArn = `arn:${member.partition}:s3:::${bucket!}`;
  return [
    new iam.PolicyStatement({
      sid: 'StaleSgReads',
      ...toRoles(member, readers(prefix)),
      actions: ['s3:GetObject'],
      resources: flowLogKeys(scope, config, member).map((keys) => `${bucketArn}/${keys}*`),
    }),
    new iam.PolicyStatement({
      sid: 'StaleSgLists',
      ...toRoles(member, [...readers(prefix), `${prefix}-reconcile-usage`]),
      actions: ['s3:GetBucketLocation', 's3:ListBucket'],
      resources: [bucketArn],
    }),
    ...(enableOn.length > 0 ? deliveryStatements(bucketArn, keyPrefix, member) : []),
  ];
}

function keyStatements(scope: Construct, config: Config, member: Member): iam.PolicyStatement[] {
  const { principals, conditions } = toRoles(member, readers(config.prefix));
  return [
    new iam.PolicyStatement({
      sid: 'StaleSgDecrypts',
      principals,
      actions: ['kms:Decrypt'],
      // In the policy of a key: this key.
      resources: ['*'],
      conditions: {
        ...conditions,
        StringEquals: { 'kms:ViaService': `s3.${member.region}.${Stack.of(scope).urlSuffix}` },
      },
    }),
    ...(config.flowLogs.enableOn.length > 0 ? [keyDeliveryStatement(member)] : []),
  ];
}

function topicStatement(topicArn: string, { partition, account }: Member): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'StaleSgSubscribes',
    principals: [new iam.ArnPrincipal(`arn:${partition}:iam::${account}:root`)],
    actions: ['sns:Subscribe'],
    resources: [topicArn],
  });
}
