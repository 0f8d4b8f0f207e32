import { describe, expect, test } from '@jest/globals';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import { Admissions } from '../../../shared/matching/admission.ts';
import type { Admission } from '../../../shared/matching/answer.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { Random } from '../../oracle/random.ts';
import { randomWorld } from '../../oracle/random-world.ts';
import { SIZE } from '../../size.ts';
import { Asked } from './asked.ts';

const ids = (rules: readonly Rule[]): string => rules.map(({ ruleId }) => ruleId).join(' ');

describe('the rules that admit a service flow', () => {
  test.each<[flow: string, admitting: string, why: string]>([
    ['in tcp 10.9.9.9 22', 'r1', 'peer, protocol and port fit'],
    ['in tcp 10.9.9.9 21', '', 'the port below the range'],
    ['in tcp 10.9.9.9 25', 'r1', 'the last port of the range'],
    ['in tcp 10.9.9.9 26', '', 'the port behind it'],
    ['in udp 10.9.9.9 22', '', 'another protocol'],
    ['in tcp 10.10.0.0 22', '', 'the first address behind the block'],
    ['out tcp 10.9.9.9 22', 'r2', 'the other direction has rules of its own'],
    ['out tcp 10.9.9.9 443', 'r2', 'a rule for all protocols has no ports'],
    ['out tcp 2001:db8::9 443', '', 'a block of one family holds no address of the other'],
    ['in tcp 10.0.0.20 5432', 'r3', 'an interface of the group that the rule names'],
    ['in tcp 10.0.0.99 5432', '', 'an interface of another group'],
  ])('%s: %s (%s)', (flow, admitting) => {
    const rules = ['r1 sg-web in tcp 22-25 10.9.0.0/16', 'r2 sg-web out -1 0.0.0.0/0', 'r3 sg-web in tcp 5432 sg-db'];
    expect(ids(new Asked({ rules }).admission(flow).admitting)).toBe(admitting);
  });

  test.each(['in bogus 10.0.0.0/8', 'in tcp 22-65536 10.0.0.0/8', 'in tcp 22 10.0.0.0/8 ::/0'])(
    'are none that AWS could not have meant: %s',
    (rule) => {
      const { admitting, could } = new Asked({ rules: [`r1 sg-web ${rule}`] }).admission('in tcp 10.9.9.9 22');
      expect([admitting, could]).toEqual([[], []]);
    },
  );

  test('come by their ids, whatever the order of the inventory; a group that the interface lacks has no say', () => {
    const rules = ['r2 sg-web in tcp 22 10.0.0.0/8', 'r9 sg-db in tcp 22 0.0.0.0/0', 'r1 sg-web in tcp 22 0.0.0.0/0'];
    expect(ids(new Asked({ rules }).admission('in tcp 10.9.9.9 22').admitting)).toBe('r1 r2');
  });
});

describe('the primary one of them', () => {
  test.each<[primary: string, rules: string[], why: string]>([
    ['r2', ['r1 sg-web in tcp 22 0.0.0.0/0', 'r2 sg-web in -1 10.9.0.0/16'], 'has the longest prefix'],
    ['r2', ['r1 sg-web in tcp 0-65535 10.0.0.0/8', 'r2 sg-web in tcp 22 10.0.0.0/8'], 'has the fewest ports'],
    ['r2', ['r1 sg-web in -1 10.0.0.0/8', 'r2 sg-web in tcp 0-65535 10.0.0.0/8'], 'names the protocol'],
    ['r1', ['r2 sg-web in tcp 22 10.0.0.0/8', 'r1 sg-web in tcp 22 10.0.0.0/8'], 'has the smallest id'],
  ])('%s of %j %s', (primary, rules) => {
    expect(new Asked({ rules }).admission('in tcp 10.9.9.9 22').primary?.ruleId).toBe(primary);
  });

  test('is told by how a member has its address, though the same rules admit', () => {
    const interfaces = ['eni-p vpc-1 sg-peer 10.0.9.1 10.0.8.16/28', 'eni-q vpc-1 sg-peer 10.0.8.17'];
    const asked = new Asked({ interfaces, rules: ['r1 sg-web in tcp 22 sg-peer', 'r2 sg-web in tcp 22 10.0.8.16/30'] });
    const of = (peer: string) => asked.admission(`in tcp ${peer} 22`);
    expect(['10.0.8.18', '10.0.8.17'].map((peer) => ids(of(peer).admitting))).toEqual(['r1 r2', 'r1 r2']);
    expect(['10.0.8.18', '10.0.8.17'].map((peer) => of(peer).primary?.ruleId)).toEqual(['r2', 'r1']);
  });

  test('is none where none admits', () => {
    expect(new Asked({ rules: [] }).admission('in tcp 10.9.9.9 22')).toMatchObject({
      primary: undefined,
      specificity: Infinity,
    });
  });
});

test('who has the address is asked of the time of the record, whatever was asked before', () => {
  const asked = new Asked({ rules: ['r1 sg-web in tcp 22 sg-db'] }, { 'eni-b': 1000 });
  const at = (time: number) => ids(asked.admission('in tcp 10.0.0.20 22', time).admitting);
  expect([999, 2000, 999, 1000].map(at)).toEqual(['', 'r1', '', 'r1']);
});

