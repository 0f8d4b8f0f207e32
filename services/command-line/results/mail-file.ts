import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { composeMail, mailBytes, type Enclosed } from '../../../shared/reports/mail/compose-mail.ts';
import { DEFAULT_MESSAGE_BYTES } from '../../../shared/reports/mail/limits.ts';
import { reportByOwner } from '../../../shared/reports/owner-reports.ts';
import { reportPage } from '../../../shared/reports/page/report-page.ts';
import { namedError } from '../../../shared/text/named-error.ts';
import { safeName } from '../../../shared/text/safe-name.ts';
import { pageScript } from './page-script.ts';
import { checkFolder } from './out-folder.ts';
import { csvFiles, pageFile } from '../../send-report/report-files.ts';
import { FileSet } from '../../../shared/disk/file-set.ts';

/** A placeholder address: whoever opens the file enters their own. */
const FROM = 'stale-sg <stale-sg@localhost>';
/** Outlook opens such a file as a draft; other programs skip the line. */
const DRAFT = { 'X-Unsent': '1' };

/** Writes the report's mail, as a deployment would send it, into a file that mail programs open. */
export async function writeMail(report: UsageReport, path: string): Promise<string> {
  const files = [pageFile(reportPage(report, await pageScript())), ...csvFiles(report)];
  const file = new FileSet();
  file.add(path, await draft(report, { files, pageMissing: undefined }));
  file.commit();
  return path;
}

/**
 * To be asked before the long reading.
 *
 * @throws Error where the folder is none, or has mails already: one of an owner who has nothing to decide any more would look new
 */
export async function checkOwnerMails(folder: string): Promise<void> {
  await checkFolder(folder, []);
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw namedError(folder, error);
  });
  const found = names.find((name) => name.endsWith('.eml'));
  if (found !== undefined) throw new Error(`${folder}: holds ${found} of another run; give a new folder`);
}

/**
 * Writes a mail for each owner who has something to decide, of the own rules alone, as a deployment would send it, into files
 * that are named after owners: all of them or none. They are to nobody, since a tag is no address to trust.
 *
 * @returns what was written, in words
 */
export async function writeOwnerMails(report: UsageReport, folder: string): Promise<string> {
  const { owners, unowned } = reportByOwner(report);
  const files = new FileSet();
  for (const { owner, report: own } of owners) {
    const mail = await draft(own, { files: csvFiles(own), pageMissing: undefined, owner });
    files.add(join(folder, `owner-${safeName(owner)}.eml`), mail);
  }
  files.commit();
  const rest = `of rules that have something to decide and no owner: ${String(unowned.toTell)}`;
  return `${folder} (mails to owners: ${String(owners.length)}; ${rest})`;
}

function draft(report: UsageReport, enclosed: Enclosed): Promise<Buffer> {
  const mail = composeMail(report, enclosed, {
    from: FROM,
    to: [],
    replyTo: undefined,
    date: new Date(),
    repeats: undefined,
    maxBytes: DEFAULT_MESSAGE_BYTES,
    place: undefined,
    kept: undefined,
  });
  return mailBytes({ ...mail, headers: DRAFT }, DEFAULT_MESSAGE_BYTES);
}
