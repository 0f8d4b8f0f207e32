import type { DayFacts, InterfaceFacts } from '../history/day-facts.ts';
import type { FlowLog } from '../inventory/inventory.ts';
import { emptyInterfaceDay, FATES, type InterfaceDay, type Usage } from '../usage/usage.ts';
import { startOfDay } from '../time.ts';

/** What of one day is kept to judge by: a few numbers for each group, whatever the number of interfaces. */
export interface ObservedDay {
  /** By index of the group: interfaces that carried it, how many of them were observed, their records, of these SKIPDATA. */
  readonly interfaces: Uint32Array;
  readonly observed: Uint32Array;
  readonly records: Float64Array;
  readonly skipped: Float64Array;
  readonly vpcs: ReadonlyMap<string, VpcDay>;
  /** Accepted records of unknown interfaces, by VPC. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Accepted or NODATA records were read, of whatever interface. */
  readonly heard: boolean;
  /** Lines that could not be read, and all of them. */
  readonly malformed: number;
  readonly lines: number;
}

export interface VpcDay extends InterfaceDay {
  /** Accepted or NODATA records of one of its interfaces were read. */
  heard: boolean;
}

/** @param groups indexes by group id */
export function observedDay(facts: DayFacts, usage: Usage, groups: ReadonlyMap<string, number>): ObservedDay {
  const { day } = facts;
  const numbers = { interfaces: new Uint32Array(groups.size), observed: new Uint32Array(groups.size) };
  const sums = { records: new Float64Array(groups.size), skipped: new Float64Array(groups.size) };
  const vpcs = new Map<string, VpcDay>();
  const heardResources = new Set<string>();
  for (const one of facts.interfaces) {
    const seen = usage.interfaces.get(one.interfaceId)?.get(day);
    let vpc = vpcs.get(one.vpcId);
    if (!vpc) vpcs.set(one.vpcId, (vpc = { ...emptyInterfaceDay(), heard: false }));
    if (!seen) continue;
    vpc.records += seen.records;
    vpc.accepted += seen.accepted;
    if (seen.accepted + seen.noData === 0) continue;
    vpc.heard = true;
    for (const resource of [one.interfaceId, one.subnetId, one.vpcId]) heardResources.add(resource);
  }
  const isObserved = observer(facts, usage, heardResources);
  for (const one of facts.interfaces) {
    const seen = usage.interfaces.get(one.interfaceId)?.get(day);
    const observed = isObserved(one) ? 1 : 0;
    for (const groupId of one.groupIds) {
      const index = groups.get(groupId);
      if (index === undefined) continue;
      numbers.interfaces[index]! += 1;
      numbers.observed[index]! += observed;
      sums.records[index]! += seen?.records ?? 0;
      sums.skipped[index]! += seen?.skipData ?? 0;
    }
  }
  const unknown = [...usage.unknownAccepted].flatMap(([vpcId, days]): [string, number][] => {
    const found = days.get(day);
    return found ? [[vpcId, found.records]] : [];
  });
  return {
    ...numbers,
    ...sums,
    vpcs,
    unknown: new Map(unknown),
    heard: [...usage.logs.values()].some((days) => days.has(day)),
    malformed: usage.fates.malformed,
    lines: FATES.reduce((sum, fate) => sum + usage.fates[fate], 0),
  };
}

/**
 * A flow log that existed all day covers the interface, and something of that log was read that day (a folder may hold
 * fewer days than were logged, or none of this log's files). Files whose name has no flow log id count for every log of
 * whose interfaces something was read. Without a list of flow logs: the interface has a record that day, in a VPC of
 * which more than rejected traffic was read.
 */
function observer(
  { day, flowLogs }: DayFacts,
  { logs, interfaces }: Usage,
  heard: ReadonlySet<string>,
): (one: InterfaceFacts) => boolean {
  if (!flowLogs) return ({ interfaceId, vpcId }) => interfaces.get(interfaceId)?.has(day) === true && heard.has(vpcId);
  const unnamed = logs.get('')?.has(day) === true;
  const speaks = ({ active, trafficType, createdAt, flowLogId, resourceId }: FlowLog): boolean =>
    active &&
    trafficType !== 'REJECT' &&
    createdAt <= startOfDay(day) &&
    (logs.get(flowLogId)?.has(day) ?? (unnamed && heard.has(resourceId)));
  const covered = new Set(flowLogs.filter(speaks).map(({ resourceId }) => resourceId));
  return ({ interfaceId, subnetId, vpcId }) => covered.has(interfaceId) || covered.has(subnetId) || covered.has(vpcId);
}

export function isHeard({ vpcs, heard }: ObservedDay, vpcId: string): boolean {
  return vpcId === '' ? heard : (vpcs.get(vpcId)?.heard ?? false);
}
