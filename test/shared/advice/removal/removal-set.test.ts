import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { timesOrdinary } from '../../../meter.ts';
import {
  removalSet,
  type RemovalCandidate,
  type CoverSet,
  type Covers,
} from '../../../../shared/advice/removal/removal-set.ts';

/** `a b | a c @3`: members, keepers (the same if left out), last day (9 if left out). */
function setOf(text: string): CoverSet<string> {
  const [rules = '', day = '9'] = text.split('@');
  const [members = '', keepers = members] = rules.split('|');
  const words = (part: string): string[] => part.split(' ').filter((word) => word !== '');
  return { members: words(members), keepers: words(keepers), lastDay: Number(day) };
}

/** `a:3`: a candidate whose window begins on day 3 (0 if left out). */
function candidateOf(text: string): RemovalCandidate<string> {
  const [rule = '', day = '0'] = text.split(':');
  return { rule, firstDay: Number(day) };
}

const ALL: Covers<string> = () => true;

function chosen(candidates: string, sets: readonly string[], covers = ALL): string {
  const { removed } = removalSet(candidates.split(' ').map(candidateOf), sets.map(setOf), covers);
  return removed
    .map(({ rule, coveredBy }) => `${rule}${coveredBy.length > 0 ? `<${coveredBy.join(',')}` : ''}`)
    .join(' ');
}

describe('rules that go together', () => {
  test.each([
    ['a b', [], 'a b', 'in no set: nothing is lost'],
    ['a b', ['a b'], 'a<b', 'of two that cover each other the first goes'],
    ['b a', ['a b'], 'b<a', 'the first in the order given'],
    ['a b', ['a b c'], 'a<c b<c', 'both, where a third stays'],
    ['a b c', ['a b', 'b c', 'a c'], 'a<b,c', 'a ring: one goes, and needs both others'],
    ['a b', ['a b', 'a'], 'b<a', 'alone in some set: it stays, and so the other may go'],
    ['a', ['a b | a'], '', 'what covered it does not stand any more'],
    ['a b', ['a b c | c'], 'a<c b<c', 'what does not stand itself may go'],
    ['a:5', ['a @4'], 'a', 'seen alone before its window'],
    ['a:5', ['a @5'], '', 'on its first day'],
    ['a:5 b:0', ['a b @4'], 'a', 'outside of the window of the one, inside of that of the other: that one needs it'],
    ['b:0 a:5', ['a b @4'], 'b<a', 'the other way round'],
    ['a b', ['a | b'], 'a<b', 'named by a verdict alone, in no set of its own: it stays all the same'],
    ['a', ['a a b b'], 'a<b', 'named twice'],
  ])('%s, seen %j: %s go (%s)', (candidates, sets, says) => {
    expect(chosen(candidates, sets)).toBe(says);
  });

  test('a keeper must cover the rule that goes, not just be in its sets', () => {
    const covers: Covers<string> = (keeper, removed) => keeper === 'all' || keeper === removed;
    expect(chosen('t8 t3 all', ['t8 t3 all'], covers)).toBe('t8<all t3<all');
    expect(chosen('all t8 t3', ['t8 t3 all'], covers)).toBe('t8<all t3<all');
    expect(chosen('all t8 t3', ['t8 t3 all'])).toBe('all<t3 t8<t3');
  });

  test('what stays is told with a set that would have nothing left', () => {
    const { kept } = removalSet(['a', 'b', 'c'].map(candidateOf), ['a b', 'c'].map(setOf), ALL);
    expect(kept).toEqual([
      { rule: 'b', neededFor: setOf('a b') },
      { rule: 'c', neededFor: setOf('c') },
    ]);
  });
});

interface Instance {
  readonly candidates: readonly RemovalCandidate<number>[];
  readonly sets: readonly CoverSet<number>[];
  readonly covers: Covers<number>;
}

const RULES = 8;
const rules = fc.uniqueArray(fc.nat(RULES - 1), { maxLength: 5 });
const instance: fc.Arbitrary<Instance> = fc
  .record({
    order: fc.shuffledSubarray([...Array(RULES).keys()], { minLength: 0, maxLength: RULES }),
    firstDays: fc.array(fc.nat(3), { minLength: RULES, maxLength: RULES }),
    sets: fc.array(
      fc.record({
        members: rules,
        standing: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 }),
        others: fc.uniqueArray(fc.nat(RULES - 1), { maxLength: 2 }),
        lastDay: fc.nat(3),
      }),
      { maxLength: 8 },
    ),
    uncovered: fc.array(fc.tuple(fc.nat(RULES - 1), fc.nat(RULES - 1)), { maxLength: 10 }),
  })
  .map(({ order, firstDays, sets, uncovered }) => ({
    candidates: order.map((rule) => ({ rule, firstDay: firstDays[rule]! })),
    sets: sets.map(({ members, standing, others, lastDay }) => {
      return { members, lastDay, keepers: [...members.filter((_, i) => standing[i]! > 0), ...others] };
    }),
    covers: (keeper, removed) => !uncovered.some(([a, b]) => a === keeper && b === removed),
  }));

