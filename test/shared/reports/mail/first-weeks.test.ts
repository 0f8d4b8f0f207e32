import { describe, expect, test } from '@jest/globals';
import { planText } from '../../../../shared/advice/removal/plan-text.ts';
import { reportOfUsage } from '../../../../shared/reports/report-of-usage.ts';
import { usageReport, type UsageReport } from '../../../../shared/reports/schema.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { inventory, secondsOf, usage, type World } from '../../verdicts/world.ts';
import { mailed } from './letters.ts';

/** A deployment that was made the day before 2026-01-11, day 1: what its mail says after so many days. */
function reportAfter(days: number, more: World = {}): UsageReport {
  const world: World = {
    groups: ['sg-web vpc-1', 'sg-db vpc-1'],
    rules: [
      'sgr-world sg-web in tcp 22 0.0.0.0/0',
      'sgr-site sg-web in tcp 443 10.0.0.0/8',
      'sgr-old sg-db in tcp 3306 10.0.0.0/16',
    ],
    interfaces: ['a', 'b'].map(
      (letter, i) => `eni-${letter} vpc-1/subnet-1 sg-${i === 0 ? 'web' : 'db'} ${'a'.repeat(days)}`,
    ),
    flowLogs: ['fl-1 vpc-1 ALL -1'],
    use: days === 0 ? [] : ['sgr-site 1 used=4 sole=4 reply=4'],
    ...more,
  };
  const counted = usage(world);
  if (days > 0) Object.assign(counted.fates, { attributed: 98, unexplained: 2 });
  return reportOfUsage(
    { inventory: inventory(world), usage: counted, malformedSamples: [], source: 'reconciled' },
    { asOf: secondsOf(days), windowDays: 90, rulesKnownSince: secondsOf(-400), leastDays: 14 },
  );
}

async function mailAfter(days: number, more?: World) {
  const report = reportAfter(days, more);
  expect(usageReport.safeParse(report).error).toBeUndefined();
  const { mail } = await mailed(report);
  const html = mail.html!.slice(mail.html!.indexOf('<h1'));
  /** Both parts, without markup, the first lines only. */
  const words = html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' :', ':');
  return { report, subject: mail.subject!, text: mail.text!, words };
}

const verdictsOf = ({ rules }: UsageReport): string[] =>
  rules.toSorted((a, b) => compareText(b.ruleId, a.ruleId)).map(({ verdict }) => verdict.kind);
const PLACE = 'stale-sg 111122223333 eu-west-1';

describe.each([
  [0, 'none of the 90 days is there', '1 finding that needs no days of traffic.'],
  [1, '1 of 90 days is there, the first is 2026-01-11', 'records of 1 day, of which rules explain 98.0 %.'],
  [13, '13 of 90 days are there, the first is 2026-01-11', 'records of 13 days, of which rules explain 98.0 %.'],
])('after %d days', (days, there, found) => {
  const coming =
    'next come the first verdicts on 2026-01-25, the first plan on 2026-02-10 and verdicts over the whole window on 2026-04-07.';

  test('the mail says what is there, and when more comes', async () => {
    const { report, subject, text, words } = await mailAfter(days);
    expect(subject).toBe(
      `${PLACE}: ${days} of 90 days, first verdicts on 2026-01-25, 1 finding, coverage ${days === 0 ? 'unknown' : '98.0 %'}`,
    );
    const first = `No rule is judged unused yet: ${there}. If every day from now on is watched, ${coming}`;
    for (const part of [text, words]) {
      expect(part).toContain(first);
      expect(part).toMatch(/Found so far: 2 groups with 3 rules; 1 finding that needs no days of traffic/);
      expect(part.indexOf(first)).toBeLessThan(part.indexOf('coverage'));
      expect(part).toContain('No rule is judged unused yet: the first verdicts come on 2026-01-25.');
      // Open to the world is so on the first day.
      expect(part).toContain('sgr-world lets every address reach SSH');
      expect(part).not.toMatch(/INCOMPLETE|without records|have no records|unused or redundant/);
    }
    expect([text, words].every((part) => part.includes(found))).toBe(true);
    expect(text.includes('No flow log record has been read yet')).toBe(days === 0);
    expect(verdictsOf(report)).toEqual(['notObserved', days === 0 ? 'notObserved' : 'active', 'notObserved']);
  });

  test('usage.json has the dates, and each verdict that waits its own', () => {
    const report = reportAfter(days);
    expect(report.growth).toEqual({
      days,
      firstDay: days === 0 ? null : '2026-01-11',
      verdictsOn: '2026-01-25',
      planOn: '2026-02-10',
      wholeOn: '2026-04-07',
    });
    const world = report.rules.find(({ ruleId }) => ruleId === 'sgr-world')!;
    expect(world.verdict).toMatchObject({
      kind: 'notObserved',
      reason: 'notWatched',
      provisional: { watchedDays: days, windowDays: 90, nextBetterDay: '2026-01-25', wholeOn: '2026-04-07' },
    });
    expect(world.why).toMatch(/; more can be said on 2026-01-25 at the earliest$/);
  });
});

