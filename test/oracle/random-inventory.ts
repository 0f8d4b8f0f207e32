/** A small account: VPCs that may overlap, groups, interfaces of every kind, rules of every kind. */
import { contains, firstOf, formatIp, parseBlock, parseIp, type Block, type Ip } from './addresses.ts';
import { groupsOf, holdingsOf } from './match.ts';
import type { Random } from './random.ts';
import type {
  OracleGroup,
  OracleInterface,
  OracleInventory,
  OraclePrefixList,
  OracleRule,
  OracleVpc,
} from './types.ts';

export const ACCOUNT = '111111111111';
const OTHER_ACCOUNT = '222222222222';

/** Peers outside every VPC. */
export const OUTSIDERS = [
  '203.0.113.7',
  '198.51.100.0',
  '0.0.0.0',
  '255.255.255.255',
  '172.16.31.255',
  '2001:db8::1',
  '2600:1f00::',
  // VPC Lattice.
  '169.254.171.9',
  'fd00:ec2:80::9',
];

/** UNIX seconds: the first of four days of which there are records. */
export const FIRST_DAY = Date.UTC(2026, 0, 29) / 1000;
export const DAY = 86400;

const GROUP_NAMES = ['web', 'db', 'cache', '=1+1', '<b>lb</b>', 'a, "b"', 'ünï'];
const SINGLE_PORTS = [0, 22, 53, 80, 123, 443, 1023, 1024, 3306, 5432, 8080, 65535];

export function randomInventory(random: Random, maxRules: number): OracleInventory {
  const vpcs = randomVpcs(random);
  const securityGroups = vpcs.flatMap((vpc) => randomGroups(random, vpc));
  const strangers = [random.id('sg'), random.id('sg'), random.id('sg')];
  const networkInterfaces = Array.from({ length: random.between(2, 12) }, () =>
    randomInterface(random, vpcs, securityGroups, strangers),
  );
  giveUniqueAddresses(random, vpcs, networkInterfaces);
  const prefixLists = randomPrefixLists(random, networkInterfaces);
  const unlistedPrefixList = random.id('pl');

  const securityGroupRules: OracleRule[] = [];
  const ruleCount = random.between(random.chance(0.1) ? 0 : Math.min(6, maxRules), maxRules);
  while (securityGroupRules.length < ruleCount) {
    const copied = securityGroupRules.length > 0 && random.chance(0.06);
    const rule = copied
      ? structuredClone(random.pick(securityGroupRules))
      : randomRule(random, securityGroups, strangers, networkInterfaces, [
          ...Object.keys(prefixLists),
          unlistedPrefixList,
        ]);
    securityGroupRules.push({ ...rule, SecurityGroupRuleId: random.id('sgr') });
  }

  for (const one of networkInterfaces) if (random.chance(0.1)) one.Attachment = { AttachTime: randomTime(random) };
  const described = random.weighted({ all: 5, some: 2, none: 3 });
  return {
    securityGroups: random.chance(0.1) ? securityGroups.slice(1) : securityGroups,
    securityGroupRules,
    networkInterfaces,
    prefixLists,
    ...(described === 'none' ? {} : { vpcs: described === 'all' ? vpcs : vpcs.slice(1) }),
  };
}

/** Within the days of which there are records. */
function randomTime(random: Random): string {
  return new Date((FIRST_DAY + random.between(0, 4 * DAY)) * 1000).toISOString();
}

function randomVpcs(random: Random): OracleVpc[] {
  const overlapping = random.chance(0.4);
  return Array.from({ length: random.between(1, 3) }, (_, at) => {
    const main = overlapping ? '10.0.0.0/16' : (['10.0.0.0/16', '10.1.0.0/16', '172.31.0.0/16'][at] ?? '');
    const more = random.chance(0.3) ? ['100.64.0.0/16'] : [];
    return {
      VpcId: random.id('vpc'),
      CidrBlock: main,
      CidrBlockAssociationSet: [main, ...more].map((CidrBlock) => ({ CidrBlock })),
      Ipv6CidrBlockAssociationSet: random.chance(0.7) ? [{ Ipv6CidrBlock: `2600:1f14:aaa:${at}00::/56` }] : [],
    };
  });
}

/** The first one is like a default group: rules between its own members are likely. */
function randomGroups(random: Random, vpc: OracleVpc): OracleGroup[] {
  return Array.from({ length: random.between(1, 4) }, (_, at) => ({
    GroupId: random.id('sg'),
    GroupName: at === 0 ? 'default' : random.pick(GROUP_NAMES),
    Description: 'random',
    OwnerId: random.chance(0.1) ? OTHER_ACCOUNT : ACCOUNT,
    VpcId: vpc.VpcId,
  }));
}

