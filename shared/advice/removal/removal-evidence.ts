import { hostPrefix, parseAddress, prefixContains } from '../../addresses/address.ts';
import { PresentRules } from '../../evidence/admitting-today.ts';
import type { ServiceFlow } from '../../evidence/service-flow.ts';
import { StandingRules } from '../../evidence/current-rule-ids.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { isLocal, isProof, type AdmittingSet } from '../../usage/usage.ts';
import { ProvenReferences } from '../../evidence/proven-references.ts';
import { typesByGroup } from '../../inventory/interface-types.ts';
import { mayKeep } from '../../verdicts/keepers.ts';
import type { ProposedRule } from '../narrowing/narrower.ts';
import { admitsStill } from './fewest-rules.ts';
import type { CoverSet } from './removal-set.ts';
import type { Day, Window } from '../../time.ts';

/** A set of rules of one inventory. */
export interface RuleSet extends CoverSet<Rule> {
  /** Seen on an interface that is gone: who takes its place may not carry the same groups. */
  readonly isElsewhere: boolean;
  /** Where a reference to a group must have been seen to work to stand in for others; undefined where it never does. */
  readonly place: string | undefined;
}

/** What was seen of a rule within its window. */
export interface SeenOfRule {
  /** Requests and replies that it admitted; of a day of which there are flows and sets, both. */
  records: number;
  /**
   * Of these, those of flows, which tell ports and peers, and those of the day that was not over, of which there were none yet.
   * All where no flow came: then the report was made from the same.
   */
  flowRecords: number;
  /** Flows that it may have admitted, or could have. */
  possibleFlows: number;
  /** Flows that the narrower rules which a report has for it would not admit. */
  outsideFlows: number;
}

const NOTHING: Readonly<SeenOfRule> = { records: 0, flowRecords: 0, possibleFlows: 0, outsideFlows: 0 };

/**
 * What the plan must know of the flows that were seen: which rules admitted them, of those that stand now. Flows of any
 * day and in any order; equal sets are kept once.
 */
export class RemovalEvidence {
  readonly #inventory: Inventory;
  readonly #standing: StandingRules;
  readonly #windowOf: (rule: Rule) => Window;
  readonly #byId: ReadonlyMap<string, Rule>;
  readonly #narrower: ReadonlyMap<string, readonly ProposedRule[]>;
  readonly #sets = new Map<string, RuleSet & { lastDay: Day }>();
  readonly #seen = new Map<Rule, SeenOfRule>();
  readonly #flowDays = new Set<Day>();
  /** Records of the day that was not over when the report was made, by sets. */
  readonly #running = new Map<Rule, number>();
  #present: PresentRules | undefined;
  readonly #proven: ProvenReferences;
  /** By rule, VPC and groups of the interfaces, the last day on which the rule alone admitted a request with SYN. */
  readonly #provenSets = new Map<string, Day>();
  readonly #typesOf: ReadonlyMap<string, readonly string[]>;
  readonly #carriers: ReadonlyMap<string, readonly ReadonlySet<string>[]>;
  /** Ids as the evidence writes them. */
  readonly #rulesNamed = new Map<string, readonly Rule[]>();

  /** @param narrower by rule id: what a report would have in the place of rules, to be held against what was seen since */
  constructor(
    inventory: Inventory,
    windowOf: (rule: Rule) => Window,
    narrower: ReadonlyMap<string, readonly ProposedRule[]> = new Map(),
  ) {
    this.#narrower = narrower;
    this.#inventory = inventory;
    this.#standing = StandingRules.of(inventory.rules);
    this.#windowOf = windowOf;
    this.#proven = new ProvenReferences(inventory);
    this.#typesOf = typesByGroup(inventory);
    this.#byId = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
    const carried = [...inventory.interfaces.values()].map(({ groupIds }) => new Set(groupIds));
    const pairs = carried.flatMap((groups) => [...groups].map((groupId) => ({ groupId, groups })));
    const byGroup = Map.groupBy(pairs, ({ groupId }) => groupId);
    this.#carriers = new Map([...byGroup].map(([groupId, found]) => [groupId, found.map(({ groups }) => groups)]));
  }

