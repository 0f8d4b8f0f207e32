import { Duration, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import { dataBucketName, dataObjects, table } from './access.ts';
import type { Config } from './config.ts';
import type { Operations } from './operations.ts';
import { ServiceFunction } from './service-function.ts';

const SERVICE = 'judge-rules';
const FIVE_MINUTES = Duration.minutes(5);

export interface JudgeRulesProps {
  readonly config: Config;
  readonly operations: Operations;
}

/** A function that the night calls once its days are settled: verdicts and advice, as one report in the data bucket. */
export class JudgeRules extends Construct {
  readonly worker: ServiceFunction;

  constructor(scope: Construct, id: string, { config, operations }: JudgeRulesProps) {
    super(scope, id);
    const deployed = { scope: this, prefix: config.prefix };
    this.worker = new ServiceFunction(this, 'Worker', {
      service: SERVICE,
      prefix: config.prefix,
      timeout: Duration.minutes(15),
      // A year of days for 10,000 rules, one after the other: see test/README.md.
      memoryMiB: 3008,
      logRetentionDays: config.logRetentionDays,
      environment: {
        // Node would stop at its own bound below the function's memory.
        // https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib
        NODE_OPTIONS: '--max-old-space-size=2600',
        [ENVIRONMENT.accountId]: Stack.of(this).account,
        [ENVIRONMENT.retentionDays]: String(config.retentionDays),
        [ENVIRONMENT.windowDays]: String(config.windowDays),
        ...(config.rulesKnownSince !== undefined && { [ENVIRONMENT.rulesKnownSince]: config.rulesKnownSince }),
      },
    });
    for (const read of ['snapshots', 'history', 'evidence'] as const) {
      this.worker.allow(dataObjects(deployed, read, 'GetObject'));
    }
    for (const written of ['reports', 'exports'] as const) {
      this.worker.allow(dataObjects(deployed, written, 'PutObject'));
    }
    if (config.exemptions !== undefined) {
      const { partition, account } = Stack.of(this);
      this.worker.allow({
        actions: ['s3:GetObject'],
        resources: [`arn:${partition}:s3:::${dataBucketName(deployed)}/${config.exemptions}`],
        // As dataObjects() has it: who took the name of a bucket that is gone must not say what is kept.
        conditions: { StringEquals: { 'aws:ResourceAccount': account } },
        environment: { [ENVIRONMENT.exemptions]: config.exemptions },
      });
    }
    this.worker.allow(table(deployed, 'rulesData', 'Scan'));
    this.worker.allow(table(deployed, 'rulesUsage', 'BatchGetItem', 'Query'));
    this.worker.allow(table(deployed, 'dayUsage', 'Query'));
    this.worker.allow(table(deployed, 'state', 'GetItem', 'Query'));
    operations.alarm(`${SERVICE}-errors`, {
      metric: this.worker.lambda.metricErrors({ period: FIVE_MINUTES }),
      bound: { above: 0 },
    });
    const own = (name: string) => operations.metric(SERVICE, name, { statistic: 'max', period: Duration.days(1) });
    operations.graphs('judge-rules: what the nights said', [
      { title: 'Rules', of: [own('RulesJudged')] },
      { title: 'Stale rules', of: [own('StaleRules')] },
      { title: 'Duration', of: [this.worker.lambda.metricDuration({ statistic: 'max' })] },
    ]);
  }
}
