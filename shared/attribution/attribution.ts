import { formatAddress } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import { Admissions, type Admission } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory, GroupSet } from '../matching/compiled-inventory.ts';
import { hashOf, textHash } from '../usage/smallest-hashes.ts';
import type { InterfaceDay } from '../usage/counters.ts';
import {
  addPossible,
  ELSEWHERE,
  emptyInterfaceDay,
  ruleDay,
  within,
  type Fate,
  type RejectedFlow,
  type Usage,
} from '../usage/usage.ts';
import { isDuplicate } from './duplicate-log.ts';
import { directionOf, orient, peersOf, type Orientation } from './orient.ts';
import { possibleUse, usedEitherWay } from './possible-use.ts';
import { admittingSet, NO_PORT, Tally } from './admission-sums.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { dayOf, type Day } from '../time.ts';

/** Where a record came from, as far as it matters to counting. */
export interface RecordOrigin {
  /** The `fl-` id in the file's name; undefined where the name has none. */
  readonly flowLogId: string | undefined;
  /** The flow logs whose files are counted here: only these can make a record a duplicate. */
  readonly delivered: ReadonlySet<string>;
}

/** @param direction of the record's packets, seen from the interface */
export type FlowListener = (record: FlowRecord, direction: Direction, orientation: Orientation) => void;

/** Answers held before the sums are written out and the memory given back. */
const MAX_ADMISSIONS = 1_000_000;

/**
 * Adds up what records say of the rules of one inventory. What a record adds depends on the record and the inventory
 * alone. Sums reach `usage` with {@link finish}.
 */
export class Attribution {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #usage: Usage;
  readonly #onFlow: FlowListener | undefined;
  #tallies: Tally[] = [];
  /** The coverage that was added to last: most records follow one of the same interface and day. */
  #seen: InterfaceDay | undefined;
  #seenOwner: CompiledInterface | undefined;
  #seenDay: Day = -1;
  #heardLog: string | undefined;
  #heardDay: Day = -1;

  /** @param onFlow hears of every record that was read as request or reply, admitted or not */
  constructor(compiled: CompiledInventory, usage: Usage, onFlow?: FlowListener) {
    this.#compiled = compiled;
    this.#admissions = new Admissions(compiled);
    this.#usage = usage;
    this.#onFlow = onFlow;
  }

  malformed(times = 1): void {
    this.#usage.fates.malformed += times;
  }

  add(record: FlowRecord, origin: RecordOrigin): Fate {
    const fate = this.#fateOf(record, origin);
    this.#usage.fates[fate] += record.times;
    return fate;
  }

