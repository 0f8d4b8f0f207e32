import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { CfnFlowLog } from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, type IDependable } from 'constructs';
import type { Config } from './config.ts';
import type { EnabledVpc } from './flow-log-config.ts';
import { flowLogBucketArn, flowLogBucketName } from './flow-logs.ts';
import { deliveryStatements } from './log-delivery.ts';
import { RECOMMENDED_FIELDS } from '../shared/flowlogs/fields.ts';

const KEPT_DAYS = 90;

/** Flow logs of VPCs, and the bucket they are delivered to if it is to be ours. They outlive the services. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    const { kind, enableOn } = config.flowLogs;
    const policy = kind === 'new' ? this.#bucket(config) : undefined;
    for (const vpc of enableOn) this.#flowLog(config, vpc, policy);
  }

  /** @returns what must be there before anything can be delivered */
  #bucket(config: Config): IDependable {
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
      removalPolicy: RemovalPolicy.RETAIN,
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
    return bucket.policy!;
  }

  /** A flow log cannot be changed: CloudFormation makes another and removes the first. */
  #flowLog(config: Config, { vpcId, aggregationMinutes, fileFormat, layout }: EnabledVpc, policy?: IDependable): void {
    const { keyPrefix } = config.flowLogs;
    const flowLog = new CfnFlowLog(this, vpcId, {
      resourceType: 'VPC',
      resourceId: vpcId,
      // Rejected traffic takes part in no verdict, but shows which rule nearly matched.
      trafficType: 'ALL',
      maxAggregationInterval: aggregationMinutes * 60,
      logDestinationType: 's3',
      logDestination: `${flowLogBucketArn(this, config)}${keyPrefix && `/${keyPrefix}`}`,
      logFormat: RECOMMENDED_FIELDS.map((field) => `\${${field}}`).join(' '),
      // Handed on by CDK as they are, hence with capitals.
      destinationOptions: {
        FileFormat: fileFormat === 'text' ? 'plain-text' : 'parquet',
        HiveCompatiblePartitions: layout.startsWith('hive'),
        PerHourPartition: layout.endsWith('hourly'),
      },
      tags: [{ key: 'Name', value: `${config.prefix}-${vpcId}` }],
    });
    if (policy) flowLog.node.addDependency(policy);
  }
}
