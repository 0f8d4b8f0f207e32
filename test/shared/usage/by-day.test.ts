import { expect, test } from '@jest/globals';
import { usageByDay } from '../../../shared/usage/by-day.ts';
import { addUsage } from '../../../shared/usage/merge.ts';
import { emptyUsage, within, type Usage } from '../../../shared/usage/usage.ts';
import { countableWorld, plainUsage } from './plain-usage.ts';
import { emptyLogDay } from '../../../shared/usage/log-days.ts';

/** What belongs to days. */
function dated({ rules, interfaces, unknownAccepted, logs, admittingSets }: Usage): unknown {
  return plainUsage({ ...emptyUsage(), rules, interfaces, unknownAccepted, logs, admittingSets });
}

test('the days of a usage hold nothing of other days, and together all that belongs to days', () => {
  let most = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const { records, fold } = countableWorld(seed);
    const whole = fold(records);
    const days = usageByDay(whole);
    most = Math.max(most, days.size);
    const sum = emptyUsage();
    for (const [day, ofDay] of days) {
      const dates = [...ofDay.rules.values(), ...ofDay.interfaces.values(), ...ofDay.unknownAccepted.values()];
      expect(new Set(dates.flatMap((some) => [...some.keys()]).concat(day))).toEqual(new Set([day]));
      expect([...ofDay.admittingSets.values()].every((set) => set.day === day)).toBe(true);
      addUsage(sum, ofDay);
    }
    expect({ seed, usage: dated(sum) }).toEqual({ seed, usage: dated(whole) });
  }
  expect(most).toBeGreaterThan(2);
});

test('a flow log that has files is known to have none of the other days', () => {
  const usage = emptyUsage();
  within(usage.logs, 'fl-1', 1, emptyLogDay).lines = 1;
  within(usage.logs, '', 2, emptyLogDay).lines = 1;
  const days = usageByDay(usage);
  expect([1, 2].map((day) => [...days.get(day)!.logs].map(([id, on]) => [id, [...on.keys()]]))).toEqual([
    [
      ['fl-1', [1]],
      ['', []],
    ],
    [
      ['', [2]],
      ['fl-1', []],
    ],
  ]);
});
