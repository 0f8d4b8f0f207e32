import { describe, expect, test } from '@jest/globals';
import { backOff, type Patience } from '../../../shared/aws/back-off.ts';

/** Attempts that all fail: the pauses between them, and how often there was one. */
async function failing(patience: Patience, random: () => number): Promise<{ pauses: number[]; attempts: number }> {
  const pauses: number[] = [];
  const again = backOff(patience, { random, wait: async (milliseconds) => pauses.push(milliseconds) });
  let attempts = 0;
  do attempts++;
  while (await again());
  return { pauses, attempts };
}

describe('attempts that fail', () => {
  test('are as many as patience has, with a pause after each but the last', async () => {
    expect(await failing({ attempts: 3, baseMs: 10, longestMs: 1000 }, () => 0.5)).toEqual({
      pauses: [10, 20],
      attempts: 3,
    });
    expect(await failing({ attempts: 1, baseMs: 10, longestMs: 1000 }, () => 0.5)).toEqual({ pauses: [], attempts: 1 });
  });

  test('pause up to twice as long each time, and never longer than the longest', async () => {
    const { pauses } = await failing({ attempts: 7, baseMs: 20, longestMs: 300 }, () => 1);
    expect(pauses).toEqual([40, 80, 160, 300, 300, 300]);
  });

  test('pause at random, down to no time at all', async () => {
    const drawn = [0, 0.25, 0.75];
    const { pauses } = await failing({ attempts: 4, baseMs: 100, longestMs: 10_000 }, () => drawn.shift()!);
    expect(pauses).toEqual([0, 100, 600]);
  });
});
