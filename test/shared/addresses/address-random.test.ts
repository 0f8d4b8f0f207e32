import { BlockList } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  formatAddress,
  formatPrefix,
  hostPrefix,
  maskAddress,
  parseAddress,
  parsePrefix,
  prefixContains,
  sameAddress,
} from '../../../shared/addresses/address.ts';
import { reference, referenceText, words, type Reference } from './reference.ts';

const RUNS = { numRuns: 3000, seed: 11 };
const bits = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** Groups are often 0, so that there are runs to shorten. */
const group = fc.oneof(fc.constant(0), fc.constantFrom(1, 0x7fff, 0x8000, 0xffff), fc.integer({ min: 0, max: 0xffff }));
const someAddress = fc
  .oneof(
    fc.tuple(fc.constant(4 as const), fc.array(group, { minLength: 2, maxLength: 2 })),
    fc.tuple(fc.constant(6 as const), fc.array(group, { minLength: 8, maxLength: 8 })),
  )
  .map(([family, groups]): Reference => ({
    family,
    value: groups.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n),
  }));

/** Texts near to addresses: pieces of them in any order, and addresses with a piece cut out or put in. */
const piece = fc.constantFrom(
  ...['0', '1', '9', '00', '10', '255', '256', '1234', '12345', 'a', 'F', 'ffff', 'g', '%', ' '],
);
const mark = fc.constantFrom('.', ':', '::', ':::', '', '.', ':');
const pieces = fc.array(fc.tuple(piece, mark), { maxLength: 9 }).map((parts) => parts.flat().join(''));
const spoiled = fc.tuple(someAddress, fc.nat(45), fc.nat(4), fc.oneof(piece, mark)).map(([address, at, cut, put]) => {
  const text = referenceText(address);
  return text.slice(0, at) + put + text.slice(at + cut);
});

describe('as node:net, the URL parser and BigInt have it', () => {
  test('an address', () => {
    fc.assert(
      fc.property(someAddress, (address) => {
        const text = referenceText(address);
        expect(parseAddress(text)).toEqual(words(address));
        expect(formatAddress(words(address))).toBe(text);
        expect(parseAddress(text.toUpperCase())).toEqual(words(address));
      }),
      RUNS,
    );
  });

  test('a text that may be one', () => {
    let addresses = 0;
    fc.assert(
      fc.property(fc.oneof(pieces, spoiled), (text) => {
        const expected = reference(text);
        if (expected) addresses++;
        const found = parseAddress(text);
        const same = expected ? found && sameAddress(found, words(expected)) : found === undefined;
        if (!same) expect({ text, found }).toEqual({ text, found: expected && words(expected) });
      }),
      { ...RUNS, numRuns: 20_000 },
    );
    expect(addresses).toBeGreaterThan(1000);
  });

  test('a prefix and what is in it', () => {
    /** Near to the block: the address itself with one bit turned, or none. */
    const cases = fc.tuple(someAddress, fc.nat(128), fc.option(fc.nat(127)), someAddress);
    let inside = 0;
    fc.assert(
      fc.property(cases, ([address, longest, turned, other]) => {
        const { family, value } = address;
        const length = longest % (bits(family) + 1);
        const hostBits = BigInt(bits(family) - length);
        const first = { family, value: (value >> hostBits) << hostBits };
        const block = parsePrefix(`${referenceText(address)}/${length}`)!;
        expect(block).toEqual({ address: words(first), length });
        expect(maskAddress(words(address), length)).toEqual(words(first));
        expect(formatPrefix(block)).toBe(`${referenceText(first)}/${length}`);

        const list = new BlockList();
        list.addSubnet(referenceText(first), length, `ipv${family}`);
        const near = turned === null ? address : { family, value: value ^ (1n << BigInt(turned % bits(family))) };
        for (const each of [near, other]) {
          // BlockList takes ::ffff:a.b.c.d for the IPv4 address; a security group does not.
          if (each.family !== family) {
            expect(prefixContains(block, words(each))).toBe(false);
            continue;
          }
          const expected = list.check(referenceText(each), `ipv${each.family}`);
          if (expected) inside++;
          expect(prefixContains(block, words(each))).toBe(expected);
        }
      }),
      RUNS,
    );
    expect(inside).toBeGreaterThan(500);
    expect(inside).toBeLessThan(2 * RUNS.numRuns - 500);
  });

  test('the block of a host holds it and no other', () => {
    fc.assert(
      fc.property(someAddress, someAddress, (one, other) => {
        const same = one.family === other.family && one.value === other.value;
        expect(prefixContains(hostPrefix(words(one)), words(one))).toBe(true);
        expect(prefixContains(hostPrefix(words(one)), words(other))).toBe(same);
        expect(sameAddress(words(one), words(other))).toBe(same);
      }),
      RUNS,
    );
  });
});
