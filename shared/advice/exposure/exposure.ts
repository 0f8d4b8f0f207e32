import { bitsOf, parsePrefix, type Prefix } from '../../addresses/address.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { distinctPrefixes, holds, log2OfAddresses } from '../../addresses/prefixes.ts';
import { sensitiveServices } from './sensitive-services.ts';

/** Weights of the formula in README.md; each part is 0 to 1, and so is their product. */
const EGRESS = 0.5;
const PRIVATE = 0.5;
/** A single peer, against all of them. */
const ONE_PEER = 0.1;
/** Groups and lists whose addresses are not known here: as a /24 of private addresses, as half of everything. */
const GROUP_PEERS = 0.16;
const UNKNOWN_LIST = 0.5;
const ONE_SERVICE = 0.3;
const SENSITIVE = 0.8;
const ICMP = 0.1;
/** IPv6 hosts are counted as networks: a /64 is one. */
const NETWORK_BITS = 64;

/** Not routed on the Internet. https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry */
const PRIVATE_BLOCKS = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
].map((cidr) => parsePrefix(cidr)!);

/**
 * How much the rule would let in or out if nobody needed it: direction × peers × services, 0 to 1. A wider CIDR, more
 * entries or more ports never make it smaller.
 */
export function exposureOf(rule: Rule, inventory: Inventory): number {
  return (rule.direction === 'egress' ? EGRESS : 1) * peersShare(rule, inventory) * servicesShare(rule);
}

function peersShare({ peer }: Rule, { prefixLists }: Inventory): number {
  switch (peer.type) {
    case 'cidrIpv4':
    case 'cidrIpv6':
      return addressesShare([peer.prefix]);
    case 'prefixList': {
      const entries = prefixLists.get(peer.value)?.entries;
      return entries ? addressesShare(entries) : UNKNOWN_LIST;
    }
    case 'group':
      return GROUP_PEERS;
    case 'unknown':
      return 1;
  }
}

/** The larger share of the public and the private addresses, so that another prefix never makes it smaller. */
function addressesShare(prefixes: readonly Prefix[]): number {
  if (prefixes.length === 0) return 0;
  const isPrivate = (prefix: Prefix): boolean => PRIVATE_BLOCKS.some((block) => holds(block, prefix));
  const distinct = distinctPrefixes(prefixes);
  const inside = distinct.filter(isPrivate);
  const outside = distinct.filter((prefix) => !isPrivate(prefix));
  return Math.max(familiesShare(outside), PRIVATE * familiesShare(inside));
}

/** The larger share of the families, by the logarithm of the number of addresses: each bit counts alike. */
function familiesShare(prefixes: readonly Prefix[]): number {
  const shares = ([4, 6] as const).map((family) => {
    const bits = log2OfAddresses(prefixes.filter(({ address }) => address.family === family));
    if (bits === -Infinity) return 0;
    const host = family === 6 ? NETWORK_BITS : 0;
    const most = bitsOf(family) - host;
    return ONE_PEER + (1 - ONE_PEER) * Math.min(1, Math.max(0, bits - host) / most);
  });
  return Math.max(...shares);
}

/** By the logarithm of the number of ports, but at least {@link SENSITIVE} with a service that is no stranger's business. */
function servicesShare(rule: Rule): number {
  const { protocolNumber, ports, icmp, direction } = rule;
  if (icmp) return ICMP;
  if (protocolNumber === undefined) return 1;
  if (!ports) return ONE_SERVICE;
  const width = Math.max(1, ports.to - ports.from + 1);
  const byWidth = ONE_SERVICE + (1 - ONE_SERVICE) * (Math.log2(width) / 16);
  return direction === 'ingress' && sensitiveServices(rule).length > 0 ? Math.max(byWidth, SENSITIVE) : byWidth;
}
