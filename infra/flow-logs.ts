import { Stack } from 'aws-cdk-lib/core';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { IConstruct } from 'constructs';
import { serviceHost, type Access } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';
import { ARCHIVED_FOLDER, ENVIRONMENT } from '../shared/names.ts';

/** A new bucket's has account and region in it, since bucket names are taken all over the world. At most 63 characters. */
export function flowLogBucketName(scope: IConstruct, { prefix, flowLogs }: Config): string {
  const { account, region } = Stack.of(scope);
  return flowLogs.bucket ?? `${prefix}-logs-${account}-${region}`;
}

export function flowLogBucketArn(scope: IConstruct, config: Config): string {
  return `arn:${Stack.of(scope).partition}:s3:::${flowLogBucketName(scope, config)}`;
}

/**
 * How the keys of an account and region begin, in the default and in the Hive-compatible layout, and those of archived log groups.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */
export function flowLogKeys(
  scope: IConstruct,
  { flowLogs: { keyPrefix, logGroups } }: Config,
  { account, region }: { readonly account: string; readonly region: string } = Stack.of(scope),
): string[] {
  const byDefault = `AWSLogs/${account}/vpcflowlogs/${region}/`;
  return [
    `${keyPrefix}${byDefault}`,
    `${keyPrefix}AWSLogs/aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=${region}/`,
    ...(logGroups.length > 0 ? [`${keyPrefix}${ARCHIVED_FOLDER}${byDefault}`] : []),
  ];
}

/** Flow logs are read from a bucket of this account only: others may take a bucket name that was given up. */
function ofOwner(scope: IConstruct, { flowLogs }: Config): Readonly<Record<string, string>> {
  return { 'aws:ResourceAccount': flowLogs.ownerAccount ?? Stack.of(scope).account };
}

/** Reading the objects; decrypting them, where the bucket has keys of its own. */
export function readsFlowLogs(scope: IConstruct, config: Config): Access[] {
  const { kmsKeyArns } = config.flowLogs;
  const objects: Access = {
    actions: ['s3:GetObject'],
    resources: flowLogKeys(scope, config).map((keys) => `${flowLogBucketArn(scope, config)}/${keys}*`),
    conditions: { StringEquals: ofOwner(scope, config) },
    because: 'Flow-log objects have day and time in their keys; the prefix of the account and region is fixed.',
  };
  if (kmsKeyArns.length === 0) return [objects];
  const throughS3 = { StringEquals: { 'kms:ViaService': serviceHost(scope, 's3') } };
  return [objects, { actions: ['kms:Decrypt'], resources: kmsKeyArns, conditions: throughS3 }];
}

/**
 * Writing what is archived of log groups; encrypting it, where the bucket has keys of its own. Only for a bucket of this account.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function archivesLogGroups(scope: IConstruct, config: Config): Access[] {
  const { kmsKeyArns } = config.flowLogs;
  const keys = flowLogKeys(scope, config).at(-1)!;
  const objects: Access = {
    actions: ['s3:PutObject'],
    resources: [`${flowLogBucketArn(scope, config)}/${keys}*`],
    conditions: { StringEquals: ofOwner(scope, config) },
    environment: {
      [ENVIRONMENT.logBucket]: flowLogBucketName(scope, config),
      ...keyPrefixOf(config),
    },
    because: 'Flow-log objects have day and time in their keys; the prefix of the account and region is fixed.',
  };
  if (kmsKeyArns.length === 0) return [objects];
  const throughS3 = { StringEquals: { 'kms:ViaService': serviceHost(scope, 's3') } };
  return [objects, { actions: ['kms:GenerateDataKey'], resources: kmsKeyArns, conditions: throughS3 }];
}

const keyPrefixOf = ({ flowLogs: { keyPrefix } }: Config): Readonly<Record<string, string>> =>
  keyPrefix === '' ? {} : { [ENVIRONMENT.logKeyPrefix]: keyPrefix };

/** What tells the night which flow logs of the bucket it may read, and of log groups whose batches are there. */
export function readFromBucket(config: Config): Readonly<Record<string, string>> {
  const { logGroups } = config.flowLogs;
  return { ...keyPrefixOf(config), ...(logGroups.length > 0 && { [ENVIRONMENT.logGroups]: logGroups.join() }) };
}

/** @param under keys that may be asked for; without, all of them */
export function listsFlowLogs(
  scope: IConstruct,
  config: Config,
  { under }: { under?: readonly string[] } = {},
): Access {
  return {
    actions: ['s3:ListBucket'],
    resources: [flowLogBucketArn(scope, config)],
    conditions: {
      StringEquals: ofOwner(scope, config),
      ...(under && { StringLike: { 's3:prefix': under.map((prefix) => `${prefix}*`) } }),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export function createdFlowLogs(bucket: string, keys: readonly string[]): EventPattern {
  return {
    source: ['aws.s3'],
    detailType: ['Object Created'],
    detail: { bucket: { name: [bucket] }, object: { key: keys.map((prefix) => ({ prefix })) } },
  };
}
