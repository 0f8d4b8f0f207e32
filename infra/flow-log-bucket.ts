import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from '../shared/configuration/config.ts';
import { flowLogBucketName } from './flow-logs.ts';
import { deliveryStatements } from './log-delivery.ts';

const KEPT_DAYS = 90;

/** The bucket that flow logs are delivered to, where it is to be ours. */
export class FlowLogBucket extends Construct {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    const { keyPrefix, keepDays = KEPT_DAYS } = config.flowLogs;
    const bucket = new s3.Bucket(this, 'Bucket', {
      bucketName: flowLogBucketName(this, config),
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        { id: 'flow-logs', expiration: Duration.days(keepDays) },
        { id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // CDK's own `eventBridgeEnabled` would set it by a function that may write notifications of any bucket.
    (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    const { partition, account, region } = Stack.of(this);
    for (const statement of deliveryStatements(bucket.bucketArn, keyPrefix, { partition, account, region })) {
      bucket.addToResourcePolicy(statement);
    }
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds logs. Access logs would need another bucket; CloudTrail data events show who reads it.',
    });
  }
}