  get sets(): readonly RuleSet[] {
    return [...this.#sets.values()];
  }

  of(rule: Rule): Readonly<SeenOfRule> {
    const seen = this.#seen.get(rule) ?? NOTHING;
    if (this.#flowDays.size === 0) return { ...seen, flowRecords: seen.records };
    const running = this.#flowDays.has(this.#windowOf(rule).lastDay) ? 0 : (this.#running.get(rule) ?? 0);
    return { ...seen, flowRecords: seen.flowRecords + running };
  }

  addFlow(flow: ServiceFlow, day: Day): void {
    const members = this.#standingOf(flow.ruleIds);
    this.#present ??= new PresentRules(this.#inventory);
    const present = this.#present.of(flow, members);
    this.#flowDays.add(day);
    this.#noteRecords(members, day, flow.requests + flow.replies, 'flowRecords');
    this.#noteOutside(members, day, flow);
    // An unused rule may be all that admits it by now.
    const all = present.every((rule) => members.includes(rule)) ? members : [...new Set([...members, ...present])];
    const keepers = members.filter((rule) => present.includes(rule));
    this.#proven.add(
      flow,
      members.map(({ ruleId }) => ruleId),
      day,
    );
    const isElsewhere = !this.#inventory.interfaces.has(flow.interfaceId);
    this.#addSet({ members: all, keepers, isElsewhere, place: this.#proven.placeOf(flow) }, day);
    const possible = new Set([...flow.possibleRuleIds, ...flow.unclearRuleIds].flatMap((id) => this.#standingOf([id])));
    for (const rule of possible) if (this.#isInWindow(rule, day)) this.#seenOf(rule).possibleFlows++;
  }

  /** A set that was counted beside the usage of rules. Whether its interfaces still stand, it does not say. */
  addSet(set: AdmittingSet): void {
    const { ruleIds, day, vpcId, groupIds, requests, replies } = set;
    const members = this.#standingOf(ruleIds);
    const place = `${vpcId} ${groupIds.join(',')}`;
    this.#noteRecords(members, day, requests + replies);
    for (const rule of members) {
      if (day !== this.#windowOf(rule).lastDay) continue;
      this.#running.set(rule, (this.#running.get(rule) ?? 0) + requests + replies);
    }
    for (const { ruleId } of isProof(set) ? members : []) {
      const key = `${ruleId} ${place}`;
      this.#provenSets.set(key, Math.max(day, this.#provenSets.get(key) ?? -Infinity));
    }
    this.#addSet({ members, keepers: members, isElsewhere: true, place: isLocal(set) ? place : undefined }, day);
  }

  /**
   * Tells whether what passes by the removed rule passes by the keeper as well, on whatever interface the flows come next.
   *
   * @param hasStood of a rule that names a prefix list: whether its entries have stood all the window
   */
  covers(hasStood: (rule: Rule) => boolean) {
    const typesOf = (groupId: string): readonly string[] => this.#typesOf.get(groupId) ?? [];
    return (keeper: Rule, removed: Rule, set: CoverSet<Rule> & Partial<RuleSet>): boolean => {
      const { firstDay } = this.#windowOf(removed);
      const isProven = (rule: Rule): boolean =>
        this.#proven.has(rule, set.place, firstDay) ||
        (this.#provenSets.get(`${rule.ruleId} ${set.place ?? ''}`) ?? -Infinity) >= firstDay;
      return (
        // What a verdict names as covering was found so by all days.
        (set.lastDay === Infinity || mayKeep(keeper, removed, { typesOf, hasStood, isProven })) &&
        (set.isElsewhere !== true || this.#goTogether(keeper.groupId, removed.groupId))
      );
    };
  }

  /** Whether every interface with the one group, of which there must be some, has the other. */
  #goTogether(keeper: string, removed: string): boolean {
    if (keeper === removed) return true;
    return this.#carriers.get(removed)?.every((groups) => groups.has(keeper)) ?? false;
  }

  #noteRecords(members: readonly Rule[], day: Day, records: number, also?: 'flowRecords'): void {
    for (const rule of members) {
      if (!this.#isInWindow(rule, day)) continue;
      const seen = this.#seenOf(rule);
      seen.records += records;
      if (also) seen[also] += records;
    }
  }

  /** In the window of any of them: the others may go since this rule covers them. */
  #noteOutside(members: readonly Rule[], day: Day, { protocol, port, peer }: ServiceFlow): void {
    if (!members.some((rule) => this.#isInWindow(rule, day))) return;
    for (const rule of members) {
      const narrower = this.#narrower.get(rule.ruleId);
      if (!narrower) continue;
      const prefix = hostPrefix(parseAddress(peer)!);
      if (narrower.some((one) => admitsStill(one, { protocol, port, peer: prefix }))) continue;
      const list = rule.peer.type === 'prefixList' ? this.#inventory.prefixLists.get(rule.peer.value) : undefined;
      // What the list has lost since, the rule does not admit any more.
      if (list?.entries && !list.entries.some((entry) => prefixContains(entry, prefix.address))) continue;
      this.#seenOf(rule).outsideFlows++;
    }
  }

  #addSet(set: Omit<RuleSet, 'lastDay'>, day: Day): void {
    const { members, keepers, isElsewhere } = set;
    if (members.length === 0) return;
    // Only what stands in by a reference to a group asks where.
    const place = keepers.some(({ peer }) => peer.type === 'group') ? set.place : undefined;
    const ids = [members, keepers].map((rules) => rules.map(({ ruleId }) => ruleId).join(' '));
    const key = [...ids, isElsewhere, place].join('|');
    const known = this.#sets.get(key);
    if (known) known.lastDay = Math.max(known.lastDay, day);
    else this.#sets.set(key, { ...set, place, lastDay: day });
  }

  #standingOf(ids: readonly string[]): Rule[] {
    const found = ids.flatMap((id) => {
      let rules = this.#rulesNamed.get(id);
      if (!rules) this.#rulesNamed.set(id, (rules = this.#standing.idsOf(id).map((ruleId) => this.#byId.get(ruleId)!)));
      return rules;
    });
    return found.length > ids.length ? [...new Set(found)] : found;
  }

  /** Days after it count: what was used since the report was made is used. */
  #isInWindow(rule: Rule, day: Day): boolean {
    return day >= this.#windowOf(rule).firstDay;
  }

  #seenOf(rule: Rule): SeenOfRule {
    let seen = this.#seen.get(rule);
    if (!seen) this.#seen.set(rule, (seen = { ...NOTHING }));
    return seen;
  }
}
