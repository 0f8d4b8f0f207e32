import { parsePrefix, type Prefix } from '../addresses/address.ts';
import { LATTICE } from '../addresses/lattice.ts';
import { holds } from '../addresses/prefixes.ts';
import type { Inventory, Rule } from '../inventory/inventory.ts';
import { ICMP, TCP, UDP } from '../protocols.ts';

/** What is known of the interfaces that carried the rule's group in the window. */
export interface Carriers {
  /** AWS `InterfaceType`s. */
  readonly types: readonly string[];
  /** Some of type `branch` had no record at all, of whatever kind. */
  readonly hasSilentBranch: boolean;
}

/** One kind of traffic that flow logs leave out, or are not documented to show. */
interface Row {
  /** For people; says what the traffic is. */
  readonly traffic: string;
  /** Where AWS says so. */
  readonly page: string;
  readonly holds: (rule: Rule, inventory: Inventory, carriers: Carriers) => boolean;
}

const VPC = 'https://docs.aws.amazon.com/vpc/latest/userguide';
const LIMITS = `${VPC}/flow-logs-limitations.html`;

/**
 * Endpoints whose traffic flow logs leave out, or that are on the host; security groups do not filter most of it either.
 * Whatever else is in 169.254.169.0/24 is Amazon's own as well.
 */
const ENDPOINTS: readonly (readonly [traffic: string, ...cidrs: string[]])[] = [
  ['Amazon DNS', '169.254.169.253/32', 'fd00:ec2::253/128'],
  ['instance metadata', '169.254.169.254/32', 'fd00:ec2::254/128'],
  ['Amazon Time Sync', '169.254.169.123/32', 'fd00:ec2::123/128'],
  ['Windows activation', '169.254.169.250/31', 'fd00:ec2::250/127'],
  ['credentials and metadata of containers', '169.254.170.0/24', 'fd00:ec2::23/128'],
];

const LATTICE_LIST = /^com\.amazonaws\.[^.]+\.(?:ipv6\.)?vpc-lattice$/;
const CLOUDFRONT_LIST = /^com\.amazonaws\.[^.]+\.(?:ipv6\.)?cloudfront\.origin-facing$/;
const CLOUDFRONT_GROUP = 'CloudFront-VPCOrigins-Service-SG';

const ALL_TCP = { from: 0, to: 65_535 };
const LUSTRE = { from: 988, to: 1023 };
const LUSTRE_CLIENTS = { from: 1018, to: 1023 };
/** Traffic Mirroring sends copies in VXLAN. https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-packet-formats.html */
const VXLAN = { from: 4789, to: 4789 };

/** The first row that holds is told. */
const NEVER_LOGGED: readonly Row[] = [
  {
    traffic: 'network load balancer to its targets',
    page: LIMITS,
    // With client addresses kept, connections to targets are not the load balancer's own: nothing says they are logged.
    holds: ({ direction }, _, { types }) => types.includes('network_load_balancer') && direction === 'egress',
  },
  {
    traffic: 'PrivateLink consumers of a network load balancer',
    page: LIMITS,
    holds: ({ direction }, _, { types }) => types.includes('network_load_balancer') && direction === 'ingress',
  },
  {
    traffic: 'DHCP',
    page: LIMITS,
    holds: ({ protocolNumber, ports }) => protocolNumber === UDP && isWithin(ports, { from: 67, to: 68 }),
  },
  {
    traffic: 'mirrored traffic',
    page: LIMITS,
    holds: ({ protocolNumber, ports }) => protocolNumber === UDP && isWithin(ports, VXLAN),
  },
  ...ENDPOINTS.map(([traffic, ...cidrs]) => endpointRow(traffic, cidrs)),
  endpointRow('link-local AWS services', ['169.254.169.0/24', ...ENDPOINTS.flatMap(([, ...cidrs]) => cidrs)]),
  { traffic: 'Amazon DNS', page: LIMITS, holds: isForResolver },
  {
    traffic: 'a mount target that is reached over a transit gateway needs it',
    page: 'https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html',
    holds: ({ direction, peer }, _, { types }) =>
      types.includes('efs') && direction === 'egress' && 'prefix' in peer && peer.prefix.length === 0,
  },
  {
    traffic: 'answers to QuickSight, whose groups keep no track of connections',
    page: 'https://docs.aws.amazon.com/quicksight/latest/user/vpc-security-groups.html',
    holds: ({ direction }, _, { types }) => types.includes('quicksight') && direction === 'ingress',
  },
  {
    traffic: 'Elastic Fabric Adapters among themselves',
    page: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html',
    holds: (rule, _, { types }) => (types.includes('efa') || types.includes('efa-only')) && isSelfReference(rule),
  },
  {
    traffic: 'path MTU discovery: rare, and needed where connections are not tracked',
    page: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html',
    holds: ({ protocolNumber, icmp }) =>
      icmp !== undefined && (protocolNumber === ICMP ? icmp.type === 3 : icmp.type >= 1 && icmp.type <= 4),
  },
  {
    traffic: 'CloudFront to a VPC origin',
    page: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html',
    holds: ({ peer }, { prefixLists, groups }) =>
      (peer.type === 'prefixList' && CLOUDFRONT_LIST.test(prefixLists.get(peer.value)?.name ?? '')) ||
      (peer.type === 'group' && groups.get(peer.value)?.groupName === CLOUDFRONT_GROUP),
  },
  {
    traffic: 'VPC Lattice, which is used in its VPC: the group of an association filters on no interface',
    page: 'https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html',
    holds: mayServeLattice,
  },
  {
    traffic: 'a branch interface of which no line was read',
    page: 'https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html',
    holds: (_rule, _inventory, { hasSilentBranch }) => hasSilentBranch,
  },
  {
    traffic: 'FSx for Lustre, which demands the rule though no packet may ever use it',
    page: 'https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html',
    holds: ({ protocolNumber, ports }) =>
      protocolNumber === TCP &&
      (isWithin(ports, LUSTRE_CLIENTS) || (isWithin(ports, LUSTRE) && ports?.from === LUSTRE.from)),
  },
  {
    traffic: 'AWS Glue, which demands a rule of a group for itself though no packet may ever use it',
    page: 'https://docs.aws.amazon.com/glue/latest/dg/setup-vpc-for-glue-access.html',
    holds: (rule) =>
      rule.direction === 'ingress' &&
      isSelfReference(rule) &&
      (rule.protocolNumber === undefined || (rule.protocolNumber === TCP && isWithin(ALL_TCP, rule.ports))),
  },
];

