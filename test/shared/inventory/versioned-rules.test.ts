import { expect, test } from '@jest/globals';
import { ruleContent } from '../../../shared/inventory/content.ts';
import { unite } from '../../../shared/inventory/union.ts';
import { contentHash, parseRuleId, withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { awsRule, inventoryOf } from './aws-shorthand.ts';

const SSH = awsRule('in tcp 22 10.0.0.0/8');
const WEB = awsRule('in tcp 443 0.0.0.0/0');
const edited = unite(inventoryOf({ rules: [SSH] }), inventoryOf({ rules: [WEB] }));

test('the hash is of the content and lasts: histories are kept under it', () => {
  expect(withVersionedRules(inventoryOf({ rules: [SSH] })).rules[0]?.ruleId).toBe('sgr-1@64fa982074467be2');
});

test('a rule that was edited in place is two rules, each with its own id', () => {
  const { rules } = withVersionedRules(edited);
  expect(rules.map(({ ruleId }) => parseRuleId(ruleId).ruleId)).toEqual(['sgr-1', 'sgr-1']);
  expect(rules.map(({ ruleId }) => parseRuleId(ruleId).content)).toEqual(rules.map((r) => contentHash(ruleContent(r))));
  expect(new Set(rules.map(({ ruleId }) => ruleId)).size).toBe(2);
  expect(rules.map(({ ruleId }) => ruleId)).toEqual(rules.map(({ ruleId }) => ruleId).sort());
});

test('many contents of one rule are in order too', () => {
  const edits = Array.from({ length: 9 }, (_, n) => inventoryOf({ rules: [awsRule(`in tcp ${n}..${n} 10.0.0.0/8`)] }));
  const ids = withVersionedRules(edits.reduce(unite)).rules.map(({ ruleId }) => ruleId);
  expect(ids).toEqual([...new Set(ids)].sort());
});

test('nothing but the ids changes', () => {
  const versioned = withVersionedRules(edited);
  expect(
    versioned.rules
      .map((rule) => ({ ...rule, ruleId: 'sgr-1' }))
      .map(ruleContent)
      .sort(),
  ).toEqual(edited.rules.map(ruleContent).sort());
  expect({ ...versioned, rules: [] }).toEqual({ ...edited, rules: [] });
  expect(() => new CompiledInventory(versioned)).not.toThrow();
});

test('an id that names no content is whole', () => {
  expect(parseRuleId('sgr-1')).toEqual({ ruleId: 'sgr-1', content: undefined });
});
