import { Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import type { Config } from '../shared/configuration/config.ts';
import type { Operations } from './operations.ts';
import { ServiceFunction } from './service-function.ts';

export interface ReportWorkerProps {
  /** Folder below services/. */
  readonly service: string;
  readonly config: Config;
  readonly operations: Operations;
  readonly environment: Readonly<Record<string, string>>;
  readonly publishesMetrics?: boolean;
}

/** A function that holds a whole report: as long as a function may run, 3,008 MB, and an alarm for its errors. */
export function reportWorker(
  scope: Construct,
  { service, config, operations, environment, ...rest }: ReportWorkerProps,
) {
  const worker = new ServiceFunction(scope, 'Worker', {
    service,
    config,
    timeout: Duration.minutes(15),
    // A year of days for 10,000 rules, one after the other: see test/README.md.
    memoryMiB: 3008,
    ...rest,
    environment: {
      // Without it, Node would stop at its own heap limit, which is below the function's memory.
      // https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib
      NODE_OPTIONS: '--max-old-space-size=2600',
      [ENVIRONMENT.accountId]: Stack.of(scope).account,
      ...environment,
    },
  });
  operations.alarm(`${service}-errors`, {
    metric: worker.lambda.metricErrors({ period: Duration.minutes(5) }),
    bound: { above: 0 },
  });
  return worker;
}
