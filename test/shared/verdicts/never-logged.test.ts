import { describe, expect, test } from '@jest/globals';
import { neverLogged } from '../../../shared/verdicts/never-logged.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';
import { verdictOf } from './world.ts';

type Row = [rule: string, kind: string | undefined, why: string];

/** The kind of traffic that the unused rule is left alone for; undefined where it is stale. The VPC is 10.0.0.0/16. */
function leftAloneFor(rule: string): string | undefined {
  const verdict = verdictOf({ rules: [`r1 sg-web ${rule}`] });
  const [, kind] = /^notObserved neverLogged (.*)$/.exec(verdict) ?? [];
  expect(kind === undefined ? verdict : 'stale ageUnknown').toBe('stale ageUnknown');
  return kind;
}

describe('a rule that admits only what flow logs never show', () => {
  test.each<Row>([
    ['out udp 67..67 0.0.0.0/0', 'DHCP', 'a client asks'],
    ['in udp 68..68 0.0.0.0/0', 'DHCP', 'and is answered'],
    ['in udp 67..68 10.0.0.0/8', 'DHCP', 'both ports, any peer'],
    ['out udp 66..68 0.0.0.0/0', undefined, 'a port more'],
    ['out udp 67..69 0.0.0.0/0', undefined, 'TFTP besides'],
    ['out tcp 67..68 0.0.0.0/0', undefined, 'DHCP is UDP'],
    ['out 17 67..68 0.0.0.0/0', 'DHCP', 'UDP by its number'],
    ['out -1 0.0.0.0/0', undefined, 'everything is more than DHCP'],

    ['out udp 53..53 169.254.169.253/32', 'Amazon DNS', 'the resolver’s own address'],
    ['out udp 53..53 fd00:ec2::253/128', 'Amazon DNS', 'the same in IPv6'],
    ['out tcp 80..80 169.254.169.254/32', 'instance metadata', 'IPv4'],
    ['out tcp 80..80 fd00:ec2::254/128', 'instance metadata', 'IPv6'],
    ['out udp 123..123 169.254.169.123/32', 'Amazon Time Sync', 'IPv4'],
    ['out udp 123..123 fd00:ec2::123/128', 'Amazon Time Sync', 'IPv6'],
    ['out tcp 1688..1688 169.254.169.250/32', 'Windows activation', 'the first server'],
    ['out tcp 1688..1688 169.254.169.251/32', 'Windows activation', 'the second'],
    ['out tcp 1688..1688 169.254.169.252/32', 'link-local AWS services', 'no third: some other service of AWS'],
    ['out -1 169.254.169.254/32', 'instance metadata', 'all protocols to that address'],
    ['out -1 169.254.169.0/24', 'link-local AWS services', 'all of these services'],
    ['out -1 169.254.169.252/31', 'link-local AWS services', 'a block of some of them'],
    ['out -1 169.254.168.0/23', undefined, 'a block with more than these'],
    ['out -1 169.254.0.0/16', undefined, 'all link-local addresses: those of neighbours too'],
    ['out udp 53..53 fd00:ec2::/32', undefined, 'a block of IPv6 with more than the resolver'],
    ['out udp 123..123 203.0.113.123/32', undefined, 'a time server like any other'],
  ])('%s: %s (%s)', (rule, kind) => {
    expect(leftAloneFor(rule)).toBe(kind);
  });
});

