import { parsePrefix, prefixContains, type Prefix } from '../addresses/address.ts';
import type { Inventory, Rule } from '../inventory/inventory.ts';
import { UDP } from '../protocols.ts';

/**
 * Endpoints whose traffic flow logs leave out; security groups do not filter most of it either.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-limitations.html
 */
const ENDPOINTS: readonly (readonly [string, string])[] = [
  ['169.254.169.253/32', 'Amazon DNS'],
  ['fd00:ec2::253/128', 'Amazon DNS'],
  ['169.254.169.254/32', 'instance metadata'],
  ['fd00:ec2::254/128', 'instance metadata'],
  ['169.254.169.123/32', 'Amazon Time Sync'],
  ['fd00:ec2::123/128', 'Amazon Time Sync'],
  ['169.254.169.250/31', 'Windows activation'],
  ['fd00:ec2::250/128', 'Windows activation'],
  ['169.254.169.0/24', 'link-local AWS services'],
];

const KNOWN = ENDPOINTS.map(([cidr, name]) => ({ prefix: parsePrefix(cidr)!, name }));

/**
 * The kind of traffic, where the rule can admit nothing but traffic that flow logs never show, or is not documented to
 * be shown; else undefined.
 *
 * @param types of the interfaces that carry the rule's group
 */
export function neverLogged(rule: Rule, inventory: Inventory, types: readonly string[]): string | undefined {
  const { ports } = rule;
  // With client addresses kept, connections to targets are not the load balancer's own: nothing says they are logged.
  if (types.includes('network_load_balancer') && rule.direction === 'egress')
    return 'network load balancer to its targets';
  if (rule.protocolNumber === UDP && ports && ports.from >= 67 && ports.to <= 68) return 'DHCP';
  const prefixes = prefixesOf(rule, inventory);
  if (prefixes.length === 0) return undefined;
  const names = prefixes.map((prefix) => KNOWN.find((known) => holds(known.prefix, prefix))?.name);
  if (names.every((name) => name !== undefined)) return names[0];
  const vpcId = inventory.groups.get(rule.groupId)?.vpcId ?? '';
  const blocks = inventory.vpcs.get(vpcId)?.prefixes ?? [];
  const isResolver = (prefix: Prefix): boolean =>
    prefix.length === 32 && blocks.some(({ address }) => address.family === 4 && prefix.address.w0 === address.w0 + 2);
  // Nothing but Amazon's DNS lives at these addresses, so wider rules for them serve it as well.
  const servesDns = !ports || (ports.from <= 53 && ports.to >= 53);
  return servesDns && prefixes.every(isResolver) ? 'Amazon DNS' : undefined;
}

function prefixesOf({ peer }: Rule, inventory: Inventory): readonly Prefix[] {
  if (peer.type === 'cidrIpv4' || peer.type === 'cidrIpv6') return [peer.prefix];
  return peer.type === 'prefixList' ? (inventory.prefixLists.get(peer.value)?.entries ?? []) : [];
}

function holds(outer: Prefix, inner: Prefix): boolean {
  return inner.length >= outer.length && prefixContains(outer, inner.address);
}
