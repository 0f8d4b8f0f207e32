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
import type { RecordSums } from './flow-fold.ts';
import type { FoldHooks, FoldMemory } from './fold-memory.ts';
import { opposite, packetPeer, plainPeer, type Orientation } from './orient.ts';
import { READ_FATES, type AlikeReading, type Outcomes } from './outcomes.ts';
import type { PossibleUse } from './possible-use.ts';
import type { Readings } from './readings.ts';
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
  readonly readings: Readings;
  readonly outcomes: Outcomes;
  readonly memory: FoldMemory;
}

/** Hears of a record that was read by itself; what is told is valid during the call only. */
export type LoneListener = (record: LoneRecord, read: AlikeReading, sums: RecordSums) => void;

/** Times that have a number of 32 bits. */
const isShortTime = (time: number): boolean => time >= 0 && time < fold.NEVER;

/**
 * Reads accepted records by the rules of their interfaces: those of one interface one after the other, and of those that are
 * alike only the first. Alike are records of one kind of a conversation ({@link fold.KINDS_AT}): of one group, direction and service
 * flow, of which flags show the opener or not. They may differ in the client's port, as far as all rules of the inventory treat it
 * alike, in sizes and in times.
 */
export class AlikeReadings implements Omit<FoldHooks, 'mayHaveUsed'> {
  readonly #by: ReadBy;
  readonly #hear: LoneListener;
  readonly #waiting: WaitingRecords;
  /** Rows that were chosen since some were taken in. */
  #chosen = 0;
  /** How the record was read that was last read by itself. */
  #last: FlowReading | undefined;

  /** @param hear of records that are not alike to others, or only for a while */
  constructor(by: ReadBy, hear: LoneListener) {
    this.#by = by;
    this.#hear = hear;
    this.#waiting = new WaitingRecords(by.memory);
  }

  /** How many conversations are held: a measure of the memory, 80 bytes each and more with IPv6. */
  get size(): number {
    const { memory } = this.#by;
    return memory.isEmpty ? 0 : memory.exports.conversations.value;
  }

  /** How the record was read that was read last. */
  get last(): FlowReading | undefined {
    const { memory, outcomes } = this.#by;
    const number = memory.isEmpty ? 0 : memory.exports.last.value;
    if (number === 0) return this.#last;
    const { reading, possible } = outcomes.at(number - 1);
    const { isRequest, direction, orientation, fate } = reading;
    return { fate, direction: isRequest ? direction : opposite(direction), orientation, possible };
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

  /** Adds conversations to flows, and forgets them; and adds fates. */
  tell(fates: FateTally): void {
    const { memory } = this.#by;
    if (memory.isEmpty) return;
    memory.exports.tell();
    const { numbers } = memory;
    const groups = memory.exports.groups.value;
    for (let group = 0; group < memory.groupCount; group++) {
      const at = (groups + group * fold.GROUP_BYTES + fold.GROUP_FATES) >> 3;
      for (const [number, fate] of READ_FATES.entries()) {
        const times = numbers[at + number]!;
        if (times === 0) continue;
        numbers[at + number] = 0;
        fates.count(fate, memory.placeOf(group), times);
      }
    }
  }

  read(waiting: number, reverse: number): number {
    const { memory, compiled, outcomes } = this.#by;
    const group = memory.words[(waiting + fold.AT_GROUP) >> 2]!;
    const owner = compiled.interfaces[memory.ownerOf(group)]!;
    const direction = this.#waiting.directionAt(waiting);
    const record = this.#waiting.recordAt(waiting);
    const read = this.#readFirst(record, owner, direction);
    const features = memory.words[(waiting + fold.AT_FEATURES) >> 2]!;
    const isOfSource = (features & fold.OF_SOURCE) !== 0;
    const isOfClient = hasPorts(record.protocol) && isOfSource === read.reading.isRequest;
    if (isOfClient && (features & fold.TURNED) === 0) return fold.TURN;
    // What turned it was of another time: were it turned back, records of two times would turn each other without end.
    const outcome = outcomes.numberOf(isOfClient ? { ...read, since: Infinity } : read, memory.dayOf(group));
    if (reverse > 0) outcomes.noteReverse(reverse - 1, outcome);
    return outcome + 1;
  }

  readAlone(waiting: number): void {
    const { memory, compiled } = this.#by;
    const group = memory.words[(waiting + fold.AT_GROUP) >> 2]!;
    const owner = compiled.interfaces[memory.ownerOf(group)]!;
    const direction = this.#waiting.directionAt(waiting);
    this.#readAlone(this.#waiting.recordAt(waiting), owner, memory.dayOf(group), direction, memory.placeOf(group));
  }

  /** Reads a record by itself, and tells from when on others that are alike are read so. */
  #readFirst(record: FlowRecord, owner: CompiledInterface, direction: Direction): AlikeReading {
    const { admissions, readings } = this.#by;
    admissions.beginSpan();
    const reading = readings.of(record, owner.groupSet!, direction);
    const possible = readings.possibleOf(record, direction, reading);
    const peer = reading.isPlain ? plainPeer(record, direction) : packetPeer(record, direction);
    const isProven = reading.isCredited && reading.provesIfLocal && this.#isLocal(peer, record.start, owner);
    return { reading, possible, isProven, since: admissions.heldSince };
  }

  #readAlone(record: FlowRecord, owner: CompiledInterface, day: Day, direction: Direction, place: number): void {
    const read = this.#readFirst(record, owner, direction);
    const { protocol, sourcePort, destinationPort } = record;
    const { isRequest, fate, orientation } = read.reading;
    const port = isRequest ? destinationPort : sourcePort;
    const [packet, plain] = [packetPeer(record, direction), plainPeer(record, direction)];
    this.#hear({ owner: owner.index, day, protocol, port, packet, plain, place }, read, record);
    this.#last = { fate, direction, orientation, possible: read.possible };
    // What was read last is not among those that are alike.
    this.#by.memory.exports.last.value = 0;
  }

  /** Whether a known interface of the same subnet had the peer's address: for as long as the answers of rules that name groups hold. */
  #isLocal(peer: Readonly<Address>, start: number, { source: { vpcId, subnetId } }: CompiledInterface): boolean {
    return this.#by.compiled.isHeldIn(vpcId, this.#by.compiled.holders.find(peer), start, subnetId);
  }
}
