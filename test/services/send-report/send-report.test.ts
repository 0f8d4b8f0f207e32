import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import PostalMime from 'postal-mime';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { reportAt } from '../../../shared/aws/report-store.ts';
import { sendReport, type SendReportPorts, type SentFigures } from '../../../services/send-report/send-report.ts';
import { Refused } from '../../../shared/aws/send-once.ts';
import { sesSender } from '../../../services/send-report/ses-adapter.ts';
import { DynamoSentNotes } from '../../../shared/aws/sent-notes.ts';
import { tableNames } from '../../../shared/names.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { startFauxqs, type Fauxqs } from '../../beds/fauxqs.ts';
import { startSesLocal, type SesLocal } from '../../beds/ses-local.ts';
import { lifelikeReport } from './lifelike-report.ts';

jest.setTimeout(60_000);

const BUCKET = 'data-bucket';
const FROM = 'stale-sg <reports@example.com>';
const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:sg-analysis-night:run1';
const report = lifelikeReport(60, 30);
const PAGE = `<!doctype html><title>${'page '.repeat(1000)}</title>`;

describeWithDynamoDb('send-report, with SES, S3 and DynamoDB', (bed) => {
  let fauxqs: Fauxqs;
  let ses: SesLocal;
  beforeAll(async () => {
    [fauxqs, ses] = await Promise.all([startFauxqs(), startSesLocal()]);
    await fauxqs.createBucket(BUCKET);
  });
  afterAll(() => Promise.all([fauxqs.stop(), ses.stop()]));

  /** Each test has tables of its own, and a report of its own. */
  let run = 0;
  let key = '';
  let sentBefore = 0;
  const figures: SentFigures[] = [];
  const warnings: string[] = [];
  beforeEach(async () => {
    key = `reports/2026-01-31/run${++run}/report.json.gz`;
    await bed().createTables(`mail-${run}`);
    await fauxqs.putObject(BUCKET, key, gzipSync(JSON.stringify(report)));
    sentBefore = ses.received.length;
    figures.length = 0;
    warnings.length = 0;
  });

  const ports = (
    more: Partial<SendReportPorts> = {},
    to: readonly string[] = ['team@example.com'],
  ): SendReportPorts => {
    const files = new DataBucket(fauxqs.s3(), BUCKET);
    return {
      settings: {
        from: FROM,
        to,
        replyTo: 'cloud@example.com',
        maxBytes: 7_000_000,
        bucket: BUCKET,
        place: { accountId: '111122223333', region: 'eu-west-1' },
      },
      readReport: (one) => reportAt(files, one),
      renderPage: () => PAGE,
      keep: (one, { content, contentType }) => files.put(one, content, contentType),
      notes: new DynamoSentNotes(bed().client(), tableNames(`mail-${run}`).state),
      send: sesSender(ses.client(), { from: FROM, configurationSet: 'stale-sg', pauseMs: 1 }),
      now: () => new Date('2026-02-01T03:44:00Z'),
      wait: async () => {},
      warn: (what) => warnings.push(what),
      report: (one) => figures.push(one),
      ...more,
    };
  };
  const mails = () => ses.received.slice(sentBefore);
  const object = async (name: string) => {
    const { Body, ContentType } = await fauxqs
      .s3()
      .send(new GetObjectCommand({ Bucket: BUCKET, Key: key.replace('report.json.gz', name) }));
    return { bytes: Buffer.from(await Body!.transformToByteArray()), ContentType };
  };

  test('writes the files, and mails the same bytes', async () => {
    const { messageIds } = await sendReport({ report: key }, ports());
    const [sent, ...others] = mails();
    expect(others).toEqual([]);
    expect(sent).toMatchObject({ from: FROM, to: ['team@example.com'], configurationSet: 'stale-sg' });

    const mail = await PostalMime.parse(sent!.raw);
    expect(mail.subject).toMatch(
      /^stale-sg 111122223333 eu-west-1: \d+ rules to remove, \d+ went quiet, coverage 98\.7 %$/,
    );
    expect([mail.from, mail.to, mail.replyTo]).toEqual([
      { name: 'stale-sg', address: 'reports@example.com' },
      [{ name: '', address: 'team@example.com' }],
      [{ name: '', address: 'cloud@example.com' }],
    ]);
    const stored = (await ses.stored()).find(({ messageId }) => messageId === messageIds[0])!;
    expect(stored.subject).toBe(mail.subject);
    for (const [name, type] of [
      ['report.html', 'text/html; charset=utf-8'],
      ['candidates.csv', 'text/csv; charset=utf-8'],
      ['rules.csv', 'text/csv; charset=utf-8'],
    ] as const) {
      const { bytes, ContentType } = await object(name);
      expect(ContentType).toBe(type);
      const attached = mail.attachments.find(({ filename }) => filename === name)!;
      expect(Buffer.from(attached.content as ArrayBuffer).equals(bytes)).toBe(true);
      const taken = stored.attachments.find(({ filename }) => filename === name)!;
      expect(Buffer.from(taken.content, 'base64').equals(bytes)).toBe(true);
      expect(mail.text).toContain(`s3://${BUCKET}/reports/2026-01-31/run${run}/${name}`);
    }
    expect((await object('report.html')).bytes.toString()).toBe(PAGE);
    expect(figures).toMatchObject([{ kind: 'report', bytes: sent!.raw.length, messages: [{ outcome: 'sent' }] }]);
  });

  test('run twice, mails once', async () => {
    const first = await sendReport({ report: key }, ports());
    expect(await sendReport({ report: key }, ports())).toEqual(first);
    expect(mails()).toHaveLength(1);
    expect(figures.at(-1)).toMatchObject({ bytes: 0, messages: [{ outcome: 'already' }] });
  });

  test('120 recipients get three messages, fifty at most of one', async () => {
    const to = Array.from({ length: 120 }, (_, i) => `person-${i}@example.com`);
    await sendReport({ report: key }, ports({}, to));
    expect(mails().map((mail) => mail.to.length)).toEqual([50, 50, 20]);
    expect(mails().flatMap((mail) => mail.to)).toEqual(to);
    const parsed = await Promise.all(mails().map(({ raw }) => PostalMime.parse(raw)));
    expect(parsed.flatMap((mail) => mail.to?.map(({ address }) => address))).toEqual(to);
  });

  test('what SES refuses is told of, fails nothing, keeps no other from being sent, and is sent by the next run', async () => {
    const to = Array.from({ length: 120 }, (_, i) => `r${i}@example.com`);
    const { send } = ports();
    const refusing: SendReportPorts['send'] = async (some, bytes) => {
      if (some.includes('r60@example.com')) throw new Refused('SES refused the mail: not verified');
      return send(some, bytes);
    };
    const { messageIds, refused } = await sendReport({ report: key }, ports({ send: refusing }, to));
    expect([messageIds.length, refused]).toEqual([2, ['SES refused the mail: not verified']]);
    expect(warnings).toEqual(['the mail was refused']);
    expect(figures).toMatchObject([{ messages: [{ outcome: 'sent' }, { outcome: 'sent' }], refused }]);
    await sendReport({ report: key }, ports({}, to));
    expect(mails().map((mail) => mail.to[0])).toEqual(['r0@example.com', 'r100@example.com', 'r50@example.com']);
  });

  test('a run that dies between messages goes on where it ended', async () => {
    const to = Array.from({ length: 120 }, (_, i) => `person-${i}@example.com`);
    const send = ports().send;
    let calls = 0;
    const dies = (some: readonly string[], bytes: Buffer) => {
      return ++calls === 2 ? Promise.reject(new Error('killed')) : send(some, bytes);
    };
    await expect(sendReport({ report: key }, ports({ send: dies }, to))).rejects.toThrow('killed');
    let time = Date.parse('2026-02-01T03:44:00Z');
    const wait = async (milliseconds: number) => (time += milliseconds);
    await sendReport({ report: key }, ports({ wait, now: () => new Date(time) }, to));
    expect(mails().map((mail) => mail.to.length)).toEqual([50, 50, 20]);
    const texts = await Promise.all(mails().map(async ({ raw }) => (await PostalMime.parse(raw)).text ?? ''));
    expect(texts.map((text) => text.includes('!! You may have this mail twice: it was begun at'))).toEqual([
      ...[false, true, false],
    ]);
    expect(figures.at(-1)?.messages.map(({ outcome }) => outcome)).toEqual(['already', 'again', 'sent']);
  });

  test('an answer that is lost after the mail went out: it comes again, and says so at its top', async () => {
    const send = ports().send;
    const lost = async (some: readonly string[], bytes: Buffer) => {
      await send(some, bytes);
      throw new Error('socket hang up');
    };
    await expect(sendReport({ report: key }, ports({ send: lost }))).rejects.toThrow('socket hang up');
    let time = Date.parse('2026-02-01T03:44:20Z');
    const wait = async (milliseconds: number) => (time += milliseconds);
    await sendReport({ report: key }, ports({ wait, now: () => new Date(time) }));
    await sendReport({ report: key }, ports({ now: () => new Date(time) }));
    const [first, second, ...others] = await Promise.all(mails().map(({ raw }) => PostalMime.parse(raw)));
    expect(others).toEqual([]);
    expect(first?.html).not.toContain('You may have this mail twice');
    expect(second?.html).toContain('You may have this mail twice: it was begun at 2026-02-01T03:44:00.000Z');
  });

  test('without its page the figures are sent, and subject and text say that it is missing', async () => {
    const broken = () => {
      throw new Error('no page.js');
    };
    await sendReport({ report: key }, ports({ renderPage: broken }));
    const mail = await PostalMime.parse(mails()[0]!.raw);
    expect(mail.subject).toMatch(/, without report\.html$/);
    expect(mail.text).toContain('!! report.html could not be made (no page.\u200bjs). All figures are in this mail');
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['candidates.csv', 'rules.csv']);
    expect([warnings, figures[0]?.pageMissing]).toEqual([['the page could not be made'], 'no page.js']);
  });

  test('days without records, and problems of the inventory, are said before any figure', async () => {
    const { days } = report;
    const gaps = {
      ...report,
      days: days.toSpliced(2, 4),
      inventoryProblems: ['kept.csv, line 2: sgr-1 <is> no rule', 'b'],
    };
    await sendReport({ report: key }, ports({ readReport: async () => gaps }));
    const { subject, text, html } = await PostalMime.parse(mails()[0]!.raw);
    expect(subject).toMatch(/, INCOMPLETE: 4 of 30 days without records$/);
    const before = (body: string, first: string) => body.slice(0, body.indexOf(first));
    for (const said of [
      /4 of 30 days have no records/,
      /2 problems in the inventory, the first: kept\.\S*csv, line 2/,
    ]) {
      expect(before(text!, 'coverage')).toMatch(said);
      expect(before(html!.slice(html!.indexOf('<h1')), 'coverage')).toMatch(said);
    }
  });

  test('a page that is too large for a mail lies beside the report, with a link that asks for a sign-in', async () => {
    await sendReport({ report: key }, ports({ renderPage: () => 'x'.repeat(6_000_000) }));
    const mail = await PostalMime.parse(mails()[0]!.raw);
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['candidates.csv', 'rules.csv']);
    expect(mail.html).toContain(
      `href="https://eu-west-1.console.aws.amazon.com/s3/object/data-bucket?region=eu-west-1&amp;prefix=reports%2F2026-01-31%2Frun${run}%2Freport.html"`,
    );
    expect(mail.html).not.toMatch(/X-Amz|Signature/i);
    expect((await object('report.html')).bytes).toHaveLength(6_000_000);
  });

  test('a file that cannot be kept fails the step before anything is sent', async () => {
    const keep = () => Promise.reject(new Error('AccessDenied'));
    await expect(sendReport({ report: key }, ports({ keep }))).rejects.toThrow('AccessDenied');
    expect(mails()).toEqual([]);
  });

  test('a night that failed is another mail: what failed, what it means, where to look', async () => {
    const Cause = JSON.stringify({
      errorType: 'NightFailed',
      errorMessage: '1 of 2 days are not reconciled.\n2026-01-31: IncompleteDay: 41200 records were read',
    });
    const event = { failed: { Error: 'NightFailed', Cause }, execution: EXECUTION };
    await sendReport(event, ports());
    await sendReport(event, ports());
    expect(mails()).toHaveLength(1);
    const mail = await PostalMime.parse(mails()[0]!.raw);
    expect(mail.subject).toBe('stale-sg FAILED 111122223333 eu-west-1: no report of this night (NightFailed)');
    expect(mail.text).toContain(
      'NightFailed\n1 of 2 days are not reconciled.\n2026-01-31: IncompleteDay: 41200 records',
    );
    expect(mail.text).toContain('Nothing that an earlier report said changes.');
    expect(mail.text).toContain('infra/RUNBOOK.md, section night-failed');
    expect(mail.html).toContain(
      `https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/${encodeURIComponent(EXECUTION)}`,
    );
    expect(mail.attachments).toEqual([]);
  });

  describe('of a backfill that is done', () => {
    const execution = EXECUTION.replace('night:run1', 'backfill:2025-12-01-2026-01-30');
    const done = (more: object = {}) => ({
      from: '2025-12-01',
      to: '2026-01-30',
      days: 61,
      settled: 61,
      withoutLogs: 0,
      failed: 0,
      failures: [],
      ...more,
    });
    const mailed = async (more: object = {}, other: Partial<SendReportPorts> = {}) => {
      // Tables are new for each test.
      for (const _ of [1, 2]) await sendReport({ report: key, backfill: done(more), execution }, ports(other));
      expect(mails()).toHaveLength(1);
      return PostalMime.parse(mails()[0]!.raw);
    };

    test('one mail says what was settled, and what the report says by that', async () => {
      const { subject, text, html, attachments } = await mailed();
      expect(subject).toBe('stale-sg 111122223333 eu-west-1: backfill done, 61 of 61 days settled');
      for (const body of [text!, html!.replaceAll(/\s+/g, ' ')]) {
        expect(body).toContain('2025-12-01 to 2026-01-30: 61 of 61 days settled');
        expect(body).toContain('looks back on 30 days, 2026-01-02 to 2026-01-31, of which 30 have records');
        expect(body).toContain(encodeURIComponent(execution));
        expect(body).not.toMatch(/not settled/i);
      }
      const stale = report.rules.filter(({ verdict }) => verdict.kind === 'stale').length;
      expect(text).toMatch(new RegExp(`^ +${stale}  stale: `, 'm'));
      expect(text).toContain(`s3://${BUCKET}/reports/2026-01-31/run${run}/report.html`);
      expect((await object('report.html')).bytes.toString()).toBe(PAGE);
      expect(attachments).toEqual([]);
      expect(figures.map(({ kind }) => kind)).toEqual(['backfill', 'backfill']);
    });

    test('days that failed are named, with their reasons, which are others\u2019 text', async () => {
      const failures = [
        { from: '2025-12-24', to: '2025-12-24', days: 1, reason: 'Error: <b>https://evil.example</b>' },
        { from: '2026-01-01', to: '2026-01-02', days: 2, reason: 'IncompleteDay: fewer' },
      ];
      const { subject, text, html } = await mailed({ settled: 40, withoutLogs: 10, failed: 11, failures });
      expect(subject).toMatch(/: backfill done, 40 of 61 days settled, 10 without flow logs, 11 FAILED$/);
      expect(text).toContain('2025-12-24: Error: <b>https:\u200b//evil');
      expect(html).toContain('&lt;b&gt;https:\u200b//evil');
      for (const body of [text!, html!.replaceAll(/\s+/g, ' ')]) {
        expect(body).toContain('2026-01-01 to 2026-01-02 (2 days)');
        expect(body).toContain('and 8 more days');
      }
    });

    test('while the window grows, it says when more comes', async () => {
      const growth = {
        days: 40,
        firstDay: '2025-12-23',

        verdictsOn: null,
        planOn: null,
        wholeOn: '2026-03-19',
      };
      const { text, html } = await mailed({}, { readReport: async () => ({ ...report, windowDays: 90, growth }) });
      for (const body of [text!, html!]) expect(body).toContain('verdicts over the whole window on 2026-03-19');
    });

    test('a page that is missing is said', async () => {
      const renderPage = () => {
        throw new Error('no page.js');
      };
      const { text, html } = await mailed({}, { renderPage });
      for (const body of [text!, html!]) expect(body).toContain('report.html could not be made (no page.\u200bjs)');
    });

    test.each([{ days: -1 }, { from: 'x' }, { failures: [{}] }])('what is none is refused: %j', async (wrong) => {
      const event = { report: key, backfill: done(wrong), execution };
      await expect(sendReport(event, ports())).rejects.toThrow(/^nothing to send: /);
    });
  });

  test('a cause may be missing, and may be no JSON', async () => {
    await sendReport({ failed: { Error: 'States.Timeout' }, execution: EXECUTION }, ports());
    const mail = await PostalMime.parse(mails()[0]!.raw);
    expect(mail.subject).toContain('(States.Timeout)');
  });

  describe('refuses', () => {
    test.each<[event: unknown, message: RegExp]>([
      [{}, /^nothing to send: /],
      [{ report: 'reports/2026-01-31/../secret/report.json.gz' }, /^nothing to send: /],
      [{ report: 'night/2026-01-31/run1/report.json.gz' }, /^nothing to send: /],
      [
        { report: 'reports/2026-01-31/none/report.json.gz' },
        /^reports\/2026-01-31\/none\/report\.json\.gz: cannot be read$/,
      ],
      [{ failed: { Error: 'x' }, execution: 'arn:aws:s3:::x' }, /^nothing to send: /],
      [{ failed: { Cause: 'x' }, execution: EXECUTION }, /^nothing to send: /],
    ])('%j', async (event, message) => {
      await expect(sendReport(event, ports())).rejects.toThrow(message);
      expect(mails()).toEqual([]);
    });

    test.each([
      ['{"schemaVersion": 2}', /report\.json\.gz: no report of version 1: .*schemaVersion/s],
      ['{"schemaVersion": 1, "rules": 7}', /report\.json\.gz: no report of version 1: .*rules/s],
      ['not JSON', /report\.json\.gz: no JSON$/],
    ])('a report that is none: %s', async (text, message) => {
      await fauxqs.putObject(BUCKET, key, gzipSync(text));
      await expect(sendReport({ report: key }, ports())).rejects.toThrow(message);
      expect(mails()).toEqual([]);
    });

    test('a report that is no gzip', async () => {
      await fauxqs.putObject(BUCKET, key, JSON.stringify(report));
      await expect(sendReport({ report: key }, ports())).rejects.toThrow(`${key}: cannot be read`);
    });
  });
});
