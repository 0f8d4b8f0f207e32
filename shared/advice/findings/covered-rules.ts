import { bitsOf } from '../../addresses/address.ts';
import { compareText } from '../../text/compare.ts';
import { ruleContent } from '../../inventory/content.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { typesByGroup } from '../../inventory/interface-types.ts';
import { mayKeep, type KeeperFacts } from '../../verdicts/keepers.ts';
import type { Finding } from './finding.ts';
import { log2OfAddresses } from '../../addresses/prefixes.ts';
import { isCovered, reachesOf, type Reach } from '../exposure/reach.ts';

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
 * @param planned ids of rules that a plan removes: with them gone, what only they cover must stay
 */
export function coveredRules(inventory: Inventory, planned: ReadonlySet<string> = new Set()): Covered[] {
  const sets = new GroupSets(inventory);
  const gone = new Set(sets.reaches.filter(({ rule }) => planned.has(rule.ruleId)));
  const duplicates = duplicatesOf(sets.reaches);
  const found = sets.reaches.filter((reach) => sets.isCovered(reach, NONE));
  for (const twins of duplicates) for (const reach of twins.slice(1)) gone.add(reach);
  for (const reach of [...found].sort(narrowestFirst)) {
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
      if (mustStay && isTwinsOnly(reach, lean, duplicates)) return [];
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

function isTwinsOnly(reach: Reach, cover: readonly Reach[], duplicates: readonly (readonly Reach[])[]): boolean {
  const twins = duplicates.find(([first]) => first === reach) ?? [];
  return cover.every((other) => twins.includes(other));
}

/** A rule with the same list covers it whatever the list holds. */
function listsBehind(reach: Reach, cover: readonly Reach[]): readonly string[] {
  const isList = ({ rule }: Reach): boolean => rule.peer.type === 'prefixList';
  const others = cover.filter(({ name }) => name !== reach.name);
  const lists = [...others, ...(others.length > 0 ? [reach] : [])].filter((one) => isList(one) && one.sure.length > 0);
  return [...new Set(lists.map(({ name }) => name))].sort(compareText);
}

/** In a fixed order: of two that admit as much, the one with the larger id goes first. */
function narrowestFirst(a: Reach, b: Reach): number {
  return sizeOf(a) - sizeOf(b) || compareText(b.rule.ruleId, a.rule.ruleId);
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
  readonly #byGroup: ReadonlyMap<string, readonly Reach[]>;
  readonly #facts: KeeperFacts;
  /** By group: the rules of each set that holds it, in its own direction and the other. */
  readonly #setsOf = new Map<string, (readonly Reach[])[]>();

  constructor(inventory: Inventory) {
    this.reaches = reachesOf(inventory);
    const types = typesByGroup(inventory);
    // An inventory alone shows no reference to a group at work. Which lists it rests on is told with the finding.
    this.#facts = { typesOf: (groupId) => types.get(groupId) ?? [], hasStood: () => true, isProven: () => false };
    this.#byGroup = Map.groupBy(this.reaches, ({ rule }) => rule.groupId);
    const carried = new Map([...inventory.interfaces.values()].map(({ groupIds }) => [groupIds.join(' '), groupIds]));
    for (const groupIds of carried.values()) {
      const rules = groupIds.flatMap((groupId) => this.#byGroup.get(groupId) ?? []);
      for (const groupId of groupIds) {
        const sets = this.#setsOf.get(groupId);
        if (sets) sets.push(rules);
        else this.#setsOf.set(groupId, [rules]);
      }
    }
  }

  /** Whether the others, but for those `without`, admit all that the rule does, on every interface. */
  isCovered(reach: Reach, without: ReadonlySet<Reach>): boolean {
    const standing = (rules: readonly Reach[]): Reach[] =>
      rules.filter((one) => !without.has(one) && mayKeep(one.rule, reach.rule, this.#facts));
    if (isCovered(reach, standing(this.#rulesOf(reach.rule)))) return true;
    const sets = this.#setsOf.get(reach.rule.groupId) ?? [];
    return sets.length > 0 && sets.every((rules) => isCovered(reach, standing(rules)));
  }

  /** Some of the others that cover it, and whether all are of its own group: then they do so wherever the group goes. */
  coverOf(reach: Reach, without: ReadonlySet<Reach>): [cover: Reach[], own: boolean] {
    const standing = (rules: readonly Reach[]): Reach[] =>
      rules.filter((one) => !without.has(one) && mayKeep(one.rule, reach.rule, this.#facts));
    const own = smallCover(reach, standing(this.#rulesOf(reach.rule)));
    if (own) return [own, true];
    const sets = this.#setsOf.get(reach.rule.groupId) ?? [];
    const all = [...new Set(sets.flatMap((rules) => smallCover(reach, standing(rules)) ?? []))];
    // What one set needs may make up for what was chosen in another.
    return [withoutNeedless(all, (kept) => sets.every((rules) => isCovered(reach, inBoth(rules, kept)))), false];
  }

  #rulesOf({ groupId }: Rule): readonly Reach[] {
    return this.#byGroup.get(groupId) ?? [];
  }
}

/** One rule that covers it alone, the smallest; else some of which none can be left out. Undefined if all do not. */
function smallCover(reach: Reach, others: readonly Reach[]): Reach[] | undefined {
  if (!isCovered(reach, others)) return undefined;
  const one = others
    .filter((other) => isCovered(reach, [other]))
    .sort(narrowestFirst)
    .at(-1);
  if (one) return [one];
  const sameDirection = others.filter(({ rule }) => rule.direction === reach.rule.direction);
  return withoutNeedless(sameDirection, (kept) => isCovered(reach, kept));
}

/** Leaves out one after the other, the narrowest first, as long as the rest suffices. */
function withoutNeedless(reaches: readonly Reach[], suffices: (kept: readonly Reach[]) => boolean): Reach[] {
  let kept = [...reaches];
  for (const one of [...reaches].sort(narrowestFirst)) {
    const rest = kept.filter((other) => other !== one);
    if (suffices(rest)) kept = rest;
  }
  return kept;
}

function inBoth(a: readonly Reach[], b: readonly Reach[]): Reach[] {
  return a.filter((one) => b.includes(one));
}
