import MailComposer, { type MailComposerOptions } from 'nodemailer/lib/mail-composer';
import type { UsageReport } from '../schema.ts';
import { fitAttachments, type ReportFile } from './fit-attachments.ts';
import { BODY_BYTES } from './limits.ts';
import type { Kept } from './place.ts';
import { reportHtml } from './report-html.ts';
import { reportText } from './report-text.ts';
import { storyOf, type Telling } from './story.ts';
import type { AccountRegion } from '../../inventory/snapshot-file.ts';

/** From whom to whom, and what they may be troubled with. */
export interface Letter {
  readonly from: string;
  /** At most `SES_RECIPIENTS`. */
  readonly to: readonly string[];
  readonly replyTo: string | undefined;
  readonly date: Date;
  /** Since when it is not known whether this mail went out; undefined where it is sent for the first time. */
  readonly repeats: string | undefined;
  /** Of the whole mail, encoded. */
  readonly maxBytes: number;
  readonly place: AccountRegion | undefined;
  readonly kept: Kept | undefined;
}

/** What a mail of a report has with it. */
export interface Enclosed extends Pick<Telling, 'pageMissing' | 'owner' | 'owners'> {
  readonly files: readonly ReportFile[];
}

/** A report's mail, or that of an owner's part of it. */
export function composeMail(
  report: UsageReport,
  { files, pageMissing, owner, owners }: Enclosed,
  letter: Letter,
): MailComposerOptions {
  const placed = fitAttachments(files, letter.maxBytes - BODY_BYTES);
  const { place, kept, repeats } = letter;
  const story = storyOf(report, { place, kept, files: placed, pageMissing, repeats, owner, owners });
  return mailOf(letter, {
    subject: story.subject,
    text: reportText(story),
    html: reportHtml(story),
    attachments: placed.flatMap(({ attached }) => {
      if (!attached) return [];
      const { name, contentType, content } = attached;
      return [
        { filename: name, contentType, content, contentDisposition: 'attachment', contentTransferEncoding: 'base64' },
      ];
    }),
  });
}

/** Mail of a program: no out-of-office answers it. https://www.rfc-editor.org/rfc/rfc3834#section-5 */
const OF_A_PROGRAM = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

type Content = Required<Pick<MailComposerOptions, 'subject' | 'text' | 'html'>> &
  Pick<MailComposerOptions, 'attachments'>;

export function mailOf(
  { from, to, replyTo, date }: Pick<Letter, 'from' | 'to' | 'replyTo' | 'date'>,
  content: Content,
): MailComposerOptions {
  return {
    ...content,
    from,
    to: [...to],
    ...(replyTo === undefined ? {} : { replyTo }),
    date,
    headers: OF_A_PROGRAM,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * The mail as it goes over the wire. Boundaries are random: nobody's text can hold one.
 *
 * @throws Error where it is larger than it may be
 */
export async function mailBytes(mail: MailComposerOptions, maxBytes: number): Promise<Buffer> {
  const bytes = await new MailComposer(mail).compile().build();
  if (bytes.length > maxBytes) throw new Error(`the mail has ${bytes.length} bytes, more than ${maxBytes}`);
  return bytes;
}
