import { describe, expect, test } from '@jest/globals';
import { webhookMessage } from '../../../services/send-findings/webhook-message.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { WEBHOOK_KINDS, type WebhookKind } from '../../../shared/webhook.ts';
import { lifelikeReport } from '../send-report/lifelike-report.ts';
import { daysBefore, EVIDENCE, planOf, reportOf, ruleOf } from '../send-report/reports.ts';
import { PLACE } from './reports-of-findings.ts';

const KEPT = { bucket: 'data-bucket', region: PLACE.region, prefix: 'reports/2026-01-31/run1/' };
const LINK =
  'https://eu-central-1.console.aws.amazon.com/s3/buckets/data-bucket?region=eu-central-1&prefix=reports%2F2026-01-31%2Frun1%2F';

interface Slack {
  readonly text: string;
  readonly blocks: readonly { text: { type: string; text: string; verbatim?: boolean; emoji?: boolean } }[];
}
interface Teams {
  readonly attachments: readonly [
    {
      content: {
        body: readonly { type: string; inlines: readonly { type: string; text: string }[] }[];
        actions: readonly { url: string }[];
      };
    },
  ];
}

const messageOf = (kind: WebhookKind, report: UsageReport, repeats?: string) =>
  JSON.parse(webhookMessage(kind, report, { place: PLACE, kept: KEPT, repeats }).toString()) as Slack & Teams;

/** All that is shown but the link. */
function textOf(kind: WebhookKind, report: UsageReport, repeats?: string): string {
  const message = messageOf(kind, report, repeats);
  if (kind === 'slack')
    return message.blocks
      .slice(0, -1)
      .map(({ text }) => text.text)
      .join('\n');
  return message.attachments[0].content.body.flatMap(({ inlines }) => inlines.map(({ text }) => text)).join('\n');
}

const madeOn = (day: string) => ({ ...EVIDENCE, knownSince: `${day}T12:00:00Z` });
const openTo = (...ruleIds: readonly string[]): Pick<UsageReport, 'findings'> => ({
  findings: ruleIds.map((ruleId) => ({
    finding: { kind: 'openToWorld', ruleId, service: 'SSH' },
    rank: 90,
    text: `SSH of ${ruleId}`,
  })),
});
const USED = { verdict: { kind: 'active', neverAnswered: false } as never };

