import type { Address } from '../addresses/address.ts';
import { isLattice } from '../addresses/lattice.ts';
import type { FlowRecord, ScannedRows } from '../flowlogs/record.ts';
import { ROW_SLOTS } from '../flowlogs/scan/layout.ts';
import type { Admissions } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory } from '../matching/compiled-inventory.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import type { Day } from '../time.ts';
import type { Fate } from '../usage/usage.ts';
import type { FateTally } from './fate-tally.ts';
import * as fold from './fold/layout.ts';
import type { FlowFold, RecordSums } from './flow-fold.ts';
import type { FoldHooks, FoldMemory } from './fold-memory.ts';
import { opposite, packetPeer, plainPeer, type Orientation } from './orient.ts';
import type { PossibleUse, PossibleUses } from './possible-use.ts';
import type { Reading, Readings } from './readings.ts';
import { WaitingRecords } from './waiting-records.ts';

/** How an accepted record was read. */
export interface FlowReading {
  readonly fate: Fate;
  /** Of the record's packets, seen from the interface. */
  readonly direction: Direction;
  /** Undefined where the interface or the direction is not known: who opened the connection and from where is a guess. */
  readonly orientation: Orientation | undefined;
  readonly possible: PossibleUse | undefined;
}

/** What is known of a record, and of all that are alike, once one of them was read. */
export interface AlikeReading {
  readonly reading: Reading;
  readonly possible: PossibleUse | undefined;
  /** Whether they are some of {@link AdmittingSet.provenTimes}. */
  readonly isProven: boolean;
  /** Of requests that are credited {@link FlowFold.rowOf} plus 1; 0 where they are none. */
  readonly row: number;
  /** UNIX seconds: records that started before are not read so. Infinity where each is to be read by itself. */
  readonly since: number;
}

/** A record that was read by itself. */
export interface LoneRecord {
  /** The number of the interface. */
  readonly owner: number;
  readonly day: Day;
  readonly protocol: number;
  /** That of the service; 0 for protocols without ports. */
  readonly port: number;
  readonly packet: Readonly<Address>;
  readonly plain: Readonly<Address>;
  /** Where its fate is counted. */
  readonly place: number;
}

/** What reads records, and what is told of them at once. */
export interface ReadBy {
  readonly compiled: CompiledInventory;
  readonly admissions: Admissions;
  readonly possibleUses: PossibleUses;
  readonly readings: Readings;
  readonly flows: FlowFold;
  readonly memory: FoldMemory;
}

/** Hears of a record that was read by itself; what is told is valid during the call only. */
export type LoneListener = (record: LoneRecord, read: AlikeReading, sums: RecordSums) => void;

/** What all records say that were read since it was told last. */
export interface AlikeTold {
  readonly requests: number;
  readonly replies: number;
  readonly ambiguous: number;
}

/** Fates of records that are read, by their numbers. */
const FATES = ['attributed', 'possible', 'unexplained'] as const satisfies Fate[];

/** Times that have a number of 32 bits. */
const isShortTime = (time: number): boolean => time >= 0 && time < fold.NEVER;

/**
 * Reads accepted records by the rules of their interfaces: those of one interface one after the other, and of those that are
 * alike only the first. Alike are records of one group that no rule tells apart and that are of one service flow: they may differ in
 * the client's port, as far as all rules of the inventory treat it alike, in sizes and in times.
 */
export class AlikeReadings implements Omit<FoldHooks, 'mayHaveUsed'> {
  readonly #by: ReadBy;
  readonly #hear: LoneListener;
  readonly #waiting: WaitingRecords;
  /** Rows that were chosen since some were taken in. */
  #chosen = 0;
  /** How the record was read that was read last as the first of its kind or by itself. */
  #last: FlowReading | undefined;

  /** @param hear of records that are not alike to others, or only for a while */
  constructor(by: ReadBy, hear: LoneListener) {
    this.#by = by;
    this.#hear = hear;
    this.#waiting = new WaitingRecords(by.memory);
  }

