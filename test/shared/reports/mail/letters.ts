import PostalMime, { type Email } from 'postal-mime';
import { mailBytes, composeMail, type Letter } from '../../../../shared/reports/mail/compose-mail.ts';
import type { ReportFile } from '../../../../shared/reports/mail/fit-attachments.ts';
import { DEFAULT_MESSAGE_BYTES } from '../../../../shared/reports/mail/limits.ts';
import { csvFiles, pageFile } from '../../../../services/send-report/report-files.ts';
import type { UsageReport } from '../../../../shared/reports/schema.ts';

export const PLACE = { accountId: '111122223333', region: 'eu-west-1' };

export const LETTER: Letter = {
  from: 'stale-sg <reports@example.com>',
  to: ['team@example.com'],
  replyTo: 'cloud@example.com',
  date: new Date('2026-02-01T03:44:00Z'),
  repeats: undefined,
  maxBytes: DEFAULT_MESSAGE_BYTES,
  place: PLACE,
  kept: { bucket: 'data-bucket', region: 'eu-west-1', prefix: 'reports/2026-01-31/run1/' },
};

export interface Mailed {
  readonly raw: Buffer;
  readonly mail: Email;
  readonly files: readonly ReportFile[];
}

/** The report's mail over the wire, read by another program. */
export async function mailed(
  report: UsageReport,
  {
    letter = {},
    page = '<!doctype html><title>page</title>',
    pageMissing,
  }: {
    readonly letter?: Partial<Letter>;
    readonly page?: string;
    readonly pageMissing?: string;
  } = {},
): Promise<Mailed> {
  const files = [...(pageMissing === undefined ? [pageFile(page)] : []), ...csvFiles(report)];
  const whole = { ...LETTER, ...letter };
  const raw = await mailBytes(composeMail(report, { files, pageMissing }, whole), whole.maxBytes);
  return { raw, mail: await PostalMime.parse(raw), files };
}

/** The content of an attachment, by its name. */
export function attachment({ mail }: Pick<Mailed, 'mail'>, name: string): Buffer | undefined {
  const found = mail.attachments.find(({ filename }) => filename === name);
  return found && Buffer.from(found.content as ArrayBuffer);
}

/** Every tag with its attributes, in order: what a text cannot change. Escaped texts hold no angle bracket. */
export function tagsOf(markup: string): string[] {
  return [...markup.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
}

/** The lines before the first empty one. */
export function headerLines(raw: Buffer): string[] {
  return raw.subarray(0, raw.indexOf('\r\n\r\n')).toString('latin1').split('\r\n');
}
