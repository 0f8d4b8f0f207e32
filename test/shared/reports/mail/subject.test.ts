import { expect, test } from '@jest/globals';
import { digestOf } from '../../../../shared/reports/mail/digest.ts';
import { failureSubject, subjectOf } from '../../../../shared/reports/mail/subject.ts';
import { dayOf, daysBefore, planOf, reportOf, ruleOf } from '../../../services/send-report/reports.ts';
import { PLACE } from './letters.ts';

const QUIET = { lastDay: daysBefore(9), usedDays: 70, quietDays: 9 };
const STALE = [ruleOf('sgr-1'), ruleOf('sgr-2'), ruleOf('sgr-3', { wentQuiet: QUIET })];
const MANY = Array.from({ length: 1234 }, (_, i) => ruleOf(`sgr-${i}`));
const whole = Array.from({ length: 90 }, (_, i) => dayOf(daysBefore(89 - i)));
const incomplete = [...whole.slice(0, -1), dayOf(daysBefore(0), { source: 'streamed', incomplete: 'late' })];
const silent = dayOf(daysBefore(49), { records: 0 });

test.each([
  [
    'stale-sg 111122223333 eu-west-1: 2 rules to remove, 1 went quiet, coverage 98.7 %',
    reportOf(STALE, { plan: planOf(['sgr-1', 'sgr-2']) }),
    'what the plan removes, not what is unused',
  ],
  ['stale-sg 111122223333 eu-west-1: 3 rules unused, 1 went quiet, coverage 98.7 %', reportOf(STALE), 'no plan'],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules to remove, 1 went quiet, coverage 98.7 %',
    reportOf(STALE, { plan: planOf([]) }),
    'a plan that removes nothing',
  ],
  ['stale-sg 111122223333 eu-west-1: 1,234 rules unused, 0 went quiet, coverage 98.7 %', reportOf(MANY), 'thousands'],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage unknown',
    reportOf([], { coverage: null }),
    'nothing read',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage > 99.9 %',
    reportOf([], { coverage: 0.99999 }),
    'all but some is not all',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage 100.0 %',
    reportOf([], { coverage: 1 }),
    'all',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage 98.7 %, INCOMPLETE: 1 day not reconciled',
    reportOf([], { days: incomplete }),
    'a day that was read short',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage 98.7 %',
    reportOf([], { days: [dayOf(daysBefore(95), { incomplete: 'late' }), ...whole] }),
    'a day before the window lacks nothing of it',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage 98.7 %',
    reportOf([], { days: [dayOf(daysBefore(80), { records: 0, incomplete: 'no files' }), ...whole.slice(30)] }),
    'nor does one before there were logs',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage 98.7 %, INCOMPLETE: 3 of 90 days without records',
    reportOf([], { days: whole.toSpliced(40, 3, silent) }),
    'days that nothing is known of',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage unknown, INCOMPLETE: 90 of 90 days without records',
    reportOf([], { coverage: null, days: [] }),
    'nothing at all',
  ],
  [
    'stale-sg 111122223333 eu-west-1: 0 rules unused, 0 went quiet, coverage 98.7 %, INCOMPLETE: 1 day not reconciled, 1 of 90 days without records',
    reportOf([], { days: incomplete.toSpliced(40, 1, silent) }),
    'both; a day of records that are none counts as one without',
  ],
])('%s: %#', (subject, report) => {
  expect(subjectOf(digestOf(report), { place: PLACE, hasPage: true })).toBe(subject);
});

test('says that the page is missing, and leaves out a place that is not known', () => {
  expect(subjectOf(digestOf(reportOf([])), { place: undefined, hasPage: false })).toBe(
    'stale-sg: 0 rules unused, 0 went quiet, coverage 98.7 %, without report.html',
  );
});

test.each([
  ['NightFailed', 'stale-sg FAILED 111122223333 eu-west-1: no report of this night (NightFailed)'],
  ['States.Timeout', 'stale-sg FAILED 111122223333 eu-west-1: no report of this night (States.Timeout)'],
  ['a\r\nBcc: b', 'stale-sg FAILED 111122223333 eu-west-1: no report of this night (a??Bcc: b)'],
  ['x'.repeat(500), `stale-sg FAILED 111122223333 eu-west-1: no report of this night (${'x'.repeat(80)})`],
])('of a night that failed by %j', (error, subject) => {
  expect(failureSubject(PLACE, error)).toBe(subject);
});
