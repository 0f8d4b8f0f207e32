import { expect, test } from '@jest/globals';
import { leftOutBy, type Selection } from '../../../../../services/command-line/commands/plan/selection.ts';
import { awsRule, inventoryOf } from '../../../../shared/inventory/aws-shorthand.ts';

const INVENTORY = inventoryOf({
  groups: [
    { GroupId: 'sg-1', GroupName: 'web (blue)', VpcId: 'vpc-1', Tags: [{ Key: 'team', Value: 'shop' }] },
    { GroupId: 'sg-2', GroupName: 'db', VpcId: 'vpc-2' },
  ],
  rules: [
    awsRule('in tcp 22 10.0.0.0/8'),
    awsRule('out tcp 443 0.0.0.0/0', { SecurityGroupRuleId: 'sgr-2' }),
    awsRule('in tcp 5432 10.0.0.0/8', {
      SecurityGroupRuleId: 'sgr-3',
      GroupId: 'sg-2',
      Tags: [{ Key: 'env', Value: 'prod' }],
    }),
  ],
});
/** Priorities of the rules. */
const PRIORITIES: Readonly<Record<string, number>> = { 'sgr-1': 80, 'sgr-2': 50, 'sgr-3': 12.5 };

const chosen = (selection: Selection): string[] => {
  const leftOut = leftOutBy(selection, INVENTORY, 'here');
  return INVENTORY.rules
    .filter((rule) => leftOut(rule, PRIORITIES[rule.ruleId]!) === undefined)
    .map(({ ruleId }) => ruleId);
};

test.each<[selection: Selection, rules: string[]]>([
  [{}, ['sgr-1', 'sgr-2', 'sgr-3']],
  [{ exclude: ['sgr-1'] }, ['sgr-2', 'sgr-3']],
  [{ exclude: ['sg-1', 'sgr-3'] }, []],
  [{ exclude: ['web*'] }, ['sgr-3']],
  [{ group: ['sg-2'] }, ['sgr-3']],
  [{ group: ['web (blue)', 'db'] }, ['sgr-1', 'sgr-2', 'sgr-3']],
  [{ vpc: ['vpc-1'] }, ['sgr-1', 'sgr-2']],
  [{ tag: ['team'] }, ['sgr-1', 'sgr-2']],
  [{ tag: ['team=sh*', 'env=prod'] }, ['sgr-1', 'sgr-2', 'sgr-3']],
  [{ tag: ['team'], vpc: ['vpc-2'] }, []],
  [{ ingressOnly: true }, ['sgr-1', 'sgr-3']],
  [{ minPriority: 50 }, ['sgr-1', 'sgr-2']],
])('%j: %j', (selection, rules) => {
  expect(chosen(selection)).toEqual(rules);
});

test.each<[selection: Selection, says: string]>([
  [{ exclude: ['sgr-9'] }, '--exclude sgr-9: here has no such rule'],
  [{ group: ['web'] }, '--group web: here has no such rule'],
  [{ vpc: ['vpc-9'] }, '--vpc vpc-9: here has no such rule'],
  [{ tag: ['team=s'] }, '--tag team=s: here has no such rule'],
])('%j stands for nothing, which may be a slip', (selection, says) => {
  expect(() => leftOutBy(selection, INVENTORY, 'here')).toThrow(says);
});
