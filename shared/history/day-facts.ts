import { formatPrefix } from '../addresses/address.ts';
import { compareText } from '../text/compare.ts';
import { ruleContent } from '../inventory/content.ts';
import type { FlowLog, GroupVpcAssociation, Inventory, NetworkInterface, Rule } from '../inventory/inventory.ts';
import { listsNamed, unite, withInterfaces } from '../inventory/union.ts';
import { contentHash, versionedId } from '../inventory/versioned-rules.ts';

import { startOfDay, type Day } from '../time.ts';

/** How well snapshots tell what stood on a day; where neither holds, they do. */
export interface Basis {
  /** What stood at the day's beginning was never described: a later snapshot stands in for it. */
  readonly assumed: boolean;
  /** Nobody looked on the day, nor shortly before: see {@link isOutdated}. */
  readonly outdated: boolean;
}

/** A day, and how well snapshots tell of it. */
export type DayBasis = Basis & { readonly day: Day };

/** A day without a snapshot within so much is not watched. */
export const NEAR_SECONDS = 6 * 3600;
/** Records of before a day's first second may be of the day: it begins so much earlier. */
export const MARGIN_SECONDS = 15 * 60;

/**
 * Whether the snapshots that a day is held against are too old to tell of it: the last one was taken, or found still true,
 * more than six hours before the day began. A look within six hours of the day is asked for, not of each of its moments: one at any
 * hour is enough, so that who takes a snapshot a day has every day watched. One of after its end does not count, however
 * near: the day is not held against it, and what it shows may have come since.
 *
 * @param lookedAt when that was, UNIX seconds
 */
export function isOutdated(day: Day, lookedAt: number): boolean {
  return lookedAt < startOfDay(day) - NEAR_SECONDS;
}

/**
 * Whether all that happened from before the day on is told, so that another snapshot shows it as well as one of its own.
 *
 * @param since UNIX seconds; undefined where some of it is missing
 * @param until end of what is told, UNIX seconds
 */
export function isToldWhole(day: Day, since: number | undefined, until: number): boolean {
  return since !== undefined && since <= startOfDay(day) - MARGIN_SECONDS && until >= startOfDay(day + 1);
}

/** What the inventory in force on a UTC day says that verdicts need: everything that was there at any time of the day. */
export interface DayFacts extends DayBasis {
  readonly interfaces: readonly InterfaceFacts[];
  /** Undefined where nobody knows which there are. */
  readonly flowLogs: readonly FlowLog[] | undefined;
  readonly associations: readonly GroupVpcAssociation[];
  /**
   * By versioned id (`sgr-…@content`), the time of the first snapshot in force that shows the content: UNIX seconds,
   * Infinity where nobody knows when it was taken.
   */
  readonly contents: ReadonlyMap<string, number>;
  /**
   * By `pl-… CIDR`, the same of the entries of prefix lists that rules name. Lists whose entries are not known have none.
   */
  readonly entries: ReadonlyMap<string, number>;
  /** Groups that rules of other groups refer to. */
  readonly referred: ReadonlySet<string>;
}

export interface InterfaceFacts extends Pick<
  NetworkInterface,
  'interfaceId' | 'vpcId' | 'subnetId' | 'type' | 'attachedAt'
> {
  /** Each once, ascending. */
  readonly groupIds: readonly string[];
}

/** An inventory and when it was taken, UNIX seconds; Infinity where nobody knows. */
export interface Moment {
  readonly takenAt: number;
  /** Of several accounts, when the one was described that was longest not; absent where it is one inventory. */
  readonly oldestAt?: number;
  readonly inventory: Inventory;
}

/**
 * @param moments the snapshots in force on the day, the oldest first; at least one
 * @param lookedUp interfaces that no snapshot shows, and were asked for while records of the day were counted
 */
export function factsOf(
  of: DayBasis,
  moments: readonly Moment[],
  lookedUp: readonly NetworkInterface[] = [],
): DayFacts {
  const facts = new FactsOfDay(of);
  for (const moment of moments) facts.add(moment);
  return facts.finish(lookedUp);
}

/** The same, moment by moment, the oldest first: of each it keeps what facts are made of, never the inventory. */
export class FactsOfDay {
  readonly #of: DayBasis;
  readonly #contents = new Map<string, number>();
  readonly #entries = new Map<string, number>();
  readonly #referred = new Set<string>();
  #union: Inventory | undefined;

  constructor(of: DayBasis) {
    this.#of = of;
  }

  /** @param there what stood on the day in the light of what the account remembers: how old things are it does not tell */
  add({ takenAt, inventory }: Moment, there: Inventory = inventory): void {
    for (const rule of inventory.rules) noteFirst(this.#contents, versionedIdOf(rule), takenAt);
    for (const { groupId, peer } of there.rules) {
      // A rule of a group for its own members keeps nobody else from going without the group.
      if (peer.type === 'group' && peer.value !== groupId) this.#referred.add(peer.value);
    }
    for (const id of listsNamed(inventory.rules)) {
      for (const key of entryKeys(inventory, id)) noteFirst(this.#entries, key, takenAt);
    }
    const { interfaces, flowLogs, associations } = there;
    const kept = { ...NOTHING, interfaces, flowLogs, associations };
    this.#union = this.#union ? unite(this.#union, kept) : kept;
  }

  /** @throws Error where no moment was added: of a day without an inventory nothing can be said */
  finish(lookedUp: readonly NetworkInterface[] = []): DayFacts {
    if (!this.#union) throw new Error('no snapshot is in force');
    const { interfaces, flowLogs, associations } = withInterfaces(this.#union, lookedUp);
    return {
      ...this.#of,
      interfaces: [...interfaces.values()].map(({ groupIds, ...one }) => {
        const { interfaceId, vpcId, subnetId, type, attachedAt } = one;
        return { interfaceId, vpcId, subnetId, type, attachedAt, groupIds: [...new Set(groupIds)].sort(compareText) };
      }),
      flowLogs,
      associations,
      contents: this.#contents,
      entries: this.#entries,
      referred: this.#referred,
    };
  }
}

/** What of an inventory no fact is made of. */
const NOTHING = { groups: new Map(), rules: [], prefixLists: new Map(), vpcs: new Map(), problems: [] };

export function versionedIdOf(rule: Rule): string {
  return versionedId(rule.ruleId, contentHash(ruleContent(rule)));
}

/** The entries of a prefix list as {@link DayFacts.entries} names them. */
export function entryKeys({ prefixLists }: Pick<Inventory, 'prefixLists'>, prefixListId: string): string[] {
  const { entries = [] } = prefixLists.get(prefixListId) ?? {};
  return entries.map((entry) => `${prefixListId} ${formatPrefix(entry)}`);
}

function noteFirst(times: Map<string, number>, key: string, time: number): void {
  times.set(key, Math.min(time, times.get(key) ?? Infinity));
}
