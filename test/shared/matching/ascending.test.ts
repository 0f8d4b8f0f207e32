import { expect, test } from '@jest/globals';
import { union, without } from '../../../shared/matching/ascending.ts';
import { Random } from '../../oracle/random.ts';

test('two lists that ascend: what is in either, and what is in the first alone', () => {
  const random = new Random(5);
  const list = (): number[] => {
    const some = Array.from({ length: random.between(0, 8) }, () => random.between(0, 12));
    return [...new Set(some)].sort((a, b) => a - b);
  };
  for (let i = 0; i < 5000; i++) {
    const [a, b] = [list(), list()];
    expect([a, b, union(a, b)]).toEqual([a, b, [...new Set([...a, ...b])].sort((x, y) => x - y)]);
    expect([a, b, without(a, b)]).toEqual([a, b, a.filter((one) => !b.includes(one))]);
  }
});
