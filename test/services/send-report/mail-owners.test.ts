import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import PostalMime, { type Email } from 'postal-mime';
import { mailOwners, type OwnerMailPorts } from '../../../services/send-report/mail-owners.ts';
import { readOwnerAddresses } from '../../../services/send-report/owner-addresses.ts';
import { Refused } from '../../../shared/aws/send-once.ts';
import { sendReport, type SendReportPorts } from '../../../services/send-report/send-report.ts';
import { DynamoSentNotes } from '../../../shared/aws/sent-notes.ts';
import { tableNames } from '../../../shared/names.ts';
import type { OwnersTold } from '../../../shared/reports/mail/owners-told.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { PLACE } from '../../shared/reports/mail/letters.ts';
import { planOf, reportOf, ruleOf } from './reports.ts';

jest.setTimeout(60_000);

const of = (name: string) => ({ owner: { name, from: 'the tag team of its group' } });
const active = { verdict: { kind: 'active', unanswered: false } } as const;
const rules = [
  ruleOf('sgr-a1', of('team-a')),
  ruleOf('sgr-a2', of('team-a')),
  ruleOf('sgr-b1', of('B@example.com')),
  ruleOf('sgr-c1', of('c@elsewhere.example')),
  ruleOf('sgr-d1', of('d@sub.example.com')),
  ruleOf('sgr-e1', { ...of('team-e'), ...active }),
  ruleOf('sgr-f1', of('team-f')),
  ruleOf('sgr-n1', { owner: null }),
  ruleOf('sgr-n2', { owner: null, ...active }),
];
const report = reportOf(rules, { plan: planOf(['sgr-a1', 'sgr-b1']) });
const LIST =
  '{"team-a": ["a@example.com", "a2@example.com"], "team-f": ["f@evil.example"], "team-e": ["e@example.com"]}';
const KEY = 'reports/2026-01-31/run1/report.json.gz';