  /** How many are held of which no two are alike. */
  get size(): number {
    const { memory } = this.#by;
    return memory.isEmpty ? 0 : memory.exports.alike.value;
  }

  /** How the record was read that was read last. */
  get last(): FlowReading | undefined {
    const { memory, readings, possibleUses } = this.#by;
    const alike = memory.isEmpty ? 0 : memory.exports.last.value;
    if (alike === 0) return this.#last;
    const reading = memory.words[(alike + fold.TOLD_READING) >> 2]! & fold.READING_MASK;
    const possible = memory.words[(alike + fold.TOLD_POSSIBLE) >> 2]!;
    const { isRequest, direction, orientation, fate } = readings.at(reading);
    const uses = possible === 0 ? undefined : possibleUses.at(possible - 1);
    return { fate, direction: isRequest ? direction : opposite(direction), orientation, possible: uses };
  }

  /**
   * @param owner has groups
   * @param direction of the record's packets, seen from the interface
   * @param place where its fate is counted
   */
  add(record: FlowRecord, owner: CompiledInterface, day: Day, direction: Direction, place: number): void {
    if (
      isLattice(record.source) ||
      isLattice(record.destination) ||
      !isShortTime(record.start) ||
      !isShortTime(record.end)
    ) {
      this.#readAlone(record, owner, day, direction, place);
      return;
    }
    const { memory } = this.#by;
    const group = memory.groupOf(owner.index, day, place);
    this.#waiting.add(record, group, direction);
  }

  /**
   * Chooses a row of the scanner for {@link take}: neither of its plain addresses is of Lattice, and its times are from 1970 to 2106.
   *
   * @param group as {@link FoldMemory.groupOf} numbers it; its interface has groups
   */
  choose(row: number, group: number, isIngress: boolean): void {
    const { words, routed } = this.#by.memory;
    const at = routed + 2 * this.#chosen++;
    words[at] = row;
    words[at + 1] = (group << 1) | (isIngress ? 1 : 0);
  }

