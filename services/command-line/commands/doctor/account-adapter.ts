import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { ConfigServiceClient } from '@aws-sdk/client-config-service';
import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  GetDataLakeSettingsCommand,
  LakeFormationClient,
  type PrincipalPermissions,
} from '@aws-sdk/client-lakeformation';
import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import {
  DescribeHubCommand,
  InvalidAccessException,
  ResourceNotFoundException as HubNotFoundException,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { GetAccountCommand, GetEmailIdentityCommand, NotFoundException, SESv2Client } from '@aws-sdk/client-sesv2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { addressOf, type Config } from '../../../../shared/configuration/config.ts';
import { dataBucketName, nightName, tableNames } from '../../../../shared/names.ts';
import { configStates } from '../../../recall-account/config-adapter.ts';
import type { AccountFacts, BucketOfLogs, FlowLogOfAccount, VpcOfAccount } from './account-facts.ts';
import { stateMachineNamed } from './deployment-adapter.ts';
import { look } from './looked.ts';

/** Of CDK's bootstrap, whose qualifier nobody changes here. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
const BOOTSTRAP = 'cdk-hnb659fds';
/** That a deployment takes on. */
const ROLES = ['deploy-role', 'file-publishing-role'];
/** What lets IAM decide. https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html */
const BY_IAM = 'IAM_ALLOWED_PRINCIPALS';

/**
 * Looks at the account that a configuration is to be deployed to, by the SDK's default credentials; every call reads only.
 *
 * @throws Error where AWS cannot be asked at all
 */
export async function accountFacts(config: Config, file: string): Promise<AccountFacts> {
  const place = config.region === undefined ? {} : { region: config.region };
  const [ec2Client, s3, dynamo, sfn] = [
    new ec2.EC2Client(place),
    new S3Client(place),
    new DynamoDBClient(place),
    new SFNClient(place),
  ];
  const [ses, cloudTrail, recorder] = [
    new SESv2Client(place),
    new CloudTrailClient(place),
    new ConfigServiceClient(place),
  ];
  const [sts, iam, lakeFormation] = [new STSClient(place), new IAMClient(place), new LakeFormationClient(place)];
  const hub = new SecurityHubClient(place);
  const clients = [hub, sts, iam, lakeFormation, ec2Client, s3, dynamo, sfn, ses, cloudTrail, recorder];
  try {
    const region = await ec2Client.config.region();
    // Whoever has credentials may ask this.
    const { Account: account = '', Arn: caller = '' } = await sts.send(new GetCallerIdentityCommand({}));
    const { report, flowLogs, prefix } = config;
    const addresses = report ? [addressOf(report.sender), ...report.recipients] : [];
    const identities = await look('ses:GetEmailIdentity', () => identitiesOf(ses, addresses));
    return {
      config,
      file,
      region,
      account,
      vpcs: await look('ec2:DescribeVpcs', () => vpcsOf(ec2Client, account)),
      flowLogs: await look('ec2:DescribeFlowLogs', () => flowLogsOf(ec2Client)),
      bucket:
        flowLogs.kind === 'existing'
          ? await look('s3:GetBucketNotification and s3:GetEncryptionConfiguration', () =>
              describedBucket(s3, flowLogs.bucket ?? ''),
            )
          : undefined,
      taken: await look('dynamodb:DescribeTable and s3:GetBucketLocation', async () => [
        ...(await tablesThere(dynamo, Object.values(tableNames(prefix)))),
        ...(await bucketsThere(s3, [dataBucketName(prefix, account, region)])),
      ]),
      isDeployed: await look('states:ListStateMachines', async () => {
        return (await stateMachineNamed(sfn, nightName(prefix))) !== undefined;
      }),
      isBootstrapped: await look('s3:GetBucketLocation', async () => {
        return (await bucketsThere(s3, [`${BOOTSTRAP}-assets-${account}-${region}`])).length > 0;
      }),
      refusedRoles: await look('iam:SimulatePrincipalPolicy and iam:GetRole', () =>
        refusedRoles(iam, { caller, account, region }),
      ),
      lake: await look('lakeformation:GetDataLakeSettings', () => dataLake(lakeFormation)),
      mail: report && (await look('ses:GetAccount', () => mailAccount(ses))),
      verified: report && ('found' in identities ? { found: identities.found.verified } : identities),
      identities: report && ('found' in identities ? { found: identities.found.own } : identities),
      hasHub: config.securityHub && (await look('securityhub:DescribeHub', () => isHubEnabled(hub))),
      isRecording: await look('config:DescribeConfigurationRecorderStatus', async () => {
        return (await configStates(recorder).recorder(new AbortController().signal)) !== undefined;
      }),
      mayAskEvents: await look('cloudtrail:LookupEvents', async () => {
        await cloudTrail.send(new LookupEventsCommand({ MaxResults: 1 }));
        return true;
      }),
    };
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function vpcsOf(client: ec2.EC2Client, account: string): Promise<VpcOfAccount[]> {
  const vpcs: VpcOfAccount[] = [];
  for await (const { Vpcs = [] } of ec2.paginateDescribeVpcs({ client }, {})) {
    for (const { VpcId: vpcId = '', OwnerId } of Vpcs) {
      vpcs.push({ vpcId, isOwn: OwnerId === account });
    }
  }
  return vpcs;
}

async function flowLogsOf(client: ec2.EC2Client): Promise<FlowLogOfAccount[]> {
  const flowLogs: FlowLogOfAccount[] = [];
  for await (const { FlowLogs = [] } of ec2.paginateDescribeFlowLogs({ client }, {})) {
    for (const one of FlowLogs) {
      const { FileFormat, HiveCompatiblePartitions, PerHourPartition } = one.DestinationOptions ?? {};
      const byHour = PerHourPartition ? 'hourly' : 'default';
      const byHive = PerHourPartition ? 'hive-hourly' : 'hive';
      flowLogs.push({
        flowLogId: one.FlowLogId ?? '',
        resourceId: one.ResourceId ?? '',
        trafficType: one.TrafficType ?? '',
        isActive: one.FlowLogStatus === 'ACTIVE',
        destination: one.LogDestinationType === 's3' ? (one.LogDestination ?? '') : '',
        fileFormat: FileFormat === 'parquet' ? 'parquet' : 'text',
        layout: HiveCompatiblePartitions ? byHive : byHour,
        logGroup: one.LogDestinationType === 'cloud-watch-logs' ? (one.LogGroupName ?? '') : '',
        fields: [...(one.LogFormat ?? '').matchAll(/\$\{([a-z0-9-]+)\}/g)].map(([, field]) => field!),
        intervalSeconds: one.MaxAggregationInterval ?? 600,
        deliveryError: one.DeliverLogsStatus === 'FAILED' ? (one.DeliverLogsErrorMessage ?? 'FAILED') : '',
      });
    }
  }
  return flowLogs;
}

async function describedBucket(client: S3Client, Bucket: string): Promise<BucketOfLogs | undefined> {
  const events = await client
    .send(new GetBucketNotificationConfigurationCommand({ Bucket }))
    .catch(unless('NoSuchBucket'));
  if (!events) return undefined;
  const encryption = await client
    .send(new GetBucketEncryptionCommand({ Bucket }))
    .catch(unless('ServerSideEncryptionConfigurationNotFoundError'));
  const [rule] = encryption?.ServerSideEncryptionConfiguration?.Rules ?? [];
  const { SSEAlgorithm, KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {};
  return {
    sendsEvents: events.EventBridgeConfiguration !== undefined,
    // Without an id it is the key that AWS manages for S3.
    kmsKey: SSEAlgorithm?.startsWith('aws:kms') ? (KMSMasterKeyID ?? 'alias/aws/s3') : undefined,
  };
}

/** For an error of S3 of this name, for which not every call has a class: nothing is there. Any other is thrown. */
function unless(name: string): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof S3ServiceException) || error.name !== name) throw error;
  };
}

