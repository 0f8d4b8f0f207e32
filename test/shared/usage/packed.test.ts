import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addUsage } from '../../../shared/usage/merge.ts';
import { pack, unpack } from '../../../shared/usage/packed.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { countableWorld, crowd, wholeUsage } from './plain-usage.ts';

describe('what is packed is the same when it is unpacked', () => {
  test('a usage of any records, of which one thread hands the bytes to another', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seed) => {
        const { records, fold } = countableWorld(seed);
        const usage = fold(records);
        const unpacked = unpack(structuredClone(pack(usage)));
        expect(wholeUsage(unpacked)).toEqual(wholeUsage(usage));
        // In the same order: what is written must not depend on who counted it.
        expect([...unpacked.rules.keys()]).toEqual([...usage.rules.keys()]);
        // And one that more can be added to.
        const [sum, twice] = [unpacked, emptyUsage()];
        addUsage(sum, usage);
        addUsage(twice, usage);
        addUsage(twice, usage);
        expect(wholeUsage(sum)).toEqual(wholeUsage(twice));
      }),
      { numRuns: 100 },
    );
  });

  test('samples of which more came than are kept', () => {
    const usage = crowd(Array.from({ length: 9000 }, (_, i) => i));
    expect(wholeUsage(unpack(pack(usage)))).toEqual(wholeUsage(usage));
  });

  test('any numbers, texts and lists', () => {
    const value = fc.letrec((tie) => ({
      one: fc.oneof(
        fc.double(),
        fc.maxSafeInteger(),
        fc.nat(500),
        fc.string(),
        fc.boolean(),
        fc.constant(undefined),
        fc.array(tie('one'), { maxLength: 5 }),
        fc.array(tie('one'), { maxLength: 5 }).map((all) => new Set(all)),
        fc.array(fc.tuple(tie('one'), tie('one')), { maxLength: 5 }).map((all) => new Map(all)),
        fc.record({ a: tie('one'), b: tie('one') }, { noNullPrototype: true }),
        fc.record({ b: tie('one'), a: tie('one') }, { noNullPrototype: true }),
      ),
    })).one;
    fc.assert(
      fc.property(value, (one) => {
        expect(unpack(pack(one))).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });
});

test('anything else is refused', () => {
  for (const one of [null, 1n, Symbol('a'), () => 1, new Date(0)])
    expect(() => pack(one)).toThrow('not of a kind that can be packed');
});
