import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factsOf } from '../../../shared/history/day-facts.ts';
import { dayText, readDay, type DayOfHistory } from '../../../shared/history/day-file.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import { rulesNamed } from '../../../shared/usage/addition.ts';
import { emptyUsage, type Usage } from '../../../shared/usage/usage.ts';
import { countText, inventoryOfFiles } from '../../oracle/core.ts';
import { randomWorld, toText } from '../../oracle/random-world.ts';
import { plainUsage } from '../usage/plain-usage.ts';
import { dayOf } from '../../../shared/time.ts';

const RULES = new Map([
  ['sgr-1@0123456789abcdef', { groupId: 'sg-1', protocol: 'tcp', direction: 'ingress' as const }],
]);

/** One day of a random world, as it was and as its file says. */
function throughFile(seed: number, hasOther: boolean): { of: DayOfHistory; read: DayOfHistory } {
  const { files, columns, records } = randomWorld(seed, { recordCount: 60 });
  const inventory = inventoryOfFiles(files);
  const versioned = withVersionedRules(inventory);
  const day = dayOf(Number(records[0]!.end));
  const ofDay = records.filter(({ end }) => dayOf(Number(end)) === day);
  const count = (some: typeof records): Usage => countText(versioned, toText(some, columns));
  const facts = factsOf({ day, assumed: seed % 2 === 0, outdated: seed % 5 === 0 }, [
    { takenAt: seed % 3 === 0 ? Infinity : seed, inventory },
  ]);
  const other = hasOther ? count(ofDay.slice(1)) : undefined;
  const of = { facts, usage: count(ofDay), other };
  return { of, read: readDay(dayText(of, rulesNamed(of.usage, versioned.rules)), 'day') };
}

/** What a verdict asks of the source that does not speak. */
function inShort({ rules, admittingSets }: Usage): unknown {
  const short = [...rules].flatMap(([id, days]) =>
    [...days].map(([day, use]) => [`${id} ${day}`, { ...use, hours: [], ports: [], peers: [] }] as const),
  );
  return [new Map(short), admittingSets];
}

test('a day comes back as it was', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.boolean(), (seed, hasOther) => {
      const { of, read } = throughFile(seed, hasOther);
      expect(read.facts).toEqual(of.facts);
      expect(plainUsage(read.usage)).toEqual(plainUsage(of.usage));
      expect(read.other && inShort(read.other)).toEqual(of.other && inShort(of.other));
    }),
    { numRuns: 100 },
  );
});

test('times that nobody knows, and a list of flow logs that nobody gave, come back', () => {
  const log = {
    flowLogId: 'fl-1',
    resourceId: 'vpc-1',
    trafficType: 'ALL',
    active: true,
    createdAt: Infinity,
  } as const;
  const facts = {
    day: 20_000,
    assumed: false,
    outdated: false,
    interfaces: [],
    associations: [{ groupId: 'a', vpcId: 'b', state: 'c' }],
    flowLogs: [log],
    contents: new Map([['sgr-1@c', Infinity]]),
    entries: new Map([['pl-1 10.0.0.0/8', Infinity]]),
    referred: new Set(['sg-1']),
  };
  const through = (more: object) => {
    const of = { facts: { ...facts, ...more }, usage: emptyUsage(), other: undefined };
    return readDay(dayText(of, RULES), 'day').facts;
  };
  expect(through({})).toEqual(facts);
  expect(through({ flowLogs: undefined })).toEqual({ ...facts, flowLogs: undefined });
});

test('a file of before does not say whether anybody looked at the account', () => {
  const { of } = throughFile(5, true);
  const [head = '', ...usages] = dayText(of, new Map()).split('\n');
  const { outdated, ...before } = JSON.parse(head) as Record<string, unknown>;
  expect([outdated, readDay([JSON.stringify(before), ...usages].join('\n'), 'day').facts.outdated]).toEqual([
    true,
    false,
  ]);
});

describe('what is not a day is refused', () => {
  const text = (() => {
    const { of } = throughFile(8, true);
    return dayText(of, new Map());
  })();
  const [head = '', usage = '', other = ''] = text.split('\n');
  const headWith = (change: (head: Record<string, unknown>) => void): string => {
    const value = JSON.parse(head) as Record<string, unknown>;
    change(value);
    return [JSON.stringify(value), usage, other].join('\n');
  };
  test.each<[message: string, text: string]>([
    ['day: no version; this program reads version 1', '{}'],
    ['day: version 2; this program reads version 1', headWith((value) => (value.version = 2))],
    ['day: not JSON: is it cut or damaged?', head.slice(0, -9)],
    ['day: not JSON: is it cut or damaged?', ''],
    ['day: cut: 1 usages', [head, usage].join('\n')],
    ['day: cut: 0 usages', head],
    ['day: a usage cannot be read: ', [head, usage, other.slice(0, -9)].join('\n')],
    [
      'day: a usage cannot be read: ',
      [head, usage.replace(/"used_times":\d+/, '"used_times":"many"'), other].join('\n'),
    ],
    ['day: a usage cannot be read: ', [head, '{"version":1}', other].join('\n')],
    ['day: a usage cannot be read: day: version 9', [head, '{"version":9}', other].join('\n')],
    ['day: usage of another day', headWith((value) => (value.day = 1))],
    ['day: interfaces.0.vpcId: ', headWith((value) => ((value.interfaces as { vpcId: unknown }[])[0]!.vpcId = 7))],
    ['day: contents: ', headWith((value) => delete value.contents)],
  ])('%s', (message, damaged) => {
    expect(() => readDay(damaged, 'day')).toThrow(message);
  });
});

describe('facts of a day', () => {
  const [before, after] = [inventoryOfFiles(randomWorld(1).files), inventoryOfFiles(randomWorld(2).files)];
  const factsOn = (...inventories: Inventory[]) =>
    factsOf(
      { day: 1, assumed: false, outdated: false },
      inventories.map((inventory, i) => ({ takenAt: 100 * (i + 1), inventory })),
    );

  test('a content is known since the first snapshot that shows it', () => {
    const { contents } = factsOn(before, before, after);
    const times = (inventory: Inventory) =>
      withVersionedRules(inventory).rules.map(({ ruleId }) => contents.get(ruleId));
    expect(new Set(times(before))).toEqual(new Set([100]));
    expect(new Set(times(after))).toEqual(new Set([300]));
    expect(contents.size).toBe(
      new Set([...withVersionedRules(before).rules, ...withVersionedRules(after).rules].map(({ ruleId }) => ruleId))
        .size,
    );
  });

  test('interfaces of all moments are there, and those that were looked up', () => {
    const [one] = after.interfaces.values();
    const all = [...before.interfaces.keys(), ...after.interfaces.keys()].sort();
    expect(factsOn(before, after).interfaces.map(({ interfaceId }) => interfaceId)).toEqual(all);
    const looked = factsOf({ day: 1, assumed: false, outdated: false }, [{ takenAt: 1, inventory: before }], [one!]);
    expect(looked.interfaces.map(({ interfaceId }) => interfaceId)).toContain(one!.interfaceId);
  });
});
