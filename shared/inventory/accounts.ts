import { compareText } from '../text/compare.ts';
import type { Inventory, KnownAccount } from './inventory.ts';

const ACCOUNT = /^\d{12}$/;

/** https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html */
export function isAccountId(text: string): boolean {
  return ACCOUNT.test(text);
}

/**
 * The accounts that the inventory is of: those of each folder that it was read from, else they own its interfaces. An owner of a
 * VPC describes interfaces of participants too, so where there are several owners, those count that own a VPC. Undefined where
 * AWS did not say.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html
 */
export function ownAccounts({ accounts = [], interfaces, vpcs }: Inventory): ReadonlySet<string> | undefined {
  const described = accounts.filter(({ isDescribed }) => isDescribed).map(({ accountId }) => accountId);
  if (described.length > 0) return new Set(described);
  const owners = new Set([...interfaces.values()].map(({ ownerId }) => ownerId).filter((id) => id !== ''));
  if (owners.size < 2) return owners.size === 0 ? undefined : owners;
  const ofVpcs = [...vpcs.values()].map(({ ownerId }) => ownerId).filter((id) => owners.has(id));
  return ofVpcs.length === 0 ? undefined : new Set(ofVpcs);
}

/** What is told of accounts at two places: of each the newer, with what it lacks from the older. */
export function unitedAccounts(older: Inventory['accounts'], newer: Inventory['accounts']): Inventory['accounts'] {
  if (!older || !newer) return newer ?? older;
  const all = new Map(older.map((one) => [one.accountId, one]));
  for (const one of newer) {
    const before = all.get(one.accountId);
    const takenAt = one.takenAt ?? before?.takenAt;
    const name = one.name === '' ? (before?.name ?? '') : one.name;
    const isDescribed = one.isDescribed || before?.isDescribed === true;
    all.set(one.accountId, { ...one, name, isDescribed, ...(takenAt !== undefined && { takenAt }) });
  }
  return [...all.values()].sort((a, b) => compareText(a.accountId, b.accountId));
}

/**
 * The inventory, of which it is known which accounts it is of.
 *
 * @param takenAt UNIX seconds; undefined where nothing tells
 * @param accountId the one that it was read from; undefined where only what it describes can tell
 */
export function withOwnAccounts(inventory: Inventory, takenAt: number | undefined, accountId?: string): Inventory {
  const owners = accountId === undefined ? (ownAccounts(inventory) ?? ownerOfGroups(inventory)) : [accountId];
  const described = [...owners].map((accountId): KnownAccount => {
    return { accountId, name: '', isDescribed: true, ...(takenAt !== undefined && { takenAt }) };
  });
  const accounts = unitedAccounts(inventory.accounts ?? [], described)!;
  return accounts.length === 0 ? inventory : { ...inventory, accounts };
}

/** Where there are several, some of them only share theirs: what else they have is not described. */
function ownerOfGroups({ groups }: Inventory): ReadonlySet<string> {
  const owners = new Set([...groups.values()].map(({ ownerId }) => ownerId).filter((id) => id !== ''));
  return owners.size > 1 ? new Set() : owners;
}

/**
 * The inventories without what another one describes better: of a group, an interface or a list that several describe, what the
 * account says that owns it. Others may see it, and at another moment.
 */
export function withoutOthersViews(inventories: readonly Inventory[]): Inventory[] {
  const own = inventories.map((one) => ownAccounts(one) ?? new Set<string>());
  return inventories.map((inventory, i) => {
    type Things = ReadonlyMap<string, { readonly ownerId: string }>;
    const isOthers = (of: (one: Inventory) => Things, id: string, ownerId: string): boolean =>
      !own[i]!.has(ownerId) &&
      inventories.some((other, j) => j !== i && own[j]!.has(ownerId) && of(other).get(id)?.ownerId === ownerId);
    const kept = <T extends { readonly ownerId: string }>(of: (one: Inventory) => ReadonlyMap<string, T>) => {
      const things = [...of(inventory)].filter(([id, { ownerId }]) => !isOthers(of, id, ownerId));
      return new Map(things);
    };
    const groups = kept((one) => one.groups);
    const rules = inventory.rules.filter(({ groupId }) => groups.has(groupId) || !inventory.groups.has(groupId));
    const [interfaces, prefixLists] = [kept((one) => one.interfaces), kept((one) => one.prefixLists)];
    return { ...inventory, groups, rules, interfaces, prefixLists };
  });
}

/** The other account that owns the group; undefined where it is one of the inventory's, or nobody knows. */
export function foreignOwner(inventory: Inventory, groupId: string, own: ReadonlySet<string> | undefined) {
  const ownerId = inventory.groups.get(groupId)?.ownerId ?? '';
  return own && ownerId !== '' && !own.has(ownerId) ? ownerId : undefined;
}
