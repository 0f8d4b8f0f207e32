import { ruleContent } from '../inventory/content.ts';
import type { Rule } from '../inventory/inventory.ts';
import { contentHash, parseRuleId, versionedId } from '../inventory/versioned-rules.ts';

/**
 * Which rules of the newest inventory counters speak of. A rule is its content: what the same content carried under a
 * former id is its own, what the same id carried before it was edited is not.
 */
export class KnownRules {
  readonly rules: readonly Rule[];
  readonly #byName = new Map<string, number[]>();
  readonly #contents: readonly string[];

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.#contents = rules.map((rule) => contentHash(ruleContent(rule)));
    rules.forEach(({ ruleId }, index) => {
      for (const name of [ruleId, this.#contents[index]!, versionedId(ruleId, this.#contents[index])]) {
        const named = this.#byName.get(name);
        if (named) named.push(index);
        else this.#byName.set(name, [index]);
      }
    });
  }

  /** The content of the rule at the index, as in versioned ids. */
  contentOf(index: number): string {
    return this.#contents[index]!;
  }

  /**
   * Indexes of the rules that `id` stands for: a versioned id; a content, alone or under an id that it no longer has; or
   * the id alone, where counters were kept so. None where no rule with such content stands.
   */
  named(id: string): readonly number[] {
    const exact = this.#byName.get(id);
    if (exact) return exact;
    const { content } = parseRuleId(id);
    return (content === undefined ? undefined : this.#byName.get(content)) ?? [];
  }
}
