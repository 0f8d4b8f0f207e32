import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { ConfigServiceClient, DescribeConfigurationRecorderStatusCommand } from '@aws-sdk/client-config-service';
import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetDataLakeSettingsCommand, LakeFormationClient } from '@aws-sdk/client-lakeformation';
import { DescribeHubCommand, InvalidAccessException, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { GetAccountCommand, GetEmailIdentityCommand, NotFoundException, SESv2Client } from '@aws-sdk/client-sesv2';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { accountFacts } from '../../../../../services/command-line/commands/doctor/account-adapter.ts';
import type { AccountFacts } from '../../../../../services/command-line/commands/doctor/account-facts.ts';
import { parseConfig } from '../../../../../shared/configuration/config.ts';
import { CONFIG, flowLogOf, KEY, VPC } from './account-facts-of.ts';

const of = {
  ec2: mockClient(ec2.EC2Client),
  s3: mockClient(S3Client),
  dynamo: mockClient(DynamoDBClient),
  sfn: mockClient(SFNClient),
  ses: mockClient(SESv2Client),
  cloudTrail: mockClient(CloudTrailClient),
  recorder: mockClient(ConfigServiceClient),
  sts: mockClient(STSClient),
  iam: mockClient(IAMClient),
  lake: mockClient(LakeFormationClient),
  hub: mockClient(SecurityHubClient),
};

const named = (name: string): S3ServiceException =>
  new S3ServiceException({ name, $fault: 'client', $metadata: {}, message: 'why' });
const denied = named('AccessDenied');

const roleArn = (name: string): string =>
  `arn:aws:iam::111122223333:role/cdk-hnb659fds-${name}-role-111122223333-eu-central-1`;

beforeEach(() => {
  of.sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/me' });
  of.iam.on(SimulatePrincipalPolicyCommand).resolves({
    EvaluationResults: [
      {
        EvalActionName: 'sts:AssumeRole',
        EvalDecision: 'implicitDeny',
        ResourceSpecificResults: [
          { EvalResourceName: roleArn('deploy'), EvalResourceDecision: 'allowed' },
          { EvalResourceName: roleArn('file-publishing'), EvalResourceDecision: 'implicitDeny' },
        ],
      },
    ],
  });
  const open = [{ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' } }];
  const DataLakeSettings = {
    CreateDatabaseDefaultPermissions: open,
    CreateTableDefaultPermissions: open,
    DataLakeAdmins: [{ DataLakePrincipalIdentifier: 'arn:x' }],
  };
  of.lake.on(GetDataLakeSettingsCommand).resolves({ DataLakeSettings });
  of.ec2
    .on(ec2.DescribeVpcsCommand)
    .resolvesOnce({ Vpcs: [{ VpcId: VPC, OwnerId: '111122223333' }], NextToken: 'more' })
    .resolves({ Vpcs: [{ VpcId: 'vpc-9', OwnerId: '9' }] });
  const flowLog: ec2.FlowLog = {
    FlowLogId: 'fl-1',
    ResourceId: VPC,
    TrafficType: 'ALL',
    FlowLogStatus: 'ACTIVE',
    LogDestinationType: 's3',
    LogDestination: 'arn:aws:s3:::logs/vpc',
    LogFormat: ['srcaddr', 'tcp-flags'].map((field) => `\${${field}}`).join(' '),
    MaxAggregationInterval: 60,
  };
  const failed = { DeliverLogsStatus: 'FAILED', DeliverLogsErrorMessage: 'Access error' };
  const toGroup = { LogDestinationType: 'cloud-watch-logs', LogGroupName: '/aws/vpc/a' } as const;
  const other: ec2.FlowLog = { ...flowLog, ...failed, ...toGroup, FlowLogStatus: 'x' };
  of.ec2.on(ec2.DescribeFlowLogsCommand).resolves({ FlowLogs: [flowLog, other] });
  of.s3.on(GetBucketNotificationConfigurationCommand).resolves({ EventBridgeConfiguration: {} });
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } as const;
  const Rules = [{ ApplyServerSideEncryptionByDefault }];
  of.s3.on(GetBucketEncryptionCommand).resolves({ ServerSideEncryptionConfiguration: { Rules } });
  of.s3.on(GetBucketLocationCommand).rejects(named('NoSuchBucket'));
  const bootstrap = { Bucket: 'cdk-hnb659fds-assets-111122223333-eu-central-1' };
  of.s3.on(GetBucketLocationCommand, bootstrap).resolves({ LocationConstraint: 'eu-central-1' });
  of.dynamo.on(DescribeTableCommand).rejects(new ResourceNotFoundException({ message: 'none', $metadata: {} }));
  of.dynamo.on(DescribeTableCommand, { TableName: 'sg-analysis-state' }).resolves({});
  of.sfn.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
  of.ses.on(GetAccountCommand).resolves({ ProductionAccessEnabled: true, SendingEnabled: false });
  of.ses.on(GetEmailIdentityCommand).rejects(new NotFoundException({ message: 'none', $metadata: {} }));
  of.ses
    .on(GetEmailIdentityCommand, { EmailIdentity: 'network@example.com' })
    .resolves({ VerifiedForSendingStatus: false });
  of.recorder.on(DescribeConfigurationRecorderStatusCommand).resolves({
    ConfigurationRecordersStatus: [{ recording: true, lastStatus: 'Success' }],
  });
  of.cloudTrail.on(LookupEventsCommand).resolves({});
});
afterEach(() => {
  for (const client of Object.values(of)) client.reset();
});

const facts = (config: object = {}) => accountFacts(parseConfig({ ...CONFIG, ...config }), 'account.json');

test('an account is told as it is', async () => {
  const { config, flowLogs, verified, identities, ...others } = await facts();
  expect(config.prefix).toBe('sg-analysis');
  expect(others).toEqual({
    file: 'account.json',
    region: 'eu-central-1',
    account: '111122223333',
    vpcs: {
      found: [
        { vpcId: VPC, isOwn: true },
        { vpcId: 'vpc-9', isOwn: false },
      ],
    },
    bucket: { found: { sendsEvents: true, kmsKey: KEY } },
    taken: { found: ['sg-analysis-state'] },
    isDeployed: { found: false },
    isBootstrapped: { found: true },
    refusedRoles: { found: ['cdk-hnb659fds-file-publishing-role-111122223333-eu-central-1'] },
    lake: { found: { governsNew: false, administrators: ['arn:x'] } },
    mail: { found: { isProduction: true, maySend: false } },
    isRecording: { found: true },
    mayAskEvents: { found: true },
  });
  const fields = ['srcaddr', 'tcp-flags'];
  const elsewhere = { destination: '', logGroup: '/aws/vpc/a', isActive: false, deliveryError: 'Access error' };
  expect(flowLogs).toEqual({ found: [flowLogOf({ fields }), flowLogOf({ fields, ...elsewhere })] });
  expect(verified).toEqual({
    found: new Map([
      ['sg@mail.example.com', false],
      ['network@example.com', false],
    ]),
  });
  expect(identities).toEqual({ found: new Set(['network@example.com']) });
});

test.each([
  [{ FileFormat: 'parquet' }, { fileFormat: 'parquet', layout: 'default' }],
  [
    { FileFormat: 'plain-text', PerHourPartition: true },
    { fileFormat: 'text', layout: 'hourly' },
  ],
  [{ HiveCompatiblePartitions: true }, { fileFormat: 'text', layout: 'hive' }],
  [
    { PerHourPartition: true, HiveCompatiblePartitions: true },
    { fileFormat: 'text', layout: 'hive-hourly' },
  ],
] as const)('a flow log with %j writes %j', async (DestinationOptions, layout) => {
  of.ec2.on(ec2.DescribeFlowLogsCommand).resolves({ FlowLogs: [{ DestinationOptions }] });
  expect((await facts()).flowLogs).toMatchObject({ found: [layout] });
});

test('a session is simulated as its role, and a root user not at all', async () => {
  const Arn = 'arn:aws:sts::111122223333:assumed-role/Admin/me';
  of.sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333', Arn });
  const role = 'arn:aws:iam::111122223333:role/aws-reserved/Admin';
  of.iam.on(GetRoleCommand, { RoleName: 'Admin' }).resolves({
    Role: { Arn: role, Path: '/aws-reserved/', RoleName: 'Admin', RoleId: 'x', CreateDate: undefined },
  });
  await facts();
  const [call] = of.iam.commandCalls(SimulatePrincipalPolicyCommand);
  expect(call!.args[0].input).toEqual({
    PolicySourceArn: role,
    ActionNames: ['sts:AssumeRole'],
    ResourceArns: [roleArn('deploy'), roleArn('file-publishing')],
  });
  of.sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:root' });
  expect((await facts()).refusedRoles).toEqual({ found: [] });
});

test('Lake Formation governs, where it does not leave all to IAM', async () => {
  of.lake.on(GetDataLakeSettingsCommand).resolves({ DataLakeSettings: {} });
  expect((await facts()).lake).toEqual({ found: { governsNew: true, administrators: [] } });
  const open = [{ Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' } }];
  for (const some of [{ CreateDatabaseDefaultPermissions: open }, { CreateTableDefaultPermissions: open }]) {
    of.lake.on(GetDataLakeSettingsCommand).resolves({ DataLakeSettings: some });
    expect((await facts()).lake).toMatchObject({ found: { governsNew: true } });
  }
});

test('an address is verified by a domain above its own', async () => {
  of.ses.on(GetEmailIdentityCommand, { EmailIdentity: 'example.com' }).resolves({ VerifiedForSendingStatus: true });
  const { verified } = await facts();
  expect(verified).toEqual({
    found: new Map([
      ['sg@mail.example.com', true],
      ['network@example.com', true],
    ]),
  });
});

test('a bucket that is not there, and one without events or key', async () => {
  of.s3.on(GetBucketNotificationConfigurationCommand).resolvesOnce({}).rejects(named('NoSuchBucket'));
  of.s3.on(GetBucketEncryptionCommand).rejects(named('ServerSideEncryptionConfigurationNotFoundError'));
  expect((await facts()).bucket).toEqual({ found: { sendsEvents: false, kmsKey: undefined } });
  expect((await facts()).bucket).toEqual({ found: undefined });
});

test('Security Hub is enabled, or is not', async () => {
  const config = parseConfig({ ...CONFIG, securityHub: {} });
  of.hub.on(DescribeHubCommand).resolves({});
  expect((await facts(config)).hasHub).toEqual({ found: true });
  of.hub.on(DescribeHubCommand).rejects(new InvalidAccessException({ message: 'not subscribed', $metadata: {} }));
  expect((await facts(config)).hasHub).toEqual({ found: false });
  of.hub.on(DescribeHubCommand).rejects(denied);
  expect((await facts(config)).hasHub).toEqual({ missing: 'the right securityhub:DescribeHub is missing' });
});

test('what the configuration does not have is not asked for', async () => {
  const config = { report: undefined, flowLogs: { kind: 'new', enableOn: [{ vpcId: VPC }] } };
  const { bucket, mail, verified, identities, hasHub } = await facts(config);
  expect([bucket, mail, verified, identities, hasHub]).toEqual(Array(5).fill(undefined));
  expect([of.ses.calls().length, of.s3.commandCalls(GetBucketEncryptionCommand).length]).toEqual([0, 0]);
});

describe('a call that is denied', () => {
  test.each<[key: keyof AccountFacts, deny: () => unknown, right: string]>([
    ['lake', () => of.lake.on(GetDataLakeSettingsCommand).rejects(denied), 'lakeformation:GetDataLakeSettings'],
    [
      'refusedRoles',
      () => of.iam.on(SimulatePrincipalPolicyCommand).rejects(denied),
      'iam:SimulatePrincipalPolicy and iam:GetRole',
    ],
    ['vpcs', () => of.ec2.on(ec2.DescribeVpcsCommand).rejects(denied), 'ec2:DescribeVpcs'],
    ['flowLogs', () => of.ec2.on(ec2.DescribeFlowLogsCommand).rejects(denied), 'ec2:DescribeFlowLogs'],
    [
      'bucket',
      () => of.s3.on(GetBucketEncryptionCommand).rejects(denied),
      's3:GetBucketNotification and s3:GetEncryptionConfiguration',
    ],
    [
      'taken',
      () => of.dynamo.on(DescribeTableCommand).rejects(denied),
      'dynamodb:DescribeTable and s3:GetBucketLocation',
    ],
    ['isDeployed', () => of.sfn.on(ListStateMachinesCommand).rejects(denied), 'states:ListStateMachines'],
    ['mail', () => of.ses.on(GetAccountCommand).rejects(denied), 'ses:GetAccount'],
    ['verified', () => of.ses.on(GetEmailIdentityCommand).rejects(denied), 'ses:GetEmailIdentity'],
    [
      'isRecording',
      () => of.recorder.on(DescribeConfigurationRecorderStatusCommand).rejects(denied),
      'config:DescribeConfigurationRecorderStatus',
    ],
    ['mayAskEvents', () => of.cloudTrail.on(LookupEventsCommand).rejects(denied), 'cloudtrail:LookupEvents'],
  ])('%s', async (key, deny, right) => {
    deny();
    expect((await facts())[key]).toEqual({ missing: `the right ${right} is missing` });
  });
});