describeWithDynamoDb('mails to owners', (bed) => {
  interface Sent {
    readonly to: readonly string[];
    readonly mail: Email;
  }
  let sent: Sent[];
  let warnings: string[];
  let table = 0;
  beforeEach(async () => {
    await bed().createTables(`owners-${++table}`);
    [sent, warnings] = [[], []];
  });

  const ports = (more: Partial<SendReportPorts> = {}): SendReportPorts & OwnerMailPorts => ({
    settings: {
      from: 'stale-sg <reports@example.com>',
      to: ['all@example.com'],
      replyTo: undefined,
      maxBytes: 7_000_000,
      bucket: 'data-bucket',
      place: PLACE,
    },
    ownerMail: {
      domains: ['example.com'],
      every: 'week',
      addresses: async () => readOwnerAddresses(LIST, 'owners/mail.json'),
    },
    readReport: async () => report,
    renderPage: () => '<!doctype html>',
    keep: async () => {},
    notes: new DynamoSentNotes(bed().client(), tableNames(`owners-${table}`).state),
    send: async (to, bytes) => {
      sent.push({ to, mail: await PostalMime.parse(bytes) });
      return `id-${sent.length}`;
    },
    now: () => new Date('2026-02-01T03:44:00Z'),
    wait: async () => {},
    warn: (what) => warnings.push(what),
    report: () => {},
    ...more,
  });
  const names = (told: OwnersTold | undefined, key: 'mailed' | 'before' | 'withoutAddress' | 'later' | 'failed') =>
    told![key].map(({ owner }) => owner);
  const endingOn = (to: string): UsageReport => ({ ...report, window: { ...report.window, to } });

  test('each gets the own rules alone, where somebody may be mailed; the whole says who was and who was not', async () => {
    await sendReport({ report: KEY }, ports());
    expect(sent.map(({ to }) => to)).toEqual([
      ['a@example.com', 'a2@example.com'],
      ['B@example.com'],
      ['all@example.com'],
    ]);
    const [ofA, ofB, whole] = sent.map(({ mail }) => mail) as [Email, Email, Email];
    expect(ofA.subject).toBe('stale-sg 111122223333 eu-west-1 team-a: 1 rule to remove, 0 went quiet, 0 too wide');
    expect(ofA.attachments.map(({ filename }) => filename)).toEqual(['candidates.csv', 'rules.csv']);
    const csv = ofA.attachments.map(({ content }) => Buffer.from(content as ArrayBuffer).toString()).join('');
    for (const body of [ofA.text!, ofA.html!, csv]) {
      expect(body).toContain('sgr-a1');
      expect(body).not.toMatch(/sgr-[b-n]/);
    }
    expect(ofB.text).toContain('sgr-b1');
    const [text, html] = [whole.text!, whole.html!.replaceAll(/\s+/g, ' ')].map((body) =>
      body.replaceAll('\u200b', ''),
    );
    for (const body of [text!, html!]) {
      expect(body).toContain('2 owners were mailed, each of the own rules: team-a (2 rules), B@example.com (1 rule).');
      expect(body).toContain(
        'Not mailed, though there is an address: team-f (f@evil.example is of no domain that owners may be mailed at).',
      );
      expect(body).toContain(
        'No address is known of 2 owners: c@elsewhere.example (1 rule), d@sub.example.com (1 rule).',
      );
      expect(body).toContain('1 owner has nothing to decide.');
      expect(body).toContain('2 rules have no owner that a tag names, 1 of them with something to decide.');
    }
  });

  test('no owner is mailed twice in a week, whatever run, report or list comes first; the next week again', async () => {
    expect(names(await mailOwners(report, ports()), 'mailed')).toEqual(['team-a', 'B@example.com']);
    const again = await mailOwners(report, ports());
    expect([names(again, 'mailed'), names(again, 'before')]).toEqual([[], ['team-a', 'B@example.com']]);
    // 2026-01-31 is a Saturday.
    for (const day of ['2026-01-26', '2026-02-01']) await mailOwners(endingOn(day), ports());
    const list = readOwnerAddresses('{"team-a": ["new@example.com"]}', 'x');
    const ownerMail = { ...ports().ownerMail!, addresses: async () => list };
    await mailOwners(report, ports({ ownerMail }));
    expect(sent).toHaveLength(2);
    await mailOwners(endingOn('2026-02-02'), ports());
    expect(sent).toHaveLength(4);
  });

  test('or a day, if so configured', async () => {
    const daily = { ownerMail: { ...ports().ownerMail!, every: 'day' as const } };
    for (const day of ['2026-01-30', '2026-01-30', '2026-01-31']) await mailOwners(endingOn(day), ports(daily));
    expect(sent).toHaveLength(4);
  });

  test.each([
    ['SES refuses', new Refused('SES refused the mail: not verified'), 'mailed'],
    ['nobody answers', new Error('socket hang up'), 'mailed'],
  ])(
    'where %s, the others go on, it is said, and it is tried again with the next report',
    async (_why, error, then) => {
      const { send } = ports();
      const failing = ports({
        send: (to, bytes) => (to.includes('a@example.com') ? Promise.reject(error) : send(to, bytes)),
      });
      await sendReport({ report: KEY }, failing);
      expect(sent.map(({ to }) => to)).toEqual([['B@example.com'], ['all@example.com']]);
      expect(sent[1]!.mail.text).toContain(`!! Not mailed, though there is an address: team-a (${error.message})`);
      expect(warnings).toContain('the mail to an owner did not go out');
      const later = ports({ now: () => new Date('2026-02-02T03:44:00Z') });
      const told = await mailOwners(endingOn('2026-02-01'), later);
      expect(told![then as 'mailed'].map(({ owner }) => owner)).toEqual(['team-a']);
      const repeats = /You may have this mail twice/;
      const { text } = sent.at(-1)!.mail;
      if (error instanceof Refused) expect(text).not.toMatch(repeats);
      else expect(text).toMatch(repeats);
    },
  );

  test('a list that cannot be read keeps nothing from those whose name is an address, nor the whole', async () => {
    const addresses = () => Promise.reject(new Error('owners/mail.json: no JSON'));
    await sendReport({ report: KEY }, ports({ ownerMail: { ...ports().ownerMail!, addresses } }));
    expect(sent.map(({ to }) => to)).toEqual([['B@example.com'], ['all@example.com']]);
    expect(sent[1]!.mail.text).toContain('!! Addresses of owners cannot be read: owners/mail.');
  });

  test('when time runs out the rest is left to the next report, and the whole goes out', async () => {
    let minutes = 0;
    const slow = ports({ now: () => new Date(Date.parse('2026-02-01T03:44:00Z') + 60_000 * minutes) });
    const { send } = slow;
    await sendReport({ report: KEY }, { ...slow, send: (to, bytes) => ((minutes += 6), send(to, bytes)) });
    expect(sent.map(({ to }) => to)).toEqual([['a@example.com', 'a2@example.com'], ['all@example.com']]);
    expect(sent[1]!.mail.text).toContain('!! There was no time to mail 1 owner: the next report does.');
  });

  test('without a configuration nobody is mailed, and nothing is said of owners', async () => {
    await sendReport({ report: KEY }, ports({ ownerMail: undefined }));
    expect(sent.map(({ to }) => to)).toEqual([['all@example.com']]);
    expect(sent[0]!.mail.text).not.toContain('OWNERS');
  });

  test('the name of an owner is text of others', async () => {
    const name = '<b>x</b>\r\nBcc: evil@example.org \u202e https://evil.example';
    const hostile = reportOf([ruleOf('sgr-1', of(name))]);
    const list = new Map([[name, ['a@example.com']]]);
    await mailOwners(hostile, ports({ ownerMail: { ...ports().ownerMail!, addresses: async () => list } }));
    const [{ mail }] = sent as [Sent];
    expect(mail.bcc).toBeUndefined();
    expect(mail.subject).toContain('<b>x</b>??Bcc: evil@example.org');
    expect(mail.html).toContain('&lt;b&gt;x');
    expect(mail.html).not.toContain('https://evil');
    expect(mail.html).not.toContain('\u202e');
  });
});

describe('a list of addresses', () => {
  test.each<[text: string, says: RegExp]>([
    ['nothing', /^owners\/x\.json: no list of addresses such as .*: no JSON$/],
    ['[]', /no list of addresses/],
    ['{"a": "b@example.com"}', /no list of addresses[^]*at a/],
    ['{"a": []}', /no list of addresses/],
    ['{"a": ["b"]}', /no mail address/],
    ['{"a": ["b@example.com\\r\\nBcc: c@example.com"]}', /no mail address/],
    [`{"a": [${Array(51).fill('"b@example.com"').join(',')}]}`, /no list of addresses/],
  ])('%s is none', (text, says) => {
    expect(() => readOwnerAddresses(text, 'owners/x.json')).toThrow(says);
  });

  test('names are whatever tags hold', () => {
    expect(readOwnerAddresses('{"constructor": ["a@example.com"]}', 'x').get('constructor')).toEqual(['a@example.com']);
    expect(readOwnerAddresses('{}', 'x').get('toString')).toBeUndefined();
  });
});
