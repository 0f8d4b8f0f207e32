import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { toolsOf, type Tools } from '../../shared/aws/observed.ts';
import { reportAt } from '../../shared/aws/report-store.ts';
import { DynamoSentNotes } from '../../shared/aws/sent-notes.ts';
import { tableNames } from '../../shared/names.ts';
import { readEnvironment } from './environment.ts';
import { createHubClient, securityHub } from './security-hub-adapter.ts';
import { sendFindings, type SendFindingsPorts, type ToldFigures } from './send-findings.ts';
import { webhook } from './webhook-adapter.ts';

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const environment = readEnvironment(variables);
  const { accountId, region, dataBucket: bucket, tablePrefix, hubMinPriority } = environment;
  const { webhookKind: kind, webhookSecret: secret } = environment;
  const place = { accountId, region, deployment: tablePrefix };
  const tools = toolsOf('send-findings', tablePrefix);
  const { logger, tracer } = tools;
  const files = new DataBucket(tracer.captureAWSv3Client(new S3Client()), bucket);
  const warn = (what: string, why: unknown): void => {
    logger.warn(what, { why });
  };
  const ports: SendFindingsPorts = {
    settings: { place, bucket },
    readReport: (key) => reportAt(files, key),
    hub:
      hubMinPriority === undefined
        ? undefined
        : {
            minPriority: hubMinPriority,
            hub: securityHub(tracer.captureAWSv3Client(createHubClient()), place, warn),
          },
    webhook:
      kind === undefined || secret === undefined
        ? undefined
        : {
            kind,
            notes: new DynamoSentNotes(tracer.captureAWSv3Client(new DynamoDBClient()), tableNames(tablePrefix).state),
            post: webhook(tracer.captureAWSv3Client(new SecretsManagerClient()), secret),
          },
    now: () => new Date(),
    warn,
    report: (figures) => {
      report(figures, tools);
    },
  };
  return { sendFindings: (event: unknown) => sendFindings(event, ports), tools };
}

function report({ hub, posted, problems }: ToldFigures, { logger, metrics }: Tools): void {
  const refused = hub?.refused.length ?? 0;
  const left = hub?.left ?? 0;
  logger.info('told', { hub: hub && { ...hub, refused }, posted, problems });
  metrics.addMetric('FindingsSent', 'Count', hub?.sent ?? 0);
  metrics.addMetric('FindingsArchived', 'Count', hub?.archived ?? 0);
  metrics.addMetric('MessagesPosted', 'Count', posted === 'sent' || posted === 'again' ? 1 : 0);
  metrics.addMetric('NotTold', 'Count', refused + left + problems.length);
}
