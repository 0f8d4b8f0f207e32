import type { Inventory, NetworkInterface, PrefixList, Rule } from '../inventory/inventory.ts';
import { entryKey, contentKey, type Life, type Past } from '../inventory/past/past.ts';
import { intersects } from '../inventory/past/timeline.ts';
import { unitedInterface } from '../inventory/union.ts';
import { startOfDay, type Day } from '../time.ts';
import type { Moment } from './day-facts.ts';

/** Records of what went are written until so long after. */
const LATE_SECONDS = 15 * 60;
/** The longest aggregation interval: windows of records may end so long after an interface. */
const LONGEST_WINDOW_SECONDS = 600;

/** What the past adds to inventories of a day, and takes from them. */
export interface PastDay {
  /** The same for days that the past makes no difference between. */
  readonly key: string;
  /**
   * What was added stands beside what the snapshot shows; and where that was taken after the day, what was not there yet is
   * taken away.
   */
  on(moment: Moment): Inventory;
}

/** Days in the light of what the account remembers. */
export class PastDays {
  readonly #past: Past;
  /** With the names of their contents. */
  readonly #contents: readonly { readonly key: string; readonly life: Life<Rule> }[];
  readonly #rules: ReadonlyMap<string, readonly { readonly life: Life<Rule> }[]>;
  readonly #interfaces: ReadonlyMap<string, readonly Life<NetworkInterface>[]>;
  readonly #entries: ReadonlyMap<string, readonly Life<unknown>[]>;
  /** By interface, when it went. */
  readonly #ends: ReadonlyMap<string, number>;
  /** Of rules, by object: an inventory has the same ones on every day. */
  readonly #keys = new WeakMap<object, string>();

  /** The day that was asked for last. */
  #last: { readonly day: Day; readonly past: PastDay } | undefined;

  constructor(past: Past) {
    this.#past = past;
    this.#contents = past.rules.map((life) => ({ key: contentKey(life.of), life }));
    this.#rules = Map.groupBy(this.#contents, ({ key }) => key);
    this.#interfaces = Map.groupBy(past.interfaces, ({ of }) => of.interfaceId);
    this.#ends = new Map(
      [...this.#interfaces].map(([id, lives]) => [id, Math.max(...lives.map(({ until }) => until))]),
    );
    this.#entries = Map.groupBy(past.entries, ({ of }) => entryKey(of));
  }

  /**
   * Everything that stood at any time of the day, as far as is known. What the past does not speak of is as the inventory
   * has it; what it says was not there on the day yet, or was gone before, is not.
   */
  of(day: Day): PastDay {
    if (this.#last?.day !== day) this.#last = { day, past: this.#pastOn(day) };
    return this.#last.past;
  }

  #pastOn(day: Day): PastDay {
    const [begin, end] = [startOfDay(day) - LATE_SECONDS, startOfDay(day + 1)];
    const stood = (life: Life<unknown>): boolean => intersects(life, begin, end);
    const { rules, interfaces, entries } = this.#past;
    const all = [...rules, ...interfaces, ...entries];
    return {
      key: all.flatMap((life, index) => (stood(life) ? [index] : [])).join(),
      on: ({ inventory, takenAt }) => this.#on(inventory, stood, takenAt >= end),
    };
  }

  #on(inventory: Inventory, stood: (life: Life<unknown>) => boolean, isLater: boolean): Inventory {
    const { interfaces, formerGroups, ages } = this.#past;
    const standing = new Set(inventory.rules.map((rule) => this.#contentKey(rule)));
    const wasThere = (key: string): boolean =>
      !isLater || ages.get(key)?.since === Infinity || (this.#rules.get(key)?.some(({ life }) => stood(life)) ?? true);
    const former = new Map(
      this.#contents
        .filter(({ key, life }) => stood(life) && !standing.has(key))
        .map(({ key, life }) => [key, life.of]),
    );
    const there = new Map(
      [...inventory.interfaces].filter(([id]) => !isLater || (this.#interfaces.get(id)?.some(stood) ?? true)),
    );
    const met = new Set<string>();
    for (const life of interfaces) {
      const { interfaceId } = life.of;
      if (!stood(life)) continue;
      // Groups of the day come in the place of today's.
      const other = met.has(interfaceId) || !isLater ? there.get(interfaceId) : undefined;
      const of = inventory.interfaces.has(interfaceId) ? life.of : this.#gone(life.of);
      there.set(interfaceId, other ? unitedInterface(other, of) : of);
      met.add(interfaceId);
    }
    const groups = new Map(inventory.groups);
    for (const [groupId, vpcId] of formerGroups) {
      if (groups.has(groupId)) continue;
      groups.set(groupId, { groupId, groupName: '', ownerId: '', vpcId, region: '', description: '', tags: {} });
    }
    return {
      ...inventory,
      groups,
      rules: [...inventory.rules.filter((rule) => wasThere(this.#contentKey(rule))), ...former.values()],
      interfaces: there,
      prefixLists: this.#lists(inventory, stood, isLater),
    };
  }

  /** Its address may have been another's on the same day: the rules of both are not to be credited with what was of one. */
  #gone(of: NetworkInterface): NetworkInterface {
    const end = this.#ends.get(of.interfaceId) ?? Infinity;
    return end === Infinity ? of : { ...of, detachedAt: end + LONGEST_WINDOW_SECONDS };
  }

  #lists(
    { prefixLists }: Inventory,
    stood: (life: Life<unknown>) => boolean,
    isLater: boolean,
  ): Inventory['prefixLists'] {
    const told = this.#past.entries.filter(stood);
    return new Map(
      [...prefixLists].map(([prefixListId, list]): [string, PrefixList] => {
        if (!list.entries) return [prefixListId, list];
        const own = list.entries.filter(
          (prefix) => !isLater || (this.#entries.get(entryKey({ prefixListId, prefix }))?.some(stood) ?? true),
        );
        const keys = new Set(own.map((prefix) => entryKey({ prefixListId, prefix })));
        const former = told.flatMap(({ of }) =>
          of.prefixListId === prefixListId && !keys.has(entryKey(of)) ? [of.prefix] : [],
        );
        return [prefixListId, { ...list, entries: [...own, ...former] }];
      }),
    );
  }

  #contentKey(rule: Inventory['rules'][number]): string {
    let key = this.#keys.get(rule);
    if (key === undefined) this.#keys.set(rule, (key = contentKey(rule)));
    return key;
  }
}
