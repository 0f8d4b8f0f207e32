/** What changed since flows were seen, in lists, groups, interfaces and rules: what counts is which rule admits them now. */
import { describe, expect, test } from '@jest/globals';
import type { EvidenceSource } from '../../../shared/evidence/evidence-source.ts';
import { flowsOfRule } from '../../../shared/evidence/flows-of-rule.ts';
import type { Inventory, NetworkInterface } from '../../../shared/inventory/inventory.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { simulateRemoval } from '../../../shared/evidence/simulate-removal.ts';
import { StandingRules } from '../../../shared/evidence/current-rule-ids.ts';
import { inventoryOfWorld, type World } from '../advice/world.ts';

/** TCP 22 of `eni-1` from `peer`, once, admitted by these rules when it was seen. */
function seen(ruleIds: readonly string[], peer: string): EvidenceSource {
  const flow: ServiceFlow = {
    interfaceId: 'eni-1',
    direction: 'ingress',
    protocol: 6,
    peer,
    port: 22,
    ruleIds,
    possibleRuleIds: [],
    unclearRuleIds: [],
    untrackedRuleIds: [],
    requests: 1,
    replies: 1,
    inferred: 0,
    packets: 2,
    bytes: 100,
    first: 0,
    last: 0,
  };
  return {
    name: 'here',
    days: () => Promise.resolve([0]),

    async *flows() {
      yield flow;
    },
  };
}

const R1 = 'r1 sg-a in tcp 22 10.0.0.0/8';
const R2 = 'r2 sg-b in tcp 22 10.0.0.0/8';
const GONE = 'r0@0123456789abcdef';
const peer = '10.1.0.9';
const list = (...cidrs: string[]) => ({ rules: [R1, 'r2 sg-a in tcp 22 pl-1'], lists: { 'pl-1': cidrs } });
const group = (...interfaces: string[]) => {
  return { rules: [R1, 'r2 sg-a in tcp 22 sg-peer'], groups: ['sg-peer'], interfaces: ['sg-a', ...interfaces] };
};

describe.each<[why: string, lost: boolean, World, ruleIds: readonly string[]]>([
  ['another rule admits it', false, { rules: [R1, R2], interfaces: ['sg-a,sg-b'] }, ['r1', 'r2']],
  ['the interface carries the group of the other no more', true, { rules: [R1, R2] }, ['r1', 'r2']],
  ['the list of the other holds the peer', false, list('10.1.0.0/16'), ['r1', 'r2']],
  ['the list of the other holds the peer no more', true, list('10.2.0.0/16'), ['r1', 'r2']],
  ['the peer has the group that the other names', false, group('sg-peer 10.1.0.9'), ['r1', 'r2']],
  ['the peer has it no more', true, group('sg-b 10.1.0.9'), ['r1', 'r2']],
  ['the peer is gone: whoever comes next has its group', false, group(), ['r1', 'r2']],
  ['what admitted it is gone, and this rule came in its place', true, { rules: [R1] }, [GONE]],
  [
    'what admitted it is gone, and two came in its place',
    false,
    { rules: [R1, R2], interfaces: ['sg-a,sg-b'] },
    [GONE],
  ],
  ['the rule was edited, and admits it as it reads now too', true, { rules: [R1] }, ['r1@0123456789abcdef']],
  ['the rule was edited, and admits it no more', false, { rules: ['r1 sg-a in tcp 23 10.0.0.0/8'] }, [GONE]],
  ['nothing admits it any more', false, { rules: ['r1 sg-a in tcp 22 10.2.0.0/16'] }, [GONE]],
  ['the interface is gone', true, { rules: [R1, R2], interfaces: ['sg-a,sg-b'].slice(1) }, ['r1']],
  [
    'the interface is gone, the other list holds the peer no more',
    true,
    { ...list('10.2.0.0/16'), interfaces: [] },
    ['r1', 'r2'],
  ],
])('r1 is removed: %s', (_why, isLost, world, ruleIds) => {
  const inventory = inventoryOfWorld({ interfaces: ['sg-a'], ...world });
  const standing = StandingRules.of(inventory.rules);

  test(isLost ? 'the flow is lost' : 'the flow is not lost', async () => {
    const { lost } = await simulateRemoval(seen(ruleIds, peer), [0], standing, new Set(['r1']), inventory);
    expect(lost.flows().map((flow) => flow.ruleIds)).toEqual(isLost ? [['r1']] : []);
  });

  test('explain says the same of what it alone admits', async () => {
    const { admitted, sole } = await flowsOfRule(seen(ruleIds, peer), [0], standing, 'r1', inventory);
    expect([admitted, sole].map((sums) => sums.totals.requests)).toEqual(
      ruleIds.includes('r1') ? [1, isLost ? 1 : 0] : [0, 0],
    );
  });
});

