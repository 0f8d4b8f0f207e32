import { describe, expect, test } from '@jest/globals';
import { slotsOf } from '../../../../services/generate-account/options/slots.ts';

const DAY = 86_400;

describe('slots of time', () => {
  test.each<[why: string, seconds: number, records: number, slots: number]>([
    ['all of them where there are records enough', 3600, 1_000_000, 6],
    ['the last one may be short', 3660, 1_000_000, 7],
    ['few records: few slots', 3600, 1000, 2],
    ['one at least', 3600, 1, 1],
    ['one an hour at least, in a day or more', 30 * DAY, 1, 720],
  ])('%s', (_why, seconds, records, count) => {
    const slots = slotsOf({ from: 600, to: 600 + seconds }, records);
    expect(slots).toHaveLength(count);
    expect(slots[0]!.from).toBe(600);
    if (count > 1) expect(slots.at(-1)!.to).toBe(600 + seconds);
    expect(slots.every(({ from, to }) => from % 600 === 0 && to - from <= 600 && to > from)).toBe(true);
    expect(slots.every(({ from }, i) => i === 0 || from >= slots[i - 1]!.to)).toBe(true);
  });

  test('of sparse days fall in every hour', () => {
    const hours = slotsOf({ from: 0, to: 3 * DAY }, 1).map(({ from }) => Math.floor(from / 3600));
    expect(hours).toEqual(Array.from({ length: 72 }, (_, hour) => hour));
  });
});
