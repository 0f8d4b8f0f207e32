import { bitsOf, hostPrefix, parseAddress, type Address, type Prefix } from '../../addresses/address.ts';
import type { Rule } from '../../inventory/inventory.ts';
import type { CompiledInventory } from '../../matching/compiled-inventory.ts';
import { groupsAt } from '../../matching/groups-at.ts';
import type { RejectedFlow } from '../../usage/usage.ts';
import { holds, sameBits } from '../../addresses/prefixes.ts';

export interface NearestRule {
  readonly ruleId: string;
  readonly differsIn: 'port' | 'peer' | 'protocol';
}

/** Smaller is nearer. */
interface Candidate extends NearestRule {
  /** Port before peer before protocol: the order in which a rule that was meant for the flow is likely to be wrong. */
  readonly kind: number;
  /** Ports away, or bits of the peer's address that are not the rule's. */
  readonly distance: number;
}

/**
 * Of the rules of the interface in the flow's direction, the one that would admit it but for one thing: a port, the peer
 * or the protocol. Undefined where every rule differs in more, where the direction is not known, where no security
 * group decided, and where a rule admits the flow (then a network ACL or a late packet is behind it). A rule whose
 * peers are not known differs in nothing that could be told, and is left out.
 */
export function nearestRule(flow: RejectedFlow, compiled: CompiledInventory): NearestRule | undefined {
  const peer = parseAddress(flow.peer);
  const groupSet = compiled.interfaceOf(flow.interfaceId)?.groupSet;
  if (!peer || !groupSet || flow.direction === undefined || flow.reason !== '') return undefined;
  const groupIds = new Set(groupSet.groupIds);
  const ofFlow = ({ groupId, direction }: Rule): boolean => direction === flow.direction && groupIds.has(groupId);
  const groupsOfPeer = groupsAt(peer, compiled);
  let nearest: Candidate | undefined;
  for (const rule of compiled.inventory.rules.filter(ofFlow)) {
    const bits = bitsOff(rule, peer, groupsOfPeer, compiled);
    if (bits === undefined) continue;
    const candidate = candidateOf(rule, flow, bits);
    if (candidate === 'admits') return undefined;
    if (candidate && (!nearest || compare(candidate, nearest) < 0)) nearest = candidate;
  }
  return nearest && { ruleId: nearest.ruleId, differsIn: nearest.differsIn };
}

function compare(a: Candidate, b: Candidate): number {
  return a.kind - b.kind || a.distance - b.distance || (a.ruleId < b.ruleId ? -1 : 1);
}

function candidateOf(
  { ruleId, protocolNumber, ports }: Rule,
  flow: RejectedFlow,
  bits: number,
): Candidate | 'admits' | undefined {
  const sameProtocol = protocolNumber === undefined || protocolNumber === flow.protocol;
  const portsOff = ports ? Math.max(0, ports.from - flow.port, flow.port - ports.to) : 0;
  const differences = [!sameProtocol, portsOff > 0, bits > 0].filter(Boolean).length;
  if (differences === 0) return 'admits';
  if (differences > 1) return undefined;
  if (portsOff > 0) return { ruleId, differsIn: 'port', kind: 0, distance: portsOff };
  if (bits > 0) return { ruleId, differsIn: 'peer', kind: 1, distance: bits };
  return { ruleId, differsIn: 'protocol', kind: 2, distance: 0 };
}

/**
 * By how many bits the peer's address misses the rule's peers: 0 for none, all of them for another family or a group
 * that the peer has not. Undefined where the rule's peers are not known.
 */
function bitsOff(
  { peer, unmatchable }: Rule,
  address: Address,
  groupsOfPeer: ReadonlySet<string>,
  { inventory }: CompiledInventory,
): number | undefined {
  if (unmatchable !== undefined) return undefined;
  switch (peer.type) {
    case 'cidrIpv4':
    case 'cidrIpv6':
      return bitsOffPrefix(peer.prefix, address);
    case 'prefixList': {
      const entries = inventory.prefixLists.get(peer.value)?.entries;
      return entries && Math.min(bitsOf(6), ...entries.map((entry) => bitsOffPrefix(entry, address)));
    }
    case 'group':
      return groupsOfPeer.has(peer.value) ? 0 : bitsOf(6);
    case 'unknown':
      return undefined;
  }
}

function bitsOffPrefix(prefix: Prefix, address: Address): number {
  if (prefix.address.family !== address.family) return bitsOf(6);
  const host = hostPrefix(address);
  return holds(prefix, host) ? 0 : prefix.length - sameBits(prefix, host);
}