/**
 * The kind of traffic, where the rule admits nothing but traffic that flow logs never show, or are not documented to
 * show, or where a service demands the rule; else undefined.
 */
export function neverLogged(rule: Rule, inventory: Inventory, carriers: Carriers): string | undefined {
  return NEVER_LOGGED.find(({ holds }) => holds(rule, inventory, carriers))?.traffic;
}

function endpointRow(traffic: string, cidrs: readonly string[]): Row {
  const known = cidrs.map((cidr) => parsePrefix(cidr)!);
  return { traffic, page: LIMITS, holds: (rule, inventory) => isOnlyFor(rule, inventory, known) };
}

function isSelfReference({ groupId, peer }: Rule): boolean {
  return peer.type === 'group' && peer.value === groupId;
}

/** Whether the ports, of which there are some, lie in the range. */
function isWithin(ports: Rule['ports'], range: Rule['ports']): boolean {
  return ports !== undefined && range !== undefined && ports.from >= range.from && ports.to <= range.to;
}

function isOnlyFor(rule: Rule, inventory: Inventory, known: readonly Prefix[]): boolean {
  const prefixes = prefixesOf(rule, inventory);
  return prefixes.length > 0 && prefixes.every((prefix) => known.some((outer) => holds(outer, prefix)));
}

/**
 * Nothing but Amazon's DNS lives at the third address of a VPC's blocks, so wider rules for it serve it as well. Blocks begin
 * at a multiple of 16: where nobody says which there are, every third address of 16 may be it.
 */
function isForResolver(rule: Rule, inventory: Inventory): boolean {
  const { ports, groupId } = rule;
  const vpcId = inventory.groups.get(groupId)?.vpcId ?? '';
  const blocks = inventory.vpcs.get(vpcId)?.prefixes;
  const isThird = ({ address: { family, w0 } }: Prefix): boolean =>
    blocks ? blocks.some(({ address }) => address.family === family && w0 === address.w0 + 2) : (w0 & 15) === 2;
  const isResolver = (prefix: Prefix): boolean =>
    prefix.length === 32 && prefix.address.family === 4 && isThird(prefix);
  const prefixes = prefixesOf(rule, inventory);
  return prefixes.length > 0 && (!ports || (ports.from <= 53 && ports.to >= 53)) && prefixes.every(isResolver);
}

/** By inventory, its rules that open the way to Lattice's own addresses: asked of each rule, all of them would be too many. */
const WAYS_TO_LATTICE = new WeakMap<Inventory, readonly Rule[]>();

function waysToLattice(inventory: Inventory): readonly Rule[] {
  let ways = WAYS_TO_LATTICE.get(inventory);
  if (!ways) {
    const { rules, prefixLists } = inventory;
    ways = rules.filter(
      ({ direction, peer }) =>
        direction === 'egress' &&
        (peer.type === 'prefixList'
          ? LATTICE_LIST.test(prefixLists.get(peer.value)?.name ?? '')
          : 'prefix' in peer && LATTICE.some((known) => holds(known, peer.prefix))),
    );
    WAYS_TO_LATTICE.set(inventory, ways);
  }
  return ways;
}

/**
 * Which groups belong to an association of the VPC with a service network no describe call of EC2 tells. Where a rule of
 * the VPC opens the way to Lattice's own addresses, any ingress rule for these ports may be one of theirs.
 */
function mayServeLattice(rule: Rule, inventory: Inventory): boolean {
  if (rule.direction !== 'ingress') return false;
  const { groups } = inventory;
  const vpcId = groups.get(rule.groupId)?.vpcId;
  return waysToLattice(inventory).some(
    ({ groupId, ports }) =>
      groups.get(groupId)?.vpcId === vpcId &&
      (!ports || !rule.ports || (ports.from <= rule.ports.to && rule.ports.from <= ports.to)),
  );
}

function prefixesOf({ peer }: Rule, inventory: Inventory): readonly Prefix[] {
  if (peer.type === 'cidrIpv4' || peer.type === 'cidrIpv6') return [peer.prefix];
  return peer.type === 'prefixList' ? (inventory.prefixLists.get(peer.value)?.entries ?? []) : [];
}
