import { describe, expect, test } from '@jest/globals';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { addPeer, emptyRuleDay, emptyUsage, FATES, PEERS_KEPT, ruleDay } from '../../../shared/usage/usage.ts';

function peersOf(...texts: string[]): string[] {
  const { peers } = emptyRuleDay();
  for (const text of texts) addPeer(peers, parseAddress(text)!);
  return peers
    .entries()
    .map(([, prefix]) => prefix)
    .sort();
}

describe('peers', () => {
  test.each<[why: string, texts: string[], prefixes: string[]]>([
    ['an address counts as its /24', ['203.0.113.9'], ['203.0.113.0/24']],
    ['all addresses of a /24 are one', ['203.0.113.0', '203.0.113.255', '203.0.113.7'], ['203.0.113.0/24']],
    ['neighbours are two', ['203.0.113.255', '203.0.114.0'], ['203.0.113.0/24', '203.0.114.0/24']],
    ['IPv6 counts as its /64', ['2001:db8::1', '2001:db8::ffff:ffff:ffff:ffff'], ['2001:db8::/64']],
    ['neighbours of IPv6 are two', ['2001:db8::1', '2001:db8:0:1::1'], ['2001:db8:0:1::/64', '2001:db8::/64']],
    ['the highest /24', ['255.255.255.255'], ['255.255.255.0/24']],
    ['families do not meet', ['0.0.0.1', '::1'], ['0.0.0.0/24', '::/64']],
  ])('%s', (_why, texts, prefixes) => {
    expect(peersOf(...texts)).toEqual(prefixes);
  });

  test('are counted exactly as far as they are kept, and estimated beyond', () => {
    const { peers } = emptyRuleDay();
    const add = (i: number): void => {
      addPeer(peers, parseAddress(`10.${i >> 8}.${i & 255}.1`)!);
    };
    for (let i = 0; i < PEERS_KEPT; i++) add(i);
    expect(peers.distinct).toBe(PEERS_KEPT);
    for (let i = 0; i < 20_000; i++) add(i);
    expect(peers.distinct).toBeGreaterThan(20_000 * 0.4);
    expect(peers.distinct).toBeLessThan(20_000 * 1.9);
    expect(peers.entries()).toHaveLength(PEERS_KEPT);
  });
});

describe('usage', () => {
  test('starts with nothing', () => {
    const usage = emptyUsage();
    expect(Object.keys(usage.fates)).toEqual(FATES);
    expect(FATES.reduce((sum, fate) => sum + usage.fates[fate], 0)).toBe(0);
    expect([usage.firstEnd, usage.lastEnd, usage.rules.size, usage.rejected.distinct]).toEqual([-1, -1, 0, 0]);
  });

  test('has one place for each rule and day', () => {
    const usage = emptyUsage();
    ruleDay(usage, 'sgr-1', 5).usedTimes++;
    ruleDay(usage, 'sgr-1', 5).usedTimes++;
    ruleDay(usage, 'sgr-1', 6).usedTimes++;
    ruleDay(usage, '__proto__', 5).usedTimes++;
    const found = [...usage.rules].flatMap(([id, days]) => [...days].map(([day, one]) => [id, day, one.usedTimes]));
    expect(found).toEqual([
      ['sgr-1', 5, 2],
      ['sgr-1', 6, 1],
      ['__proto__', 5, 1],
    ]);
  });
});
