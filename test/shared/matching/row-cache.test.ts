import { expect, test } from '@jest/globals';
import type { Address } from '../../../shared/addresses/address.ts';
import { RowCache } from '../../../shared/matching/row-cache.ts';
import type { Direction } from '../../../shared/protocols.ts';
import { Random } from '../../oracle/random.ts';

test('it forgets, and is never wrong: about peers, sets, protocols, directions and times', () => {
  const random = new Random(5);
  const cache = new RowCache();
  const rows = new Map<string, { readonly row: number; readonly since: number }>();
  let hits = 0;
  for (let i = 1; i <= 60_000; i++) {
    const family = random.pick([4, 6] as const);
    const word = (): number =>
      random.between(0, 2) === 0 ? random.between(0, 2) : random.between(0, 1023) << random.between(0, 19);
    // Of what makes two peers others, one thing at a time is drawn from many: some of them fall on one place.
    const many = random.pick(['w0', 'w3', 'set'] as const);
    const w3 = family === 4 ? 0 : many === 'w3' ? random.between(0, 5000) : random.between(0, 2);
    const [w1, w2] = family === 4 ? [0, 0] : [random.between(0, 1), random.between(0, 1)];
    const peer: Address = { family, w0: many === 'w0' ? word() : random.between(1, 2), w1, w2, w3 };
    const set = many === 'set' ? random.between(0, 5000) : random.between(0, 1);
    const protocol = random.pick([6, 17]);
    const direction = random.pick<Direction>(['ingress', 'egress']);
    const name = (to: Direction): string => [set, protocol, to, family, peer.w0, w1, w2, w3].join();
    const time = random.between(0, 299);
    for (const to of ['ingress', 'egress'] as const) {
      const known = rows.get(name(to));
      const found = cache.get(set, to, protocol, peer, time);
      if (found === 0) continue;
      hits++;
      expect(known && time >= known.since ? known.row : 0).toBe(found);
    }
    if (rows.has(name(direction))) continue;
    const since = random.pick([-Infinity, 100, 200]);
    cache.set(set, direction, protocol, peer, since, i);
    rows.set(name(direction), { row: i, since });
    expect([0, i]).toContain(cache.get(set, direction, protocol, peer, 200));
  }
  expect(hits).toBeGreaterThan(1000);
});

test('what was asked for last is known, from when on it holds', () => {
  const cache = new RowCache();
  const peer: Address = { family: 4, w0: 7, w1: 0, w2: 0, w3: 0 };
  cache.set(3, 'ingress', 6, peer, 100, 11);
  expect([99, 100, 101].map((time) => cache.get(3, 'ingress', 6, peer, time))).toEqual([0, 11, 11]);
  cache.set(3, 'egress', 6, peer, -Infinity, 12);
  expect([99, 100].map((time) => cache.get(3, 'egress', 6, peer, time))).toEqual([0, 12]);
  expect([99, 100].map((time) => cache.get(3, 'ingress', 6, peer, time))).toEqual([0, 11]);
});

test('a group set whose number does not fit is not kept', () => {
  const cache = new RowCache();
  const peer: Address = { family: 4, w0: 7, w1: 0, w2: 0, w3: 0 };
  for (const [set, found] of [
    [2 ** 22 - 2, 5],
    [2 ** 22 - 1, 0],
    [2 ** 23 - 1, 0],
  ] as const) {
    cache.set(set, 'ingress', 6, peer, 0, 5);
    expect(cache.get(set, 'ingress', 6, peer, 1)).toBe(found);
  }
});
