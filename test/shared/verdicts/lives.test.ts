import { expect, test } from '@jest/globals';
import { Lives } from '../../../shared/verdicts/lives.ts';

const SPAN = { firstDay: 0, lastDay: 9 };

/** Observed on days 0 to 7; of days 8 and 9 nothing came. */
function livesOfOne(): Lives {
  const lives = new Lives();
  for (let day = 0; day <= 7; day++) lives.note(0, 'eni-a', day, true);
  return lives;
}

test.each<[why: string, isStanding: boolean, found: string | undefined]>([
  ['days of which nothing came are lost to an interface that still stands', true, 'eni-a'],
  ['but not to one that is gone: its days ended before', false, undefined],
])('%s', (_why, isStanding, found) => {
  expect(livesOfOne().leastObserved(0, SPAN, 0.95, [8, 9], () => isStanding)).toBe(found);
});

test('of several the one that lost most is named, if it lost more than is passed over', () => {
  const lives = new Lives();
  for (let day = 0; day <= 9; day++) {
    lives.note(0, 'eni-a', day, day !== 3);
    lives.note(0, 'eni-b', day, day > 2);
  }
  const found = (share: number) => lives.leastObserved(0, SPAN, share, [], () => true);
  expect([found(0.95), found(0.7), found(0.71)]).toEqual(['eni-b', undefined, 'eni-b']);
});
