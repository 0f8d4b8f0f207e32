import { expect, test } from '@jest/globals';
import { recordsTexts } from '../../../shared/reports/days-with-records.ts';
import type { DayQuality } from '../../../shared/reports/schema.ts';

const window = { from: '2026-01-02', to: '2026-01-05' };

function days(...outdated: string[]): DayQuality[] {
  return ['01', '02', '03', '04', '05', '06'].map((day) => ({
    day: `2026-01-${day}`,
    source: 'read',
    records: 1,
    hours: [],
    driftShare: null,
    driftingRules: null,
    incomplete: null,
    ...(outdated.includes(day) && { outdated: true }),
  }));
}

const SILENCE =
  'on the day or in the six hours before: what stood then is not known, and silence is no sign of disuse.';

test.each<[why: string, outdated: string[], texts: string[]]>([
  ['none', [], []],
  ['before and after the window', ['01', '06'], []],
  ['one', ['04'], [`1 day (2026-01-04) has no snapshot of the inventory, ${SILENCE}`]],
  [
    'some',
    ['02', '04', '05', '06'],
    [`3 days (2026-01-02 to 2026-01-05) have no snapshot of the inventory, ${SILENCE}`],
  ],
])('days without a snapshot: %s', (_why, outdated, texts) => {
  expect(recordsTexts({ days: days(...outdated), window, growth: null })).toEqual(texts);
});
