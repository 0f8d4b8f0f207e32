import type { Inventory } from './inventory.ts';

/**
 * The accounts that the inventory is of: they own its interfaces. An owner of a VPC describes interfaces of participants
 * too, so where there are several owners, those count that own a VPC. Undefined where AWS did not say.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html
 */
export function ownAccounts({ interfaces, vpcs }: Inventory): ReadonlySet<string> | undefined {
  const owners = new Set([...interfaces.values()].map(({ ownerId }) => ownerId).filter((id) => id !== ''));
  if (owners.size < 2) return owners.size === 0 ? undefined : owners;
  const ofVpcs = [...vpcs.values()].map(({ ownerId }) => ownerId).filter((id) => owners.has(id));
  return ofVpcs.length === 0 ? undefined : new Set(ofVpcs);
}

/** The other account that owns the group; undefined where it is one of the inventory's, or nobody knows. */
export function foreignOwner(inventory: Inventory, groupId: string, own: ReadonlySet<string> | undefined) {
  const ownerId = inventory.groups.get(groupId)?.ownerId ?? '';
  return own && ownerId !== '' && !own.has(ownerId) ? ownerId : undefined;
}
