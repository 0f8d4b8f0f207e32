import type { MailComposerOptions } from 'nodemailer/lib/mail-composer';
import { executionLink } from '../../console-links.ts';
import { failureReason } from '../../failure-reason.ts';
import { mailOf, type Letter } from './compose-mail.ts';
import { foreign, html } from './html.ts';
import { mailLink, notice, page, paragraph, section } from './layout.ts';
import { failureSubject, placeText } from './subject.ts';
import type { AccountRegion } from '../../inventory/snapshot-file.ts';

/** A night that failed, as Step Functions tells it. */
export interface Failure {
  readonly error: string;
  /** As Step Functions has it: often the JSON of what a function threw. */
  readonly cause: string;
  readonly executionArn: string;
}

const WHAT_IT_MEANS = [
  'There is no report of this night. Days that it was to settle and did not are not reconciled: they count as they were streamed, and no rule is called unused for them.',
  'Nothing that an earlier report said changes. Do not carry out a plan that rests on these days before the night has succeeded.',
  'Later nights run such days again by themselves, five times at most for one reason.',
];
const WHAT_TO_DO = 'infra/RUNBOOK.md, section night-failed';
const CAUSE_CHARACTERS = 1500;
const CAUSE_LINES = 20;

/** The mail of a night that failed: told from a report's by its subject, its colour and its first line. */
export function composeFailure(
  failure: Failure,
  letter: Omit<Letter, 'kept' | 'maxBytes'> & { readonly place: AccountRegion },
): MailComposerOptions {
  const { place, repeats } = letter;
  const error = /^[\w.]{1,80}$/.test(failure.error) ? failure.error : foreign(failure.error, 80);
  const lines = reasonOf(failure.cause).slice(0, CAUSE_CHARACTERS).split(/\r?\n/, CAUSE_LINES);
  const cause = lines.map((line) => foreign(line, CAUSE_CHARACTERS));
  const target = executionLink(place.region, failure.executionArn);
  const subject = failureSubject(place, failure.error);
  const again =
    repeats === undefined
      ? []
      : [`You may have this mail twice: it was begun at ${repeats}, and whether it went out then is not known.`];
  const heading = `The night FAILED:${placeText(place)}`;
  return mailOf(letter, {
    subject,
    text: `${[heading, ...again, [error, ...cause].join('\n'), 'WHAT IT MEANS', ...WHAT_IT_MEANS, `The execution: ${target}`, `What to do: ${WHAT_TO_DO}`].join('\n\n')}\n`,
    html: page({
      title: subject,
      preview: `No report of this night: ${error}`,
      heading,
      subheading: `${letter.date.toISOString().slice(0, 19)}Z`,
      colour: '#8f1510',
      sections: [
        ...again.map((text) => notice('warn', html`${text}`)),
        notice('bad', html`<strong>${error}</strong>${cause.map((line) => html`<br />${line}`)}`),
        section('What it means', ...WHAT_IT_MEANS.map((text) => paragraph(html`${text}`))),
        section(
          'What to do',
          paragraph(
            html`${mailLink(target, 'Open the execution in the AWS console')} (asks you to sign in) and look at its
            first red state.`,
          ),
          paragraph(html`Then: <strong>${WHAT_TO_DO}</strong>`),
        ),
      ],
      footer: html`stale-sg only reads: it changes no security group.`,
    }),
  });
}

/** What was thrown, with its line ends: within the cause it stands as a string of JSON. */
function reasonOf(cause: string): string {
  const reason = failureReason(cause);
  try {
    return String(JSON.parse(`"${reason}"`));
  } catch {
    return reason;
  }
}