test('after 14 days rules are called unused, provisionally, and no plan is spoken of', async () => {
  const { report, subject, text, words } = await mailAfter(14);
  expect(subject).toBe(`${PLACE}: 2 rules unused, 0 went quiet, coverage 98.0 %, provisional: 14 of 90 days`);
  for (const part of [text, words]) {
    expect(part).toContain(
      'Provisional: 14 of 90 days are there, the first is 2026-01-11. If every day from now on is watched, next come the first plan ' +
        'on 2026-02-10 and verdicts over the whole window on 2026-04-07.',
    );
    expect(part).toContain(
      'Stale: unused; provisional: watched on 14 of 90 days, the next better answer comes on 2026-02-10',
    );
    expect(part).not.toMatch(/Found so far|INCOMPLETE|no records/);
  }
  expect(report.growth).toMatchObject({ days: 14, verdictsOn: null, planOn: '2026-02-10' });
  expect(report.plan!.stages).toEqual([]);
});

test('after 30 days there is a plan, which says so as well', async () => {
  const { report, subject, text, words } = await mailAfter(30);
  expect(subject).toBe(`${PLACE}: 2 rules to remove, 0 went quiet, coverage 98.0 %, provisional: 30 of 90 days`);
  expect(text).toContain('watched, next come verdicts over the whole window on 2026-04-07.');
  const caveat =
    'Provisional: 2 rules of these were watched on fewer days than the window has, one on 30 of 90; that window is whole on 2026-04-07.';
  expect(report.plan!.caveats).toContain(caveat);
  expect(planText(report.plan!)).toContain(`- \`${caveat}\``);
  for (const one of report.plan!.caveats) for (const part of [text, words]) expect(part).toContain(one);
  expect(report.growth).toMatchObject({ days: 30, verdictsOn: null, planOn: null });
});

test('after 90 days nothing is provisional', async () => {
  const { report, subject, text, words } = await mailAfter(90);
  expect(subject).toBe(`${PLACE}: 2 rules to remove, 0 went quiet, coverage 98.0 %`);
  expect(text + words + JSON.stringify(report)).not.toMatch(/provisional/i);
  expect(planText(report.plan!)).not.toMatch(/provisional/i);
  expect(report.growth).toBeNull();
});

test('of rules that were not watched the mail does not say that none is unused', async () => {
  const { text, words } = await mailAfter(90, {
    interfaces: [`eni-a vpc-1/subnet-1 sg-web ${'a'.repeat(90)}`, `eni-b vpc-1/subnet-1 sg-db ${'.'.repeat(90)}`],
    flowLogs: ['fl-1 eni-a ALL -1'],
    use: ['sgr-site 1 used=4 sole=4 reply=4', 'sgr-world 1 used=4 sole=4 reply=4'],
  });
  for (const part of [text, words])
    expect(part).toContain('No rule is judged unused or redundant; of 1 rule it cannot be said.');
});

test('a day without records since the logs began is a gap; the days before are none', async () => {
  const gap = await mailAfter(20, { interfaces: [`eni-a vpc-1/subnet-1 sg-web aaaa.${'a'.repeat(15)}`] });
  expect(gap.subject).toMatch(/, INCOMPLETE: 1 of 20 days without records$/);
  expect(gap.text).toContain('!! 1 of 20 days from 2026-01-11 on has no records: silence on it is no sign of disuse.');
  const late = await mailAfter(88);
  expect(late.subject).not.toMatch(/INCOMPLETE/);
  expect(late.text).toContain('!! The records begin on 2026-01-11: of the window, 2 days before that tell nothing.');
});

test('what is younger than the days there are is told so, before days are counted', async () => {
  const { report, text } = await mailAfter(5, {
    interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaa', 'eni-b vpc-1/subnet-1 sg-db 3:aaa interface 3.5'],
  });
  const old = report.rules.find(({ ruleId }) => ruleId === 'sgr-old')!;
  expect(old.verdict).toEqual({
    kind: 'tooYoung',
    young: 'interface',
    since: '2026-01-13T12:00:00Z',
    nextBetterDay: '2026-04-14',
  });
  expect(old.why).toMatch(/: on 2026-04-14 that is as old as the window$/);
  expect(text).toContain('1  Too young: unused, but something of it is younger than the window');
});
