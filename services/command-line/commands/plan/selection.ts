import type { Inventory, Rule } from '../../../../shared/inventory/inventory.ts';
import { patternOf, tagTexts } from '../../../../shared/text/pattern.ts';
import { shown } from '../../../../shared/text/plain.ts';

/** What a plan is asked of; `*` in a name stands for any text. */
export interface Selection {
  /** Rule ids, group ids or names. */
  readonly exclude?: readonly string[];
  /** Group ids or names. */
  readonly group?: readonly string[];
  readonly vpc?: readonly string[];
  /** `key` or `key=value`, of the rule or its group. */
  readonly tag?: readonly string[];
  readonly ingressOnly?: boolean;
  /** 0 to 100. */
  readonly minPriority?: number;
}

/**
 * Why a rule is left out of the plan; undefined for one that is asked for.
 *
 * @param name of the inventory, for messages
 * @throws Error that names what stands for nothing: it may be a slip
 */
export function leftOutBy(
  { exclude = [], group = [], vpc = [], tag = [], ingressOnly = false, minPriority = 0 }: Selection,
  { rules, groups }: Inventory,
  name: string,
): (rule: Rule, priority: number) => string | undefined {
  const names = (rule: Rule): string[] => [rule.groupId, rule.groupName];
  const wanted: readonly (readonly [
    option: string,
    values: readonly string[],
    of: (rule: Rule) => readonly string[],
  ])[] = [
    ['--group', group, names],
    ['--vpc', vpc, ({ groupId }) => [groups.get(groupId)?.vpcId ?? '']],
    ['--tag', tag, (rule) => [...tagTexts(rule.tags), ...tagTexts(groups.get(rule.groupId)?.tags)]],
  ];
  const excluded = (rule: Rule): string[] => [rule.ruleId, ...names(rule)];
  for (const [option, values, of] of [...wanted, ['--exclude', exclude, excluded] as const]) {
    for (const value of values) {
      const pattern = patternOf(value);
      if (rules.some((rule) => of(rule).some((text) => pattern.test(text)))) continue;
      throw new Error(`${option} ${shown(value)}: ${name} has no such rule`);
    }
  }
  const patterns = wanted.map(([option, values, of]) => ({ option, patterns: values.map(patternOf), of }));
  const outs = exclude.map(patternOf);
  return (rule, priority) => {
    if (outs.some((pattern) => excluded(rule).some((text) => pattern.test(text)))) {
      return 'excluded by who asked for the plan';
    }
    const not = patterns.find(
      (one) =>
        one.patterns.length > 0 && !one.patterns.some((pattern) => one.of(rule).some((text) => pattern.test(text))),
    );
    if (not) return `not asked for (${not.option})`;
    if (ingressOnly && rule.direction === 'egress') return 'not asked for (--ingress-only)';
    return priority < minPriority ? `its priority is ${String(priority)}, below --min-priority` : undefined;
  };
}
