import { describe, expect, test } from '@jest/globals';
import { danglingReferences } from '../../../../shared/advice/findings/dangling-references.ts';
import type { Finding } from '../../../../shared/advice/findings/finding.ts';
import { findings } from '../../../../shared/advice/findings/findings.ts';
import { sensitiveServices } from '../../../../shared/advice/exposure/sensitive-services.ts';
import { staleReferences } from '../../../../shared/inventory/stale-references.ts';
import { inventoryOfWorld, type World } from '../world.ts';

function found(world: World, kind: Finding['kind'], idleness: ReadonlyMap<string, number> = new Map()) {
  return findings(inventoryOfWorld(world), { staleReferences: [], idleness }).filter(
    ({ finding }) => finding.kind === kind,
  );
}

describe('open to the world', () => {
  type Row = [service: string | undefined, rule: string, entries?: readonly string[]];
  test.each<Row>([
    ['SSH', 'in tcp 22 0.0.0.0/0'],
    ['SSH', 'in tcp 22 ::/0'],
    ['SSH', 'in tcp 22 2000::/3'],
    ['SSH', 'in tcp 22 128.0.0.0/1'],
    ['RDP', 'in udp 3389 0.0.0.0/0'],
    ['Docker, etcd', 'in tcp 2375-2380 0.0.0.0/0'],
    ['SSH, Telnet, portmapper and 2 more', 'in tcp 22-138 0.0.0.0/0'],
    ['all TCP ports', 'in tcp 0-65535 0.0.0.0/0'],
    ['all TCP ports', 'in tcp 1-65535 0.0.0.0/0'],
    ['all UDP ports', 'in udp 0-65535 ::/0'],
    ['all traffic', 'in -1 0.0.0.0/0'],
    ['SSH', 'in tcp 22 pl-1', ['0.0.0.0/0']],
    ['SSH', 'in tcp 22 pl-1', ['0.0.0.0/2', '64.0.0.0/2']],
    ['SSH', 'in tcp 22 pl-1', ['2000::/4', '3000::/4']],
    [undefined, 'in tcp 22 pl-1', ['0.0.0.0/2', '128.0.0.0/2']],
    [undefined, 'in tcp 22 2001::/4'],
    [undefined, 'in tcp 22 pl-9'],
    [undefined, 'out tcp 22 0.0.0.0/0'],
    [undefined, 'in tcp 22 8.0.0.0/8'],
    [undefined, 'in tcp 443 0.0.0.0/0'],
    [undefined, 'in udp 22 0.0.0.0/0'],
    [undefined, 'in icmp -1/-1 0.0.0.0/0'],
    [undefined, 'in 50 0.0.0.0/0'],
    [undefined, 'in tcp 22 sg-x'],
  ])('%s: %s', (...[service, rule, entries]: Row) => {
    const lists = entries ? { 'pl-1': entries } : {};
    const services = found({ rules: [`r1 sg-a ${rule}`], lists }, 'openToWorld').map(({ finding }) => {
      return finding.kind === 'openToWorld' && finding.service;
    });
    expect(services).toEqual(service === undefined ? [] : [service]);
  });

  test('ranks at half where it is in use', () => {
    const rules = ['r1 sg-a in tcp 22 0.0.0.0/0'];
    const rankAt = (idle: number): number => found({ rules }, 'openToWorld', new Map([['r1', idle]]))[0]!.rank;
    expect([rankAt(0), rankAt(0.5), rankAt(1)]).toEqual([40, 60, 80]);
  });

  test('both ends of every port range count, and no port beside it', () => {
    const of = (port: number): string[] => sensitiveServices({ protocol: 'tcp', ports: { from: port, to: port } });
    expect([of(5899), of(5900), of(5903), of(5904)]).toEqual([[], ['VNC'], ['VNC'], []]);
  });
});

describe('groups on no interface', () => {
  type Row = [groups: readonly string[], why: string, world: Partial<World>];
  test.each<Row>([
    [['sg-a'], 'on none', {}],
    [[], 'on one', { interfaces: ['sg-a,sg-b'] }],
    [[], 'another group refers to it', { rules: ['r1 sg-b in tcp 1 sg-a'], interfaces: ['sg-b'] }],
    [['sg-a'], 'it refers to itself only', { rules: ['r1 sg-a in tcp 1 sg-a'] }],
    [[], 'associated with another VPC', { associations: ['sg-a vpc-2'] }],
  ])('%j: %s', (groups, _why, world) => {
    const ids = found({ groups: ['sg-a'], rules: [], ...world }, 'groupOnNoInterface').map(({ finding }) => {
      return finding.kind === 'groupOnNoInterface' && finding.groupId;
    });
    expect(ids).toEqual(groups);
  });

  test('are never to be deleted: what may name them is said', () => {
    const texts = found(
      { groups: ['sg-a vpc-1 web\u202e', 'sg-d vpc-1 default'], rules: [] },
      'groupOnNoInterface',
    ).map(({ text }) => text);
    expect(texts).toEqual([
      expect.stringMatching(/^"web\\u202e" \(sg-a\) is on no interface.*launch templates.*may still name it$/),
      expect.stringMatching(/^default \(sg-d\) is on no interface.*default group of its VPC it cannot be deleted/),
    ]);
  });
});

