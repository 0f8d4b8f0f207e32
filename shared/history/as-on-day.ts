import type { Inventory, NetworkInterface, PrefixList } from '../inventory/inventory.ts';
import { entryKey, contentKey, type Life, type Past } from '../inventory/past/past.ts';
import { intersects } from '../inventory/past/timeline.ts';
import { unitedInterface } from '../inventory/union.ts';
import { startOfDay, type Day } from '../time.ts';

/** Records of what went are written until so long after. */
const LATE_SECONDS = 15 * 60;

/** What the past adds to inventories of a day, and takes from them. */
export interface PastDay {
  /** The same for days that the past makes no difference between. */
  readonly key: string;
  on(inventory: Inventory): Inventory;
}

/** Days in the light of what the account remembers. */
export class PastDays {
  readonly #past: Past;
  readonly #rules: ReadonlyMap<string, readonly Life<unknown>[]>;
  readonly #interfaces: ReadonlyMap<string, readonly Life<NetworkInterface>[]>;
  readonly #entries: ReadonlyMap<string, readonly Life<unknown>[]>;
  /** Of rules, by object: an inventory has the same ones on every day. */
  readonly #keys = new WeakMap<object, string>();

  constructor(past: Past) {
    this.#past = past;
    this.#rules = Map.groupBy(past.rules, ({ of }) => contentKey(of));
    this.#interfaces = Map.groupBy(past.interfaces, ({ of }) => of.interfaceId);
    this.#entries = Map.groupBy(past.entries, ({ of }) => entryKey(of));
  }

  /**
   * Everything that stood at any time of the day, as far as is known. What the past does not speak of is as the inventory
   * has it; what it says was not there on the day yet, or was gone before, is not.
   */
  of(day: Day): PastDay {
    const [begin, end] = [startOfDay(day) - LATE_SECONDS, startOfDay(day + 1)];
    const stood = (life: Life<unknown>): boolean => intersects(life, begin, end);
    const { rules, interfaces, entries } = this.#past;
    const all = [...rules, ...interfaces, ...entries];
    return {
      key: all.flatMap((life, index) => (stood(life) ? [index] : [])).join(),
      on: (inventory) => this.#on(inventory, stood),
    };
  }

  #on(inventory: Inventory, stood: (life: Life<unknown>) => boolean): Inventory {
    const { rules, interfaces, formerGroups } = this.#past;
    const { ages } = this.#past;
    const standing = new Set(inventory.rules.map((rule) => this.#contentKey(rule)));
    const wasThere = (key: string): boolean =>
      ages.get(key)?.since === Infinity || (this.#rules.get(key)?.some(stood) ?? true);
    const former = rules.filter((life) => stood(life) && !standing.has(contentKey(life.of))).map(({ of }) => of);
    const there = new Map([...inventory.interfaces].filter(([id]) => this.#interfaces.get(id)?.some(stood) ?? true));
    const met = new Set<string>();
    for (const life of interfaces) {
      const { interfaceId } = life.of;
      if (!stood(life)) continue;
      // Groups of the day come in the place of today's.
      const other = met.has(interfaceId) ? there.get(interfaceId) : undefined;
      there.set(interfaceId, other ? unitedInterface(other, life.of) : life.of);
      met.add(interfaceId);
    }
    const groups = new Map(inventory.groups);
    for (const [groupId, vpcId] of formerGroups) {
      if (groups.has(groupId)) continue;
      groups.set(groupId, { groupId, groupName: '', ownerId: '', vpcId, description: '', tags: {} });
    }
    return {
      ...inventory,
      groups,
      rules: [...inventory.rules.filter((rule) => wasThere(this.#contentKey(rule))), ...unique(former)],
      interfaces: there,
      prefixLists: this.#lists(inventory, stood),
    };
  }

  #lists({ prefixLists }: Inventory, stood: (life: Life<unknown>) => boolean): Inventory['prefixLists'] {
    const told = this.#past.entries.filter(stood);
    return new Map(
      [...prefixLists].map(([prefixListId, list]): [string, PrefixList] => {
        if (!list.entries) return [prefixListId, list];
        const own = list.entries.filter(
          (prefix) => this.#entries.get(entryKey({ prefixListId, prefix }))?.some(stood) ?? true,
        );
        const keys = new Set(own.map((prefix) => entryKey({ prefixListId, prefix })));
        const former = told
          .map(({ of }) => of)
          .filter((of) => of.prefixListId === prefixListId && !keys.has(entryKey(of)));
        return [
          prefixListId,
          former.length + own.length === list.entries.length && former.length === 0
            ? list
            : { ...list, entries: [...own, ...former.map(({ prefix }) => prefix)] },
        ];
      }),
    );
  }

  #contentKey(rule: Inventory['rules'][number]): string {
    let key = this.#keys.get(rule);
    if (key === undefined) this.#keys.set(rule, (key = contentKey(rule)));
    return key;
  }
}

function unique(rules: Inventory['rules']): Inventory['rules'] {
  return [...new Map(rules.map((rule) => [contentKey(rule), rule])).values()];
}
