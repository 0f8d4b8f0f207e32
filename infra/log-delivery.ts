import * as iam from 'aws-cdk-lib/aws-iam';

/** Whose flow logs are delivered. */
export interface Member {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
}

const DELIVERY = new iam.ServicePrincipal('delivery.logs.amazonaws.com');

/** Only for flow logs of that account and region: anyone may name a bucket as the destination of theirs. */
function ofMember({ partition, account, region }: Member): Record<string, Record<string, string>> {
  return {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${account}:*` },
  };
}

/**
 * What a bucket must allow for flow logs to be delivered into it, in all layouts.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
 */
export function deliveryStatements(bucketArn: string, keyPrefix: string, member: Member): iam.PolicyStatement[] {
  const folders = [member.account, `aws-account-id=${member.account}`];
  const { StringEquals, ...conditions } = ofMember(member);
  return [
    new iam.PolicyStatement({
      sid: 'AWSLogDeliveryWrite',
      principals: [DELIVERY],
      actions: ['s3:PutObject'],
      resources: folders.map((folder) => `${bucketArn}/${keyPrefix}AWSLogs/${folder}/*`),
      conditions: { ...conditions, StringEquals: { ...StringEquals, 's3:x-amz-acl': 'bucket-owner-full-control' } },
    }),
    new iam.PolicyStatement({
      sid: 'AWSLogDeliveryAclCheck',
      principals: [DELIVERY],
      actions: ['s3:GetBucketAcl'],
      resources: [bucketArn],
      conditions: ofMember(member),
    }),
  ];
}

/** What the key of an encrypted bucket must allow for that. Same page as {@link deliveryStatements}. */
export function keyDeliveryStatement(member: Member): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'AWSLogDelivery',
    principals: [DELIVERY],
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    resources: ['*'],
    conditions: ofMember(member),
  });
}
