import { Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import {
  dataBucketName as bucketName,
  DATA_PREFIXES,
  ENVIRONMENT,
  tableNames,
  type TableNames,
} from '../shared/names.ts';
import type { Config } from '../shared/configuration/config.ts';

/** What a function may do, together with what it must be told to do it. */
export interface Access {
  /** IAM actions, in full. */
  readonly actions: readonly string[];
  /** ARNs. One with a `*` needs {@link because}. */
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Variables that name the resources to the code. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Why a resource holds a `*`; cdk-nag refuses one without. */
  readonly because?: string;
}

/** The names of one deployment, by which its stacks know each other: no stack exports anything to another. */
export interface Deployed {
  readonly scope: IConstruct;
  readonly prefix: string;
}

export function deployedBucketName({ scope, prefix }: Deployed): string {
  const { account, region } = Stack.of(scope);
  return bucketName(prefix, account, region);
}

type ItemAction = 'Get' | 'BatchGet' | 'BatchWrite' | 'Put' | 'Update' | 'Delete' | 'ConditionCheck';
type TableAction = `${ItemAction}Item` | 'Query' | 'Scan';

/**
 * A transaction needs the action of each of its items.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
export function tableAccess(deployed: Deployed, name: keyof TableNames, ...actions: readonly TableAction[]): Access {
  const resourceName = tableNames(deployed.prefix)[name];
  return {
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [Stack.of(deployed.scope).formatArn({ service: 'dynamodb', resource: 'table', resourceName })],
    environment: { [ENVIRONMENT.tablePrefix]: deployed.prefix },
  };
}

/** One object of the data bucket, which somebody puts there and a function reads: its key is in the configuration. */
export function dataObject(deployed: Deployed, key: string, variable: keyof typeof ENVIRONMENT): Access {
  const { account, partition } = Stack.of(deployed.scope);
  return {
    actions: ['s3:GetObject'],
    resources: [`arn:${partition}:s3:::${deployedBucketName(deployed)}/${key}`],
    // As in dataObjects(): whoever takes over the name of a deleted bucket must not decide what is in it.
    conditions: { StringEquals: { 'aws:ResourceAccount': account } },
    environment: { [ENVIRONMENT[variable]]: key },
  };
}

/** Objects below one prefix of the data bucket. */
export function dataObjects(
  deployed: Deployed,
  prefix: keyof typeof DATA_PREFIXES,
  ...actions: readonly (
    | 'GetObject'
    | 'PutObject'
    | 'DeleteObject'
    | 'AbortMultipartUpload'
    | 'ListMultipartUploadParts'
  )[]
): Access {
  const { account, partition } = Stack.of(deployed.scope);
  const bucket = deployedBucketName(deployed);
  return {
    actions: actions.map((action) => `s3:${action}`),
    resources: [`arn:${partition}:s3:::${bucket}/${DATA_PREFIXES[prefix]}*`],
    // The name can be guessed. Should the bucket ever be gone, nobody else's is written to instead.
    conditions: { StringEquals: { 'aws:ResourceAccount': account } },
    environment: { [ENVIRONMENT.dataBucket]: bucket },
    because: 'Objects are named by their content, day or run; the prefix is the narrowest name they have in common.',
  };
}

/** Which objects there are below one prefix of the data bucket. */
export function listsData(deployed: Deployed, prefix: keyof typeof DATA_PREFIXES): Access {
  const { account, partition } = Stack.of(deployed.scope);
  return {
    actions: ['s3:ListBucket'],
    resources: [`arn:${partition}:s3:::${deployedBucketName(deployed)}`],
    conditions: {
      StringEquals: { 'aws:ResourceAccount': account },
      StringLike: { 's3:prefix': `${DATA_PREFIXES[prefix]}*` },
    },
  };
}

/**
 * What whoever reads or writes the tables and the data bucket must be allowed, where these have a key of their own: the
 * two services use it with the rights of the caller.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export function usesKey(scope: IConstruct, { kmsKeyArn }: Config): Access[] {
  if (kmsKeyArn === undefined) return [];
  return [
    {
      actions: ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'].map(
        (call) => `kms:${call}`,
      ),
      resources: [kmsKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': ['dynamodb', 's3'].map((name) => serviceHost(scope, name)) } },
    },
  ];
}

/** As conditions name a service of the region: China has a domain of its own. */
export function serviceHost(scope: IConstruct, service: string): string {
  const { region, urlSuffix } = Stack.of(scope);
  return `${service}.${region}.${urlSuffix}`;
}

/** Calls of EC2 that name no resource, in the region of the deployment. */
export function ec2Describe(deployed: Deployed, ...calls: readonly string[]): Access {
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
  return callsOfAll(deployed, 'EC2', 'ec2', calls);
}

/**
 * Of the event history of CloudTrail, and of AWS Config: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsconfig.html
 */
export function asksHistories(deployed: Deployed): Access[] {
  const ofConfig = ['DescribeConfigurationRecorderStatus', 'GetResourceConfigHistory', 'ListDiscoveredResources'];
  return [
    callsOfAll(deployed, 'CloudTrail', 'cloudtrail', ['LookupEvents']),
    callsOfAll(deployed, 'AWS Config', 'config', ofConfig),
  ];
}

/**
 * In practice importing is of a product, which tables of AWS do not say: who may not is told of `…:product/<account>/default`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecurityhub.html
 */
export function tellsSecurityHub(deployed: Deployed): Access[] {
  const { account } = Stack.of(deployed.scope);
  const resourceName = `${account}/default`;
  return [
    {
      actions: ['securityhub:BatchImportFindings'],
      resources: [Stack.of(deployed.scope).formatArn({ service: 'securityhub', resource: 'product', resourceName })],
      conditions: { StringEquals: { 'securityhub:TargetAccount': account } },
    },
    callsOfAll(deployed, 'Security Hub', 'securityhub', ['GetFindings']),
  ];
}

function callsOfAll({ scope }: Deployed, name: string, service: string, calls: readonly string[]): Access {
  return {
    actions: calls.map((call) => `${service}:${call}`),
    resources: ['*'],
    conditions: { StringEquals: { 'aws:RequestedRegion': Stack.of(scope).region } },
    because: `${name} lets calls that only read be allowed for everything or not at all.`,
  };
}
