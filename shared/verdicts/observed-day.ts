import type { DayFacts, InterfaceFacts } from '../history/day-facts.ts';
import type { FlowLog } from '../inventory/inventory.ts';
import { countBits, hoursHeard, type LogDay } from '../usage/log-days.ts';
import type { Usage } from '../usage/usage.ts';
import { dayOf, startOfDay, type Day } from '../time.ts';
import { dayGap } from './verdict-schema.ts';
import type { DayGap } from './verdict.ts';

/** Of the 24 hours of a day, in so many a flow log must have been heard: see {@link hoursHeard}. */
export const MIN_HOURS = 22;
/** A larger share of unreadable lines may hide any use. */
const MAX_MALFORMED_SHARE = 0.01;
const SPARE_SECONDS = (24 - MIN_HOURS) * 3600;

/** Causes in the order in which they are told of a day; 0 stands for none. */
const GAPS = dayGap.options;
const GAP_NUMBERS = new Map<DayGap, number>(GAPS.map((gap, i) => [gap, i + 1]));

/** What of one day is kept to judge by: a few numbers for each group, whatever the number of interfaces. */
export interface ObservedDay {
  /** By index of the group: interfaces that carried it, how many of them were observed, their records. */
  readonly interfaces: Uint32Array;
  readonly observed: Uint32Array;
  readonly records: Float64Array;
  readonly accepted: Float64Array;
  readonly skipped: Float64Array;
  /** By index of the group: what keeps the day from being watched, 1 more than the place in {@link GAPS}; 0 for nothing. */
  readonly gaps: Uint8Array;
  /**
   * By VPC that had interfaces, what kept all of them from being observed; undefined where one was. That a day is incomplete
   * is no cause here: what its flow logs lack shows in the hours in which they were heard.
   */
  readonly vpcs: ReadonlyMap<string, DayGap | undefined>;
  /** VPCs of which accepted records were read; `''` where the log does not say. */
  readonly acceptedVpcs: ReadonlySet<string>;
  /** In how many hours anything was read. */
  readonly hours: number;
  readonly assumed: boolean;
  readonly outdated: boolean;
}

/** One interface on one day. */
export interface InterfaceOfDay {
  readonly one: InterfaceFacts;
  /** Anything was read of it. */
  readonly told: boolean;
  readonly gap: DayGap | undefined;
}

/** The interfaces that were there on the day, and why each was not observed, if it was not. */
export function interfacesOfDay(facts: DayFacts, usage: Usage): InterfaceOfDay[] {
  const { day } = facts;
  const gapOf = observer(facts, usage);
  return facts.interfaces.flatMap((one) => {
    const seen = usage.interfaces.get(one.interfaceId)?.get(day);
    const told = seen !== undefined && (seen.records > 0 || seen.logs.size > 0);
    // Attached anew, it may have been there before.
    if (one.attachedAt !== undefined && dayOf(one.attachedAt) > day && !told) return [];
    return [{ one, told, gap: gapOf(one) }];
  });
}

/** @param groups indexes by group id */
export function observedDay(
  facts: DayFacts,
  usage: Usage,
  there: readonly InterfaceOfDay[],
  groups: ReadonlyMap<string, number>,
  incomplete: boolean,
): ObservedDay {
  const { day, assumed, outdated } = facts;
  const count = groups.size;
  const [interfaces, observed] = [new Uint32Array(count), new Uint32Array(count)];
  const [records, accepted, skipped] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const gaps = new Uint8Array(count).fill(numberOf('notCarried'));
  const vpcs = new Map<string, DayGap | undefined>();
  const acceptedVpcs = new Set<string>();
  for (const { one, gap } of there) {
    const seen = usage.interfaces.get(one.interfaceId)?.get(day);
    if (!gap || !vpcs.has(one.vpcId)) vpcs.set(one.vpcId, gap);
    if (seen && seen.accepted > 0) acceptedVpcs.add(one.vpcId);
    for (const groupId of one.groupIds) {
      const index = groups.get(groupId);
      if (index === undefined) continue;
      if (interfaces[index] === 0) gaps[index] = 0;
      interfaces[index]! += 1;
      if (gap) gaps[index] = Math.max(gaps[index]!, numberOf(gap));
      else observed[index]! += 1;
      records[index]! += seen?.records ?? 0;
      accepted[index]! += seen?.accepted ?? 0;
      skipped[index]! += seen?.skipData ?? 0;
    }
  }
  if (incomplete || assumed) gaps.fill(numberOf('incomplete'));
  for (const [vpcId, days] of usage.unknownAccepted) if (days.has(day)) acceptedVpcs.add(vpcId);
  const hours = [...usage.logs.values()].reduce((all, days) => all | (days.get(day)?.hours ?? 0), 0);
  return {
    interfaces,
    observed,
    records,
    accepted,
    skipped,
    gaps,
    vpcs,
    acceptedVpcs,
    hours: countBits(hours),
    assumed,
    outdated,
  };
}

