import { describe, expect, test } from '@jest/globals';
import { hashOf, SmallestHashes, textHash } from '../../../shared/usage/smallest-hashes.ts';
import { PEERS_KEPT, REJECTED_KEPT } from '../../../shared/usage/usage.ts';

/** Whole numbers below 2^31, the same in every run (Lehmer's generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

function shuffled<T>(things: readonly T[], seed: number): T[] {
  const random = randomNumbers(seed);
  return things
    .map((thing) => ({ thing, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ thing }) => thing);
}

function sampleOf(things: Iterable<number>, limit: number): SmallestHashes<number> {
  const sample = new SmallestHashes<number>(limit);
  for (const thing of things) sample.keep(hashOf(thing), () => thing);
  return sample;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** By definition: the distinct things with the smallest hashes. */
function smallestOf(things: readonly number[], limit: number): [number, number][] {
  const byHash = [...new Set(things)].map((thing): [number, number] => [hashOf(thing), thing]);
  return byHash.sort(([a], [b]) => a - b).slice(0, limit);
}

describe('what is kept', () => {
  test.each([
    [1, 5],
    [2, 200],
    [7, 7],
    [8, 7],
    [32, 1000],
    [100, 5000],
  ])('of many, the %d with the smallest hashes, in their order: %d things', (limit, count) => {
    const things = upTo(count);
    expect(sampleOf(things, limit).entries()).toEqual(smallestOf(things, limit));
  });

  test('does not depend on the order of things, nor on how often each comes', () => {
    const things = upTo(500);
    const once = sampleOf(things, 32);
    for (let seed = 1; seed <= 20; seed++) {
      const often = shuffled([...things, ...things, ...things.slice(0, 100 * (seed % 5))], seed);
      const sample = sampleOf(often, 32);
      expect(sample.entries()).toEqual(once.entries());
      expect(sample.distinct).toBe(once.distinct);
    }
  });

  test('is there from the first time: what is gathered in it is exact', () => {
    const random = randomNumbers(7);
    const things = Array.from({ length: 20_000 }, () => random() % 300);
    const sample = new SmallestHashes<{ thing: number; times: number }>(16);
    for (const thing of things) {
      const kept = sample.keep(hashOf(thing), () => ({ thing, times: 0 }));
      if (kept) kept.times++;
    }
    expect(sample.entries()).toHaveLength(16);
    for (const [, { thing, times }] of sample.entries()) {
      expect(times).toBe(things.filter((one) => one === thing).length);
    }
  });

  test('a thing is made once, and not at all where it is not kept', () => {
    const sample = new SmallestHashes<string>(2);
    const made: string[] = [];
    const keep = (hash: number, name: string): string | undefined =>
      sample.keep(hash, () => {
        made.push(name);
        return name;
      });
    expect([keep(30, 'c'), keep(20, 'b'), keep(30, 'again'), keep(40, 'd'), keep(10, 'a'), keep(30, 'c')]).toEqual([
      ...['c', 'b', 'c', undefined, 'a', undefined],
    ]);
    expect(made).toEqual(['c', 'b', 'a']);
    expect(sample.entries()).toEqual([
      [10, 'a'],
      [20, 'b'],
    ]);
  });
});

describe('how many there were', () => {
  test.each([0, 1, 2, 31, 32])('%d of at most 32: exact', (count) => {
    expect(sampleOf([...upTo(count), ...upTo(count)], 32).distinct).toBe(count);
  });

  test('one more than are kept is known to be more', () => {
    for (let first = 0; first < 200; first++) {
      const things = Array.from({ length: 33 }, (_, i) => first * 1000 + i);
      expect(sampleOf(things, 32).distinct).toBeGreaterThanOrEqual(33);
    }
  });

  test.each([
    [10_000, REJECTED_KEPT],
    [100_000, REJECTED_KEPT],
    [1_000_000, REJECTED_KEPT],
    [10_000, 1024],
  ])('%d, of which %d are kept: within four standard errors', (count, limit) => {
    const { distinct } = sampleOf(upTo(count), limit);
    expect(Math.abs(distinct - count) / count).toBeLessThan(4 / Math.sqrt(limit));
  });

  test('over many small samples the errors even out', () => {
    const estimates = Array.from({ length: 200 }, (_, round) => {
      const things = Array.from({ length: 1000 }, (__, i) => round * 1_000_000 + i);
      return sampleOf(things, PEERS_KEPT).distinct;
    });
    const mean = estimates.reduce((sum, one) => sum + one, 0) / estimates.length;
    const spread = Math.sqrt(estimates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / estimates.length);
    // Theory: mean 1000, spread 1000 / sqrt(32 - 2) = 183; the mean of 200 is off by 13 as a rule.
    expect(Math.abs(mean - 1000)).toBeLessThan(45);
    expect(spread).toBeGreaterThan(120);
    expect(spread).toBeLessThan(250);
  });
});

