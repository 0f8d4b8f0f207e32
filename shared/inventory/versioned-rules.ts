import { createHash } from 'node:crypto';
import { compareText } from '../text/compare.ts';
import { ruleContent } from './content.ts';
import type { Inventory } from './inventory.ts';

/** In no id of AWS. */
const SEPARATOR = '@';
/** 64 bits: among a million contents, two alike by chance once in 37 million accounts. */
const HASH_DIGITS = 16;

export interface RuleIdParts {
  readonly ruleId: string;
  /** {@link contentHash}; undefined for an id that names no content. */
  readonly content: string | undefined;
}

/** A short name for a rule's content, from the text of {@link ruleContent}. */
export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, HASH_DIGITS);
}

/**
 * The inventory with `sgr-…@<content hash>` for each rule's id. A rule is its content, and the id only its name: under
 * such ids, use of what a rule said before it was edited is kept apart from use of what it says now. To all that
 * matches and counts, an id is any text.
 */
export function withVersionedRules(inventory: Inventory): Inventory {
  const rules = inventory.rules.map((rule) => ({
    ...rule,
    ruleId: versionedId(rule.ruleId, contentHash(ruleContent(rule))),
  }));
  rules.sort((a, b) => compareText(a.groupId, b.groupId) || compareText(a.ruleId, b.ruleId));
  return { ...inventory, rules };
}

export function versionedId(ruleId: string, content: string | undefined): string {
  return content === undefined ? ruleId : `${ruleId}${SEPARATOR}${content}`;
}

export function parseRuleId(text: string): RuleIdParts {
  const at = text.lastIndexOf(SEPARATOR);
  if (at < 0) return { ruleId: text, content: undefined };
  return { ruleId: text.slice(0, at), content: text.slice(at + SEPARATOR.length) };
}
