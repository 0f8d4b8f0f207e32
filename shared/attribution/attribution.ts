import { formatAddress } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import { Admissions, type Admission } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory } from '../matching/compiled-inventory.ts';
import { hashOf, textHash } from '../usage/smallest-hashes.ts';
import { emptyLogDay, noteRecord, type LogDay } from '../usage/log-days.ts';
import {
  ELSEWHERE,
  emptyInterfaceDay,
  ruleDay,
  within,
  type Fate,
  type InterfaceDay,
  type RejectedFlow,
  type Usage,
} from '../usage/usage.ts';
import type { IsDuplicate } from './duplicate-log.ts';
import { isOfOtherAccount, vpcOf } from './other-account.ts';
import { directionOf, hasSyn, orient, peersOf, type Orientation } from './orient.ts';
import { PossibleUses, type PossibleUse } from './possible-use.ts';
import { admittingSet, NO_PORT, PossibleSums, Tally } from './admission-sums.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { dayOf, type Day } from '../time.ts';

/** Where a record came from, as far as it matters to counting. */
export interface RecordOrigin {
  /** The `fl-` id in the file's name; undefined where the name has none. */
  readonly flowLogId: string | undefined;
  /** The account in the file's path; undefined where the path has none. */
  readonly accountId?: string | undefined;
  /** Whether another flow log tells of the record of a known interface, and counts in its place. */
  readonly isDuplicate: IsDuplicate;
}

/** How an accepted record was read. */
export interface FlowReading {
  /** Of the record's packets, seen from the interface. */
  readonly direction: Direction;
  /** Undefined where the interface or the direction is not known: who opened the connection and from where is a guess. */
  readonly orientation: Orientation | undefined;
  readonly possible: PossibleUse | undefined;
}

export type FlowListener = (record: FlowRecord, reading: FlowReading) => void;

/** Regional NAT gateways have no interface, and no group. */
const NAT_GATEWAY = 'nat-';

/** Answers held before the sums are written out and the memory given back. */
const MAX_ADMISSIONS = 1_000_000;

/**
 * Adds up what records say of the rules of one inventory. What a record adds depends on the record and the inventory
 * alone. Sums reach `usage` with {@link finish}.
 */
export class Attribution {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #possibleUses: PossibleUses;
  readonly #possible = new PossibleSums();
  readonly #usage: Usage;
  readonly #onFlow: FlowListener | undefined;
  #tallies: Tally[] = [];
  /** The coverage that was added to last: most records follow one of the same interface and day. */
  #seen: InterfaceDay | undefined;
  #seenOwner: CompiledInterface | undefined;
  #seenDay: Day = -1;
  /** The flow log that was heard last, and on which day. */
  #heard: LogDay | undefined;
  #heardLog = '';
  #heardDay: Day = -1;

  /** @param onFlow hears of every accepted record that gives use or possible use, or that nothing explains */
  constructor(compiled: CompiledInventory, usage: Usage, onFlow?: FlowListener) {
    this.#compiled = compiled;
    this.#admissions = new Admissions(compiled);
    this.#possibleUses = new PossibleUses(compiled, this.#admissions);
    this.#usage = usage;
    this.#onFlow = onFlow;
  }

