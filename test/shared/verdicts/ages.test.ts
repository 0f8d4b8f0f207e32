import { expect, test } from '@jest/globals';
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
  ages.add({ contents: new Map(known) });
  expect(ages.sinceOf('a', 7, 1000)).toBe(since);
});
