import { describe, expect, test } from '@jest/globals';
import { usedFields } from '../../services/reconcile-usage/sql/log-format.ts';
import { NEEDED_FIELDS, OPTIONAL_FIELDS } from '../../shared/flowlogs/fields.ts';
import { logFormatsOf, type FlowLogFormat } from '../../services/reconcile-usage/sql/log-format.ts';
import { grantsOf, policyLines } from './policies.ts';
import {
  all,
  one,
  plain,
  synthesizeExample,
  type Properties,
  type Resources,
  type Synthesized,
} from './synthesized.ts';

const roleOf = (resources: Resources, service: string): unknown =>
  one(resources, 'AWS::Lambda::Function', { FunctionName: `sg-analysis-${service}` }).Role;
const ofNight = (resources: Resources): unknown => all(resources, 'AWS::StepFunctions::StateMachine')[0]!.RoleArn;

/** As EC2 would describe it, had it been deployed. */
function described(flowLog: Properties, resources: Resources): FlowLogFormat {
  const place = (text: string) => text.replace('<account>', '111122223333').replace('<region>', 'eu-central-1');
  return {
    FlowLogId: 'fl-0123456789abcdef0',
    LogDestinationType: String(flowLog.LogDestinationType),
    LogDestination: place(plain(flowLog.LogDestination, resources)),
    LogFormat: String(flowLog.LogFormat),
    DestinationOptions: flowLog.DestinationOptions as FlowLogFormat['DestinationOptions'] & object,
  };
}

const names = ['new-bucket', 'existing-bucket', 'text', 'encrypted-bucket', 'central-bucket', 'central-bucket-topic'];
const examples = new Map<string, Synthesized>();
for (const name of names) examples.set(name, await synthesizeExample(name));
const example = (name: string): Synthesized => examples.get(name)!;

