import { bitsOf } from '../../addresses/address.ts';
import { compareText } from '../../text/compare.ts';
import { ruleContent } from '../../inventory/content.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { typesByGroup } from '../../inventory/interface-types.ts';
import { mayKeep, type KeeperFacts } from '../../verdicts/keepers.ts';
import type { Finding } from './finding.ts';
import { log2OfAddresses } from '../../addresses/prefixes.ts';
import { Coverage, coversAlone } from '../exposure/coverage.ts';
import { fitsService, reachesOf, type Reach } from '../exposure/reach.ts';
import { ReachIndex } from '../exposure/reach-index.ts';

type Covered = Extract<Finding, { kind: 'coveredByRules' | 'duplicateRules' }>;

/**
 * Rules of which nothing would be missed: in every set of groups that interfaces carry, the other rules of the set
 * admit all that they do. Where no interface carries its group, the rules of the group itself must. Rules that name a
 * group cover none: of an inventory nobody can tell whether AWS honours them on the way.
 *
 * What two rules admit alike is found once for each, and yet both must not go. So there is an order, the narrowest rule
 * first, and a rule *may go* if those that have not gone yet still cover it. All that may go may go together. The rules
 * found that may not are named with `mustStay`, since what may go leans on them.
 *
 * A rule is held against those only whose peers meet its own. What takes time are many rules for the same peers in one set
 * of groups: some ten nanoseconds for each two, and AWS allows 1,000 rules an interface.
 *
 * @param planned ids of rules that a plan removes: with them gone, what only they cover must stay
 */
export function coveredRules(inventory: Inventory, planned: ReadonlySet<string> = new Set()): Covered[] {
  const sets = new GroupSets(inventory);
  const gone = new Set(sets.reaches.filter(({ rule }) => planned.has(rule.ruleId)));
  const duplicates = duplicatesOf(sets.reaches);
  const twinsOf = new Map(duplicates.map((twins) => [twins[0], new Set(twins)]));
  const found = sets.reaches.filter((reach) => sets.isCovered(reach, NONE));
  for (const twins of duplicates) for (const reach of twins.slice(1)) gone.add(reach);
  for (const reach of found.toSorted(sets.narrowestFirst)) {
    if (!gone.has(reach) && sets.isCovered(reach, gone)) gone.add(reach);
  }
  const twins = new Set(duplicates.flatMap(([, ...others]) => others));
  const covered = found
    .filter((reach) => !twins.has(reach))
    .flatMap((reach): Covered[] => {
      const mustStay = !gone.has(reach);
      const isPlanned = planned.has(reach.rule.ruleId) && !sets.isCovered(reach, gone);
      const [lean, own] = sets.coverOf(reach, mustStay || isPlanned ? NONE : gone);
      const coveredBy = lean.map(({ rule }) => rule.ruleId).sort(compareText);
      // Only its twin covers it: that is said of the two together.
      if (mustStay && lean.every((other) => twinsOf.get(reach)?.has(other) === true)) return [];
      const within = own ? 'group' : 'interfaces';
      const restsOnLists = listsBehind(reach, lean);
      return [{ kind: 'coveredByRules', ruleId: reach.rule.ruleId, coveredBy, within, mustStay, restsOnLists }];
    });
  return [
    ...duplicates.map((reaches): Covered => {
      const [{ rule }] = reaches as [Reach];
      return { kind: 'duplicateRules', groupId: rule.groupId, ruleIds: reaches.map((one) => one.rule.ruleId) };
    }),
    ...covered,
  ];
}

const NONE: ReadonlySet<Reach> = new Set();

/** Rules of one group with one content: AWS refuses a second one, but not every way to say the same again. */
function duplicatesOf(reaches: readonly Reach[]): readonly (readonly Reach[])[] {
  return [...Map.groupBy(reaches, ({ rule }) => ruleContent(rule)).values()].filter(({ length }) => length > 1);
}

/** A rule with the same list covers it whatever the list holds. */
function listsBehind(reach: Reach, cover: readonly Reach[]): readonly string[] {
  const isList = ({ rule }: Reach): boolean => rule.peer.type === 'prefixList';
  const others = cover.filter(({ name }) => name !== reach.name);
  const lists = [...others, ...(others.length > 0 ? [reach] : [])].filter((one) => isList(one) && one.sure.length > 0);
  return [...new Set(lists.map(({ name }) => name))].sort(compareText);
}

/** Grows with what the rule admits; a rule that covers another is never smaller. */
function sizeOf({ rule, possible }: Reach): number {
  const services =
    rule.protocolNumber === undefined ? 17 : rule.ports ? Math.log2(rule.ports.to - rule.ports.from + 1) : 0;
  return services + (possible ? log2OfAddresses(possible) : bitsOf(6));
}

/** The distinct sets of groups that interfaces carry, with their rules. */
class GroupSets {
  /** Of all rules that admit anything, by ascending rule id. */
  readonly reaches: readonly Reach[];
  readonly #sizes: ReadonlyMap<Reach, number>;
  readonly #facts: KeeperFacts;
  readonly #byGroup: ReadonlyMap<string, ReachIndex>;
  /** By group: the rules of each set that holds it. */
  readonly #setsOf = new Map<string, ReachIndex[]>();

