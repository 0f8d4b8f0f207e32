import { formatPrefix } from '../addresses/address.ts';
import type { Rule, RulePeer } from './inventory.ts';

/**
 * The identity of what a rule allows: group, direction, protocol, ports or ICMP type and code, peer. A rule is its
 * content and its id only a name: equal text is the same rule under whatever id, other text another rule under the same
 * one. Description, tags and group name are not part of it, nor is the owner of a referenced group, which AWS does not
 * always send. CIDRs are canonical. The text is a JSON array, so no value can run into the next.
 */
export function ruleContent(rule: Rule): string {
  const { ports, icmp } = rule;
  const detail = ports ? [ports.from, ports.to] : icmp ? [icmp.type, icmp.code] : [];
  const parts = [rule.groupId, rule.direction, rule.protocol, detail, rule.peer.type, peerText(rule.peer)];
  return JSON.stringify(rule.unmatchable === undefined ? parts : [...parts, rule.unmatchable]);
}

function peerText(peer: RulePeer): string {
  return peer.type === 'cidrIpv4' || peer.type === 'cidrIpv6' ? formatPrefix(peer.prefix) : peer.value;
}
