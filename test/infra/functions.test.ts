import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readEnvironment as environmentOfArchiveFlowLogs } from '../../services/archive-flow-logs/environment.ts';
import { readEnvironment as environmentOfCompactUsage } from '../../services/compact-usage/environment.ts';
import { readEnvironment as environmentOfCountUsage } from '../../services/count-usage/environment.ts';
import { readEnvironment as environmentOfJudgeRules } from '../../services/judge-rules/environment.ts';
import { readEnvironment as environmentOfKeepDeadLetters } from '../../services/keep-dead-letters/environment.ts';
import { readEnvironment as environmentOfRecallAccount } from '../../services/recall-account/environment.ts';
import { readEnvironment as environmentOfReconcileUsage } from '../../services/reconcile-usage/environment.ts';
import { readEnvironment as environmentOfSendFindings } from '../../services/send-findings/environment.ts';
import { readEnvironment as environmentOfSendReport } from '../../services/send-report/environment.ts';
import { readEnvironment as environmentOfSnapshotGroups } from '../../services/snapshot-groups/environment.ts';
import { ENVIRONMENT } from '../../shared/names.ts';
import { bundled } from './bundled.ts';
import { grantsOf, policyLines, roleId } from './policies.ts';
import { all, hashesIn, one, plain, QUEUES, synthesizeExample, variablesOf } from './synthesized.ts';

/** With every function that there is. */
const { services, assets } = await synthesizeExample('no-quicksight');
const functions = all(services, 'AWS::Lambda::Function');
const functionOf = (service: string) =>
  one(services, 'AWS::Lambda::Function', { FunctionName: `sg-analysis-${service}` });

const basics = (service: string) => [
  `allow logs:CreateLogStream on /aws/lambda/sg-analysis-${service}`,
  `allow logs:PutLogEvents on /aws/lambda/sg-analysis-${service}`,
  'allow xray:PutTelemetryRecords on *',
  'allow xray:PutTraceSegments on *',
];
const onTable = (name: string, ...actions: string[]) =>
  actions.map((action) => `allow dynamodb:${action} on arn:aws:dynamodb:<region>:<account>:table/sg-analysis-${name}`);
/** Of buckets that might be given up and taken by others. */
const OURS = ' if aws:ResourceAccount StringEquals <account>';
const LOG_KEYS = [
  'AWSLogs/<account>/vpcflowlogs/<region>/*',
  'AWSLogs/aws-account-id=<account>/aws-service=vpcflowlogs/aws-region=<region>/*',
  'log-groups/AWSLogs/<account>/vpcflowlogs/<region>/*',
];
const onData = (keys: string, ...actions: string[]) =>
  actions.map((action) => `allow s3:${action} on arn:aws:s3:::sg-analysis-data-<account>-<region>/${keys}${OURS}`);
/** Of calls that name no resource. */
const ofRegion = (call: string) => `allow ${call} on * if aws:RequestedRegion StringEquals <region>`;
const onEc2 = (...calls: string[]) => calls.map((call) => ofRegion(`ec2:${call}`));
const onQueue = (name: string, ...actions: string[]) =>
  actions.map((action) => `allow sqs:${action} on sg-analysis-${name}`);

