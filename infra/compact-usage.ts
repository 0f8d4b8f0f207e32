import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import { dataObjects, tableAccess } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';
import type { Operations } from './operations.ts';
import { runEvery } from './run-every.ts';
import { ServiceFunction } from './service-function.ts';

const SERVICE = 'compact-usage';
const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = Duration.minutes(15);

export interface CompactUsageProps {
  readonly config: Config;
  readonly operations: Operations;
}

/** Schedule → function: what was committed since goes into the sums of its days, and the counters of rules follow. */
export class CompactUsage extends Construct {
  constructor(scope: Construct, id: string, { config, operations }: CompactUsageProps) {
    super(scope, id);
    const { lambda } = this.#worker(config);
    const every = Duration.minutes(config.countUsage.compactMinutes);
    // After that the next run is there, and does the same.
    lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every });
    runEvery(this, lambda, { name: `${config.prefix}-${SERVICE}`, every });

    // At least one run is in each period.
    const period = every.toMinutes() > FIVE_MINUTES.toMinutes() ? every : FIVE_MINUTES;
    const left = operations.metric(SERVICE, 'BatchesLeft', { statistic: 'max', period });
    const errors = lambda.metricErrors({ period });
    // One that fails harms nothing if the next one does not.
    operations.alarm(`${SERVICE}-errors`, { metric: errors, bound: { above: 0 }, periods: 2, within: 3 });
    // Each run that ends tells of it: that none has ended is as bad. Whoever reads takes in what is not in the sums, which
    // is right and takes longer the more there is.
    operations.alarm(`${SERVICE}-behind`, {
      metric: left,
      bound: { above: 0 },
      periods: Math.max(2, QUARTER.toMinutes() / period.toMinutes()),
      missing: 'bad',
    });
    operations.graphs('compact-usage: sums and counters', [
      {
        title: 'Batches; left',
        of: [operations.metric(SERVICE, 'BatchesCompacted', { statistic: 'sum', period })],
        also: [left],
      },
      { title: 'Errors; duration', of: [errors], also: [lambda.metricDuration({ period, statistic: 'max' })] },
    ]);
  }

  #worker(config: Config): ServiceFunction {
    const deployed = { scope: this, prefix: config.prefix };
    const worker = new ServiceFunction(this, 'Worker', {
      service: SERVICE,
      config,
      timeout: Duration.minutes(5),
      environment: { [ENVIRONMENT.retentionDays]: String(config.retentionDays) },
    });
    worker.allow(dataObjects(deployed, 'additions', 'GetObject'));
    worker.allow(dataObjects(deployed, 'sums', 'GetObject', 'PutObject', 'DeleteObject'));
    worker.allow(tableAccess(deployed, 'state', 'GetItem', 'PutItem', 'Query', 'UpdateItem'));
    worker.allow(tableAccess(deployed, 'rulesUsage', 'PutItem', 'UpdateItem'));
    return worker;
  }
}
