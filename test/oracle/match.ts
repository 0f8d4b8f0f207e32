/** DESIGN 2.6 word by word: which rules admit a service flow, and which only could. */
import { contains, parseBlock, type Block, type Ip } from './addresses.ts';
import type { Direction, OracleInterface, OracleInventory, OracleRule, OracleVpc } from './types.ts';

export interface ServiceFlow {
  at: OracleInterface;
  direction: Direction;
  protocol: number;
  /** Null for protocols without ports. */
  port: number | null;
  peer: Ip;
}

export const hasPorts = (protocol: number): boolean => protocol === 6 || protocol === 17;

/** Sorted once by the list that AWS gives: they are asked for with every record. */
const sortedGroups = new WeakMap<object, readonly string[]>();

export function groupsOf({ Groups }: OracleInterface): readonly string[] {
  if (!Groups) return [];
  let sorted = sortedGroups.get(Groups);
  if (!sorted) sortedGroups.set(Groups, (sorted = [...new Set(Groups.map(({ GroupId }) => GroupId))].sort()));
  return sorted;
}

/** All private addresses and delegated prefixes of an interface, never its public ones. */
export function holdingsOf(at: OracleInterface): Block[] {
  return [
    ...(at.PrivateIpAddress === undefined ? [] : [at.PrivateIpAddress]),
    ...(at.PrivateIpAddresses ?? []).map((item) => item.PrivateIpAddress),
    ...(at.Ipv6Addresses ?? []).map((item) => item.Ipv6Address),
    ...(at.Ipv4Prefixes ?? []).map((item) => item.Ipv4Prefix),
    ...(at.Ipv6Prefixes ?? []).map((item) => item.Ipv6Prefix),
  ].map(parseBlock);
}

export const holds = (at: OracleInterface, ip: Ip): boolean => holdingsOf(at).some((block) => contains(block, ip));

/** -1 for all protocols. */
export function protocolOf(rule: OracleRule): number {
  const named: Record<string, number> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };
  return named[rule.IpProtocol] ?? Number(rule.IpProtocol);
}

/** Null where the rule's protocol has no ports. Absent ports and -1 mean all of them. */
export function portsOf(rule: OracleRule): { from: number; to: number } | null {
  if (!hasPorts(protocolOf(rule))) return null;
  const from = rule.FromPort ?? -1;
  const to = rule.ToPort ?? -1;
  return from === -1 && to === -1 ? { from: 0, to: 65535 } : { from, to };
}

export function portWidthOf(rule: OracleRule): number {
  const ports = portsOf(rule);
  return ports === null ? 65536 : ports.to - ports.from + 1;
}

export const admits = (inventory: OracleInventory, rule: OracleRule, flow: ServiceFlow): boolean =>
  fits(rule, flow) && !isStaleReference(inventory, rule) && matchedLength(inventory, rule, flow) !== null;

/** The evidence neither shows nor excludes that the rule admits the flow. A rule that admits does not "could". */
export const couldAdmit = (inventory: OracleInventory, rule: OracleRule, flow: ServiceFlow): boolean =>
  fits(rule, flow) &&
  !isStaleReference(inventory, rule) &&
  matchedLength(inventory, rule, flow) === null &&
  peerCouldBe(inventory, rule, flow);

/**
 * 2.7 (iii): somebody did admit it, so the inventory is not what stood. Any rule may have whose direction, protocol and
 * port fit and whose peer is a group or a list, whoever has the address now, or whose CIDR holds the peer.
 */
export function mayHaveAdmitted(inventory: OracleInventory, rule: OracleRule, flow: ServiceFlow): boolean {
  if (!fits(rule, flow)) return false;
  if (rule.ReferencedGroupInfo !== undefined) return true;
  if (rule.PrefixListId === undefined) return matchedLength(inventory, rule, flow) !== null;
  const list = inventory.prefixLists[rule.PrefixListId];
  const [entry] = (list?.entries ?? []).map(parseBlock);
  const family = list?.family ?? (entry && `IPv${entry.family}`);
  return family === undefined || family === `IPv${flow.peer.family}`;
}

/** 2.7 (ii): what a lone rule must name to be credited: a group that an interface here carries. */
export const namesCarriedGroup = (inventory: OracleInventory, rule: OracleRule): boolean =>
  inventory.networkInterfaces.some((at) => groupsOf(at).some((id) => id === rule.ReferencedGroupInfo?.GroupId));