describe('two samples put together', () => {
  test.each<[why: string, a: number[], b: number[]]>([
    ['apart', upTo(500), upTo(1000).slice(500)],
    ['overlapping', upTo(600), upTo(900).slice(300)],
    ['one in the other', upTo(900), upTo(300)],
    ['both small', upTo(10), upTo(20).slice(5)],
    ['small into large', upTo(900), [5000, 5001]],
    ['large into small', [5000, 5001], upTo(900)],
    ['nothing', upTo(100), []],
    ['into nothing', [], upTo(100)],
    ['just full, the same', upTo(32), upTo(32)],
    ['just too many together', upTo(32), [99_999]],
  ])('%s: as if all had come to one', (_why, a, b) => {
    const merged = sampleOf(a, 32);
    merged.merge(sampleOf(b, 32));
    const all = sampleOf([...a, ...b], 32);
    expect(merged.entries()).toEqual(all.entries());
    expect(merged.distinct).toBe(all.distinct);
  });

  test('leave the other as it was', () => {
    const other = sampleOf(upTo(100), 32);
    const before = other.entries();
    sampleOf(upTo(1000), 32).merge(other);
    expect([other.entries(), other.distinct]).toEqual([before, sampleOf(upTo(100), 32).distinct]);
  });
});

describe('the hash', () => {
  test('is a whole number of 53 bits, and the same for the same words', () => {
    for (let i = 0; i < 1000; i++) {
      const hash = hashOf(i, -i, i * 65_537);
      expect(Number.isSafeInteger(hash) && hash >= 0 && hash < 2 ** 53).toBe(true);
      expect(hash).toBe(hashOf(i, -i, i * 65_537));
    }
  });

  test('stays what it is: samples of different days and versions are put together', () => {
    expect([hashOf(0), hashOf(4, 0x0a00_0000), hashOf(-1, 1 << 31, 7)]).toEqual([
      ...[1_421_186_802_564_696, 3_238_645_792_907_421, 6_025_460_488_765_019],
    ]);
    expect(textHash('eni-0a1b2c3d4e5f60001')).toBe(638_750_881);
  });

  test('depends on each word, on their order and their number', () => {
    const hashes = [[], [0], [0, 0], [1], [1, 0], [0, 1], [2, 1], [1, 2], [-1], [1 << 31]].map((words) =>
      hashOf(...words),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  /** Kinds of words as they are hashed here; each must look random in every part of the hash. */
  const KINDS: readonly (readonly [string, (i: number) => number[]])[] = [
    ['numbers in a row', (i) => [i]],
    ['/24s in a row, as signed words', (i) => [4, (0x0a00_0000 + i * 256) | 0]],
    ['/24s with the sign bit', (i) => [4, (0xc0a8_0000 + i * 256) | 0]],
    ['/64s in a row', (i) => [6, 0x2001_0db8, i]],
    ['/48s in a row', (i) => [6, 0x2001_0db8, i << 16]],
    ['ports of one peer', (i) => [textHash('eni-0a1b2c3d4e5f60001 '), 1, 6, i & 65_535, 4, i >> 16, 0, 0, 0]],
    ['interface ids', (i) => [textHash(`eni-${i.toString(16).padStart(17, '0')}`)]],
  ];
  const COUNT = 32_768;

  test.each(KINDS)('gives %s hashes of their own, spread evenly over high bits and low', (_kind, wordsOf) => {
    const hashes = upTo(COUNT).map((i) => hashOf(...wordsOf(i)));
    expect(new Set(hashes).size).toBe(COUNT);
    const buckets = {
      high: new Array<number>(256).fill(0),
      middle: new Array<number>(256).fill(0),
      low: new Array<number>(256).fill(0),
    };
    for (const hash of hashes) {
      buckets.high[Math.floor(hash / 2 ** 45)]!++;
      buckets.middle[Math.floor(hash / 2 ** 21) % 256]!++;
      buckets.low[hash % 256]!++;
    }
    const expected = COUNT / 256;
    for (const counts of [buckets.high, buckets.middle, buckets.low]) {
      const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 255 degrees of freedom: mean 255, spread 22.6; too even would be as suspicious.
      expect(chiSquared).toBeGreaterThan(140);
      expect(chiSquared).toBeLessThan(390);
    }
  });

  test('turns about half of its bits where one bit of a word turns', () => {
    const random = randomNumbers(3);
    for (let bit = 0; bit < 32; bit++) {
      let turned = 0;
      for (let round = 0; round < 200; round++) {
        const word = random();
        const a = BigInt(hashOf(4, word));
        const b = BigInt(hashOf(4, word ^ (1 << bit)));
        turned += (a ^ b).toString(2).replaceAll('0', '').length;
      }
      expect([bit, Math.abs(turned / 200 - 26.5) < 4]).toEqual([bit, true]);
    }
  });
});

test('what is dropped above a hash is gone, known to have been there, and never comes before what is kept', () => {
  const sample = new SmallestHashes<string>(4);
  for (const hash of [40, 10, 30]) sample.keep(hash, () => `at ${hash}`);
  expect([sample.size, sample.overflowed, sample.has(30), sample.has(20)]).toEqual([3, false, true, false]);
  sample.dropAbove(30);
  expect([sample.size, sample.overflowed]).toEqual([2, true]);
  expect(sample.entries()).toEqual([
    [10, 'at 10'],
    [30, 'at 30'],
  ]);
  const untouched = new SmallestHashes<string>(4);
  untouched.keep(30, () => 'at 30');
  untouched.dropAbove(30);
  expect([untouched.size, untouched.overflowed]).toEqual([1, false]);
});

/** The same in one list, which is copied at every step. */
class PlainSmallest {
  kept: { hash: number; times: number }[] = [];
  overflowed = false;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  keep(hash: number, times = 0): { hash: number; times: number } {
    const next = this.kept.findIndex((one) => one.hash >= hash);
    const at = next < 0 ? this.kept.length : next;
    if (this.kept[at]?.hash === hash) return this.kept[at];
    const made = { hash, times };
    this.cut(this.kept.toSpliced(at, 0, made).slice(0, this.limit), this.kept.length + 1);
    return made;
  }

  cut(kept: { hash: number; times: number }[], before: number): void {
    this.kept = kept;
    if (kept.length < before) this.overflowed = true;
  }

  get bound(): number | undefined {
    return this.kept[this.limit - 1]?.hash;
  }
}

test.each([1, 2, 3, 7, 32, 600])('whatever is done to it, it says what a plain list says: %d', (limit) => {
  const random = randomNumbers(1 + limit);
  const below = (end: number): number => random() % end;
  for (let round = 0; round < (limit > 100 ? 6 : 60); round++) {
    // In a row, and of all 53 bits.
    const unit = [1, hashOf(round)][round % 2]!;
    const hashes = Array.from({ length: 1 + below(6 * limit) }, (_, i) => (i * unit) % 2 ** 53);
    const pick = (): number => hashes[below(hashes.length)]!;
    const pair = [new SmallestHashes<{ hash: number; times: number }>(limit), new PlainSmallest(limit)] as const;
    const keepSome = ([sample, sorted]: typeof pair, count: number): void => {
      for (let i = 0; i < count; i++) {
        const hash = pick();
        const kept = sample.keep(hash, () => ({ hash, times: 0 }));
        if (kept) kept.times++;
        else expect([hash, sample.wants(hash)]).toEqual([hash, false]);
        sorted.keep(hash).times++;
      }
    };
    for (let step = 0; step < 20; step++) {
      const [sample, sorted] = pair;
      const what = below(12);
      if (what < 9) keepSome(pair, below(3 * limit));
      else if (what === 9) {
        const other = [new SmallestHashes<{ hash: number; times: number }>(limit), new PlainSmallest(limit)] as const;
        keepSome(other, below(3 * limit));
        sample.merge(other[0]);
        if (other[1].overflowed) sorted.overflowed = true;
        for (const { hash, times } of other[1].kept) sorted.keep(hash, times);
      } else if (what === 10) {
        const most = pick();
        sample.dropAbove(most);
        sorted.cut(
          sorted.kept.filter(({ hash }) => hash <= most),
          sorted.kept.length,
        );
      } else if (step > 15) {
        sample.noteOverflow();
        sorted.overflowed = true;
      }
      const { bound, overflowed, kept } = sorted;
      expect([sample.size, sample.overflowed, sample.bound]).toEqual([kept.length, overflowed, bound]);
      expect(sample.entries()).toEqual(kept.map((one) => [one.hash, one]));
      const asked = pick();
      const isKept = kept.some(({ hash }) => hash === asked);
      if (isKept || asked < (bound ?? Infinity)) expect(sample.wants(asked)).toBe(!isKept);
      expect([asked, sample.has(asked)]).toEqual([asked, isKept]);
    }
  }
});
