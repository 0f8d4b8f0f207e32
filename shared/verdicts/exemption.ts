import { parsePrefix } from '../addresses/address.ts';
import { holds } from '../addresses/prefixes.ts';
import type { Group, Inventory, Rule } from '../inventory/inventory.ts';
import { compareText } from '../text/compare.ts';
import { patternOf, tagTexts } from '../text/pattern.ts';
import type { Verdict } from './verdict.ts';
import { secondsFromIso } from '../time.ts';
import { shown } from '../text/plain.ts';

/** Tag of a rule, or of its group: the reason to keep it, with an optional `until YYYY-MM-DD` (that day inclusive) at its end. */
export const KEEP_TAG = 'stale-sg:keep';

/**
 * What an exemption keeps: one rule, all rules of a group, those whose peers lie in a CIDR, those that have a tag or whose
 * group has (`key` or `key=value`), those of groups of a name. `*` stands for any text in tags and names.
 */
export const EXEMPTION_TARGETS = ['rule_id', 'group_id', 'cidr', 'tag', 'group_name'] as const;

/** One of a list of rules that are kept on purpose. */
export interface Exemption {
  readonly target: { readonly kind: (typeof EXEMPTION_TARGETS)[number]; readonly value: string };
  readonly reason: string;
  readonly owner: string;
  /** `YYYY-MM-DD`, the last UTC day on which it holds. */
  readonly expires: string;
  /** Where it stands, for messages: `exemptions.csv:3`. */
  readonly where: string;
}

/** Which exemption that holds at `asOf` speaks of each rule: the one that names it, else of others the one that ends last. */
export function exemptionsByRule(
  listed: readonly Exemption[],
  { rules, groups }: Pick<Inventory, 'rules' | 'groups'>,
  asOf: number,
): ReadonlyMap<string, Exemption> {
  const byRule = new Map<string, Exemption>();
  const rank = ({ target, expires }: Exemption): string => `${target.kind === 'rule_id' ? 1 : 0} ${expires}`;
  const valid = listed.filter(({ expires }) => !isOver(expires, asOf));
  for (const one of valid.sort((a, b) => compareText(rank(a), rank(b)))) {
    const isMeant = meantBy(one);
    for (const rule of rules) if (isMeant(rule, groups.get(rule.groupId))) byRule.set(rule.ruleId, one);
  }
  return byRule;
}

/** Whether an exemption, over or not, speaks of a rule and its group. */
export function meantBy({ target: { kind, value } }: Exemption): (rule: Rule, group: Group | undefined) => boolean {
  switch (kind) {
    case 'rule_id':
      return ({ ruleId }) => ruleId === value;
    case 'group_id':
      return ({ groupId }) => groupId === value;
    case 'cidr': {
      const prefix = parsePrefix(value)!;
      return ({ peer }) =>
        'prefix' in peer && peer.prefix.address.family === prefix.address.family && holds(prefix, peer.prefix);
    }
    case 'tag': {
      const pattern = patternOf(value);
      return (rule, group) => [...tagTexts(rule.tags), ...tagTexts(group?.tags)].some((text) => pattern.test(text));
    }
    case 'group_name': {
      const pattern = patternOf(value);
      return ({ groupName }) => pattern.test(groupName);
    }
  }
}

/**
 * By the list, else by its tag, else by its group's; undefined where none holds at `asOf`, UNIX seconds.
 *
 * @param group of the rule
 * @param listed of {@link exemptionsByRule}
 */
export function exemptionOf(
  rule: Rule,
  group: Pick<Group, 'tags'> | undefined,
  listed: Exemption | undefined,
  asOf: number,
): Verdict | undefined {
  if (listed) {
    const { reason, owner, expires } = listed;
    return { kind: 'exempt', reason, owner, until: expires };
  }
  return keptByTag(rule.tags, asOf) ?? keptByTag(group?.tags ?? {}, asOf);
}

function keptByTag(tags: Group['tags'], asOf: number): Verdict | undefined {
  const tag = tags[KEEP_TAG];
  if (tag === undefined) return undefined;
  const [, reason = '', until] = /^(.*?)(?:\s*\buntil (\d{4}-\d{2}-\d{2}))?$/s.exec(tag)!;
  if (until !== undefined && isOver(until, asOf)) return undefined;
  return { kind: 'exempt', reason, owner: null, until: until ?? null };
}

/** What is wrong with a list of exemptions, in the light of the rules that there are. */
export function exemptionProblems(
  listed: readonly Exemption[],
  { rules, groups }: Pick<Inventory, 'rules' | 'groups'>,
  asOf: number,
): string[] {
  return listed.flatMap((one) => {
    const { target, owner, expires, where } = one;
    const isMeant = meantBy(one);
    if (!rules.some((rule) => isMeant(rule, groups.get(rule.groupId)))) {
      const what = target.kind === 'rule_id' ? 'is not a rule' : 'fits no rule';
      return `${where}: exemption of ${shown(target.value)}, which ${what} of the inventory`;
    }
    if (isOver(expires, asOf))
      return `${where}: exemption of ${shown(target.value)} expired on ${expires}: ask ${shown(owner)}`;
    return [];
  });
}

/** Whether an exemption until that day, inclusive, has ended. An unreadable day is never over: in doubt the rule is kept. */
export function isOver(day: string, asOf: number): boolean {
  return secondsFromIso(`${day}T23:59:59Z`) < asOf;
}
