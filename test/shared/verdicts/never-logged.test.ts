import { describe, expect, test } from '@jest/globals';
import { neverLogged } from '../../../shared/verdicts/never-logged.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';
import { verdictOf } from './world.ts';

const LUSTRE = 'FSx for Lustre, which demands the rule though no packet may ever use it';

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
    ['out udp 67 0.0.0.0/0', 'DHCP', 'a client asks'],
    ['in udp 68 0.0.0.0/0', 'DHCP', 'and is answered'],
    ['in udp 67-68 10.0.0.0/8', 'DHCP', 'both ports, any peer'],
    ['out udp 66-68 0.0.0.0/0', undefined, 'a port more'],
    ['out udp 67-69 0.0.0.0/0', undefined, 'TFTP besides'],
    ['out tcp 67-68 0.0.0.0/0', undefined, 'DHCP is UDP'],
    ['out 17 67-68 0.0.0.0/0', 'DHCP', 'UDP by its number'],
    ['out -1 0.0.0.0/0', undefined, 'everything is more than DHCP'],

    ['out udp 53 169.254.169.253/32', 'Amazon DNS', 'the resolver’s own address'],
    ['out udp 53 fd00:ec2::253/128', 'Amazon DNS', 'the same in IPv6'],
    ['out tcp 80 169.254.169.254/32', 'instance metadata', 'IPv4'],
    ['out tcp 80 fd00:ec2::254/128', 'instance metadata', 'IPv6'],
    ['out udp 123 169.254.169.123/32', 'Amazon Time Sync', 'IPv4'],
    ['out udp 123 fd00:ec2::123/128', 'Amazon Time Sync', 'IPv6'],
    ['out tcp 1688 169.254.169.250/32', 'Windows activation', 'the first server'],
    ['out tcp 1688 169.254.169.251/32', 'Windows activation', 'the second'],
    ['out tcp 1688 169.254.169.252/32', 'link-local AWS services', 'no third: some other service of AWS'],
    ['out tcp 1688 fd00:ec2::251/128', 'Windows activation', 'the second in IPv6'],
    ['out tcp 80 169.254.170.2/32', 'credentials and metadata of containers', 'ECS'],
    ['out tcp 80 169.254.170.23/32', 'credentials and metadata of containers', 'pods of EKS'],
    ['out tcp 80 fd00:ec2::23/128', 'credentials and metadata of containers', 'pods of EKS, IPv6'],
    ['in udp 4789 10.0.0.0/8', 'mirrored traffic', 'at the target of Traffic Mirroring'],
    ['in udp 4789-4790 10.0.0.0/8', undefined, 'a port more than VXLAN'],
    ['in tcp 988 sg-web', LUSTRE, 'servers of Lustre'],
    ['in tcp 1021-1023 sg-web', LUSTRE, 'clients of Lustre, as older pages say'],
    ['in tcp 988-1023 sg-web', LUSTRE, 'both'],
    ['in tcp 1000-1023 sg-web', undefined, 'neither the one nor the other'],
    ['in tcp 988-1024 sg-web', undefined, 'a port more'],
    ['out -1 169.254.169.254/32', 'instance metadata', 'all protocols to that address'],
    ['out -1 169.254.169.0/24', 'link-local AWS services', 'all of these services'],
    ['out -1 169.254.169.252/31', 'link-local AWS services', 'a block of some of them'],
    ['out -1 169.254.168.0/23', undefined, 'a block with more than these'],
    ['out -1 169.254.0.0/16', undefined, 'all link-local addresses: those of neighbours too'],
    ['out udp 53 fd00:ec2::/32', undefined, 'a block of IPv6 with more than the resolver'],
    ['out udp 123 203.0.113.123/32', undefined, 'a time server like any other'],
  ])('%s: %s (%s)', (rule, kind) => {
    expect(leftAloneFor(rule)).toBe(kind);
  });
});

