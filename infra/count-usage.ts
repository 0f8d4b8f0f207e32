import { Duration, Stack } from 'aws-cdk-lib/core';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT, queueNames } from '../shared/names.ts';
import { dataObjects, ec2Describe, tableAccess } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';
import { feedFromLogAccount } from './feed-from-log-account.ts';
import {
  createdFlowLogs,
  flowLogBucketArn,
  flowLogBucketName,
  flowLogKeys,
  listsFlowLogs,
  readsFlowLogs,
} from './flow-logs.ts';
import type { Operations } from './operations.ts';
import { ServiceFunction } from './service-function.ts';

const SERVICE = 'count-usage';

/**
 * Lambda allows 15 minutes, but a batch that dies waits in the queue for six times this. One that is short of time gives
 * back the objects it has not read.
 */
const TIMEOUT = Duration.minutes(5);
/** Below the 90 objects whose notes fit one transaction with the log. */
const BATCH_SIZE = 50;
const RECEIVES = 10;

const FIVE_MINUTES = Duration.minutes(5);
const HOUR = Duration.hours(1);

export interface CountUsageProps {
  readonly config: Config;
  readonly operations: Operations;
}

/**
 * S3 → EventBridge → queue → function: every flow-log object is counted, minutes after it lands.
 *
 * `maximumConcurrency` bounds how many workers commit at a time. All take their number from one item, each once a batch:
 * one that has to wait has at most `maximumConcurrency - 1` before it. One is not possible, Lambda starts at two.
 */
export class CountUsage extends Construct {
  readonly worker: ServiceFunction;

  constructor(scope: Construct, id: string, { config, operations }: CountUsageProps) {
    super(scope, id);
    const { prefix } = config;
    const batchingWindow = Duration.seconds(config.countUsage.batchSeconds);
    const { queue, deadLetters } = this.#queues(prefix, batchingWindow);
    const worker = this.#worker(config, queue);
    this.worker = worker;
    worker.lambda.addEventSource(
      new SqsEventSource(queue, {
        batchSize: BATCH_SIZE,
        maxBatchingWindow: batchingWindow,
        maxConcurrency: config.countUsage.maximumConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    this.#feed(queue, deadLetters, config);
    this.#alarms(operations, queue, deadLetters, worker.lambda);
    this.#graphs(operations, queue, deadLetters, worker.lambda);
  }

  #graphs(operations: Operations, queue: sqs.Queue, deadLetters: sqs.Queue, worker: IFunction): void {
    const own = (name: string, statistic: 'sum' | 'max') =>
      operations.metric(SERVICE, name, { statistic, period: FIVE_MINUTES });
    const every = { period: FIVE_MINUTES };
    operations.graphs('count-usage: flow logs as they come', [
      { title: 'Records, objects', of: [own('Records', 'sum')], also: [own('ObjectsCounted', 'sum')] },
      {
        title: 'Waiting, dead; seconds behind',
        of: [queue, deadLetters].map((one) => one.metricApproximateNumberOfMessagesVisible(every)),
        also: [own('SecondsBehind', 'max')],
      },
      {
        title: 'Errors, throttles, conflicts; duration',
        of: [worker.metricErrors(every), worker.metricThrottles(every), own('Conflicts', 'sum')],
        also: [worker.metricDuration({ ...every, statistic: 'max' })],
      },
    ]);
  }

  #alarms(operations: Operations, queue: sqs.Queue, deadLetters: sqs.Queue, worker: IFunction): void {
    operations.alarm(`${SERVICE}-dead-letters`, {
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'max' }),
      bound: { above: 0 },
    });
    operations.alarm(`${SERVICE}-oldest-message`, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: 'max' }),
      bound: { above: HOUR.toSeconds() },
      periods: 3,
    });
    operations.alarm(`${SERVICE}-no-objects`, {
      metric: queue.metricNumberOfMessagesSent({ period: HOUR, statistic: 'sum' }),
      bound: { below: 1 },
      periods: 6,
      missing: 'bad',
    });
    operations.alarm(`${SERVICE}-errors`, {
      metric: worker.metricErrors({ period: FIVE_MINUTES }),
      bound: { above: 0 },
      periods: 2,
      within: 3,
    });
    operations.alarm(`${SERVICE}-throttles`, {
      metric: worker.metricThrottles({ period: FIVE_MINUTES }),
      bound: { above: 0 },
      periods: 3,
    });
  }

  #queues(prefix: string, batchingWindow: Duration): { queue: sqs.Queue; deadLetters: sqs.Queue } {
    const secure = { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true };
    const names = queueNames(prefix);
    const deadLetters = new sqs.Queue(this, 'DeadLetters', {
      queueName: names.deadLetters,
      // The longest that SQS allows.
      retentionPeriod: Duration.days(14),
      ...secure,
    });
    const queue = new sqs.Queue(this, 'Queue', {
      queueName: names.queue,
      // Of a worker that died. One that lives gives back what failed, to come again sooner: `give-back-adapter.ts`.
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds() + batchingWindow.toSeconds()),
      // A message keeps its age when it becomes a dead letter: what dies on the last day still has a week to be found.
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
      retentionPeriod: Duration.days(7),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: RECEIVES },
      ...secure,
    });
    return { queue, deadLetters };
  }

  #worker(config: Config, queue: sqs.Queue): ServiceFunction {
    const deployed = { scope: this, prefix: config.prefix };
    const worker = new ServiceFunction(this, 'Worker', {
      service: SERVICE,
      config,
      timeout: TIMEOUT,
      environment: {
        [ENVIRONMENT.accountId]: Stack.of(this).account,
        [ENVIRONMENT.queueUrl]: queue.queueUrl,
      },
      // Alarms look at the queue.
      publishesMetrics: config.dashboard,
    });
    for (const access of readsFlowLogs(this, config)) worker.allow(access);
    // Without the right to list, S3 answers that access is denied where an object is gone; a condition on the prefix would not help.
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    worker.allow(listsFlowLogs(this, config));
    for (const read of ['snapshots', 'unions', 'past'] as const) worker.allow(dataObjects(deployed, read, 'GetObject'));
    worker.allow(dataObjects(deployed, 'additions', 'PutObject'));
    worker.allow(tableAccess(deployed, 'state', 'GetItem', 'PutItem', 'Query', 'UpdateItem'));
    worker.allow(ec2Describe(deployed, 'DescribeNetworkInterfaces'));
    return worker;
  }

  /**
   * EventBridge, because the bucket may not be ours: PutBucketNotificationConfiguration would replace all notifications
   * it has. The queue takes notifications of a bucket of this account as well, for whoever prefers to add one by hand;
   * both at once count nothing twice.
   */
  #feed(queue: sqs.Queue, deadLetters: sqs.Queue, config: Config): void {
    if (config.flowLogs.kind === 'central') {
      feedFromLogAccount({ scope: this, queue, deadLetters, config });
      return;
    }
    const rule = new Rule(this, 'ObjectCreated', {
      ruleName: `${config.prefix}-${SERVICE}`,
      description: 'Flow-log objects of this account and region',
      eventPattern: createdFlowLogs(flowLogBucketName(this, config), flowLogKeys(this, config)),
    });
    // What cannot be put into the queue becomes a dead letter too; without that, EventBridge drops it after 24 hours.
    rule.addTarget(new SqsQueue(queue, { deadLetterQueue: deadLetters }));
    queue.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'NotificationsOfTheFlowLogBucket',
        principals: [new iam.ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': flowLogBucketArn(this, config) },
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
        },
      }),
    );
  }
}
