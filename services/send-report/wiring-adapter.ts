import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { toolsOf, type Tools } from '../../shared/aws/observed.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { reportAt } from '../../shared/aws/report-store.ts';
import { tableNames } from '../../shared/names.ts';
import { readEnvironment } from './environment.ts';
import { mailBudget } from '../../shared/reports/mail/limits.ts';
import { reportPage } from '../../shared/reports/page/report-page.ts';
import { sendReport, type SendReportPorts, type SentFigures } from './send-report.ts';
import type { OwnerMail } from './mail-owners.ts';
import { readOwnerAddresses } from './owner-addresses.ts';
import { DynamoSentNotes } from '../../shared/aws/sent-notes.ts';
import { createSesClient, sesSender } from './ses-adapter.ts';

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const environment = readEnvironment(variables);
  const { accountId, region, dataBucket: bucket, mailFrom: from, mailConfigurationSet: configurationSet } = environment;
  const maxBytes = mailBudget(environment.mailMaxBytes);
  const tools = toolsOf('send-report', environment.tablePrefix);
  const { logger, tracer } = tools;
  const dynamo = tracer.captureAWSv3Client(new DynamoDBClient());
  const files = new DataBucket(tracer.captureAWSv3Client(new S3Client()), bucket);
  const ses = tracer.captureAWSv3Client(createSesClient());
  const ports: SendReportPorts = {
    settings: {
      from,
      to: environment.mailTo,
      replyTo: environment.mailReplyTo,
      maxBytes,
      place: { accountId, region },
      bucket,
    },
    ownerMail: ownerMailOf(environment, files),
    readReport: (key) => reportAt(files, key),
    renderPage: (report) => reportPage(report, readFileSync(join(import.meta.dirname, 'page.js'), 'utf8')),
    keep: (key, { content, contentType }) => files.put(key, content, contentType),
    notes: new DynamoSentNotes(dynamo, tableNames(environment.tablePrefix).state),
    send: sesSender(ses, { from, configurationSet }),
    now: () => new Date(),
    warn: (what, why) => {
      logger.warn(what, { why: why instanceof Error ? why : new Error(String(why)) });
    },
    report: (figures) => {
      report(figures, tools);
    },
  };
  return { sendReport: (event: unknown) => sendReport(event, ports), tools };
}

/** As many owners as a list may well have, with ten addresses each. */
const LONGEST_LIST = { atMost: 4 * 2 ** 20 };

function ownerMailOf(
  { ownerDomains, ownerAddresses: key, ownerMailEvery }: ReturnType<typeof readEnvironment>,
  bucket: DataBucket,
): OwnerMail | undefined {
  if (!ownerDomains) return undefined;
  return {
    domains: ownerDomains,
    every: ownerMailEvery ?? 'week',
    addresses: async () =>
      key === undefined ? new Map() : readOwnerAddresses(await bucket.text(key, LONGEST_LIST), key),
  };
}

function report({ kind, messages, refused, pageMissing, bytes, owners }: SentFigures, { logger, metrics }: Tools) {
  const of = (outcome: string): number => messages.filter((message) => message.outcome === outcome).length;
  const counts = { sent: of('sent'), again: of('again'), already: of('already'), refused: refused.length };
  const ofOwners = owners && {
    mailed: owners.mailed.length,
    before: owners.before.length,
    failed: owners.failed.length,
    withoutAddress: owners.withoutAddress.length,
    later: owners.later.length,
  };
  logger.info('mailed', {
    kind,
    bytes,
    pageMissing,
    ...counts,
    owners: ofOwners,
    messageIds: messages.map(({ messageId }) => messageId),
  });
  metrics.addMetric('MailsSent', 'Count', counts.sent + counts.again);
  metrics.addMetric('MailsRepeated', 'Count', counts.again);
  metrics.addMetric('MailsRefused', 'Count', counts.refused + (ofOwners?.failed ?? 0));
  metrics.addMetric('OwnersMailed', 'Count', ofOwners?.mailed ?? 0);
  metrics.addMetric('PagesMissing', 'Count', pageMissing === undefined ? 0 : 1);
}
