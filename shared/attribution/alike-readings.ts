import type { Address } from '../addresses/address.ts';
import { isLattice } from '../addresses/lattice.ts';
import type { FlowRecord, ScannedRows } from '../flowlogs/record.ts';
import type { Admissions } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory } from '../matching/compiled-inventory.ts';
import { KeyNumbers } from '../matching/key-numbers.ts';
import type { Direction } from '../protocols.ts';
import type { Day } from '../time.ts';
import type { Fate } from '../usage/usage.ts';
import { AlikeSums, type AlikeListener, type AlikeReading } from './alike-records.ts';
import type { FlowFold } from './flow-fold.ts';
import { opposite, packetPeer, plainPeer, type Orientation } from './orient.ts';
import type { PossibleUse, PossibleUses } from './possible-use.ts';
import type { Readings } from './readings.ts';
import { directionAt, GROUP, GROUP_KEY, groupAt, isShortAt, RecordRows } from './record-rows.ts';

/** How an accepted record was read. */
export interface FlowReading {
  readonly fate: Fate;
  /** Of the record's packets, seen from the interface. */
  readonly direction: Direction;
  /** Undefined where the interface or the direction is not known: who opened the connection and from where is a guess. */
  readonly orientation: Orientation | undefined;
  readonly possible: PossibleUse | undefined;
}

/** What reads records, and what is told of them at once. */
export interface ReadBy {
  readonly compiled: CompiledInventory;
  readonly admissions: Admissions;
  readonly possibleUses: PossibleUses;
  readonly readings: Readings;
  readonly flows: FlowFold;
}

/** Records that wait to be read: some 6 MB. */
const MAX_ROWS = 65_536;

/**
 * Reads accepted records by the rules of their interfaces: those of one interface one after the other, and of those that are
 * alike only the first.
 */
export class AlikeReadings {
  readonly #by: ReadBy;
  readonly #hear: AlikeListener;
  readonly #rows: RecordRows;
  /** Of interface, day and place. */
  readonly #groups: KeyNumbers;
  /** By the number of the group, twice, and whether their keys are short. */
  #alike: AlikeSums[] = [];
  #size = 0;
  /** How the record was read that was read last; */
  #last: FlowReading | undefined;
  /** or those that it was alike to, and their number. */
  #lastAlike: AlikeSums | undefined;
  #lastNumber = 0;

  constructor(by: ReadBy, hear: AlikeListener) {
    this.#by = by;
    this.#hear = hear;
    this.#rows = new RecordRows(by.compiled.portClasses);
    this.#groups = new KeyNumbers(GROUP_KEY, by.compiled.seed);
  }

  /** How many are held of which no two are alike. */
  get size(): number {
    return this.#size;
  }

