// Costs about 30 seconds.
/** The mail as a mail program draws it: what axe finds, and what it can do. `npm run test:browser`. */
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { composeFailure } from '../../shared/reports/mail/compose-failure.ts';
import { composeMail } from '../../shared/reports/mail/compose-mail.ts';
import type { OwnersTold } from '../../shared/reports/mail/owners-told.ts';
import { csvFiles, pageFile } from '../../services/send-report/report-files.ts';
import { lifelikeReport } from '../services/send-report/lifelike-report.ts';
import { LETTER, PLACE } from '../shared/reports/mail/letters.ts';
import { dayOf, daysBefore } from '../services/send-report/reports.ts';
import { runAxe } from './axe.ts';
import { describeInBrowser } from './chromium.ts';
import { BETRAYAL, hostileReport } from './hostile-report.ts';
import { picture } from './opened.ts';

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [760, 600, 390] as const;

const report = lifelikeReport(312, 90);
const incomplete = [
  dayOf(daysBefore(0), { source: 'streamed', incomplete: '41,200 records were read, 48,113 streamed' }),
];
const sent = (of: typeof report) =>
  composeMail(of, { files: [pageFile('page'), ...csvFiles(of)], pageMissing: undefined, owners: OWNERS }, LETTER)
    .html as string;
/** As if all of the report's rules were of one owner, some of them too wide and back in use. */
const ofOwner = (owner: string) => {
  const narrower = {
    ruleId: 'sgr-1',
    rules: [
      { protocol: 'tcp', ports: { from: 443, to: 443 }, peer: { type: 'cidrIpv4' as const, value: '10.0.0.0/28' } },
    ],
    givesUp: 0.998,
    serviceFlows: 41,
    days: 90,
    caveats: [],
  };
  const backAgain = [{ day: daysBefore(0), usedTimes: 3, replyTimes: 3, possibleTimes: 0, bytes: 900 }];
  const rules = report.rules.map((rule, i) => {
    return { ...rule, ...(i % 9 === 0 && { narrower }), ...(i % 50 === 1 && { history: backAgain }) };
  });
  const own = { ...report, rules };
  return composeMail(own, { files: csvFiles(own), pageMissing: undefined, owner }, { ...LETTER, kept: undefined })
    .html as string;
};
const OWNERS: OwnersTold = {
  every: 'week',
  mailed: [
    { owner: 'payments team', rules: 12 },
    { owner: 'a@example.com', rules: 3 },
  ],
  before: [],
  failed: [{ owner: '<b>x</b>', rules: 1, reason: 'SES refused the mail: not verified' }],
  withoutAddress: [{ owner: 'team-x', rules: 4 }],
  later: [],
  quiet: 5,
  unowned: { rules: 41, toTell: 7 },
  problem: undefined,
};
const MAILS = {
  report: sent({ ...report, days: [...report.days, ...incomplete] }),
  owner: ofOwner(hostileReport().rules[0]!.groupName),
  failure: composeFailure(
    {
      error: 'NightFailed',
      cause: '1 of 2 days are not reconciled.',
      executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:n:1',
    },
    { ...LETTER, place: PLACE },
  ).html as string,
  hostile: sent(hostileReport()),
} as const;

describeInBrowser('the mail', (browser) => {
  let page: Page;
  const requests: string[] = [];
  beforeAll(async () => {
    page = await browser().newPage();
    page.on('request', (request) => requests.push(request.url()));
  });
  afterEach(() => {
    requests.length = 0;
  });

  const CASES = Object.keys(MAILS).flatMap((mail) =>
    SCHEMES.flatMap((scheme) => WIDTHS.map((width) => [mail as keyof typeof MAILS, scheme, width] as const)),
  );
  test.each(CASES)(
    '%s, %s, %d wide: fits, loads nothing, runs nothing, axe finds nothing serious',
    async (mail, colorScheme, width) => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.setContent(MAILS[mail]);
      await picture(page, `mail-${mail}-${width}-${colorScheme}`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(requests).toEqual([]);
      expect(await page.evaluate(`globalThis.${BETRAYAL}`)).toBeUndefined();
      const { violations, passes } = await runAxe(page);
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html)])).toEqual([]);
      expect(passes.length).toBeGreaterThan(10);
    },
  );

  test.each(Object.keys(MAILS) as (keyof typeof MAILS)[])('%s holds nothing but text and tables', async (mail) => {
    await page.setContent(MAILS[mail]);
    const found = await page.evaluate<{ tags: string[]; attributes: string[]; links: string[] }>(`(() => {
      const all = [...document.querySelectorAll('*')];
      return {
        tags: [...new Set(all.map((one) => one.localName))].sort(),
        attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))].sort(),
        links: [...document.querySelectorAll('[href]')].map((one) => one.href),
      };
    })()`);
    const allowed = 'a,bdi,body,br,div,h1,h2,head,html,meta,p,span,strong,style,table,tbody,td,th,title,tr'.split(',');
    expect(found.tags.filter((tag) => !allowed.includes(tag))).toEqual([]);
    expect(found.attributes.filter((name) => /^on|src|background|action/.test(name))).toEqual([]);
    for (const link of found.links) expect(link).toMatch(/^https:\/\/eu-west-1\.console\.aws\.amazon\.com\//);
  });
});
