import { ArnFormat, Duration, Stack } from 'aws-cdk-lib/core';
import { MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import type { Config } from '../shared/configuration/config.ts';
import { dataObjects, ec2Describe } from './access.ts';
import { archivesLogGroups } from './flow-logs.ts';
import type { Operations } from './operations.ts';
import { ServiceFunction } from './service-function.ts';

const SERVICE = 'archive-flow-logs';

const FIVE_MINUTES = Duration.minutes(5);

export interface ArchiveFlowLogsProps {
  readonly config: Config;
  readonly operations: Operations;
}

/**
 * Log groups → subscription filters → function → bucket of flow logs, as AWS would write them there: from then on an object
 * is one like any other, and goes the way of all.
 */
export class ArchiveFlowLogs extends Construct {
  constructor(scope: Construct, id: string, { config, operations }: ArchiveFlowLogsProps) {
    super(scope, id);
    const worker = this.#worker(config);
    const { lambda } = worker;
    const deadLetters = this.#deadLetters(config.prefix, worker);
    config.flowLogs.logGroups.forEach((name, i) => this.#subscribe(name, `Group${i}`, config.prefix, lambda));
    const own = (name: string) => operations.metric(SERVICE, name, { statistic: 'sum', period: FIVE_MINUTES });
    const dead = deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'max' });
    operations.alarm(`${SERVICE}-refused`, { metric: own('BatchesRefused'), bound: { above: 0 } });
    operations.alarm(`${SERVICE}-dead-letters`, { metric: deadOrGone(dead, lambda), bound: { above: 0 } });
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
        of: [lambda.metricErrors({ period: FIVE_MINUTES }), lambda.metricThrottles({ period: FIVE_MINUTES })],
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
   * What the function could not even keep back, three times, as it came.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  #deadLetters(prefix: string, worker: ServiceFunction): sqs.Queue {
    const queue = new sqs.Queue(this, 'DeadLetters', {
      queueName: `${prefix}-${SERVICE}-dead-letters`,
      // The longest that SQS allows.
      retentionPeriod: Duration.days(14),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    (worker.lambda.node.defaultChild as CfnFunction).deadLetterConfig = { targetArn: queue.queueArn };
    worker.allow({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
    return queue;
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
 * Dead letters, and those that Lambda could not put among them: these are gone. A queue that nobody uses has no figure.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
function deadOrGone(dead: Metric, lambda: ServiceFunction['lambda']): MathExpression {
  const gone = lambda.metric('DeadLetterErrors', { period: FIVE_MINUTES, statistic: 'sum' });
  return new MathExpression({
    expression: 'FILL(dead, 0) + FILL(gone, 0)',
    usingMetrics: { dead, gone },
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
