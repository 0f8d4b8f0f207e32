import type { Inventory, NetworkInterface } from '../../../../shared/inventory/inventory.ts';
import type { Day } from '../../../../shared/time.ts';
import { hoursHeard } from '../../../../shared/usage/log-days.ts';
import { MIN_HOURS } from '../../../../shared/verdicts/observed-day.ts';
import type { GivenInventories } from '../../files/read-inventories.ts';
import type { LogFacts } from './log-facts.ts';

/** What `analyze` would be given, as far as it was looked at. */
export interface InputFacts {
  readonly given: GivenInventories;
  readonly logs: LogFacts;
  /** As the user gave them. */
  readonly folders: readonly string[];
  readonly paths: readonly string[];
}

/** Interfaces with groups. */
export function carriers({ interfaces }: Inventory): NetworkInterface[] {
  return [...interfaces.values()].filter(({ groupIds }) => groupIds.length > 0);
}

/** Active flow logs of accepted traffic, by the VPC, subnet or interface that each covers. */
export function coveringLogs({ flowLogs = [] }: Inventory): (one: NetworkInterface) => string[] {
  const some = flowLogs.filter(({ active, trafficType }) => active && trafficType !== 'REJECT');
  const byResource = Map.groupBy(some, ({ resourceId }) => resourceId);
  return ({ interfaceId, subnetId, vpcId }) =>
    [interfaceId, subnetId, vpcId].flatMap((id) => (byResource.get(id) ?? []).map(({ flowLogId }) => flowLogId));
}

/** Flow logs of which there are files, by their names. */
export function logsHere({ days }: Pick<LogFacts, 'days'>): Set<string> {
  return new Set([...days.values()].flatMap((ofDay) => [...ofDay.keys()]));
}

type HeardLogs = Pick<LogFacts, 'days' | 'sample'>;

/**
 * Hours of the day in which the best heard of these logs was heard: all of them, where none are given. Of a log whose files
 * somebody put together any day of which there is a file counts as heard: nobody knows better before all is read.
 */
export function bestHeard({ days, sample }: HeardLogs, day: Day, ids?: readonly string[]): number {
  const ofDay = days.get(day);
  if (!ofDay) return 0;
  const there = (ids ?? [...ofDay.keys()]).filter((id) => ofDay.has(id));
  return Math.max(0, ...there.map((id) => (sample.putTogether.has(id) ? 24 : hoursHeard(ofDay.get(id)!))));
}

/**
 * The days from the first to the last, gaps included. A first and a last day that are not there as a whole are cut: they
 * are no days. Of files whose names tell no time, the days of the sample.
 */
export function daysThere(logs: HeardLogs): Day[] {
  const known = logs.days.size > 0 ? [...logs.days.keys()] : [...logs.sample.days];
  known.sort((a, b) => a - b);
  let [from, to] = [known[0] ?? 0, known.at(-1) ?? -1];
  const isCut = (day: Day): boolean => logs.days.size > 0 && bestHeard(logs, day) < MIN_HOURS;
  if (from < to && isCut(to)) to--;
  if (from < to && isCut(from)) from++;
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Of them, those on which a flow log was heard in enough hours to be watched. */
export function wholeDays(logs: HeardLogs): Day[] {
  const isWhole = (day: Day): boolean =>
    logs.days.size > 0 ? bestHeard(logs, day) >= MIN_HOURS : logs.sample.days.has(day);
  return daysThere(logs).filter(isWhole);
}
