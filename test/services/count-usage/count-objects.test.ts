import { describe, expect, test } from '@jest/globals';
import { countObjects } from '../../../services/count-usage/count-objects.ts';
import type { Inventories, LogObject } from '../../../services/count-usage/fold-object.ts';
import { mergeAdditions, type Addition } from '../../../shared/usage/addition.ts';
import type { ObjectNote, UsageStore } from '../../../services/count-usage/ports/usage-store.ts';
import { addResolved, UsageBySource } from '../../../shared/usage/by-source.ts';
import { STREAM } from '../../../shared/usage/source.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { randomWorld, toText } from '../../oracle/random-world.ts';
import { countableWorld, plainUsage } from '../../shared/usage/plain-usage.ts';

const WORLD = randomWorld(5, { recordCount: 90 });
const compiled = new CompiledInventory(inventoryOfFiles(WORLD.files));
const inventories: Inventories = {
  mostDays: Infinity,
  of: () => compiled,
  load: async () => {},
  takenFor: () => [],
  lookUpMissing: async () => false,
};
const { fold } = countableWorld(5, { recordCount: 90 });
const DAY = 20_000;
const third = (i: number) => WORLD.records.filter((_, at) => at % 3 === i);

/** Three of them make the world. `broken` ones fail after their last record. */
function object(i: number, broken = false): LogObject {
  return {
    note: { name: `${i}`, version: '', flowLogId: undefined },
    day: DAY,
    read: async (sink) => {
      const reader = new TextReader(sink);
      reader.push(new TextEncoder().encode(toText(third(i), WORLD.columns)));
      reader.end();
      if (broken) throw new Error('cut off');
    },
  };
}

const known = (name: string): ObjectNote => object(Number(name)).note;

/** Notes and sums in memory; `meanwhile` is what other workers commit just before each commit of this one. */
function storeWith(...meanwhile: (readonly number[])[]) {
  const notes = new Set<string>();
  const additions: Addition[] = [];
  const asked: string[][] = [];
  const store: Pick<UsageStore, 'addOnce' | 'counted'> = {
    counted: async (name) => (notes.has(name) ? known(name) : undefined),
    addOnce: async (objects: readonly ObjectNote[], addition) => {
      asked.push(objects.map(({ name }) => name));
      for (const i of meanwhile.shift() ?? []) {
        notes.add(`${i}`);
        additions.push({
          days: new Map([[DAY, { sources: new UsageBySource([[STREAM, fold(third(i))]]), malformedSamples: [] }]]),
          rules: new Map(),
        });
      }
      const taken = objects.filter(({ name }) => notes.has(name));
      if (taken.length > 0) return taken.map(({ name }) => known(name));
      for (const { name } of objects) notes.add(name);
      additions.push(addition);
      return [];
    },
  };
  const sums = () => {
    const usage = emptyUsage();
    for (const { sources } of mergeAdditions(additions).days.values()) addResolved(usage, sources);
    return plainUsage(usage);
  };
  return { store: store as UsageStore, asked, sums };
}

const whole = plainUsage(fold(WORLD.records));

describe('objects are counted once', () => {
  test('all in one commit, where nobody else is at it', async () => {
    const { store, asked, sums } = storeWith();
    const outcome = await countObjects(
      [0, 1, 2].map((i) => object(i)),
      { store, inventories },
    );
    expect(outcome).toEqual({
      counted: ['0', '1', '2'],
      before: [],
      failed: [],
      left: [],
      records: 90,
      conflicts: 0,
    });
    expect([asked, sums()]).toEqual([[['0', '1', '2']], whole]);
  });

  test('one that comes twice in a batch', async () => {
    const { store, sums } = storeWith();
    const outcome = await countObjects(
      [0, 1, 0, 2, 2].map((i) => object(i)),
      { store, inventories },
    );
    expect([outcome.counted, sums()]).toEqual([['0', '1', '2'], whole]);
  });

  test('those that another worker counts meanwhile are dropped, and the rest is added up anew', async () => {
    const { store, asked, sums } = storeWith([1], [0]);
    const outcome = await countObjects(
      [0, 1, 2].map((i) => object(i)),
      { store, inventories },
    );
    expect(outcome).toEqual({
      counted: ['2'],
      before: [known('1'), known('0')],
      failed: [],
      left: [],
      records: 30,
      conflicts: 2,
    });
    expect([asked, sums()]).toEqual([[['0', '1', '2'], ['0', '2'], ['2']], whole]);
  });

  test('nothing is left to add where the other worker was faster with all of them', async () => {
    const { store, sums } = storeWith([0, 1, 2]);
    const outcome = await countObjects(
      [0, 1, 2].map((i) => object(i)),
      { store, inventories },
    );
    expect(outcome).toEqual({
      counted: [],
      before: ['0', '1', '2'].map(known),
      failed: [],
      left: [],
      records: 0,
      conflicts: 1,
    });
    expect(sums()).toEqual(whole);
  });

  test('the second time they are not even read', async () => {
    const { store, asked, sums } = storeWith();
    await countObjects(
      [0, 1, 2].map((i) => object(i)),
      { store, inventories },
    );
    const outcome = await countObjects(
      [0, 1, 2].map((i) => object(i, true)),
      { store, inventories },
    );
    expect(outcome).toEqual({
      counted: [],
      before: ['0', '1', '2'].map(known),
      failed: [],
      left: [],
      records: 0,
      conflicts: 0,
    });
    expect([asked.length, sums()]).toEqual([1, whole]);
  });

  test('one that fails half-way fails alone and leaves nothing in the sums', async () => {
    const { store, sums } = storeWith();
    const outcome = await countObjects([object(0), object(1, true), object(2)], { store, inventories });
    expect([outcome.counted, outcome.failed]).toEqual([['0', '2'], [{ name: '1', error: new Error('cut off') }]]);
    expect(sums()).toEqual(plainUsage(fold(WORLD.records.filter((_, at) => at % 3 !== 1))));
    await countObjects([object(1)], { store, inventories });
    expect(sums()).toEqual(whole);
  });

  test("a store that fails is the caller's to know", async () => {
    const { store } = storeWith();
    const failing: UsageStore = { ...store, addOnce: () => Promise.reject(new Error('disk full')) };
    await expect(countObjects([object(0)], { store: failing, inventories })).rejects.toThrow('disk full');
  });
});
