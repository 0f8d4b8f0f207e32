import type { Inventory, Rule, RulePeer } from '../../inventory/inventory.ts';
import type { Finding } from './finding.ts';
import { shown } from '../../text/plain.ts';
import type { StaleReference } from '../../inventory/stale-references.ts';

type Dangling = Extract<Finding, { kind: 'danglingReference' }>;
type GroupPeer = Extract<RulePeer, { type: 'group' }>;

/**
 * Rules that refer to a group which is gone. Where AWS says so, that is it. Besides, a group of this very account that
 * is not in the inventory, although the inventory has all groups and no peering connection leads elsewhere: groups of
 * one account and Region are listed together, whatever their VPC.
 */
export function danglingReferences(inventory: Inventory, stale: readonly StaleReference[]): Dangling[] {
  const statusOf = new Map(
    stale.map((one) => [keyOf(one.groupId, one.direction, one.referencedGroupId), one.peeringStatus]),
  );
  const isWhole = hasAllGroups(inventory);
  return inventory.rules.flatMap((rule): Dangling[] => {
    const { peer, ruleId } = rule;
    if (peer.type !== 'group') return [];
    const status = statusOf.get(keyOf(rule.groupId, rule.direction, peer.value));
    const told = (detail: string): Dangling[] => [{ kind: 'danglingReference', ruleId, groupId: peer.value, detail }];
    if (status === '') return told('AWS lists it as a reference to a group that is gone');
    if (status !== undefined) return told(`AWS lists it as stale; the peering connection is ${shown(status)}`);
    if (!isWhole || !isMissing(rule, peer, inventory)) return [];
    return told('it is not among the groups of this account and Region: it was deleted, or the list of groups was cut');
  });
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function isMissing(rule: Rule, peer: GroupPeer, { groups, interfaces }: Inventory): boolean {
  if (groups.has(peer.value) || peer.peeringConnectionId !== '') return false;
  if ([...interfaces.values()].some(({ groupIds }) => groupIds.includes(peer.value))) return false;
  const owner = groups.get(rule.groupId)?.ownerId ?? '';
  return owner !== '' && owner === peer.ownerId;
}

/**
 * Nothing shows that the list of groups was filtered: no group has rules and is not described, and every VPC has one,
 * since its default group cannot be deleted.
 */
function hasAllGroups({ groups, vpcs }: Inventory): boolean {
  const vpcIds = new Set([...groups.values()].map(({ vpcId }) => vpcId));
  return !vpcIds.has('') && [...vpcs.keys()].every((vpcId) => vpcIds.has(vpcId));
}