  /** How the record was read that was read last. */
  get last(): FlowReading | undefined {
    if (!this.#lastAlike) return this.#last;
    const { reading, possible } = this.#lastAlike.readingOf(this.#lastNumber);
    const { isRequest, direction, orientation, fate } = this.#by.readings.at(reading);
    const uses = possible === 0 ? undefined : this.#by.possibleUses.at(possible - 1);
    return { fate, direction: isRequest ? direction : opposite(direction), orientation, possible: uses };
  }

  /**
   * @param owner has groups
   * @param direction of the record's packets, seen from the interface
   * @param place where its fate is counted
   */
  add(record: FlowRecord, owner: CompiledInterface, day: Day, direction: Direction, place: number): void {
    if (isLattice(record.source) || isLattice(record.destination))
      this.#readAlone(record, day, owner, direction, place);
    else {
      this.#rows.add(record, owner.index, day, direction, place);
      if (this.#rows.size === MAX_ROWS) this.settle();
    }
  }

  /**
   * As {@link add}, of a record as the scanner left it, which begins at `from`: neither of its plain addresses is of Lattice.
   *
   * @param owner the number of its interface, which has groups
   */
  addRow(rows: ScannedRows, from: number, owner: number, day: Day, isIngress: boolean, place: number): void {
    this.#rows.addRow(rows, from, owner, day, isIngress, place);
    if (this.#rows.size === MAX_ROWS) this.settle();
  }

  /** Reads all that wait. */
  settle(): void {
    const { words } = this.#rows;
    for (const at of this.#rows.inOrder()) this.#readRow(words, at);
  }

  /** Tells all that was read and not told, and forgets it. */
  tell(): void {
    // Of groups that have no short keys, or no others, the list has holes, which forEach leaves out.
    this.#alike.forEach((alike) => {
      alike.tell(this.#hear);
      alike.clear();
    });
    this.#alike = [];
    this.#groups.clear();
    this.#size = 0;
    this.#lastAlike = undefined;
  }

  #readRow(words: Int32Array, at: number): void {
    const rows = this.#rows;
    const alike = this.#alikeOf(words, at);
    const number = this.#alikeTo(at, alike);
    const sums = rows.sumsAt(at);
    if (!alike.add(number, sums)) {
      const { owner, day, place } = alike.group;
      this.#readAlone(rows.recordAt(at), day, this.#by.compiled.interfaces[owner]!, directionAt(words, at), place);
      return;
    }
    this.#lastAlike = alike;
    this.#lastNumber = number;
    const row = alike.rowOf(number);
    if (row > 0) this.#by.flows.addHour(row - 1, sums.end, sums.times);
  }

  #alikeOf(words: Int32Array, at: number): AlikeSums {
    const isShort = isShortAt(words, at);
    const number = 2 * this.#groups.numberOf(words, at + GROUP) + (isShort ? 1 : 0);
    return (this.#alike[number] ??= new AlikeSums(this.#by.compiled.seed, groupAt(words, at), isShort));
  }

  /** The number of those that the row is alike to; the first of them is read. */
  #alikeTo(at: number, alike: AlikeSums): number {
    const rows = this.#rows;
    const { words } = rows;
    const { size } = alike;
    const number = alike.numberOf(words, at);
    if (number === size) {
      this.#size++;
      const owner = this.#by.compiled.interfaces[alike.group.owner]!;
      const read = this.#readFirst(rows.recordAt(at), alike.group.day, owner, directionAt(words, at));
      alike.begin(number, read, rows.isByService(at, this.#by.readings.at(read.reading).isRequest));
    }
    if (alike.isByService(number)) return number;
    rows.turn(at);
    return this.#alikeTo(at, alike);
  }

  /** Reads a record by itself, and tells from when on others that are alike are read so. */
  #readFirst(record: FlowRecord, day: Day, owner: CompiledInterface, direction: Direction): AlikeReading {
    this.#by.admissions.beginSpan();
    const reading = this.#by.readings.of(record, owner.groupSet!, direction);
    const possible = this.#by.readings.possibleOf(record, direction, reading);
    const isRequest = reading.isRequest && reading.isCredited;
    const peer = reading.isPlain ? plainPeer(record, direction) : packetPeer(record, direction);
    this.#last = { fate: reading.fate, direction, orientation: reading.orientation, possible };
    this.#lastAlike = undefined;
    return {
      reading: reading.number,
      possible: possible ? possible.slot + 1 : 0,
      isProven: isRequest && reading.provesIfLocal && this.#isLocal(peer, record.start, owner),
      row: isRequest ? this.#by.flows.rowOf(reading.slot, day) + 1 : 0,
      since: this.#by.admissions.heldSince,
    };
  }

  #readAlone(record: FlowRecord, day: Day, owner: CompiledInterface, direction: Direction, place: number): void {
    const read = this.#readFirst(record, day, owner, direction);
    const { protocol, sourcePort, destinationPort } = record;
    const port = this.#by.readings.at(read.reading).isRequest ? destinationPort : sourcePort;
    const [packet, plain] = [packetPeer(record, direction), plainPeer(record, direction)];
    this.#hear({ owner: owner.index, day, protocol, port, packet, plain, place }, read, record);
    if (read.row > 0) this.#by.flows.addHour(read.row - 1, record.end, record.times);
  }

  /** Whether a known interface of the same subnet had the peer's address: for as long as the answers of rules that name groups hold. */
  #isLocal(peer: Readonly<Address>, start: number, { source: { vpcId, subnetId } }: CompiledInterface): boolean {
    return this.#by.compiled.isHeldIn(vpcId, this.#by.compiled.holders.find(peer), start, subnetId);
  }
}
