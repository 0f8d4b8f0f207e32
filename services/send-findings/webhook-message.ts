import { dayFromIso } from '../../shared/time.ts';
import { growthText } from '../../shared/reports/growth-text.ts';
import { digestOf, type Digest } from '../../shared/reports/mail/digest.ts';
import { foreign } from '../../shared/reports/mail/html.ts';
import { keptFolderLink, keptName, type Kept } from '../../shared/reports/mail/place.ts';
import { subjectOf } from '../../shared/reports/mail/subject.ts';
import type { RuleReport, UsageReport } from '../../shared/reports/schema.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';
import { nameAndId } from '../../shared/text/name-and-id.ts';
import { count, figure } from '../../shared/text/numbers.ts';
import { shorten } from '../../shared/text/plain.ts';
import { ruleText } from '../../shared/text/rule-text.ts';
import type { WebhookKind } from '../../shared/webhook.ts';

/** Of each list. */
const SHOWN = 5;
/** Five lines of nothing but what Slack wants escaped fit into the 3,000 characters of one of its texts. */
const LINE_CHARACTERS = 105;
const NAME_CHARACTERS = 40;
/** Days before the end of the window in which a rule was made, or edited, to be new. */
const NEWS_DAYS = 7;

/** What a message says, in plain text; nothing in it is markup, or becomes a link by itself. */
interface Notice {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly link: string;
}

export interface NoticeOptions {
  readonly place: AccountRegion;
  /** Where the report lies. */
  readonly kept: Kept;
  /** Since when nobody knows whether this message has gone out already; undefined where it has not. */
  readonly repeats: string | undefined;
}

/** What is posted of a report, as JSON. Below 28 KB, which is what Teams takes. */
export function webhookMessage(kind: WebhookKind, report: UsageReport, options: NoticeOptions): Buffer {
  const notice = noticeOf(report, options);
  return Buffer.from(JSON.stringify(kind === 'slack' ? slackMessage(notice) : teamsMessage(notice)));
}

function noticeOf(report: UsageReport, { place, kept, repeats }: NoticeOptions): Notice {
  const digest = digestOf(report);
  const { back, candidates, toRemove } = digest;
  const growth = growthText(report);
  const opened = newlyOpen(digest);
  // While there is no plan, nobody says that anything may go.
  const goes = toRemove === undefined ? [] : candidates.filter(({ removal }) => removal?.stage !== undefined);
  const lists = [
    list(
      'Newly open to the world',
      opened.map((rule) => of(rule)),
    ),
    list(
      'Back in use',
      back.map(
        ({ rule, back: { since, quietDays } }) => `${of(rule)}: since ${since}, after ${count(quietDays, 'day')}`,
      ),
    ),
    list(
      'May go, by the plan',
      goes.map(({ rule }) => of(rule)),
    ),
  ];
  return {
    title: subjectOf(digest, { place, hasPage: true }),
    paragraphs: [
      ...(repeats === undefined ? [] : [`You may have this twice: it was begun at ${repeats}.`]),
      ...(growth === undefined ? [] : [growth]),
      ...lists.flat(),
      `The report is in ${keptName(kept, '')}`,
    ],
    link: keptFolderLink(kept),
  };
}

/**
 * Rules that let every address in, and read so since the last days. What the first snapshot has is as old as that at least: nothing
 * that the report knows is older, so it is not taken for new.
 */
function newlyOpen({ findings, report: { rules, window } }: Digest): RuleReport[] {
  const days = rules.flatMap(({ evidence: { knownSince } }) => (knownSince === null ? [] : [dayOf(knownSince)]));
  const since = Math.max(
    dayFromIso(window.to)! - NEWS_DAYS,
    days.reduce((a, b) => Math.min(a, b), Infinity),
  );
  const open = new Set(findings.flatMap(({ finding }) => (finding.kind === 'openToWorld' ? [finding.ruleId] : [])));
  return rules.filter(
    ({ ruleId, verdict, evidence: { knownSince } }) =>
      open.has(ruleId) && verdict.kind !== 'exempt' && knownSince !== null && dayOf(knownSince) > since,
  );
}

const dayOf = (time: string): number => dayFromIso(time.slice(0, 10))!;

/** A rule and its group. Names are text of others. */
function of(rule: RuleReport): string {
  const group = nameAndId(shorten(rule.groupName, NAME_CHARACTERS), rule.groupId);
  return foreign(`${group}: ${ruleText(rule)}`, LINE_CHARACTERS);
}

function list(heading: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > SHOWN ? [`… and ${figure(lines.length - SHOWN)} more`] : [];
  return [
    [`${heading} (${figure(lines.length)})`, ...lines.slice(0, SHOWN).map((one) => `• ${one}`), ...more].join('\n'),
  ];
}

/**
 * Text objects of the kind `plain_text`, in which there is no formatting; `&`, `<` and `>`, with which links and mentions such as
 * `<!channel>` begin, are Slack's own everywhere.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
function slackMessage({ title, paragraphs, link }: Notice): object {
  const plain = (text: string) => ({ type: 'plain_text', text: slackText(text), emoji: false });
  return {
    // What notifications show; `none` finds no links and names in it.
    text: slackText(title),
    parse: 'none',
    unfurl_links: false,
    blocks: [
      ...[title, ...paragraphs].map((text) => ({ type: 'section', text: plain(text) })),
      {
        type: 'section',
        text: { type: 'mrkdwn', text: `<${slackText(link)}|Open the report in the console>`, verbatim: true },
      },
    ],
  };
}

function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * An Adaptive Card, as workflows of Teams take it. Text runs have no Markdown, which text blocks have, and mentions need entities
 * of their own, of which there are none.
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
 */
function teamsMessage({ title, paragraphs, link }: Notice): object {
  const lines = (text: string, more: object = {}) =>
    text.split('\n').map((line) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: line, ...more }] }));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [...lines(title, { weight: 'Bolder' }), ...paragraphs.flatMap((text) => lines(text))],
          actions: [{ type: 'Action.OpenUrl', title: 'Open the report in the console', url: link }],
        },
      },
    ],
  };
}
