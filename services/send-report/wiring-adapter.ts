import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { ReportStore } from '../../shared/aws/report-store.ts';
import { tableNames } from '../../shared/names.ts';
import { readEnvironment } from './environment.ts';
import { mailBudget } from '../../shared/reports/mail/limits.ts';
import { reportPage } from '../../shared/reports/page/report-page.ts';
import { sendReport, type SendReportPorts, type SentFigures } from './send-report.ts';
import { DynamoSentNotes } from './sent-notes-adapter.ts';
import { createSesClient, sesSender } from './ses-adapter.ts';

const SERVICE = 'send-report';
const NAMESPACE = 'stale-sg';

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const environment = readEnvironment(variables);
  const { accountId, region, dataBucket: bucket, mailFrom: from, mailConfigurationSet: configurationSet } = environment;
  const maxBytes = mailBudget(environment.mailMaxBytes);
  const logger = new Logger({ serviceName: SERVICE });
  const defaultDimensions = { deployment: environment.tablePrefix };
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: SERVICE, defaultDimensions });
  const tracer = new Tracer({ serviceName: SERVICE, captureHTTPsRequests: false });
  const dynamo = tracer.captureAWSv3Client(new DynamoDBClient());
  const reports = new ReportStore(new DataBucket(tracer.captureAWSv3Client(new S3Client()), bucket));
  const ses = tracer.captureAWSv3Client(createSesClient());
  const ports: SendReportPorts = {
    settings: {
      ...{ from, to: environment.mailTo, replyTo: environment.mailReplyTo },
      ...{ maxBytes, place: { accountId, region }, bucket },
    },
    readReport: (key) => reports.read(key),
    renderPage: (report) => reportPage(report, readFileSync(join(import.meta.dirname, 'page.js'), 'utf8')),
    keep: (key, file) => reports.writeFile(key, file),
    notes: new DynamoSentNotes(dynamo, tableNames(environment.tablePrefix).state),
    send: sesSender(ses, { from, configurationSet }),
    now: () => new Date(),
    warn: (what, why) => {
      logger.warn(what, { why: why instanceof Error ? why : new Error(String(why)) });
    },
    report: (figures) => {
      report(figures, metrics, logger);
    },
  };
  return { sendReport: (event: unknown) => sendReport(event, ports), logger, metrics, tracer };
}

function report({ kind, messages, pageMissing, bytes }: SentFigures, metrics: Metrics, logger: Logger) {
  const of = (outcome: string): number => messages.filter((message) => message.outcome === outcome).length;
  const counts = { sent: of('sent'), again: of('again'), already: of('already') };
  logger.info('mailed', {
    kind,
    bytes,
    pageMissing,
    ...counts,
    messageIds: messages.map(({ messageId }) => messageId),
  });
  metrics.addMetric('MailsSent', 'Count', counts.sent + counts.again);
  metrics.addMetric('MailsRepeated', 'Count', counts.again);
  metrics.addMetric('PagesMissing', 'Count', pageMissing === undefined ? 0 : 1);
}
