import { describe, expect, test } from '@jest/globals';
import { addPossible, emptyRuleDay, type RuleDay } from '../../../shared/usage/usage.ts';
import { addRuleDay, lastUse, sumWithin } from '../../../shared/usage/window.ts';
import { dayOf, type Day, daysSpanned, isIn, isoTime, windowOf, isoDay } from '../../../shared/time.ts';

const seconds = (iso: string): number => Date.parse(iso) / 1000;

describe('a day', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T23:59:59Z', 0],
    ['1970-01-02T00:00:00Z', 1],
    ['2026-01-12T00:00:00Z', 20_465],
    ['2028-02-29T12:00:00Z', 21_243],
  ])('%s is day %d', (iso, day) => {
    expect(dayOf(seconds(iso))).toBe(day);
    expect(isoDay(day)).toBe(iso.slice(0, 10));
  });
});

describe('the window', () => {
  test.each<[asOf: string, days: number, first: string, lastObserved: string, last: string, why: string]>([
    ['2026-01-31T12:00:00Z', 1, '2026-01-31', '2026-01-31', '2026-01-31', 'the day at hand'],
    ['2026-01-31T12:00:00Z', 90, '2025-11-03', '2026-01-31', '2026-01-31', '90 days, the one at hand included'],
    ['2026-01-31T00:00:01Z', 2, '2026-01-30', '2026-01-31', '2026-01-31', 'a second into the day: it counts as one'],
    ['2026-01-31T00:00:00Z', 2, '2026-01-29', '2026-01-30', '2026-01-31', 'midnight: the new day has not begun'],
    ['2026-01-30T23:59:59Z', 2, '2026-01-29', '2026-01-30', '2026-01-30', 'a second before midnight'],
    ['2026-03-01T00:00:00Z', 1, '2026-02-28', '2026-02-28', '2026-03-01', 'across the end of a month'],
  ])('as of %s, %d days: %s to %s, use to %s (%s)', (asOf, days, first, lastObserved, last) => {
    const window = windowOf(seconds(asOf), days);
    const shown = [window.firstDay, window.lastObservedDay, window.lastDay].map(isoDay);
    expect([...shown, window.days]).toEqual([first, lastObserved, last, days]);
    expect(window.lastObservedDay - window.firstDay + 1).toBe(days);
    const edges = [window.firstDay - 1, window.firstDay, window.lastDay, window.lastDay + 1];
    expect(edges.map((day) => isIn(window, day))).toEqual([false, true, true, false]);
  });
});

describe('the days that logs span', () => {
  test.each([
    ['2026-01-12T00:05:00Z', '2026-01-14T23:51:05Z', 3, 'three days'],
    ['2026-01-12T10:00:00Z', '2026-01-12T10:00:00Z', 1, 'one record'],
    ['2026-01-12T00:00:00Z', '2026-01-12T00:00:00Z', 1, 'one record at midnight'],
    ['2026-01-12T23:59:59Z', '2026-01-13T00:00:00Z', 1, 'the last ends at midnight: its day has not begun'],
    ['2026-01-12T23:59:59Z', '2026-01-13T00:00:01Z', 2, 'a second into the next day'],
    ['2026-01-12T00:00:00Z', '2026-04-12T00:00:00Z', 90, 'ninety days'],
  ])('%s to %s: %d (%s)', (first, last, days) => {
    expect(daysSpanned(seconds(first), seconds(last))).toBe(days);
    const window = windowOf(seconds(last), days);
    expect(isIn(window, dayOf(seconds(first)))).toBe(true);
    expect(isIn(window, dayOf(seconds(last)))).toBe(true);
  });
});

const use = (more: Partial<RuleDay>): RuleDay => ({ ...emptyRuleDay(), ...more });

