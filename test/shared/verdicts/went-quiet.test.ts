import { describe, expect, test } from '@jest/globals';
import { wentQuiet } from '../../../shared/verdicts/went-quiet.ts';
import { judgedHistory } from './history.ts';

/**
 * Days of a window from its first on: `u` used, `.` observed and not used, `?` not observed, `U` used though its group was
 * not observed. Says `<used days>/<quiet days> until <last used day>`, or `-`.
 */
function quiet(days: string): string {
  const window = { firstDay: 0, lastDay: days.length - 1, lastObservedDay: days.length - 1, days: days.length };
  const found = wentQuiet(
    window,
    (day) => /u/i.test(days[day]!),
    (day) => /[u.]/.test(days[day]!),
  );
  return found ? `${found.usedDays}/${found.quietDays} until ${found.lastDay}` : '-';
}

describe('went quiet', () => {
  test.each<[says: string, why: string, days: string]>([
    ['7/3 until 6', 'a week of use, three days of none', 'uuuuuuu...'],
    ['-', 'two days of none', 'uuuuuuu..'],
    ['-', 'six days of use are no habit', 'uuuuuu....'],
    ['7/3 until 9', 'days before the first use are none of its life', '...uuuuuuu...'],
    ['-', 'used to the end', '...uuuuuuuuuu'],
    ['-', 'never used', '..............'],
    ['-', 'a pause of one day: five are needed', 'uuu.uuuu....'],
    ['7/5 until 7', 'and five days are enough', 'uuu.uuuu.....'],
    ['10/10 until 11', 'working days: ten days', 'uuuuu..uuuuu..........'],
    ['-', 'working days: a long weekend is not enough', 'uuuuu..uuuuu.........'],
    ['-', 'used on every other day', 'u.u.u.u.u.u.u................'],
    ['8/15 until 12', 'used on 8 of 13 days, at most 3 apart', 'uuuu...u.u.uu...............'.slice(0, 28)],
    ['-', 'silence that was not observed is none', 'uuuuuuu???'],
    ['7/3 until 6', 'only the observed days of it count', 'uuuuuuu?.?.?.'],
    ['-', 'days that were not observed make a pause longer', 'uuu???uuuu..............'],
    ['7/15 until 9', 'and yet are not held against the habit', 'uuu???uuuu...............'],
    ['7/3 until 6', 'used on days that were not observed as well', 'uUUUuUu...'],
  ])('%s: %s', (says, _why, days) => {
    expect(quiet(days)).toBe(says);
  });

  test('not on the day of asking, of which nothing need be observed', () => {
    const window = { firstDay: 0, lastDay: 10, lastObservedDay: 9, days: 10 };
    const used = (last: number) =>
      wentQuiet(
        window,
        (day) => day <= last,
        () => true,
      )?.quietDays;
    expect([used(6), used(7), used(10)]).toEqual([3, undefined, undefined]);
  });
});

describe('a judged rule went quiet', () => {
  const days = [1, 2, 3, 4, 5, 6, 7];
  const use = days.map((day) => `r1 ${day} used=1 sole=1 reply=1`);
  const of = (more: object): unknown => judgedHistory({ snapshots: [{ at: -50 }], use, ...more })[0]!.quiet;
  test.each<[quiet: unknown, why: string, more: object]>([
    [expect.objectContaining({ usedDays: 7, quietDays: 3 }), 'used for a week, and not since', {}],
    [undefined, 'the other source saw more', { other: { use: ['r1 8 used=1'] } }],
    [
      expect.objectContaining({ usedDays: 7 }),
      'as the other source has it',
      { use: use.slice(1), other: { use: [use[0]] } },
    ],
    [undefined, 'it may have been used since', { use: [...use, 'r1 9 possible=1'], lastUses: ['r1 8.5 possible'] }],
    [undefined, 'it was used since, as is known by the time alone', { lastUses: ['r1 8.5 used'] }],
    [undefined, 'its interfaces were not observed since', { interfaces: ['eni-a vpc-1/subnet-1 sg-web aaaaaaaaa.'] }],
    [undefined, 'kept on purpose', { tags: ['stale-sg:keep=for good'] }],
  ])('%s: %s', (quietness, _why, more) => {
    expect(of(more)).toEqual(quietness);
  });
});
