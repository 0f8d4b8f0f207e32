import { emptyRuleDay, type PortUse, type RuleDay } from './usage.ts';
import { type Day, type Window, isIn } from '../time.ts';

/** What a rule admitted in the window, in one sum. `hours` and `ports` are summed as well, peers put together. */
export function sumWithin(days: ReadonlyMap<Day, RuleDay> | undefined, window: Window): RuleDay {
  const sum = emptyRuleDay();
  for (const [day, use] of days ?? []) {
    if (isIn(window, day)) addRuleDay(sum, use);
  }
  return sum;
}

export function addRuleDay(into: RuleDay, use: RuleDay): void {
  into.usedTimes += use.usedTimes;
  into.soleTimes += use.soleTimes;
  into.primaryTimes += use.primaryTimes;
  into.inferredTimes += use.inferredTimes;
  into.replyTimes += use.replyTimes;
  into.possibleTimes += use.possibleTimes;
  into.untrackedReplies += use.untrackedReplies;
  into.setAsideTimes += use.setAsideTimes;
  into.packets += use.packets;
  into.bytes += use.bytes;
  into.lastUsed = Math.max(into.lastUsed, use.lastUsed);
  into.lastPossible = Math.max(into.lastPossible, use.lastPossible);
  use.hours.forEach((times, hour) => (into.hours[hour]! += times));
  for (const [key, ports] of use.ports) {
    const known = into.ports.get(key);
    if (known) addPorts(known, ports);
    else into.ports.set(key, { ...ports });
  }
  into.peers.merge(use.peers);
}

function addPorts(into: PortUse, ports: PortUse): void {
  into.usedTimes += ports.usedTimes;
  into.replyTimes += ports.replyTimes;
}

/** Latest use of any day, in the window or before; -1 for none. */
export function lastUse(days: ReadonlyMap<Day, RuleDay> | undefined): { lastUsed: number; lastPossible: number } {
  let lastUsed = -1;
  let lastPossible = -1;
  for (const use of days?.values() ?? []) {
    lastUsed = Math.max(lastUsed, use.lastUsed);
    lastPossible = Math.max(lastPossible, use.lastPossible);
  }
  return { lastUsed, lastPossible };
}