describe('rules that stay admit it, and whether they stand in for r1 is known', () => {
  const day = 86_400;
  /** TCP 22 to `eni-1` of a peer, or to another interface: the flows of one day. */
  const flowOf = (ruleIds: readonly string[], more: Partial<ServiceFlow> = {}): ServiceFlow => ({
    interfaceId: 'eni-1',
    direction: 'ingress',
    protocol: 6,
    peer: '10.9.0.3',
    port: 22,
    ruleIds,
    possibleRuleIds: [],
    unclearRuleIds: [],
    untrackedRuleIds: [],
    requests: 1,
    replies: 1,
    inferred: 0,
    packets: 2,
    bytes: 100,
    first: day,
    last: day,
    ...more,
  });
  const sourceOf = (flows: readonly ServiceFlow[]): EvidenceSource => ({
    name: 'here',
    days: () => Promise.resolve([1]),

    async *flows() {
      yield* flows;
    },
  });
  // eni-1 and eni-2 carry sg-a, eni-3 and eni-4 are peers with sg-peer.
  const interfaces = ['sg-a', 'sg-a', 'sg-peer 10.9.0.3', 'sg-peer 10.9.0.4'];
  const byGroup: World = { rules: [R1, 'r2 sg-a in tcp 22 sg-peer'], groups: ['sg-peer'], interfaces };
  const both = flowOf(['r1', 'r2']);
  const alone = (more: Partial<ServiceFlow> = {}): ServiceFlow =>
    flowOf(['r2'], { interfaceId: 'eni-2', peer: '10.9.0.4', ...more });

  test.each<[why: string, isUnsure: boolean, world: World, flows: readonly ServiceFlow[]]>([
    ['by a CIDR', false, { rules: [R1, 'r2 sg-a in tcp 22-23 10.0.0.0/8'], interfaces }, [both]],
    [
      'by a list',
      true,
      { rules: [R1, 'r2 sg-a in tcp 22 pl-1'], lists: { 'pl-1': ['10.0.0.0/8'] }, interfaces },
      [both],
    ],
    ['by a group that was never alone', true, byGroup, [both]],
    ['by a group that was alone there, with a SYN', false, byGroup, [both, alone()]],
    ['by a group that was alone there, without one', true, byGroup, [both, alone({ inferred: 1 })]],
    ['by a group that was alone there over UDP', true, byGroup, [both, alone({ protocol: 17 })]],
    ['by a group that was alone but for a rule that is gone', true, byGroup, [both, alone({ ruleIds: ['r2', GONE] })]],
    ['by a group that was alone but for what could', true, byGroup, [both, alone({ possibleRuleIds: ['r1'] })]],
    ['by a group that was alone for an address nobody has', true, byGroup, [both, alone({ peer: '10.1.0.9' })]],
    [
      'by a group that was alone on interfaces with other groups',
      true,
      { ...byGroup, interfaces: interfaces.with(1, 'sg-a,sg-c') },
      [both, alone()],
    ],
  ])('%s: unsure %s', async (_why, isUnsure, world, flows) => {
    await check(isUnsure, inventoryOfWorld(world), flows);
  });

  test.each<[why: string, interfaceId: string, of: Partial<NetworkInterface>]>([
    ['for a peer of another subnet', 'eni-4', { subnetId: 'subnet-9' }],
    ['for a peer of another VPC', 'eni-4', { vpcId: 'vpc-9' }],
    ['in another subnet', 'eni-2', { subnetId: 'subnet-9' }],
  ])('by a group that was alone %s', async (_why, interfaceId, of) => {
    const inventory = inventoryOfWorld(byGroup);
    const there = { ...inventory.interfaces.get(interfaceId)!, ...of };
    const moved = { ...inventory, interfaces: new Map(inventory.interfaces).set(interfaceId, there) };
    await check(true, moved, [both, alone()]);
  });

  async function check(isUnsure: boolean, inventory: Inventory, flows: readonly ServiceFlow[]): Promise<void> {
    const standing = StandingRules.of(inventory.rules);
    const { lost, unsure } = await simulateRemoval(sourceOf(flows), [1], standing, new Set(['r1']), inventory);
    const told = unsure.flows().filter(({ interfaceId, peer: from }) => interfaceId === 'eni-1' && from === both.peer);
    expect([lost.totals.flows, told.map((flow) => flow.ruleIds)]).toEqual([0, isUnsure ? [['r1']] : []]);
  }

  test('what may have been read the wrong way is told apart, and what untracked replies passed by', async () => {
    const inventory = inventoryOfWorld({ rules: [R1, 'r2 sg-a in tcp 22-23 10.0.0.0/8'], interfaces });
    const standing = StandingRules.of(inventory.rules);
    const simulated = async (more: Partial<ServiceFlow>): Promise<[unclear: number, untracked: number]> => {
      const source = sourceOf([flowOf(['r1', 'r2'], more)]);
      const { unclear, untracked } = await simulateRemoval(source, [1], standing, new Set(['r1']), inventory);
      return [unclear.totals.flows, untracked.get('r1')!.totals.flows];
    };
    expect(await simulated({})).toEqual([0, 0]);
    expect(await simulated({ unclearRuleIds: ['r1'] })).toEqual([1, 0]);
    expect(await simulated({ untrackedRuleIds: ['r1'] })).toEqual([0, 1]);
    expect(await simulated({ untrackedRuleIds: ['r1'], replies: 0 })).toEqual([0, 0]);
  });
});
