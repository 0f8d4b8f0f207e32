import { ArnFormat, Duration, Stack } from 'aws-cdk-lib/core';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadBatchesName, ENVIRONMENT } from '../shared/names.ts';
import type { Config } from '../shared/configuration/config.ts';
import { dataObjects, ec2Describe } from './access.ts';
import { archivesLogGroups } from './flow-logs.ts';
import type { Operations } from './operations.ts';
import { ServiceFunction } from './service-function.ts';

const SERVICE = 'archive-flow-logs';

/** Of the function that keeps dead letters back: its calls, tried again, of which each ends within 15 seconds. */
const KEEPING = Duration.minutes(1);

const FIVE_MINUTES = Duration.minutes(5);

export interface ArchiveFlowLogsProps {
  readonly config: Config;
  readonly operations: Operations;
}

/**
 * Log groups → subscription filters → function → bucket of flow logs, as AWS would write them there: from then on an object
 * is one like any other, and goes the way of all. What dies on the way goes by a queue to a function that keeps it back.
 */
export class ArchiveFlowLogs extends Construct {
  constructor(scope: Construct, id: string, { config, operations }: ArchiveFlowLogsProps) {
    super(scope, id);
    const worker = this.#worker(config);
    const { lambda } = worker;
    const deadLetters = this.#deadLetters(config.prefix, worker);
    const keeper = this.#keeper(config, deadLetters).lambda;
    config.flowLogs.logGroups.forEach((name, i) => this.#subscribe(name, `Group${i}`, config.prefix, lambda));
    const own = (name: string) => operations.metric(SERVICE, name, { statistic: 'sum', period: FIVE_MINUTES });
    const dead = deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'max' });
    operations.alarm(`${SERVICE}-refused`, { metric: own('BatchesRefused'), bound: { above: 0 } });
    operations.alarm(`${SERVICE}-dead-letters`, { metric: deadOrGone(deadLetters, lambda), bound: { above: 0 } });
    operations.alarm(`${SERVICE}-no-batches`, {
      metric: lambda.metricInvocations({ period: Duration.hours(1) }),
      bound: { below: 1 },
      periods: 6,
      missing: 'bad',
    });
    operations.alarm(`${SERVICE}-skipped`, { metric: notHandedOver(config.prefix), bound: { above: 0 } });
    operations.graphs('archive-flow-logs: log groups', [
      { title: 'Lines', of: [own('LinesArchived')] },
      {
        title: 'Batches refused, dead, empty; objects that came again',
        of: [own('BatchesRefused'), dead, own('BatchesEmpty'), own('ObjectsRepeated')],
      },
      {
        title: 'Errors, throttles; duration',
        of: [lambda, keeper].flatMap((one) => [
          one.metricErrors({ period: FIVE_MINUTES }),
          one.metricThrottles({ period: FIVE_MINUTES }),
        ]),
        also: [lambda.metricDuration({ period: FIVE_MINUTES, statistic: 'max' })],
      },
    ]);
  }

  #worker(config: Config): ServiceFunction {
    const deployed = { scope: this, prefix: config.prefix };
    const worker = new ServiceFunction(this, 'Worker', {
      service: SERVICE,
      config,
      // Its calls, tried again and again; a batch takes some hundredths of a second.
      timeout: Duration.minutes(5),
      // A batch of 16 MiB unpacked, the largest that is read, and copies of it.
      memoryMiB: 512,
      environment: {
        [ENVIRONMENT.tablePrefix]: config.prefix,
        [ENVIRONMENT.accountId]: Stack.of(this).account,
      },
    });
    for (const access of archivesLogGroups(this, config)) worker.allow(access);
    worker.allow(dataObjects(deployed, 'refused', 'PutObject'));
    worker.allow(ec2Describe(deployed, 'DescribeFlowLogs'));
    return worker;
  }

  /**
   * What the function could not even keep back, three times, or was never called with, as it came.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  #deadLetters(prefix: string, worker: ServiceFunction): sqs.Queue {
    const queue = new sqs.Queue(this, 'DeadLetters', {
      queueName: deadBatchesName(prefix),
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * KEEPING.toSeconds()),
      // The longest that SQS allows. There is no further queue: what cannot be kept back stays here, and comes again.
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    (worker.lambda.node.defaultChild as CfnFunction).deadLetterConfig = { targetArn: queue.queueArn };
    worker.allow({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
    return queue;
  }

  /** Another function: what this one dies of, or that nobody may call it, must not keep it from that. */
  #keeper(config: Config, deadLetters: sqs.Queue): ServiceFunction {
    const deployed = { scope: this, prefix: config.prefix };
    const keeper = new ServiceFunction(this, 'Keeper', {
      service: 'keep-dead-letters',
      config,
      timeout: KEEPING,
      // A message has 1 MiB at most.
      memoryMiB: 256,
      environment: { [ENVIRONMENT.tablePrefix]: config.prefix },
    });
    keeper.allow(dataObjects(deployed, 'refused', 'PutObject'));
    // One at a time: a call that fails leaves its message, and no other.
    keeper.lambda.addEventSource(new SqsEventSource(deadLetters, { batchSize: 1, maxConcurrency: 2 }));
    return keeper;
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample */
  #subscribe(logGroupName: string, id: string, prefix: string, lambda: ServiceFunction['lambda']): void {
    const { account } = Stack.of(this);
    const [service, resource, arnFormat] = ['logs', 'log-group', ArnFormat.COLON_RESOURCE_NAME] as const;
    lambda.addPermission(id, {
      principal: new iam.ServicePrincipal('logs.amazonaws.com'),
      sourceAccount: account,
      sourceArn: Stack.of(this).formatArn({ service, resource, arnFormat, resourceName: `${logGroupName}:*` }),
    });
    const filter = new CfnSubscriptionFilter(this, id, {
      logGroupName,
      filterName: filterName(prefix),
      // All of it: what a pattern left out would look like silence.
      filterPattern: '',
      destinationArn: lambda.functionArn,
    });
    // CloudWatch Logs tries the function before it makes the filter.
    filter.node.addDependency(lambda);
  }
}

/**
 * Dead letters that are still there, and those that Lambda could not put among them: these are gone. One that cannot be kept back is in
 * flight between two tries, and not visible. A queue that nobody uses has no figure.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
function deadOrGone(deadLetters: sqs.Queue, lambda: ServiceFunction['lambda']): MathExpression {
  const most = { period: FIVE_MINUTES, statistic: 'max' };
  return new MathExpression({
    expression: 'FILL(dead, 0) + FILL(tried, 0) + FILL(gone, 0)',
    usingMetrics: {
      dead: deadLetters.metricApproximateNumberOfMessagesVisible(most),
      tried: deadLetters.metricApproximateNumberOfMessagesNotVisible(most),
      gone: lambda.metric('DeadLetterErrors', { period: FIVE_MINUTES, statistic: 'sum' }),
    },
    period: FIVE_MINUTES,
    label: 'dead or gone',
  });
}

function filterName(prefix: string): string {
  return `${prefix}-${SERVICE}`;
}

/**
 * Events that CloudWatch Logs could not hand over, of all groups: what is refused for good, or throttled for a day, is dropped, and
 * nothing else tells of it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
 */
function notHandedOver(prefix: string): MathExpression {
  const expression = `SELECT SUM(DeliveryErrors) FROM "AWS/Logs" WHERE FilterName = '${filterName(prefix)}'`;
  return new MathExpression({ expression, usingMetrics: {}, period: FIVE_MINUTES, label: 'not handed over' });
}