function randomInterface(
  random: Random,
  vpcs: OracleVpc[],
  groups: OracleGroup[],
  strangers: string[],
): OracleInterface {
  const { VpcId } = random.pick(vpcs);
  const type = random.weighted({
    interface: 14,
    lambda: 2,
    network_load_balancer: 1.5,
    ec2_instance_connect_endpoint: 1,
    nat_gateway: 1,
  });
  const near = groups.filter((group) => group.VpcId === VpcId);
  const carried = random.some(random.chance(0.9) ? near : groups, random.between(1, random.chance(0.5) ? 1 : 4));
  const ids = carried.map((group) => group.GroupId);
  if (random.chance(0.06)) ids.push(random.pick(strangers));
  return {
    NetworkInterfaceId: random.id('eni'),
    VpcId,
    SubnetId: random.id('subnet'),
    InterfaceType: type,
    Groups: type === 'nat_gateway' || random.chance(0.04) ? [] : ids.map((GroupId) => ({ GroupId })),
  };
}

/** From a small range, so that interfaces of overlapping VPCs share addresses; unique within a VPC, mostly. */
function giveUniqueAddresses(random: Random, vpcs: OracleVpc[], interfaces: OracleInterface[]): void {
  const taken = new Set<string>();
  const fresh = (vpcId: string | undefined, draw: () => string): string => {
    let text = draw();
    for (let tries = 0; taken.has(`${vpcId} ${text}`) && tries < 50; tries++) text = draw();
    taken.add(`${vpcId} ${text}`);
    return text;
  };
  for (const at of interfaces) {
    const vpc = vpcs.find((item) => item.VpcId === at.VpcId);
    const block = random
      .pick(vpc?.CidrBlockAssociationSet ?? [])
      .CidrBlock.split('.')
      .slice(0, 2)
      .join('.');
    const block6 = vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock.replace('::/56', '');
    const any = (): string => `${block}.0.${random.between(4, 40)}`;
    // One that took the place of another on the same day has its address.
    const host = () => (random.chance(0.05) ? any() : fresh(at.VpcId, any));
    const many = random.chance(0.3) ? random.between(2, 4) : 1;
    at.PrivateIpAddresses = Array.from({ length: many }, (_, index) => ({
      PrivateIpAddress: host(),
      Primary: index === 0,
      ...(random.chance(0.2) ? { Association: { PublicIp: '203.0.113.7' } } : {}),
    }));
    at.PrivateIpAddress = at.PrivateIpAddresses[0]?.PrivateIpAddress ?? '';
    at.Ipv6Addresses = [];
    at.Ipv4Prefixes = random.chance(0.15)
      ? [{ Ipv4Prefix: fresh(at.VpcId, () => `${block}.1.${random.between(0, 15) * 16}/28`) }]
      : [];
    at.Ipv6Prefixes = [];
    if (block6 === undefined) continue;
    if (random.chance(0.5)) {
      at.Ipv6Addresses.push({ Ipv6Address: fresh(at.VpcId, () => `${block6}::${random.between(4, 40).toString(16)}`) });
    }
    if (random.chance(0.15)) {
      at.Ipv6Prefixes.push({ Ipv6Prefix: fresh(at.VpcId, () => `${block6}:${random.between(1, 9)}::/80`) });
    }
  }
}

function randomPrefixLists(random: Random, interfaces: OracleInterface[]): Record<string, OraclePrefixList> {
  const lists: Record<string, OraclePrefixList> = {};
  for (let count = random.between(0, 4); count > 0; count--) {
    const family = random.chance(0.7) ? 4 : 6;
    const known = random.weighted({ known: 5, open: 1, empty: 1, notKnown: 2, entriesOnly: 1 });
    const entries = Array.from({ length: random.between(1, 5) }, () => randomCidr(random, family, interfaces));
    if (known === 'open') entries.push(family === 4 ? '0.0.0.0/0' : '::/0');
    lists[random.id('pl')] = {
      ...(known === 'entriesOnly' ? {} : { family: `IPv${family}` }),
      ...(known === 'notKnown' ? {} : { entries: known === 'empty' ? [] : [...new Set(entries)] }),
    };
  }
  return lists;
}

function randomRule(
  random: Random,
  groups: OracleGroup[],
  strangers: string[],
  interfaces: OracleInterface[],
  prefixListIds: string[],
): Omit<OracleRule, 'SecurityGroupRuleId'> {
  const group = random.pick(groups);
  return {
    GroupId: group.GroupId,
    GroupOwnerId: group.OwnerId ?? ACCOUNT,
    IsEgress: random.chance(0.45),
    ...randomTraffic(random),
    ...randomPeer(random, group, groups, strangers, interfaces, prefixListIds),
    ...(random.chance(0.3) ? { Description: random.pick(GROUP_NAMES) } : {}),
  };
}