  /** @param day of the file's name; undefined where it tells none: then that of the flow log's last record here */
  malformed({ flowLogId = '' }: Pick<RecordOrigin, 'flowLogId'>, day: Day | undefined, times = 1): void {
    this.#usage.fates.malformed += times;
    const on = day ?? (this.#heard && this.#heardLog === flowLogId ? this.#heardDay : undefined);
    if (on === undefined) return;
    const log = this.#logOn(flowLogId, on);
    log.lines += times;
    log.malformed += times;
  }

  add(record: FlowRecord, origin: RecordOrigin): Fate {
    const fate = this.#fateOf(record, origin);
    this.#usage.fates[fate] += record.times;
    if (this.#admissions.size + this.#possibleUses.size > MAX_ADMISSIONS) this.finish();
    return fate;
  }

  /** Writes the sums into the usage given at the start. Call it once all records are in; more may follow. */
  finish(): void {
    // Admissions that were only asked have no tally: the list has holes, which forEach leaves out.
    this.#tallies.forEach((tally) => {
      tally.addTo(this.#usage);
    });
    this.#tallies = [];
    this.#possible.addTo(this.#usage);
    this.#admissions.forget();
    this.#possibleUses.forget();
  }

  #fateOf(record: FlowRecord, origin: RecordOrigin): Fate {
    const usage = this.#usage;
    const day = dayOf(record.end);
    if (record.end > usage.lastEnd) usage.lastEnd = record.end;
    if (usage.firstEnd < 0 || record.end < usage.firstEnd) usage.firstEnd = record.end;

    const owner = this.#compiled.interfaceOf(record.interfaceId);
    const duplicate = owner !== undefined && record.status === 'OK' && origin.isDuplicate(record, owner);
    const flowLogId = origin.flowLogId ?? '';
    this.#hear(record, flowLogId, day);
    if (owner) this.#cover(owner, record, day, flowLogId, duplicate);
    if (record.status === 'NODATA') return 'noData';
    if (record.status === 'SKIPDATA') return 'skipData';
    if (!owner && isOfOtherAccount(record, origin, this.#compiled)) return 'otherAccount';
    if (duplicate) {
      if (record.accepted) this.#setAside(record, owner, day);
      return 'duplicateLog';
    }
    if (!record.accepted) {
      this.#addRejected(record, owner);
      return 'rejected';
    }
    if (!owner) {
      if (record.interfaceId === '' && record.resourceId.startsWith(NAT_GATEWAY)) return 'noGroup';
      this.#addUnknown(record, origin, day);
      return 'unknownInterface';
    }
    if (!owner.groupSet) return 'noGroup';
    const direction = directionOf(record, owner, this.#compiled);
    if (!direction) {
      const possible = this.#possibleUses.eitherWay(record, owner.source.vpcId, owner.groupSet);
      this.#possiblyUsed(record, day, { direction: 'ingress', orientation: undefined, possible });
      return 'unknownDirection';
    }
    const orientation = orient(record, owner.groupSet, direction, this.#admissions);
    const possible = this.#possibleUses.ofFlow(record, direction, orientation);
    this.#possiblyUsed(record, day, { direction, orientation, possible });
    return this.#credit(record, day, orientation, owner);
  }

  #credit(record: FlowRecord, day: Day, orientation: Orientation, owner: CompiledInterface): Fate {
    const { hypotheses, opener, ground, credited, otherPath } = orientation;
    const { times } = record;
    if (opener === 'request') this.#usage.requests += times;
    else this.#usage.replies += times;
    if (ground === 'smallerPort') this.#usage.ambiguous += times;

    const chosen = hypotheses[opener]!;
    if (credited.length > 0) {
      const port = opener === 'request' ? record.destinationPort : record.sourcePort;
      const bucket = hasPorts(record.protocol) ? this.#compiled.ports.bucketOf(port) : NO_PORT;
      this.#tallyOf(chosen).credit(record, day, orientation, bucket, this.#isLocal(record, orientation, owner));
      return 'attributed';
    }
    return chosen.could.length > 0 && !otherPath ? 'possible' : 'unexplained';
  }

  /** See {@link AdmittingSet.provenTimes}. */
  #isLocal(record: FlowRecord, orientation: Orientation, { source }: CompiledInterface): boolean {
    const { opener, credited } = orientation;
    if (opener !== 'request' || credited.every(({ peer }) => peer.type !== 'group')) return false;
    if (credited.length === 1 && !hasSyn(record)) return false;
    const node = this.#compiled.holders.find(orientation.peer);
    return this.#compiled.isHeldIn(source.vpcId, node, record.start, source.subnetId);
  }

  #possiblyUsed(record: FlowRecord, day: Day, reading: FlowReading): void {
    this.#onFlow?.(record, reading);
    if (reading.possible) this.#possible.add(reading.possible, record, day);
  }

  #tallyOf(admission: Admission): Tally {
    return (this.#tallies[admission.slot] ??= new Tally(admission));
  }

  #cover(owner: CompiledInterface, record: FlowRecord, day: Day, flowLogId: string, isDuplicate: boolean): void {
    if (!this.#seen || owner !== this.#seenOwner || day !== this.#seenDay) {
      this.#seenOwner = owner;
      this.#seenDay = day;
      this.#seen = within(this.#usage.interfaces, owner.source.interfaceId, day, emptyInterfaceDay);
    }
    this.#seen.logs.add(flowLogId);
    if (isDuplicate) return;
    const { times } = record;
    this.#seen.records += times;
    if (record.status === 'NODATA') this.#seen.noData += times;
    else if (record.status === 'SKIPDATA') this.#seen.skipData += times;
    else if (record.accepted) this.#seen.accepted += times;
  }

  /** Which groups it has is not known: it may have any of its VPC. A group whose members live for minutes is seen in no other way. */
  #addUnknown(record: FlowRecord, { flowLogId }: RecordOrigin, day: Day): void {
    const { interfaceId } = record;
    const vpcId = vpcOf(record, flowLogId, this.#compiled);
    const vpc = vpcId === '' || this.#compiled.vpcIds.has(vpcId) ? vpcId : ELSEWHERE;
    within(this.#usage.unknownAccepted, vpc, day, () => ({ records: 0 })).records += record.times;
    this.#usage.unknownInterfaces.keep(hashOf(textHash(interfaceId)), () => interfaceId);
    const possible = this.#possibleUses.eitherWay(record, vpc);
    this.#possiblyUsed(record, day, { direction: record.direction ?? 'ingress', orientation: undefined, possible });
  }

  /**
   * Notes the rules that a record set aside would have been credited to. The other flow log should tell of it too; where
   * it does not (its files are not all here, or it skipped data), these rules must not look unused.
   */
  #setAside(record: FlowRecord, owner: CompiledInterface, day: Day): void {
    const direction = owner.groupSet && directionOf(record, owner, this.#compiled);
    if (!owner.groupSet || !direction) return;
    const orientation = orient(record, owner.groupSet, direction, this.#admissions);
    const possible = this.#possibleUses.ofFlow(record, direction, orientation);
    for (const { ruleId } of [...orientation.credited, ...(possible?.rules ?? [])]) {
      ruleDay(this.#usage, ruleId, day).setAsideTimes += record.times;
    }
    if (orientation.credited.length > 0) {
      admittingSet(this.#usage, day, orientation.hypotheses[orientation.opener]!);
    }
  }

  #hear(record: FlowRecord, flowLogId: string, day: Day): void {
    noteRecord(this.#logOn(flowLogId, day), record);
  }

  #logOn(flowLogId: string, day: Day): LogDay {
    if (!this.#heard || flowLogId !== this.#heardLog || day !== this.#heardDay) {
      this.#heardLog = flowLogId;
      this.#heardDay = day;
      this.#heard = within(this.#usage.logs, flowLogId, day, emptyLogDay);
    }
    return this.#heard;
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
