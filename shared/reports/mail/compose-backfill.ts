import type { MailComposerOptions } from 'nodemailer/lib/mail-composer';
import type { BackfillOutcome } from '../../backfill-outcome.ts';
import { executionLink } from '../../console-links.ts';
import type { AccountRegion } from '../../inventory/snapshot-file.ts';
import { count, figure } from '../../text/numbers.ts';
import { daysOfRecords } from '../days-with-records.ts';
import { growthText } from '../growth-text.ts';
import type { UsageReport } from '../schema.ts';
import { VERDICT_MEANING } from '../verdict-text.ts';
import { mailOf, type Letter } from './compose-mail.ts';
import { digestOf } from './digest.ts';
import { foreign, html } from './html.ts';
import { entries, entry, mailLink, notice, page, paragraph, section } from './layout.ts';
import { keptLink, keptName, type Kept } from './place.ts';
import { placeText } from './subject.ts';

const REASON_SHOWN = 300;

/** The one mail of a backfill: what became of its days, and what the report says by them. Its files stay in the data bucket. */
export function composeBackfill(
  { outcome, report, executionArn }: { outcome: BackfillOutcome; report: UsageReport; executionArn: string },
  letter: Omit<Letter, 'maxBytes'> & { readonly place: AccountRegion; readonly kept: Kept },
  { files, pageMissing }: { readonly files: readonly string[]; readonly pageMissing: string | undefined },
): MailComposerOptions {
  const { place, kept, repeats } = letter;
  const { from, to, days, settled, withoutLogs, failed } = outcome;
  const parts = [
    `${figure(settled)} of ${count(days, 'day')} settled`,
    ...(withoutLogs === 0 ? [] : [`${figure(withoutLogs)} without flow logs`]),
    ...(failed === 0 ? [] : [`${figure(failed)} FAILED`]),
  ].join(', ');
  const subject = `stale-sg${placeText(place)}: backfill done, ${parts}`;
  const heading = `The backfill is done:${placeText(place)}`;
  const span = `${from} to ${to}: ${parts}`;
  const notices = [
    ...(repeats === undefined
      ? []
      : [`You may have this mail twice: it was begun at ${repeats}, and whether it went out then is not known.`]),
    ...(pageMissing === undefined
      ? []
      : [`report.html could not be made (${foreign(pageMissing, REASON_SHOWN)}). Its CSV files have all figures.`]),
  ];
  const failures = outcome.failures.map(({ from, to, days, reason }) => ({
    span: days === 1 ? from : `${from} to ${to} (${count(days, 'day')})`,
    reason: foreign(reason, REASON_SHOWN),
  }));
  const untold = failed - outcome.failures.reduce((sum, { days }) => sum + days, 0);
  const rest = untold > 0 ? [`… and ${count(untold, 'more day')}: the execution has them all.`] : [];
  const whatToDo =
    'These days stay as they were. Remove the cause, and run them again: stale-sg backfill --from … --to …';
  const verdicts = digestOf(report).verdicts.filter(({ rules }) => rules > 0);
  const { window, windowDays } = report;
  const able = `The report looks back on ${count(windowDays, 'day')}, ${window.from} to ${window.to}, of which ${figure(daysOfRecords(report).read)} have records. By these it says:`;
  const growth = growthText(report);
  const ableTo = [...(growth === undefined ? [] : [growth]), able];
  const target = executionLink(place.region, executionArn);
  const blocks = [
    [heading, span],
    notices.map((one) => `!! ${one}`),
    failures.length === 0
      ? []
      : ['NOT SETTLED', ...failures.map((one) => `${one.span}: ${one.reason}`), ...rest, whatToDo],
    [
      'WHAT THE REPORT SAYS NOW',
      ...ableTo,
      ...verdicts.map(({ kind, rules }) => `${figure(rules).padStart(9)}  ${kind}: ${VERDICT_MEANING[kind]}`),
    ],
    [
      'THE WHOLE REPORT',
      ...files.map((name) => `${keptName(kept, name)}\n   ${keptLink(kept, name)} (asks you to sign in)`),
    ],
    [`The execution: ${target}`],
  ];
  const text = blocks.filter(({ length }) => length > 0).map((lines) => lines.join('\n'));
  return mailOf(letter, {
    subject,
    text: `${text.join('\n\n')}\n`,
    html: page({
      title: subject,
      preview: parts,
      heading,
      subheading: span,
      colour: failed === 0 ? '#12284a' : '#8a5a00',
      sections: [
        ...notices.map((one) => notice('warn', html`${one}`)),
        ...(failures.length === 0
          ? []
          : [
              section(
                'Not settled',
                entries(
                  'Days that are not settled',
                  failures.map((one) => entry('', html`${one.span}`, html`${one.reason}`)),
                ),
                ...[...rest, whatToDo].map((one) => paragraph(html`${one}`)),
              ),
            ]),
        section(
          'What the report says now',
          ...ableTo.map((one) => paragraph(html`${one}`)),
          entries(
            'Verdicts',
            verdicts.map(({ kind, rules }) => entry(figure(rules), html`${kind}`, html`${VERDICT_MEANING[kind]}`)),
          ),
        ),
        section(
          'The whole report',
          ...files.map((name) => paragraph(html`${mailLink(keptLink(kept, name), name)} (asks you to sign in)`)),
          paragraph(html`${mailLink(target, 'The execution')}`),
        ),
      ],
      footer: html`stale-sg only reads: it changes no security group.`,
    }),
  });
}
