import { expect, test } from '@jest/globals';
import { Coverage, coversAlone } from '../../../../shared/advice/exposure/coverage.ts';
import { ReachIndex } from '../../../../shared/advice/exposure/reach-index.ts';
import { reachesOf, type Reach } from '../../../../shared/advice/exposure/reach.ts';
import { Random } from '../../../oracle/random.ts';
import { inventoryOfWorld } from '../world.ts';

const PORTS = 12;
const ADDRESSES = 16;
const LISTS = { 'pl-1': ['10.0.0.0/30', '10.0.0.6/31'], 'pl-2': ['10.0.0.8/29', '10.0.0.4/32'] };

/** Each port of each address that a rule admits is a bit: all that coverage means, in a world that can be counted out. */
function pointsOf({ rule: { ports, peer } }: Reach): bigint {
  const blocks = peer.type === 'prefixList' ? LISTS[peer.value as keyof typeof LISTS] : [peer.value];
  let points = 0n;
  for (const block of blocks) {
    const [, first = '', length = ''] = /^10\.0\.0\.(\d+)\/(\d+)$/.exec(block) ?? [];
    for (let address = Number(first); address < Number(first) + 2 ** (32 - Number(length)); address++) {
      for (let port = ports!.from; port <= ports!.to; port++) points |= 1n << BigInt(port * ADDRESSES + address);
    }
  }
  return points;
}

function randomReaches(random: Random): Reach[] {
  const rules = Array.from({ length: random.between(2, 25) }, (_, i) => {
    const length = random.between(28, 32);
    const size = 2 ** (32 - length);
    const block = `10.0.0.${random.between(0, ADDRESSES / size - 1) * size}/${length}`;
    const [a, b] = [random.between(0, PORTS - 1), random.between(0, PORTS - 1)];
    const peer = random.chance(0.2) ? random.pick(Object.keys(LISTS)) : block;
    return `r${i} sg-a in tcp ${Math.min(a, b)}-${Math.max(a, b)} ${peer}`;
  });
  return reachesOf(inventoryOfWorld({ rules, lists: LISTS }));
}

const idsOf = (reaches: readonly Reach[]): string[] => reaches.map(({ rule }) => rule.ruleId).sort();

test('others cover a rule, alone or together, if and only if each of its points is one of theirs', () => {
  const random = new Random(20_260_102);
  const seen = { alone: 0, together: 0, not: 0 };
  for (let world = 0; world < 1500; world++) {
    const reaches = randomReaches(random);
    const points = new Map(reaches.map((reach) => [reach, pointsOf(reach)]));
    const [reach, ...others] = reaches as [Reach, ...Reach[]];
    const missed = (some: readonly Reach[]): bigint =>
      points.get(reach)! & ~some.reduce((all, other) => all | points.get(other)!, 0n);
    const index = new ReachIndex(others);
    const coverage = new Coverage(reach, index.meeting(reach));
    const lone = index
      .holding(reach)
      .flat()
      .filter((other) => coversAlone(other, reach));
    expect(idsOf(lone)).toEqual(idsOf(others.filter((other) => missed([other]) === 0n)));
    for (let turn = 0; turn < 4; turn++) {
      const standing = new Set(others.filter(() => turn === 0 || random.chance(0.8)));
      const isWhole = coverage.isWhole((other) => standing.has(other));
      expect(isWhole).toBe(missed([...standing]) === 0n);
      seen[!isWhole ? 'not' : lone.some((other) => standing.has(other)) ? 'alone' : 'together']++;
    }
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(200);
});
