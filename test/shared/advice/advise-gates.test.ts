import { expect, test } from '@jest/globals';
import { advise } from '../../../shared/advice/advise.ts';
import { Narrowing } from '../../../shared/advice/narrowing/narrowing.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { windowOf } from '../../../shared/time.ts';
import { emptyRuleDay } from '../../../shared/usage/usage.ts';
import type { Verdict } from '../../../shared/verdicts/verdict.ts';
import { inventoryOfWorld } from './world.ts';

const AS_OF = Date.UTC(2026, 3, 1) / 1000;
const ACTIVE: Verdict = { kind: 'active', unanswered: false };
const FLOW: ServiceFlow = {
  interfaceId: 'eni-1',
  direction: 'ingress',
  protocol: 6,
  peer: '8.8.8.8',
  port: 22,
  ruleIds: ['r1'],
  possibleRuleIds: [],
  unclearRuleIds: [],
  untrackedRuleIds: [],
  requests: 1,
  replies: 1,
  inferred: 0,
  packets: 1,
  bytes: 1,
  first: 0,
  last: 0,
};

test('a narrower rule for one in use, where the group was watched and carried nothing that is unexplained', () => {
  const rules = ['r1 sg-a in tcp 0-65535 0.0.0.0/0', 'r2 sg-a in tcp 9 10.0.0.0/8', 'r3 sg-b in tcp 9 10.0.0.0/8'];
  const inventory = inventoryOfWorld({ rules, interfaces: ['sg-a', 'sg-b'] });
  const narrowing = new Narrowing(inventory);
  for (let day = 0; day < 7; day++) narrowing.add(day, FLOW);
  const narrowed = (change: (ruleId: string) => object): string[] => {
    const judged = inventory.rules.map((rule) => ({
      rule,
      verdict: ACTIVE,
      window: windowOf(AS_OF, 90),
      lastUsed: AS_OF - 60,
      lastPossible: -1,
      use: emptyRuleDay(),
      isFounded: true,
      evidence: { knownSince: undefined },
      ...change(rule.ruleId),
    }));
    return [...advise({ inventory, judged, narrowing, narrower: {}, staleReferences: [] }).narrower.keys()];
  };
  const perhaps = (ruleId: string) => (id: string) =>
    id === ruleId ? { use: { ...emptyRuleDay(), possibleTimes: 1 } } : {};
  expect(narrowed(() => ({}))).toEqual(['r1']);
  expect(narrowed(() => ({ verdict: { kind: 'stale', ageUnknown: false } }))).toEqual([]);
  expect(narrowed(() => ({ isFounded: false }))).toEqual([]);
  expect(narrowed(perhaps('r2'))).toEqual([]);
  expect(narrowed(perhaps('r3'))).toEqual(['r1']);
});
