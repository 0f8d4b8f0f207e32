import type { RulePeer } from './inventory.ts';

/** What groups and prefix lists are called, by id. An `Inventory` is one. */
export interface Names {
  readonly groups: ReadonlyMap<string, { readonly groupName: string }>;
  readonly prefixLists: ReadonlyMap<string, { readonly name: string }>;
}

/** The name of the group or list that a peer is; null for a CIDR, and where the name is not known. */
export function peerName({ type, value }: Pick<RulePeer, 'type' | 'value'>, { groups, prefixLists }: Names) {
  const name =
    type === 'group' ? groups.get(value)?.groupName : type === 'prefixList' ? prefixLists.get(value)?.name : undefined;
  return name === undefined || name === '' ? null : name;
}