describe('Amazon’s resolver at the VPC’s base address plus two', () => {
  test.each<Row>([
    ['out udp 53 10.0.0.2/32', 'Amazon DNS', 'UDP'],
    ['out tcp 53 10.0.0.2/32', 'Amazon DNS', 'TCP'],
    ['out -1 10.0.0.2/32', 'Amazon DNS', 'all protocols: nothing else lives there'],
    ['out udp 0-65535 10.0.0.2/32', 'Amazon DNS', 'all ports'],
    ['out udp 53-60 10.0.0.2/32', 'Amazon DNS', 'from 53 on'],
    ['out udp 40-53 10.0.0.2/32', 'Amazon DNS', 'up to 53'],
    ['out udp 54-60 10.0.0.2/32', undefined, 'ports above'],
    ['out tcp 443 10.0.0.2/32', undefined, 'no DNS'],
    ['out udp 53 10.0.0.3/32', undefined, 'plus three: somebody’s own resolver'],
    ['out udp 53 10.0.1.2/32', undefined, 'the base of a subnet'],
    ['out udp 53 10.0.0.2/31', undefined, 'an address more'],
    ['out udp 53 10.0.0.0/16', undefined, 'the VPC, which may have resolvers of its own'],
    ['out udp 53 0.0.0.0/0', undefined, 'any resolver'],
    ['out udp 53 192.168.0.2/32', undefined, 'of another network'],
    ['out udp 53 sg-web', undefined, 'a group'],
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
    [
      'of another VPC',
      [
        { VpcId: 'vpc-1', CidrBlock: '10.1.0.0/16' },
        { VpcId: 'vpc-2', CidrBlock: '10.0.0.0/16' },
      ],
      'vpc-1',
      '10.0.0.2/32',
      undefined,
    ],
    ['of a VPC whose blocks are unknown', undefined, 'vpc-1', '10.0.0.2/32', 'Amazon DNS'],
    ['of one whose block, unknown, may begin before it', undefined, 'vpc-1', '10.0.7.34/32', 'Amazon DNS'],
    ['where no block can begin two before it', undefined, 'vpc-1', '10.0.7.35/32', undefined],
  ])('%s', (_why, vpcs, groupVpc, peer, kind) => {
    const inventory = inventoryOf({
      groups: [{ GroupId: 'sg-1', VpcId: groupVpc }],
      rules: [awsRule(`out udp 53 ${peer}`)],
      ...(vpcs && { vpcs: vpcs as Record<string, unknown>[] }),
    });
    expect(neverLogged(inventory.rules[0]!, inventory, { types: [], hasSilentBranch: false })).toBe(kind);
  });
});

describe('the rules of a load balancer that may keep client addresses', () => {
  const balancer = 'eni-a vpc-1/subnet-1 sg-web aaaaaaaaaa network_load_balancer';
  const application = 'eni-b vpc-1/subnet-1 sg-web aaaaaaaaaa load_balancer';
  test.each<[rule: string, interfaces: string[], verdict: string, why: string]>([
    ['out tcp 80 10.0.0.0/8', [balancer], 'notObserved neverLogged network load balancer to its targets', 'egress'],
    [
      'out -1 0.0.0.0/0',
      [application, balancer],
      'notObserved neverLogged network load balancer to its targets',
      'one',
    ],
    ['out tcp 80 10.0.0.0/8', [application], 'stale ageUnknown', 'an application load balancer opens its own'],
    [
      'in tcp 80 10.0.0.0/8',
      [balancer],
      'notObserved neverLogged PrivateLink consumers of a network load balancer',
      'ingress',
    ],
    ['in tcp 80 10.0.0.0/8', [application], 'stale ageUnknown', 'what clients open there is logged'],
  ])('%s on %j: %s (%s)', (rule, interfaces, verdict) => {
    expect(verdictOf({ rules: [`r1 sg-web ${rule}`], interfaces })).toBe(verdict);
  });
});

describe('a prefix list', () => {
  test.each<[why: string, entries: (string | null)[] | undefined, detail: string | undefined]>([
    ['of such addresses only', ['169.254.169.254/32', '169.254.169.253/32'], 'link-local AWS services'],
    ['with one more', ['169.254.169.254/32', '203.0.113.1/32'], undefined],
    ['of no entries', [], undefined],
    ['of unknown entries', undefined, undefined],
  ])('%s', (_why, entries, detail) => {
    const inventory = inventoryOf({
      groups: [{ GroupId: 'sg-1', VpcId: 'vpc-1' }],
      rules: [awsRule('out tcp 80 pl-1')],
      ...(entries && { entries: { 'pl-1': entries } }),
    });
    expect(neverLogged(inventory.rules[0]!, inventory, { types: [], hasSilentBranch: false })).toBe(detail);
  });
});

