import { absentAddress, type Address } from '../addresses/address.ts';
import { emptyRecord, type FlowRecord } from '../flowlogs/record.ts';
import * as scan from '../flowlogs/scan/layout.ts';
import type { Direction } from '../protocols.ts';
import type { FoldMemory } from './fold-memory.ts';
import * as fold from './fold/layout.ts';
import { openerShown, showsOpener } from './orient.ts';

const NO_ADDRESS = absentAddress();
const SERVICES = [undefined, 'source', 'destination'] as const;
const PAIRS = [undefined, 'asks', 'answers'] as const;
const OPENERS = [undefined, 'request', 'reply'] as const;
const FAMILIES = [0, 0, 4, 6] as const;

/** Who opened it, and what the night alone knows of it, as features. */
function shownBy(record: FlowRecord): number {
  const { paired, service, synSeen } = record;
  return (
    (OPENERS.indexOf(openerShown(record)) << fold.OPENER_SHIFT) |
    (PAIRS.indexOf(paired) << fold.PAIRED_SHIFT) |
    (SERVICES.indexOf(service) << fold.SERVICE_SHIFT) |
    (synSeen ? fold.SYN_SEEN : 0) |
    (record.opener !== undefined && !showsOpener(record) ? fold.OPENER_TOLD : 0)
  );
}

/** Records that wait in the fold to be read. */
export class WaitingRecords {
  readonly #memory: FoldMemory;
  readonly #record = emptyRecord();
  readonly #packet = absentAddress();
  readonly #plain = absentAddress();

  constructor(memory: FoldMemory) {
    this.#memory = memory;
  }

  /**
   * @param group {@link FoldMemory.groupOf}
   * @param direction of the record's packets, seen from the interface
   */
  add(record: FlowRecord, group: number, direction: Direction): void {
    const { words, numbers, scanned, exports } = this.#memory;
    scanRecord(record, words, numbers, scanned);
    exports.addOne(group, direction === 'ingress' ? 1 : 0, shownBy(record), record.times);
  }

  /** The record as far as its reading asks: its own end has no address. One object, which says something else when asked again. */
  recordAt(waiting: number): FlowRecord {
    const { words, numbers } = this.#memory;
    const record = this.#record;
    const [at, sums] = [waiting >> 2, waiting >> 3];
    const features = words[at + (fold.AT_FEATURES >> 2)]!;
    const service = words[at + (fold.AT_PORTS >> 2)]! & 0xffff;
    const client = words[at + (fold.AT_CLIENT >> 2)]!;
    const isOfSource = (features & fold.OF_SOURCE) !== 0;
    record.sourcePort = isOfSource ? service : client;
    record.destinationPort = isOfSource ? client : service;
    record.synSeen = (features & fold.SYN_SEEN) !== 0;
    record.service = SERVICES[(features >> fold.SERVICE_SHIFT) & 3];
    record.paired = PAIRS[(features >> fold.PAIRED_SHIFT) & 3];
    record.opener = OPENERS[(features >> fold.OPENER_SHIFT) & 3];
    record.protocol = (features >> fold.PROTOCOL_SHIFT) & 255;
    record.tcpFlags = words[at + (fold.AT_FLAGS >> 2)]!;
    const packet = this.#packet;
    packet.family = FAMILIES[(features >> fold.PACKET_FAMILY_SHIFT) & 3]!;
    packet.w0 = words[at + (fold.AT_PEER >> 2)]!;
    takeWords(words, at + (fold.AT_REST >> 2), packet);
    let plain = packet;
    if ((features & fold.OTHER_PLAIN) !== 0) {
      plain = this.#plain;
      plain.family = FAMILIES[(features >> fold.PLAIN_FAMILY_SHIFT) & 3]!;
      plain.w0 = words[at + (fold.AT_PLAIN >> 2)]!;
      takeWords(words, at + (fold.AT_PLAIN >> 2) + 1, plain);
    }
    const isIngress = (features & fold.INGRESS) !== 0;
    record.source = isIngress ? plain : NO_ADDRESS;
    record.destination = isIngress ? NO_ADDRESS : plain;
    record.packetSource = isIngress ? packet : NO_ADDRESS;
    record.packetDestination = isIngress ? NO_ADDRESS : packet;
    record.start = words[at + (fold.AT_START >> 2)]! >>> 0;
    record.end = words[at + (fold.AT_END >> 2)]! >>> 0;
    record.times = numbers[sums + (fold.AT_TIMES >> 3)]!;
    record.packets = numbers[sums + (fold.AT_PACKETS >> 3)]!;
    record.bytes = numbers[sums + (fold.AT_BYTES >> 3)]!;
    return record;
  }

  /** Of the record's packets. */
  directionAt(waiting: number): Direction {
    return (this.#memory.words[(waiting + fold.AT_FEATURES) >> 2]! & fold.INGRESS) === 0 ? 'egress' : 'ingress';
  }
}

/** Those behind the first. */
function takeWords(words: Int32Array, at: number, into: Address): void {
  into.w1 = into.family === 6 ? words[at]! : 0;
  into.w2 = into.family === 6 ? words[at + 1]! : 0;
  into.w3 = into.family === 6 ? words[at + 2]! : 0;
}

/** Writes a record as the scanner would have left it, as far as the fold reads it. */
function scanRecord(record: FlowRecord, slots: Int32Array, numbers: Float64Array, at: number): void {
  slots[at + scan.PROTOCOL] = record.protocol;
  slots[at + scan.SOURCE_PORT] = record.sourcePort;
  slots[at + scan.DESTINATION_PORT] = record.destinationPort;
  slots[at + scan.TCP_FLAGS] = record.tcpFlags;
  putAddress(slots, at + scan.SOURCE, record.source);
  putAddress(slots, at + scan.DESTINATION, record.destination);
  putAddress(slots, at + scan.PACKET_SOURCE, record.packetSource);
  putAddress(slots, at + scan.PACKET_DESTINATION, record.packetDestination);
  numbers[(at + scan.PACKETS) >> 1] = record.packets;
  numbers[(at + scan.BYTES) >> 1] = record.bytes;
  numbers[(at + scan.START) >> 1] = record.start;
  numbers[(at + scan.END) >> 1] = record.end;
}

function putAddress(slots: Int32Array, at: number, { family, w0, w1, w2, w3 }: Readonly<Address>): void {
  slots[at] = family;
  slots[at + 1] = w0;
  slots[at + 2] = w1;
  slots[at + 3] = w2;
  slots[at + 4] = w3;
}
