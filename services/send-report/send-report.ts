import * as z from 'zod';
import type { MailComposerOptions } from 'nodemailer/lib/mail-composer';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { REPORT_KEY } from '../../shared/aws/report-store.ts';
import { BACKFILL_OUTCOME, type BackfillOutcome } from '../../shared/backfill-outcome.ts';
import { composeBackfill } from '../../shared/reports/mail/compose-backfill.ts';
import { composeFailure } from '../../shared/reports/mail/compose-failure.ts';
import { composeMail, mailBytes, type Letter } from '../../shared/reports/mail/compose-mail.ts';
import type { ReportFile } from '../../shared/reports/mail/fit-attachments.ts';
import { SES_RECIPIENTS } from '../../shared/reports/mail/limits.ts';
import { csvFiles, pageFile } from './report-files.ts';
import { mailOwners, type OwnerMailPorts } from './mail-owners.ts';
import type { OwnersTold } from '../../shared/reports/mail/owners-told.ts';
import { Refused, sendOnce, type SendOncePorts, type Sending } from '../../shared/aws/send-once.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';

const EXECUTION = z.string().regex(/^arn:[\w-]+:states:[\w-]+:\d{12}:execution:[\w.:-]{1,300}$/);
const EVENT = z.union([
  z.strictObject({ report: REPORT_KEY }),
  z.strictObject({ report: REPORT_KEY, backfill: BACKFILL_OUTCOME, execution: EXECUTION }),
  z.strictObject({
    /** As Step Functions catches it. A timeout may have no cause. */
    failed: z.object({ Error: z.string(), Cause: z.string().default('') }),
    execution: EXECUTION,
  }),
]);

type Backfilled = Extract<z.output<typeof EVENT>, { backfill: BackfillOutcome }>;

export interface MailSettings {
  readonly from: string;
  readonly to: readonly string[];
  readonly replyTo: string | undefined;
  readonly maxBytes: number;
  readonly place: AccountRegion;
  readonly bucket: string;
}

export interface SendReportPorts extends SendOncePorts, Pick<OwnerMailPorts, 'ownerMail'> {
  readonly settings: MailSettings;
  readReport(key: string): Promise<UsageReport>;
  /** The page's HTML. */
  readonly renderPage: (report: UsageReport) => string;
  /** Puts a file of the report beside it. */
  keep(key: string, file: ReportFile): Promise<void>;
  /** Something that was done without, for the log. */
  readonly warn: (what: string, why: unknown) => void;
  report(figures: SentFigures): void;
}

export interface SentFigures {
  readonly kind: 'report' | 'backfill' | 'failure';
  readonly messages: readonly Sending[];
  /** Why SES took the other messages not. */
  readonly refused: readonly string[];
  readonly pageMissing: string | undefined;
  /** Undefined where owners are not mailed. */
  readonly owners?: OwnersTold | undefined;
  /** Of the largest of the messages; 0 where none was sent now. */
  readonly bytes: number;
}

/**
 * Writes a report's page and CSV files beside it and mails it, to owners their part of it first, or what a backfill has come to by it; or mails that a night failed. Done twice it sends once:
 * see `shared/aws/send-once.ts`.
 *
 * A page that cannot be made does not keep the figures from being sent: subject and first line of the mail say that it is
 * missing. A message that SES refuses is told of, and fails nothing: the report stands in the data bucket, and nobody's address
 * makes a night one that failed. Whatever else fails, fails the step.
 *
 * @throws Error that names what is wrong with the event or the report, and what SES or S3 throw
 */
export async function sendReport(
  event: unknown,
  ports: SendReportPorts,
): Promise<{ messageIds: string[]; refused: readonly string[] }> {
  const { success, data, error } = EVENT.safeParse(event);
  if (!success) throw new Error(`nothing to send: ${z.prettifyError(error)}`);
  const figures =
    'failed' in data
      ? await sendFailure(data, ports)
      : 'backfill' in data
        ? await sendBackfill(data, ports)
        : await sendUsage(data.report, ports);
  ports.report(figures);
  return { messageIds: figures.messages.map(({ messageId }) => messageId), refused: figures.refused };
}