describe('a rule that cannot be matched', () => {
  test.each<[rule: string, detail: string]>([
    ['in tcp 22 10.0.0.0/33', '10.0.0.0/33 is not an IPv4 CIDR'],
    ['in tcp 22 4=2001:db8::/32', '2001:db8::/32 is not an IPv4 CIDR'],
    ['in tcp 23..22 10.0.0.0/8', 'ports 23 to 22 run backwards'],
    ['in tcp 1-65536 10.0.0.0/8', 'ports 1 to 65536 are out of range'],
    ['in bogus 10.0.0.0/8', 'unknown protocol bogus'],
    ['in tcp 22', 'no peer: neither a CIDR nor a prefix list nor a group id'],
    ['in tcp 22 10.0.0.0/8 ::/0', 'several peers: 10.0.0.0/8, ::/0'],
  ])('%s is never called unused: %s', (rule, detail) => {
    expect(verdictOf({ rules: [`r1 sg-web ${rule}`] })).toBe(`notObserved unmatchable ${detail}`);
    expect(verdictOf({ rules: [`r1 sg-web ${rule}`], interfaces: [] })).toBe(`notObserved unmatchable ${detail}`);
  });
});

describe('services that are not logged, or mislead, by the type of their interfaces', () => {
  const on = (type: string, letters = 'aaaaaaaaaa'): string[] => [
    `eni-a vpc-1/subnet-1 sg-web ${letters} ${type}`,
    'eni-b vpc-1/subnet-1 sg-db aaaaaaaaaa',
  ];
  test.each<[says: string, rule: string, interfaces: string[], why: string]>([
    ['neverLogged', 'out -1 0.0.0.0/0', on('efs'), 'a mount target behind a transit gateway'],
    ['neverLogged', 'out -1 ::/0', on('efs'), 'the same in IPv6'],
    ['stale', 'out -1 10.0.0.0/8', on('efs'), 'not to all'],
    ['stale', 'in tcp 2049 0.0.0.0/0', on('efs'), 'what clients open is logged'],
    ['stale', 'out -1 0.0.0.0/0', on('interface'), 'on any other interface'],
    ['neverLogged', 'in tcp 0-65535 10.0.0.0/8', on('quicksight'), 'answers need a rule'],
    ['stale', 'out tcp 5432 10.0.0.0/8', on('quicksight'), 'what it opens is logged'],
    ['neverLogged', 'in -1 sg-web', on('efa'), 'the group for itself'],
    ['neverLogged', 'out -1 sg-web', on('efa-only'), 'without addresses'],
    ['stale', 'in tcp 22 10.0.0.0/8', on('efa'), 'a CIDR'],
    ['stale', 'in -1 sg-db', on('efa'), 'another group'],
    ['neverLogged', 'in tcp 80 10.0.0.0/8', on('branch', '..........'), 'a branch without a line of its own'],
    ['idle', 'in tcp 80 10.0.0.0/8', on('branch', 'nnnnnnnnnn'), 'a branch with NODATA'],
    ['stale', 'in tcp 80 10.0.0.0/8', on('branch'), 'a branch with lines'],
  ])('%s: %s on %j (%s)', (says, rule, interfaces) => {
    const verdict = verdictOf({ rules: [`r1 sg-web ${rule}`], interfaces });
    expect(verdict.replace('notObserved ', '').split(' ')[0]).toBe(says);
  });
});