  /** Adds the rows that were chosen: all of them lie from the one row to before the other. */
  take({ slots }: ScannedRows, from: number, to: number): void {
    const { exports, words, scanned } = this.#by.memory;
    words.set(slots.subarray(from * ROW_SLOTS, to * ROW_SLOTS), scanned + from * ROW_SLOTS);
    exports.addRouted(this.#chosen);
    this.#chosen = 0;
  }

  /** Reads all that wait. */
  settle(): void {
    if (!this.#by.memory.isEmpty) this.#by.memory.exports.settle();
  }

  /**
   * Adds all that was read and not told to flows and fates, and forgets it.
   *
   * @returns how many records it was
   */
  tell(fates: FateTally): AlikeTold {
    const { memory } = this.#by;
    if (memory.isEmpty) return { requests: 0, replies: 0, ambiguous: 0 };
    const { exports } = memory;
    exports.tell();
    const { numbers } = memory;
    const groups = exports.groups.value;
    for (let group = 0; group < memory.groupCount; group++) {
      const at = (groups + group * fold.GROUP_BYTES + fold.GROUP_FATES) >> 3;
      for (const [number, fate] of FATES.entries()) {
        const times = numbers[at + number]!;
        if (times === 0) continue;
        numbers[at + number] = 0;
        fates.count(fate, memory.placeOf(group), times);
      }
    }
    return { requests: exports.requests.value, replies: exports.replies.value, ambiguous: exports.ambiguous.value };
  }

  read(waiting: number): void {
    const { memory, compiled } = this.#by;
    const group = memory.words[(waiting + fold.AT_GROUP) >> 2]!;
    const owner = compiled.interfaces[memory.ownerOf(group)]!;
    const { reading, possible, isProven, row, since } = this.#readFirst(
      this.#waiting.recordAt(waiting),
      owner,
      memory.dayOf(group),
      this.#waiting.directionAt(waiting),
    );
    const { words } = memory;
    const features = words[(waiting + fold.AT_FEATURES) >> 2]!;
    const isOfSource = (features & fold.OF_SOURCE) !== 0;
    const isByService = !hasPorts((features >> fold.PROTOCOL_SHIFT) & 255) || isOfSource !== reading.isRequest;
    const into = memory.read;
    words[into + fold.READ_READING] =
      reading.number | (isByService ? fold.BY_SERVICE : 0) | (isProven ? fold.PROVEN : 0);
    words[into + fold.READ_POSSIBLE] = possible ? possible.slot + 1 : 0;
    words[into + fold.READ_ROW] = row;
    words[into + fold.READ_SINCE] = Math.min(Math.max(0, Math.ceil(since)), fold.NEVER);
    words[into + fold.READ_SLOT] = reading.slot;
    words[into + fold.READ_BITS] = bitsOf(reading);
  }

  readAlone(waiting: number): void {
    const { memory, compiled } = this.#by;
    const group = memory.words[(waiting + fold.AT_GROUP) >> 2]!;
    const owner = compiled.interfaces[memory.ownerOf(group)]!;
    const direction = this.#waiting.directionAt(waiting);
    this.#readAlone(this.#waiting.recordAt(waiting), owner, memory.dayOf(group), direction, memory.placeOf(group));
  }

  /** Reads a record by itself, and tells from when on others that are alike are read so. */
  #readFirst(record: FlowRecord, owner: CompiledInterface, day: Day, direction: Direction): AlikeReading {
    const { admissions, readings, flows } = this.#by;
    admissions.beginSpan();
    const reading = readings.of(record, owner.groupSet!, direction);
    const possible = readings.possibleOf(record, direction, reading);
    const isRequest = reading.isRequest && reading.isCredited;
    const peer = reading.isPlain ? plainPeer(record, direction) : packetPeer(record, direction);
    this.#last = { fate: reading.fate, direction, orientation: reading.orientation, possible };
    return {
      reading,
      possible,
      isProven: isRequest && reading.provesIfLocal && this.#isLocal(peer, record.start, owner),
      row: isRequest ? flows.rowOf(reading.slot, day) + 1 : 0,
      since: admissions.heldSince,
    };
  }

  #readAlone(record: FlowRecord, owner: CompiledInterface, day: Day, direction: Direction, place: number): void {
    const read = this.#readFirst(record, owner, day, direction);
    const { protocol, sourcePort, destinationPort } = record;
    const port = read.reading.isRequest ? destinationPort : sourcePort;
    const [packet, plain] = [packetPeer(record, direction), plainPeer(record, direction)];
    this.#hear({ owner: owner.index, day, protocol, port, packet, plain, place }, read, record);
    // What was read last is not among those that are alike.
    this.#by.memory.exports.last.value = 0;
    if (read.row > 0) this.#by.flows.addHour(read.row - 1, record.end, record.times);
  }

  /** Whether a known interface of the same subnet had the peer's address: for as long as the answers of rules that name groups hold. */
  #isLocal(peer: Readonly<Address>, start: number, { source: { vpcId, subnetId } }: CompiledInterface): boolean {
    return this.#by.compiled.isHeldIn(vpcId, this.#by.compiled.holders.find(peer), start, subnetId);
  }
}

function bitsOf({ isRequest, isInferred, isAmbiguous, isPlain, isCredited, direction, fate }: Reading): number {
  return (
    (isRequest ? fold.IS_REQUEST : 0) |
    (isInferred ? fold.IS_INFERRED : 0) |
    (isAmbiguous ? fold.IS_AMBIGUOUS : 0) |
    (isPlain ? fold.IS_PLAIN : 0) |
    (isCredited ? fold.IS_CREDITED : 0) |
    (direction === 'ingress' ? fold.IS_INGRESS : 0) |
    (FATES.indexOf(fate as (typeof FATES)[number]) << fold.FATE_SHIFT)
  );
}