async function bucketsThere(client: S3Client, names: readonly string[]): Promise<string[]> {
  const there: string[] = [];
  for (const Bucket of names) {
    const found = await client.send(new GetBucketLocationCommand({ Bucket })).catch(unless('NoSuchBucket'));
    if (found) there.push(Bucket);
  }
  return there;
}

async function tablesThere(client: DynamoDBClient, names: readonly string[]): Promise<string[]> {
  const there: string[] = [];
  for (const TableName of names) {
    try {
      await client.send(new DescribeTableCommand({ TableName }));
      there.push(TableName);
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }
  return there;
}

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html */
async function isHubEnabled(client: SecurityHubClient): Promise<boolean> {
  try {
    await client.send(new DescribeHubCommand({}));
    return true;
  } catch (error) {
    if (error instanceof InvalidAccessException || error instanceof HubNotFoundException) return false;
    throw error;
  }
}

async function mailAccount(client: SESv2Client) {
  const { ProductionAccessEnabled, SendingEnabled } = await client.send(new GetAccountCommand({}));
  return { isProduction: ProductionAccessEnabled === true, maySend: SendingEnabled === true };
}

/** An address is verified by itself, or by its domain or one above. */
async function identitiesOf(client: SESv2Client, addresses: readonly string[]) {
  const asked = new Map<string, boolean | undefined>();
  const isVerified = async (EmailIdentity: string): Promise<boolean | undefined> => {
    if (!asked.has(EmailIdentity)) {
      try {
        const { VerifiedForSendingStatus } = await client.send(new GetEmailIdentityCommand({ EmailIdentity }));
        asked.set(EmailIdentity, VerifiedForSendingStatus === true);
      } catch (error) {
        if (!(error instanceof NotFoundException)) throw error;
        asked.set(EmailIdentity, undefined);
      }
    }
    return asked.get(EmailIdentity);
  };
  const verified = new Map<string, boolean>();
  for (const address of addresses) {
    const labels = (address.split('@')[1] ?? '').split('.');
    const domains = labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
    const found: (boolean | undefined)[] = [];
    for (const identity of [address, ...domains]) found.push(await isVerified(identity));
    verified.set(address, found.includes(true));
  }
  return { verified, own: new Set(addresses.filter((address) => asked.get(address) !== undefined)) };
}

interface Caller {
  /** ARN of a user, or of a session of a role. */
  readonly caller: string;
  readonly account: string;
  readonly region: string;
}

/** CDK's roles that the caller may not take on, as far as its own policies say; a root user may. */
async function refusedRoles(client: IAMClient, { caller, account, region }: Caller): Promise<string[]> {
  if (caller.endsWith(':root')) return [];
  // A session's ARN has no path of its role.
  const role = /:assumed-role\/([^/]+)\//.exec(caller)?.[1];
  const found = role === undefined ? undefined : await client.send(new GetRoleCommand({ RoleName: role }));
  const roles = new Map(
    ROLES.map((name) => {
      const full = `${BOOTSTRAP}-${name}-${account}-${region}`;
      return [`arn:${caller.split(':')[1] ?? 'aws'}:iam::${account}:role/${full}`, full];
    }),
  );
  const asked = new SimulatePrincipalPolicyCommand({
    PolicySourceArn: found?.Role?.Arn ?? caller,
    ActionNames: ['sts:AssumeRole'],
    ResourceArns: [...roles.keys()],
  });
  const { EvaluationResults = [] } = await client.send(asked);
  // Of several resources each has a result of its own.
  const results = EvaluationResults.flatMap(({ ResourceSpecificResults, EvalDecision, EvalResourceName }) =>
    (ResourceSpecificResults ?? []).length > 0
      ? ResourceSpecificResults!.map((one) => [one.EvalResourceName, one.EvalResourceDecision] as const)
      : [[EvalResourceName, EvalDecision] as const],
  );
  return results.flatMap(([arn, decision]) => {
    const name = roles.get(arn ?? '');
    return decision === 'allowed' || name === undefined ? [] : [name];
  });
}

async function dataLake(client: LakeFormationClient) {
  const { DataLakeSettings: settings } = await client.send(new GetDataLakeSettingsCommand({}));
  const isOpen = (defaults: readonly PrincipalPermissions[] = []): boolean =>
    defaults.some(({ Principal }) => Principal?.DataLakePrincipalIdentifier === BY_IAM);
  return {
    governsNew: !isOpen(settings?.CreateDatabaseDefaultPermissions) || !isOpen(settings?.CreateTableDefaultPermissions),
    administrators: (settings?.DataLakeAdmins ?? []).flatMap((one) => one.DataLakePrincipalIdentifier ?? []),
  };
}
