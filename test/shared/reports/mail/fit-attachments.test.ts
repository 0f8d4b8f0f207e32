import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { composeMail, mailBytes } from '../../../../shared/reports/mail/compose-mail.ts';
import { fitAttachments, type ReportFile } from '../../../../shared/reports/mail/fit-attachments.ts';
import { BODY_BYTES, mailBudget, SES_MESSAGE_BYTES } from '../../../../shared/reports/mail/limits.ts';
import { reportOf, ruleOf } from '../../../services/send-report/reports.ts';
import { LETTER } from './letters.ts';

const file = (name: string, content: Buffer): ReportFile => ({ name, contentType: 'text/plain', content });
/** Nothing makes it smaller. */
const noise = (kB: number): Buffer => randomBytes(kB * 1000);
/** Gzip makes it next to nothing. */
const zeros = (kB: number): Buffer => Buffer.alloc(kB * 1000, '0');
const placed = (files: readonly ReportFile[], kB: number): string[] =>
  fitAttachments(files, kB * 1000).map(({ attached }) => attached?.name ?? '-');

describe('what does not fit is given up in this order', () => {
  const files = (page: Buffer, candidates: Buffer, rules: Buffer): ReportFile[] => [
    ...[file('report.html', page), file('candidates.csv', candidates), file('rules.csv', rules)],
  ];
  test.each<[expected: string[], kB: number, files: ReportFile[], why: string]>([
    [['report.html', 'candidates.csv', 'rules.csv'], 1500, files(noise(800), noise(100), noise(100)), 'all fits'],
    [['-', 'candidates.csv', 'rules.csv'], 1000, files(noise(800), noise(100), noise(100)), 'first the page'],
    [
      ['-', 'candidates.csv', 'rules.csv.gz'],
      1000,
      files(noise(1), zeros(100), zeros(900)),
      'then all rules are packed',
    ],
    [['-', 'candidates.csv', '-'], 1000, files(noise(1), zeros(100), noise(900)), 'or left out'],
    [['-', 'candidates.csv.gz', '-'], 1000, files(noise(1), zeros(900), noise(900)), 'then the candidates are packed'],
    [['-', '-', '-'], 1000, files(noise(1), noise(900), noise(900)), 'or left out'],
    [['report.html'], 100, [file('report.html', noise(70))], 'what is not there is not given up'],
  ])('%j of %d kB', (expected, kB, given) => {
    expect(placed(given, kB)).toEqual(expected);
  });
});

test('a packed file holds what the file held', () => {
  const [one] = fitAttachments([file('rules.csv', zeros(900))], 10_000);
  expect(one?.attached).toMatchObject({ name: 'rules.csv.gz', contentType: 'application/gzip' });
  expect(gunzipSync(one!.attached!.content).equals(zeros(900))).toBe(true);
});

test('no mail is larger than it may be, however large its files are', async () => {
  const maxBytes = 2_000_000;
  let largest = 0;
  for (const kB of [0, 1, 400, 1200, 1260, 1265, 1270, 1275, 1280, 2000]) {
    const files = [file('report.html', noise(kB)), file('candidates.csv', noise(3)), file('rules.csv', noise(7))];
    const mail = composeMail(reportOf([]), { files, pageMissing: undefined }, { ...LETTER, maxBytes });
    const raw = await mailBytes(mail, maxBytes);
    largest = Math.max(largest, raw.length);
    const { attachments, html } = await PostalMime.parse(raw);
    const isThere = attachments.some(({ filename }) => filename === 'report.html');
    expect([attachments.length, html?.includes('too large for this mail')]).toEqual(isThere ? [3, false] : [2, true]);
  }
  expect(largest).toBeGreaterThan(maxBytes - BODY_BYTES);
});

test('the bodies have their room, whatever is said in them', async () => {
  const text = '\u{1f525}<&"'.repeat(100);
  const rules = Array.from({ length: 60 }, (_, i) =>
    ruleOf(`${text}${i}`, {
      groupName: text,
      peer: { type: 'unknown', value: text, name: text },
      why: text,
      usedTimes: i % 2 === 0 ? 0 : 1,
      wentQuiet: { lastDay: '2026-01-01', usedDays: 1, quietDays: 1 },
    }),
  );
  const findings = rules.map(() => ({
    finding: { kind: 'duplicateRules', groupId: '', ruleIds: [] } as const,
    rank: 1,
    text,
  }));
  const mail = composeMail(
    reportOf(rules, { findings }),
    { files: [], pageMissing: text },
    { ...LETTER, repeats: text },
  );
  expect((await mailBytes(mail, 1e7)).length).toBeLessThan(BODY_BYTES);
});

test.each([
  [undefined, 7_000_000],
  [SES_MESSAGE_BYTES, 40_000_000],
  [512_000, 512_000],
])('of %d bytes', (asked, bytes) => {
  expect(mailBudget(asked)).toBe(bytes);
});

test.each([511_999, 40_000_001])('not of %d bytes', (asked) => {
  expect(() => mailBudget(asked)).toThrow(`a mail of at most ${asked} bytes: give 512000 to 40000000`);
});