  /** Writes the sums into the usage given at the start. Call it once all records are in; more may follow. */
  finish(): void {
    // Admissions that were only asked have no tally: the list has holes, which forEach leaves out.
    this.#tallies.forEach((tally) => {
      tally.addTo(this.#usage);
    });
    this.#tallies = [];
    this.#admissions.forget();
  }

  #fateOf(record: FlowRecord, origin: RecordOrigin): Fate {
    const usage = this.#usage;
    const day = dayOf(record.end);
    if (record.end > usage.lastEnd) usage.lastEnd = record.end;
    if (usage.firstEnd < 0 || record.end < usage.firstEnd) usage.firstEnd = record.end;

    const owner = this.#compiled.interfaceOf(record.interfaceId);
    const duplicate = owner !== undefined && record.status === 'OK' && isDuplicate(record, owner, origin);
    if (owner && !duplicate) this.#cover(owner, record, day);
    if (record.accepted || record.status === 'NODATA') this.#hear(origin.flowLogId ?? '', day);
    if (record.status === 'NODATA') return 'noData';
    if (record.status === 'SKIPDATA') return 'skipData';
    if (duplicate) {
      if (record.accepted) this.#setAside(record, owner, day);
      return 'duplicateLog';
    }
    if (!record.accepted) {
      this.#addRejected(record, owner);
      return 'rejected';
    }
    if (record.interfaceId === '') return 'noGroup';
    if (!owner) {
      this.#addUnknown(record, day);
      return 'unknownInterface';
    }
    if (!owner.groupSet) return 'noGroup';
    const direction = directionOf(record, owner, this.#compiled);
    if (!direction) {
      this.#possiblyUsed(record, [owner.groupSet], day);
      return 'unknownDirection';
    }
    const orientation = orient(record, owner.groupSet, direction, this.#admissions);
    this.#onFlow?.(record, direction, orientation);
    return this.#credit(record, day, orientation);
  }

  #credit(record: FlowRecord, day: Day, orientation: Orientation): Fate {
    const { hypotheses, opener, ground } = orientation;
    const { times } = record;
    if (opener === 'request') this.#usage.requests += times;
    else this.#usage.replies += times;
    if (ground === 'smallerPort') this.#usage.ambiguous += times;

    const { lost, could, besides } = possibleUse(record, orientation);
    if (lost) this.#tallyOf(lost).lose(day, record);
    for (const admission of could) this.#tallyOf(admission).couldHave(day, record);
    for (const { ruleId } of besides) addPossible(ruleDay(this.#usage, ruleId, day), record.times, record.end);

    const chosen = hypotheses[opener]!;
    let fate: Fate = 'unexplained';
    if (chosen.admitting.length > 0) {
      const port = opener === 'request' ? record.destinationPort : record.sourcePort;
      const bucket = hasPorts(record.protocol) ? this.#compiled.ports.bucketOf(port) : NO_PORT;
      this.#tallyOf(chosen).credit(record, day, orientation, bucket);
      fate = 'attributed';
    } else if (chosen.could.length > 0) {
      fate = 'possible';
    }
    if (this.#admissions.size > MAX_ADMISSIONS) this.finish();
    return fate;
  }

  #tallyOf(admission: Admission): Tally {
    return (this.#tallies[admission.slot] ??= new Tally(admission));
  }

  #cover(owner: CompiledInterface, record: FlowRecord, day: Day): void {
    if (!this.#seen || owner !== this.#seenOwner || day !== this.#seenDay) {
      this.#seenOwner = owner;
      this.#seenDay = day;
      this.#seen = within(this.#usage.interfaces, owner.source.interfaceId, day, emptyInterfaceDay);
    }
    const { times } = record;
    this.#seen.records += times;
    if (record.status === 'NODATA') this.#seen.noData += times;
    else if (record.status === 'SKIPDATA') this.#seen.skipData += times;
    else if (record.accepted) this.#seen.accepted += times;
  }

  #addUnknown(record: FlowRecord, day: Day): void {
    const { vpcId, interfaceId } = record;
    const vpc = vpcId === '' || this.#compiled.vpcIds.has(vpcId) ? vpcId : ELSEWHERE;
    within(this.#usage.unknownAccepted, vpc, day, () => ({ records: 0 })).records += record.times;
    this.#usage.unknownInterfaces.keep(hashOf(textHash(interfaceId)), () => interfaceId);
    // A group whose members live for minutes is on no interface when a snapshot is taken, and in use all the same.
    this.#possiblyUsed(record, this.#compiled.uncarriedGroups(vpc), day);
  }

  #possiblyUsed(record: FlowRecord, groupSets: readonly GroupSet[], day: Day): void {
    for (const { ruleId } of usedEitherWay(record, groupSets, this.#admissions)) {
      addPossible(ruleDay(this.#usage, ruleId, day), record.times, record.end);
    }
  }

  /**
   * Notes the rules that a record set aside would have been credited to. The other flow log should tell of it too; where
   * it does not (its files are not all here, or it skipped data), these rules must not look unused.
   */
  #setAside(record: FlowRecord, owner: CompiledInterface, day: Day): void {
    const direction = owner.groupSet && directionOf(record, owner, this.#compiled);
    if (!owner.groupSet || !direction) return;
    const orientation = orient(record, owner.groupSet, direction, this.#admissions);
    const chosen = orientation.hypotheses[orientation.opener];
    for (const admission of [chosen, possibleUse(record, orientation).lost]) {
      for (const { ruleId } of admission?.admitting ?? [])
        ruleDay(this.#usage, ruleId, day).setAsideTimes += record.times;
    }
    if (chosen && chosen.admitting.length > 0) admittingSet(this.#usage, day, chosen);
  }

  #hear(flowLogId: string, day: Day): void {
    if (flowLogId === this.#heardLog && day === this.#heardDay) return;
    this.#heardLog = flowLogId;
    this.#heardDay = day;
    const days = this.#usage.heardLogs.get(flowLogId);
    if (days) days.add(day);
    else this.#usage.heardLogs.set(flowLogId, new Set([day]));
  }

  /** A REJECT by a group or network ACL is taken as a request: replies of tracked connections are not rejected. */
  #addRejected(record: FlowRecord, owner: CompiledInterface | undefined): void {
    const direction = owner ? directionOf(record, owner, this.#compiled) : record.direction;
    const peer = peersOf(record, direction ?? 'ingress').packet;
    const port = hasPorts(record.protocol) ? record.destinationPort : 0;
    const { interfaceId, protocol, rejectReason: reason } = record;
    const side = direction === undefined ? 0 : direction === 'ingress' ? 1 : 2;
    const who = textHash(`${interfaceId} ${reason}`);
    const hash = hashOf(who, side, protocol, port, peer.family, peer.w0, peer.w1, peer.w2, peer.w3);
    const flow = this.#usage.rejected.keep(hash, (): RejectedFlow => ({
      interfaceId,
      direction,
      protocol,
      peer: formatAddress(peer),
      port,
      reason,
      times: 0,
      lastSeen: -1,
    }));
    if (!flow) return;
    flow.times += record.times;
    flow.lastSeen = Math.max(flow.lastSeen, record.end);
  }
}
