import { expect, test } from '@jest/globals';
import { inventoryOf } from '../inventory/aws-shorthand.ts';
import { Ages } from '../../../shared/verdicts/ages.ts';

test.each<[why: string, known: readonly (readonly [string, number])[], since: number | undefined]>([
  ['nobody has seen anything: who vouches is believed', [], 7],
  ['it was in the first snapshot: it may be older, as old as is vouched', [['sgr-1@a', 100]], 7],
  [
    'it came later',
    [
      ['sgr-2@b', 100],
      ['sgr-1@a', 200],
    ],
    200,
  ],
  ['no snapshot shows it', [['sgr-2@b', 100]], 1000],
  ['no snapshot shows it, though the first was taken at that very second', [['sgr-2@b', 1000]], 1000],
])('%s', (_, known, since) => {
  const ages = new Ages();
  ages.add({ contents: new Map(known), entries: new Map() });
  expect(ages.ageOf('a', 7, 1000)?.since).toBe(since);
});

test('the newest entry of a list that is known decides', () => {
  const inventory = inventoryOf({
    prefixLists: [{ PrefixListId: 'pl-1' }],
    entries: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16'] },
  });
  const ages = new Ages();
  expect(ages.newestEntryOf(inventory, 'pl-1', undefined, 1000)).toBeUndefined();
  expect(ages.newestEntryOf(inventory, 'pl-1', 7, 1000)).toBe(7);
  ages.add({ contents: new Map([['sgr-1@a', 100]]), entries: new Map([['pl-1 10.1.0.0/16', 100]]) });
  expect(ages.newestEntryOf(inventory, 'pl-1', undefined, 1000)).toBe(1000);
  ages.add({ contents: new Map(), entries: new Map([['pl-1 10.2.0.0/16', 300]]) });
  expect(ages.newestEntryOf(inventory, 'pl-1', undefined, 1000)).toBe(300);
  expect(ages.newestEntryOf(inventory, 'pl-2', undefined, 1000)).toBeUndefined();
});
