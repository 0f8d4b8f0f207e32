import { expect, test } from '@jest/globals';
import { backInUse } from '../../../shared/reports/back-in-use.ts';
import { daysBefore, EVIDENCE, dayOf, reportOf, ruleOf } from '../../services/send-report/reports.ts';

/** Of 90 days. */
const report = reportOf([]);

const used = (ago: number) => ({ day: daysBefore(ago), usedTimes: 1, replyTimes: 1, possibleTimes: 0, bytes: 1 });
const back = (ago: readonly number[], knownSince: string | null = null, days = report.days) =>
  backInUse({ ...report, days })(ruleOf('sgr-1', { history: ago.map(used), evidence: { ...EVIDENCE, knownSince } }));

test.each<[why: string, ago: number[], quietDays: number | undefined]>([
  ['never', [], undefined],
  ['every day', Array.from({ length: 90 }, (_, i) => 89 - i), undefined],
  ['today, after 28 days', [29, 0], 28],
  ['today, after 27 days', [28, 0], undefined],
  ['six days ago, and since', [60, 6, 3, 0], 53],
  ['seven days ago, and since: no news any more', [60, 7, 0], undefined],
  ['the first time in the window', [2], 87],
  ['on the first day of the window, and since yesterday', [89, 1], 87],
])('used %s', (_why, ago, quietDays) => {
  const since = daysBefore(Math.max(0, ...ago.filter((one) => one < 7)));
  expect(back(ago)).toEqual(quietDays === undefined ? undefined : { since, quietDays });
});

test('only days count on which it stood, and of which there are records', () => {
  expect(back([0], `${daysBefore(28)}T12:00:00Z`)).toEqual({ since: daysBefore(0), quietDays: 28 });
  expect(back([0], `${daysBefore(27)}T12:00:00Z`)).toBeUndefined();
  const begun = report.days.filter(({ day }) => day >= daysBefore(20));
  expect(back([0], null, begun)).toBeUndefined();
  const empty = report.days.map(({ day }) => dayOf(day, { records: day >= daysBefore(20) ? 1 : 0 }));
  expect(back([0], null, empty)).toBeUndefined();
});

test('what may have been use is none', () => {
  const history = [{ ...used(0), usedTimes: 0, replyTimes: 0, possibleTimes: 5 }];
  expect(backInUse(report)(ruleOf('sgr-1', { history }))).toBeUndefined();
});
