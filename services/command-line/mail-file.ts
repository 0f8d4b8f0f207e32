import { basename, dirname } from 'node:path';
import type { UsageReport } from '../../shared/reports/usage-report.ts';
import { composeMail, mailBytes } from '../send-report/mail/compose-mail.ts';
import { DEFAULT_MESSAGE_BYTES } from '../send-report/mail/limits.ts';
import { reportPage } from '../send-report/report-page.ts';
import { pageScript } from '../send-report/report-page-script.ts';
import { csvFiles, pageFile } from '../send-report/send-report.ts';
import { writeFiles } from './out-folder.ts';

/** Nobody's address: who opens the file puts their own. */
const FROM = 'stale-sg <stale-sg@localhost>';
/** Outlook opens such a file as a draft; other programs skip the line. */
const DRAFT = { 'X-Unsent': '1' };

/** Writes the report's mail, as a deployment would send it, into a file that mail programs open. */
export async function writeMail(report: UsageReport, path: string): Promise<string> {
  const files = [pageFile(reportPage(report, await pageScript())), ...csvFiles(report)];
  const mail = composeMail(
    report,
    { files, pageMissing: undefined },
    {
      ...{ from: FROM, to: [], replyTo: undefined, date: new Date(), repeats: undefined },
      ...{ maxBytes: DEFAULT_MESSAGE_BYTES, place: undefined, kept: undefined },
    },
  );
  const bytes = await mailBytes({ ...mail, headers: DRAFT }, DEFAULT_MESSAGE_BYTES);
  await writeFiles(dirname(path), { [basename(path)]: bytes.toString('utf8') });
  return path;
}
