import type { Inventory, Rule } from '../inventory/inventory.ts';
import { typesByGroup } from '../inventory/interface-types.ts';
import type { Day } from '../time.ts';
import { mayKeep } from '../verdicts/keepers.ts';
import type { StandingRules } from './current-rule-ids.ts';
import type { EvidenceSource } from './evidence-source.ts';
import { ProvenReferences } from './proven-references.ts';
import type { ServiceFlow } from './service-flow.ts';

/** Tells of flows whether rules that stay are known to stand in for those that are removed. */
export class FlowKeepers {
  readonly #proven: ProvenReferences;
  readonly #typesOf: ReadonlyMap<string, readonly string[]>;
  readonly #byId: ReadonlyMap<string, Rule>;

  private constructor(inventory: Inventory, proven: ProvenReferences) {
    this.#proven = proven;
    this.#typesOf = typesByGroup(inventory);
    this.#byId = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
  }

  /** @param days of which the evidence is read for proof */
  static async of(
    source: EvidenceSource,
    days: readonly Day[],
    standing: StandingRules,
    inventory: Inventory,
  ): Promise<FlowKeepers> {
    const proven = new ProvenReferences(inventory);
    for (const day of days) {
      for await (const flow of source.flows(day)) proven.add(flow, standing.idsOfAll(flow.ruleIds), day);
    }
    return new FlowKeepers(inventory, proven);
  }

  /**
   * Whether some removed rule admits the flow, and no rule that stays may stand in for it. Whether the entries of a list
   * have stood, evidence does not tell: a list counts as none that may.
   *
   * @param admitting ids of the rules that admit it
   */
  isUnsure(flow: ServiceFlow, admitting: readonly string[], removed: ReadonlySet<string>, firstDay: Day): boolean {
    const rules = admitting.flatMap((id) => this.#byId.get(id) ?? []);
    const place = this.#proven.placeOf(flow);
    const facts = {
      typesOf: (groupId: string) => this.#typesOf.get(groupId) ?? [],
      hasStood: () => false,
      isProven: (rule: Rule) => this.#proven.has(rule, place, firstDay),
    };
    const staying = rules.filter(({ ruleId }) => !removed.has(ruleId));
    return rules.some((rule) => removed.has(rule.ruleId) && !staying.some((other) => mayKeep(other, rule, facts)));
  }
}
