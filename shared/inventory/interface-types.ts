import type { Inventory } from './inventory.ts';

/** By group, the AWS `InterfaceType`s of the interfaces that carry it; groups that none carries are left out. */
export function typesByGroup({ interfaces }: Pick<Inventory, 'interfaces'>): ReadonlyMap<string, readonly string[]> {
  const types = new Map<string, Set<string>>();
  for (const { groupIds, type } of interfaces.values()) {
    for (const groupId of groupIds) types.set(groupId, (types.get(groupId) ?? new Set()).add(type));
  }
  return new Map([...types].map(([groupId, some]) => [groupId, [...some]]));
}
