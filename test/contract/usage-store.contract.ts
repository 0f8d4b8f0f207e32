import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { UsageBySource } from '../../shared/usage/by-source.ts';
import { STREAM } from '../../shared/usage/source.ts';
import type { Addition } from '../../shared/usage/addition.ts';
import type { ObjectNote, UsageStore } from '../../services/count-usage/ports/usage-store.ts';
import type { MalformedSample } from '../../shared/flowlogs/malformed.ts';
import { emptyUsage, ruleDay, type Usage, within } from '../../shared/usage/usage.ts';
import { Random } from '../oracle/random.ts';
import { countableWorld, crowd, plainUsage } from '../shared/usage/plain-usage.ts';
import { emptyLogDay } from '../../shared/usage/log-days.ts';
import { addUsage } from '../../shared/usage/merge.ts';

// Other programs may have the processor.
jest.setTimeout(60_000);

/** A place for a store. Every connection made to it sees what the others committed. */
export interface StorePlace {
  connect(): Promise<UsageStore>;
  remove(): Promise<void>;
}

/** To the store only a name: the records themselves are of whatever days. */
const DAY = 20_000;
const noteOf = (name: string, flowLogId?: string): ObjectNote => ({ name, version: `v ${name}`, flowLogId });
export const additionOf = (usage: Usage, malformedSamples: readonly MalformedSample[] = []): Addition => ({
  days: new Map([[DAY, { sources: new UsageBySource([[STREAM, usage]]), malformedSamples }]]),
  rules: new Map([...usage.rules.keys()].map((id) => [id, { groupId: 'sg-1', protocol: 'tcp', direction: 'ingress' }])),
});
const usageOf = async (store: UsageStore): Promise<unknown> => plainUsage((await store.read()).usage);

/** One use of the rule on the day. */
function ofRule(ruleId: string): Usage {
  const usage = emptyUsage();
  ruleDay(usage, ruleId, DAY).usedTimes = 1;
  return usage;
}

