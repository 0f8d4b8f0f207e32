import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Config } from '../shared/configuration/config.ts';
import { ENVIRONMENT } from '../shared/names.ts';
import { asksHistories, dataObjects, listsData, tableAccess } from './access.ts';
import type { Operations } from './operations.ts';
import { ServiceFunction } from './service-function.ts';

const SERVICE = 'recall-account';

export interface RecallAccountProps {
  readonly config: Config;
  readonly operations: Operations;
}

/** A function that the night calls, round by round: what the account remembers of its past, into the data bucket. */
export class RecallAccount extends Construct {
  readonly worker: ServiceFunction;

  constructor(scope: Construct, id: string, { config, operations }: RecallAccountProps) {
    super(scope, id);
    const deployed = { scope: this, prefix: config.prefix };
    this.worker = new ServiceFunction(this, 'Worker', {
      service: SERVICE,
      config,
      timeout: Duration.minutes(15),
      // Some 300,000 changes of interfaces.
      memoryMiB: 3008,
      environment: {
        // As in report-worker.ts.
        NODE_OPTIONS: '--max-old-space-size=2600',
        [ENVIRONMENT.retentionDays]: String(config.retentionDays),
      },
      // No alarm looks at any of them.
      publishesMetrics: config.dashboard,
    });
    for (const access of asksHistories(deployed)) this.worker.allow(access);
    for (const read of ['snapshots', 'additions', 'sums'] as const) {
      this.worker.allow(dataObjects(deployed, read, 'GetObject'));
    }
    this.worker.allow(dataObjects(deployed, 'past', 'GetObject', 'PutObject'));
    this.worker.allow(listsData(deployed, 'past'));
    this.worker.allow(tableAccess(deployed, 'state', 'GetItem', 'PutItem', 'Query'));
    // The night goes on without it.
    operations.alarm(`${SERVICE}-errors`, {
      metric: this.worker.lambda.metricErrors({ period: Duration.minutes(5) }),
      bound: { above: 0 },
    });
    const own = (name: string, statistic: 'max' | 'sum') =>
      operations.metric(SERVICE, name, { statistic, period: Duration.days(1) });
    operations.graphs('recall-account: what the account remembers', [
      { title: 'Rules and entries of known age', of: [own('AgesRemembered', 'max')] },
      { title: 'Calls of CloudTrail and AWS Config', of: [own('RecallCalls', 'sum')] },
      { title: 'Duration', of: [this.worker.lambda.metricDuration({ statistic: 'max' })] },
    ]);
  }
}
