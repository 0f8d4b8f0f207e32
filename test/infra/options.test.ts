import { describe, expect, test } from '@jest/globals';
import { CONSOLES } from '../../shared/console-links.ts';
import { grantsOf } from './policies.ts';
import { all, one, plain, synthesizeExample, synthesizeWith, type Properties, type Resources } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

/** With nothing but a report and dashboards; and with all that an organization may ask. */
const { report, quicksight, vpc, kmsKeyArn, tags, alarmTopicArn } = VARIANTS.bounded;
const usual = await synthesizeWith(VARIANTS.quicksight);
const bounded = await synthesizeWith(VARIANTS.bounded);
const china = await synthesizeWith(VARIANTS.china);
const govCloud = await synthesizeWith(VARIANTS.govCloud);

const everythingOf = ({ data, services, setup }: typeof usual): [string, Resources[string]][] =>
  [data, services, setup].flatMap((resources) => Object.entries(resources));
const rolesOf = ({ services }: typeof usual) =>
  Object.entries(services).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

test('there is a report and there are dashboards, so that all is bounded that may be', () => {
  expect([report, quicksight].every(Boolean)).toBe(true);
  expect(all(bounded.services, 'AWS::Lambda::Function')).toHaveLength(7);
});

test('protect: the data stack, and its tables', () => {
  const isProtected = ({ data }: typeof usual) =>
    all(data, 'AWS::DynamoDB::GlobalTable').map(
      ({ Replicas }) => (Replicas as { DeletionProtectionEnabled: boolean }[])[0]!.DeletionProtectionEnabled,
    );
  expect([usual.protectedStacks, isProtected(usual)]).toEqual([[], [false, false, false]]);
  expect([bounded.protectedStacks, isProtected(bounded)]).toEqual([['sg-analysis-data'], [true, true, true]]);
});

test('tags: on all that takes tags', () => {
  const tagged = (made: typeof usual) =>
    new Set(
      everythingOf(made).flatMap(([, { Type, Properties }]) =>
        JSON.stringify(Properties).includes('cost-center') ? [Type] : [],
      ),
    );
  expect(tagged(usual)).toEqual(new Set());
  expect([...tagged(bounded)].sort()).toEqual(
    [
      ...[
        'AWS::Athena::WorkGroup',
        'AWS::CloudWatch::Alarm',
        'AWS::CloudWatch::Dashboard',
        'AWS::DynamoDB::GlobalTable',
        'AWS::Events::Rule',
      ],
      ...['AWS::IAM::Role', 'AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup'],
      ...['Analysis', 'Dashboard', 'DataSet', 'DataSource'].map((name) => `AWS::QuickSight::${name}`),
      ...['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::StepFunctions::StateMachine'],
    ].sort(),
  );
  const { Tags } = one(bounded.services, 'AWS::SQS::Queue', { QueueName: 'sg-analysis-count-usage' });
  expect(Tags).toEqual(Object.entries(tags).map(([Key, Value]) => ({ Key, Value })));
});

test('permissionsBoundary: of every role', () => {
  const boundaries = (made: typeof usual) => rolesOf(made).map(([, { Properties }]) => Properties.PermissionsBoundary);
  expect(new Set(boundaries(usual))).toEqual(new Set([undefined]));
  expect(boundaries(bounded).length).toBeGreaterThan(8);
  for (const boundary of boundaries(bounded)) {
    expect(plain(sub(boundary), bounded.services)).toBe('arn:aws:iam::111122223333:policy/teams/boundary');
  }
});

describe('vpc', () => {
  const functions = (made: typeof usual) => all(made.services, 'AWS::Lambda::Function');

  test('every function is in it', () => {
    expect(functions(usual).map(({ VpcConfig }) => VpcConfig)).toEqual(functions(usual).map(() => undefined));
    for (const { VpcConfig } of functions(bounded)) {
      expect(VpcConfig).toEqual({ SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds });
    }
  });

  test('every function may have its network interfaces made, before it is', () => {
    const made = (services: Resources, Role: unknown) =>
      grantsOf(Role, services).filter((line) => line === 'allow ec2:CreateNetworkInterface on *');
    for (const { Role } of functions(usual)) expect(made(usual.services, Role)).toEqual([]);
    for (const { Role } of functions(bounded)) expect(made(bounded.services, Role)).toHaveLength(1);
    const deployed = Object.values(bounded.services).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    for (const { DependsOn } of deployed as { DependsOn?: string[] }[]) {
      expect(DependsOn!.map((id) => bounded.services[id]!.Type)).toContain('AWS::IAM::Policy');
    }
  });
});

describe('kmsKeyArn', () => {
  test('encrypts the tables, the data bucket, and the results of queries', () => {
    for (const { SSESpecification, Replicas } of all(bounded.data, 'AWS::DynamoDB::GlobalTable')) {
      expect(SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(Replicas).toEqual([expect.objectContaining({ SSESpecification: { KMSMasterKeyId: kmsKeyArn } })]);
    }
    expect(one(bounded.data, 'AWS::S3::Bucket').BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: kmsKeyArn },
        },
      ],
    });
    const encryptions = all(bounded.services, 'AWS::Athena::WorkGroup').map(({ WorkGroupConfiguration }) => {
      const { ResultConfiguration } = WorkGroupConfiguration as { ResultConfiguration: Properties };
      return ResultConfiguration.EncryptionConfiguration;
    });
    const byKey = { EncryptionOption: 'SSE_KMS', KmsKey: kmsKeyArn };
    expect(encryptions).toEqual([byKey, byKey]);
  });

  test('may be used by who reads or writes them, through DynamoDB and S3 only', () => {
    const users = ({ services }: typeof usual) =>
      rolesOf({ ...usual, services }).flatMap(([id]) => {
        const lines = grantsOf(arnOf(id), services).filter((line) => line.includes(' kms:'));
        return lines.length === 0 ? [] : [[id.replace(/[0-9A-F]{8}$/, ''), lines] as const];
      });
    expect(users(usual)).toEqual([]);
    const found = users(bounded);
    expect(found.map(([id]) => id).sort()).toEqual([
      'CompactUsageWorkerRole',
      'CountUsageWorkerRole',
      'JudgeRulesWorkerRole',
      'NightRole',
      'NightWorkerRole',
      'QuickSightRole',
      'RecallAccountWorkerRole',
      'SendReportWorkerRole',
      'SnapshotGroupsReaderRole',
    ]);
    const through = ['dynamodb', 's3'].map((name) => `${name}.eu-central-1.amazonaws.com`).join();
    for (const [, lines] of found) {
      expect(lines).toEqual(
        ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'].map(
          (call) => `allow kms:${call} on ${kmsKeyArn} if kms:ViaService StringEquals ${through}`,
        ),
      );
    }
  });
});

