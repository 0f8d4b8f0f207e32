import { describe, expect, test } from '@jest/globals';
import type { RowChange } from '../../../shared/tables/row-change.ts';
import { usageOfRows } from '../../../shared/tables/usage-of-rows.ts';
import { lastUseRow, rulesIn, usageRows } from '../../../shared/tables/usage-rows.ts';
import { addResolved, UsageBySource } from '../../../shared/usage/by-source.ts';
import { STREAM, type Source } from '../../../shared/usage/source.ts';
import { emptyUsage, ruleDay, type Usage, within } from '../../../shared/usage/usage.ts';
import type { Addition, DayAddition } from '../../../shared/usage/addition.ts';
import type { Day } from '../../../shared/time.ts';
import { crowd, plainUsage } from '../usage/plain-usage.ts';
import { TOLD, emptyLogDay } from '../../../shared/usage/log-days.ts';
import { addUsage } from '../../../shared/usage/merge.ts';

const DAY = 20_465;
const NIGHT: Source = { kind: 'night', run: 'x1' };
const FACTS = { groupId: 'sg-1', protocol: 'tcp', direction: 'ingress' } as const;

function additionOf(entries: readonly (readonly [Source, Usage])[]): Addition {
  const sources = new UsageBySource(entries);
  const days = new Map([[DAY, { sources, malformedSamples: [{ file: 'f', line: 7, reason: 'short' }] }]]);
  return { days, rules: new Map([['sgr-1', FACTS]]) };
}

function rowsOf(entries: readonly (readonly [Source, Usage])[]): RowChange[] {
  return usageRows(additionOf(entries), 30);
}

/** As they come out of a file. */
function readBack(rows: readonly RowChange[]): ReadonlyMap<Day, DayAddition> {
  return usageOfRows(JSON.parse(JSON.stringify(rows)) as RowChange[]);
}

function countedIn(days: ReadonlyMap<Day, DayAddition>): Usage {
  const usage = emptyUsage();
  for (const { sources } of days.values()) addResolved(usage, sources);
  return usage;
}

/** What is added to a day is of that day; a crowd is of several. */
function ofTheDay(usage: Usage): Usage {
  for (const [id, days] of usage.rules)
    usage.rules.set(id, new Map([...days].slice(0, 1).map(([, use]) => [DAY, use])));
  return usage;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function usedOnce(): Usage {
  const usage = emptyUsage();
  const use = ruleDay(usage, 'sgr-1', DAY);
  use.usedTimes = 1;
  use.lastUsed = DAY * 86_400 + 9;
  return usage;
}

describe('usage as items', () => {
  test('is read back as it was, also where there was more than is kept', () => {
    const usage = crowd(numbers(6000));
    const read = readBack(rowsOf([[STREAM, usage]]));
    expect(plainUsage(countedIn(read))).toEqual(plainUsage(usage));
    expect([...read.values()].flatMap(({ malformedSamples }) => malformedSamples)).toEqual([
      { file: 'f', line: 7, reason: 'short' },
    ]);
  });

  test('comes in the order of the keys, and no key twice', () => {
    const keys = rowsOf([
      [NIGHT, ofTheDay(crowd([1, 2]))],
      [STREAM, ofTheDay(crowd([3]))],
    ]).map(({ key }) => key.join('\0'));
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => (a < b ? -1 : 1)));
  });

  test('of a rule expires after its day, and its last use never does', () => {
    const ofRules = rowsOf([[STREAM, usedOnce()]]).filter(({ table }) => table === 'rulesUsage');
    expect(ofRules).toHaveLength(1);
    const [day] = ofRules;
    expect(day).toMatchObject({
      key: ['sgr-1', '2026-01-12#stream'],
      facts: { sg_id: 'sg-1', day: DAY, source: 'stream', expires_at: (DAY + 31) * 86_400 },
      sums: { used_times: 1 },
      latest: { sg_rule_last_used: DAY * 86_400 + 9 },
    });
    const [last] = [...rulesIn(additionOf([[STREAM, usedOnce()]]))].map(lastUseRow);
    expect(last).toMatchObject({ key: ['sgr-1', 'last'], latest: { sg_rule_last_used: DAY * 86_400 + 9 } });
    expect(last!.facts).not.toHaveProperty('expires_at');
  });

  test.each([0.5, -1, NaN])('with a sum of %d is refused, by rule and counter', (bytes) => {
    const usage = usedOnce();
    ruleDay(usage, 'sgr-1', DAY).bytes = bytes;
    expect(() => rowsOf([[STREAM, usage]])).toThrow(/sgr-1.*bytes/);
  });
});

describe('whose items count', () => {
  test.each([
    ['heard in fewer hours', 0b1, 0, 'itself'],
    ['heard in as many hours, and tells more', 0b11, TOLD.tcpFlags, 'duplicate'],
  ])('a duplicate is told by what was read on the day of another flow log: %s', (_, hours, told, counts) => {
    const [itself, duplicate] = [heardAs('fl-b', 0b11, 0, 7), heardAs('fl-b', 0b11, 0, 0)];
    const other = heardAs('fl-c', hours, told, 0);
    const of = { flowLogId: 'fl-b', rivals: ['fl-c'] };
    const rows = rowsOf([
      [{ kind: 'streamUnless', ...of }, itself],
      [{ kind: 'streamIf', ...of }, duplicate],
      [STREAM, other],
    ]);
    const expected = emptyUsage();
    addUsage(expected, other);
    addUsage(expected, counts === 'itself' ? itself : duplicate);
    expect(plainUsage(countedIn(readBack(rows)))).toEqual(plainUsage(expected));
  });
});

/** What was read of a flow log on the day, and requests that stand beside it. */
function heardAs(flowLogId: string, hours: number, told: number, requests: number): Usage {
  const usage = { ...emptyUsage(), requests, firstEnd: 5, lastEnd: 9 };
  Object.assign(within(usage.logs, flowLogId, DAY, emptyLogDay), { hours, told, lines: 3, malformed: 1 });
  return usage;
}