describe('services that are not logged, or demand a rule, by its peer and ports', () => {
  test.each<[says: boolean, rule: string, why: string]>([
    [true, 'in icmp 3/4 0.0.0.0/0', 'fragmentation needed'],
    [true, 'in icmp 3/-1 0.0.0.0/0', 'destination unreachable'],
    [false, 'in icmp 8/-1 0.0.0.0/0', 'echo'],
    [false, 'in icmp -1/-1 0.0.0.0/0', 'all types: a rule like any other'],
    [true, 'in icmpv6 1/-1 ::/0', 'destination unreachable'],
    [true, 'in icmpv6 2/-1 ::/0', 'packet too big'],
    [true, 'in icmpv6 4/-1 ::/0', 'parameter problem'],
    [false, 'in icmpv6 5/-1 ::/0', 'more than these'],
    [false, 'in icmpv6 128/-1 ::/0', 'echo'],
    [true, 'in tcp 988 sg-web', 'Lustre'],
    [true, 'out tcp 1018-1023 10.0.0.0/8', 'its clients'],
    [true, 'in tcp 988-1023 sg-web', 'both in one'],
    [false, 'in tcp 1018-1024 10.0.0.0/8', 'a port more'],
    [false, 'in udp 988 10.0.0.0/8', 'not TCP'],
    [true, 'in tcp 0-65535 sg-web', 'Glue'],
    [false, 'in tcp 1-65535 sg-web', 'a port less'],
    [true, 'in -1 sg-web', 'Glue, by all protocols'],
    [false, 'in udp 0-65535 sg-web', 'not the protocol of Glue'],
    [false, 'out tcp 0-65535 sg-web', 'the way out'],
    [false, 'in tcp 0-65535 10.0.0.0/8', 'no group'],
  ])('%s: %s (%s)', (says, rule) => {
    expect(verdictOf({ rules: [`r1 sg-web ${rule}`] }).startsWith('notObserved neverLogged')).toBe(says);
  });

  test.each<[says: string | undefined, name: string]>([
    ['CloudFront to a VPC origin', 'com.amazonaws.global.cloudfront.origin-facing'],
    ['CloudFront to a VPC origin', 'com.amazonaws.global.ipv6.cloudfront.origin-facing'],
    [undefined, 'com.amazonaws.eu-west-1.s3'],
    [undefined, 'my.cloudfront.origin-facing'],
  ])('%s: a list named %s', (says, PrefixListName) => {
    const inventory = inventoryOf({
      rules: [awsRule('in tcp 443 pl-1')],
      prefixLists: [{ PrefixListId: 'pl-1', PrefixListName }],
      entries: { 'pl-1': ['130.176.0.0/17'] },
    });
    expect(neverLogged(inventory.rules[0]!, inventory, { types: [], hasSilentBranch: false })).toBe(says);
  });

  test.each<[says: boolean, name: string]>([
    [true, 'CloudFront-VPCOrigins-Service-SG'],
    [false, 'web'],
  ])('%s: the group %s as its peer', (says, GroupName) => {
    const inventory = inventoryOf({
      groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-cf', GroupName }],
      rules: [awsRule('in tcp 443 sg-cf')],
    });
    expect(neverLogged(inventory.rules[0]!, inventory, { types: [], hasSilentBranch: false }) !== undefined).toBe(says);
  });

  const toLattice = 'r2 sg-db out tcp 443 169.254.171.0/24';
  test.each<[says: boolean, rule: string, other: string, groups: string[], why: string]>([
    [true, 'in tcp 443 10.0.0.0/16', toLattice, ['sg-db vpc-1'], 'it may be the group of an association'],
    [true, 'in tcp 443 10.0.0.0/16', toLattice.replace('443', '0-65535'), ['sg-db vpc-1'], 'all ports'],
    [false, 'in tcp 22 10.0.0.0/16', toLattice, ['sg-db vpc-1'], 'another port'],
    [false, 'out tcp 443 10.0.0.0/16', toLattice, ['sg-db vpc-1'], 'the way out'],
    [false, 'in tcp 443 10.0.0.0/16', toLattice, ['sg-db vpc-2'], 'in another VPC'],
    [false, 'in tcp 443 10.0.0.0/16', 'r2 sg-db out tcp 443 0.0.0.0/0', ['sg-db vpc-1'], 'to everywhere'],
  ])('%s: %s where %s (%s: %s)', (says, rule, other, groups) => {
    const verdict = verdictOf({ rules: [`r1 sg-web ${rule}`, other], groups: ['sg-web vpc-1', ...groups] });
    expect(verdict.includes('VPC Lattice')).toBe(says);
  });
});
