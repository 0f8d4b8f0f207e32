import { type Family, type Prefix, parsePrefix } from '../addresses/address.ts';
import { awsPrefixListEntry, type AwsPrefixList } from './aws-shapes.ts';
import type { PrefixList } from './inventory.ts';
import type { JsonPage } from './json-pages.ts';
import { itemsOf } from './page-items.ts';
import { shown } from '../text/plain.ts';

/** A list as managed-prefix-lists.json names it; its entries are not known yet. */
export function prefixListFromAws(raw: AwsPrefixList): PrefixList {
  const family = { ipv4: 4, ipv6: 6 } as const;
  const text = raw.AddressFamily.toLowerCase();
  return {
    prefixListId: raw.PrefixListId,
    name: raw.PrefixListName,
    family: text === 'ipv4' || text === 'ipv6' ? family[text] : undefined,
    ownerId: raw.OwnerId,
    entries: undefined,
  };
}

/**
 * The list with its entries. One entry that is not a CIDR makes all of them unknown: a list that lacks an entry would make
 * rules look unused, one of unknown entries only makes their use "possible".
 */
export function withEntries(list: PrefixList, pages: readonly JsonPage[], problem: (text: string) => void): PrefixList {
  const entries: Prefix[] = [];
  for (const { Cidr } of itemsOf(pages, 'Entries', awsPrefixListEntry)) {
    const prefix = parsePrefix(Cidr);
    if (!prefix) {
      problem(
        `prefix list ${shown(list.prefixListId)}: entry ${shown(Cidr)} is not a CIDR, so its entries count as unknown: ` +
          'what rules naming it admit is only possible use',
      );
      return list;
    }
    entries.push(prefix);
  }
  return { ...list, family: list.family ?? familyOf(entries), entries };
}

/** Undefined for no entries, and for both families in one list (AWS has no such list). */
function familyOf(entries: readonly Prefix[]): Family | undefined {
  const families = new Set(entries.map(({ address }) => address.family));
  const [family] = families;
  return families.size === 1 && family !== 0 ? family : undefined;
}
