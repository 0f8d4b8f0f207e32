import type { DayFacts } from '../history/day-facts.ts';
import type { Inventory, NetworkInterface, Rule } from '../inventory/inventory.ts';
import { admittingSetKey, isLocal, isProof, type AdmittingSet, type Usage } from '../usage/usage.ts';
import type { KnownRules } from './known-rules.ts';
import { LatestDays } from './latest-days.ts';
import { mayKeep, type KeeperFacts } from './keepers.ts';
import { type Day, isIn, type Window } from '../time.ts';

/** A set of rules that admitted the same flows on some day, and the last such day. */
interface SeenSet extends Pick<AdmittingSet, 'vpcId' | 'groupIds' | 'ruleIds'> {
  latestDay: Day;
  /** As of {@link isLocal}, on every day. */
  isLocal: boolean;
}

/** Tells of a rule whether others admitted all that it did, and still stand where they did. */
export class Covers {
  readonly #known: KnownRules;
  /** No window is longer than this one. */
  readonly #longest: Window;
  readonly #sets = new Map<string, SeenSet>();
  #setsOf: ReadonlyMap<number, readonly SeenSet[]> | undefined;
  /** Places in which a rule was seen to work alone, by its content. */
  readonly #proven: LatestDays;
  /** Interfaces of the newest inventory by group; and by id, the places in which they have been. */
  readonly #newest = new Map<string, NetworkInterface[]>();
  readonly #placesOf: LatestDays;
  /** By place, the first day on which any interface was there. */
  readonly #placesSince = new Map<string, Day>();
  #firstDay = Infinity;
  readonly #ids: ReadonlySet<string>;

  constructor(newest: Inventory, known: KnownRules, longest: Window) {
    this.#known = known;
    this.#longest = longest;
    this.#placesOf = new LatestDays(longest.lastDay);
    this.#proven = new LatestDays(longest.lastDay);
    this.#ids = new Set(newest.interfaces.keys());
    for (const one of newest.interfaces.values()) {
      for (const groupId of new Set(one.groupIds)) {
        const some = this.#newest.get(groupId);
        if (some) some.push(one);
        else this.#newest.set(groupId, [one]);
      }
    }
  }

  /** @param usages of every source that says something of the day: what one of them saw alone counts as well */
  add({ day, interfaces, outdated }: DayFacts, usages: readonly Usage[]): void {
    if (!isIn(this.#longest, day)) return;
    this.#setsOf = undefined;
    this.#firstDay = Math.min(this.#firstDay, day);
    for (const one of interfaces) {
      const place = placeOf(one);
      if (this.#ids.has(one.interfaceId)) this.#placesOf.note(one.interfaceId, place, day);
      this.#placesSince.set(place, Math.min(day, this.#placesSince.get(place) ?? Infinity));
    }
    for (const set of usages.flatMap(({ admittingSets }) => [...admittingSets.values()])) {
      if (set.day !== day) continue;
      // Where nobody knows what stood, it may have been another rule.
      if (isProof(set) && !outdated) {
        for (const index of set.ruleIds.flatMap((id) => this.#known.named(id)))
          this.#proven.note(this.#known.contentOf(index), placeOf(set), day);
      }
      const key = admittingSetKey({ ...set, day: 0 });
      const seen = this.#sets.get(key);
      if (seen) {
        seen.latestDay = Math.max(seen.latestDay, day);
        seen.isLocal &&= isLocal(set);
      } else this.#sets.set(key, { ...set, latestDay: day, isLocal: isLocal(set) });
    }
  }

  /**
   * Rules that may take over from this one, at least one in every set it was seen in; undefined where some set holds none.
   */
  coverOf(index: number, window: Window, facts: Omit<KeeperFacts, 'isProven'>): readonly string[] | undefined {
    this.#setsOf ??= this.#byRule();
    const rule = this.#known.rules[index]!;
    const sets = (this.#setsOf.get(index) ?? []).filter(({ latestDay }) => latestDay >= window.firstDay);
    const names = new Set<string>();
    for (const set of sets) {
      const others = set.ruleIds.flatMap((id) => this.#known.named(id));
      const covers = others.flatMap((at) => {
        const other = this.#known.rules[at]!;
        const isProven = (): boolean =>
          set.isLocal && this.#proven.has(this.#known.contentOf(at), placeOf(set), window);
        return mayKeep(other, rule, { ...facts, isProven }) && this.#stands(other, rule, set, window) ? [other] : [];
      });
      if (covers.length === 0) return undefined;
      for (const { ruleId } of covers) names.add(ruleId);
    }
    return sets.length === 0 ? undefined : [...names].sort();
  }

  /**
   * A rule of the same group is wherever the covered one is. One of another group must be on every interface that has
   * been in the set's place and still carries the covered rule's group; if none is left that has, it stands nowhere. So
   * must it on interfaces in places that are younger than the window: what they need has not been seen yet.
   */
  #stands(other: Rule, rule: Rule, set: SeenSet, window: Window): boolean {
    if (other.groupId === rule.groupId) return true;
    const place = placeOf(set);
    const carrying = this.#newest.get(rule.groupId) ?? [];
    const there = carrying.filter(({ interfaceId }) => this.#placesOf.has(interfaceId, place, window));
    const young = carrying.filter((one) => this.#isYoung(placeOf(one), window));
    return there.length > 0 && [...there, ...young].every(({ groupIds }) => groupIds.includes(other.groupId));
  }

  #isYoung(place: string, { firstDay }: Window): boolean {
    return (this.#placesSince.get(place) ?? Infinity) > Math.max(firstDay, this.#firstDay);
  }

  #byRule(): Map<number, SeenSet[]> {
    const setsOf = new Map<number, SeenSet[]>();
    for (const set of this.#sets.values()) {
      for (const index of new Set(set.ruleIds.flatMap((id) => this.#known.named(id)))) {
        const sets = setsOf.get(index);
        if (sets) sets.push(set);
        else setsOf.set(index, [set]);
      }
    }
    return setsOf;
  }
}

/** The groups that an interface carries, and where. */
function placeOf({ vpcId, groupIds }: Pick<AdmittingSet, 'vpcId' | 'groupIds'>): string {
  return `${vpcId} ${[...new Set(groupIds)].sort().join(',')}`;
}
