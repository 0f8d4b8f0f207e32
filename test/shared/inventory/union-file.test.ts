import { expect, test } from '@jest/globals';
import { readUnion, unionText } from '../../../shared/inventory/union-file.ts';
import { unite } from '../../../shared/inventory/union.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { randomWorld } from '../../oracle/random-world.ts';
import { inventoryOf } from './aws-shorthand.ts';

test.each(Array.from({ length: 30 }, (_, seed) => seed + 1))('what is read is what was written: world %i', (seed) => {
  const [older, newer] = [seed, seed + 100].map((one) => inventoryOfFiles(randomWorld(one).files));
  const union = unite(older!, newer!);
  expect(union.rules.length).toBeGreaterThan(0);
  expect(readUnion(unionText(union))).toEqual(union);
});

test('a flow log whose beginning is unknown stays so, and no list of them is none', () => {
  const log = { FlowLogId: 'fl-1', ResourceId: 'vpc-1', CreationTime: 'no time', TrafficType: 'ALL' };
  const inventory = inventoryOf({ flowLogs: [log] });
  expect(inventory.flowLogs?.[0]?.createdAt).toBe(Infinity);
  expect(readUnion(unionText(inventory))).toEqual(inventory);
  const without = { ...inventory, flowLogs: undefined };
  expect(readUnion(unionText(without))?.flowLogs).toBeUndefined();
});

test('of another version there is none', () => {
  expect(readUnion('{"version":2}')).toBeUndefined();
});
