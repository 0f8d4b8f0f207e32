import type { Inventory } from '../../inventory/inventory.ts';
import type { Finding } from './finding.ts';

type Unattached = Extract<Finding, { kind: 'groupOnNoInterface' }>;

/**
 * Groups on no interface, to which no rule of another group refers. Left out: groups that AWS did not describe, and
 * those that are associated with another VPC, where other accounts may carry them unseen.
 */
export function unattachedGroups({ groups, rules, interfaces, associations }: Inventory): Unattached[] {
  const referred = rules.flatMap(({ groupId, peer }) =>
    peer.type === 'group' && peer.value !== groupId ? peer.value : [],
  );
  const inUse = new Set([
    ...[...interfaces.values()].flatMap(({ groupIds }) => groupIds),
    ...referred,
    ...associations.map(({ groupId }) => groupId),
  ]);
  const rulesOf = Map.groupBy(rules, ({ groupId }) => groupId);
  return [...groups.values()]
    .filter(({ groupId, vpcId }) => vpcId !== '' && !inUse.has(groupId))
    .map(({ groupId, groupName }) => {
      return { kind: 'groupOnNoInterface', groupId, groupName, rules: rulesOf.get(groupId)?.length ?? 0 };
    });
}
