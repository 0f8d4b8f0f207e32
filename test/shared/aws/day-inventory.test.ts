import { expect, test } from '@jest/globals';
import { dayFacts } from '../../../shared/aws/day-inventory.ts';
import type { Recalled } from '../../../shared/aws/recalled-account.ts';
import { PastDays } from '../../../shared/history/as-on-day.ts';
import { NOTHING_REMEMBERED } from '../../../shared/inventory/past/past.ts';
import type { StoredSnapshot } from '../../../shared/inventory/snapshot-file.ts';
import { startOfDay } from '../../../shared/time.ts';
import { inventory, QUIET } from '../verdicts/world.ts';

const DAY = 20_000;
const BEGIN = startOfDay(DAY);
const END = startOfDay(DAY + 1);
const QUARTER = 900;

function recalled(wholeSince: number | undefined, until: number): Recalled {
  return { past: NOTHING_REMEMBERED, wholeSince, until, missing: [], days: new PastDays(NOTHING_REMEMBERED) };
}

test.each<[why: string, remembered: Recalled | undefined, assumed: boolean, outdated: boolean]>([
  ['nobody asked the account', undefined, true, true],
  ['from a quarter of an hour before the day to its end', recalled(BEGIN - QUARTER, END), false, false],
  ['from later on', recalled(BEGIN - QUARTER + 1, END), true, true],
  ['not to its end: a later snapshot was held against it, an earlier one was not', recalled(0, END - 1), false, true],
  ['some of it is missing', recalled(undefined, END), true, true],
])('what the account remembers stands for snapshots: %s', async (_why, remembered, assumed, outdated) => {
  const stored = { inventory: inventory(QUIET) } as StoredSnapshot;
  const archive = { read: () => Promise.resolve(stored) };
  const observations = { of: () => Promise.resolve([]) };
  const reference = { takenAt: '2024-01-01T00:00:00Z', key: 'one', hash: 'one' };
  const of = (basis: { assumed: boolean; outdated: boolean }) =>
    dayFacts({ day: DAY, ...basis }, [reference], { archive, observations, recalled: remembered });
  expect(await of({ assumed: true, outdated: true })).toMatchObject({ day: DAY, assumed, outdated });
  expect(await of({ assumed: false, outdated: false })).toMatchObject({ assumed: false, outdated: false });
});
