import { expect, test } from '@jest/globals';
import { portClasses } from '../../../shared/matching/port-classes.ts';
import { Random } from '../../oracle/random.ts';

test('ports are of one class where the same ranges hold them, wherever they lie', () => {
  const random = new Random(8);
  for (let i = 0; i < 60; i++) {
    const ranges = Array.from({ length: random.between(0, 6) }, () => {
      const from = random.pick([0, 22, 443, 1024, 32_768, 65_535, random.between(0, 65_535)]);
      return { from, to: random.pick([from, 65_535, random.between(from, 65_535)]) };
    });
    const classes = portClasses(ranges);
    const byClass = new Map<number, string>();
    const bySignature = new Map<string, number>();
    for (const port of [0, 65_535, ...ranges.flatMap(({ from, to }) => [from - 1, from, to, to + 1]), 5000, 40_000]) {
      if (port < 0 || port > 65_535) continue;
      const signature = ranges.map(({ from, to }) => port >= from && port <= to).join();
      expect(byClass.get(classes[port]!) ?? signature).toBe(signature);
      expect(bySignature.get(signature) ?? classes[port]).toBe(classes[port]);
      byClass.set(classes[port]!, signature);
      bySignature.set(signature, classes[port]!);
    }
  }
});
