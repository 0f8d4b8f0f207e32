import { absentAddress, type Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import { KeyNumbers } from '../matching/key-numbers.ts';
import type { Direction } from '../protocols.ts';
import type { Day } from '../time.ts';
import type { FoldMemory } from './fold-memory.ts';
import {
  CHUNK_END,
  CHUNK_FIRST,
  CHUNK_NEXT,
  FLOW_ADMISSION,
  FLOW_BYTES,
  FLOW_DAY,
  FLOW_FIRST,
  FLOW_INFERRED,
  FLOW_LAST,
  FLOW_OWNER,
  FLOW_PACKETS,
  FLOW_PEER,
  FLOW_POSSIBLE,
  FLOW_REPLIES,
  FLOW_REQUESTS,
  FLOW_SERVICE,
  FLOW_SIZES,
  HOURS_OF_DAY,
  IS_INFERRED,
  IS_REQUEST,
  ROW_SUMS,
  SERVICE_CREDITED,
  SERVICE_INGRESS,
  SERVICE_PROTOCOL_SHIFT,
  SERVICE_SIX,
} from './fold/layout.ts';
import type { PossibleUse } from './possible-use.ts';
import type { Reading } from './readings.ts';

/** What a record, or several that are alike, add up to. */
export type RecordSums = Pick<FlowRecord, 'times' | 'packets' | 'bytes' | 'start' | 'end'>;

/** What records of one service flow, day and admission add up to. */
export interface FoldedFlow {
  /** Of the interface: the number that it was added under. */
  readonly owner: number;
  /** The slot of the admission that it was read by; -1 where nobody can tell. */
  readonly admission: number;
  readonly day: Day;
  /** Of the rules: that of the connection's first packet. */
  readonly direction: Direction;
  readonly protocol: number;
  /** Service port; 0 for protocols without ports. */
  readonly port: number;
  readonly peer: Readonly<Address>;
  /** Whether the rules of the admission are credited with it. */
  readonly isCredited: boolean;
  readonly requests: number;
  readonly replies: number;
  /** Of both, those whose reading does not rest on a SYN. */
  readonly inferred: number;
  readonly packets: number;
  readonly bytes: number;
  /** UNIX seconds: smallest `start` and largest `end`. */
  readonly first: number;
  readonly last: number;
  /** Who else may have been used by some of its records. */
  readonly possible: readonly PossibleUse[];
}

/** What makes records one entry. */
export type FlowKey = Pick<
  FoldedFlow,
  'owner' | 'admission' | 'day' | 'direction' | 'protocol' | 'port' | 'peer' | 'isCredited'
>;

/** What flows do not tell of credited requests: of one admission and day, those of all flows. */
export interface CreditedRequests {
  readonly admission: number;
  readonly day: Day;
  /** By hour of `end`, 24 of them. */
  readonly hours: Float64Array;
  readonly inferred: number;
  /** Those of {@link AdmittingSet.provenTimes}. */
  readonly proven: number;
}

const NO_USE: readonly PossibleUse[] = [];

/**
 * Folds records into service flows: an entry for each interface, day, admission, peer and service, 96 bytes each. What is to be said
 * of rules, peers and hours is worked out once for an entry, not once for a record.
 */
export class FlowFold {
  readonly #memory: FoldMemory;
  /** Admission and day of each row of credited requests. */
  readonly #rows: KeyNumbers;
  readonly #uses: PossibleUse[] = [];
  /** Of the few entries of which others may have been used too: those. */
  readonly #others = new Map<number, PossibleUse[]>();

  /** @param seed of hashes */
  constructor(memory: FoldMemory, seed: number) {
    this.#memory = memory;
    this.#rows = new KeyNumbers(2, seed);
  }

  get size(): number {
    return this.#memory.isEmpty ? 0 : this.#memory.exports.flows.value;
  }

  /** Where an entry is. */
  entryOf({ owner, admission, day, direction, protocol, port, peer, isCredited }: FlowKey): number {
    const service =
      port |
      (protocol << SERVICE_PROTOCOL_SHIFT) |
      (direction === 'ingress' ? SERVICE_INGRESS : 0) |
      (isCredited ? SERVICE_CREDITED : 0) |
      (peer.family === 6 ? SERVICE_SIX : 0);
    return this.#memory.exports.flowOf(owner, admission, day, service, peer.w0, peer.w1, peer.w2, peer.w3);
  }

  add(entry: number, { times, packets, bytes, start, end }: RecordSums, isRequest: boolean, isInferred: boolean): void {
    const bits = (isRequest ? IS_REQUEST : 0) | (isInferred ? IS_INFERRED : 0);
    this.#memory.exports.addToFlow(entry, bits, times, packets, bytes, start, end);
  }

  addPossible(entry: number, possible: PossibleUse): void {
    const { slot } = possible;
    const { words } = this.#memory;
    const at = (entry + FLOW_POSSIBLE) >> 2;
    const first = words[at]! - 1;
    if (first === slot) return;
    if (first < 0) {
      this.#uses[slot] = possible;
      words[at] = slot + 1;
      return;
    }
    const others = this.#others.get(entry);
    if (!others) this.#others.set(entry, [possible]);
    else if (!others.includes(possible)) others.push(possible);
  }

  /** The number of the row of credited requests of an admission and day, counted from 0. */
  rowOf(admission: number, day: Day): number {
    const { key, size } = this.#rows;
    key[0] = admission;
    key[1] = day;
    const row = this.#rows.number();
    if (row === size) this.#memory.exports.addRow();
    return row;
  }

  /** {@link rowOf} plus 1 of requests that are credited; 0 of all others. */
  requestRowOf({ isRequest, isCredited, slot }: Pick<Reading, 'isRequest' | 'isCredited' | 'slot'>, day: Day): number {
    return isRequest && isCredited ? this.rowOf(slot, day) + 1 : 0;
  }

  /** @param end UNIX seconds, of requests that are credited */
  addHour(row: number, end: number, times: number): void {
    this.#memory.numbers[this.#sumsOf(row) + (Math.floor(end / 3600) % HOURS_OF_DAY)]! += times;
  }

  /**
   * What else is to be said of such requests.
   *
   * @param isProven whether they are some of {@link AdmittingSet.provenTimes}
   */
  addRequests(row: number, times: number, isInferred: boolean, isProven: boolean): void {
    this.#memory.exports.addRequests(row, times, isInferred ? 1 : 0, isProven ? 1 : 0);
  }

  *requests(): Generator<CreditedRequests> {
    for (let row = 0; row < this.#rows.size; row++) {
      const { numbers } = this.#memory;
      const at = this.#sumsOf(row);
      yield {
        admission: this.#rows.word(row, 0),
        day: this.#rows.word(row, 1),
        hours: numbers.subarray(at, at + HOURS_OF_DAY),
        inferred: numbers[at + HOURS_OF_DAY]!,
        proven: numbers[at + HOURS_OF_DAY + 1]!,
      };
    }
  }

  #sumsOf(row: number): number {
    return (this.#memory.exports.rows.value >> 3) + row * ROW_SUMS;
  }

  #possibleOf(entry: number, first: number): readonly PossibleUse[] {
    return first < 0 ? NO_USE : [this.#uses[first]!, ...(this.#others.get(entry) ?? NO_USE)];
  }

  /** Tells all entries, in the order in which they were made. What is told is one object, and valid during the call only. */
  tell(hear: (flow: FoldedFlow) => void): void {
    if (this.#memory.isEmpty) return;
    const { words, numbers } = this.#memory;
    const peer = absentAddress();
    const flow: { -readonly [K in keyof FoldedFlow]: FoldedFlow[K] } = {
      owner: 0,
      admission: -1,
      day: 0,
      direction: 'ingress',
      protocol: 0,
      port: 0,
      peer,
      isCredited: false,
      requests: 0,
      replies: 0,
      inferred: 0,
      packets: 0,
      bytes: 0,
      first: 0,
      last: 0,
      possible: NO_USE,
    };
    for (let chunk = this.#memory.exports.firstOfFlows.value; chunk !== 0; chunk = words[(chunk + CHUNK_NEXT) >> 2]!) {
      const end = words[(chunk + CHUNK_END) >> 2]!;
      for (let entry = chunk + CHUNK_FIRST; entry < end; entry += FLOW_BYTES) {
        const service = words[(entry + FLOW_SERVICE) >> 2]!;
        const at = (entry + FLOW_PEER) >> 2;
        flow.owner = words[(entry + FLOW_OWNER) >> 2]!;
        flow.admission = words[(entry + FLOW_ADMISSION) >> 2]!;
        flow.day = words[(entry + FLOW_DAY) >> 2]!;
        flow.direction = (service & SERVICE_INGRESS) === 0 ? 'egress' : 'ingress';
        flow.protocol = (service >> SERVICE_PROTOCOL_SHIFT) & 255;
        flow.port = service & 0xffff;
        peer.family = (service & SERVICE_SIX) === 0 ? 4 : 6;
        peer.w0 = words[at]!;
        peer.w1 = words[at + 1]!;
        peer.w2 = words[at + 2]!;
        peer.w3 = words[at + 3]!;
        flow.isCredited = (service & SERVICE_CREDITED) !== 0;
        flow.requests = numbers[(entry + FLOW_REQUESTS) >> 3]!;
        flow.replies = numbers[(entry + FLOW_REPLIES) >> 3]!;
        flow.inferred = numbers[(entry + FLOW_INFERRED) >> 3]!;
        flow.packets = numbers[(entry + FLOW_PACKETS) >> 3]!;
        flow.bytes = numbers[(entry + FLOW_SIZES) >> 3]!;
        flow.first = numbers[(entry + FLOW_FIRST) >> 3]!;
        flow.last = numbers[(entry + FLOW_LAST) >> 3]!;
        flow.possible = this.#possibleOf(entry, words[(entry + FLOW_POSSIBLE) >> 2]! - 1);
        hear(flow);
      }
    }
  }

  clear(): void {
    if (!this.#memory.isEmpty) this.#memory.exports.clearFlows();
    this.#rows.clear();
    this.#uses.length = 0;
    this.#others.clear();
  }
}
