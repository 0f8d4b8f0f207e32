import { beforeEach, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { type FoundInterface, InterfaceFinder } from '../../../services/count-usage/find-interfaces.ts';
import {
  foldObject,
  type Folded,
  type Inventories,
  type LogObject,
} from '../../../services/count-usage/fold-object.ts';
import { DayInventories } from '../../../services/count-usage/day-inventories.ts';
import type { SnapshotReference } from '../../../shared/aws/snapshot-index.ts';
import { readText } from '../../../shared/flowlogs/read-text.ts';
import type { Inventory, NetworkInterface } from '../../../shared/inventory/inventory.ts';
import type { Moment } from '../../../shared/history/day-facts.ts';
import { unite } from '../../../shared/inventory/union.ts';
import { parseRuleId } from '../../../shared/inventory/versioned-rules.ts';
import { type AwsLists, awsRule, inventoryOf } from '../../shared/inventory/aws-shorthand.ts';
import { STREAM } from '../../../shared/usage/source.ts';

const DAY = Date.UTC(2026, 0, 12) / 86_400_000;
const MINUTE = 60_000;
const SSH = awsRule('in tcp 22 10.0.0.0/8');
const WEB = awsRule('in tcp 443 0.0.0.0/0');

const eni = (id: string, group = 'sg-1') => ({
  NetworkInterfaceId: `eni-0000000${id}`,
  VpcId: 'vpc-1',
  PrivateIpAddress: `10.0.0.${id}`,
  Groups: [{ GroupId: group }],
});
const interfacesOf = (...interfaces: FoundInterface[]): NetworkInterface[] => [
  ...inventoryOf({ interfaces }).interfaces.values(),
];

let now: number;
/** The account at each time. */
let history: Map<string, AwsLists>;
/** Times in force by day; `else` for all other days. */
let inForceOn: Map<number | 'else', string[]>;
let observedOn: Map<number, NetworkInterface[]>;
/** What AWS has besides. */
let existing: FoundInterface[];
let reads: string[];
let looks: number;
let lookups: (readonly string[])[];
let inventories: DayInventories;
/** What the account remembers: by day, an interface that was there. */
let remembered: { readonly name: string; readonly on: ReadonlyMap<number, string> } | undefined;

const withInterface =
  (id: string) =>
  ({ inventory }: Moment): Inventory => ({
    ...inventory,
    interfaces: new Map([
      ...inventory.interfaces,
      ...interfacesOf(eni(id)).map((one) => [one.interfaceId, one] as const),
    ]),
  });

const reference = (takenAt: string): SnapshotReference => ({ takenAt, key: takenAt, hash: takenAt });

beforeEach(() => {
  now = 1e12;
  history = new Map([['10:00', { rules: [SSH], interfaces: [eni('1')] }]]);
  inForceOn = new Map<number | 'else', string[]>([['else', ['10:00']]]);
  observedOn = new Map();
  existing = [];
  reads = [];
  looks = 0;
  lookups = [];
  remembered = undefined;
  const finder = new InterfaceFinder({
    describe: async (ids) => {
      lookups.push(ids);
      return existing.filter(({ NetworkInterfaceId }) => ids.includes(NetworkInterfaceId as string));
    },
    onFailure: (error) => {
      throw error;
    },
    now: () => now,
  });
  inventories = new DayInventories(
    {
      newestPast: async () => remembered?.name,
      past: async (name, day) => {
        const id = remembered?.on.get(day);
        // Of another file the same name may mean something else.
        const others = [...new Set(remembered?.name === name ? remembered.on.values() : [])];
        return id === undefined ? undefined : { name: `life ${String(others.indexOf(id))}`, on: withInterface(id) };
      },
      newest: async () => {
        looks++;
        const last = [...history.keys()].at(-1);
        return last === undefined ? undefined : reference(last);
      },
      inForce: async (day) => (inForceOn.get(day) ?? inForceOn.get('else')!).map(reference),
      union: async (_day, references) => {
        reads.push(references.map(({ takenAt }) => takenAt).join());
        const all = references.map(({ takenAt }) => inventoryOf(history.get(takenAt)!));
        if (all.length === 0) throw new Error('no snapshot is in force');
        return all.reduce(unite);
      },
      observed: async (day) => observedOn.get(day) ?? [],
      observe: async (day, found) => {
        const interfaces = interfacesOf(...found);
        observedOn.set(day, [...(observedOn.get(day) ?? []), ...interfaces]);
        return interfaces;
      },
    },
    finder,
    () => now,
  );
});

const compiledOf = async (day: number) => {
  if (!inventories.of(day)) await inventories.load(day);
  return inventories.of(day)!;
};
const idsOf = async (day: number): Promise<string[]> => [...(await compiledOf(day)).inventory.interfaces.keys()];
/** One more snapshot, in force from DAY on, noticed by the next look. */
const change = (time: string, lists: AwsLists): void => {
  history.set(time, lists);
  inForceOn.set('else', [...inForceOn.get('else')!, time]);
  now += MINUTE;
};

describe('the inventory of a day', () => {
  test('is not at hand before it was loaded, and then is', async () => {
    expect(inventories.of(DAY)).toBeUndefined();
    await inventories.load(DAY);
    expect(inventories.of(DAY)?.inventory.interfaces.size).toBe(1);
    expect(inventories.takenFor(DAY)).toEqual(['10:00']);
    expect(inventories.takenFor(DAY + 1)).toEqual([]);
  });

  test('is the union of the snapshots in force, each rule under its id and content', async () => {
    change('11:00', { rules: [WEB], interfaces: [eni('2')] });
    const { inventory } = await compiledOf(DAY);
    expect(inventory.rules.map(({ ruleId }) => parseRuleId(ruleId))).toEqual([
      { ruleId: 'sgr-1', content: expect.any(String) },
      { ruleId: 'sgr-1', content: expect.any(String) },
    ]);
    expect(inventory.interfaces.size).toBe(2);
    expect(inventories.takenFor(DAY)).toEqual(['10:00', '11:00']);
  });

  test('has what the account remembers of the day, once it was asked, and shares it with days of the same', async () => {
    await inventories.refresh();
    const before = await compiledOf(DAY);
    remembered = {
      name: 'one',
      on: new Map([
        [DAY - 1, '7'],
        [DAY - 2, '7'],
        [DAY - 3, '8'],
      ]),
    };
    // Nobody looks before a minute is over.
    await inventories.refresh();
    expect(inventories.of(DAY)).toBe(before);
    now += MINUTE;
    await inventories.refresh();
    expect(inventories.of(DAY)).toBeUndefined();
    const [none, one, same, other] = [
      await compiledOf(DAY),
      await compiledOf(DAY - 1),
      await compiledOf(DAY - 2),
      await compiledOf(DAY - 3),
    ];
    expect([none === before, same === one, other === one]).toEqual([true, true, false]);
    expect(await idsOf(DAY - 1)).toHaveLength(2);
    expect(await idsOf(DAY - 3)).not.toEqual(await idsOf(DAY - 1));
    now += MINUTE;
    remembered = { name: 'two', on: new Map() };
    await inventories.refresh();
    expect(await idsOf(DAY - 1)).toHaveLength(1);
  });

  test('is read again once the account remembers something else, by whatever name', async () => {
    const idsOnce = async (name: string, id: string): Promise<string[]> => {
      remembered = { name, on: new Map([[DAY, id]]) };
      now += MINUTE;
      await inventories.refresh();
      return idsOf(DAY);
    };
    expect(await idsOnce('one', '7')).toContain('eni-00000007');
    expect(await idsOnce('two', '8')).toEqual(['eni-00000001', 'eni-00000008']);
  });

  test('keeps what the account remembers where an interface is looked up', async () => {
    remembered = { name: 'one', on: new Map([[DAY, '7']]) };
    await inventories.refresh();
    await inventories.load(DAY);
    existing = [eni('2')];
    expect(await inventories.lookUpMissing(DAY, ['eni-00000002'])).toBe(true);
    expect(await idsOf(DAY)).toHaveLength(3);
  });

  test('is shared by all days with the same snapshots, and read once', async () => {
    const first = await compiledOf(DAY);
    for (let day = DAY - 300; day < DAY; day++) expect(await compiledOf(day)).toBe(first);
    expect(reads).toEqual(['10:00']);
  });

  test('is not shared with a day on which other interfaces were looked up', async () => {
    observedOn.set(DAY, interfacesOf(eni('2')));
    expect(await idsOf(DAY)).toHaveLength(2);
    expect(await idsOf(DAY - 1)).toHaveLength(1);
    expect(reads).toEqual(['10:00']);
  });

  test('is the one of the same moment, whatever was counted before', async () => {
    await compiledOf(DAY);
    change('11:00', { rules: [WEB] });
    change('12:00', { rules: [SSH], interfaces: [eni('3')] });
    await inventories.refresh();
    const grown = (await compiledOf(DAY)).inventory;
    const [before, later] = [
      ['10:00', '11:00'],
      ['11:00', '12:00'],
    ];
    inForceOn = new Map<number | 'else', string[]>([
      [DAY + 1, before],
      [DAY + 2, later],
      ['else', [...before, '12:00']],
    ]);
    for (const day of [DAY + 1, DAY + 2, DAY + 3]) await compiledOf(day);
    expect((await compiledOf(DAY + 3)).inventory).toEqual(grown);
    expect((await compiledOf(DAY + 2)).inventory.interfaces.size).toBe(1);
  });

  test('fails where there is no snapshot, or it cannot be read', async () => {
    inForceOn.set(DAY, []);
    await expect(inventories.load(DAY)).rejects.toThrow('no snapshot is in force');
    inForceOn.set(DAY, ['nothing']);
    await expect(inventories.load(DAY)).rejects.toThrow();
    expect(inventories.of(DAY)).toBeUndefined();
  });
});

describe('at most three are held', () => {
  beforeEach(async () => {
    for (const n of [1, 2, 3, 4]) {
      history.set(`day ${n}`, { rules: [SSH], interfaces: [eni(String(n))] });
      inForceOn.set(n, [`day ${n}`]);
      if (n < 4) await inventories.load(n);
    }
  });

  test('the one used last the longest ago goes', async () => {
    inventories.of(1);
    await inventories.load(4);
    expect([1, 2, 3, 4].filter((day) => inventories.of(day) !== undefined)).toEqual([1, 3, 4]);
  });

  test('days that share one do not count, up to 400 of them', async () => {
    for (let n = 0; n < 500; n++) {
      inForceOn.set(1000 + n, ['day 3']);
      await inventories.load(1000 + n);
      inventories.of(1);
    }
    expect(inventories.of(1)).toBeDefined();
    expect(inventories.of(2)).toBeUndefined();
    expect([1000, 1101, 1499].map((day) => inventories.of(day) !== undefined)).toEqual([false, true, true]);
    expect(reads).toHaveLength(3);
  });

  test('those that a day has outgrown are not held beside it', async () => {
    for (const n of ['5', '6', '7', '8']) {
      existing = [eni(n)];
      now += MINUTE;
      expect(await inventories.lookUpMissing(3, [`eni-0000000${n}`])).toBe(true);
    }
    expect([1, 2, 3].filter((day) => inventories.of(day) !== undefined)).toEqual([1, 2, 3]);
  });
});

describe('a newer snapshot', () => {
  test('is taken in by the next batch, and nothing else is read again', async () => {
    await inventories.refresh();
    await compiledOf(DAY);
    change('11:00', { rules: [WEB] });
    expect(inventories.of(DAY)?.inventory.rules).toHaveLength(1);
    await inventories.refresh();
    expect(inventories.of(DAY)).toBeUndefined();
    expect((await compiledOf(DAY)).inventory.rules).toHaveLength(2);
    expect(reads).toEqual(['10:00', '10:00,11:00']);
  });

  test('is looked for at most once a minute', async () => {
    await inventories.refresh();
    now += MINUTE - 1;
    await inventories.refresh();
    expect(looks).toBe(1);
    now += 1;
    await inventories.refresh();
    expect(looks).toBe(2);
  });

  test('without one, what is held stays at hand', async () => {
    await inventories.refresh();
    const before = await compiledOf(DAY);
    now += MINUTE;
    await inventories.refresh();
    expect(inventories.of(DAY)).toBe(before);
  });

  test('that does not change a day does not change its inventory', async () => {
    inForceOn.set(DAY - 1, ['10:00']);
    await inventories.refresh();
    const before = await compiledOf(DAY - 1);
    change('11:00', { rules: [WEB] });
    await inventories.refresh();
    expect(await compiledOf(DAY - 1)).toBe(before);
  });

  test('brings what other workers looked up', async () => {
    await inventories.refresh();
    await compiledOf(DAY);
    observedOn.set(DAY, interfacesOf(eni('2')));
    change('11:00', {});
    await inventories.refresh();
    expect(await idsOf(DAY)).toHaveLength(2);
  });
});

describe('an interface that no snapshot has', () => {
  beforeEach(async () => {
    existing = [eni('2'), eni('3')];
    await inventories.load(DAY);
    await inventories.load(DAY + 1);
  });

  test('is looked up, kept for everybody, and in the inventory of that day from then on', async () => {
    expect(await inventories.lookUpMissing(DAY, ['eni-00000002', 'eni-00000009'])).toBe(true);
    expect(inventories.of(DAY)?.interfaceOf('eni-00000002')?.groupSet?.groupIds).toEqual(['sg-1']);
    expect(inventories.of(DAY + 1)?.interfaceOf('eni-00000002')).toBeUndefined();
    expect(observedOn.get(DAY)).toEqual(interfacesOf(eni('2')));
    expect(reads).toEqual(['10:00']);
  });

  test('stays unknown if AWS does not know it; nothing is made anew', async () => {
    const before = inventories.of(DAY);
    expect(await inventories.lookUpMissing(DAY, ['eni-00000009'])).toBe(false);
    expect(inventories.of(DAY)).toBe(before);
    expect(observedOn.size).toBe(0);
  });

  test('is not looked up if another worker did', async () => {
    observedOn.set(DAY, interfacesOf(eni('2')));
    expect(await inventories.lookUpMissing(DAY, ['eni-00000002'])).toBe(true);
    expect(lookups).toEqual([]);
  });

  test('is not looked up if the inventory has it by now', async () => {
    await inventories.lookUpMissing(DAY, ['eni-00000002']);
    expect(await inventories.lookUpMissing(DAY, ['eni-00000002'])).toBe(true);
    expect(await inventories.lookUpMissing(DAY, ['eni-00000001'])).toBe(true);
    expect(lookups).toHaveLength(1);
  });

  test('is found for the next day too, without a second question', async () => {
    await inventories.lookUpMissing(DAY, ['eni-00000002']);
    expect(await inventories.lookUpMissing(DAY + 1, ['eni-00000002'])).toBe(true);
    expect(lookups).toHaveLength(1);
    expect(observedOn.get(DAY + 1)).toHaveLength(1);
  });

  test('of a day that is not at hand is left unknown', async () => {
    expect(await inventories.lookUpMissing(DAY + 7, ['eni-00000002'])).toBe(false);
    expect(lookups).toEqual([]);
  });

  test('stays there when a newer snapshot comes', async () => {
    await inventories.refresh();
    await inventories.lookUpMissing(DAY, ['eni-00000002']);
    change('11:00', {});
    await inventories.refresh();
    expect(await idsOf(DAY)).toEqual(['eni-00000001', 'eni-00000002']);
  });
});

test('records of a day are credited to what a rule said before its edit, and to what it says since', async () => {
  change('11:00', { rules: [WEB], interfaces: [eni('1')] });
  const start = DAY * 86_400 + 60;
  const line = (port: number): string =>
    `2 111122223333 eni-00000001 10.9.9.9 10.0.0.1 50000 ${port} 6 1 40 ${start} ${start + 59} ACCEPT OK\n`;
  const { addition } = await foldObject(
    {
      note: { name: 'x', version: '', flowLogId: undefined },
      day: DAY,
      read: async (sink) => {
        await readText(Readable.from([Buffer.from(line(22) + line(443) + line(443))]), sink);
      },
    },
    inventories,
  );
  const usage = addition.days.get(DAY)?.sources.of(STREAM);
  expect(addition.days.get(DAY)?.snapshots).toEqual(['10:00', '11:00']);
  const used = [...usage!.rules].map(([id, days]) => [parseRuleId(id).ruleId, days.get(DAY)?.usedTimes]);
  expect(used.sort()).toEqual([
    ['sgr-1', 1],
    ['sgr-1', 2],
  ]);
});

describe('an object with records of several days', () => {
  const NAMED = { name: 'x', version: '', flowLogId: undefined };
  const line = (day: number, port = 22): string =>
    `2 111122223333 eni-00000001 10.9.9.9 10.0.0.1 50000 ${port} 6 1 40 ${day * 86_400 + 60} ${day * 86_400 + 119} ACCEPT OK\n`;
  /** Of a snapshot of its own each. */
  const days = (count: number): number[] => Array.from({ length: count }, (_, i) => DAY - i);
  let readings = 0;
  const objectOf = (text: string): LogObject => ({
    note: NAMED,
    day: DAY,
    read: async (sink) => {
      readings++;
      await readText(Readable.from([Buffer.from(text)]), sink);
    },
  });
  const foldOf = async (text: string): Promise<Folded> => foldObject(objectOf(text), inventories);
  beforeEach(() => {
    readings = 0;
    for (const day of days(40)) {
      const time = `10:${String(day - DAY + 40)}`;
      history.set(time, { rules: [SSH], interfaces: [eni('1')] });
      inForceOn.set(day, [time]);
    }
  });

  test.each([
    [1, 1],
    [2, 2],
    [4, 3],
    [31, 16],
  ])('of %i is read %i times: once for every two days that are not at hand', async (count, times) => {
    const lines = days(count).map((day) => line(day));
    const { addition, records } = await foldOf([...lines, 'unreadable\n', ...lines].join(''));
    expect([records, readings]).toEqual([2 * count + 1, times]);
    const used = [...addition.days].map(([day, { sources, malformedSamples, snapshots }]) => {
      const usage = sources.of(STREAM);
      const uses = [...usage.rules.values()].map((byDay) => byDay.get(day)?.usedTimes);
      return [day, ...uses, malformedSamples.length, usage.fates.malformed, snapshots];
    });
    expect(used.sort(([a], [b]) => Number(b) - Number(a))).toEqual(
      days(count).map((day) => [day, 2, Number(day === DAY), Number(day === DAY), inForceOn.get(day)]),
    );
    expect(reads).toHaveLength(count);
  });

  test('of more than 31 is refused, before their inventories are loaded', async () => {
    await expect(
      foldOf(
        days(32)
          .map((day) => line(day))
          .join(''),
      ),
    ).rejects.toThrow('records of more than 31 days');
    expect(reads).toHaveLength(1);
  });

  test('is not read once more where no time is left for it', async () => {
    const text = `${line(DAY)}${line(DAY - 1)}`;
    const said = 'no time was left to read it once more, for the records of 2026-01-';
    await expect(foldObject(objectOf(text), inventories, () => false)).rejects.toThrow(said);
    expect(readings).toBe(1);
    expect((await foldObject(objectOf(line(DAY)), inventories, () => false)).records).toBe(1);
  });

  test('is read once where all are at hand', async () => {
    const text = `${line(DAY)}${line(DAY - 1)}`;
    await foldOf(text);
    readings = 0;
    expect([(await foldOf(text)).records, readings]).toEqual([2, 1]);
  });

  test('fails, and is not read for ever, where an inventory does not stay at hand', async () => {
    const nothing: Inventories = {
      mostDays: 31,
      of: () => undefined,
      load: async () => {},
      takenFor: () => [],
      lookUpMissing: async () => false,
    };
    await expect(foldObject(objectOf(line(DAY)), nothing)).rejects.toThrow(
      /inventory of \d{4}-\d\d-\d\d is not at hand/,
    );
  });
});
