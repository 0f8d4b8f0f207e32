import { Duration, RemovalPolicy, Stack, Validations, type StackProps } from 'aws-cdk-lib/core';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CfnEmailIdentity } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import {
  ADDITION_DAYS,
  NOTE_DAYS,
  FILES_STAY_DAYS,
  DATA_PREFIXES,
  EXPIRES_AT,
  TABLE_KEYS,
  tableNames,
  type TableNames,
} from '../shared/names.ts';
import { deployedBucketName } from './access.ts';
import type { Config } from './config.ts';
import { FlowLogs } from './flow-log-bucket.ts';

export interface DataStackProps extends StackProps {
  readonly config: Config;
}

/**
 * What must survive: the counters, what is known of the rules, the snapshots; flow logs, if they are ours. No table and no
 * bucket is deleted with the stack, and names are fixed: to deploy again after removing it, import what stayed
 * (`cdk import`) or change the prefix.
 */
export class DataStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { prefix, retentionDays } = config;
    const names = tableNames(prefix);
    for (const table of Object.keys(TABLE_KEYS) as (keyof TableNames)[]) addTable(this, table, names[table]);
    addDataBucket(this, deployedBucketName({ scope: this, prefix }), retentionDays);
    new FlowLogs(this, 'FlowLogs', config);
    const { report } = config;
    // Here, since it is confirmed by hand: once, and not each time the services are removed and put back.
    if (report?.createIdentity) new CfnEmailIdentity(this, 'Sender', { emailIdentity: addressOf(report.sender) });
  }
}

/** Of `Name <address>`, the address. */
const addressOf = (sender: string): string => /<(.+)>$/.exec(sender)?.[1] ?? sender;

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

function addTable(scope: Construct, table: keyof TableNames, tableName: string): void {
  const { partition, sort, index } = TABLE_KEYS[table];
  new dynamodb.TableV2(scope, `Table-${table}`, {
    tableName,
    partitionKey: text(partition),
    ...(sort && { sortKey: text(sort) }),
    ...(index && {
      globalSecondaryIndexes: [
        { indexName: index.name, partitionKey: text(index.partition), sortKey: text(index.sort) },
      ],
    }),
    // What is known of a rule, first seen to removed, never ages.
    ...(table !== 'rulesData' && { timeToLiveAttribute: EXPIRES_AT }),
    billing: dynamodb.Billing.onDemand(),
    // The key of DynamoDB in this account, so that its use shows in CloudTrail; readers need no grant on it.
    encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

function keptFor(id: Exclude<keyof typeof DATA_PREFIXES, 'queryResults'>, days: number): s3.LifecycleRule {
  return { id, prefix: DATA_PREFIXES[id], expiration: Duration.days(days) };
}

/**
 * Not versioned: objects are named by their content or run, so writing one again changes nothing, and no function may
 * delete any but sums that it has replaced. Versions would only keep what the lifecycle removes.
 */
function addDataBucket(scope: Construct, bucketName: string, retentionDays: number): void {
  const bucket = new s3.Bucket(scope, 'Bucket', {
    bucketName,
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: false,
    lifecycleRules: [
      keptFor('additions', ADDITION_DAYS + FILES_STAY_DAYS),
      // What is left of runs: long enough to look into one that failed, and to run its last steps again.
      keptFor('night', 14),
      { id: 'query-results', prefix: DATA_PREFIXES.queryResults, expiration: Duration.days(14) },
      // Of replaced runs, too. Those that items name stay until these are gone for certain.
      // The newest snapshot is written again once a day.
      keptFor('unions', NOTE_DAYS + FILES_STAY_DAYS),
      ...(['snapshots', 'sums', 'evidence', 'history'] as const).map((id) =>
        keptFor(id, retentionDays + FILES_STAY_DAYS),
      ),
      ...(['exports', 'reports'] as const).map((id) => keptFor(id, retentionDays)),
      { id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Only the functions of this deployment use the bucket, each under its own prefix. Access logs would need a second ' +
      'bucket that itself has none; who wants an audit turns on CloudTrail data events.',
  });
}