describe('the sum of a window', () => {
  const days = new Map<Day, RuleDay>([
    [9, use({ usedTimes: 1, bytes: 1, lastUsed: 9 * 86_400 })],
    [10, use({ usedTimes: 2, soleTimes: 1, bytes: 10, lastUsed: 10 * 86_400 + 5 })],
    [12, use({ replyTimes: 3, packets: 7, bytes: 100, lastUsed: 12 * 86_400 + 9, untrackedReplies: 4 })],
    [13, use({ usedTimes: 50, lastUsed: 13 * 86_400, possibleTimes: 1, lastPossible: 13 * 86_400 + 1 })],
  ]);

  test('holds the days of the window and no others', () => {
    expect(sumWithin(days, windowOf(13 * 86_400 - 1, 3))).toMatchObject({
      usedTimes: 2,
      soleTimes: 1,
      replyTimes: 3,
      untrackedReplies: 4,
      packets: 7,
      bytes: 110,
      lastUsed: 12 * 86_400 + 9,
      possibleTimes: 0,
      lastPossible: -1,
    });
    expect(sumWithin(days, windowOf(13 * 86_400, 3))).toMatchObject({ usedTimes: 52, possibleTimes: 1 });
  });

  test('leaves the days as they were', () => {
    const before = structuredClone({ ...days.get(10)!, peers: undefined });
    sumWithin(days, windowOf(14 * 86_400, 10));
    sumWithin(days, windowOf(14 * 86_400, 10));
    expect({ ...days.get(10)!, peers: undefined }).toEqual(before);
  });

  test('of a rule that nothing was seen of is nothing', () => {
    expect(sumWithin(undefined, windowOf(10, 1))).toEqual(emptyRuleDay());
  });

  test('the last use is that of any day, in the window or out of it', () => {
    expect(lastUse(days)).toEqual({ lastUsed: 13 * 86_400, lastPossible: 13 * 86_400 + 1 });
    expect(lastUse(undefined)).toEqual({ lastUsed: -1, lastPossible: -1 });
  });
});

describe('two days put together', () => {
  const ports = (key: string, usedTimes: number, replyTimes: number): RuleDay['ports'] =>
    new Map([[key, { protocol: 6, bucket: { from: 443, to: 443 }, usedTimes, replyTimes }]]);

  test('every counter is summed, the latest time is kept, ports and hours side by side', () => {
    const all = {
      usedTimes: 1,
      soleTimes: 2,
      primaryTimes: 3,
      inferredTimes: 4,
      replyTimes: 5,
      possibleTimes: 6,
      untrackedReplies: 7,
      packets: 8,
      bytes: 9,
    };
    const into = use({ ...all, lastUsed: 100, lastPossible: 5, ports: ports('a', 1, 2) });
    into.hours[3] = 4;
    into.peers.keep(1, () => '10.0.0.0/24');
    const other = use({
      ...all,
      lastUsed: 50,
      lastPossible: 50,
      ports: new Map([...ports('a', 10, 20), ...ports('b', 1, 1)]),
    });
    other.hours[3] = 1;
    other.hours[23] = 2;
    other.peers.keep(2, () => '10.0.1.0/24');
    addRuleDay(into, other);
    const doubled = Object.fromEntries(Object.entries(all).map(([name, times]) => [name, 2 * times]));
    expect(into).toMatchObject({ ...doubled, lastUsed: 100, lastPossible: 50 });
    expect([into.hours[3], into.hours[23], into.hours[0]]).toEqual([5, 2, 0]);
    expect([...into.ports].map(([key, { usedTimes, replyTimes }]) => [key, usedTimes, replyTimes])).toEqual([
      ['a', 11, 22],
      ['b', 1, 1],
    ]);
    expect(into.peers.entries().map(([, peer]) => peer)).toEqual(['10.0.0.0/24', '10.0.1.0/24']);
    addRuleDay(into, other);
    expect(other.ports.get('b')).toMatchObject({ usedTimes: 1, replyTimes: 1 });
  });

  test('possible use adds up, and keeps its latest time', () => {
    const into = emptyRuleDay();
    addPossible(into, 2, 70);
    addPossible(into, 0, -1);
    addPossible(into, 3, 60);
    expect(into).toMatchObject({ possibleTimes: 5, lastPossible: 70, usedTimes: 0, lastUsed: -1 });
  });
});

test('times are told in UTC with whole seconds', () => {
  expect([0, 1_769_817_600, 253_402_300_799].map(isoTime)).toEqual([
    '1970-01-01T00:00:00Z',
    '2026-01-31T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ]);
});