describe('Amazon’s resolver at the VPC’s base address plus two', () => {
  test.each<Row>([
    ['out udp 53..53 10.0.0.2/32', 'Amazon DNS', 'UDP'],
    ['out tcp 53..53 10.0.0.2/32', 'Amazon DNS', 'TCP'],
    ['out -1 10.0.0.2/32', 'Amazon DNS', 'all protocols: nothing else lives there'],
    ['out udp 0..65535 10.0.0.2/32', 'Amazon DNS', 'all ports'],
    ['out udp 53..60 10.0.0.2/32', 'Amazon DNS', 'from 53 on'],
    ['out udp 40..53 10.0.0.2/32', 'Amazon DNS', 'up to 53'],
    ['out udp 54..60 10.0.0.2/32', undefined, 'ports above'],
    ['out tcp 443..443 10.0.0.2/32', undefined, 'no DNS'],
    ['out udp 53..53 10.0.0.3/32', undefined, 'plus three: somebody’s own resolver'],
    ['out udp 53..53 10.0.1.2/32', undefined, 'the base of a subnet'],
    ['out udp 53..53 10.0.0.2/31', undefined, 'an address more'],
    ['out udp 53..53 10.0.0.0/16', undefined, 'the VPC, which may have resolvers of its own'],
    ['out udp 53..53 0.0.0.0/0', undefined, 'any resolver'],
    ['out udp 53..53 192.168.0.2/32', undefined, 'of another network'],
    ['out udp 53..53 sg-web', undefined, 'a group'],
  ])('%s: %s (%s)', (rule, kind) => {
    expect(leftAloneFor(rule)).toBe(kind);
  });

  test.each<[why: string, vpcs: object[] | undefined, groupVpc: string, peer: string, kind: string | undefined]>([
    [
      'of every block of the VPC',
      [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16', CidrBlockAssociationSet: [{ CidrBlock: '100.64.0.0/16' }] }],
      'vpc-1',
      '100.64.0.2/32',
      'Amazon DNS',
    ],
    ['with the sign bit', [{ VpcId: 'vpc-1', CidrBlock: '192.168.0.0/16' }], 'vpc-1', '192.168.0.2/32', 'Amazon DNS'],
    ['of another VPC', [{ VpcId: 'vpc-2', CidrBlock: '10.0.0.0/16' }], 'vpc-1', '10.0.0.2/32', undefined],
    ['of a VPC whose blocks are unknown', undefined, 'vpc-1', '10.0.0.2/32', undefined],
  ])('%s', (_why, vpcs, groupVpc, peer, kind) => {
    const inventory = inventoryOf({
      groups: [{ GroupId: 'sg-1', VpcId: groupVpc }],
      rules: [awsRule(`out udp 53..53 ${peer}`)],
      ...(vpcs && { vpcs: vpcs as Record<string, unknown>[] }),
    });
    expect(neverLogged(inventory.rules[0]!, inventory, [])).toBe(kind);
  });
});

describe('the rules of a load balancer that may keep client addresses', () => {
  const balancer = 'eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa network_load_balancer';
  const application = 'eni-b vpc-1/subnet-1 sg-web aaaaaaaaaa load_balancer';
  test.each<[rule: string, interfaces: string[], verdict: string, why: string]>([
    ['out tcp 80..80 10.0.0.0/8', [balancer], 'notObserved neverLogged network load balancer to its targets', 'egress'],
    [
      'out -1 0.0.0.0/0',
      [application, balancer],
      'notObserved neverLogged network load balancer to its targets',
      'one',
    ],
    ['out tcp 80..80 10.0.0.0/8', [application], 'stale ageUnknown', 'an application load balancer opens its own'],
    ['in tcp 80..80 10.0.0.0/8', [balancer], 'stale ageUnknown', 'what clients open is logged'],
  ])('%s on %j: %s (%s)', (rule, interfaces, verdict) => {
    expect(verdictOf({ rules: [`r1 sg-web ${rule}`], interfaces })).toBe(verdict);
  });
});

describe('a prefix list', () => {
  test.each<[why: string, entries: (string | null)[] | undefined, detail: string | undefined]>([
    ['of such addresses only', ['169.254.169.254/32', '169.254.169.253/32'], 'instance metadata'],
    ['with one more', ['169.254.169.254/32', '203.0.113.1/32'], undefined],
    ['of no entries', [], undefined],
    ['of unknown entries', undefined, undefined],
  ])('%s', (_why, entries, detail) => {
    const inventory = inventoryOf({
      groups: [{ GroupId: 'sg-1', VpcId: 'vpc-1' }],
      rules: [awsRule('out tcp 80..80 pl-1')],
      ...(entries && { entries: { 'pl-1': entries } }),
    });
    expect(neverLogged(inventory.rules[0]!, inventory, [])).toBe(detail);
  });
});

describe('a rule that cannot be matched', () => {
  test.each<[rule: string, detail: string]>([
    ['in tcp 22..22 10.0.0.0/33', '10.0.0.0/33 is no IPv4 CIDR'],
    ['in tcp 22..22 4=2001:db8::/32', '2001:db8::/32 is no IPv4 CIDR'],
    ['in tcp 23..22 10.0.0.0/8', 'ports 23 to 22 run backwards'],
    ['in tcp 1..65536 10.0.0.0/8', 'ports 1 to 65536 are out of range'],
    ['in bogus 10.0.0.0/8', 'unknown protocol bogus'],
    ['in tcp 22..22', 'no peer: neither a CIDR nor a prefix list nor a group id'],
    ['in tcp 22..22 10.0.0.0/8 ::/0', 'several peers: 10.0.0.0/8, ::/0'],
  ])('%s is never called unused: %s', (rule, detail) => {
    expect(verdictOf({ rules: [`r1 sg-web ${rule}`] })).toBe(`notObserved unmatchable ${detail}`);
    expect(verdictOf({ rules: [`r1 sg-web ${rule}`], interfaces: [] })).toBe(`notObserved unmatchable ${detail}`);
  });
});
