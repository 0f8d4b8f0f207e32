import { describe, expect, test } from '@jest/globals';
import { ruleContent } from '../../../shared/inventory/content.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { unite } from '../../../shared/inventory/union.ts';
import { withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import type { Usage } from '../../../shared/usage/usage.ts';
import { asOracleResult, countText, inventoryOfFiles } from '../../oracle/core.ts';
import { Random } from '../../oracle/random.ts';
import { randomWorld, toFiles, toText, type World } from '../../oracle/random-world.ts';
import type { OracleInventory } from '../../oracle/types.ts';

const WORLDS = 40;
const worldsOf = (from: number): World[] => Array.from({ length: WORLDS }, (_, n) => randomWorld(from + n));

describe('random worlds', () => {
  test('the union of a world with itself is the world', () => {
    for (const { seed, files } of worldsOf(1000)) {
      const inventory = inventoryOfFiles(files);
      expect({ seed, ...unite(inventory, inventory) }).toEqual({ seed, ...inventory });
    }
  });

  test('under versioned ids every figure stays what it was', () => {
    let credited = 0;
    for (const { seed, files, records, columns } of worldsOf(2000)) {
      const inventory = inventoryOfFiles(files);
      const text = toText(records, columns);
      const versioned = withVersionedRules(unite(inventory, inventory));
      const said = asOracleResult(versioned, countText(versioned, text));
      const plain = JSON.parse(JSON.stringify(said).replaceAll(/(sgr-[0-9a-f]+)@[0-9a-f]{16}/g, '$1')) as object;
      expect({ seed, ...plain }).toEqual({ seed, ...asOracleResult(inventory, countText(inventory, text)) });
      credited += said.records.attributed;
    }
    expect(credited).toBeGreaterThan(WORLDS);
  });
});

/** The account a little later: some rules gone, some edited in place, some under a new id; some interfaces gone. */
function later(before: OracleInventory, random: Random): OracleInventory {
  return {
    ...before,
    networkInterfaces: before.networkInterfaces.filter(() => random.chance(0.7)),
    securityGroupRules: before.securityGroupRules.flatMap((rule) => {
      switch (random.weighted({ kept: 4, gone: 2, edited: 2, again: 2 })) {
        case 'kept':
          return [rule];
        case 'gone':
          return [];
        case 'edited':
          return [{ ...rule, IpProtocol: '47' }];
        case 'again':
          return [{ ...rule, SecurityGroupRuleId: random.id('sgr') }];
      }
    }),
  };
}

/** Contents of the rules with a use of one of these kinds. */
function contentsWith(inventory: Inventory, usage: Usage, ...kinds: ('usedTimes' | 'replyTimes' | 'possibleTimes')[]) {
  const has = (ruleId: string): boolean =>
    [...(usage.rules.get(ruleId)?.values() ?? [])].some((day) => kinds.some((kind) => day[kind] > 0));
  return new Set(inventory.rules.filter(({ ruleId }) => has(ruleId)).map(ruleContent));
}

test('what is used under an inventory alone is used, or possibly used, under its union with a later one', () => {
  let used = 0;
  for (const { seed, inventory, files, records, columns } of worldsOf(3000)) {
    const text = toText(records, columns);
    const before = inventoryOfFiles(files);
    const after = inventoryOfFiles(toFiles(later(inventory, new Random(seed))));
    const alone = contentsWith(before, countText(before, text), 'usedTimes', 'replyTimes');
    for (const union of [unite(before, after), unite(after, before)].map(withVersionedRules)) {
      const usage = countText(union, text);
      const together = contentsWith(union, usage, 'usedTimes', 'replyTimes', 'possibleTimes');
      expect([seed, ...alone].filter((content) => !together.has(content as string))).toEqual([seed]);
    }
    used += alone.size;
  }
  expect(used).toBeGreaterThan(WORLDS);
});
