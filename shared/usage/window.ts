import { recordOf } from '../record-of.ts';
import { COUNTER_NAMES, LATEST_NAMES, type LatestTimes } from './counters.ts';
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
  for (const name of COUNTER_NAMES) into[name] += use[name];
  addLatest(into, use);
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

/** Of both, the later times. */
function addLatest(into: LatestTimes, from: Readonly<LatestTimes>): void {
  for (const name of LATEST_NAMES) into[name] = Math.max(into[name], from[name]);
}

/** Latest use of any day, in the window or before; -1 for none. */
export function lastUse(days: ReadonlyMap<Day, RuleDay> | undefined): LatestTimes {
  const last = recordOf(LATEST_NAMES, () => -1);
  for (const use of days?.values() ?? []) addLatest(last, use);
  return last;
}
