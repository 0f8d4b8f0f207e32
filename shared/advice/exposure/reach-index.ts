import type { Prefix } from '../../addresses/address.ts';
import { byPlace, holds } from '../../addresses/prefixes.ts';
import type { Rule } from '../../inventory/inventory.ts';
import type { Reach } from './reach.ts';

/** Rules with one CIDR as peer. */
interface Entry {
  readonly prefix: Prefix;
  /** The narrowest of the others that holds it. */
  readonly parent: Entry | undefined;
  readonly reaches: Reach[];
}

/** Finds, among rules that stand together, those that can have a part in covering another one. */
export class ReachIndex {
  readonly #byService: ReadonlyMap<string, PeerIndex>;

  /** @param reaches in the order in which they are to be found */
  constructor(reaches: readonly Reach[]) {
    const byService = Map.groupBy(reaches, ({ rule }) => serviceOf(rule, rule.protocolNumber));
    this.#byService = new Map([...byService].map(([service, some]) => [service, new PeerIndex(some)]));
  }

  /** Those that may admit all of its peers, in lists that each have the order given. */
  holding(reach: Reach): (readonly Reach[])[] {
    return this.#near(reach).flatMap((index) => index.holding(reach));
  }

  /** Those that may admit some of its peers. */
  meeting(reach: Reach): Reach[] {
    return this.#near(reach).flatMap((index) => [...index.holding(reach), ...index.inside(reach)].flat());
  }

  #near({ rule }: Reach): PeerIndex[] {
    const protocols = rule.protocolNumber === undefined ? [undefined] : [rule.protocolNumber, undefined];
    return protocols.flatMap((protocol) => this.#byService.get(serviceOf(rule, protocol)) ?? []);
  }
}

function serviceOf({ direction }: Rule, protocol: number | undefined): string {
  return `${direction} ${protocol ?? 'all'}`;
}

/** By their peers: one CIDR each, in the order of {@link byPlace}, where what a prefix holds follows it; and all others. */
class PeerIndex {
  readonly #all: readonly Reach[];
  readonly #named: readonly Reach[];
  readonly #entries: readonly Entry[];

  constructor(reaches: readonly Reach[]) {
    this.#all = reaches;
    this.#named = reaches.filter((reach) => !prefixOf(reach));
    const placed = reaches
      .flatMap((reach) => {
        const prefix = prefixOf(reach);
        return prefix ? [{ prefix, reach }] : [];
      })
      .sort((a, b) => byPlace(a.prefix, b.prefix));
    const entries: Entry[] = [];
    for (const { prefix, reach } of placed) {
      let parent = entries.at(-1);
      if (parent && byPlace(parent.prefix, prefix) === 0) {
        parent.reaches.push(reach);
        continue;
      }
      while (parent && !holds(parent.prefix, prefix)) parent = parent.parent;
      entries.push({ prefix, parent, reaches: [reach] });
    }
    this.#entries = entries;
  }

  holding(reach: Reach): (readonly Reach[])[] {
    const prefix = prefixOf(reach);
    if (!prefix) return [this.#all];
    const found: (readonly Reach[])[] = [this.#named];
    for (let entry = this.#entries[this.#countUpTo(prefix) - 1]; entry; entry = entry.parent) {
      if (holds(entry.prefix, prefix)) found.push(entry.reaches);
    }
    return found;
  }

  /** Those of one CIDR that lies inside of the reach's, and is smaller. */
  inside(reach: Reach): (readonly Reach[])[] {
    const prefix = prefixOf(reach);
    const found: (readonly Reach[])[] = [];
    if (!prefix) return found;
    for (let at = this.#countUpTo(prefix); at < this.#entries.length; at++) {
      const entry = this.#entries[at]!;
      if (!holds(prefix, entry.prefix)) break;
      found.push(entry.reaches);
    }
    return found;
  }

  /** How many entries come before the prefix, or are the same. */
  #countUpTo(prefix: Prefix): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (byPlace(this.#entries[middle]!.prefix, prefix) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function prefixOf({ name, possible }: Reach): Prefix | undefined {
  return name === '' ? possible?.[0] : undefined;
}
