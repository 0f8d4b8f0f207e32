import { expect, test } from '@jest/globals';
import { driftOf } from '../../../services/reconcile-usage/compare-counts.ts';
import { emptyUsage, ruleDay, type Usage } from '../../../shared/usage/usage.ts';

const DAY = 20_000;

/** @param credits requests by rule */
function counted(credits: Readonly<Record<string, number>>, records: number, unknownInterface = 0): Usage {
  const usage = emptyUsage();
  for (const [ruleId, times] of Object.entries(credits)) ruleDay(usage, ruleId, DAY).usedTimes = times;
  usage.requests = records;
  Object.assign(usage.fates, { attributed: records, unknownInterface });
  return usage;
}

test.each<[what: string, streamed: Usage, night: Usage, share: number]>([
  ['what both credit alike', counted({ a: 10 }, 10), counted({ a: 10 }, 10), 0],
  ['nothing', emptyUsage(), emptyUsage(), 0],
  ['what goes to another rule', counted({ a: 10 }, 10), counted({ a: 8, b: 2 }, 10), 4 / 12],
  ['what was not streamed', counted({ a: 8 }, 8), counted({ a: 10 }, 10), 0.2],
  ['what interfaces had that the night has found', counted({ a: 8 }, 8, 2), counted({ a: 8, b: 2 }, 10), 0],
  ['the same, where each record has two rules', counted({ a: 8, b: 8 }, 8, 2), counted({ a: 10, b: 10 }, 10), 0],
  ['what no rule explains of what was found', counted({ a: 8 }, 8, 2), counted({ a: 8 }, 10), 0],
  ['what interfaces had that nobody knows', counted({ a: 8 }, 8, 2), counted({ a: 6, b: 2 }, 8, 2), 0.4],
  ['what goes to another rule beside what was found', counted({ a: 8 }, 8, 2), counted({ a: 4, b: 6 }, 10), 8 / 12],
  ['what was not streamed beside what was found', counted({ a: 4 }, 4, 2), counted({ a: 10 }, 10), 0.5],
])('of %s, the share that drifted', (_, streamed, night, share) => {
  expect(driftOf(streamed, night, DAY).share).toBeCloseTo(share, 10);
});