test('lakeFormation: grants the tables to who queries them', () => {
  const granted = ({ services }: typeof usual) =>
    all(services, 'AWS::LakeFormation::PrincipalPermissions').map(({ Principal, Permissions, Resource }) => {
      const { DataLakePrincipalIdentifier } = Principal as { DataLakePrincipalIdentifier: unknown };
      const { Database, Table } = Resource as Record<string, { Name?: string; TableWildcard?: object } | undefined>;
      const on = Database?.Name ?? (Table!.TableWildcard ? '*' : Table!.Name!);
      const by = plain(DataLakePrincipalIdentifier, services).replace(/[0-9A-F]{8}$/, '');
      return `${(Permissions as string[]).join()} on ${on} to ${by}`;
    });
  expect(granted(usual)).toEqual([]);
  expect(granted(bounded).sort()).toEqual([
    'DESCRIBE on sg_analysis to QuickSightRole',
    'DESCRIBE,CREATE_TABLE on sg_analysis to NightRole',
    'SELECT,DESCRIBE on * to NightRole',
    'SELECT,DESCRIBE on rules to QuickSightRole',
    'SELECT,DESCRIBE on usage to QuickSightRole',
  ]);
});

test('alarmTopicArn: hears of alarms and of nights that failed, and none of our own is made', () => {
  const { services } = bounded;
  expect(all(services, 'AWS::SNS::Topic')).toEqual([]);
  expect(all(services, 'AWS::SNS::TopicPolicy')).toEqual([]);
  for (const { AlarmActions, OKActions } of all(services, 'AWS::CloudWatch::Alarm')) {
    expect([AlarmActions, OKActions]).toEqual([[alarmTopicArn], [alarmTopicArn]]);
  }
  for (const { RoleArn, DefinitionString } of all(services, 'AWS::StepFunctions::StateMachine')) {
    expect(grantsOf(RoleArn, services)).toContain(`allow sns:Publish on ${alarmTopicArn}`);
    expect(plain(DefinitionString, services)).toContain(`"TopicArn":"${alarmTopicArn}"`);
  }
});

describe('in China and GovCloud', () => {
  const definitionOf = ({ services }: typeof usual) =>
    all(services, 'AWS::StepFunctions::StateMachine')
      .map(({ DefinitionString }) => plain(DefinitionString, services))
      .join('\n');

  test('ARNs are of the partition', () => {
    for (const [partition, made] of [
      ['aws-cn', china],
      ['aws-us-gov', govCloud],
    ] as const) {
      const text = JSON.stringify([made.templates, made.setup]);
      expect(text).toContain(`arn:${partition}:s3:::`);
      expect([...text.matchAll(/arn:(aws[\w-]*):/g)].filter(([, found]) => found !== partition)).toEqual([]);
    }
  });

  test('services are named by the domain of the partition, which AWS fills in', () => {
    const { Role } = one(china.services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-count-usage' });
    const decrypts = grantsOf(Role, china.services).filter((line) => line.includes('kms:'));
    expect(decrypts).toEqual([
      expect.stringMatching(/ if kms:ViaService StringEquals s3\.cn-north-1\.amazonaws\.com$/),
    ]);
    expect(JSON.stringify(china.services)).toContain('["s3.cn-north-1.",{"Ref":"AWS::URLSuffix"}]');
    expect(JSON.stringify([china.services, govCloud.services])).not.toMatch(
      /"[^"]*\w\.(?:cn|us-gov)-[\w-]+\.amazonaws\.com/,
    );
  });

  test('links are to the console of the partition', () => {
    expect(definitionOf(china)).toContain('https://cn-north-1.console.amazonaws.cn/states/');
    expect(definitionOf(govCloud)).toContain('https://us-gov-west-1.console.amazonaws-us-gov.com/states/');
  });

  test('links of a template for any region are to the console of its partition', async () => {
    const { templates, services } = await synthesizeExample('stack-set');
    expect(Object.values(templates.services.Mappings!)).toEqual([
      Object.fromEntries(Object.entries(CONSOLES).map(([partition, host]) => [partition, { host }])),
    ]);
    expect(JSON.stringify(services)).toMatch(
      /\{"Fn::FindInMap":\["NightConsoles\w*",\{"Ref":"AWS::Partition"\},"host"\]\}/,
    );
  });
});

/** A text with variables of AWS in it, as `plain` reads it. */
function sub(value: unknown): unknown {
  const text = (value as { 'Fn::Sub'?: string })['Fn::Sub'];
  if (text === undefined) return value;
  const parts = text.split(/(\$\{[\w:]+\})/).map((part) => (part.startsWith('${') ? { Ref: part.slice(2, -1) } : part));
  return { 'Fn::Join': ['', parts] };
}
