import { absentAddress, sameAddress, type Address } from '../addresses/address.ts';
import { emptyRecord, type FlowRecord, type ScannedRows } from '../flowlogs/record.ts';
import { hasPorts, SYN, ACK, TCP, type Direction, type Opener } from '../protocols.ts';
import * as scan from '../flowlogs/scan/layout.ts';
import type { Day } from '../time.ts';
import { hasSyn, openerShown, packetPeer, plainPeer } from './orient.ts';
import { portKind } from './possible-use.ts';

/** What a record, or several that are alike, add up to. */
export type RecordSums = Pick<FlowRecord, 'times' | 'packets' | 'bytes' | 'start' | 'end'>;

/** What is the same for many records. */
export interface RecordGroup {
  /** The number of the interface. */
  owner: number;
  day: Day;
  /** Where their fates are counted. */
  place: number;
}

/** What is the same for records that are alike, as their rows tell. */
export interface RecordKey extends RecordGroup {
  protocol: number;
  /** That of the service, by what flags and ports tell; 0 for protocols without ports. */
  port: number;
  packet: Readonly<Address>;
  plain: Readonly<Address>;
}

/** Words of a row by which records of a group are alike; of those with one IPv4 address the first few tell all. */
export const [KEY, SHORT_KEY] = [10, 3] as const;
const [FEATURES, PORTS, PACKET, PLAIN] = [0, 1, 2, 6] as const;
/** Words of a row that tell its group: */
export const [GROUP, GROUP_KEY] = [10, 3] as const;
const [OWNER, DAY, PLACE] = [10, 11, 12] as const;
/** what else is needed to read one; */
const [CLIENT, FLAGS] = [13, 14] as const;
/** and numbers of 64 bits behind them. */
const [START, END, TIMES, PACKETS, BYTES] = [8, 9, 10, 11, 12] as const;
const WORDS = 26;
const FEWEST = 256;

const KINDS = Uint8Array.from({ length: 65_536 }, (_, port) => portKind(port));
const SERVICES = [undefined, 'source', 'destination'] as const;
const PAIRS = [undefined, 'asks', 'answers'] as const;
const OPENERS = [undefined, 'request', 'reply'] as const;
const FAMILIES = [0, 0, 4, 6] as const;
/** Of the features: that the peer's plain address is another one than that of its packets. */
const OTHER_PLAIN = 1 << 30;
/** That the source's port is taken for the service's, and that this is against what flags and ports tell. */
const [OF_SOURCE, TURNED] = [1 << 4, 1 << 29] as const;
const SAME_PORTS = 1 << 3;
const [PACKET_FAMILY, PACKET_IS_4] = [3 << 15, 2 << 15] as const;

/**
 * Accepted records of known interfaces that wait to be read, in numbers. Those of one interface are read one after the other,
 * so that what is asked for of it lies in the processor's caches.
 */
export class RecordRows {
  readonly #classes: Uint16Array;
  #words = new Int32Array(FEWEST * WORDS);
  #numbers = new Float64Array(this.#words.buffer);
  /** Of each row, the number of its interface; and the largest of all plus 1. */
  #ownerOf = new Uint32Array(FEWEST);
  #owners = 0;
  #size = 0;
  readonly #record = emptyRecord();
  readonly #packet = absentAddress();
  readonly #plain = absentAddress();
  readonly #sums: RecordSums = { times: 0, packets: 0, bytes: 0, start: 0, end: 0 };

  /** @param classes of ports that all rules treat alike, by port */
  constructor(classes: Uint16Array) {
    this.#classes = classes;
  }

  get size(): number {
    return this.#size;
  }

  /** Of all rows, each with its key first. */
  get words(): Int32Array {
    return this.#words;
  }

