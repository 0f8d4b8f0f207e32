import { bitsOf, type Address } from '../../addresses/address.ts';
import { holds } from '../../addresses/prefixes.ts';
import { packetPeer, plainPeer } from '../../attribution/orient.ts';
import type { FlowLogFileName } from '../../flowlogs/file-name.ts';
import type { FlowRecord } from '../../flowlogs/record.ts';
import type { FlowLog, Inventory, NetworkInterface, Rule } from '../../inventory/inventory.ts';
import { hasPorts } from '../../protocols.ts';
import { dayOf, startOfDay, type Day } from '../../time.ts';
import { countBits, emptyLogDay, hoursHeard, noteRecord, type LogDay } from '../../usage/log-days.ts';
import { noteFileIn, within } from '../../usage/usage.ts';
import { MIN_HOURS } from '../../verdicts/observed-day.ts';

const HOUR = 3600;
/** Interfaces named in a line; of further ones only the number. */
const NAMED = 5;
/** Distinct ids held. */
const KEPT = 10_000;

/**
 * What keeps flow logs from showing that a removed rule is missed: logs that hold no rejections, interfaces that nobody
 * knows, interfaces and hours of which nothing was read, files that are missing, skipped records.
 */
export class ListenedFor {
  readonly #inventory: Inventory;
  readonly #removed: readonly Rule[];
  readonly #since: number;
  /** Interfaces that carry a group which lost a rule. */
  readonly #carriers: readonly NetworkInterface[];
  readonly #carrierIds: ReadonlySet<string>;
  /** Flow logs of which anything was read; `''` for files whose name tells none. */
  readonly #heard = new Set<string>();
  readonly #skipped = new Set<string>();
  /** Rejected records of interfaces that are not in the inventory, as far as a removed rule may have let them pass. */
  readonly #unknown = new Map<string, number>();
  #rejected = 0;
  /** Interfaces that carry a group which lost a rule, of which there was a record of any kind. */
  readonly #told = new Set<string>();
  /** Hours since the epoch in which a record ended. */
  readonly #hours = new Set<number>();
  /** How each flow log was heard, by id and UTC day. */
  readonly #logs = new Map<string, Map<Day, LogDay>>();