/** A reference that AWS lists as stale, or whose peering is not active, admits nothing. */
function isStaleReference(inventory: OracleInventory, rule: OracleRule): boolean {
  const reference = rule.ReferencedGroupInfo;
  if (reference === undefined) return false;
  if (reference.PeeringStatus !== undefined && reference.PeeringStatus !== 'active') return true;
  return (inventory.staleReferences ?? []).some(
    (stale) =>
      stale.GroupId === rule.GroupId && stale.IsEgress === rule.IsEgress && stale.Referenced === reference.GroupId,
  );
}

/**
 * The groups that an interface of the VPC may carry: its own, those that an interface there carries, and those of which
 * the VPC is not known.
 */
export function groupsOfVpc(inventory: OracleInventory, vpcId: string | undefined): string[] {
  const named = [...inventory.securityGroups, ...inventory.securityGroupRules].map((item) => item.GroupId);
  return [...new Set(named)].filter((id) => {
    const vpc = inventory.securityGroups.find((group) => group.GroupId === id)?.VpcId;
    const carriers = inventory.networkInterfaces.filter((at) => groupsOf(at).includes(id));
    return vpc === undefined || vpc === vpcId || carriers.some((at) => at.VpcId === vpcId);
  });
}

/** Every VPC that the inventory names. */
export function vpcsOf(inventory: OracleInventory): string[] {
  const items = [...inventory.securityGroups, ...inventory.networkInterfaces, ...(inventory.vpcs ?? [])];
  return [...new Set(items.map((item) => item.VpcId).filter((id) => id !== undefined))];
}

/** Everything but the peer: the group is on the interface, and direction, protocol and port are the flow's. */
function fits(rule: OracleRule, flow: ServiceFlow): boolean {
  if (!groupsOf(flow.at).includes(rule.GroupId)) return false;
  if (rule.IsEgress !== (flow.direction === 'egress')) return false;
  const protocol = protocolOf(rule);
  if (protocol !== -1 && protocol !== flow.protocol) return false;
  const ports = portsOf(rule);
  return ports === null || (flow.port !== null && ports.from <= flow.port && flow.port <= ports.to);
}

/** The blocks of addresses that the rule is known to admit. */
export function peersOf(inventory: OracleInventory, rule: OracleRule): Block[] {
  if (rule.CidrIpv4 !== undefined) return [parseBlock(rule.CidrIpv4)];
  if (rule.CidrIpv6 !== undefined) return [parseBlock(rule.CidrIpv6)];
  if (rule.PrefixListId !== undefined) {
    return (inventory.prefixLists[rule.PrefixListId]?.entries ?? []).map(parseBlock);
  }
  const groupId = rule.ReferencedGroupInfo?.GroupId;
  return inventory.networkInterfaces.filter((at) => groupsOf(at).some((id) => id === groupId)).flatMap(holdingsOf);
}

/** Length of the longest block of the rule that contains the peer; null where none does. */
export function matchedLength(
  inventory: OracleInventory,
  rule: OracleRule,
  { at, peer }: Pick<ServiceFlow, 'at' | 'peer'>,
): number | null {
  // A VPC's own addresses are nobody else's, seen from inside of it.
  const here = { ...inventory, networkInterfaces: inventory.networkInterfaces.filter((one) => one.VpcId === at.VpcId) };
  const own = inventory.vpcs?.find((item) => item.VpcId === at.VpcId);
  const isHere =
    here.networkInterfaces.some((one) => holds(one, peer)) ||
    (own !== undefined && blocksOf(own).some((block) => contains(block, peer)));
  const lengths = peersOf(isHere ? here : inventory, rule)
    .filter((block) => contains(block, peer))
    .map((block) => block.length);
  return lengths.length === 0 ? null : Math.max(...lengths);
}

/** Open to all addresses of the family: /0 itself, or a prefix list that has it. */
export const isOpen = (inventory: OracleInventory, rule: OracleRule, family: 4 | 6): boolean =>
  rule.ReferencedGroupInfo === undefined &&
  peersOf(inventory, rule).some((block) => block.family === family && block.length === 0);

