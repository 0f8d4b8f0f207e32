import type { RuleDay, Usage } from '../usage/usage.ts';
import type { DayQuality } from './schema.ts';
import { type Day, isoDay } from '../time.ts';

/** Requests of the rules by UTC hour, 24 of them: of each day that any rule was used on, or may have been. */
export function hoursByDay({ rules }: Pick<Usage, 'rules'>): Map<Day, number[]> {
  const hours = new Map<Day, number[]>();
  for (const days of rules.values()) for (const [day, use] of days) addHours(hours, day, use);
  return hours;
}

function addHours(into: Map<Day, number[]>, day: Day, { hours }: RuleDay): void {
  let sums = into.get(day);
  if (!sums) into.set(day, (sums = new Array<number>(24).fill(0)));
  hours.forEach((times, hour) => (sums[hour]! += times));
}

/**
 * The days of a usage that was counted all at once, the oldest first. The records are those of interfaces of the
 * inventory, and the accepted ones of unknown interfaces: others are not counted by day.
 */
export function daysRead(usage: Usage, source: DayQuality['source']): DayQuality[] {
  const hours = hoursByDay(usage);
  const records = new Map<Day, number>([...hours.keys()].map((day) => [day, 0]));
  for (const days of [...usage.interfaces.values(), ...usage.unknownAccepted.values()]) {
    for (const [day, seen] of days) records.set(day, (records.get(day) ?? 0) + seen.records);
  }
  return [...records]
    .sort(([a], [b]) => a - b)
    .map(([day, number]) => ({
      day: isoDay(day),
      source,
      records: number,
      hours: hours.get(day) ?? new Array<number>(24).fill(0),
      driftShare: null,
      driftingRules: null,
      incomplete: null,
    }));
}
