import type { Rule } from '../inventory/inventory.ts';
import type { Verdict } from './verdict.ts';
import { secondsFromIso } from '../time.ts';
import { shown } from '../text/plain.ts';

/** Tag of a rule: the reason to keep it, with an optional `until YYYY-MM-DD` (that day inclusive) at its end. */
export const KEEP_TAG = 'stale-sg:keep';

/** One of a list of rules that are kept on purpose. */
export interface Exemption {
  readonly ruleId: string;
  readonly reason: string;
  readonly owner: string;
  /** `YYYY-MM-DD`, the last UTC day on which it holds. */
  readonly expires: string;
  /** Where it stands, for messages: `exemptions.csv:3`. */
  readonly where: string;
}

/** By the list, else by its tag; undefined where neither holds at `asOf`, UNIX seconds. */
export function exemptionOf(rule: Rule, listed: Exemption | undefined, asOf: number): Verdict | undefined {
  if (listed && !isOver(listed.expires, asOf)) {
    const { reason, owner, expires } = listed;
    return { kind: 'exempt', reason, owner, until: expires };
  }
  const tag = rule.tags[KEEP_TAG];
  if (tag === undefined) return undefined;
  const [, reason = '', until] = /^(.*?)(?:\s*\buntil (\d{4}-\d{2}-\d{2}))?$/s.exec(tag)!;
  if (until !== undefined && isOver(until, asOf)) return undefined;
  return { kind: 'exempt', reason, owner: null, until: until ?? null };
}

/** What is wrong with a list of exemptions, in the light of the rules that there are. */
export function exemptionProblems(listed: readonly Exemption[], rules: readonly Rule[], asOf: number): string[] {
  const known = new Set(rules.map(({ ruleId }) => ruleId));
  return listed.flatMap(({ ruleId, owner, expires, where }) => {
    if (!known.has(ruleId)) return `${where}: exemption of ${shown(ruleId)}, which is not a rule of the inventory`;
    if (isOver(expires, asOf))
      return `${where}: exemption of ${shown(ruleId)} expired on ${expires}: ask ${shown(owner)}`;
    return [];
  });
}

/** An unreadable day is never over: in doubt the rule is kept. */
function isOver(day: string, asOf: number): boolean {
  return secondsFromIso(`${day}T23:59:59Z`) < asOf;
}
