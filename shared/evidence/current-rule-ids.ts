import { ruleContent } from '../inventory/content.ts';
import type { Rule } from '../inventory/inventory.ts';
import { contentHash, parseRuleId, versionedId } from '../inventory/versioned-rules.ts';

/**
 * The rules that stand now, to be found by the ids in evidence of former days. A rule is its content: one that was made
 * again under another id is the same, one that was edited in place is gone under its old content, and what that
 * admitted nobody admits any more by it.
 */
export class StandingRules {
  readonly #ids: ReadonlySet<string>;
  /** Undefined where only ids are known: then an id is the rule, whatever it said. */
  readonly #byContent: ReadonlyMap<string, readonly string[]> | undefined;

  private constructor(ids: Iterable<string>, byContent: ReadonlyMap<string, readonly string[]> | undefined) {
    this.#ids = new Set(ids);
    this.#byContent = byContent;
  }

  static of(rules: readonly Rule[]): StandingRules {
    const byContent = Map.groupBy(rules, (rule) => contentHash(ruleContent(rule)));
    return new StandingRules(
      rules.map(({ ruleId }) => ruleId),
      new Map([...byContent].map(([content, same]) => [content, same.map(({ ruleId }) => ruleId)])),
    );
  }

  /** Where contents are not known, since there is no inventory: every id stands for one rule. */
  static named(ids: Iterable<string>): StandingRules {
    return new StandingRules(ids, undefined);
  }

  has(ruleId: string): boolean {
    return this.#ids.has(ruleId);
  }

  /** The ids of the rules that stand with the content of this id of the evidence; mostly one, none if it is gone. */
  idsOf(id: string): readonly string[] {
    const { ruleId, content } = parseRuleId(id);
    if (content !== undefined && this.#byContent) return this.#byContent.get(content) ?? [];
    return this.#ids.has(ruleId) ? [ruleId] : [];
  }

  idsOfAll(ids: readonly string[]): string[] {
    return ids.flatMap((id) => this.idsOf(id));
  }
}

/** The ids of the inventory's rules with their contents; what is matched against it is told by these. */
export function withContents(rules: readonly Rule[]): (ruleId: string) => string {
  const versioned = new Map(
    rules.map((rule) => [rule.ruleId, versionedId(rule.ruleId, contentHash(ruleContent(rule)))]),
  );
  return (id) => versioned.get(id) ?? id;
}
