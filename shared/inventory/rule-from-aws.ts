import { parsePrefix } from '../addresses/address.ts';
import type { AwsRule } from './aws-shapes.ts';
import type { Rule, RulePeer } from './inventory.ts';
import { tagsByKey } from './tags.ts';
import { protocolNumber, protocolName } from '../protocols.ts';
import { shown } from '../text/plain.ts';

type Reading<T> = T & { readonly reason?: string };

/**
 * The rule as it is matched. Nothing is refused: a rule that AWS could not have meant keeps what was read of it and,
 * in `unmatchable`, the reason why it can match nothing.
 */
export function ruleFromAws(raw: AwsRule, groupName: string): Rule {
  const protocol = readProtocol(raw.IpProtocol);
  const ports = readPorts(protocol.protocol, raw.FromPort ?? undefined, raw.ToPort ?? undefined);
  const peer = readPeer(raw);
  const reasons = [protocol.reason, ports.reason, peer.reason].filter((reason) => reason !== undefined);
  return {
    ruleId: raw.SecurityGroupRuleId,
    groupId: raw.GroupId,
    groupName,
    direction: raw.IsEgress ? 'egress' : 'ingress',
    protocol: protocol.protocol,
    protocolNumber: protocol.protocolNumber,
    ports: ports.ports,
    icmp: ports.icmp,
    peer: peer.peer,
    description: raw.Description,
    tags: tagsByKey(raw.Tags),
    unmatchable: reasons.length > 0 ? reasons.join('; ') : undefined,
  };
}

function readProtocol(text: string): Reading<Pick<Rule, 'protocol' | 'protocolNumber'>> {
  const name = text.toLowerCase();
  if (name === '-1') return { protocol: name, protocolNumber: undefined };
  const number = protocolNumber(name);
  if (number !== undefined) return { protocol: protocolName(number), protocolNumber: number };
  return { protocol: text, protocolNumber: undefined, reason: `unknown protocol ${shown(text)}` };
}

const ANY = -1;

/**
 * `FromPort` and `ToPort` mean ports, both inclusive, for TCP and UDP; type and code for ICMP; nothing elsewhere, where
 * AWS allows all. Absent or -1 at both ends is any.
 */
function readPorts(
  protocol: string,
  from: number | undefined,
  to: number | undefined,
): Reading<Pick<Rule, 'ports' | 'icmp'>> {
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    const icmp = { type: from ?? ANY, code: to ?? ANY };
    if (isWithin(icmp.type, ANY, 255) && isWithin(icmp.code, ANY, 255)) return { ports: undefined, icmp };
    return { ports: undefined, icmp, reason: `ICMP type ${icmp.type} or code ${icmp.code} is out of range` };
  }
  const none = { ports: undefined, icmp: undefined };
  if (protocol !== 'tcp' && protocol !== 'udp') return none;
  if ((from ?? ANY) === ANY && (to ?? ANY) === ANY) return { ports: { from: 0, to: 65_535 }, icmp: undefined };
  if (from === undefined) return { ...none, reason: `ToPort ${to} without FromPort` };
  if (to === undefined) return { ...none, reason: `FromPort ${from} without ToPort` };
  const ports = { ports: { from, to }, icmp: undefined };
  if (!isWithin(from, 0, 65_535) || !isWithin(to, 0, 65_535)) {
    return { ...ports, reason: `ports ${from} to ${to} are out of range` };
  }
  return from <= to ? ports : { ...ports, reason: `ports ${from} to ${to} run backwards` };
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

/** AWS sends exactly one of four. */
function readPeer(raw: AwsRule): Reading<{ readonly peer: RulePeer }> {
  const found: Reading<{ readonly peer: RulePeer }>[] = [];
  if (raw.CidrIpv4 !== '') found.push(readCidr('cidrIpv4', raw.CidrIpv4));
  if (raw.CidrIpv6 !== '') found.push(readCidr('cidrIpv6', raw.CidrIpv6));
  if (raw.PrefixListId !== '') found.push({ peer: { type: 'prefixList', value: raw.PrefixListId } });
  const group = raw.ReferencedGroupInfo;
  if (group && group.GroupId !== '') {
    const { GroupId: value, UserId: ownerId, VpcPeeringConnectionId: peeringConnectionId, PeeringStatus } = group;
    const stale = PeeringStatus !== '' && PeeringStatus !== 'active';
    found.push({ peer: { type: 'group', value, ownerId, peeringConnectionId, stale } });
  }
  const [first, ...others] = found;
  if (first && others.length === 0) return first;
  const value = found.map(({ peer }) => peer.value).join(', ');
  const reason = first
    ? `several peers: ${found.map(({ peer }) => shown(peer.value)).join(', ')}`
    : 'no peer: neither a CIDR nor a prefix list nor a group id';
  return { peer: { type: 'unknown', value }, reason };
}

function readCidr(type: 'cidrIpv4' | 'cidrIpv6', value: string): Reading<{ readonly peer: RulePeer }> {
  const prefix = parsePrefix(value);
  const family = type === 'cidrIpv4' ? 4 : 6;
  if (prefix?.address.family === family) return { peer: { type, value, prefix } };
  return { peer: { type: 'unknown', value }, reason: `${shown(value)} is not an IPv${family} CIDR` };
}
