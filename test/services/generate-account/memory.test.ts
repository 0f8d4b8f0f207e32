import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readHistory } from '../../../services/command-line/files/read-inventories.ts';
import { contentKey } from '../../../shared/inventory/past/past.ts';
import { generated, hiddenInterfaces, removeScratchFolders, rulesTruth } from './generated.ts';

afterAll(removeScratchFolders);

test('what is remembered is read without a problem, and tells of all that lived and changed in the run', async () => {
  const { out } = await generated({
    memory: true,
    hard: true,
    minutes: 1440,
    unknownPercent: 8,
    deliveryMinutes: 60,
    records: 3000,
  });
  const hidden = hiddenInterfaces(out).filter(({ id, from }) => id !== '' && from > -Infinity);
  expect(hidden.length).toBeGreaterThan(5);
  const edited = rulesTruth(out).filter(({ earlier }) => earlier.length > 0);
  expect(edited.length).toBeGreaterThan(0);
  const { newest: plain } = await readHistory([join(out, 'inventory')]);
  for (const memory of ['cloudtrail', 'config']) {
    const { newest, history } = await readHistory([join(out, memory)]);
    expect(newest.problems).toEqual(plain.problems);
    const { interfaces, ages } = history!.past!;
    const lives = new Map(interfaces.map(({ of, from, until }) => [of.interfaceId, { of, from, until }]));
    for (const { id, groupIds, from, until } of hidden) {
      const life = lives.get(id)!;
      expect([memory, id, life.of.groupIds]).toEqual([memory, id, groupIds.toSorted()]);
      expect(Math.abs(life.from - from) + Math.abs(life.until - until)).toBeLessThan(200);
    }
    const known = newest.rules.filter((rule) => ages.has(contentKey(rule)));
    expect(known).toHaveLength(newest.rules.length);
  }
});
