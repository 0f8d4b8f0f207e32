import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addUsage } from '../../../shared/usage/merge.ts';
import { emptyUsage, REJECTED_KEPT, type Usage } from '../../../shared/usage/usage.ts';
import { countableWorld, crowd, wholeUsage } from './plain-usage.ts';

function sumOf(usages: readonly Usage[]): Usage {
  const sum = emptyUsage();
  for (const usage of usages) addUsage(sum, usage);
  return sum;
}

/** `things` dealt to as many parts as the largest number in `deal` says, and a little more. */
function dealt<T>(things: readonly T[], deal: readonly number[]): T[][] {
  const parts = Array.from({ length: Math.max(...deal) + 1 }, (): T[] => []);
  things.forEach((thing, i) => parts[deal[i % deal.length]!]!.push(thing));
  return parts;
}

const deals = fc.array(fc.nat(5), { minLength: 1, maxLength: 40 });

describe('parts counted apart and added up', () => {
  test('are the whole, however the records are split and in whatever order the parts come', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), deals, fc.boolean(), (seed, deal, backwards) => {
        const { records, fold } = countableWorld(seed);
        const parts = dealt(records, deal).map((part) => fold(part));
        if (backwards) parts.reverse();
        expect(wholeUsage(sumOf(parts))).toEqual(wholeUsage(fold(records)));
      }),
      { numRuns: 100 },
    );
  });

  test('are the whole where there is more than is kept: flows kept on both sides add up, samples stay the smallest', () => {
    const numbers = Array.from({ length: 15_000 }, (_, i) => (i * 7919) % 15_000);
    const whole = crowd(numbers);
    expect([whole.rejected.entries().length, whole.rejected.distinct > REJECTED_KEPT]).toEqual([REJECTED_KEPT, true]);
    expect(Math.max(...whole.rejected.entries().map(([, { times }]) => times))).toBeGreaterThan(1);
    fc.assert(
      fc.property(deals, fc.boolean(), (deal, backwards) => {
        const parts = dealt(numbers, deal).map(crowd);
        if (backwards) parts.reverse();
        expect(wholeUsage(sumOf(parts))).toEqual(wholeUsage(whole));
      }),
      { numRuns: 10 },
    );
  });

  test('may be added up in groups', () => {
    const { records, fold } = countableWorld(7);
    const [a, b, c] = dealt(records, [0, 1, 2]).map((part) => fold(part));
    expect(wholeUsage(sumOf([a!, sumOf([b!, c!])]))).toEqual(wholeUsage(sumOf([sumOf([c!, a!]), b!])));
  });
});

test('what is added stays as it is, also when more is added to the sum later', () => {
  const usage = countableWorld(3).fold(countableWorld(3).records);
  const before = wholeUsage(usage);
  const sum = sumOf([usage, usage]);
  addUsage(sum, usage);
  expect(wholeUsage(usage)).toEqual(before);
  expect(sum.fates.attributed).toBe(3 * usage.fates.attributed);
});