/** Whether it is there from its beginning to its end, but for two hours: holes in it are no reason to leave a day out. */
export function isWhole({ hours }: Pick<ObservedDay, 'hours'>): boolean {
  return hours >= MIN_HOURS;
}

export function gapAt(number: number): DayGap | undefined {
  return number === 0 ? undefined : GAPS[number - 1];
}

function numberOf(gap: DayGap): number {
  return GAP_NUMBERS.get(gap)!;
}

/**
 * Tells why an interface was not observed on the day. It was if an active flow log of accepted traffic covers it, or one
 * of which files were read told of it (one that is listed no longer, or failed for a while, told all the same), and that
 * log was heard nearly all day, can be read, and skipped nothing of the interface. A log that is not listed must have told
 * of accepted traffic that day: else it may be one of rejects. Files whose name has no flow log id count for every log of
 * whose interfaces they told. None was on a day of which no snapshot tells what carried which groups.
 */
function observer(
  { day, flowLogs, interfaces, outdated }: DayFacts,
  usage: Usage,
): (one: InterfaceFacts) => DayGap | undefined {
  if (outdated) return () => 'snapshotMissing';
  const seenOf = ({ interfaceId }: InterfaceFacts) => usage.interfaces.get(interfaceId)?.get(day);
  const listed = new Map(flowLogs?.map((log) => [log.flowLogId, log]));
  const telling = new Set<string>();
  const unnamed = new Set<string>();
  for (const one of interfaces) {
    const seen = seenOf(one);
    if (!seen) continue;
    if (seen.accepted > 0) for (const id of seen.logs) telling.add(id);
    if (seen.logs.has('')) for (const resource of resourcesOf(one)) unnamed.add(resource);
  }
  const covering = Map.groupBy(
    (flowLogs ?? []).filter((log) => isCovering(log, day)),
    ({ resourceId }) => resourceId,
  );
  const gapOfLog = (id: string): DayGap | undefined => gapOf(usage.logs.get(id)?.get(day));
  const gapsOfLogs = new Map([...usage.logs.keys()].map((id) => [id, gapOfLog(id)]));
  const isTelling = (id: string): boolean => !flowLogs || (listed.get(id)?.trafficType ?? 'unlisted') !== 'REJECT';
  return (one) => {
    const seen = seenOf(one);
    const told = [...(seen?.logs ?? [])].filter(
      (id) => isTelling(id) && (!flowLogs || telling.has(id) || listed.has(id)),
    );
    const covers = resourcesOf(one)
      .flatMap((resource) => covering.get(resource) ?? [])
      .map(({ flowLogId, resourceId }) => (!usage.logs.has(flowLogId) && unnamed.has(resourceId) ? '' : flowLogId));
    const logs = new Set([...told, ...covers]);
    if (logs.size === 0) return 'notCovered';
    const gaps = [...logs].map((id) => (gapsOfLogs.has(id) ? gapsOfLogs.get(id) : 'hoursMissing'));
    // Of several the same one, whichever file was read first.
    if (gaps.every((gap) => gap !== undefined)) return gaps.reduce((a, b) => (numberOf(b) > numberOf(a) ? b : a));
    return seen && seen.skipData > 0 ? 'skippedData' : undefined;
  };
}

function resourcesOf({ interfaceId, subnetId, vpcId }: InterfaceFacts): string[] {
  return [interfaceId, subnetId, vpcId];
}

function isCovering({ active, trafficType, createdAt }: FlowLog, day: Day): boolean {
  return active && trafficType !== 'REJECT' && createdAt <= startOfDay(day) + SPARE_SECONDS;
}

function gapOf(log: LogDay | undefined): DayGap | undefined {
  if (!log || hoursHeard(log) < MIN_HOURS) return 'hoursMissing';
  return log.malformed > MAX_MALFORMED_SHARE * log.lines ? 'malformed' : undefined;
}