/** What every store of usage promises, whatever it is made of. */
export function describeUsageStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`${name} keeps what a store of usage promises`, () => {
    let place: StorePlace;
    let store: UsageStore;
    beforeEach(async () => {
      place = await makePlace();
      store = await place.connect();
    });
    afterEach(() => place.remove());

    test('new, it holds nothing', async () => {
      expect(await store.read()).toEqual({ usage: emptyUsage(), objects: 0, malformedSamples: [] });
      expect(await store.counted('a')).toBeUndefined();
    });

    test('parts that are added are the whole when read, in whatever order they come', async () => {
      for (let seed = 1; seed <= 8; seed++) {
        const { records, fold } = countableWorld(seed, { recordCount: 120 });
        const other = await makePlace();
        const added = await other.connect();
        for (const i of new Random(seed).shuffled([0, 1, 2, 3])) {
          const part = records.filter((_, at) => at % 4 === i);
          expect(await added.addOnce([noteOf(`${i}`)], additionOf(fold(part)))).toEqual([]);
        }
        expect(await usageOf(added)).toEqual(plainUsage(fold(records)));
        await other.remove();
      }
    });

    test('samples stay those of the smallest hashes, and what is gathered in them exact', async () => {
      const numbers = Array.from({ length: 12_000 }, (_, i) => (i * 7919) % 15_000);
      for (let i = 0; i < 3; i++) {
        await store.addOnce([noteOf(`${i}`)], additionOf(crowd(numbers.filter((_, at) => at % 3 === i))));
      }
      expect(await usageOf(store)).toEqual(plainUsage(crowd(numbers)));
    });

    test('objects are noted with what they add', async () => {
      await store.addOnce([noteOf('a', 'fl-1'), noteOf('b')], additionOf(crowd([1])));
      expect(await store.counted('a')).toEqual(noteOf('a', 'fl-1'));
      expect(await store.counted('b')).toEqual(noteOf('b'));
      expect(await store.counted('A')).toBeUndefined();
      expect((await store.read()).objects).toBe(2);
    });

    test('of objects some of which were counted none is added; those come back, and nothing is noted', async () => {
      await store.addOnce([noteOf('a'), noteOf('b')], additionOf(crowd([1, 2])));
      const before = await usageOf(store);
      const again = [noteOf('c'), noteOf('b'), { ...noteOf('a'), version: 'another' }];
      const taken = await store.addOnce(again, additionOf(crowd([3])));
      expect([...taken].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([noteOf('a'), noteOf('b')]);
      expect(await usageOf(store)).toEqual(before);
      expect([await store.counted('c'), await store.counted('a')]).toEqual([undefined, noteOf('a')]);
      expect(await store.addOnce([noteOf('c')], additionOf(crowd([3])))).toEqual([]);
      expect(await usageOf(store)).toEqual(plainUsage(crowd([1, 2, 3])));
    });

    test('an addition that cannot be stored leaves nothing behind', async () => {
      const bad = crowd([1]);
      bad.fates.attributed = Number.NaN;
      bad.requests = Number.NaN;
      await expect(store.addOnce([noteOf('a')], additionOf(bad))).rejects.toThrow();
      expect(await store.read()).toEqual({ usage: emptyUsage(), objects: 0, malformedSamples: [] });
      expect(await store.counted('a')).toBeUndefined();
      expect(await store.addOnce([noteOf('a')], additionOf(crowd([1])))).toEqual([]);
    });

    test('several workers at once count every object once', async () => {
      const workers = [store, await place.connect(), await place.connect()];
      const names = Array.from({ length: 30 }, (_, i) => i);
      const random = new Random(5);
      let refused = 0;
      await Promise.all(
        workers.map(async (worker) => {
          for (const i of random.shuffled(names)) {
            // Gives the others their turn.
            await new Promise((resolve) => setImmediate(resolve));
            const taken = await worker.addOnce([noteOf(`${i}`)], additionOf(crowd([i])));
            refused += taken.length;
          }
        }),
      );
      expect(refused).toBe(2 * names.length);
      for (const worker of workers) expect(await usageOf(worker)).toEqual(plainUsage(crowd(names)));
    });

    test('what was committed is there for who connects later', async () => {
      await store.addOnce([noteOf('a')], additionOf(crowd([1, 2, 3])));
      const later = await place.connect();
      expect(await later.read()).toEqual(await store.read());
      expect(await later.addOnce([noteOf('a')], additionOf(crowd([1])))).toEqual([noteOf('a')]);
    });

    test.each([
      ['2^53', 2 ** 53 - 1, 3],
      ['2^62', 2 ** 62, 1],
      ['2^63', 2 ** 62, 3],
      ['what a number of 64 bits holds', 2 ** 70, 2],
    ])('sums above %s are neither refused nor wrong', async (_, bytes, times) => {
      for (let i = 0; i < times; i++) {
        const usage = emptyUsage();
        ruleDay(usage, 'sgr-1', 1).bytes = bytes;
        await store.addOnce([noteOf(`${i}`)], additionOf(usage));
      }
      const exact = Number(BigInt(bytes) * BigInt(times));
      expect((await store.read()).usage.rules.get('sgr-1')!.get(1)!.bytes).toBe(exact);
    });

    test('last use only moves forward, first end only back', async () => {
      const spans = [
        [50, 60, 55],
        [10, 20, 15],
        [-1, -1, -1],
        [30, 90, 35],
      ] as const;
      for (const [i, [firstEnd, lastEnd, lastUsed]] of spans.entries()) {
        const usage = { ...emptyUsage(), firstEnd, lastEnd };
        ruleDay(usage, 'sgr-1', 1).lastUsed = lastUsed;
        await store.addOnce([noteOf(`${i}`)], additionOf(usage));
      }
      const { usage } = await store.read();
      expect([usage.firstEnd, usage.lastEnd, usage.rules.get('sgr-1')!.get(1)!.lastUsed]).toEqual([10, 90, 55]);
    });

    test('of unreadable lines the first by name and line are kept, a few', async () => {
      const samples = Array.from({ length: 45 }, (_, i) => ({ file: i < 10 ? 'b' : 'a', line: i, reason: `no ${i}` }));
      for (const i of [2, 0, 1]) {
        const malformedSamples = samples.slice(15 * i, 15 * i + 15);
        await store.addOnce([noteOf(`${i}`)], additionOf(emptyUsage(), malformedSamples));
      }
      expect((await store.read()).malformedSamples).toEqual(samples.slice(10, 30));
    });

    test.each([
      ['before', [1, 0]],
      ['after', [0, 1]],
    ])(
      'records that another flow log tells of too are duplicates once that is heard in as many hours, %s',
      async (_, order) => {
        // What the record adds as itself, and as the duplicate it may be.
        const [alone, other] = [ofRule('sgr-1'), ofRule('sgr-2')];
        const duplicate = { ...emptyUsage(), firstEnd: 5, lastEnd: 9 };
        duplicate.fates.duplicateLog = 1;
        for (const [id, usage] of [
          ['fl-2', alone],
          ['fl-2', duplicate],
          ['fl-1', other],
        ] as const) {
          within(usage.logs, id, DAY, emptyLogDay).hours = 0b101;
        }
        const twice: Addition = {
          ...additionOf(alone),
          days: new Map([
            [
              DAY,
              {
                sources: new UsageBySource([
                  [{ kind: 'streamUnless', flowLogId: 'fl-2', rivals: ['fl-0', 'fl-1'] }, alone],
                  [{ kind: 'streamIf', flowLogId: 'fl-2', rivals: ['fl-0', 'fl-1'] }, duplicate],
                ]),
                malformedSamples: [],
              },
            ],
          ]),
        };
        const adds = [
          () => store.addOnce([noteOf('a', 'fl-2')], twice),
          () => store.addOnce([noteOf('b', 'fl-1')], additionOf(other)),
        ];
        await adds[order[0]!]!();
        if (order[0] === 0) expect(await usageOf(store)).toEqual(plainUsage(alone));
        await adds[order[1]!]!();
        const expected = emptyUsage();
        addUsage(expected, other);
        addUsage(expected, duplicate);
        expect(await usageOf(store)).toEqual(plainUsage(expected));
      },
    );
  });
}