function peerCouldBe(inventory: OracleInventory, rule: OracleRule, flow: ServiceFlow): boolean {
  if (rule.PrefixListId !== undefined) {
    const list = inventory.prefixLists[rule.PrefixListId];
    if (list?.entries !== undefined) return false;
    return list?.family === undefined || list.family === `IPv${flow.peer.family}`;
  }
  if (rule.ReferencedGroupInfo === undefined) return false;
  if (!groupIsFullyKnown(inventory, rule)) return true;
  if (peerIsKnown(inventory, flow.at, flow.peer)) return false;
  return memberCouldBeAt(inventory, rule, flow.peer) || memberMayHaveBeenAt(inventory, rule, flow.peer);
}

/** Several interfaces of the VPC have the address, and not all of them carry the group that the rule names. */
export function mayBeOthers(inventory: OracleInventory, rule: OracleRule, at: OracleInterface, peer: Ip): boolean {
  const holders = inventory.networkInterfaces.filter((one) => one.VpcId === at.VpcId && holds(one, peer));
  const carriers = holders.filter((one) => groupsOf(one).some((id) => id === rule.ReferencedGroupInfo?.GroupId));
  return holders.length > 1 && carriers.length > 0 && carriers.length < holders.length;
}

/** A member that was attached later has the address: it may have been attached before, too. */
export const memberMayHaveBeenAt = (inventory: OracleInventory, rule: OracleRule, peer: Ip): boolean =>
  inventory.networkInterfaces.some(
    ({ attachedLater: at }) =>
      at !== undefined && groupsOf(at).some((id) => id === rule.ReferencedGroupInfo?.GroupId) && holds(at, peer),
  );

/**
 * Members of a described group have addresses of its VPC or of a VPC where it is carried: where the blocks of all of
 * these are known, a peer outside of them is no member.
 */
function memberCouldBeAt(inventory: OracleInventory, rule: OracleRule, peer: Ip): boolean {
  const groupId = rule.ReferencedGroupInfo?.GroupId;
  const group = inventory.securityGroups.find((one) => one.GroupId === groupId);
  const carriers = inventory.networkInterfaces.filter((at) => groupsOf(at).some((id) => id === groupId));
  return [group?.VpcId, ...carriers.map((at) => at.VpcId)].some((vpcId) => {
    const vpc = inventory.vpcs?.find((item) => item.VpcId === vpcId);
    return vpc === undefined || blocksOf(vpc).some((block) => contains(block, peer));
  });
}

function groupIsFullyKnown(inventory: OracleInventory, rule: OracleRule): boolean {
  const reference = rule.ReferencedGroupInfo;
  const carriers = inventory.networkInterfaces.filter((at) => groupsOf(at).some((id) => id === reference?.GroupId));
  const keepsClientAddress = ['network_load_balancer', 'ec2_instance_connect_endpoint', 'global_accelerator_managed'];
  if (!rule.IsEgress && carriers.some((at) => keepsClientAddress.includes(at.InterfaceType ?? ''))) return false;
  if (carriers.length > 0) return true;
  const owner = inventory.securityGroups.find((group) => group.GroupId === rule.GroupId)?.OwnerId ?? rule.GroupOwnerId;
  const otherAccount = reference?.UserId !== undefined && owner !== undefined && reference.UserId !== owner;
  const listed = inventory.securityGroups.some((group) => group.GroupId === reference?.GroupId);
  return !otherAccount && reference?.VpcPeeringConnectionId === undefined && listed;
}

/**
 * Whether the peer is known to be an interface here. One of another VPC with the same address proves nothing
 * where the address could as well lie in the flow's own VPC, which is so unless that VPC's blocks are known.
 */
function peerIsKnown(inventory: OracleInventory, at: OracleInterface, peer: Ip): boolean {
  const holders = inventory.networkInterfaces.filter((other) => holds(other, peer));
  if (holders.some((other) => other.VpcId === at.VpcId)) return true;
  const vpc = inventory.vpcs?.find((item) => item.VpcId === at.VpcId);
  if (holders.length === 0 || vpc === undefined) return false;
  return !blocksOf(vpc).some((block) => contains(block, peer));
}

const blocksOf = (vpc: OracleVpc): Block[] =>
  [
    ...(vpc.CidrBlock === undefined ? [] : [vpc.CidrBlock]),
    ...(vpc.CidrBlockAssociationSet ?? []).map((item) => item.CidrBlock),
    ...(vpc.Ipv6CidrBlockAssociationSet ?? []).map((item) => item.Ipv6CidrBlock),
  ].map(parseBlock);
