import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DATA_PREFIXES, EXPIRES_AT, TABLE_KEYS, tableNames, type TableNames } from '../../shared/names.ts';
import { policyLines } from './policies.ts';
import {
  all,
  one,
  plain,
  refusal,
  ROOT,
  servicesWith,
  synthesizeExample,
  type Properties,
  type Resources,
} from './synthesized.ts';
import { VARIANTS } from './variants.ts';

const { data, services } = await synthesizeExample('existing-bucket');
const configured = await servicesWith(VARIANTS.otherwise);

describe('the data stack', () => {
  const tables = all(data, 'AWS::DynamoDB::GlobalTable');

  test.each(Object.entries(tableNames('sg-analysis')) as [keyof TableNames, string][])(
    '%s has the keys, the index and the expiry that the code relies on',
    (table, TableName) => {
      const { partition, sort, index } = TABLE_KEYS[table];
      const properties = one(data, 'AWS::DynamoDB::GlobalTable', { TableName });
      const schema = (hash: string, range?: string) => [
        { AttributeName: hash, KeyType: 'HASH' },
        ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
      ];
      expect(properties.KeySchema).toEqual(schema(partition, sort));
      expect(properties.GlobalSecondaryIndexes ?? []).toEqual(
        [index ?? []].flat().map((it) => ({
          IndexName: it.name,
          KeySchema: schema(it.partition, it.sort),
          Projection: { ProjectionType: 'ALL' },
        })),
      );
      const types = properties.AttributeDefinitions as { AttributeType: string }[];
      expect(new Set(types.map(({ AttributeType }) => AttributeType))).toEqual(new Set(['S']));
      expect(properties.TimeToLiveSpecification).toEqual(
        table === 'rulesData' ? undefined : { AttributeName: EXPIRES_AT, Enabled: true },
      );
    },
  );

  test('has no other table', () => {
    expect(tables.map(({ TableName }) => TableName).sort()).toEqual(Object.values(tableNames('sg-analysis')).sort());
  });

  test('keeps its tables on demand, encrypted, and restorable to any second', () => {
    for (const properties of tables) {
      expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(properties.Replicas).toEqual([
        expect.objectContaining({
          DeletionProtectionEnabled: false,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ]);
    }
  });

  test('keeps its bucket private and encrypted, and rid of additions and half uploads', () => {
    const bucket = one(data, 'AWS::S3::Bucket');
    expect(bucket.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket.BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    });
    expect(bucket.LifecycleConfiguration).toEqual({
      Rules: [
        { Id: 'additions', Prefix: 'additions/', ExpirationInDays: 44, Status: 'Enabled' },
        { Id: 'night', Prefix: 'night/', ExpirationInDays: 14, Status: 'Enabled' },
        { Id: 'query-results', Prefix: 'query-results/', ExpirationInDays: 14, Status: 'Enabled' },
        { Id: 'unions', Prefix: 'unions/', ExpirationInDays: 74, Status: 'Enabled' },
        { Id: 'snapshots', Prefix: 'snapshots/', ExpirationInDays: 414, Status: 'Enabled' },
        { Id: 'sums', Prefix: 'sums/', ExpirationInDays: 414, Status: 'Enabled' },
        { Id: 'evidence', Prefix: 'evidence/', ExpirationInDays: 414, Status: 'Enabled' },
        { Id: 'history', Prefix: 'history/', ExpirationInDays: 414, Status: 'Enabled' },
        { Id: 'past', Prefix: 'past/', ExpirationInDays: 414, Status: 'Enabled' },
        { Id: 'exports', Prefix: 'exports/', ExpirationInDays: 400, Status: 'Enabled' },
        { Id: 'reports', Prefix: 'reports/', ExpirationInDays: 400, Status: 'Enabled' },
        { Id: 'refused', Prefix: 'refused/', ExpirationInDays: 400, Status: 'Enabled' },
        { Id: 'incomplete-uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
      ],
    });
  });

  test('has everything in its bucket age, but for what people put there', () => {
    const { Rules } = one(data, 'AWS::S3::Bucket').LifecycleConfiguration as { Rules: { Prefix?: string }[] };
    const aging = Rules.flatMap(({ Prefix }) => Prefix ?? []);
    expect(Object.values(DATA_PREFIXES).filter((prefix) => !aging.includes(prefix))).toEqual([]);
  });

  test('lets nobody at its bucket without TLS 1.2, and nobody in by its policy', () => {
    const lines = policyLines(one(data, 'AWS::S3::BucketPolicy').PolicyDocument, data);
    expect(lines.map((line) => line.replace(/Bucket[0-9A-F]{8}/, 'it'))).toEqual([
      'deny s3:* to * on it if aws:SecureTransport Bool false',
      'deny s3:* to * on it if s3:TlsVersion NumericLessThan 1.2',
      'deny s3:* to * on it/* if aws:SecureTransport Bool false',
      'deny s3:* to * on it/* if s3:TlsVersion NumericLessThan 1.2',
    ]);
  });

  test('is outlived by what it holds, under ids that no later version may change', () => {
    const isKept = (id: string) =>
      data[id]!.DeletionPolicy === 'RetainExceptOnCreate' && data[id]!.UpdateReplacePolicy === 'Retain';
    expect(Object.keys(data).filter(isKept).sort()).toEqual([
      'Bucket83908E77',
      'TablerulesData23A1D923',
      'TablerulesUsage02B5DD08',
      'TablestateBA360250',
    ]);
    expect(Object.keys(data).filter((id) => !isKept(id))).toEqual([expect.stringMatching(/^BucketPolicy/)]);
  });
});

describe('the setup', () => {
  test('holds what the account may refuse, apart from what must survive, and comes after it', async () => {
    const { data, setup, after } = await synthesizeExample('everything');
    const types = (resources: Resources) => Object.values(resources).map(({ Type }) => Type);
    expect(types(setup)).toEqual(['AWS::EC2::FlowLog', 'AWS::SES::EmailIdentity', 'AWS::SES::EmailIdentity']);
    expect(all(setup, 'AWS::SES::EmailIdentity').map(({ EmailIdentity }) => EmailIdentity)).toEqual([
      'stale-sg@example.com',
      'network@example.com',
    ]);
    expect(new Set(types(data))).toEqual(
      new Set(['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy']),
    );
    // Neither of the other: each can be removed and put back by itself.
    const stacks = Object.values(after).map((ids) => ids.filter((id) => !id.endsWith('.assets')));
    expect(stacks).toEqual([['stale-sg-data'], ['stale-sg-data']]);
  });

  test('is empty where there is nothing to set up', async () => {
    expect((await synthesizeExample('existing-bucket')).setup).toEqual({});
  });
});

describe('what stays when its stack goes', () => {
  // CloudFormation imports what has a literal name, and what it would keep.
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
  test('can be imported, where account and region are configured', async () => {
    const { data } = await synthesizeExample('everything');
    const named = Object.values(data).filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate');
    expect(named.map(({ Properties }) => Properties.TableName ?? Properties.BucketName)).toEqual([
      ...Object.values<string>({ ...tableNames('stale-sg') }),
      'stale-sg-data-111122223333-eu-central-1',
    ]);
  });
});

const withGroups = await synthesizeExample('log-groups');

describe('the way of an object', () => {
  const queue = one(services, 'AWS::SQS::Queue', { QueueName: 'sg-analysis-count-usage' });
  const deadLetters = one(services, 'AWS::SQS::Queue', { QueueName: 'sg-analysis-count-usage-dead-letters' });
  const mapping = one(services, 'AWS::Lambda::EventSourceMapping');

  test('begins with EventBridge, for the keys of this account and region in both layouts', () => {
    const { EventPattern, Targets } = one(services, 'AWS::Events::Rule');
    const { detail, ...pattern } = EventPattern as { detail: { bucket: unknown; object: { key: Properties[] } } };
    expect(pattern).toEqual({ source: ['aws.s3'], 'detail-type': ['Object Created'] });
    expect(detail.bucket).toEqual({ name: ['amzn-s3-demo-bucket'] });
    expect(detail.object.key.map(({ prefix }) => plain(prefix, services))).toEqual([
      'AWSLogs/<account>/vpcflowlogs/<region>/',
      'AWSLogs/aws-account-id=<account>/aws-service=vpcflowlogs/aws-region=<region>/',
    ]);
    const targets = Targets as { Arn: unknown; DeadLetterConfig: { Arn: unknown } }[];
    expect(
      targets.map(({ Arn, DeadLetterConfig }) => [Arn, DeadLetterConfig.Arn].map((arn) => plain(arn, services))),
    ).toEqual([['sg-analysis-count-usage', 'sg-analysis-count-usage-dead-letters']]);
  });

  test('has the key prefix of the configuration, in events and grants alike', () => {
    const text = JSON.stringify(configured);
    expect(text.match(/logs\/vpc\/AWSLogs\//g)).toHaveLength(8);
    expect(text.match(/AWSLogs\//g)).toHaveLength(8);
  });

  const policyOf = (name: string): string[] => {
    const policies = all(services, 'AWS::SQS::QueuePolicy').filter(
      ({ Queues }) => plain((Queues as unknown[])[0], services) === name,
    );
    return policies.flatMap(({ PolicyDocument }) => policyLines(PolicyDocument, services));
  };

  test('goes into a queue that lets in the rule and the bucket, over TLS only', () => {
    const byRule =
      'to events.amazonaws.com on sg-analysis-count-usage if aws:SourceArn ArnEquals sg-analysis-count-usage';
    expect(policyOf('sg-analysis-count-usage')).toEqual([
      `allow sqs:GetQueueAttributes ${byRule}`,
      `allow sqs:GetQueueUrl ${byRule}`,
      `allow sqs:SendMessage ${byRule}`,
      'allow sqs:SendMessage to s3.amazonaws.com on sg-analysis-count-usage if aws:SourceAccount StringEquals <account> and aws:SourceArn ArnEquals arn:aws:s3:::amzn-s3-demo-bucket',
      'deny sqs:* to * on sg-analysis-count-usage if aws:SecureTransport Bool false',
    ]);
  });

  test('ends, if it fails ten times, among dead letters that are kept longer than the queue keeps its messages', () => {
    const { deadLetterTargetArn, maxReceiveCount } = queue.RedrivePolicy as Properties;
    expect(plain(deadLetterTargetArn, services)).toBe('sg-analysis-count-usage-dead-letters');
    expect(maxReceiveCount).toBe(10);
    expect([queue, deadLetters].map((it) => Number(it.MessageRetentionPeriod) / 86_400)).toEqual([7, 14]);
    expect(policyOf('sg-analysis-count-usage-dead-letters')).toEqual([
      'allow sqs:SendMessage to events.amazonaws.com on sg-analysis-count-usage-dead-letters if aws:SourceArn ArnEquals sg-analysis-count-usage',
      'deny sqs:* to * on sg-analysis-count-usage-dead-letters if aws:SecureTransport Bool false',
    ]);
  });

  test('is encrypted where it waits', () => {
    expect([queue, deadLetters].map(({ SqsManagedSseEnabled }) => SqsManagedSseEnabled)).toEqual([true, true]);
  });

  test('comes in batches bounded in size, time and number, which fail message by message', () => {
    expect(mapping).toMatchObject({
      BatchSize: 50,
      MaximumBatchingWindowInSeconds: 30,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
    expect(plain(mapping.EventSourceArn, services)).toBe('sg-analysis-count-usage');
    expect(plain(mapping.FunctionName, services)).toBe('sg-analysis-count-usage');
  });

  test('comes again only after six times what its function may take, and the time a batch is gathered', () => {
    const { Timeout } = one(services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-count-usage' });
    expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * Number(Timeout) + 30);
  });

  test('has as many batches at once, gathered for as long, as the configuration says', () => {
    expect(one(configured, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 9 },
      MaximumBatchingWindowInSeconds: 240,
    });
    const { VisibilityTimeout } = one(configured, 'AWS::SQS::Queue', { QueueName: 'sg-analysis-count-usage' });
    expect(VisibilityTimeout).toBe(6 * 300 + 240);
  });
});

describe('the way of a log group', () => {
  const { services } = withGroups;
  const filters = all(services, 'AWS::Logs::SubscriptionFilter');
  const groups = ['/aws/vpc/vpc-0123456789abcdef0', '/aws/vpc/vpc-0fedcba9876543210'];

  test('begins with a filter that leaves nothing out', () => {
    expect(
      filters.map(({ DestinationArn, ...filter }) => ({ ...filter, to: plain(DestinationArn, services) })),
    ).toEqual(
      groups.map((LogGroupName) => ({
        LogGroupName,
        FilterName: 'sg-analysis-archive-flow-logs',
        FilterPattern: '',
        to: 'sg-analysis-archive-flow-logs',
      })),
    );
  });

  test('leads to a function that these groups of this account may call, and nobody else', () => {
    const permissions = all(services, 'AWS::Lambda::Permission');
    expect(permissions.map((one) => ({ ...one, SourceArn: plain(one.SourceArn, services) }))).toEqual(
      groups.map((name) => ({
        Action: 'lambda:InvokeFunction',
        FunctionName: expect.anything(),
        Principal: 'logs.amazonaws.com',
        SourceAccount: expect.anything(),
        SourceArn: `arn:aws:logs:<region>:<account>:log-group:${name}:*`,
      })),
    );
    expect(permissions.map(({ SourceAccount }) => plain(SourceAccount, services))).toEqual(['<account>', '<account>']);
    // CloudWatch Logs tries the function when the filter is made.
    const ids = Object.keys(services).filter((id) => services[id]!.Type === 'AWS::Lambda::Permission');
    const made = Object.values(services).filter(({ Type }) => Type === 'AWS::Logs::SubscriptionFilter');
    for (const { DependsOn } of made as readonly { DependsOn?: string[] }[]) {
      expect(DependsOn).toEqual(expect.arrayContaining(ids));
    }
  });

  test('ends, where not even what fails can be kept, among dead letters', () => {
    const archive = one(services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-archive-flow-logs' });
    const { TargetArn } = archive.DeadLetterConfig as Properties;
    expect(plain(TargetArn, services)).toBe('sg-analysis-archive-flow-logs-dead-letters');
    const name = 'sg-analysis-archive-flow-logs-dead-letters';
    const queue = one(services, 'AWS::SQS::Queue', { QueueName: name });
    expect([Number(queue.MessageRetentionPeriod) / 86_400, queue.RedrivePolicy]).toEqual([14, undefined]);
  });

  test('and from there, one by one, in a function that is not the one they died in, which has them again after six of its times', () => {
    const name = 'sg-analysis-archive-flow-logs-dead-letters';
    const mappings = all(services, 'AWS::Lambda::EventSourceMapping').filter(
      ({ EventSourceArn }) => plain(EventSourceArn, services) === name,
    );
    expect(mappings.map((one) => ({ ...one, FunctionName: plain(one.FunctionName, services) }))).toMatchObject([
      { FunctionName: 'sg-analysis-keep-dead-letters', BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    ]);
    expect(mappings[0]).not.toHaveProperty('Enabled', false);
    const { Timeout } = one(services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-keep-dead-letters' });
    expect(one(services, 'AWS::SQS::Queue', { QueueName: name }).VisibilityTimeout).toBe(6 * Number(Timeout));
  });

  test('is nowhere in a deployment without log groups', async () => {
    const without = await synthesizeExample('existing-bucket');
    const types = Object.values(without.services).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Logs::SubscriptionFilter')).toEqual([]);
    const night = one(without.services, 'AWS::Lambda::Function', { FunctionName: 'sg-analysis-reconcile-usage' });
    expect(JSON.stringify(night.Environment)).not.toContain('LOG_GROUPS');
  });
});

describe('what runs again and again', () => {
  /** Of the schedule, its target, and the calls that it makes. */
  const roundsOf = (service: string, resources = services) => {
    const name = `sg-analysis-${service}`;
    const { Target, ...schedule } = one(resources, 'AWS::Scheduler::Schedule', { Name: name });
    const { Arn, RetryPolicy } = Target as Properties;
    const invokes = all(resources, 'AWS::Lambda::EventInvokeConfig');
    const invoke = invokes.filter(({ FunctionName }) => plain(FunctionName, resources) === name);
    return [schedule.ScheduleExpression, schedule.State, plain(Arn, resources), RetryPolicy, ...invoke];
  };
  const rounds = (rate: string, service: string, seconds: number, again: number) => [
    `rate(${rate})`,
    'ENABLED',
    `sg-analysis-${service}`,
    { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: seconds },
    expect.objectContaining({ MaximumRetryAttempts: again, MaximumEventAgeInSeconds: seconds }),
  ];

  test('a snapshot is taken every 15 minutes, and tried again no longer than until the next', () => {
    expect(roundsOf('snapshot-groups')).toEqual(rounds('15 minutes', 'snapshot-groups', 900, 1));
  });

  test('batches are put together every minute, or as often as the configuration says, and the next one tries again', async () => {
    expect(roundsOf('compact-usage')).toEqual(rounds('1 minute', 'compact-usage', 60, 0));
    const hourly = await servicesWith(VARIANTS.otherwise);
    expect(roundsOf('compact-usage', hourly)).toEqual(rounds('1 hour', 'compact-usage', 3600, 0));
    const alarm = (stem: string) => one(hourly, 'AWS::CloudWatch::Alarm', { AlarmName: `sg-analysis-${stem}` });
    // A period without a run would have no figure, which is as bad as a bad one.
    const { Metrics, EvaluationPeriods } = alarm('compact-usage-behind');
    expect([Metrics, EvaluationPeriods]).toEqual([
      expect.arrayContaining([expect.objectContaining({ MetricStat: expect.objectContaining({ Period: 3600 }) })]),
      2,
    ]);
    expect(alarm('compact-usage-errors')).toMatchObject({ Period: 3600, EvaluationPeriods: 3 });
  });
});

/** With all that can be deployed, mail included. */
const withMail = await synthesizeExample('no-quicksight');

describe('alarms', () => {
  const { services } = withMail;
  const alarms = all(services, 'AWS::CloudWatch::Alarm');
  const stemOf = ({ AlarmName }: Properties) => String(AlarmName).replace(/^sg-analysis-/, '');

  /** The alarm in one line. */
  const inWords = (alarm: Properties): string => {
    const of = (Dimensions: unknown) =>
      (Dimensions as { Value: unknown }[]).map(({ Value }) => plain(Value, services)).join(' ');
    const figure = ({ MetricName, Dimensions }: Properties, statistic: unknown) =>
      `${String(statistic)} ${String(MetricName)} of ${of(Dimensions)}`;
    const metrics = (alarm.Metrics ?? []) as {
      Id: string;
      Expression?: string;
      Period?: number;
      MetricStat?: { Metric: Properties; Period: number; Stat: string };
    }[];
    // Each expression that is spoken of, in the place of its name.
    const expressionOf = (id: string): string => {
      const { Expression, MetricStat } = metrics.find((one) => one.Id === id)!;
      if (MetricStat) return figure(MetricStat.Metric, MetricStat.Stat);
      return Expression!
        .replace(/^FILL\(figure, (\d)\) \+ 0 \* there$/, (_, bad) => `${expressionOf('figure')}, else ${bad},`)
        .replaceAll(/FILL\((\w+), 0\)/g, (_, name: string) => expressionOf(name));
    };
    const what = alarm.MetricName === undefined ? expressionOf(metrics[0]!.Id) : figure(alarm, alarm.Statistic);
    const seconds = new Set(
      [alarm.Period, ...metrics.map(({ MetricStat, Period }) => MetricStat?.Period ?? Period)]
        .flatMap((it) => it ?? [])
        .map(String),
    );
    const comparison = { GreaterThanThreshold: '>', LessThanThreshold: '<' }[String(alarm.ComparisonOperator)];
    const times = `${String(alarm.DatapointsToAlarm)} of ${String(alarm.EvaluationPeriods)} times`;
    const missing = { missing: ', or no data any more', ignore: ', until told otherwise', notBreaching: '' }[
      String(alarm.TreatMissingData)
    ]!;
    return `${what} ${String(comparison)} ${String(alarm.Threshold)} in ${[...seconds].join()} s, ${times}${missing}`;
  };

  test('ring for this', () => {
    expect(Object.fromEntries(alarms.map((alarm) => [stemOf(alarm), inWords(alarm)]))).toEqual({
      'archive-flow-logs-dead-letters':
        'Maximum ApproximateNumberOfMessagesVisible of sg-analysis-archive-flow-logs-dead-letters + Maximum ApproximateNumberOfMessagesNotVisible of sg-analysis-archive-flow-logs-dead-letters + Sum DeadLetterErrors of sg-analysis-archive-flow-logs > 0 in 300 s, 1 of 1 times',
      'archive-flow-logs-no-batches':
        'Sum Invocations of sg-analysis-archive-flow-logs, else 0, < 1 in 3600 s, 6 of 6 times, or no data any more',
      'archive-flow-logs-skipped':
        'SELECT SUM(DeliveryErrors) FROM "AWS/Logs" WHERE FilterName = \'sg-analysis-archive-flow-logs\' > 0 in 300 s, 1 of 1 times',
      'archive-flow-logs-refused': 'Sum BatchesRefused of sg-analysis archive-flow-logs > 0 in 300 s, 1 of 1 times',
      'compact-usage-behind':
        'Maximum BatchesLeft of sg-analysis compact-usage, else 1, > 0 in 300 s, 3 of 3 times, or no data any more',
      'compact-usage-errors': 'Sum Errors of sg-analysis-compact-usage > 0 in 300 s, 2 of 3 times',
      'count-usage-dead-letters':
        'Maximum ApproximateNumberOfMessagesVisible of sg-analysis-count-usage-dead-letters > 0 in 300 s, 1 of 1 times',
      'count-usage-oldest-message':
        'Maximum ApproximateAgeOfOldestMessage of sg-analysis-count-usage > 3600 in 300 s, 3 of 3 times',
      'count-usage-no-objects':
        'Sum NumberOfMessagesSent of sg-analysis-count-usage, else 0, < 1 in 3600 s, 6 of 6 times, or no data any more',
      'count-usage-errors': 'Sum Errors of sg-analysis-count-usage > 0 in 300 s, 2 of 3 times',
      'count-usage-throttles': 'Sum Throttles of sg-analysis-count-usage > 0 in 300 s, 3 of 3 times',
      'recall-account-errors': 'Sum Errors of sg-analysis-recall-account > 0 in 300 s, 1 of 1 times',
      'judge-rules-errors': 'Sum Errors of sg-analysis-judge-rules > 0 in 300 s, 1 of 1 times',
      'night-aborted': 'Sum ExecutionsAborted of sg-analysis-night > 0 in 3600 s, 1 of 1 times',
      'night-coverage':
        'Minimum CoverageShare of sg-analysis reconcile-usage < 0.9 in 3600 s, 1 of 1 times, until told otherwise',
      'night-drift':
        'Maximum DriftShare of sg-analysis reconcile-usage > 0.05 in 3600 s, 1 of 1 times, until told otherwise',
      'night-failed': 'Sum ExecutionsFailed of sg-analysis-night > 0 in 3600 s, 1 of 1 times',
      'night-missing':
        'Sum ExecutionsSucceeded of sg-analysis-night, else 0, < 1 in 3600 s, 36 of 36 times, or no data any more',
      'night-timed-out': 'Sum ExecutionsTimedOut of sg-analysis-night > 0 in 3600 s, 1 of 1 times',
      'night-throttles': 'Sum Throttles of sg-analysis-reconcile-usage > 0 in 300 s, 3 of 3 times',
      'night-unknown-interfaces':
        'Maximum UnknownInterfaceShare of sg-analysis reconcile-usage > 0.01 in 3600 s, 1 of 1 times, until told otherwise',
      'send-findings-errors': 'Sum Errors of sg-analysis-send-findings > 0 in 300 s, 1 of 1 times',
      'send-findings-refused': 'Maximum NotTold of sg-analysis send-findings > 0 in 3600 s, 1 of 1 times',
      'send-report-errors': 'Sum Errors of sg-analysis-send-report > 0 in 300 s, 1 of 1 times',
      'send-report-refused': 'Maximum MailsRefused of sg-analysis send-report > 0 in 3600 s, 1 of 1 times',
      'send-report-page-missing': 'Maximum PagesMissing of sg-analysis send-report > 0 in 3600 s, 1 of 1 times',
      'snapshot-groups-errors': 'Sum Errors of sg-analysis-snapshot-groups > 0 in 900 s, 2 of 2 times',
      'snapshot-groups-no-success': 'invocations - errors, else 0, < 1 in 900 s, 4 of 4 times, or no data any more',
    });
  });

  const runbook = readFileSync(join(ROOT, 'infra/RUNBOOK.md'), 'utf8');
  const sections = runbook.split(/^## /m).slice(1);

  test('have a section each in the runbook, which has no other', () => {
    const headings = sections.map((section) => section.split('\n')[0]);
    expect(headings.sort()).toEqual(alarms.map(stemOf).sort());
  });

  test.each(sections.map((section) => [section.split('\n')[0]!, section]))(
    'the section of %s says what it means, where to look and what to do',
    (_stem, section) => {
      expect([...section.matchAll(/^\*\*(\w+)\*\*(?: \S|$)/gm)].map(([, part]) => part)).toEqual([
        'Means',
        'Look',
        'Do',
      ]);
    },
  );

  test('are looked into by commands that name what is deployed', () => {
    const resources = JSON.stringify(services);
    const named = [...runbook.matchAll(/\$P-([a-z-]+)/g)].map(([, name]) => `sg-analysis-${name!}`);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !resources.includes(`${name}"`))).toEqual([]);
    const links = [...runbook.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !sections.some((section) => section.startsWith(`${link}\n`)))).toEqual([]);
  });

  test('are all in the table of the README', () => {
    const [, table = ''] = readFileSync(join(ROOT, 'infra/README.md'), 'utf8').split('\n## Alarms\n');
    const named = new Set([...table.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name]) => name!));
    expect([...named].sort()).toEqual(alarms.map(stemOf).sort());
  });

  test('may have other bounds', async () => {
    const { services: other } = await synthesizeExample('everything');
    const thresholds = ['drift', 'coverage', 'unknown-interfaces'].map(
      (stem) => one(other, 'AWS::CloudWatch::Alarm', { AlarmName: `stale-sg-night-${stem}` }).Threshold,
    );
    expect(thresholds).toEqual([0.02, 0.95, 0.005]);
  });

  test('need no dashboard, nor figures that only it shows', async () => {
    const [without, services] = [await servicesWith(VARIANTS.withoutDashboard), await servicesWith({})];
    expect(all(without, 'AWS::CloudWatch::Dashboard')).toEqual([]);
    const ringing = (resources: typeof services) => all(resources, 'AWS::CloudWatch::Alarm').map(inWords);
    expect(ringing(without)).toEqual(ringing(services));
    const silent = all(without, 'AWS::Lambda::Function').flatMap(({ FunctionName, Environment }) => {
      const { Variables = {} } = (Environment ?? {}) as { Variables?: Record<string, unknown> };
      return Variables.POWERTOOLS_METRICS_DISABLED === 'true' ? [String(FunctionName)] : [];
    });
    expect(silent.sort()).toEqual(
      ['count-usage', 'judge-rules', 'recall-account', 'snapshot-groups'].map((name) => `sg-analysis-${name}`),
    );
    const asked = alarms.flatMap(({ Dimensions = [] }) => Dimensions as { Name: string; Value: string }[]);
    const publishers = new Set(
      asked.filter(({ Name }) => Name === 'service').map(({ Value }) => `sg-analysis-${Value}`),
    );
    expect([...publishers].filter((name) => silent.includes(name))).toEqual([]);
    expect(publishers.size).toBeGreaterThan(0);
  });

  test('are all on the dashboard', () => {
    const { DashboardName, DashboardBody } = one(services, 'AWS::CloudWatch::Dashboard');
    expect(plain(DashboardName, services)).toBe('sg-analysis-<region>');
    const { widgets } = JSON.parse(plain(DashboardBody, services)) as {
      widgets: { type: string; properties: { alarms?: string[] } }[];
    };
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? []);
    expect(shown.sort()).toEqual(
      Object.entries(services)
        .flatMap(([id, { Type }]) => (Type === 'AWS::CloudWatch::Alarm' ? [id] : []))
        .sort(),
    );
  });

  test('name their section', () => {
    for (const alarm of alarms)
      expect(alarm.AlarmDescription).toContain(`infra/RUNBOOK.md, section "${stemOf(alarm)}"`);
  });

  test('reach the operators, and tell them when it is over', () => {
    for (const { AlarmActions, OKActions } of alarms) {
      const actions = [AlarmActions, OKActions].map((refs) => (refs as unknown[]).map((ref) => plain(ref, services)));
      expect(actions).toEqual([['sg-analysis-alarms'], ['sg-analysis-alarms']]);
    }
    const subscription = one(services, 'AWS::SNS::Subscription');
    expect(subscription).toMatchObject({ Protocol: 'email', Endpoint: 'operators@example.com' });
    expect(plain(subscription.TopicArn, services)).toBe('sg-analysis-alarms');
    expect(policyLines(one(services, 'AWS::SNS::TopicPolicy').PolicyDocument, services)).toEqual([
      'allow sns:Publish to cloudwatch.amazonaws.com on sg-analysis-alarms if aws:SourceAccount StringEquals <account>',
      'deny sns:Publish to * on sg-analysis-alarms if aws:SecureTransport Bool false',
    ]);
  });
});

const refused = await refusal();

describe('synthesis', () => {
  test.each([
    ['a bucket that cdk-nag objects to', 'AwsSolutions-S10'],
    ['a property that CloudFormation would not take', 'ERROR MessageRetentionPeriod: 5 is less than the minimum'],
    ['a grant with a star that has no reason', 'AwsSolutions-IAM5[Resource::arn:aws:s3:::amzn-s3-demo-bucket/*]'],
  ])('refuses %s', (_what, finding) => {
    expect(refused).toContain(finding);
  });
});

describe('the sources', () => {
  test('make templates that hold the id of no account', () => {
    for (const text of [JSON.stringify(data), JSON.stringify(services)]) expect(text).not.toMatch(/\b\d{12}\b/);
  });

  const texts = readdirSync(join(ROOT, 'infra'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

  // An ES module evaluates all that it imports from: the services of AWS, every one of them, which takes seconds.
  test('import the core of CDK and the services they need, never all of it', () => {
    for (const text of texts) expect(text).not.toMatch(/from 'aws-cdk-lib'/);
  });
});