/** Written from the definition: for every rule that goes, every set of its window keeps one that covers it. */
function isSafe(gone: ReadonlySet<number>, { candidates, sets, covers }: Instance): boolean {
  for (const { rule, firstDay } of candidates) {
    if (!gone.has(rule)) continue;
    for (const set of sets) {
      if (!set.members.includes(rule) || set.lastDay < firstDay) continue;
      const left = set.keepers.filter((keeper) => !gone.has(keeper)).filter((keeper) => covers(keeper, rule, set));
      if (left.length === 0) return false;
    }
  }
  return true;
}

/** Of all safe subsets, the one that takes the earliest candidates: 1 before 0, candidate by candidate. */
function bestByBruteForce(one: Instance): number[] {
  const { candidates } = one;
  const subsets = Array.from({ length: 2 ** candidates.length }, (_, bits) => {
    return candidates.map(({ rule }) => rule).filter((_rule, i) => (bits & (1 << (candidates.length - 1 - i))) !== 0);
  });
  return subsets.findLast((subset) => isSafe(new Set(subset), one))!;
}

describe('against brute force over all subsets', () => {
  let several = 0;
  let held = 0;
  test('of all safe subsets it is the first in the order of the candidates, and nothing can be added', () => {
    fc.assert(
      fc.property(instance, (one) => {
        const { removed, kept } = removalSet(one.candidates, one.sets, one.covers);
        const gone = new Set(removed.map(({ rule }) => rule));
        expect([...gone]).toEqual(bestByBruteForce(one));
        for (const { rule } of one.candidates) {
          if (!gone.has(rule)) expect(isSafe(new Set([...gone, rule]), one)).toBe(false);
        }
        expect(kept.map(({ rule }) => rule)).toEqual(
          one.candidates.map(({ rule }) => rule).filter((rule) => !gone.has(rule)),
        );
        several += gone.size > 1 ? 1 : 0;
        held += kept.length > 0 ? 1 : 0;
      }),
      { numRuns: 2000, seed: 6 },
    );
    expect(Math.min(several, held)).toBeGreaterThan(400);
  });

  test('what takes over stays, covers the rule, and is in every set that binds it', () => {
    fc.assert(
      fc.property(instance, (one) => {
        const { removed } = removalSet(one.candidates, one.sets, one.covers);
        const gone = new Set(removed.map(({ rule }) => rule));
        for (const { rule, coveredBy } of removed) {
          const { firstDay } = one.candidates.find((candidate) => candidate.rule === rule)!;
          const binding = one.sets.filter(({ members, lastDay }) => members.includes(rule) && lastDay >= firstDay);
          for (const set of binding) {
            const there = coveredBy.filter((keeper) => set.keepers.includes(keeper));
            expect(there.some((keeper) => one.covers(keeper, rule, set) && !gone.has(keeper))).toBe(true);
          }
          for (const keeper of coveredBy) {
            expect(gone.has(keeper)).toBe(false);
            expect(binding.some(({ keepers }) => keepers.includes(keeper))).toBe(true);
          }
        }
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  test('more rules gone are never safe where fewer are not: what greed leaves out stays out', () => {
    fc.assert(
      fc.property(instance, fc.nat(255), fc.nat(255), (one, a, b) => {
        const of = (bits: number): Set<number> =>
          new Set(one.candidates.map(({ rule }) => rule).filter((_rule, i) => (bits & (1 << i)) !== 0));
        if (isSafe(of(a | b), one)) expect(isSafe(of(a), one)).toBe(true);
      }),
      { numRuns: 2000, seed: 8 },
    );
  });
});

test('10,000 rules in 100,000 sets take no long time', async () => {
  let state = 1;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  const candidates = Array.from({ length: 10_000 }, (_, rule) => ({ rule, firstDay: 0 }));
  const sets = Array.from({ length: 100_000 }, () => {
    // Every tenth has a rule of all: a wide one is in very many sets.
    const members = [random(10), ...Array.from({ length: 1 + random(6) }, () => random(10_000))];
    return { members, keepers: members, lastDay: 0 };
  });
  let removed = 0;
  const times = await timesOrdinary(() => (removed = removalSet(candidates, sets, () => true).removed.length));
  expect(removed).toBeGreaterThan(1000);
  expect(times).toBeLessThan(10);
});
