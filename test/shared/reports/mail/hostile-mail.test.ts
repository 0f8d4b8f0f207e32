import { describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { composeFailure } from '../../../../shared/reports/mail/compose-failure.ts';
import { mailBytes } from '../../../../shared/reports/mail/compose-mail.ts';
import type { UsageReport } from '../../../../shared/reports/schema.ts';
import { dayOf, daysBefore, planOf, reportOf, ruleOf } from '../../../services/send-report/reports.ts';
import { attachment, headerLines, LETTER, mailed, PLACE, tagsOf } from './letters.ts';

/** A text wherever a report holds text of others. */
function reportWith(text: string): UsageReport {
  const named = { groupId: text, groupName: text, description: text, why: text };
  return reportOf(
    [
      ruleOf(text, { ...named, peer: { type: 'unknown', value: text, name: text } }),
      ruleOf('sgr-2', { ...named, groupName: '', usedTimes: 5, direction: 'egress', protocol: text, fromPort: null }),
      ruleOf('sgr-3', { ...named, wentQuiet: { lastDay: daysBefore(9), usedDays: 70, quietDays: 9 } }),
    ],
    {
      days: [dayOf(daysBefore(0), { incomplete: text })],
      findings: [{ finding: { kind: 'openToWorld', ruleId: text, service: text }, rank: 1, text }],
      plan: planOf(['sgr-2'], [{ ruleId: 'sgr-3', groupId: text, groupName: text, verdict: 'stale', reason: text }]),
    },
  );
}

const HOSTILE: readonly (readonly [why: string, text: string])[] = [
  ['a script', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['an end of an attribute', `"'><a href="javascript:alert(1)" onmouseover=alert(1)>x</a>`],
  ['an end of a comment', '--><![endif]--><script>'],
  ['a style', '</style><style>*{display:none}</style>'],
  ['an entity', '&lt;script&gt;&#60;'],
  ['a header', 'web\r\nBcc: thief@example.com\r\nSubject: all is well'],
  ['a body', 'web\r\n\r\n<html>all is well</html>'],
  ['a part', '\r\n----_NmP-boundary\r\nContent-Type: text/html\r\n\r\nx'],
  ['an encoded word', '=?UTF-8?Q?=0D=0ABcc:_thief@example.com?='],
  ['a formula', '=HYPERLINK("https://example.com/?"&A1,"click")'],
  ['a right-to-left mark', 'safe \u202eelats\u202c \u2067x\u2069'],
  ['escape sequences', '\u001b[31mred\u001b[0m\u0007\u0000'],
  ['line separators of Unicode', 'a\u2028b\u2029c\u0085d'],
  ['255 characters', 'x'.repeat(255)],
  ['255 of the widest', '\u{1f469}\u200d\u{1f692}'.repeat(85)],
  ['emoji', '🔥🚒 👩‍👩‍👧 ✂️'],
  ['a lone half of a pair', '\ud83d'],
  ['a template', '{{7*7}} %s $& $1'],
];
const plainMail = mailed(reportWith('web')).then(({ mail }) => mail);

describe.each(HOSTILE)('%s as a name, a description, a reason', (_why, text) => {
  const sent = mailed(reportWith(text));

  test('changes no tag and no attribute of the HTML', async () => {
    const { mail } = await sent;
    expect(tagsOf(mail.html!)).toEqual(tagsOf((await plainMail).html!));
  });

  test('adds no header, and no part', async () => {
    const { raw, mail } = await sent;
    const plain = await plainMail;
    expect(mail.headers.map(({ key }) => key)).toEqual(plain.headers.map(({ key }) => key));
    expect(mail.subject).toBe(plain.subject);
    expect([mail.to, mail.cc, mail.bcc]).toEqual([[{ name: '', address: 'team@example.com' }], undefined, undefined]);
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['report.html', 'candidates.csv', 'rules.csv']);
    for (const line of headerLines(raw)) expect(line.length).toBeLessThanOrEqual(998);
  });

  test('holds nothing invisible in either body, but where links are broken', async () => {
    const { mail } = await sent;
    for (const body of [mail.html!, mail.text!]) {
      expect(body.replaceAll(/[\r\n\u200b]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }
  });

  test('leaves the CSV files as they are beside the report, byte by byte', async () => {
    const { mail, files } = await sent;
    for (const { name, content } of files) expect(attachment({ mail }, name)?.equals(content)).toBe(true);
  });

  test('does nothing in the mail of a failed night', async () => {
    const failure = { error: text, cause: text, executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:n:1' };
    const raw = await mailBytes(composeFailure(failure, { ...LETTER, place: PLACE }), 1e6);
    const mail = await PostalMime.parse(raw);
    expect(mail.headers.map(({ key }) => key)).toEqual((await plainMail).headers.map(({ key }) => key));
    expect(mail.subject).toMatch(/^stale-sg FAILED 111122223333 eu-west-1: no report of this night \(/);
    const lines = tagsOf(mail.html!).filter((tag) => tag !== '<br />');
    const plain = composeFailure({ ...failure, error: 'web', cause: 'web' }, { ...LETTER, place: PLACE });
    expect(lines).toEqual(tagsOf(plain.html as string).filter((tag) => tag !== '<br />'));
  });
});

test('no mail program makes a link of a name', async () => {
  const { mail } = await mailed(reportWith('https://evil.example/login www.evil.example thief@evil.example'));
  for (const body of [mail.html!, mail.text!])
    expect(body).not.toMatch(/https?:\/\/evil|www\.evil|@evil|evil\.example/);
  expect(mail.html).toContain('evil.\u200bexample');
});

test('addresses and ports stay what they are, to be copied', async () => {
  const rule = ruleOf('sgr-1', { peer: { type: 'cidrIpv4', value: '10.20.0.0/16', name: null } });
  const { mail } = await mailed(reportOf([rule]));
  for (const body of [mail.html!, mail.text!]) expect(body).toContain('in tcp 443 from 10.20.0.0/16');
});
