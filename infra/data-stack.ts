import { Duration, RemovalPolicy, Stack, Validations, type StackProps } from 'aws-cdk-lib/core';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
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
import type { Config } from '../shared/configuration/config.ts';
import { FlowLogBucket } from './flow-log-bucket.ts';

export interface DataStackProps extends StackProps {
  readonly config: Config;
}

/**
 * What must survive: the counters, what is known of the rules, the snapshots; the bucket of flow logs, if it is ours. No table
 * and no bucket is deleted with the stack, but for those of a creation that is rolled back: they are empty, and would be in the
 * way of the next one. Names are fixed: who deploys again onto what stayed has CloudFormation import it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
export class DataStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: config.protect });
    const key = config.kmsKeyArn === undefined ? undefined : Key.fromKeyArn(this, 'Key', config.kmsKeyArn);
    for (const table of Object.keys(TABLE_KEYS) as (keyof TableNames)[]) addTable(this, table, config, key);
    addDataBucket(this, config, key);
    if (config.flowLogs.kind === 'new') new FlowLogBucket(this, 'FlowLogs', config);
  }
}

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

function addTable(scope: Construct, table: keyof TableNames, { prefix, protect }: Config, key?: IKey): void {
  const { partition, sort, index } = TABLE_KEYS[table];
  new dynamodb.TableV2(scope, `Table-${table}`, {
    tableName: tableNames(prefix)[table],
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
    encryption: key ? dynamodb.TableEncryptionV2.customerManagedKey(key) : dynamodb.TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: protect,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}

function keptFor(id: Exclude<keyof typeof DATA_PREFIXES, 'queryResults'>, days: number): s3.LifecycleRule {
  return { id, prefix: DATA_PREFIXES[id], expiration: Duration.days(days) };
}

/**
 * Not versioned: objects are named by their content or run, so writing one again changes nothing, and no function may
 * delete any but sums that it has replaced. Versions would only keep what the lifecycle removes.
 */
function addDataBucket(scope: Construct, { prefix, retentionDays }: Config, key?: IKey): void {
  const bucket = new s3.Bucket(scope, 'Bucket', {
    bucketName: deployedBucketName({ scope, prefix }),
    // With a bucket key, objects of one hour share a call of KMS.
    ...(key
      ? { encryption: s3.BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
      : { encryption: s3.BucketEncryption.S3_MANAGED }),
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
      ...(['snapshots', 'sums', 'evidence', 'history', 'past'] as const).map((id) =>
        keptFor(id, retentionDays + FILES_STAY_DAYS),
      ),
      ...(['exports', 'reports', 'refused'] as const).map((id) => keptFor(id, retentionDays)),
      { id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Only the functions of this deployment use the bucket, each under its own prefix. Access logs would need a second ' +
      'bucket that itself has none; who wants an audit turns on CloudTrail data events.',
  });
}