  /**
   * @param inventory of before the removal, with the interfaces of now where they are known
   * @param since UNIX seconds: records that ended earlier are passed over
   */
  constructor(inventory: Inventory, removed: ReadonlySet<string>, since: number) {
    this.#inventory = inventory;
    this.#removed = inventory.rules.filter(({ ruleId }) => removed.has(ruleId));
    this.#since = since;
    const groupIds = new Set(this.#removed.map(({ groupId }) => groupId));
    this.#carriers = [...inventory.interfaces.values()].filter((one) => one.groupIds.some((id) => groupIds.has(id)));
    this.#carrierIds = new Set(this.#carriers.map(({ interfaceId }) => interfaceId));
  }

  add(record: FlowRecord, flowLogId: string | undefined): void {
    if (record.end < this.#since) return;
    this.#heard.add(flowLogId ?? '');
    const { interfaceId, status, accepted, rejectReason } = record;
    this.#hours.add(Math.floor(record.end / HOUR));
    if (flowLogId !== undefined) noteRecord(within(this.#logs, flowLogId, dayOf(record.end), emptyLogDay), record);
    if (this.#carrierIds.has(interfaceId)) this.#told.add(interfaceId);
    if (status === 'SKIPDATA' && this.#carrierIds.has(interfaceId)) this.#skipped.add(interfaceId);
    if (status !== 'OK' || accepted) return;
    this.#rejected++;
    if (
      rejectReason !== '' ||
      this.#inventory.interfaces.has(interfaceId) ||
      !this.#removed.some((rule) => mayFit(rule, record))
    )
      return;
    const times = this.#unknown.get(interfaceId);
    if (times !== undefined || this.#unknown.size < KEPT) this.#unknown.set(interfaceId, (times ?? 0) + 1);
  }

  /** A file of which anything was read; files of earlier hours are passed over. */
  addFile(named: FlowLogFileName): void {
    const { day, hour } = named;
    if (startOfDay(day) + HOUR * (hour + 1) <= this.#since) return;
    noteFileIn(this.#logs, named);
  }

  /** A line for each thing that the logs cannot show. */
  gaps(): string[] {
    const deaf = this.#carriers.filter((one) => !this.#isHeard(one)).map(({ interfaceId }) => interfaceId);
    const isDeaf = this.#inventory.flowLogs === undefined && this.#rejected === 0;
    const records = [...this.#unknown.values()].reduce((sum, times) => sum + times, 0);
    const silent = this.#silentGroups();
    return [
      ...this.#missingHours(),
      ...(silent.length > 0 ? [`groups of whose interfaces no record was read: ${named(silent)}`] : []),
      ...(isDeaf ? ['not one rejected record was read: perhaps these flow logs record none'] : []),
      ...(deaf.length > 0 ? [`interfaces of which no flow log that records rejections was read: ${named(deaf)}`] : []),
      ...(this.#skipped.size > 0 ? [`interfaces of which records were skipped: ${named([...this.#skipped])}`] : []),
      ...(records > 0
        ? [
            `${String(records)} rejected records, which a removed rule may have let pass, of interfaces that are not in ` +
              `the inventory: ${named([...this.#unknown.keys()])} (give the inventory of now as well)`,
          ]
        : []),
    ];
  }

  /** Less than a day shows nothing of what comes once a day, and nor do days with holes, large or many. */
  #missingHours(): string[] {
    const last = [...this.#hours].reduce((one, other) => Math.max(one, other), -Infinity);
    const span = Math.max(24, last - Math.floor(this.#since / HOUR) + 1);
    const heard = Math.floor(this.#hours.size - this.#hoursLost());
    return heard >= (MIN_HOURS / 24) * span
      ? []
      : [`of ${String(span)} hours, records were read of ${String(heard)} only`];
  }

  /**
   * Hours' worth of files that are missing in hours that were heard, of the flow log of all traffic that lacks the most. A
   * log of rejections alone may have no file where nothing was rejected.
   */
  #hoursLost(): number {
    const lostBy = ({ flowLogId }: FlowLog): number =>
      [...(this.#logs.get(flowLogId)?.values() ?? [])].reduce(
        (lost, log) => lost + Math.max(0, countBits(log.hours) - hoursHeard(log)),
        0,
      );
    const ofAll = (this.#inventory.flowLogs ?? []).filter(
      (log) => log.trafficType === 'ALL' && this.#carriers.some((one) => covers(log, one)),
    );
    return Math.max(0, ...ofAll.map(lostBy));
  }

  /** Groups that lost a rule and are carried, by interfaces none of which was told of. */
  #silentGroups(): string[] {
    const groupIds = new Set(this.#removed.map(({ groupId }) => groupId));
    return [...groupIds].filter((groupId) => {
      const carriers = this.#carriers.filter((one) => one.groupIds.includes(groupId));
      return carriers.length > 0 && carriers.every(({ interfaceId }) => !this.#told.has(interfaceId));
    });
  }

  #isHeard(one: NetworkInterface): boolean {
    const { flowLogs } = this.#inventory;
    if (!flowLogs) return true;
    const isRead = ({ flowLogId, trafficType }: FlowLog): boolean =>
      trafficType !== 'ACCEPT' && (this.#heard.has(flowLogId) || this.#heard.has(''));
    return flowLogs.some((log) => isRead(log) && covers(log, one));
  }
}

function covers({ resourceId }: FlowLog, { interfaceId, subnetId, vpcId }: NetworkInterface): boolean {
  return [interfaceId, subnetId, vpcId].includes(resourceId);
}

function named(ids: readonly string[]): string {
  const some = [...ids].sort().slice(0, NAMED).join(', ');
  return ids.length > NAMED ? `${some} and ${String(ids.length - NAMED)} more` : some;
}

/** Whether the rule, were its group on the interface, may have let the record pass; of groups and lists nobody knows. */
function mayFit({ direction, protocolNumber, ports, peer }: Rule, record: FlowRecord): boolean {
  const { protocol, destinationPort } = record;
  if (protocolNumber !== undefined && protocolNumber !== protocol) return false;
  if (record.direction !== undefined && record.direction !== direction) return false;
  if (ports && hasPorts(protocol) && (destinationPort < ports.from || destinationPort > ports.to)) return false;
  if (!('prefix' in peer)) return true;
  const host = (address: Address): boolean =>
    address.family !== 0 && holds(peer.prefix, { address, length: bitsOf(address.family) });
  return host(packetPeer(record, direction)) || host(plainPeer(record, direction));
}
