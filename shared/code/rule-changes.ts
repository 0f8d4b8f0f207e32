import { ruleContent } from '../inventory/content.ts';
import type { Group, Inventory, Rule } from '../inventory/inventory.ts';
import { compareText } from '../text/compare.ts';
import { shown } from '../text/plain.ts';
import { ruleText } from '../text/rule-text.ts';

/** What a change of code does to the rules that stand. Holds text of others. */
export interface RuleChanges {
  /** By id, of rules of the inventory that go or read otherwise afterwards, what of the code is to blame. */
  readonly removed: ReadonlyMap<string, readonly string[]>;
  /** Rules that it brings, under ids of their own; none that stands already. */
  readonly added: readonly Rule[];
  /** What of it cannot be told, a line each: any of it may cut what was seen. */
  readonly untold: readonly string[];
  /** What else a reviewer ought to know, a line each. */
  readonly notes: readonly string[];
}

/**
 * Gathers what a change does, resource by resource. A rule is its content: one that is removed in one place and made in
 * another stands afterwards, whatever its id, if it is made last. What does not depend on each other is done in no order.
 * https://github.com/hashicorp/terraform/issues/15776
 */
export class RuleChangesOf {
  readonly #inventory: Pick<Inventory, 'groups' | 'rules'>;
  readonly #byId: ReadonlyMap<string, Rule>;
  readonly #byContent: ReadonlyMap<string, readonly Rule[]>;
  readonly #removed = new Map<string, Set<string>>();
  /** By id, those of its causes that stand for that rule alone. */
  readonly #alone = new Map<string, Set<string>>();
  /** By content. */
  readonly #added = new Map<string, { readonly rule: Rule; readonly causes: Set<string> }>();
  readonly #untold = new Set<string>();
  readonly #notes = new Set<string>();

  constructor(inventory: Pick<Inventory, 'groups' | 'rules'>) {
    this.#inventory = inventory;
    this.#byId = new Map(inventory.rules.map((rule) => [rule.ruleId, rule]));
    this.#byContent = Map.groupBy(inventory.rules, ruleContent);
  }

  /**
   * A rule that goes. The one of its id goes whatever it says by now; without an id, the one of its content.
   *
   * @param cause what of the code
   * @param isAlone whether it is no group, after whose change others are made
   */
  remove(rule: Rule, cause: string, isAlone = false): void {
    const known = this.#byId.get(rule.ruleId);
    const going = known ? [known] : (this.#byContent.get(ruleContent(rule)) ?? []);
    for (const { ruleId } of going) {
      note(this.#removed, ruleId, cause);
      if (isAlone) note(this.#alone, ruleId, cause);
    }
    if (going.length > 0) return;
    const id = rule.ruleId === '' ? '' : `${shown(rule.ruleId)}, `;
    this.untold(`${cause} removes ${id}${ruleText(rule)} of ${shown(rule.groupId)}, which the inventory does not have`);
  }

  /** Undefined for an id of no rule. */
  ruleOf(ruleId: string): Rule | undefined {
    return this.#byId.get(ruleId);
  }

  /** A rule that comes; one that is not told whole admits nothing. */
  add(rule: Rule, cause: string): void {
    if (rule.unmatchable !== undefined) return;
    const content = ruleContent(rule);
    const added = this.#added.get(content) ?? { rule, causes: new Set() };
    this.#added.set(content, added);
    added.causes.add(cause);
  }

  /** Every rule of a group but those that stay. */
  removeAllOf(groupId: string, cause: string, stays: (rule: Rule) => boolean = () => false): void {
    if (!this.#inventory.groups.has(groupId)) {
      this.untold(`${cause} takes rules of ${shown(groupId)}, which the inventory does not have`);
    }
    for (const rule of this.#inventory.rules) {
      if (rule.groupId === groupId && !stays(rule)) note(this.#removed, rule.ruleId, cause);
    }
  }

  /** Every rule that names a group. */
  removeReferences(groupId: string, cause: string): void {
    for (const { ruleId, peer } of this.#inventory.rules) {
      if (peer.type === 'group' && peer.value === groupId) note(this.#removed, ruleId, cause);
    }
  }

  groups(): Iterable<Group> {
    return this.#inventory.groups.values();
  }

  untold(what: string): void {
    this.#untold.add(what);
  }

  note(what: string): void {
    this.#notes.add(what);
  }

  result(): RuleChanges {
    const removed = new Map<string, readonly string[]>();
    for (const [ruleId, causes] of this.#removed) {
      const rule = this.#byId.get(ruleId)!;
      const added = this.#added.get(ruleContent(rule));
      if (!added) {
        removed.set(ruleId, [...causes]);
        continue;
      }
      const named = `${ruleId}, ${ruleText(rule)},`;
      this.note(`${named} is removed and made again: for a moment it may not be there`);
      const [other] = [...(this.#alone.get(ruleId) ?? [])].filter((cause) => !added.causes.has(cause));
      if (other !== undefined) {
        const [maker] = added.causes;
        this.untold(
          `${named} is removed by ${other} and made by ${maker!}, in no order: made first it is refused as a duplicate, and then it is gone. Move the resource instead, or make the new one in a change of its own`,
        );
      }
    }
    const added = [...this.#added].flatMap(([content, { rule }]) => (this.#byContent.has(content) ? [] : [rule]));
    return {
      removed,
      added: added.map((rule, i) => ({ ...rule, ruleId: `new-${i + 1}` })),
      untold: [...this.#untold],
      notes: [...this.#notes],
    };
  }
}

function note(causes: Map<string, Set<string>>, ruleId: string, cause: string): void {
  const known = causes.get(ruleId);
  if (known) known.add(cause);
  else causes.set(ruleId, new Set([cause]));
}

/** The inventory with the rules that a change brings. */
export function withAdded(inventory: Inventory, added: readonly Rule[]): Inventory {
  const rules = [...inventory.rules, ...added];
  rules.sort((a, b) => compareText(a.groupId, b.groupId) || compareText(a.ruleId, b.ruleId));
  return { ...inventory, rules };
}