describe('references to groups that are gone', () => {
  const rules = ['r1 sg-a in tcp 1 sg-gone'];
  type Row = [ids: readonly string[], why: string, world: Partial<World>];
  test.each<Row>([
    [['r1'], 'not among the groups', {}],
    [[], 'there', { groups: ['sg-gone'] }],
    [[], 'on an interface', { interfaces: ['sg-gone'] }],
    [[], 'of a VPC without any group: the list was cut', { vpcs: ['vpc-1', 'vpc-2'] }],
    [['r1'], 'every VPC has a group', { vpcs: ['vpc-1', 'vpc-2'], groups: ['sg-z vpc-2'] }],
  ])('%j: %s', (ids, _why, world) => {
    expect(danglingReferences(inventoryOfWorld({ rules, ...world }), []).map(({ ruleId }) => ruleId)).toEqual(ids);
  });

  test.each([
    ['another account', { ownerId: '999900001111' }],
    ['an account that AWS did not name', { ownerId: '' }],
    ['a peering connection', { peeringConnectionId: 'pcx-1' }],
  ])('not said of %s', (_why, change) => {
    const inventory = inventoryOfWorld({ rules });
    const [rule] = inventory.rules;
    const changed = { ...inventory, rules: [{ ...rule!, peer: { ...rule!.peer, ...change } as never }] };
    expect(danglingReferences(changed, [])).toEqual([]);
  });

  test('what AWS says is taken from the answer of DescribeStaleSecurityGroups', () => {
    const told = staleReferences([
      {
        GroupId: 'sg-a',
        VpcId: 'vpc-1',
        StaleIpPermissions: [
          { FromPort: 1, IpProtocol: 'tcp', UserIdGroupPairs: [{ GroupId: 'sg-gone', PeeringStatus: 'deleted' }] },
        ],
        StaleIpPermissionsEgress: [{ UserIdGroupPairs: [{ GroupId: 'sg-b' }] }, { IpRanges: [] }],
      },
      'no item',
      null,
      { GroupId: 'sg-c' },
    ]);
    expect(told).toEqual([
      { groupId: 'sg-a', direction: 'ingress', referencedGroupId: 'sg-gone', peeringStatus: 'deleted' },
      { groupId: 'sg-a', direction: 'egress', referencedGroupId: 'sg-b', peeringStatus: '' },
    ]);
    const world = inventoryOfWorld({
      rules: [...rules, 'r2 sg-a out tcp 1 sg-b', 'r3 sg-a in tcp 1 sg-b'],
      groups: ['sg-b', 'sg-gone'],
    });
    expect(danglingReferences(world, told).map(({ ruleId, detail }) => [ruleId, detail])).toEqual([
      ['r1', 'AWS lists it as stale; the peering connection is deleted'],
      ['r2', 'AWS lists it as a reference to a group that is gone'],
    ]);
  });
});

test('all findings are in one list, by rank and then by id; sentences name the rules', () => {
  const world: World = {
    groups: ['sg-u'],
    rules: [
      'r1 sg-a in tcp 22 0.0.0.0/0',
      'r2 sg-a in tcp 22 10.0.0.0/8',
      'r3 sg-a in tcp 5 sg-gone',
      'r4 sg-a in tcp 9 10.0.0.0/8',
      'r5 sg-a in tcp 9 10.0.0.0/8',
      'r6 sg-a in tcp 9 pl-1',
    ],
    interfaces: ['sg-a'],
    lists: { 'pl-1': ['10.1.0.0/16'] },
  };
  const all = findings(inventoryOfWorld(world), { staleReferences: [], idleness: new Map([['r1', 1]]) });
  expect(all.map(({ finding, rank, text }) => `${String(rank)} ${finding.kind}: ${text}`)).toEqual([
    '80 openToWorld: r1 lets every address reach SSH',
    expect.stringMatching(/^7\.8 coveredByRules: all that r2 admits is admitted by r1, of its own group$/),
    '2.9 duplicateRules: r4, r5 say the same: one must stay',
    expect.stringMatching(
      /^2\.1 coveredByRules: all that r6 admits is admitted by r4, of its own group; as long as the entries of pl-1 stay as they are$/,
    ),
    expect.stringMatching(/^1\.2 danglingReference: r3 refers to sg-gone: it is not among/),
    expect.stringMatching(/^0 groupOnNoInterface: u \(sg-u\) is on no interface/),
  ]);
});
