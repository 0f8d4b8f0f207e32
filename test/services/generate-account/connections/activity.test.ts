import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Activity, type Sight, watch } from '../../../../services/generate-account/connections/activity.ts';

const seen = (activity: Activity, from: number, to: number): Sight => {
  const sight = { forward: -1, backward: -1, forwardFlags: -1, backwardFlags: -1 };
  watch(activity, from, to, sight);
  return sight;
};

const activities = fc.record<Activity>({
  protocol: fc.constantFrom(6, 17, 1),
  opened: fc.integer({ min: 1000, max: 1300 }),
  closed: fc.integer({ min: 1300, max: 3000 }),
  period: fc.integer({ min: 1, max: 90 }),
  forward: fc.integer({ min: 1, max: 9 }),
  backward: fc.integer({ min: 0, max: 9 }),
  ending: fc.constantFrom('fin', 'finReset', 'reset', 'open'),
  course: fc.constantFrom('talk', 'unanswered', 'refused', 'straggler'),
});

describe('what windows see of a connection', () => {
  test('adds up to the whole, however they are cut', () => {
    fc.assert(
      fc.property(activities, fc.array(fc.integer({ min: 900, max: 3100 }), { maxLength: 40 }), (activity, cuts) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), 4000];
        const whole = seen(activity, 0, 4000);
        const sum = { forward: 0, backward: 0, forwardFlags: 0, backwardFlags: 0 };
        for (let i = 1; i < bounds.length; i++) {
          const part = seen(activity, bounds[i - 1]!, bounds[i]!);
          sum.forward += part.forward;
          sum.backward += part.backward;
          sum.forwardFlags |= part.forwardFlags;
          sum.backwardFlags |= part.backwardFlags;
        }
        expect(sum).toEqual(whole);
      }),
    );
  });

  test.each<[why: string, activity: Partial<Activity>, from: number, to: number, expected: Sight]>([
    ['all in one window', {}, 960, 1020, { forward: 7, backward: 6, forwardFlags: 3, backwardFlags: 19 }],
    ['its end apart', { closed: 1030 }, 960, 1020, { forward: 22, backward: 21, forwardFlags: 2, backwardFlags: 18 }],
    ['the end', { closed: 1030 }, 1020, 1080, { forward: 12, backward: 12, forwardFlags: 1, backwardFlags: 1 }],
    ['in between', { closed: 1130 }, 1020, 1080, { forward: 60, backward: 60, forwardFlags: 0, backwardFlags: 0 }],
    [
      'a reset by the client',
      { ending: 'reset' },
      960,
      1020,
      { forward: 7, backward: 5, forwardFlags: 6, backwardFlags: 18 },
    ],
    [
      'FIN, then RST',
      { ending: 'finReset' },
      960,
      1020,
      { forward: 7, backward: 6, forwardFlags: 7, backwardFlags: 19 },
    ],
    [
      'no answer: SYN again and again',
      { course: 'unanswered' },
      960,
      1020,
      { forward: 4, backward: 0, forwardFlags: 2, backwardFlags: 0 },
    ],
    ['refused', { course: 'refused' }, 960, 1020, { forward: 1, backward: 1, forwardFlags: 2, backwardFlags: 4 }],
    [
      'after the close',
      { course: 'straggler' },
      960,
      1020,
      { forward: 4, backward: 0, forwardFlags: 1, backwardFlags: 0 },
    ],
    ['UDP has no flags', { protocol: 17 }, 960, 1020, { forward: 4, backward: 4, forwardFlags: 0, backwardFlags: 0 }],
    [
      'idle window',
      { period: 100, closed: 1300 },
      1020,
      1080,
      { forward: 0, backward: 0, forwardFlags: 0, backwardFlags: 0 },
    ],
  ])('%s', (_why, changes, from, to, expected) => {
    const usual: Activity = {
      protocol: 6,
      opened: 1000,
      closed: 1003,
      period: 1,
      forward: 1,
      backward: 1,
      ending: 'fin',
      course: 'talk',
    };
    expect(seen({ ...usual, ...changes }, from, to)).toEqual(expected);
  });
});
