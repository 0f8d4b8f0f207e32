import { expect, test } from '@jest/globals';
import {
  isGrowing,
  leastWatched,
  milestonesOf,
  PLAN_DAYS,
  provisionalOf,
  type Grown,
} from '../../../shared/verdicts/growing-window.ts';
import { dayFromIso, isoDay } from '../../../shared/time.ts';

const FIRST = dayFromIso('2026-01-01')!;

/** A deployment's window after so many days, of which `unwatched` were not watched. */
function after(days: number, { unwatched = 0, windowDays = 90, leastDays = 14 } = {}): Grown {
  return { windowDays, days, watchedDays: days - unwatched, leastDays, nextDay: FIRST + days };
}

/** `verdicts 2026-01-15, plan …, whole …`: what is still to come. */
function told(grown: Grown): string {
  const { verdictsOn, planOn, wholeOn } = milestonesOf(grown);
  return Object.entries({ verdicts: verdictsOn, plan: planOn, whole: wholeOn })
    .flatMap(([name, day]) => (day === undefined ? [] : [`${name} ${isoDay(day)}`]))
    .join(', ');
}

test('a plan wants 30 days', () => {
  expect(PLAN_DAYS).toBe(30);
});

test.each<[says: string, why: string, grown: Grown]>([
  ['verdicts 2026-01-15, plan 2026-01-31, whole 2026-03-28', 'the first night', after(0)],
  ['verdicts 2026-01-15, plan 2026-01-31, whole 2026-03-28', 'a day', after(1)],
  ['verdicts 2026-01-15, plan 2026-01-31, whole 2026-03-28', 'the day before the first verdicts', after(13)],
  ['plan 2026-01-31, whole 2026-03-28', 'the first verdicts', after(14)],
  ['plan 2026-01-31, whole 2026-03-28', 'the day before the first plan', after(29)],
  ['whole 2026-03-28', 'the first plan', after(30)],
  ['whole 2026-03-28', 'the day before 95 % of the window', after(85)],
  ['', '95 % of the window', after(86)],
  ['', 'all of it', after(90)],
  [
    'verdicts 2026-01-02, plan 2026-01-31, whole 2026-03-28',
    'on one machine, where a day may do',
    after(0, { leastDays: 1 }),
  ],
  ['whole 2026-01-08', 'of a window shorter than a plan wants', after(3, { windowDays: 7, leastDays: 1 })],
  ['verdicts 2026-01-08, whole 2026-01-08', 'and than the least days', after(3, { windowDays: 7 })],
  ['verdicts 2026-01-29, whole 2026-01-29', 'of a window of 29 days', after(3, { windowDays: 29, leastDays: 28 })],
  // 20 days, 2 not watched: 18 of 20 are too few, and so are 37 of 39; 38 of 40 do, and 28 of 30 do sooner.
  ['verdicts 2026-01-31, plan 2026-02-02, whole 2026-03-28', 'days that were not watched', after(20, { unwatched: 2 })],
  ['plan 2026-02-01, whole 2026-03-28', 'a day in 20 may be missing', after(20, { unwatched: 1 })],
  ['verdicts 2026-02-09, plan 2026-02-11, whole 2026-03-28', 'none of the days', after(11, { unwatched: 11 })],
  ['', 'the window is whole, and enough was watched', after(90, { unwatched: 60 })],
])('%s: %s', (says, _why, grown) => {
  expect(told(grown)).toBe(says);
});

test('the next better day of a rule is the first of what is to come', () => {
  const next = (days: number, mayBePlanned: boolean) => provisionalOf(after(days), mayBePlanned)?.nextBetterDay;
  expect([0, 13, 14, 29].map((days) => next(days, false))).toEqual([
    '2026-01-15',
    '2026-01-15',
    '2026-03-28',
    '2026-03-28',
  ]);
  expect([0, 13, 14, 29, 30, 85, 86].map((days) => next(days, true))).toEqual([
    '2026-01-15',
    '2026-01-15',
    '2026-01-31',
    '2026-01-31',
    '2026-03-28',
    '2026-03-28',
    undefined,
  ]);
});

test('what is announced comes on that day, and not the day before, if every day is watched', () => {
  for (const windowDays of [1, 7, 14, 20, 29, 30, 31, 60, 90, 365]) {
    for (const leastDays of [1, 14]) {
      for (let days = 0; days < windowDays; days++) {
        for (const unwatched of new Set([0, 1, days].filter((one) => one <= days))) {
          const grown = after(days, { unwatched, windowDays, leastDays });
          const later = (day: number): Grown => {
            return { ...grown, days: day - FIRST, watchedDays: day - FIRST - unwatched, nextDay: day };
          };
          const { verdictsOn, planOn, wholeOn } = milestonesOf(grown);
          for (const [day, isThere] of [
            [verdictsOn, (at) => at.days >= Math.min(leastDays, windowDays) && at.watchedDays >= leastWatched(at.days)],
            [planOn, (at) => at.watchedDays >= 30],
            [wholeOn, (at) => !isGrowing(at)],
          ] as const satisfies readonly [number | undefined, (at: Grown) => boolean][]) {
            if (day === undefined) continue;
            expect(isThere(later(day))).toBe(true);
            // A plan takes stale rules only: their verdicts may be what comes last.
            if (day !== verdictsOn || day !== planOn) expect(isThere(later(day - 1))).toBe(false);
          }
        }
      }
    }
  }
});
