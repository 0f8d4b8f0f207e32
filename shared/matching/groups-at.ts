import type { Address } from '../addresses/address.ts';
import type { CompiledInventory } from './compiled-inventory.ts';
import type { PrefixNode } from '../addresses/prefix-index.ts';

/** The groups of all interfaces that have the address. */
export function groupsAt(address: Address, compiled: CompiledInventory): ReadonlySet<string> {
  const groupIds = new Set<string>();
  for (let at: PrefixNode | undefined = compiled.holders.find(address); at; at = at.parent) {
    for (const { source } of compiled.ownersOf(at)) for (const groupId of source.groupIds) groupIds.add(groupId);
  }
  return groupIds;
}
