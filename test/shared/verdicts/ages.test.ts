import { describe, expect, test } from '@jest/globals';
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

describe('what the account remembers', () => {
  const told = (since: number, atLeast: boolean): Ages => {
    const ages = new Ages();
    ages.addPast({ ages: new Map([['a', { since, atLeast, source: 'cloudtrail' }]]) });
    return ages;
  };

  test('a birth is believed, though a snapshot shows the thing before, and whoever vouches', () => {
    const ages = told(300, false);
    ages.add({ contents: new Map([['sgr-1@a', 100]]), entries: new Map() });
    expect(ages.ageOf('a', 7, 1000)).toEqual({ since: 300, atLeast: false, source: 'cloudtrail' });
    expect(told(Infinity, false).ageOf('a', 7, 1000)?.since).toBe(1000);
  });

  test('what is at least so old may be older: as old as the first snapshot, or as is vouched', () => {
    expect(told(300, true).ageOf('a', undefined, 1000)).toEqual({ since: 300, atLeast: true, source: 'cloudtrail' });
    expect(told(300, true).ageOf('a', 7, 1000)).toEqual({ since: 7, atLeast: false, source: 'person' });
    const ages = told(300, true);
    ages.add({ contents: new Map([['sgr-1@a', 100]]), entries: new Map() });
    expect(ages.ageOf('a', undefined, 1000)).toEqual({ since: 100, atLeast: false, source: 'snapshot' });
  });

  test('what the first snapshot does not show was not there before, silence or not', () => {
    const ages = told(50, true);
    ages.add({ contents: new Map([['sgr-2@b', 100]]), entries: new Map() });
    ages.add({ contents: new Map([['sgr-1@a', 200]]), entries: new Map() });
    expect(ages.ageOf('a', undefined, 1000)).toEqual({ since: 200, atLeast: false, source: 'snapshot' });
  });
});