describe('a new bucket', () => {
  const { data, services } = example('new-bucket');
  const name = 'sg-analysis-logs-<account>-<region>';
  const [id, bucket] = Object.entries(data).find(
    ([, { Type, Properties }]) => Type === 'AWS::S3::Bucket' && plain(Properties.BucketName, data) === name,
  )!;

  test('is private, encrypted, keeps flow logs as long as it is told to, and outlives its stack', () => {
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [
          { Id: 'flow-logs', ExpirationInDays: 30, Status: 'Enabled' },
          { Id: 'incomplete-uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
        ],
      },
    });
    expect([bucket.DeletionPolicy, bucket.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test('tells EventBridge of its objects, by a setting and not by a function that may write to any bucket', () => {
    expect(bucket.Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    for (const resources of [data, services]) {
      expect(Object.values(resources).filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
    }
    expect(all(services, 'AWS::Lambda::Function')).toHaveLength(
      all(example('existing-bucket').services, 'AWS::Lambda::Function').length,
    );
  });

  test('lets in the delivery of logs of this account and region, nobody without TLS, and no one else', () => {
    const policy = all(data, 'AWS::S3::BucketPolicy').find(({ Bucket }) => (Bucket as { Ref: string }).Ref === id)!;
    const ours = 'aws:SourceAccount StringEquals <account> and aws:SourceArn ArnLike arn:aws:logs:<region>:<account>:*';
    const lines = policyLines(policy.PolicyDocument, data).map((line) => line.replaceAll(id, 'it'));
    expect(lines).toEqual([
      `allow s3:GetBucketAcl to delivery.logs.amazonaws.com on it if ${ours}`,
      ...['<account>', 'aws-account-id=<account>'].map(
        (folder) =>
          `allow s3:PutObject to delivery.logs.amazonaws.com on it/AWSLogs/${folder}/* if ${ours} and s3:x-amz-acl StringEquals bucket-owner-full-control`,
      ),
      'deny s3:* to * on it if aws:SecureTransport Bool false',
      'deny s3:* to * on it if s3:TlsVersion NumericLessThan 1.2',
      'deny s3:* to * on it/* if aws:SecureTransport Bool false',
      'deny s3:* to * on it/* if s3:TlsVersion NumericLessThan 1.2',
    ]);
  });

  test('is where events are awaited from, what is read, and what the night is told of', () => {
    const { EventPattern } = one(services, 'AWS::Events::Rule') as { EventPattern: { detail: { bucket: Properties } } };
    expect((EventPattern.detail.bucket.name as unknown[]).map((it) => plain(it, services))).toEqual([name]);
    for (const role of [roleOf(services, 'count-usage'), ofNight(services)]) {
      const read = grantsOf(role, services).filter((line) => line.includes('AWSLogs/<account>'));
      expect(read).toEqual([
        `allow s3:GetObject on arn:aws:s3:::${name}/AWSLogs/<account>/vpcflowlogs/<region>/* if aws:ResourceAccount StringEquals <account>`,
      ]);
    }
    const { Environment } = one(services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-reconcile-usage' });
    const { Variables } = Environment as { Variables: Record<string, unknown> };
    expect(plain(Variables.STALE_SG_LOG_BUCKET, services)).toBe(name);
  });

  test('is there, with its policy, before anything is delivered into it', () => {
    const { setup, after } = example('new-bucket');
    expect(all(setup, 'AWS::EC2::FlowLog')).toHaveLength(2);
    expect(all(data, 'AWS::S3::BucketPolicy')).toHaveLength(2);
    expect(after['sg-analysis-setup']).toContain('sg-analysis-data');
  });
});

test.each([
  ['encrypted-bucket', 'vpc/'],
  ['existing-bucket', undefined],
])('%s tells the night by which prefix it may read: %s', (name, prefix) => {
  const { services } = example(name);
  const { Environment } = one(services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-reconcile-usage' });
  expect((Environment as { Variables: Record<string, unknown> }).Variables.STALE_SG_LOG_KEY_PREFIX).toBe(prefix);
});

describe('a flow log that is made', () => {
  const flowLogsOf = (name: string) => {
    const { setup } = example(name);
    return all(setup, 'AWS::EC2::FlowLog').map((flowLog) => ({ flowLog, setup }));
  };

  test('is of all traffic, summed up over ten minutes, or one', () => {
    const made = flowLogsOf('new-bucket').map(({ flowLog }) => [
      ...[flowLog.ResourceId, flowLog.ResourceType, flowLog.TrafficType, flowLog.MaxAggregationInterval],
    ]);
    expect(made).toEqual([
      ['vpc-0123456789abcdef0', 'VPC', 'ALL', 600],
      ['vpc-0fedcba9876543210', 'VPC', 'ALL', 60],
    ]);
  });

  test.each<[name: string, fileFormat: string, hiveCompatible: boolean, bucket: string, prefix: string]>([
    ['new-bucket', 'parquet', false, 'sg-analysis-logs-111122223333-eu-central-1', ''],
    ['text', 'plain-text', true, 'sg-analysis-logs-111122223333-eu-central-1', ''],
    ['central-bucket-topic', 'parquet', false, 'amzn-s3-demo-logging-bucket', ''],
    ['encrypted-bucket', 'parquet', false, 'amzn-s3-demo-bucket', 'vpc'],
  ])(
    'of %s is one that the night can read, with every field that it uses',
    (name, fileFormat, hiveCompatible, bucket, prefix) => {
      const [{ flowLog, setup }] = flowLogsOf(name) as [ReturnType<typeof flowLogsOf>[number]];
      const owner = { accountId: '111122223333', region: 'eu-central-1' };
      const { formats, problems } = logFormatsOf([described(flowLog, setup)], owner);
      expect(problems).toEqual([]);
      expect(formats).toEqual([expect.objectContaining({ fileFormat, hiveCompatible, perHour: true, bucket, prefix })]);
      expect(usedFields(formats[0]!).sort()).toEqual([...NEEDED_FIELDS, ...OPTIONAL_FIELDS].sort());
    },
  );
});

describe('an encrypted bucket', () => {
  const { services } = example('encrypted-bucket');
  const decrypts = (role: unknown) => grantsOf(role, services).filter((line) => line.includes('kms:'));
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

  test('is decrypted by who reads objects, with its key and through S3 only', () => {
    const line = `allow kms:Decrypt on ${key} if kms:ViaService StringEquals s3.eu-central-1.amazonaws.com`;
    expect(decrypts(roleOf(services, 'count-usage'))).toEqual([line]);
    expect(decrypts(ofNight(services))).toEqual([line]);
  });

  test('is not decrypted by who does not', () => {
    expect(decrypts(roleOf(services, 'reconcile-usage'))).toEqual([]);
    expect(decrypts(roleOf(services, 'snapshot-groups'))).toEqual([]);
  });
});

describe('a bucket of a log account', () => {
  const { services, logAccount } = example('central-bucket');
  const told = (template: typeof logAccount, name: string): string[] => {
    const Statement = JSON.parse(plain(template!.Outputs![name]!.Value, template!.Resources)) as object[];
    return policyLines({ Statement }, template!.Resources);
  };
  const bucket = 'arn:aws:s3:::amzn-s3-demo-logging-bucket';
  const account = 'arn:aws:iam::111122223333:root';
  const roles = (...names: string[]) =>
    names.map((name) => `arn:aws:iam::111122223333:role/sg-analysis-${name}-eu-central-1`).join();

  test('allows what our roles ask of it, role by role, and no more', () => {
    const ours = {
      'count-usage': roleOf(services, 'count-usage'),
      night: ofNight(services),
      'reconcile-usage': roleOf(services, 'reconcile-usage'),
    };
    const asked = new Map<string, string[]>();
    for (const [name, role] of Object.entries(ours)) {
      for (const line of grantsOf(role, services)) {
        const right =
          /^allow (s3:\w+ on \S*amzn-s3-demo-logging-bucket\S*) if .*aws:ResourceAccount StringEquals 444455556666/.exec(
            line,
          )?.[1];
        if (right) asked.set(right, [...(asked.get(right) ?? []), roles(name)]);
        else expect(line).not.toContain('amzn-s3-demo-logging-bucket');
      }
    }
    const allowed = told(logAccount, 'AddToTheBucketPolicy').map((line) => {
      const [, action, on, names] = /^allow (\S+) to \S+root on (\S+) if aws:PrincipalArn ArnEquals (.+)$/.exec(line)!;
      return [`${action!} on ${on!}`, names!.split(',')] as const;
    });
    for (const [right, by] of asked) expect(Object.fromEntries(allowed)[right]).toEqual(expect.arrayContaining(by));
    expect(allowed.map(([right]) => right).sort()).toEqual([...asked.keys()].sort());
  });

  test('is told of by name: objects of this account and region to two roles, decrypted by its key', () => {
    const keys = 'network/AWSLogs/111122223333/vpcflowlogs/eu-central-1/*';
    expect(told(logAccount, 'AddToTheBucketPolicy')).toContain(
      `allow s3:GetObject to ${account} on ${bucket}/${keys} if aws:PrincipalArn ArnEquals ${roles('count-usage', 'night')}`,
    );
    expect(told(logAccount, 'AddToTheKeyPolicy')).toEqual([
      `allow kms:Decrypt to ${account} on * if aws:PrincipalArn ArnEquals ${roles('count-usage', 'night')} and kms:ViaService StringEquals s3.eu-central-1.amazonaws.com`,
    ]);
  });

  test('names roles as they are deployed', () => {
    const names = all(services, 'AWS::IAM::Role').flatMap(({ RoleName }) =>
      RoleName === undefined ? [] : [plain(RoleName, services)],
    );
    const named = told(logAccount, 'AddToTheBucketPolicy').flatMap((line) => [...line.matchAll(/role\/([\w-]+)/g)]);
    for (const [, name] of named) expect(names).toContain(name);
  });

  const queuePolicy = (resources: Resources, name: string) =>
    all(resources, 'AWS::SQS::QueuePolicy')
      .filter(({ Queues }) => plain((Queues as unknown[])[0], resources) === name)
      .flatMap(({ PolicyDocument }) => policyLines(PolicyDocument, resources));

  test('sends its events by a rule of that account straight into the queue, which lets in its role', () => {
    const { Targets, EventPattern } = one(logAccount!.Resources, 'AWS::Events::Rule');
    expect(EventPattern).toMatchObject({
      source: ['aws.s3'],
      detail: { bucket: { name: ['amzn-s3-demo-logging-bucket'] } },
    });
    const queue = 'arn:aws:sqs:eu-central-1:111122223333:sg-analysis-count-usage';
    const [target] = Targets as { Arn: string; RoleArn: unknown }[];
    expect(target!.Arn).toBe(queue);
    expect(grantsOf(target!.RoleArn, logAccount!.Resources)).toEqual([`allow sqs:SendMessage on ${queue}`]);
    const { RoleName } = one(logAccount!.Resources, 'AWS::IAM::Role');
    expect(queuePolicy(services, 'sg-analysis-count-usage')).toEqual([
      `allow sqs:SendMessage to arn:aws:iam::444455556666:root on sg-analysis-count-usage if aws:PrincipalArn ArnEquals arn:aws:iam::444455556666:role/${String(RoleName)}`,
      'deny sqs:* to * on sg-analysis-count-usage if aws:SecureTransport Bool false',
    ]);
    expect(all(services, 'AWS::Events::Rule')).toEqual([]);
  });

  test('sends them over its topic instead, of this account and region only; what the topic cannot deliver is kept', () => {
    const { services: subscribed, logAccount: other } = example('central-bucket-topic');
    const topic = 'arn:aws:sns:eu-central-1:444455556666:flow-log-objects';
    const { FilterPolicy, Endpoint, RedrivePolicy, ...subscription } = one(subscribed, 'AWS::SNS::Subscription', {
      TopicArn: topic,
    });
    expect(subscription).toMatchObject({ Protocol: 'sqs', RawMessageDelivery: true, FilterPolicyScope: 'MessageBody' });
    expect(FilterPolicy).toEqual({
      Records: {
        s3: {
          object: {
            key: [
              { prefix: 'AWSLogs/111122223333/vpcflowlogs/eu-central-1/' },
              { prefix: 'AWSLogs/aws-account-id%3D111122223333/aws-service%3Dvpcflowlogs/aws-region%3Deu-central-1/' },
            ],
          },
        },
      },
    });
    const deadLetters = (RedrivePolicy as { deadLetterTargetArn: unknown }).deadLetterTargetArn;
    for (const [arn, name] of [
      [Endpoint, 'sg-analysis-count-usage'],
      [deadLetters, 'sg-analysis-count-usage-dead-letters'],
    ]) {
      expect(plain(arn, subscribed)).toBe(name);
      expect(queuePolicy(subscribed, String(name))).toContain(
        `allow sqs:SendMessage to sns.amazonaws.com on ${String(name)} if aws:SourceArn ArnEquals ${topic}`,
      );
    }
    expect(told(other, 'AddToTheTopicPolicy')).toEqual([`allow sns:Subscribe to ${account} on ${topic}`]);
    expect(all(other!.Resources, 'AWS::Events::Rule')).toEqual([]);
  });

  test('lets flow logs in that are made here', () => {
    const { logAccount: other } = example('central-bucket-topic');
    const ours =
      'aws:SourceAccount StringEquals 111122223333 and aws:SourceArn ArnLike arn:aws:logs:eu-central-1:111122223333:*';
    expect(told(other, 'AddToTheBucketPolicy')).toEqual(
      expect.arrayContaining([
        `allow s3:GetBucketAcl to delivery.logs.amazonaws.com on ${bucket} if ${ours}`,
        `allow s3:PutObject to delivery.logs.amazonaws.com on ${bucket}/AWSLogs/111122223333/* if ${ours} and s3:x-amz-acl StringEquals bucket-owner-full-control`,
      ]),
    );
  });

  test('keeps its own policies: no template puts others in their place', () => {
    for (const name of ['existing-bucket', 'encrypted-bucket', 'central-bucket', 'central-bucket-topic']) {
      const { data, services: resources, logAccount: other } = example(name);
      const policies = [data, resources, other?.Resources ?? {}].flatMap((it) => [
        ...all(it, 'AWS::S3::BucketPolicy').map(({ Bucket }) => JSON.stringify(Bucket)),
        ...all(it, 'AWS::SNS::TopicPolicy').map(({ Topics }) => JSON.stringify(Topics)),
        ...all(it, 'AWS::KMS::Key').map((key) => JSON.stringify(key)),
      ]);
      expect(policies).toHaveLength(2);
      expect(policies.join()).not.toMatch(/amzn-s3-demo|444455556666/);
    }
  });
});
