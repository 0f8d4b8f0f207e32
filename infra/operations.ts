import { Stack } from 'aws-cdk-lib/core';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

const { ComparisonOperator: Compare, TreatMissingData: Missing } = cloudwatch;

export interface OperationsProps {
  readonly prefix: string;
  /** E-mail addresses. */
  readonly operators: readonly string[];
}

export interface AlarmRule {
  readonly metric: cloudwatch.IMetric;
  /** Rings beyond this. */
  readonly bound: { readonly above: number } | { readonly below: number };
  /** How many of the last `within` periods of the metric must be beyond it; default 1 of 1. */
  readonly periods?: number;
  readonly within?: number;
  /** Rings also while there is no figure at all. */
  readonly missingIsBad?: boolean;
}

/** Where alarms go. Every alarm has a section in RUNBOOK.md under its stem. */
export class Operations extends Construct {
  readonly topicArn: string;
  readonly #prefix: string;
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, { prefix, operators }: OperationsProps) {
    super(scope, id);
    this.#prefix = prefix;
    // Not encrypted with a key: names and figures of alarms are no secret, and CloudWatch may not use the key of SNS.
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    const topic = new sns.Topic(this, 'Alarms', { topicName: `${prefix}-alarms`, enforceSSL: true });
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
    this.#action = new SnsAction(topic);
    this.topicArn = topic.topicArn;
  }

  /** @param stem the alarm's name without the prefix, and the heading of its section in RUNBOOK.md */
  alarm(stem: string, { metric, bound, periods = 1, within = periods, missingIsBad = false }: AlarmRule): void {
    const alarm = new cloudwatch.Alarm(this, stem, {
      alarmName: `${this.#prefix}-${stem}`,
      alarmDescription: `What it means and what to do: infra/RUNBOOK.md, section "${stem}".`,
      metric,
      threshold: 'above' in bound ? bound.above : bound.below,
      comparisonOperator: 'above' in bound ? Compare.GREATER_THAN_THRESHOLD : Compare.LESS_THAN_THRESHOLD,
      datapointsToAlarm: periods,
      evaluationPeriods: within,
      treatMissingData: missingIsBad ? Missing.BREACHING : Missing.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
  }
}