/** All that each service may do. That it needs all of it, and no more, is for permissions.proof.ts to say. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'archive-flow-logs': [
    ...basics('archive-flow-logs'),
    `allow s3:PutObject on arn:aws:s3:::amzn-s3-demo-bucket/${LOG_KEYS[2]!}${OURS}`,
    ...onData('refused/*', 'PutObject'),
    ...onEc2('DescribeFlowLogs'),
    ...onQueue('archive-flow-logs-dead-letters', 'SendMessage'),
  ],
  'compact-usage': [
    ...basics('compact-usage'),
    ...onData('additions/*', 'GetObject'),
    ...onData('sums/*', 'GetObject', 'PutObject', 'DeleteObject'),
    ...onTable('state', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...onTable('rules-usage', 'PutItem', 'UpdateItem'),
  ],
  'count-usage': [
    ...basics('count-usage'),
    ...LOG_KEYS.map((keys) => `allow s3:GetObject on arn:aws:s3:::amzn-s3-demo-bucket/${keys}${OURS}`),
    `allow s3:ListBucket on arn:aws:s3:::amzn-s3-demo-bucket${OURS}`,
    ...['snapshots/*', 'unions/*', 'past/*'].flatMap((keys) => onData(keys, 'GetObject')),
    ...onData('additions/*', 'PutObject'),
    ...onTable('state', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...onEc2('DescribeNetworkInterfaces'),
    ...onQueue(
      'count-usage',
      ...['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'],
    ),
  ],
  'judge-rules': [
    ...basics('judge-rules'),
    ...['snapshots/*', 'past/*', 'additions/*', 'sums/*', 'history/*', 'evidence/*'].flatMap((keys) =>
      onData(keys, 'GetObject'),
    ),
    ...['reports/*', 'exports/*'].flatMap((keys) => onData(keys, 'PutObject')),
    `allow s3:ListBucket on arn:aws:s3:::sg-analysis-data-<account>-<region>${OURS} and s3:prefix StringLike refused/*`,
    ...onTable('rules-data', 'Scan'),
    ...onTable('rules-usage', 'BatchGetItem'),
    ...onTable('state', 'GetItem', 'Query'),
  ],
  'keep-dead-letters': [
    ...basics('keep-dead-letters'),
    ...onData('refused/*', 'PutObject'),
    ...onQueue(
      'archive-flow-logs-dead-letters',
      ...['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'],
    ),
  ],
  'recall-account': [
    ...basics('recall-account'),
    ...['cloudtrail:LookupEvents', 'config:DescribeConfigurationRecorderStatus'].map(ofRegion),
    ...['config:GetResourceConfigHistory', 'config:ListDiscoveredResources'].map(ofRegion),
    ...['snapshots/*', 'additions/*', 'sums/*'].flatMap((keys) => onData(keys, 'GetObject')),
    ...onData('past/*', 'GetObject', 'PutObject'),
    `allow s3:ListBucket on arn:aws:s3:::sg-analysis-data-<account>-<region>${OURS} and s3:prefix StringLike past/*`,
    ...onTable('state', 'GetItem', 'PutItem', 'Query'),
  ],
  'reconcile-usage': [
    ...basics('reconcile-usage'),
    `allow s3:ListBucket on arn:aws:s3:::amzn-s3-demo-bucket${OURS} and s3:prefix StringLike ${LOG_KEYS.join()}`,
    ...['snapshots/*', 'unions/*', 'past/*', 'additions/*', 'sums/*', 'history/*'].flatMap((keys) =>
      onData(keys, 'GetObject'),
    ),
    ...onData('night/*', 'GetObject', 'PutObject'),
    ...onData('query-results/*', 'GetObject'),
    ...['evidence/*', 'history/*', 'exports/*'].flatMap((keys) => onData(keys, 'PutObject')),
    ...onTable('rules-usage', 'BatchWriteItem', 'UpdateItem'),
    ...onTable('state', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'allow athena:GetQueryExecution on arn:aws:athena:<region>:<account>:workgroup/sg-analysis-night',
  ],
  'send-findings': [
    ...basics('send-findings'),
    ...onData('reports/*', 'GetObject'),
    'allow securityhub:BatchImportFindings on arn:aws:securityhub:<region>:<account>:product/<account>/default if securityhub:TargetAccount StringEquals <account>',
    ofRegion('securityhub:GetFindings'),
  ],
  'send-report': [
    ...basics('send-report'),
    ...onData('reports/*', 'GetObject', 'PutObject'),
    ...onTable('state', 'DeleteItem', 'UpdateItem'),
    ...['SendEmail', 'SendRawEmail'].flatMap((action) =>
      ['stale-sg@example.com', 'example.com', 'network@example.com'].map(
        (identity) =>
          `allow ses:${action} on arn:aws:ses:<region>:<account>:identity/${identity} if ses:FromAddress StringEquals stale-sg@example.com`,
      ),
    ),
  ],
  'snapshot-groups': [
    ...basics('snapshot-groups'),
    ...onEc2('DescribeFlowLogs', 'DescribeManagedPrefixLists', 'DescribeNetworkInterfaces'),
    ...onEc2('DescribeSecurityGroupRules', 'DescribeSecurityGroupVpcAssociations', 'DescribeSecurityGroups'),
    ...onEc2('DescribeStaleSecurityGroups', 'DescribeVpcs'),
    'allow ec2:GetManagedPrefixListEntries on arn:aws:ec2:<region>:*:prefix-list/*',
    ...['snapshots/*', 'unions/*'].flatMap((keys) => onData(keys, 'GetObject', 'PutObject')),
    ...onTable('rules-data', 'Scan', 'UpdateItem'),
    ...onTable('state', 'ConditionCheckItem', 'PutItem', 'Query', 'UpdateItem'),
  ],
};

describe('roles', () => {
  test('there is a line of grants for every function', () => {
    const names = functions.map(({ FunctionName }) => String(FunctionName));
    expect(names.sort()).toEqual(
      Object.keys(ALLOWED)
        .map((service) => `sg-analysis-${service}`)
        .sort(),
    );
  });

  test.each(Object.keys(ALLOWED))('%s may do this and nothing else', (service) => {
    expect(grantsOf(functionOf(service).Role, services)).toEqual([...ALLOWED[service]!].sort());
  });

  test('of the exemptions, judge-rules may read that one list, of this account', async () => {
    const { services } = await synthesizeExample('everything');
    const { Role } = one(services, 'AWS::Lambda::Function', { FunctionName: 'stale-sg-judge-rules' });
    expect(grantsOf(Role, services).filter((line) => line.includes('/exemptions/'))).toEqual([
      'allow s3:GetObject on arn:aws:s3:::stale-sg-data-111122223333-eu-central-1/exemptions/kept.csv if aws:ResourceAccount StringEquals 111122223333',
    ]);
  });

  test('of owners, send-report may read that one list, and mail nobody outside of their domains', async () => {
    const { services } = await synthesizeExample('everything');
    const send = one(services, 'AWS::Lambda::Function', { FunctionName: 'stale-sg-send-report' });
    const grants = grantsOf(send.Role, services);
    expect(grants.filter((line) => line.includes('/owners/'))).toEqual([
      'allow s3:GetObject on arn:aws:s3:::stale-sg-data-111122223333-eu-central-1/owners/mail.json if aws:ResourceAccount StringEquals 111122223333',
    ]);
    const identities = grants.flatMap((line) => /^allow ses:SendEmail on .*:identity\/(\S+) if/.exec(line)?.[1] ?? []);
    expect(identities.sort()).toEqual(
      ['*@example.com', 'example.com', 'network@example.com', 'stale-sg@example.com'].sort(),
    );
    expect(
      environmentOfSendReport({ ...Object.fromEntries(variablesOf(send, services)), AWS_REGION: 'eu-central-1' }),
    ).toMatchObject({
      ownerDomains: ['example.com'],
      ownerAddresses: 'owners/mail.json',
      ownerMailEvery: 'week',
    });
  });

  test('of secrets, send-findings may read the one of the webhook, and decrypt it through Secrets Manager', async () => {
    const { services } = await synthesizeExample('everything');
    const told = one(services, 'AWS::Lambda::Function', { FunctionName: 'stale-sg-send-findings' });
    const secret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:stale-sg/channel-AbCdEf';
    const grants = grantsOf(told.Role, services).filter((line) => /^allow (?:secretsmanager|kms|dynamodb):/.test(line));
    expect(grants).toEqual([
      ...['DeleteItem', 'UpdateItem'].map(
        (action) => `allow dynamodb:${action} on arn:aws:dynamodb:eu-central-1:111122223333:table/stale-sg-state`,
      ),
      'allow kms:Decrypt on arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab if kms:ViaService StringEquals secretsmanager.eu-central-1.amazonaws.com',
      `allow secretsmanager:GetSecretValue on ${secret}`,
    ]);
    expect(
      environmentOfSendFindings({
        ...Object.fromEntries(variablesOf(told, services)),
        AWS_REGION: 'eu-central-1',
      }),
    ).toMatchObject({ hubMinPriority: 30, webhookKind: 'slack', webhookSecret: secret });
  });

  test('every function has its own, which only Lambda takes on, without managed policies', () => {
    const roles = functions.map(({ Role }) => roleId(Role));
    expect(new Set(roles).size).toBe(roles.length);
    for (const role of roles) {
      const { AssumeRolePolicyDocument, ManagedPolicyArns } = services[role]!.Properties;
      expect(policyLines(AssumeRolePolicyDocument, services)).toEqual(['allow sts:AssumeRole to lambda.amazonaws.com']);
      expect(ManagedPolicyArns).toBeUndefined();
    }
  });

  test('have names that a log account can let in, one for each region', () => {
    const named = functions.map(({ FunctionName, Role }) => [
      plain(services[roleId(Role)]!.Properties.RoleName, services),
      `${String(FunctionName)}-<region>`,
    ]);
    for (const [name, expected] of named) expect(name).toBe(expected);
  });

  test.each([
    ['snapshot-groups', 'lambda:InvokeFunction'],
    ['night', 'states:StartExecution'],
  ])('the schedule of %s may start it and nothing else', (name, action) => {
    const { Target } = one(services, 'AWS::Scheduler::Schedule', { Name: `sg-analysis-${name}` });
    const { RoleArn } = Target as { RoleArn: unknown };
    expect(grantsOf(RoleArn, services)).toEqual([`allow ${action} on sg-analysis-${name}`]);
    expect(policyLines(services[roleId(RoleArn)]!.Properties.AssumeRolePolicyDocument, services)).toEqual([
      'allow sts:AssumeRole to scheduler.amazonaws.com if aws:SourceAccount StringEquals <account>',
    ]);
  });
});

describe('functions', () => {
  const SIZES: Readonly<Record<string, { MemorySize: number; Timeout: number }>> = {
    'archive-flow-logs': { MemorySize: 512, Timeout: 300 },
    'compact-usage': { MemorySize: 1769, Timeout: 300 },
    'count-usage': { MemorySize: 1769, Timeout: 300 },
    'judge-rules': { MemorySize: 3008, Timeout: 900 },
    'keep-dead-letters': { MemorySize: 256, Timeout: 60 },
    'recall-account': { MemorySize: 3008, Timeout: 900 },
    'reconcile-usage': { MemorySize: 3008, Timeout: 900 },
    'send-findings': { MemorySize: 3008, Timeout: 900 },
    'send-report': { MemorySize: 3008, Timeout: 900 },
    'snapshot-groups': { MemorySize: 1769, Timeout: 300 },
  };

  test('have a size each that is written down', () => {
    expect(Object.keys(SIZES)).toEqual(Object.keys(ALLOWED).sort());
  });

  test('run on Node 24 and arm64, log JSON into a group that forgets, and are traced', () => {
    for (const { LoggingConfig, ...properties } of functions) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        ...SIZES[String(properties.FunctionName).replace('sg-analysis-', '')],
        TracingConfig: { Mode: 'Active' },
      });
      expect(LoggingConfig).toMatchObject({ LogFormat: 'JSON' });
      const LogGroupName = plain((LoggingConfig as { LogGroup: unknown }).LogGroup, services);
      expect(one(services, 'AWS::Logs::LogGroup', { LogGroupName }).RetentionInDays).toBe(90);
    }
  });

  const place = { accountId: '111122223333', region: 'eu-central-1' };
  const names = { tablePrefix: 'sg-analysis', dataBucket: 'sg-analysis-data-111122223333-eu-central-1' };

  const here = (text: string): string =>
    text.replaceAll('<account>', place.accountId).replaceAll('<region>', place.region);

  /** What need not be set. */
  const { exemptions, rulesKnownSince, mailReplyTo, mailConfigurationSet, mailMaxBytes } = ENVIRONMENT;
  const { ownerTag, ownerDomains, ownerAddresses, ownerMailEvery } = ENVIRONMENT;
  const { hubMinPriority, webhookKind, webhookSecret, logKeyPrefix, logGroups } = ENVIRONMENT;
  const optional: readonly string[] = [
    ...[exemptions, rulesKnownSince, mailReplyTo, mailConfigurationSet, mailMaxBytes],
    ...[ownerTag, ownerDomains, ownerAddresses, ownerMailEvery],
    ...[hubMinPriority, webhookKind, webhookSecret],
    ...[logKeyPrefix, logGroups],
  ];

  test.each([
    [
      'judge-rules',
      environmentOfJudgeRules,
      {
        ...place,
        ...names,
        retentionDays: 400,
        windowDays: 90,
        rulesKnownSince: undefined,
        exemptions: undefined,
        ownerTag: undefined,
      },
    ],
    [
      'send-report',
      environmentOfSendReport,
      { ...place, ...names, mailFrom: 'stale-sg@example.com', mailTo: ['network@example.com'] },
    ],
    ['send-findings', environmentOfSendFindings, { ...place, ...names, hubMinPriority: 0 }],
    ['compact-usage', environmentOfCompactUsage, { ...names, retentionDays: 400 }],
    [
      'count-usage',
      environmentOfCountUsage,
      { ...place, ...names, queueUrl: here(`${QUEUES}sg-analysis-count-usage`) },
    ],
    ['keep-dead-letters', environmentOfKeepDeadLetters, names],
    ['recall-account', environmentOfRecallAccount, { region: place.region, ...names, retentionDays: 400 }],
    ['snapshot-groups', environmentOfSnapshotGroups, { ...place, ...names, retentionDays: 400 }],
    [
      'reconcile-usage',
      environmentOfReconcileUsage,
      {
        ...place,
        ...names,
        retentionDays: 400,
        logBucket: 'amzn-s3-demo-bucket',
        logKeyPrefix: undefined,
        logGroups: ['/aws/vpc/vpc-0123456789abcdef0'],
        database: 'sg_analysis',
      },
    ],
    [
      'archive-flow-logs',
      environmentOfArchiveFlowLogs,
      { ...place, ...names, logBucket: 'amzn-s3-demo-bucket', logKeyPrefix: undefined },
    ],
  ])('%s is told all that it reads, and nothing that it does not read', (service, readEnvironment, understood) => {
    const { NODE_OPTIONS, ...told } = Object.fromEntries(variablesOf(functionOf(service), services));
    // Node's own: as much of the memory as leaves room for buffers.
    const large = ['judge-rules', 'recall-account', 'send-findings', 'send-report'].includes(service);
    expect(NODE_OPTIONS).toBe(large ? '--max-old-space-size=2600' : undefined);
    const deployed = Object.fromEntries(Object.entries(told).map(([name, value]) => [name, here(value)]));
    const asked = new Set<string>();
    const environment = new Proxy<Record<string, string>>(
      { ...deployed, AWS_REGION: place.region },
      { get: (target, name) => (asked.add(String(name)), Reflect.get(target, name) as unknown) },
    );
    expect(readEnvironment(environment)).toEqual(understood);
    const needed = [...asked].filter((name) => !optional.includes(name) || name in deployed);
    // The region is Lambda's own.
    const fromLambda = 'region' in understood ? ['AWS_REGION'] : [];
    expect(needed.sort()).toEqual([...fromLambda, ...Object.keys(deployed)].sort());
    expect(Object.values(ENVIRONMENT)).toEqual(expect.arrayContaining(Object.keys(deployed)));
  });

  test.each(Object.keys(ALLOWED))(
    '%s is deployed as the bundle that other tests run, and nothing beside it',
    async (service) => {
      const { S3Key } = functionOf(service).Code as { S3Key: string };
      const { file } = await bundled(service);
      expect(assets[S3Key.replace(/\.zip$/, '')]).toEqual(hashesIn(dirname(file)));
    },
  );

  test('no two are deployed as the same bundle', () => {
    const keys = functions.map(({ Code }) => (Code as { S3Key: string }).S3Key);
    expect(new Set(keys).size).toBe(functions.length);
  });
});