describe('replies pass by a rule of the other direction', () => {
  const open = ['r1 sg-web in tcp 80 0.0.0.0/0', 'r2 sg-web out -1 0.0.0.0/0'];
  test.each<[untrackedBy: string, flow: string, rules: string[], why: string]>([
    ['r2', 'in tcp 203.0.113.9 80', open, 'both are open to all addresses'],
    ['', 'in tcp 203.0.113.9 80', ['r1 sg-web in tcp 80 203.0.113.0/24', open[1]!], 'the admitting one is not'],
    ['', 'in tcp 203.0.113.9 80', [open[0]!, 'r2 sg-web out tcp 443 0.0.0.0/0'], 'the other one is not for all ports'],
    ['', 'in icmp 203.0.113.9', ['r1 sg-web in icmp 0.0.0.0/0', open[1]!], 'ICMP is always tracked'],
  ])('%s: %s, %j (%s)', (untrackedBy, flow, rules) => {
    expect(ids(new Asked({ rules }).admission(flow).untrackedBy)).toBe(untrackedBy);
  });
});

test('a rule for a group is the lone one only where no other admits', () => {
  const rules = ['r2 sg-web in tcp 22 sg-db', 'r1 sg-web in tcp 22-23 0.0.0.0/0', 'r3 sg-web in tcp 24 sg-db'];
  const told = ['22', '24'].map((port) => new Asked({ rules }).admission(`in tcp 10.9.9.9 ${port}`));
  expect(told.map(({ could, lone }) => [ids(could), lone?.ruleId])).toEqual([
    ['r2', undefined],
    ['r3', 'r3'],
  ]);
});

test('flows that no rule tells apart share one answer', () => {
  const asked = new Asked({ rules: ['r1 sg-web in tcp 20-29 10.0.0.0/8', 'r2 sg-web in tcp 25 10.9.0.0/16'] });
  const answer = asked.admission('in tcp 10.1.1.1 20');
  expect(asked.admission('in tcp 10.200.1.1 29')).toBe(answer);
  expect(asked.admission('in tcp 10.9.1.1 24')).toBe(answer);
  expect(ids(asked.admission('in tcp 10.9.1.1 25').admitting)).toBe('r1 r2');
});

test('a port that the night leaves out is answered as 0, and spoils no answer for others', () => {
  const asked = new Asked({ rules: ['r1 sg-web in tcp 0-65535 10.9.0.0/16'] });
  const ids = (flow: string): string[] => asked.admission(flow).admitting.map(({ ruleId }) => ruleId);
  expect(['-1', '20', '-1'].map((port) => ids(`in tcp 10.9.9.9 ${port}`))).toEqual([['r1'], ['r1'], ['r1']]);
});

test('whatever was asked before, an answer is that of who asks nothing else', () => {
  const random = new Random(8);
  let rules = 0;
  for (let seed = 1; seed <= 40 * SIZE; seed++) {
    const compiled = new CompiledInventory(inventoryOfFiles(randomWorld(seed, { recordCount: 0, maxRules: 40 }).files));
    const admissions = new Admissions(compiled);
    const groupSets = compiled.interfaces.flatMap(({ groupSet }) => groupSet ?? []);
    const vpcs = [...compiled.vpcIds].flatMap((vpcId) => compiled.groupsOfVpcs(vpcId));
    const sets = [...groupSets, ...vpcs.flatMap(({ strict, loose }) => [strict, loose])];
    const prefixes = compiled.rules.flatMap(({ peer }) => ('prefix' in peer ? peer.prefix : []));
    const entries = [...compiled.inventory.prefixLists.values()].flatMap((list) => list.entries ?? []);
    const held = [...compiled.inventory.interfaces.values()].flatMap((one) => one.prefixes);
    const peers = [...prefixes, ...entries, ...held].map(({ address }) => address);
    const ports = compiled.rules.flatMap((rule) => (rule.ports ? [rule.ports.from, rule.ports.to] : []));
    if (sets.length === 0 || peers.length === 0) continue;
    for (let i = 0; i < 300; i++) {
      const port = Math.min(65_535, Math.max(0, random.pick([0, ...ports]) + random.between(-1, 1)));
      const peer = random.pick(peers);
      const flow = [random.pick(sets), random.pick(['ingress', 'egress'] as const), random.pick([1, 6, 17])] as const;
      const [shared, alone] = [admissions, new Admissions(compiled)].map((one) => one.find(...flow, peer, port));
      expect({ seed, i, told: told(shared!) }).toEqual({ seed, i, told: told(alone!) });
      rules += shared!.admitting.length;
    }
  }
  // Else hardly any rules were asked.
  expect(rules).toBeGreaterThan(3000);
});

function told(one: Admission): unknown[] {
  const { groupSet, direction, protocol, admits, namesGroup, lone, primary, specificity } = one;
  const [admitting, could, untrackedBy] = [one.admitting, one.could, one.untrackedBy].map(ids);
  const said = [groupSet.id, direction, protocol, admits, namesGroup, lone?.ruleId, primary?.ruleId, specificity];
  return [...said, admitting, could, untrackedBy, one.admittingAt, one.couldAt, one.unsureAt];
}