async function sendUsage(key: string, ports: SendReportPorts): Promise<SentFigures> {
  const { report, files, kept, pageMissing } = await filesBeside(key, ports);
  const owners = await mailOwners(report, ports);
  const sent = await sendAll(key, ports, (letter) =>
    composeMail(report, { files, pageMissing, owners }, { ...letter, kept }),
  );
  return { kind: 'report', pageMissing, owners, ...sent };
}

async function sendBackfill(
  { report: key, backfill: outcome, execution: executionArn }: Backfilled,
  ports: SendReportPorts,
): Promise<SentFigures> {
  const { report, files, kept, pageMissing } = await filesBeside(key, ports);
  const names = files.map(({ name }) => name);
  const { place } = ports.settings;
  const sent = await sendAll(executionArn, ports, (letter) =>
    composeBackfill({ outcome, report, executionArn }, { ...letter, place, kept }, { files: names, pageMissing }),
  );
  return { kind: 'backfill', pageMissing, ...sent };
}

/** Reads the report, and writes its files beside it. */
async function filesBeside(key: string, ports: SendReportPorts) {
  const { bucket, place } = ports.settings;
  const report = await ports.readReport(key);
  const prefix = key.slice(0, key.lastIndexOf('/') + 1);
  const { page, pageMissing } = pageOf(report, ports);
  const files = [...(page ? [page] : []), ...csvFiles(report)];
  for (const file of files) await ports.keep(`${prefix}${file.name}`, file);
  return { report, files, kept: { bucket, region: place.region, prefix }, pageMissing };
}

async function sendFailure(
  { failed, execution }: { failed: { Error: string; Cause: string }; execution: string },
  ports: SendReportPorts,
): Promise<SentFigures> {
  const failure = { error: failed.Error, cause: failed.Cause, executionArn: execution };
  const { place } = ports.settings;
  const sent = await sendAll(execution, ports, (letter) => composeFailure(failure, { ...letter, place }));
  return { kind: 'failure', pageMissing: undefined, ...sent };
}

function pageOf(report: UsageReport, { renderPage, warn }: SendReportPorts) {
  try {
    return { page: pageFile(renderPage(report)), pageMissing: undefined };
  } catch (error) {
    warn('the page could not be made', error);
    return { page: undefined, pageMissing: error instanceof Error ? error.message : String(error) };
  }
}

/** As many messages as SES wants for so many recipients, each by itself sent once. */
async function sendAll(
  name: string,
  ports: SendReportPorts,
  compose: (letter: Omit<Letter, 'kept'>) => MailComposerOptions,
): Promise<Pick<SentFigures, 'messages' | 'refused' | 'bytes'>> {
  const { from, to, replyTo, maxBytes, place } = ports.settings;
  const messages: Sending[] = [];
  const refused: string[] = [];
  let largest = 0;
  for (let i = 0; i < to.length; i += SES_RECIPIENTS) {
    const some = to.slice(i, i + SES_RECIPIENTS);
    const sending = await sendOnce(
      name,
      some,
      async (repeats) => {
        const mail = compose({ from, to: some, replyTo, date: ports.now(), repeats, maxBytes, place });
        const bytes = await mailBytes(mail, maxBytes);
        largest = Math.max(largest, bytes.length);
        return bytes;
      },
      ports,
    ).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      return error;
    });
    if (sending instanceof Refused) {
      ports.warn('the mail was refused', sending);
      refused.push(sending.message);
      continue;
    }
    if ('unnoted' in sending) ports.warn(`${name}: sent, and not noted`, sending.unnoted);
    messages.push(sending);
  }
  return { messages, refused, bytes: largest };
}
