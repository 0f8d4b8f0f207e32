import type { FlowLog, GroupVpcAssociation, Inventory, NetworkInterface } from '../inventory/inventory.ts';
import { emptyInterfaceDay, type InterfaceDay, type Usage } from '../usage/usage.ts';
import { isIn, type Window } from '../usage/window.ts';
import type { NotObservedReason } from './verdict.ts';

/** Shares of the evidence that decide whether silence means anything. */
export const MIN_OBSERVED_SHARE = 0.95;
export const MAX_SKIPPED_SHARE = 0.01;
export const MAX_UNKNOWN_SHARE = 0.01;

const NEVER_IN_USE = new Set(['disassociated', 'association-failed']);

/** Tells, group by group, what keeps us from taking silence for disuse. */
export class Observation {
  readonly #inventory: Inventory;
  readonly #usage: Usage;
  readonly #window: Window;
  readonly #byGroup: ReadonlyMap<string, readonly NetworkInterface[]>;
  readonly #byVpc: ReadonlyMap<string, readonly NetworkInterface[]>;
  /** `resource day` pairs on which something of an interface below the resource was read. */
  readonly #heard = new Set<string>();
  /** By what they cover: the active flow logs that show accepted traffic. */
  readonly #logsOf: ReadonlyMap<string, readonly FlowLog[]>;
  readonly #gaps = new Map<string, NotObservedReason | undefined>();
  readonly #vpcSums = new Map<string, InterfaceDay>();

  constructor(inventory: Inventory, usage: Usage, window: Window) {
    this.#inventory = inventory;
    this.#usage = usage;
    this.#window = window;
    const logs = (inventory.flowLogs ?? []).filter(({ active, trafficType }) => active && trafficType !== 'REJECT');
    this.#logsOf = Map.groupBy(logs, ({ resourceId }) => resourceId);
    const interfaces = [...inventory.interfaces.values()];
    this.#byVpc = Map.groupBy(interfaces, ({ vpcId }) => vpcId);
    const pairs = interfaces.flatMap((one) => one.groupIds.map((groupId) => ({ groupId, one })));
    const grouped = Map.groupBy(pairs, ({ groupId }) => groupId);
    this.#byGroup = new Map([...grouped].map(([groupId, found]) => [groupId, found.map(({ one }) => one)]));
    for (const one of interfaces) {
      for (const [day, seen] of usage.interfaces.get(one.interfaceId) ?? []) {
        if (seen.accepted + seen.noData === 0) continue;
        for (const resource of [one.interfaceId, one.subnetId, one.vpcId])
          this.#heard.add(`${resource} ${String(day)}`);
      }
    }
  }

  interfacesOf(groupId: string): readonly NetworkInterface[] {
    return this.#byGroup.get(groupId) ?? [];
  }