  constructor(inventory: Inventory) {
    this.reaches = reachesOf(inventory);
    this.#sizes = new Map(this.reaches.map((reach) => [reach, sizeOf(reach)]));
    const types = typesByGroup(inventory);
    // An inventory alone shows no reference to a group at work. Which lists it rests on is told with the finding.
    this.#facts = { typesOf: (groupId) => types.get(groupId) ?? [], hasStood: () => true, isProven: () => false };
    const largestFirst = this.reaches.toSorted(this.narrowestFirst).reverse();
    const byGroup = Map.groupBy(largestFirst, ({ rule }) => rule.groupId);
    this.#byGroup = new Map([...byGroup].map(([groupId, reaches]) => [groupId, new ReachIndex(reaches)]));
    const carried = new Map([...inventory.interfaces.values()].map(({ groupIds }) => [groupIds.join(' '), groupIds]));
    for (const groupIds of carried.values()) {
      const reaches = groupIds.flatMap((groupId) => byGroup.get(groupId) ?? []);
      const set = new ReachIndex(reaches.sort(this.narrowestFirst).reverse());
      for (const groupId of groupIds) {
        const sets = this.#setsOf.get(groupId);
        if (sets) sets.push(set);
        else this.#setsOf.set(groupId, [set]);
      }
    }
  }

  /** In a fixed order: of two that admit as much, the one with the larger id goes first. */
  readonly narrowestFirst = (a: Reach, b: Reach): number =>
    this.#sizes.get(a)! - this.#sizes.get(b)! || compareText(b.rule.ruleId, a.rule.ruleId);

  /** Whether the others, but for those `without`, admit all that the rule does, on every interface. */
  isCovered(reach: Reach, without: ReadonlySet<Reach>): boolean {
    const isCoveredIn = (set: ReachIndex): boolean =>
      this.#lone(reach, set, without) !== undefined || this.#together(reach, set, without) !== undefined;
    const own = this.#byGroup.get(reach.rule.groupId);
    if (own && isCoveredIn(own)) return true;
    const sets = this.#setsOf.get(reach.rule.groupId) ?? [];
    return sets.length > 0 && sets.every(isCoveredIn);
  }

  /** Some of the others that cover it, and whether all are of its own group: then they do so wherever the group goes. */
  coverOf(reach: Reach, without: ReadonlySet<Reach>): [cover: Reach[], own: boolean] {
    const { groupId } = reach.rule;
    const own = this.#byGroup.get(groupId);
    const cover = own && this.#smallCover(reach, own, without);
    if (cover) return [cover, true];
    const sets = this.#setsOf.get(groupId) ?? [];
    const covers = sets.map((set) => this.#smallCover(reach, set, without) ?? []);
    const all = [...new Set(covers.flat())];
    // What one set needs may make up for what was chosen in another.
    const inSets = sets.map((set) => new Coverage(reach, inBoth(set.meeting(reach), all)));
    const isEnough = (kept: ReadonlySet<Reach>): boolean =>
      inSets.every((one) => one.isWhole((other) => kept.has(other)));
    return [this.#withoutNeedless(all, isEnough), false];
  }

  /** One rule that covers it alone, the largest; else some of which none can be left out. Undefined if all do not. */
  #smallCover(reach: Reach, set: ReachIndex, without: ReadonlySet<Reach>): Reach[] | undefined {
    const lone = this.#lone(reach, set, without);
    if (lone) return [lone];
    const together = this.#together(reach, set, without);
    return together && this.#withoutNeedless(together.members, (kept) => together.isWhole((other) => kept.has(other)));
  }

  /** The largest that covers it alone. */
  #lone(reach: Reach, set: ReachIndex, without: ReadonlySet<Reach>): Reach | undefined {
    const isOne = (other: Reach): boolean => coversAlone(other, reach) && this.#keeps(other, reach, without);
    return set
      .holding(reach)
      .flatMap((largestFirst) => largestFirst.find(isOne) ?? [])
      .sort(this.narrowestFirst)
      .at(-1);
  }

  /** All that cover it together; undefined if they do not. */
  #together(reach: Reach, set: ReachIndex, without: ReadonlySet<Reach>): Coverage | undefined {
    const others = set
      .meeting(reach)
      .filter((other) => fitsService(other.rule, reach.rule) && this.#keeps(other, reach, without));
    const coverage = new Coverage(reach, others);
    return coverage.isWhole(() => true) ? coverage : undefined;
  }

  #keeps(other: Reach, reach: Reach, without: ReadonlySet<Reach>): boolean {
    return !without.has(other) && mayKeep(other.rule, reach.rule, this.#facts);
  }

  /**
   * Leaves out one after the other, the narrowest first, as long as the rest suffices. Many at a time: where the rest
   * suffices without all of them, it does without each.
   */
  #withoutNeedless(reaches: readonly Reach[], suffices: (kept: ReadonlySet<Reach>) => boolean): Reach[] {
    const sorted = reaches.toSorted(this.narrowestFirst);
    const kept = new Set(sorted);
    for (let at = 0, step = 1; at < sorted.length;) {
      const some = sorted.slice(at, at + step);
      for (const one of some) kept.delete(one);
      const isEnough = suffices(kept);
      if (!isEnough) for (const one of some) kept.add(one);
      if (isEnough || some.length === 1) at += some.length;
      step = isEnough ? 2 * step : Math.max(1, some.length >>> 1);
    }
    return [...kept];
  }
}

function inBoth(a: readonly Reach[], b: readonly Reach[]): Reach[] {
  const known = new Set(b);
  return a.filter((one) => known.has(one));
}
