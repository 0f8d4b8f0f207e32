import { Duration, Stack } from 'aws-cdk-lib/core';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { queueNames } from '../shared/names.ts';

const { ComparisonOperator: Compare, TreatMissingData: Missing } = cloudwatch;

export interface OperationsProps {
  readonly prefix: string;
  /** E-mail addresses. */
  readonly operators: readonly string[];
  /** Of others, in place of one of our own. */
  readonly alarmTopicArn?: string | undefined;
  readonly dashboard: boolean;
}

export interface AlarmRule {
  readonly metric: cloudwatch.Metric | cloudwatch.MathExpression;
  /** The alarm goes off beyond this threshold. */
  readonly bound: { readonly above: number } | { readonly below: number };
  /** How many of the last `within` periods of the metric must be beyond it; default 1 of 1. */
  readonly periods?: number;
  readonly within?: number;
  /**
   * How a missing figure is treated: as good (default); as bad, once the deployment is there; or the alarm keeps its state.
   */
  readonly missing?: 'good' | 'bad' | 'keep';
}

interface OwnMetric {
  readonly statistic: 'sum' | 'max' | 'min';
  readonly period: Duration;
}

const MISSING = { good: Missing.NOT_BREACHING, bad: Missing.MISSING, keep: Missing.IGNORE } as const;

/** Lines of one graph, in one unit; `also` has its own axis, on the right. */
export interface Graph {
  readonly title: string;
  readonly of: readonly cloudwatch.IMetric[];
  readonly also?: readonly cloudwatch.IMetric[];
}

const GRAPHS_IN_A_ROW = 3;
const COLUMNS = 24;

/**
 * Where alarms go, and where to look: one topic, one dashboard if it is wanted. Every alarm has a section in RUNBOOK.md under its stem.
 * Dashboards are of the whole account, hence the region in its name.
 */
export class Operations extends Construct {
  readonly topicArn: string;
  readonly #prefix: string;
  readonly #action: SnsAction;
  readonly #alarms: cloudwatch.IAlarm[] = [];
  readonly #dashboard: cloudwatch.Dashboard | undefined;

  constructor(scope: Construct, id: string, { prefix, operators, alarmTopicArn, dashboard }: OperationsProps) {
    super(scope, id);
    this.#prefix = prefix;
    const topic =
      alarmTopicArn === undefined ? this.#topic(operators) : sns.Topic.fromTopicArn(this, 'Alarms', alarmTopicArn);
    this.#action = new SnsAction(topic);
    this.topicArn = topic.topicArn;
    if (!dashboard) return;
    this.#dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `${prefix}-${Stack.of(this).region}`,
      defaultInterval: Duration.days(7),
    });
    // Read when it is written, with all alarms that have been added until then.
    this.#dashboard.addWidgets(
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms: infra/RUNBOOK.md', width: COLUMNS, alarms: this.#alarms }),
    );
  }

  #topic(operators: readonly string[]): sns.ITopic {
    // Not encrypted with a key: names and figures of alarms are no secret, and CloudWatch may not use the key of SNS.
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    const topic = new sns.Topic(this, 'Alarms', { topicName: `${this.#prefix}-alarms`, enforceSSL: true });
    // A policy of one's own takes the place of the default one, which let the account's alarms in.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'Alarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const operator of operators) topic.addSubscription(new EmailSubscription(operator));
    return topic;
  }

  /** A row of the dashboard, where there is one. */
  graphs(title: string, graphs: readonly Graph[]): void {
    this.#dashboard?.addWidgets(new cloudwatch.TextWidget({ markdown: `## ${title}`, width: COLUMNS, height: 1 }));
    this.#dashboard?.addWidgets(
      ...graphs.map(
        ({ title, of, also = [] }) =>
          new cloudwatch.GraphWidget({ title, left: [...of], right: [...also], width: COLUMNS / GRAPHS_IN_A_ROW }),
      ),
    );
  }

  /** A metric that a service publishes itself; `test/infra/permissions.proof.ts` has the services publish it. */
  metric(service: string, metricName: string, { statistic, period }: OwnMetric): cloudwatch.Metric {
    const dimensionsMap = { service, deployment: this.#prefix };
    return new cloudwatch.Metric({ namespace: 'stale-sg', metricName, dimensionsMap, statistic, period });
  }

  /**
   * The figure, and a bad one where it is missing; but nothing for the time before the deployment, for which CloudWatch asks
   * as well. That it is there is told by the queue that flow logs come through: Lambda polls it, and SQS has figures of a queue
   * from the first poll to six hours after the last, whatever becomes of schedules and functions. What is added up has a
   * figure only where all have one.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
   */
  #onceDeployed(figure: AlarmRule['metric'], bound: AlarmRule['bound']): cloudwatch.MathExpression {
    const { period } = figure;
    const there = new cloudwatch.Metric({
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensionsMap: { QueueName: queueNames(this.#prefix).queue },
      statistic: 'max',
      period,
    });
    const bad = 'above' in bound ? bound.above + 1 : bound.below - 1;
    const expression = `FILL(figure, ${bad}) + 0 * there`;
    return new cloudwatch.MathExpression({
      expression,
      usingMetrics: { figure, there },
      period,
      label: 'once deployed',
    });
  }

  /** @param stem the alarm's name without the prefix, and the heading of its section in RUNBOOK.md */
  alarm(stem: string, { metric, bound, periods = 1, within = periods, missing = 'good' }: AlarmRule): void {
    const alarm = new cloudwatch.Alarm(this, stem, {
      metric: missing === 'bad' ? this.#onceDeployed(metric, bound) : metric,
      alarmName: `${this.#prefix}-${stem}`,
      alarmDescription: `What it means and what to do: infra/RUNBOOK.md, section "${stem}".`,
      threshold: 'above' in bound ? bound.above : bound.below,
      comparisonOperator: 'above' in bound ? Compare.GREATER_THAN_THRESHOLD : Compare.LESS_THAN_THRESHOLD,
      datapointsToAlarm: periods,
      evaluationPeriods: within,
      treatMissingData: MISSING[missing],
    });
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
    // It begins without data, which is no change; a deployment of which nothing is heard any more is one.
    if (missing === 'bad') alarm.addInsufficientDataAction(this.#action);
    this.#alarms.push(alarm);
  }
}
