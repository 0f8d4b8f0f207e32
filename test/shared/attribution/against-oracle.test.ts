import { describe, expect, test } from '@jest/globals';
import { asOracleResult, countText, inventoryOfFiles } from '../../oracle/core.ts';
import { oracleUsage } from '../../oracle/oracle.ts';
import { randomWorld, toText } from '../../oracle/random-world.ts';

/** Worlds of each size: many small ones for odd corners, some large ones for deep nesting and crowded groups. */
const SIZES = [
  { worlds: 150, recordCount: 80, maxRules: 40 },
  { worlds: 20, recordCount: 400, maxRules: 200 },
];

describe.each(SIZES)('$worlds random worlds of $recordCount records and up to $maxRules rules', (size) => {
  test('every figure is what the brute-force oracle says', () => {
    let records = 0;
    for (let seed = 1; seed <= size.worlds; seed++) {
      const world = randomWorld(seed * 1000 + size.maxRules, size);
      const inventory = inventoryOfFiles(world.files);
      const usage = countText(inventory, toText(world.records, world.columns));
      const said = { seed, ...asOracleResult(inventory, usage) };
      expect(said).toEqual({ seed, ...oracleUsage(world.inventory, world.records) });
      records += world.records.length;
    }
    console.log(`${String(records)} records in ${String(size.worlds)} worlds: program and oracle agree`);
  });
});
