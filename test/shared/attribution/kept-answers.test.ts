/** What the rules said is kept when sums are written out, as long as it takes little memory. */
import { expect, test } from '@jest/globals';
import { Attribution } from '../../../shared/attribution/attribution.ts';
import { noDuplicates } from '../../../shared/attribution/duplicate-log.ts';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { emptyRecord } from '../../../shared/flowlogs/record.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { toFiles } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';

/** Each interface is of a group of its own, which names the next one. */
function meshOf(size: number): Attribution {
  const numbers = Array.from({ length: size }, (_, n) => n);
  const rules = numbers.flatMap((n) =>
    ['in', 'out'].map((way) => `${way}${String(n)} sg-${String(n)} ${way} tcp 443 sg-${String((n + 1) % size)}`),
  );
  const interfaces = numbers.map((n) => `eni-${String(n)} vpc-1 sg-${String(n)} 10.1.0.${String(n)}`);
  const groups = Object.fromEntries(numbers.map((n) => [`sg-${String(n)}`, 'vpc-1']));
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules, interfaces, groups })));
  const attribution = new Attribution(new CompiledInventory(inventory), emptyUsage());
  const addresses = numbers.map((n) => parseAddress(`10.1.0.${String(n)}`)!);
  for (const [n, destination] of addresses.entries()) {
    for (const source of addresses) {
      const record = { ...emptyRecord(), interfaceId: `eni-${String(n)}`, source, destination, protocol: 6 };
      const ports = { sourcePort: 50_000, destinationPort: 443, direction: 'ingress' as const };
      attribution.add({ ...record, ...ports }, { flowLogId: undefined, isDuplicate: noDuplicates });
    }
  }
  attribution.settle();
  return attribution;
}

test('those of a few peers are, unless many share the memory', () => {
  const attribution = meshOf(10);
  const held = attribution.answers;
  expect(held).toBeGreaterThan(200);
  attribution.finish();
  expect(attribution.answers).toBe(held);
  attribution.finish(1000);
  expect(attribution.answers).toBe(0);
});

test('those of many peers are not, although the rules say the same of all', () => {
  const attribution = meshOf(110);
  expect(attribution.answers).toBeGreaterThan(2 * 110 * 110);
  attribution.finish();
  expect(attribution.answers).toBe(0);
});
