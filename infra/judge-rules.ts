import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import { dataObject, dataObjects, listsData, tableAccess } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';
import type { Operations } from './operations.ts';
import { reportWorker } from './report-worker.ts';
import type { ServiceFunction } from './service-function.ts';

const SERVICE = 'judge-rules';

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
    this.worker = reportWorker(this, {
      service: SERVICE,
      config,
      operations,
      // No alarm looks at any of them.
      publishesMetrics: config.dashboard,
      environment: {
        [ENVIRONMENT.retentionDays]: String(config.retentionDays),
        [ENVIRONMENT.windowDays]: String(config.windowDays),
        ...(config.rulesKnownSince !== undefined && { [ENVIRONMENT.rulesKnownSince]: config.rulesKnownSince }),
        ...(config.ownerTag !== undefined && { [ENVIRONMENT.ownerTag]: config.ownerTag }),
      },
    });
    for (const read of ['snapshots', 'past', 'additions', 'sums', 'history', 'evidence'] as const) {
      this.worker.allow(dataObjects(deployed, read, 'GetObject'));
    }
    // Also without log groups: there may have been some.
    this.worker.allow(listsData(deployed, 'refused'));
    for (const written of ['reports', 'exports'] as const) {
      this.worker.allow(dataObjects(deployed, written, 'PutObject'));
    }
    if (config.exemptions !== undefined) this.worker.allow(dataObject(deployed, config.exemptions, 'exemptions'));
    this.worker.allow(tableAccess(deployed, 'rulesData', 'Scan'));
    this.worker.allow(tableAccess(deployed, 'rulesUsage', 'BatchGetItem'));
    this.worker.allow(tableAccess(deployed, 'state', 'GetItem', 'Query'));
    const own = (name: string) => operations.metric(SERVICE, name, { statistic: 'max', period: Duration.days(1) });
    operations.graphs('judge-rules: what the nights said', [
      { title: 'Rules', of: [own('RulesJudged')] },
      { title: 'Stale rules', of: [own('StaleRules')] },
      { title: 'Duration', of: [this.worker.lambda.metricDuration({ statistic: 'max' })] },
    ]);
  }
}
