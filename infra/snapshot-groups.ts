import { Duration, Stack } from 'aws-cdk-lib/core';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import { dataObjects, ec2Describe, tableAccess } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';
import type { Operations } from './operations.ts';
import { runEvery } from './run-every.ts';
import { ServiceFunction } from './service-function.ts';

const SERVICE = 'snapshot-groups';

/** So old, plus the time it takes to read them, are the rules, groups and interfaces that records are held against. */
const EVERY = Duration.minutes(15);
const HOUR = Duration.hours(1);

export interface SnapshotGroupsProps {
  readonly config: Config;
  readonly operations: Operations;
}

/** Schedule → function: reads all groups, rules and interfaces of the account and region. */
export class SnapshotGroups extends Construct {
  readonly reader: ServiceFunction;

  constructor(scope: Construct, id: string, { config, operations }: SnapshotGroupsProps) {
    super(scope, id);
    this.reader = this.#reader(config);
    const { lambda } = this.reader;
    // After that the next run is there, and would read the same.
    lambda.configureAsyncInvoke({ retryAttempts: 1, maxEventAge: EVERY });
    runEvery(this, lambda, { name: `${config.prefix}-${SERVICE}`, every: EVERY });

    const errors = lambda.metricErrors({ period: EVERY });
    operations.alarm(`${SERVICE}-errors`, { metric: errors, bound: { above: 0 }, periods: 2 });
    operations.alarm(`${SERVICE}-no-success`, {
      metric: new MathExpression({
        expression: 'invocations - errors',
        usingMetrics: { invocations: lambda.metricInvocations({ period: EVERY }), errors },
        period: EVERY,
        label: 'runs that succeeded',
      }),
      bound: { below: 1 },
      periods: HOUR.toMinutes() / EVERY.toMinutes(),
      missing: 'bad',
    });
    const own = (name: string) => operations.metric(SERVICE, name, { statistic: 'max', period: HOUR });
    operations.graphs('snapshot-groups: what there is', [
      { title: 'Groups, rules, interfaces', of: ['Groups', 'Rules', 'Interfaces'].map(own) },
      { title: 'Errors; duration', of: [errors], also: [lambda.metricDuration({ period: EVERY, statistic: 'max' })] },
    ]);
  }

  #reader(config: Config): ServiceFunction {
    const deployed = { scope: this, prefix: config.prefix };
    const reader = new ServiceFunction(this, 'Reader', {
      service: SERVICE,
      config,
      timeout: Duration.minutes(5),
      environment: {
        [ENVIRONMENT.accountId]: Stack.of(this).account,
        [ENVIRONMENT.retentionDays]: String(config.retentionDays),
      },
      // No alarm looks at any of them.
      publishesMetrics: config.dashboard,
    });
    reader.allow(
      ec2Describe(
        deployed,
        'DescribeFlowLogs',
        'DescribeManagedPrefixLists',
        'DescribeNetworkInterfaces',
        'DescribeSecurityGroupRules',
        'DescribeSecurityGroups',
        'DescribeSecurityGroupVpcAssociations',
        'DescribeStaleSecurityGroups',
        'DescribeVpcs',
      ),
    );
    const { partition, region } = Stack.of(this);
    reader.allow({
      actions: ['ec2:GetManagedPrefixListEntries'],
      resources: [`arn:${partition}:ec2:${region}:*:prefix-list/*`],
      because: 'Rules refer to any list of this account, of AWS, or shared by another account.',
    });
    for (const prefix of ['snapshots', 'unions'] as const) {
      reader.allow(dataObjects(deployed, prefix, 'GetObject', 'PutObject'));
    }
    reader.allow(tableAccess(deployed, 'rulesData', 'Scan', 'UpdateItem'));
    reader.allow(tableAccess(deployed, 'state', 'ConditionCheckItem', 'PutItem', 'Query', 'UpdateItem'));
    return reader;
  }
}
