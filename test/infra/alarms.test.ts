import { describe, expect, test } from '@jest/globals';
import { HOUR, rung as rungIn, type Life } from './alarms.ts';
import { servicesWith, synthesizeExample } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

/** As good as it gets. */
const GOOD = { driftShare: 0, coverage: 1, unknownInterfaceShare: 0 };
const { services: usual } = await synthesizeExample('no-quicksight');
const hourly = await servicesWith(VARIANTS.otherwise);

const rung = (life: Life, hours: number, services = usual) => rungIn(life, hours, services);

describe('of a fresh deployment', () => {
  test.each(Array.from({ length: 8 }, (_, i) => i * 3 + 0.75))(
    'made %s hours after midnight, no alarm rings in its first days',
    (hour) => {
      expect(rung({ deployedAt: hour * HOUR, nightHours: 3, settled: GOOD }, 60)).toEqual({});
    },
    60_000,
  );

  test('none rings either where batches are put together every hour, and a night takes half a day', () => {
    const life = { deployedAt: 4 * HOUR, nightHours: 11, compactMinutes: 60, settled: GOOD };
    expect(rung(life, 48, hourly)).toEqual({});
  });

  test.each<[string, string, Life['stops'] & object]>([
    ['no night begins', 'night-missing', { nights: 0 }],
    ['no snapshot is taken', 'snapshot-groups-no-success', { snapshots: 0 }],
    ['nothing is put together', 'compact-usage-behind', { compaction: 0 }],
    ['nothing is delivered', 'count-usage-no-objects', { objects: 0 }],
    ['no log group tells anything', 'archive-flow-logs-no-batches', { batches: 0 }],
  ])('where %s, that is told: %s', (_, name, stops) => {
    expect(Object.keys(rung({ deployedAt: HOUR, stops, settled: GOOD }, 40))).toEqual([name]);
  });
});

describe('of a deployment that has run', () => {
  const stopped = 60 * HOUR;

  test.each<[string, string, number, Life['stops'] & object]>([
    ['no night begins any more', 'night-missing', 37, { nights: stopped }],
    ['no snapshot is taken any more', 'snapshot-groups-no-success', 1.5, { snapshots: stopped }],
    ['nothing is put together any more', 'compact-usage-behind', 0.5, { compaction: stopped }],
    ['nothing is delivered any more', 'count-usage-no-objects', 6.5, { objects: stopped }],
  ])('where %s, that is told: %s within %d hours', (_, name, within, stops) => {
    const first = rung({ deployedAt: HOUR, stops, settled: GOOD }, 110);
    expect(Object.keys(first)).toEqual([name]);
    // The last night was a day and a half before.
    expect(first[name]).toBeGreaterThan(58);
    expect(first[name]).toBeLessThan(60 + within);
  });

  test.each([
    ['its queue too, of which SQS tells for six hours more', 6 * HOUR],
    ['and is heard of no more from that moment on', 0],
  ])('and stopped as a whole, %s, each is told of', (_, longer) => {
    const queue = stopped + longer;
    const stops = {
      nights: stopped,
      snapshots: stopped,
      compaction: stopped,
      objects: stopped,
      batches: stopped,
      queue,
    };
    expect(Object.keys(rung({ deployedAt: HOUR, stops, settled: GOOD }, 110)).sort()).toEqual([
      'archive-flow-logs-no-batches',
      'compact-usage-behind',
      'count-usage-no-objects',
      'night-missing',
      'snapshot-groups-no-success',
    ]);
  });

  test('bad shares of a night ring, those of days that are run again do not', () => {
    const shares = ['night-coverage', 'night-drift', 'night-unknown-interfaces'];
    expect(Object.keys(rung({ deployedAt: HOUR, settled: {} }, 60)).sort()).toEqual(shares);
    expect(rung({ deployedAt: HOUR, settled: GOOD, backfilled: true }, 60)).toEqual({});
  });
});