  /** The first gap, in the order of the reasons; undefined where silence can be believed. Worked out once a group. */
  gapOf(groupId: string): NotObservedReason | undefined {
    if (!this.#gaps.has(groupId)) {
      this.#gaps.set(
        groupId,
        this.#notCovered(groupId) ?? this.#skipped(groupId) ?? this.#unknown(groupId) ?? this.#shared(groupId),
      );
    }
    return this.#gaps.get(groupId);
  }

  #notCovered(groupId: string): NotObservedReason | undefined {
    const interfaces = this.interfacesOf(groupId);
    if (interfaces.length === 0) return this.#vpcNotHeard(groupId);
    const { firstDay, lastObservedDay, days } = this.#window;
    const interfaceDays = interfaces.length * days;
    let observedDays = 0;
    for (const one of interfaces) {
      for (let day = firstDay; day <= lastObservedDay; day++) {
        if (this.#isObserved(one, day)) observedDays++;
      }
    }
    if (observedDays >= MIN_OBSERVED_SHARE * interfaceDays) return undefined;
    return { reason: 'notCovered', observedDays, interfaceDays };
  }

  /** A group on no interface: its VPC must have been heard, or interfaces that carried it for a while were not either. */
  #vpcNotHeard(groupId: string): NotObservedReason | undefined {
    const home = this.#inventory.groups.get(groupId)?.vpcId ?? '';
    const { firstDay, lastObservedDay, days } = this.#window;
    const heard = (day: number): boolean =>
      home === ''
        ? [...this.#usage.heardLogs.values()].some((heardDays) => heardDays.has(day))
        : this.#heard.has(`${home} ${String(day)}`);
    let observedDays = 0;
    for (let day = firstDay; day <= lastObservedDay; day++) if (heard(day)) observedDays++;
    if (observedDays >= MIN_OBSERVED_SHARE * days) return undefined;
    return { reason: 'notCovered', observedDays, interfaceDays: days };
  }

  /**
   * A flow log that existed all day covers the interface, and something of that log was read that day (a folder may
   * hold fewer days than were logged, or none of this log's files). Files whose name has no flow log id count for every
   * log of whose interfaces something was read. Without a list of flow logs: the interface has a record that day, in a
   * VPC of which more than rejected traffic was read.
   */
  #isObserved(one: NetworkInterface, day: number): boolean {
    const heard = (resource: string): boolean => this.#heard.has(`${resource} ${String(day)}`);
    const { heardLogs, interfaces } = this.#usage;
    if (!this.#inventory.flowLogs) return interfaces.get(one.interfaceId)?.has(day) === true && heard(one.vpcId);
    const unnamed = heardLogs.get('')?.has(day) === true;
    return [one.interfaceId, one.subnetId, one.vpcId]
      .flatMap((resource) => this.#logsOf.get(resource) ?? [])
      .filter(({ createdAt }) => createdAt <= day * 86_400)
      .some(({ flowLogId, resourceId }) => heardLogs.get(flowLogId)?.has(day) ?? (unnamed && heard(resourceId)));
  }

  #skipped(groupId: string): NotObservedReason | undefined {
    const { records, skipData } = this.#sum(this.interfacesOf(groupId));
    if (skipData <= MAX_SKIPPED_SHARE * records) return undefined;
    return { reason: 'skippedData', skipped: skipData, records };
  }

  /** Records whose VPC the log does not say count against every VPC; a group of unknown VPC may be in any. */
  #unknown(groupId: string): NotObservedReason | undefined {
    for (const vpcId of this.#vpcsOf(groupId)) {
      const places = vpcId === '' ? [...this.#usage.unknownAccepted.keys()] : [vpcId, ''];
      const unknown = places.reduce((sum, place) => sum + this.#unknownIn(place), 0);
      const accepted = unknown + this.#vpcSum(vpcId).accepted;
      if (unknown > MAX_UNKNOWN_SHARE * accepted) return { reason: 'unknownInterfaces', unknown, accepted };
    }
    return undefined;
  }

  #unknownIn(vpcId: string): number {
    let sum = 0;
    for (const [day, { records }] of this.#usage.unknownAccepted.get(vpcId) ?? []) {
      if (isIn(this.#window, day)) sum += records;
    }
    return sum;
  }

  #shared(groupId: string): NotObservedReason | undefined {
    const home = this.#inventory.groups.get(groupId)?.vpcId;
    const silent = ({ vpcId }: GroupVpcAssociation): boolean => vpcId !== home && this.#vpcSum(vpcId).records === 0;
    const association = this.#associationsOf(groupId).find(silent);
    return association && { reason: 'sharedGroup', vpcId: association.vpcId };
  }

  /** Where interfaces may carry the group: its own VPC, those it is associated with, those of interfaces that do. */
  #vpcsOf(groupId: string): Set<string> {
    const home = this.#inventory.groups.get(groupId)?.vpcId ?? '';
    const others = [...this.#associationsOf(groupId), ...this.interfacesOf(groupId)];
    return new Set([home, ...others.map(({ vpcId }) => vpcId)]);
  }

  #associationsOf(groupId: string): GroupVpcAssociation[] {
    return this.#inventory.associations.filter((one) => one.groupId === groupId && !NEVER_IN_USE.has(one.state));
  }

  #vpcSum(vpcId: string): InterfaceDay {
    let sum = this.#vpcSums.get(vpcId);
    if (!sum) this.#vpcSums.set(vpcId, (sum = this.#sum(this.#byVpc.get(vpcId) ?? [])));
    return sum;
  }

  #sum(interfaces: readonly NetworkInterface[]): InterfaceDay {
    const sum = emptyInterfaceDay();
    for (const { interfaceId } of interfaces) {
      for (const [day, seen] of this.#usage.interfaces.get(interfaceId) ?? []) {
        if (!isIn(this.#window, day)) continue;
        sum.records += seen.records;
        sum.accepted += seen.accepted;
        sum.noData += seen.noData;
        sum.skipData += seen.skipData;
      }
    }
    return sum;
  }
}