describe.each(WEBHOOK_KINDS)('a message to %s', (kind) => {
  test('says first what a mail has as its subject, then what is news, and leads to the console', () => {
    const used = { usedTimes: 3, replyTimes: 0, possibleTimes: 0, packets: 3, bytes: 9 };
    const report = reportOf(
      [
        ruleOf('sgr-old', { evidence: madeOn(daysBefore(80)) }),
        ruleOf('sgr-new', { ...USED, groupName: 'jump', fromPort: 22, toPort: 22, evidence: madeOn(daysBefore(2)) }),
        ruleOf('sgr-back', { ...USED, fromPort: 80, toPort: 80, history: [{ ...used, day: daysBefore(3) }] as never }),
      ],
      { ...openTo('sgr-old', 'sgr-new'), plan: planOf(['sgr-old']) },
    );
    expect(textOf(kind, report).split('\n')).toEqual([
      'stale-sg 111122223333 eu-central-1: 1 rule to remove, 0 went quiet, coverage 98.7 %',
      'Newly open to the world (1)',
      '• jump (sg-0a1b2c3d4e5f60001): in tcp 22 from 0.0.0.0/0',
      'Back in use (1)',
      `• web (sg-0a1b2c3d4e5f60001): in tcp 80 from 0.0.0.0/0: since ${daysBefore(3)}, after 86 days`,
      'May go, by the plan (1)',
      '• web (sg-0a1b2c3d4e5f60001): in tcp 443 from 0.0.0.0/0',
      'The report is in s3://data-bucket/reports/2026-01-31/run1/',
    ]);
    const message = messageOf(kind, report);
    if (kind === 'slack') {
      expect(message.blocks.at(-1)!.text).toEqual({
        type: 'mrkdwn',
        text: `<${LINK.replaceAll('&', '&amp;')}|Open the report in the console>`,
        verbatim: true,
      });
    } else expect(message.attachments[0].content.actions.map(({ url }) => url)).toEqual([LINK]);
  });

  test('takes what the first snapshot has for no news, nor what is kept on purpose', () => {
    const first = daysBefore(3);
    const exempt = { verdict: { kind: 'exempt', source: 'tag', reason: 'kept' } as never };
    const report = reportOf(
      [
        ruleOf('sgr-1', { ...USED, evidence: madeOn(first) }),
        ruleOf('sgr-2', { ...USED, evidence: madeOn(first) }),
        ruleOf('sgr-3', { ...exempt, evidence: madeOn(daysBefore(1)) }),
        ruleOf('sgr-4', { ...USED, evidence: { ...EVIDENCE, knownSince: null } }),
      ],
      openTo('sgr-1', 'sgr-2', 'sgr-3', 'sgr-4'),
    );
    expect(textOf(kind, report)).not.toContain('Newly open');
  });

  test('says that it may come twice', () => {
    expect(textOf(kind, reportOf([]), '2026-02-01T04:00:00.000Z').split('\n')[1]).toBe(
      'You may have this twice: it was begun at 2026-02-01T04:00:00.000Z.',
    );
  });

  test('while the window grows says what comes when, and that nothing may go', () => {
    const growth = {
      days: 3,
      firstDay: daysBefore(2),
      verdictsOn: daysBefore(-11),
      planOn: daysBefore(-27),
      wholeOn: daysBefore(-87),
    };
    const text = textOf(kind, reportOf([ruleOf('sgr-1')], { growth, plan: planOf(['sgr-1']) }));
    expect(text).toContain('3 of 90 days');
    expect(text).not.toContain('May go');
  });

  test('lists five of each, and has room in Teams and Slack, whatever names are like', () => {
    const long = '\u{1f525}<>&'.repeat(64);
    const rules = Array.from({ length: 300 }, (_, i) =>
      ruleOf(`sgr-${i}`, { ...USED, groupName: long, evidence: madeOn(daysBefore(i === 0 ? 50 : 1)) }),
    );
    const report = reportOf(rules, {
      ...openTo(...rules.map(({ ruleId }) => ruleId)),
      plan: planOf(rules.map(({ ruleId }) => ruleId)),
    });
    const text = textOf(kind, report);
    expect(text.match(/^• /gm)).toHaveLength(10);
    expect(text).toContain('… and 294 more');
    // https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
    expect(webhookMessage(kind, report, { place: PLACE, kept: KEPT, repeats: undefined }).length).toBeLessThan(28_000);
    if (kind === 'slack')
      for (const { text } of messageOf(kind, report).blocks) expect(text.text.length).toBeLessThan(3000);
  });

  test('is made of a report as nights make them', () => {
    expect(textOf(kind, lifelikeReport(40, 10))).toMatch(/^stale-sg 111122223333/);
  });
});

const HOSTILE = [
  ['a mention of all', '<!channel> <!here> @here @channel'],
  ['a mention of somebody', '<@U012AB3CD> <at>everyone</at>'],
  ['a link of Slack', '<https://evil.example|click here>'],
  ['a link of Markdown', '[click here](https://evil.example)'],
  ['an address', 'https://evil.example www.evil.example evil.example a@evil.example'],
  ['formatting', '*bold* _it_ `code` ~~gone~~ # big\n> quoted'],
  ['what is not to be seen', 'a\u202eb\u200bc\u0000'],
  ['entities', '&lt;!channel&gt;'],
] as const;

describe.each(HOSTILE)('%s in the name of a group', (_what, groupName) => {
  const report = reportOf([ruleOf('sgr-1', { groupName })], { plan: planOf(['sgr-1']) });

  test('is text in Slack', () => {
    const { text, blocks } = messageOf('slack', report);
    for (const shown of [text, ...blocks.slice(0, -1).map(({ text }) => text.text)]) {
      expect(shown).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      expect(shown).not.toMatch(/https?:\/\/|\bwww\.e|\w@\w|evil\.example/);
      expect(shown).not.toContain('\u202e');
    }
    for (const { text } of blocks.slice(0, -1)) expect([text.type, text.emoji]).toEqual(['plain_text', false]);
    expect(blocks.at(-1)!.text.text).toBe(`<${LINK.replaceAll('&', '&amp;')}|Open the report in the console>`);
  });

  test('is text in Teams', () => {
    const { body, actions } = messageOf('teams', report).attachments[0].content;
    for (const { type, inlines } of body) {
      expect(type).toBe('RichTextBlock');
      for (const { type, text } of inlines) {
        expect(type).toBe('TextRun');
        expect(text).not.toMatch(/https?:\/\/|\bwww\.e|\w@\w|evil\.example/);
      }
    }
    expect(actions.map(({ url }) => url)).toEqual([LINK]);
    expect(JSON.stringify(messageOf('teams', report))).not.toContain('msteams');
  });
});
