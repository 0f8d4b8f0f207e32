/** What changed since flows were seen, in lists, groups and interfaces: a plan must leave them a rule that admits them now. */
import { describe, expect, test } from '@jest/globals';
import { planRemoval, windowsOf } from '../../../../shared/advice/removal/plan-removal.ts';
import { RemovalEvidence } from '../../../../shared/advice/removal/removal-evidence.ts';
import type { ServiceFlow } from '../../../../shared/evidence/service-flow.ts';
import { inventoryOfWorld, type World } from '../world.ts';

const WHEN = { asOf: 11 * 86_400, windowDays: 10 };
const DAYS = new Set(Array.from({ length: 10 }, (_, i) => i + 1));

/** Of `sgr-…`, the first letter tells the verdict: r is redundant (and all others cover it), s is stale, a is active. */
function goes(
  world: World,
  peer: string,
  ruleIds: readonly string[],
  interfaceId = 'eni-1',
  proofs: readonly Partial<ServiceFlow>[] = [],
): string {
  const inventory = inventoryOfWorld(world);
  const evidence = new RemovalEvidence(inventory, windowsOf(WHEN));
  const flow: ServiceFlow = {
    interfaceId,
    direction: 'ingress',
    protocol: 6,
    peer,
    port: 22,
    ruleIds,
    possibleRuleIds: [],
    unclearRuleIds: [],
    untrackedRuleIds: [],
    requests: 5,
    replies: 5,
    inferred: 0,
    packets: 10,
    bytes: 100,
    first: 0,
    last: 0,
  };
  evidence.addFlow(flow, 3);
  for (const proof of proofs) evidence.addFlow({ ...flow, ruleIds: ['sgr-a2'], ...proof }, 3);
  const judged = inventory.rules.map((rule) => {
    const coveredBy = inventory.rules.map(({ ruleId }) => ruleId).filter((id) => id !== rule.ruleId);
    const kinds = {
      r: { kind: 'redundant', coveredBy, ageUnknown: false },
      s: { kind: 'stale', ageUnknown: false },
      a: { kind: 'active', unanswered: false },
    } as const;
    const verdict = kinds[rule.ruleId[4] as keyof typeof kinds];
    const isUsed = verdict.kind === 'redundant';
    const times = { usedTimes: isUsed ? 5 : 0, soleTimes: 0, replyTimes: isUsed ? 5 : 0, possibleTimes: 0 };
    return {
      rule,
      report: {
        verdict,
        why: '',
        lastUsed: null,
        untrackedReplies: 0,
        ...times,
        evidence: { watchedDays: 30, young: null },
      },
    };
  });
  const { stages } = planRemoval(judged, inventory, evidence, { source: '', days: DAYS }, WHEN);
  return stages.flatMap(({ removals }) => removals.map(({ rule }) => rule.ruleId)).join();
}

describe('a rule that covered another takes over only what it admits now', () => {
  const BY_LIST = ['sgr-r1 sg-a in tcp 22 10.0.0.0/8', 'sgr-a2 sg-a in tcp 22 pl-1'];
  const BY_GROUP = ['sgr-r1 sg-a in tcp 22 10.0.0.0/8', 'sgr-a2 sg-a in tcp 22 sg-peer'];
  const both = (rules: readonly string[]): string[] => rules.map((text) => text.split(' ')[0]!);
  test.each<[why: string, goes: string, world: World, peer: string]>([
    ['its list holds the peer', 'sgr-r1', { rules: BY_LIST, lists: { 'pl-1': ['10.1.0.0/16'] } }, '10.1.0.9'],
    ['its list holds the peer no more', '', { rules: BY_LIST, lists: { 'pl-1': ['10.2.0.0/16'] } }, '10.1.0.9'],
    ['its list is empty now', '', { rules: BY_LIST, lists: { 'pl-1': [] } }, '10.1.0.9'],
    [
      'the peer has its group, of which nothing shows that AWS honours it',
      '',
      { rules: BY_GROUP, interfaces: ['sg-a', 'sg-peer 10.1.0.9'] },
      '10.1.0.9',
    ],
    ['the peer has another group now', '', { rules: BY_GROUP, interfaces: ['sg-a', 'sg-b 10.1.0.9'] }, '10.1.0.9'],
    ['the peer is gone, and whoever comes next has its group', '', { rules: BY_GROUP }, '10.1.0.9'],
  ])('%s', (_why, says, world, peer) => {
    expect(goes({ groups: ['sg-peer'], interfaces: ['sg-a'], ...world }, peer, both(world.rules))).toBe(says);
  });
});

describe('a rule that names a group takes over only where it was seen to work', () => {
  const rules = ['sgr-r1 sg-a in tcp 22 10.0.0.0/8', 'sgr-a2 sg-a in tcp 22-23 sg-peer'];
  const interfaces = ['sg-a', 'sg-peer 10.1.0.9', 'sg-a,sg-b', 'sg-peer 10.1.0.10'];
  const alone = { peer: '10.1.0.10', port: 23 };
  test.each<[why: string, goes: string, proofs: readonly Partial<ServiceFlow>[]]>([
    ['it alone admitted a request with SYN to the same groups', 'sgr-r1', [alone]],
    ['never alone', '', []],
    ['alone with others that could', '', [{ ...alone, possibleRuleIds: ['sgr-r1'] }]],
    ['without a SYN', '', [{ ...alone, inferred: 5 }]],
    ['replies alone', '', [{ ...alone, requests: 0 }]],
    ['to other groups', '', [{ ...alone, interfaceId: 'eni-3' }]],
    ['from an address of no interface', '', [{ ...alone, peer: '10.1.0.77' }]],
    ['not over TCP', '', [{ ...alone, protocol: 17 }]],
  ])('%s', (_why, says, proofs) => {
    expect(goes({ rules, interfaces }, '10.1.0.9', ['sgr-r1', 'sgr-a2'], 'eni-1', proofs)).toBe(says);
  });
});

describe('an unused rule by which alone passes what others admitted stays', () => {
  const peer = '10.1.0.9';
  test('a list has grown, and the rule that admitted the peer is gone', () => {
    const rules = ['sgr-s1 sg-a in tcp 22 pl-1'];
    const world = { rules, interfaces: ['sg-a'], lists: { 'pl-1': ['10.1.0.0/16'] } };
    expect(goes(world, peer, ['sgr-0@0123456789abcdef'])).toBe('');
    expect(goes(world, '10.2.0.9', ['sgr-0@0123456789abcdef'])).toBe('sgr-s1');
  });

  test('the interface has changed its groups', () => {
    const rules = ['sgr-s1 sg-a in tcp 22 10.0.0.0/8', 'sgr-a2 sg-b in tcp 22 10.0.0.0/8'];
    expect(goes({ rules, interfaces: ['sg-a'] }, peer, ['sgr-a2'])).toBe('');
    expect(goes({ rules, interfaces: ['sg-a,sg-b'] }, peer, ['sgr-a2'])).toBe('sgr-s1');
    expect(goes({ rules, interfaces: ['sg-b', 'sg-a'] }, peer, ['sgr-a2'])).toBe('sgr-s1');
  });
});
