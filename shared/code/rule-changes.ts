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
 * another stands afterwards, whatever its id.
 */
export class RuleChangesOf {
  readonly #inventory: Pick<Inventory, 'groups' | 'rules'>;
  readonly #byId: ReadonlyMap<string, Rule>;
  readonly #byContent: ReadonlyMap<string, readonly Rule[]>;
  readonly #removed = new Map<string, Set<string>>();
  /** By content. */
  readonly #added = new Map<string, Rule>();
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
   */
  remove(rule: Rule, cause: string): void {
    const known = this.#byId.get(rule.ruleId);
    const going = known ? [known] : (this.#byContent.get(ruleContent(rule)) ?? []);
    for (const { ruleId } of going) this.#note(ruleId, cause);
    if (going.length > 0) return;
    const id = rule.ruleId === '' ? '' : `${shown(rule.ruleId)}, `;
    this.untold(`${cause} removes ${id}${ruleText(rule)} of ${shown(rule.groupId)}, which the inventory does not have`);
  }

  /** Undefined for an id of no rule. */
  ruleOf(ruleId: string): Rule | undefined {
    return this.#byId.get(ruleId);
  }

  /** A rule that comes; one that is not told whole admits nothing. */
  add(rule: Rule): void {
    if (rule.unmatchable === undefined) this.#added.set(ruleContent(rule), rule);
  }

  /** Every rule of a group but those that stay. */
  removeAllOf(groupId: string, cause: string, stays: (rule: Rule) => boolean = () => false): void {
    for (const rule of this.#inventory.rules) {
      if (rule.groupId === groupId && !stays(rule)) this.#note(rule.ruleId, cause);
    }
  }

  /** Every rule that names a group. */
  removeReferences(groupId: string, cause: string): void {
    for (const { ruleId, peer } of this.#inventory.rules) {
      if (peer.type === 'group' && peer.value === groupId) this.#note(ruleId, cause);
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
      if (this.#added.has(ruleContent(rule))) {
        this.note(`${ruleId}, ${ruleText(rule)}, is removed and made again: for a moment it may not be there`);
      } else removed.set(ruleId, [...causes]);
    }
    const added = [...this.#added].flatMap(([content, rule]) => (this.#byContent.has(content) ? [] : [rule]));
    return {
      removed,
      added: added.map((rule, i) => ({ ...rule, ruleId: `new-${i + 1}` })),
      untold: [...this.#untold],
      notes: [...this.#notes],
    };
  }

  #note(ruleId: string, cause: string): void {
    const causes = this.#removed.get(ruleId);
    if (causes) causes.add(cause);
    else this.#removed.set(ruleId, new Set([cause]));
  }
}

/** The inventory with the rules that a change brings. */
export function withAdded(inventory: Inventory, added: readonly Rule[]): Inventory {
  const rules = [...inventory.rules, ...added];
  rules.sort((a, b) => compareText(a.groupId, b.groupId) || compareText(a.ruleId, b.ruleId));
  return { ...inventory, rules };
}
