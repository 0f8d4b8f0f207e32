import { describe, expect, test } from '@jest/globals';
import type { Moment } from '../../../shared/history/day-facts.ts';
import { InventoryHistory } from '../../../shared/history/inventory-history.ts';
import { NOTHING_REMEMBERED } from '../../../shared/inventory/past/past.ts';
import { startOfDay, type Day } from '../../../shared/time.ts';
import { judge } from '../../../shared/verdicts/judge.ts';
import { Random } from '../../oracle/random.ts';
import { DAY_0, inventory, QUIET, secondsOf, usage } from '../verdicts/world.ts';

const HOUR = 1 / 24;
const SECOND = HOUR / 3600;
const INVENTORY = inventory(QUIET);

/** Days as in `world.ts`: 3.5 is noon of day 4, and 3 the midnight before it. */
const moments = (...taken: number[]): Moment[] => taken.map((at) => ({ takenAt: secondsOf(at), inventory: INVENTORY }));
const outdated = (history: InventoryHistory, first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(
    (day) => history.inForceOn(DAY_0 + day).outdated,
  );

describe('days that no snapshot tells of', () => {
  test.each<[why: string, taken: number[], outdated: number[]]>([
    ['one a day, at whatever hour', [0.1, 1.9, 2.5, 3.01, 4.99], [7]],
    ['three days apart', [0.5, 3.5, 6.5], [2, 3, 5, 6]],
    ['just after midnight: the day before is not held against it', [0.5, 2 + HOUR], [2, 4, 5, 6, 7]],
    ['six hours before the day', [0.75, 3.75], [3, 6, 7]],
    ['a second earlier', [0.75 - SECOND, 3.75], [2, 3, 6, 7]],
    ['days before the first are assumed, and no gap', [4.5], [6, 7]],
  ])('%s', (_why, taken, days) => {
    const history = new InventoryHistory(moments(...taken));
    expect(outdated(history, 1, 7)).toEqual(days);
    for (const day of days) expect(history.factsOn(DAY_0 + day).outdated).toBe(true);
  });

  test('none of one inventory of which nobody knows when it was taken', () => {
    expect(outdated(new InventoryHistory([{ takenAt: Infinity, inventory: INVENTORY }]), 1, 7)).toEqual([]);
  });

  test('of several accounts each must have been looked at', () => {
    const [first, second] = moments(0.5, 3.5) as [Moment, Moment];
    const history = new InventoryHistory([first, { ...second, oldestAt: first.takenAt }, ...moments(5.5)]);
    expect(outdated(history, 1, 7)).toEqual([2, 3, 4, 5, 7]);
  });

  test('where all that happened is told, a gap is none', () => {
    const told = (since: number | undefined) =>
      new InventoryHistory(moments(0.5, 5.5), NOTHING_REMEMBERED, since === undefined ? undefined : secondsOf(since));
    // From midnight on: of what ended a little before, records come later.
    expect([1, 3, 3 - HOUR / 4].map((since) => outdated(told(since), 1, 7))).toEqual([
      [2, 7],
      [2, 3, 4, 7],
      [2, 3, 7],
    ]);
    expect(outdated(told(undefined), 1, 7)).toEqual([2, 3, 4, 5, 7]);
  });
});

/** By hand, from what it says: on the day, or up to six hours before. */
function isNear(taken: readonly number[], day: Day): boolean {
  const [begin, end] = [startOfDay(day) - 6 * 3600, startOfDay(day + 1)];
  return taken.some((at) => at >= begin && at < end);
}

test('silence of a day that no snapshot is near is never a ground, and one look a day is enough', () => {
  const kinds = new Map<string, number>();
  for (let seed = 0; seed < 400; seed++) {
    const random = new Random(seed);
    const windowDays = random.pick([10, 30, 90]);
    const share = random.pick([0.5, 0.9, 0.97, 1]);
    const taken = [-100];
    // Mostly one a day, at any hour.
    for (let day = -99; day <= windowDays; day++) if (random.chance(share)) taken.push(day + random.next());
    const world = { ...QUIET, interfaces: [`eni-a vpc-1/subnet-1 sg-web ${'a'.repeat(windowDays)}`] };
    const history = new InventoryHistory(moments(...taken));
    const options = { asOf: secondsOf(windowDays), windowDays, rulesKnownSince: undefined };
    const [{ verdict, evidence } = undefined!] = judge(INVENTORY, usage(world), options, history);
    const days = Array.from({ length: windowDays }, (_, i) => DAY_0 + 1 + i);
    const seconds = history.moments.map(({ takenAt }) => takenAt);
    const far = days.filter((day) => !isNear(seconds, day));
    const gaps = evidence.gaps.flatMap(({ firstDay, lastDay }) =>
      Array.from({ length: lastDay - firstDay + 1 }, (_, i) => firstDay + i),
    );
    expect([seed, gaps]).toEqual([seed, far]);
    expect([seed, verdict.kind]).toEqual([seed, far.length > 0.05 * windowDays ? 'notObserved' : 'stale']);
    kinds.set(verdict.kind, (kinds.get(verdict.kind) ?? 0) + 1);
  }
  expect(kinds.size).toBe(2);
});