  /**
   * @param owner the number of its interface
   * @param direction of the record's packets, seen from the interface
   * @param place where its fate is counted: {@link FateTally.placeOf}
   */
  add(record: FlowRecord, owner: number, day: Day, direction: Direction, place: number): void {
    const at = this.#begin(owner, day, place);
    const words = this.#words;
    const { sourcePort, destinationPort, paired, service } = record;
    const packet = packetPeer(record, direction);
    const plain = plainPeer(record, direction);
    const shown = openerShown(record);
    const isSource = isOfSource(record, shown);
    const client = isSource ? destinationPort : sourcePort;
    // Of a connection whose opener is known the night leaves out the client's port.
    const known = client < 0 ? 0 : client;
    const isOther = packet !== plain && !sameAddress(packet, plain);
    words[at + FEATURES] =
      plainFeatures(record.protocol, direction === 'ingress', packet.family, plain.family, isOther) |
      ((shown === undefined ? 0 : shown === 'request' ? 1 : 2) << 11) |
      ((paired === undefined ? 0 : paired === 'asks' ? 1 : 2) << 9) |
      ((service === undefined ? 0 : service === 'source' ? 1 : 2) << 7) |
      (record.synSeen ? 1 << 6 : 0) |
      (hasSyn(record) ? 1 << 5 : 0) |
      portFeatures(isSource, sourcePort === destinationPort, known);
    words[at + PORTS] = (this.#classes[known]! << 16) | (isSource ? sourcePort : destinationPort);
    putWords(words, at + PACKET, packet);
    putWords(words, at + PLAIN, isOther ? plain : NO_ADDRESS);
    words[at + CLIENT] = client;
    words[at + FLAGS] = record.tcpFlags;
    const numbers = this.#numbers;
    const sums = at >> 1;
    numbers[sums + START] = record.start;
    numbers[sums + END] = record.end;
    numbers[sums + TIMES] = record.times;
    numbers[sums + PACKETS] = record.packets;
    numbers[sums + BYTES] = record.bytes;
  }

  /** The same of a record as the scanner left it, which begins at `from`: without what the night alone knows. */
  addRow(
    { slots, numbers: scanned }: ScannedRows,
    from: number,
    owner: number,
    day: Day,
    isIngress: boolean,
    place: number,
  ): void {
    const at = this.#begin(owner, day, place);
    const words = this.#words;
    const protocol = slots[from + scan.PROTOCOL]!;
    const flags = slots[from + scan.TCP_FLAGS]!;
    const sourcePort = slots[from + scan.SOURCE_PORT]!;
    const destinationPort = slots[from + scan.DESTINATION_PORT]!;
    const shown = protocol !== TCP || flags < 0 || (flags & SYN) === 0 ? 0 : (flags & ACK) === 0 ? 1 : 2;
    const isSource = shown === 0 ? sourcePort < destinationPort : shown === 2;
    const client = isSource ? destinationPort : sourcePort;
    const plain = from + (isIngress ? scan.SOURCE : scan.DESTINATION);
    const shownPacket = from + (isIngress ? scan.PACKET_SOURCE : scan.PACKET_DESTINATION);
    const packet = slots[shownPacket] === 0 ? plain : shownPacket;
    const isOther = packet !== plain && !isSameAddress(slots, packet, plain);
    words[at + FEATURES] =
      plainFeatures(protocol, isIngress, slots[packet]!, slots[plain]!, isOther) |
      (shown << 11) |
      portFeatures(isSource, sourcePort === destinationPort, client);
    words[at + PORTS] = (this.#classes[client]! << 16) | (isSource ? sourcePort : destinationPort);
    for (let i = 0; i < 4; i++) {
      words[at + PACKET + i] = slots[packet + 1 + i]!;
      words[at + PLAIN + i] = isOther ? slots[plain + 1 + i]! : 0;
    }
    words[at + CLIENT] = client;
    words[at + FLAGS] = flags;
    const numbers = this.#numbers;
    const [sums, said] = [at >> 1, from >> 1];
    numbers[sums + START] = scanned[said + (scan.START >> 1)]!;
    numbers[sums + END] = scanned[said + (scan.END >> 1)]!;
    numbers[sums + TIMES] = 1;
    numbers[sums + PACKETS] = scanned[said + (scan.PACKETS >> 1)]!;
    numbers[sums + BYTES] = scanned[said + (scan.BYTES >> 1)]!;
  }

  /** Where the words of a new row begin. */
  #begin(owner: number, day: Day, place: number): number {
    if (this.#size === this.#ownerOf.length) this.#grow();
    this.#ownerOf[this.#size] = owner;
    if (owner >= this.#owners) this.#owners = owner + 1;
    const at = this.#size++ * WORDS;
    this.#words[at + OWNER] = owner;
    this.#words[at + DAY] = day;
    this.#words[at + PLACE] = place;
    return at;
  }

  /** Where each row begins, by interface, and forgets all: rows are there until another is added. */
  inOrder(): Uint32Array {
    const owners = this.#ownerOf.subarray(0, this.#size);
    const next = new Uint32Array(this.#owners + 1);
    for (const owner of owners) next[owner + 1]!++;
    for (let owner = 1; owner <= this.#owners; owner++) next[owner]! += next[owner - 1]!;
    const order = new Uint32Array(this.#size);
    for (let row = 0; row < owners.length; row++) order[next[owners[row]!]!++] = row * WORDS;
    this.#size = 0;
    this.#owners = 0;
    return order;
  }

  /** Whether the port by which a record is alike to others is the service's, as it was read. */
  isByService(at: number, isRequest: boolean): boolean {
    const features = this.#words[at + FEATURES]!;
    return !hasPorts((features >> 18) & 255) || ((features & OF_SOURCE) !== 0) !== isRequest;
  }

  /** From now on the record is alike to others by the other one of its ports. */
  turn(at: number): void {
    const words = this.#words;
    const client = words[at + PORTS]! & 0xffff;
    words[at + PORTS] = (this.#classes[client]! << 16) | words[at + CLIENT]!;
    words[at + CLIENT] = client;
    words[at + FEATURES] = ((words[at + FEATURES]! & ~7) | KINDS[client]! | TURNED) ^ OF_SOURCE;
  }

  /** One object, which says something else when asked for another row. */
  sumsAt(at: number): RecordSums {
    const numbers = this.#numbers;
    const sums = this.#sums;
    const from = at >> 1;
    sums.start = numbers[from + START]!;
    sums.end = numbers[from + END]!;
    sums.times = numbers[from + TIMES]!;
    sums.packets = numbers[from + PACKETS]!;
    sums.bytes = numbers[from + BYTES]!;
    return sums;
  }

  /** The record as far as its reading asks: its own end has no address. One object too. */
  recordAt(at: number): FlowRecord {
    const words = this.#words;
    const record = this.#record;
    const features = words[at + FEATURES]!;
    const isSource = (features & OF_SOURCE) !== 0;
    const [service, client] = [words[at + PORTS]! & 0xffff, words[at + CLIENT]!];
    record.sourcePort = isSource ? service : client;
    record.destinationPort = isSource ? client : service;
    record.synSeen = (features & 64) !== 0;
    record.service = SERVICES[(features >> 7) & 3];
    record.paired = PAIRS[(features >> 9) & 3];
    record.opener = OPENERS[(features >> 11) & 3];
    record.protocol = (features >> 18) & 255;
    record.tcpFlags = words[at + FLAGS]!;
    takeWords(words, at + PACKET, (features >> 15) & 3, this.#packet);
    takeWords(words, at + ((features & OTHER_PLAIN) === 0 ? PACKET : PLAIN), (features >> 13) & 3, this.#plain);
    const isIngress = directionAt(words, at) === 'ingress';
    record.source = isIngress ? this.#plain : NO_ADDRESS;
    record.destination = isIngress ? NO_ADDRESS : this.#plain;
    record.packetSource = isIngress ? this.#packet : NO_ADDRESS;
    record.packetDestination = isIngress ? NO_ADDRESS : this.#packet;
    const { start, end, times, packets, bytes } = this.sumsAt(at);
    record.start = start;
    record.end = end;
    record.times = times;
    record.packets = packets;
    record.bytes = bytes;
    return record;
  }

  #grow(): void {
    this.#words = new Int32Array(this.#words.buffer.transfer(this.#words.byteLength * 2));
    this.#numbers = new Float64Array(this.#words.buffer);
    this.#ownerOf = new Uint32Array(this.#ownerOf.buffer.transfer(this.#ownerOf.byteLength * 2));
  }
}

const NO_ADDRESS = absentAddress();

/** Of two that are there. */
function isSameAddress(slots: Int32Array, a: number, b: number): boolean {
  for (let i = 0; i < 5; i++) if (slots[a + i] !== slots[b + i]) return false;
  return true;
}

/** @param isOther whether the plain address is kept beside the packet's: where that is another one */
function plainFeatures(protocol: number, isIngress: boolean, packet: number, plain: number, isOther: boolean): number {
  return (
    (isOther ? OTHER_PLAIN : 0) |
    (protocol << 18) |
    (isIngress ? 1 << 17 : 0) |
    ((packet >> 1) << 15) |
    ((plain >> 1) << 13)
  );
}

function portFeatures(isSource: boolean, isSame: boolean, client: number): number {
  return (isSource ? OF_SOURCE : 0) | (isSame ? SAME_PORTS : 0) | KINDS[client]!;
}

export function groupAt(words: Int32Array, at: number): RecordGroup {
  return { owner: words[at + OWNER]!, day: words[at + DAY]!, place: words[at + PLACE]! };
}

/** Of a record's packets, by the key that begins there. */
export function directionAt(words: Int32Array, at: number): Direction {
  return (words[at + FEATURES]! & (1 << 17)) === 0 ? 'egress' : 'ingress';
}

/** Whether {@link SHORT_KEY} words tell all by which the record is alike to others. */
export function isShortAt(words: Int32Array, at: number): boolean {
  return (words[at + FEATURES]! & (OTHER_PLAIN | PACKET_FAMILY)) === PACKET_IS_4;
}

const [KEY_PACKET, KEY_PLAIN] = [absentAddress(), absentAddress()];
const KEY_TOLD: RecordKey = { owner: 0, day: 0, protocol: 0, port: 0, packet: KEY_PACKET, plain: KEY_PLAIN, place: 0 };

/**
 * One object, which says something else when asked for another key.
 *
 * @param isShort whether only {@link SHORT_KEY} words are there
 */
export function keyAt(words: Int32Array, at: number, isShort: boolean, group: RecordGroup): Readonly<RecordKey> {
  const key = KEY_TOLD;
  const features = words[at + FEATURES]!;
  const isOther = (features & OTHER_PLAIN) !== 0;
  key.owner = group.owner;
  key.day = group.day;
  key.place = group.place;
  key.protocol = (features >> 18) & 255;
  key.port = hasPorts(key.protocol) ? words[at + PORTS]! & 0xffff : 0;
  if (isShort) takeIpv4(words[at + PACKET]!, KEY_PACKET);
  else takeWords(words, at + PACKET, (features >> 15) & 3, KEY_PACKET);
  if (isOther) takeWords(words, at + PLAIN, (features >> 13) & 3, KEY_PLAIN);
  key.plain = isOther ? KEY_PLAIN : KEY_PACKET;
  return key;
}

/** Whose port would be the service's, if nothing but flags and ports told. */
function isOfSource({ sourcePort, destinationPort }: FlowRecord, shown: Opener | undefined): boolean {
  return shown === undefined ? sourcePort < destinationPort : shown === 'reply';
}

function takeIpv4(word: number, into: Address): void {
  into.family = 4;
  into.w0 = word;
  into.w1 = 0;
  into.w2 = 0;
  into.w3 = 0;
}

function takeWords(words: Int32Array, at: number, family: number, into: Address): void {
  into.family = FAMILIES[family]!;
  into.w0 = words[at]!;
  into.w1 = words[at + 1]!;
  into.w2 = words[at + 2]!;
  into.w3 = words[at + 3]!;
}

function putWords(words: Int32Array, at: number, { w0, w1, w2, w3 }: Readonly<Address>): void {
  words[at] = w0;
  words[at + 1] = w1;
  words[at + 2] = w2;
  words[at + 3] = w3;
}
