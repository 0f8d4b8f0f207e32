import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/names.ts';
import type { Config } from '../shared/configuration/config.ts';
import { dataObjects, serviceHost, tableAccess, tellsSecurityHub } from './access.ts';
import type { Operations } from './operations.ts';
import { reportWorker } from './report-worker.ts';
import type { ServiceFunction } from './service-function.ts';

const SERVICE = 'send-findings';

export interface SendFindingsProps {
  readonly config: Config;
  readonly operations: Operations;
}

/** A function that the night calls once its report is there: tells Security Hub of findings, and a channel of Slack or Teams. */
export class SendFindings extends Construct {
  readonly worker: ServiceFunction;

  constructor(scope: Construct, id: string, { config, operations }: SendFindingsProps) {
    super(scope, id);
    const { prefix, securityHub, webhook } = config;
    const deployed = { scope: this, prefix };
    this.worker = reportWorker(this, {
      service: SERVICE,
      config,
      operations,
      environment: {
        [ENVIRONMENT.tablePrefix]: prefix,
        ...(securityHub && { [ENVIRONMENT.hubMinPriority]: String(securityHub.minPriority) }),
        ...(webhook && { [ENVIRONMENT.webhookKind]: webhook.kind }),
      },
    });
    this.worker.allow(dataObjects(deployed, 'reports', 'GetObject'));
    if (securityHub) for (const access of tellsSecurityHub(deployed)) this.worker.allow(access);
    if (webhook) this.#allowWebhook(deployed.prefix, webhook);
    const own = (name: string) => operations.metric(SERVICE, name, { statistic: 'max', period: Duration.hours(1) });
    operations.alarm(`${SERVICE}-refused`, { metric: own('NotTold'), bound: { above: 0 } });
    operations.graphs('send-findings: Security Hub and the channel', [
      { title: 'Findings', of: ['FindingsSent', 'FindingsArchived'].map(own) },
      { title: 'Messages, and what could not be told', of: ['MessagesPosted', 'NotTold'].map(own) },
      { title: 'Duration', of: [this.worker.lambda.metricDuration({ statistic: 'max' })] },
    ]);
  }

  #allowWebhook(prefix: string, { secretArn, kmsKeyArn }: NonNullable<Config['webhook']>): void {
    this.worker.allow(tableAccess({ scope: this, prefix }, 'state', 'DeleteItem', 'UpdateItem'));
    this.worker.allow({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secretArn],
      environment: { [ENVIRONMENT.webhookSecret]: secretArn },
    });
    if (kmsKeyArn === undefined) return;
    this.worker.allow({
      actions: ['kms:Decrypt'],
      resources: [kmsKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': serviceHost(this, 'secretsmanager') } },
    });
  }
}
