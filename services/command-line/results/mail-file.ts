import type { UsageReport } from '../../../shared/reports/schema.ts';
import { composeMail, mailBytes } from '../../../shared/reports/mail/compose-mail.ts';
import { DEFAULT_MESSAGE_BYTES } from '../../../shared/reports/mail/limits.ts';
import { reportPage } from '../../../shared/reports/page/report-page.ts';
import { pageScript } from './page-script.ts';
import { csvFiles, pageFile } from '../../send-report/send-report.ts';
import { FileSet } from '../../../shared/disk/file-set.ts';

/** A placeholder address: whoever opens the file enters their own. */
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
      from: FROM,
      to: [],
      replyTo: undefined,
      date: new Date(),
      repeats: undefined,
      maxBytes: DEFAULT_MESSAGE_BYTES,
      place: undefined,
      kept: undefined,
    },
  );
  const bytes = await mailBytes({ ...mail, headers: DRAFT }, DEFAULT_MESSAGE_BYTES);
  const file = new FileSet();
  file.add(path, bytes);
  file.commit();
  return path;
}
