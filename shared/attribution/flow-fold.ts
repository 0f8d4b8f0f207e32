import { absentAddress, type Address } from '../addresses/address.ts';
import type { Direction } from '../protocols.ts';
import type { Day } from '../time.ts';
import { KeyNumbers } from '../matching/key-numbers.ts';
import type { RecordSums } from './record-rows.ts';
import type { PossibleUse } from './possible-use.ts';

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
export type FlowKey = {
  -readonly [
    K in 'owner' | 'admission' | 'day' | 'direction' | 'protocol' | 'port' | 'peer' | 'isCredited'
  ]: FoldedFlow[K];
};

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

/** Owner, admission, day, service, and the words of the peer's address; */
const KEY = 8;
/** and behind them the sums, seven numbers of 64 bits from there on: requests, replies, inferred, packets, bytes, first, last. */
const [REQUESTS, REPLIES, INFERRED, PACKETS, BYTES, FIRST, LAST] = [4, 5, 6, 7, 8, 9, 10] as const;
/** Then a word: which rules may have been used first, by {@link PossibleUse.slot} plus 1; 0 where none may. */
const POSSIBLE = 22;
const ROOM = 16;
/** Of each row of credited requests: 24 hours, inferred, proven. */
const ROW = 26;
const HOURS = 24;
const FEWEST = 64;
const NO_USE: readonly PossibleUse[] = [];

/**
 * Folds records into service flows: an entry for each interface, day, admission, peer and service, in typed arrays, some 110
 * bytes each. What is to be said of rules, peers and hours is worked out once for an entry, not once for a record.
 */
export class FlowFold {
  readonly #entries: KeyNumbers;
  /** Admission and day of each row. */
  readonly #rows: KeyNumbers;
  #requests = new Float64Array(FEWEST * ROW);
  readonly #uses: PossibleUse[] = [];
  /** Of the few entries of which others may have been used too: those. */
  readonly #others = new Map<number, PossibleUse[]>();

  /** @param seed of hashes */
  constructor(seed: number) {
    this.#entries = new KeyNumbers(KEY, seed, ROOM);
    this.#rows = new KeyNumbers(2, seed);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The number of an entry, counted from 0. */
  entryOf({ owner, admission, day, direction, protocol, port, peer, isCredited }: Readonly<FlowKey>): number {
    const entries = this.#entries;
    const { key, size } = entries;
    key[0] = owner;
    key[1] = admission;
    key[2] = day;
    key[3] =
      port |
      (protocol << 16) |
      (direction === 'ingress' ? 1 << 24 : 0) |
      (isCredited ? 1 << 25 : 0) |
      (peer.family === 6 ? 1 << 26 : 0);
    key[4] = peer.w0;
    key[5] = peer.w1;
    key[6] = peer.w2;
    key[7] = peer.w3;
    const entry = entries.number();
    if (entry === size) {
      const at = entry * (entries.stride >> 1);
      entries.numbers[at + FIRST] = Infinity;
      entries.numbers[at + LAST] = -1;
    }
    return entry;
  }

  add(entry: number, { times, packets, bytes, start, end }: RecordSums, isRequest: boolean, isInferred: boolean): void {
    const { numbers, stride } = this.#entries;
    const at = entry * (stride >> 1);
    numbers[at + (isRequest ? REQUESTS : REPLIES)]! += times;
    if (isInferred) numbers[at + INFERRED]! += times;
    numbers[at + PACKETS]! += packets;
    numbers[at + BYTES]! += bytes;
    if (start < numbers[at + FIRST]!) numbers[at + FIRST] = start;
    if (end > numbers[at + LAST]!) numbers[at + LAST] = end;
  }

  addPossible(entry: number, possible: PossibleUse): void {
    const { slot } = possible;
    const { words, stride } = this.#entries;
    const first = words[entry * stride + POSSIBLE]! - 1;
    if (first === slot) return;
    if (first < 0) {
      this.#uses[slot] = possible;
      words[entry * stride + POSSIBLE] = slot + 1;
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
    if (row === size && row * ROW === this.#requests.length) {
      const longer = new Float64Array(this.#requests.length * 2);
      longer.set(this.#requests);
      this.#requests = longer;
    }
    return row;
  }

  /** @param end UNIX seconds, of requests that are credited */
  addHour(row: number, end: number, times: number): void {
    this.#requests[row * ROW + (Math.floor(end / 3600) % HOURS)]! += times;
  }

  /**
   * What else is to be said of such requests.
   *
   * @param isProven whether they are some of {@link AdmittingSet.provenTimes}
   */
  addRequests(row: number, times: number, isInferred: boolean, isProven: boolean): void {
    const at = row * ROW + HOURS;
    if (isInferred) this.#requests[at]! += times;
    if (isProven) this.#requests[at + 1]! += times;
  }

  *requests(): Generator<CreditedRequests> {
    for (let row = 0; row < this.#rows.size; row++) {
      const at = row * ROW;
      yield {
        admission: this.#rows.word(row, 0),
        day: this.#rows.word(row, 1),
        hours: this.#requests.subarray(at, at + HOURS),
        inferred: this.#requests[at + HOURS]!,
        proven: this.#requests[at + HOURS + 1]!,
      };
    }
  }

  #possibleOf(entry: number): readonly PossibleUse[] {
    const first = this.#entries.word(entry, POSSIBLE) - 1;
    return first < 0 ? NO_USE : [this.#uses[first]!, ...(this.#others.get(entry) ?? NO_USE)];
  }

  /** Tells all entries, by their numbers. What is told is one object, and valid during the call only. */
  tell(hear: (flow: FoldedFlow) => void): void {
    const { words, numbers, stride, size } = this.#entries;
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
    for (let entry = 0; entry < size; entry++) {
      const at = entry * stride;
      const sums = at >> 1;
      const service = words[at + 3]!;
      flow.owner = words[at]!;
      flow.admission = words[at + 1]!;
      flow.day = words[at + 2]!;
      flow.direction = (service & (1 << 24)) === 0 ? 'egress' : 'ingress';
      flow.protocol = (service >> 16) & 255;
      flow.port = service & 0xffff;
      peer.family = (service & (1 << 26)) === 0 ? 4 : 6;
      peer.w0 = words[at + 4]!;
      peer.w1 = words[at + 5]!;
      peer.w2 = words[at + 6]!;
      peer.w3 = words[at + 7]!;
      flow.isCredited = (service & (1 << 25)) !== 0;
      flow.requests = numbers[sums + REQUESTS]!;
      flow.replies = numbers[sums + REPLIES]!;
      flow.inferred = numbers[sums + INFERRED]!;
      flow.packets = numbers[sums + PACKETS]!;
      flow.bytes = numbers[sums + BYTES]!;
      flow.first = numbers[sums + FIRST]!;
      flow.last = numbers[sums + LAST]!;
      flow.possible = this.#possibleOf(entry);
      hear(flow);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#rows.clear();
    this.#requests = new Float64Array(FEWEST * ROW);
    this.#uses.length = 0;
    this.#others.clear();
  }
}
