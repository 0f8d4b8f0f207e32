import { emptyUsage, within, type Usage } from './usage.ts';
import type { Day } from '../time.ts';

/**
 * What was seen on each day, apart; without what belongs to no day (fates, openers, ends) and without samples. Day by
 * day they hold the very sums of the whole: nothing is copied.
 */
export function usageByDay(usage: Usage): Map<Day, Usage> {
  const days = new Map<Day, Usage>();
  const of = (day: Day): Usage => {
    let ofDay = days.get(day);
    if (!ofDay) days.set(day, (ofDay = emptyUsage()));
    return ofDay;
  };
  const deal = <K, V>(from: Usage, pick: (of: Usage) => Map<K, Map<Day, V>>): void => {
    for (const [key, some] of pick(from)) {
      for (const [day, value] of some) within(pick(of(day)), key, day, () => value);
    }
  };
  deal(usage, ({ rules }) => rules);
  deal(usage, ({ interfaces }) => interfaces);
  deal(usage, ({ unknownAccepted }) => unknownAccepted);
  for (const [key, set] of usage.admittingSets) of(set.day).admittingSets.set(key, set);
  deal(usage, ({ logs }) => logs);
  // A flow log that has files is known to have none of some day only where that is said.
  for (const flowLogId of usage.logs.keys()) {
    for (const ofDay of days.values()) if (!ofDay.logs.has(flowLogId)) ofDay.logs.set(flowLogId, new Map());
  }
  return days;
}
