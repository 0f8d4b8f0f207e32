import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { readConfig } from '../../infra/config.ts';
import { LOG_RETENTION_DAYS, parseConfig } from '../../shared/configuration/config.ts';

const EXAMPLES = join(import.meta.dirname, '../../infra/examples');
const flowLogs = { bucket: 'amzn-s3-demo-bucket' };
const central = { ...flowLogs, kind: 'central', ownerAccount: '444455556666' };
const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const topicOf = (account: string) => `arn:aws:sns:eu-central-1:${account}:objects`;
const group = (region: string) => `arn:aws-cn:quicksight:${region}:111122223333:group/default/network`;
const channel = {
  flowLogs,
  region: 'eu-central-1',
  webhook: { kind: 'slack', secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:channel-AbCdEf' },
};
const vpc = { vpcId: 'vpc-0123456789abcdef0' };
const mail = { sender: 'stale-sg@example.com', recipients: ['network@example.com'] };

describe('a configuration', () => {
  test('needs a bucket only', () => {
    expect(parseConfig({ flowLogs })).toEqual({
      prefix: 'sg-analysis',
      stackSet: false,
      flowLogs: {
        kind: 'existing',
        bucket: 'amzn-s3-demo-bucket',
        keyPrefix: '',
        kmsKeyArns: [],
        logGroups: [],
        enableOn: [],
      },
      countUsage: { maximumConcurrency: 4, batchSeconds: 30, compactMinutes: 1 },
      windowDays: 90,
      retentionDays: 400,
      logRetentionDays: 90,
      protect: false,
      lakeFormation: false,
      tags: {},
      night: { at: '03:30', scanLimitGiB: 1000 },
      dashboard: true,
      operators: [],
      alarms: { driftAbove: 0.05, coverageBelow: 0.9, unknownInterfacesAbove: 0.01 },
    });
  });

  test.each(readdirSync(EXAMPLES))('%s is one, and names no bucket that anybody could have', (name) => {
    const { kind, bucket } = readConfig(join(EXAMPLES, name)).flowLogs;
    expect(bucket ?? '').toMatch(kind === 'new' ? /^$/ : /^amzn-s3-demo-/);
  });

  test('of a VPC needs its id, and is for ten minutes in Parquet, by hour', () => {
    const { flowLogs: parsed } = parseConfig({ flowLogs: { kind: 'new', enableOn: [{ vpcId: 'vpc-0123abcd' }] } });
    expect(parsed).toEqual({
      kind: 'new',
      keyPrefix: '',
      kmsKeyArns: [],
      logGroups: [],
      enableOn: [{ vpcId: 'vpc-0123abcd', aggregationMinutes: 10, fileFormat: 'parquet', layout: 'hourly' }],
    });
  });

  test.each<[why: string, config: object, field: string]>([
    ['no flow logs', {}, 'flowLogs'],
    ['a bucket by its ARN', { flowLogs: { bucket: 'arn:aws:s3:::amzn-s3-demo-bucket' } }, 'flowLogs.bucket'],
    ['a key prefix without its slash', { flowLogs: { ...flowLogs, keyPrefix: 'logs' } }, 'flowLogs.keyPrefix'],
    ['a key prefix from the root', { flowLogs: { ...flowLogs, keyPrefix: '/logs/' } }, 'flowLogs.keyPrefix'],
    ['a key prefix that matches much', { flowLogs: { ...flowLogs, keyPrefix: '*/' } }, 'flowLogs.keyPrefix'],
    ['an account id cut short', { flowLogs, account: '1234' }, 'account'],
    ['an account id that lost its zeros as a number', { flowLogs, account: 11122223333 }, 'account'],
    ['a zone for a region', { flowLogs, region: 'eu-central-1a' }, 'region'],
    ['a prefix that makes no bucket name', { flowLogs, prefix: 'SG_Analysis' }, 'prefix'],
    ['a prefix too long for the bucket name', { flowLogs, prefix: 'a'.repeat(31) }, 'prefix'],
    ['one batch at a time', { flowLogs, countUsage: { maximumConcurrency: 1 } }, 'countUsage.maximumConcurrency'],
    [
      'batches gathered for longer than Lambda does',
      { flowLogs, countUsage: { batchSeconds: 301 } },
      'countUsage.batchSeconds',
    ],
    ['a time without its zero', { flowLogs, night: { at: '3:30' } }, 'night.at'],
    ['a time that no day has', { flowLogs, night: { at: '24:00' } }, 'night.at'],
    ['a query that may read nothing', { flowLogs, night: { scanLimitGiB: 0 } }, 'night.scanLimitGiB'],
    ['counters that end before their window', { flowLogs, retentionDays: 89 }, 'retentionDays'],
    ['days of logs that CloudWatch does not know', { flowLogs, logRetentionDays: 100 }, 'logRetentionDays'],
    ['an existing bucket without its name', { flowLogs: {} }, 'flowLogs.bucket'],
    ['a new bucket with a name', { flowLogs: { ...flowLogs, kind: 'new' } }, 'flowLogs.bucket'],
    ['a new bucket with a key of its own', { flowLogs: { kind: 'new', kmsKeyArns: [key] } }, 'flowLogs.kmsKeyArns'],
    ['a lifetime for others’ flow logs', { flowLogs: { ...flowLogs, keepDays: 30 } }, 'flowLogs.keepDays'],
    ['flow logs gone before a night is run again', { flowLogs: { kind: 'new', keepDays: 2 } }, 'flowLogs.keepDays'],
    ['a central bucket of nobody', { flowLogs: { ...central, ownerAccount: undefined } }, 'flowLogs.ownerAccount'],
    [
      'a central bucket of its own account',
      { flowLogs: { ...flowLogs, ownerAccount: '444455556666' } },
      'flowLogs.ownerAccount',
    ],
    [
      'a topic beside an own bucket',
      { flowLogs: { ...flowLogs, topicArn: topicOf('444455556666') } },
      'flowLogs.topicArn',
    ],
    [
      'a topic of a third account',
      { flowLogs: { ...central, topicArn: topicOf('777788889999') } },
      'flowLogs.topicArn',
    ],
    ['a bucket of an unknown kind', { flowLogs: { ...flowLogs, kind: 'shared' } }, 'flowLogs.kind'],
    ['a key by its alias', { flowLogs: { ...flowLogs, kmsKeyArns: ['alias/logs'] } }, 'flowLogs.kmsKeyArns[0]'],
    ['a VPC by its name', { flowLogs: { ...flowLogs, enableOn: [{ vpcId: 'main' }] } }, 'flowLogs.enableOn[0].vpcId'],
    ['a VPC twice', { flowLogs: { ...flowLogs, enableOn: [vpc, vpc] } }, 'flowLogs.enableOn[1].vpcId'],
    [
      'text where another flow log writes Parquet',
      { flowLogs: { ...flowLogs, enableOn: [vpc, { ...vpc, vpcId: 'vpc-0123abce', fileFormat: 'text' }] } },
      'flowLogs.enableOn[1].fileFormat',
    ],
    [
      'records of five minutes',
      { flowLogs: { ...flowLogs, enableOn: [{ ...vpc, aggregationMinutes: 5 }] } },
      'flowLogs.enableOn[0].aggregationMinutes',
    ],
    [
      'a flow log in CSV',
      { flowLogs: { ...flowLogs, enableOn: [{ ...vpc, fileFormat: 'csv' }] } },
      'flowLogs.enableOn[0].fileFormat',
    ],
    [
      'a log group by its ARN',
      { flowLogs: { ...flowLogs, logGroups: ['arn:aws:logs:a:1:log-group:b'] } },
      'flowLogs.logGroups[0]',
    ],
    ['two log groups in one', { flowLogs: { ...flowLogs, logGroups: ['a,b'] } }, 'flowLogs.logGroups[0]'],
    ['a log group of a function', { flowLogs: { ...flowLogs, logGroups: ['/aws/lambda/a'] } }, 'flowLogs.logGroups[0]'],
    ['a log group twice', { flowLogs: { ...flowLogs, logGroups: ['a', 'b', 'a'] } }, 'flowLogs.logGroups[2]'],
    [
      'more names of log groups than a variable holds',
      { flowLogs: { ...flowLogs, logGroups: Array.from({ length: 6 }, (_, i) => `${i}`.repeat(501)) } },
      'flowLogs.logGroups',
    ],
    ['log groups beside a bucket of others', { flowLogs: { ...central, logGroups: ['a'] } }, 'flowLogs.logGroups'],
    [
      'log groups for a StackSet',
      { flowLogs: { ...flowLogs, logGroups: ['a'] }, stackSet: true },
      'flowLogs.logGroups',
    ],
    ['a window longer than counters live', { flowLogs, windowDays: 401 }, 'windowDays'],
    ['a bound in percent', { flowLogs, alarms: { driftAbove: 5 } }, 'alarms.driftAbove'],
    ['a report from nobody', { flowLogs, report: { recipients: mail.recipients } }, 'report.sender'],
    ['a report to nobody', { flowLogs, report: { ...mail, recipients: [] } }, 'report.recipients'],
    ['a report from two', { flowLogs, report: { ...mail, sender: 'a@example.com, b@example.com' } }, 'report.sender'],
    [
      'mails to owners anywhere',
      { flowLogs, report: { ...mail, ownerMail: { domains: [] } } },
      'report.ownerMail.domains',
    ],
    [
      'mails to owners of any domain',
      { flowLogs, report: { ...mail, ownerMail: { domains: ['*.example.com'] } } },
      'report.ownerMail.domains[0]',
    ],
    [
      'addresses of owners that would expire',
      { flowLogs, report: { ...mail, ownerMail: { domains: ['example.com'], addresses: 'night/mail.json' } } },
      'report.ownerMail.addresses',
    ],
    [
      'mails to owners every hour',
      { flowLogs, report: { ...mail, ownerMail: { domains: ['example.com'], every: 'hour' } } },
      'report.ownerMail.every',
    ],
    ['a priority above all', { flowLogs, securityHub: { minPriority: 101 } }, 'securityHub.minPriority'],
    ['a channel of others', { ...channel, webhook: { ...channel.webhook, kind: 'discord' } }, 'webhook.kind'],
    ['an address in the open', { ...channel, webhook: { kind: 'slack', url: 'https://a.example' } }, 'webhook'],
    ['a secret by its name', { ...channel, webhook: { kind: 'slack', secretArn: 'channel' } }, 'webhook.secretArn'],
    ['a secret of another region', { ...channel, region: 'eu-west-1' }, 'webhook.secretArn'],
    ['a secret of some region', { ...channel, region: undefined }, 'webhook.secretArn'],
    ['a channel for a StackSet', { ...channel, stackSet: true }, 'webhook'],
    ['exemptions in prose', { flowLogs, exemptions: 'exemptions/kept.txt' }, 'exemptions'],
    ['exemptions that would expire', { flowLogs, exemptions: 'night/kept.csv' }, 'exemptions'],
    ['a date that no calendar has', { flowLogs, rulesKnownSince: '2026-02-30' }, 'rulesKnownSince'],
    ['a role for QuickSight', { flowLogs, quicksight: { principalArn: 'admin' } }, 'quicksight.principalArn'],
    ['a StackSet of one account', { flowLogs, stackSet: true, account: '111122223333' }, 'account'],
    ['a StackSet of one VPC', { flowLogs: { ...flowLogs, enableOn: [vpc] }, stackSet: true }, 'flowLogs.enableOn'],
    ['an operator without an address', { flowLogs, operators: ['me'] }, 'operators[0]'],
    [
      'operators of a topic of others',
      { flowLogs, operators: ['me@example.com'], alarmTopicArn: topicOf('111122223333') },
      'operators',
    ],
    ['a topic by its name', { flowLogs, alarmTopicArn: 'alarms' }, 'alarmTopicArn'],
    [
      'an identity of a stranger',
      { flowLogs, report: { ...mail, createIdentities: ['x@example.com'] } },
      'report.createIdentities[0]',
    ],
    [
      'an identity twice',
      { flowLogs, report: { ...mail, createIdentities: [mail.sender, mail.sender] } },
      'report.createIdentities[1]',
    ],
    [
      'identities in a StackSet',
      { flowLogs, stackSet: true, report: { ...mail, createIdentities: [mail.sender] } },
      'report.createIdentities',
    ],
    ['mails from China', { flowLogs, region: 'cn-north-1', report: mail }, 'report'],
    [
      'dashboards in Ningxia',
      { flowLogs, region: 'cn-northwest-1', quicksight: { principalArn: group('cn-northwest-1') } },
      'quicksight',
    ],
    [
      'functions in a VPC without a subnet',
      { flowLogs, vpc: { subnetIds: [], securityGroupIds: ['sg-0123456789abcdef0'] } },
      'vpc.subnetIds',
    ],
    ['a key of its own by its alias', { flowLogs, kmsKeyArn: 'alias/stale-sg' }, 'kmsKeyArn'],
    ['a key of another region', { flowLogs, region: 'eu-west-1', kmsKeyArn: key }, 'kmsKeyArn'],
    ['a key of a region that is not said', { flowLogs, kmsKeyArn: key }, 'kmsKeyArn'],
    ['a StackSet with a topic', { flowLogs, stackSet: true, alarmTopicArn: topicOf('111122223333') }, 'alarmTopicArn'],
    [
      'a boundary by its ARN',
      { flowLogs, permissionsBoundary: 'arn:aws:iam::111122223333:policy/x' },
      'permissionsBoundary',
    ],
    ['a tag that is no text', { flowLogs, tags: { team: 7 } }, 'tags.team'],
  ])('with %s is refused by name', (_why, config, field) => {
    expect(() => parseConfig(config)).toThrow(`at ${field}`);
  });

  test('may mail from GovCloud, and have dashboards in Beijing', () => {
    expect(() => parseConfig({ flowLogs, region: 'us-gov-west-1', report: mail })).not.toThrow();
    const quicksight = { principalArn: group('cn-north-1') };
    expect(() => parseConfig({ flowLogs, region: 'cn-north-1', quicksight })).not.toThrow();
  });

  test('with a field that nobody reads is refused by name', () => {
    expect(() => parseConfig({ flowLogs, retention: 7 })).toThrow('Unrecognized key: "retention"');
  });
});

describe('text and Parquet in one bucket', () => {
  const LAYOUTS = ['default', 'hourly', 'hive', 'hive-hourly'] as const;
  // A folder of the day holds those of its hours, and a hive layout has folders of its own.
  const MIXED = [
    'default default',
    'hourly default',
    'hourly hourly',
    'hive hive',
    'hive-hourly hive',
    'hive-hourly hive-hourly',
  ];

  test.each(LAYOUTS.flatMap((text) => LAYOUTS.map((parquet) => [text, parquet] as const)))(
    'by the layouts %s and %s',
    (text, parquet) => {
      const enableOn = [
        { ...vpc, layout: parquet },
        { vpcId: 'vpc-0123abce', fileFormat: 'text', layout: text },
      ];
      const parse = () => parseConfig({ flowLogs: { ...flowLogs, enableOn } });
      if (MIXED.includes(`${text} ${parquet}`)) {
        expect(parse).toThrow(`text goes where ${vpc.vpcId} has Parquet`);
      } else {
        expect(parse).not.toThrow();
      }
    },
  );
});

describe('a configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stale-sg-config-'));
  const file = join(folder, 'mine.json');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['is not JSON', '{'],
    ['is not a configuration', '{"flowLogs": 1}'],
  ])('that %s is named in the error', (_what, text) => {
    writeFileSync(file, text);
    expect(() => readConfig(file)).toThrow(file);
  });

  test('that is not there is named in the error', () => {
    expect(() => readConfig(join(folder, 'none.json'))).toThrow('none.json');
  });
});

test('days of logs are those that CDK knows', () => {
  const known = Object.values(RetentionDays).filter((days) => typeof days === 'number');
  expect(LOG_RETENTION_DAYS).toEqual(known.sort((a, b) => a - b));
});