function randomTraffic(random: Random): Pick<OracleRule, 'IpProtocol' | 'FromPort' | 'ToPort'> {
  const IpProtocol = random.weighted({ tcp: 10, udp: 5, '-1': 5, icmp: 2, icmpv6: 1, '50': 0.5, '47': 0.5 });
  if (IpProtocol === 'icmp' || IpProtocol === 'icmpv6') {
    const [FromPort, ToPort] = random.pick([
      [-1, -1],
      [8, -1],
      [3, 4],
      [0, 0],
    ] as const);
    return { IpProtocol, FromPort, ToPort };
  }
  const kind = random.weighted({ single: 8, narrow: 3, ephemeral: 2, wide: 3, all: 3, minusOne: 0.5, absent: 0.5 });
  if (kind === 'absent') return { IpProtocol };
  if (IpProtocol !== 'tcp' && IpProtocol !== 'udp') return { IpProtocol, FromPort: -1, ToPort: -1 };
  if (kind === 'minusOne') return { IpProtocol, FromPort: -1, ToPort: -1 };
  if (kind === 'all') return { IpProtocol, FromPort: 0, ToPort: 65535 };
  if (kind === 'ephemeral') return { IpProtocol, FromPort: random.pick([1024, 32768, 49152]), ToPort: 65535 };
  const FromPort = random.chance(0.8) ? random.pick(SINGLE_PORTS) : random.between(0, 65535);
  const reach = { single: 0, narrow: random.between(1, 100), wide: random.between(1000, 65535) }[kind];
  return { IpProtocol, FromPort, ToPort: Math.min(FromPort + reach, 65535) };
}

function randomPeer(
  random: Random,
  group: OracleGroup,
  groups: OracleGroup[],
  strangers: string[],
  interfaces: OracleInterface[],
  prefixListIds: string[],
): Partial<OracleRule> {
  switch (
    random.weighted({ cidr4: 8, open4: 4, cidr6: 3, open6: 2, prefixList: 3, self: 1.5, group: 4, stranger: 2 })
  ) {
    case 'cidr4':
      return { CidrIpv4: randomCidr(random, 4, interfaces) };
    case 'open4':
      return { CidrIpv4: '0.0.0.0/0' };
    case 'cidr6':
      return { CidrIpv6: randomCidr(random, 6, interfaces) };
    case 'open6':
      return { CidrIpv6: '::/0' };
    case 'prefixList':
      return { PrefixListId: random.pick(prefixListIds) };
    case 'self':
      return reference(random, group.GroupId, group.OwnerId ?? ACCOUNT);
    case 'group': {
      const other = random.pick(groups);
      return reference(random, other.GroupId, other.OwnerId ?? ACCOUNT);
    }
    case 'stranger': {
      // A listed group on no interface, too: then the user of the reference alone tells whose it is.
      const carried = interfaces.flatMap(groupsOf);
      const unattached = groups.map((item) => item.GroupId).filter((id) => !carried.includes(id));
      const wanted = random.pick(unattached.length > 0 && random.chance(0.5) ? unattached : strangers);
      return reference(random, wanted, random.pick([ACCOUNT, OTHER_ACCOUNT]));
    }
  }
}

const reference = (random: Random, GroupId: string, owner: string): Partial<OracleRule> => ({
  ReferencedGroupInfo: {
    GroupId,
    ...(random.chance(0.85) ? { UserId: owner } : {}),
    ...(random.chance(0.2) ? { VpcPeeringConnectionId: random.id('pcx'), PeeringStatus: 'active' } : {}),
  },
});

/** Nested blocks around few addresses, so that rules overlap at many lengths. Host bits are 0, as AWS stores them. */
function randomCidr(random: Random, family: 4 | 6, interfaces: OracleInterface[]): string {
  const bases: Ip[] = [...interfaces.flatMap(holdingsOf), ...OUTSIDERS.map(parseIp)].filter(
    (ip) => ip.family === family,
  );
  const length = random.pick(
    family === 4 ? [0, 1, 7, 8, 12, 16, 20, 24, 27, 28, 31, 32] : [0, 3, 16, 32, 48, 56, 64, 65, 80, 127, 128],
  );
  const block: Block = { ...random.pick(bases), length };
  return `${formatIp(firstOf(block))}/${length}`;
}

/** An address of a VPC that may or may not be an interface's. */
export function randomVpcAddress(random: Random, inventory: OracleInventory, at: OracleInterface, family: 4 | 6): Ip {
  const own = holdingsOf(at).find((block) => block.family === family);
  const near = own ?? parseBlock(family === 4 ? '10.0.0.0/24' : '2600:1f14:aaa::/64');
  const wider: Block = { ...near, length: family === 4 ? 24 : 64 };
  const address: Ip = { family, value: firstOf(wider).value + BigInt(random.between(1, 60)) };
  return contains(wider, address) ? address : firstOf(wider);
}
