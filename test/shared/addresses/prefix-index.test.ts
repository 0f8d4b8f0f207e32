import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatPrefix, parseAddress, parsePrefix, prefixContains } from '../../../shared/addresses/address.ts';
import { PrefixIndex, type PrefixNode } from '../../../shared/addresses/prefix-index.ts';

const indexOf = (prefixes: readonly string[]): PrefixIndex => new PrefixIndex(prefixes.map((one) => parsePrefix(one)!));

/** The node and all that hold it, the innermost first. */
function chainOf(node: PrefixNode): string[] {
  return [formatPrefix(node.prefix), ...(node.parent ? chainOf(node.parent) : [])];
}

const NESTED = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3/32', '192.0.2.0/24', '2001:db8::/32'];

describe('the innermost known prefix of an address, and all that hold it', () => {
  test.each<[address: string, chain: string[], why: string]>([
    ['10.1.2.3', ['10.1.2.3/32', '10.1.2.0/24', '10.1.0.0/16', '10.0.0.0/8', '0.0.0.0/0'], 'four, one in the other'],
    ['10.1.2.4', ['10.1.2.0/24', '10.1.0.0/16', '10.0.0.0/8', '0.0.0.0/0'], 'just behind the innermost'],
    ['10.1.3.0', ['10.1.0.0/16', '10.0.0.0/8', '0.0.0.0/0'], 'just behind the /24'],
    ['10.255.255.255', ['10.0.0.0/8', '0.0.0.0/0'], 'the last address is in it'],
    ['11.0.0.0', ['0.0.0.0/0'], 'the first one behind it is not'],
    ['0.0.0.0', ['0.0.0.0/0'], 'the first of all'],
    ['255.255.255.255', ['0.0.0.0/0'], 'the last of all'],
    ['2001:db8:ffff::1', ['2001:db8::/32', '::/0'], 'families are apart'],
    ['::a00:1', ['::/0'], 'the bits of 10.0.0.1 in the other family'],
  ])('%s: %j (%s)', (address, chain) => {
    expect(chainOf(indexOf(NESTED).find(parseAddress(address)!))).toEqual(chain);
  });

  test('reach the end of the address space', () => {
    const index = indexOf(['255.255.255.0/24', '255.255.255.255/32', 'ffff::/16']);
    expect(chainOf(index.find(parseAddress('255.255.255.255')!))[0]).toBe('255.255.255.255/32');
    expect(chainOf(index.find(parseAddress('255.255.255.254')!))[0]).toBe('255.255.255.0/24');
    expect(chainOf(index.find(parseAddress('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')!))[0]).toBe('ffff::/16');
  });

  test('are the ones a look at every prefix finds', () => {
    const few = fc.tuple(fc.nat(3), fc.nat(3), fc.integer({ min: 1, max: 32 }));
    fc.assert(
      fc.property(fc.array(few, { maxLength: 30 }), fc.nat(3), fc.nat(3), (all, a, b) => {
        const prefixes = all.map(([x, y, length]) => parsePrefix(`${64 * x}.0.0.${64 * y}/${length}`));
        const known = prefixes.filter((prefix) => prefix !== undefined);
        const address = parseAddress(`${64 * a}.0.0.${64 * b}`)!;
        const holding = known.filter((prefix) => prefixContains(prefix, address));
        const longest = holding.sort((one, other) => other.length - one.length)[0] ?? parsePrefix('0.0.0.0/0')!;
        expect(formatPrefix(new PrefixIndex(known).find(address).prefix)).toBe(formatPrefix(longest));
      }),
    );
  });
});

test('a prefix that it was built from has its node, the same for all its addresses; another has none', () => {
  const index = indexOf(NESTED);
  const node = index.nodeOf(parsePrefix('192.0.2.0/24')!);
  expect(index.find(parseAddress('192.0.2.7')!)).toBe(node);
  expect(index.find(parseAddress('192.0.2.8')!)).toBe(node);
  expect(index.nodeOf(parsePrefix('192.0.2.0/25')!)).toBeUndefined();
});
