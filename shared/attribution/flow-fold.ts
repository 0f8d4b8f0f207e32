import type { Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Direction } from '../protocols.ts';
import type { Day } from '../time.ts';
import { KeyNumbers } from '../matching/key-numbers.ts';
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

/** The last of them is room for {@link FlowFold.note}: an entry is a cache line. */
const SUMS = 8;
/** Of each entry: who else may have been used, and the row of its admission and day among the credited requests. */
const LINKS = 2;
/** Of such a row: 24 hours, inferred, proven. */
const ROW = 26;
const HOURS = 24;
const FEWEST = 64;
const NO_USE: readonly PossibleUse[] = [];

/**
 * Folds records into service flows: an entry for each interface, day, admission, peer and service, in typed arrays, 130
 * bytes each. What is to be said of rules, peers and hours is worked out once for an entry, not once for a record.
 */
export class FlowFold {
  /** Owner, admission, day, service, and the words of the peer's address. */
  readonly #entries: KeyNumbers;
  /** Of each entry: requests, replies, inferred, packets, bytes, first, last. */
  #sums = new Float64Array(FEWEST * SUMS);
  /** Of each entry, which rules may have been used first, by {@link PossibleUse.slot} plus 1, and its row plus 1; 0 where there is none. */
  #links = new Int32Array(FEWEST * LINKS);
  /** Admission and day of each row. */
  readonly #rows: KeyNumbers;
  #requests = new Float64Array(FEWEST * ROW);
  readonly #uses: PossibleUse[] = [];
  /** Of the few entries of which others may have been used too: those. */
  readonly #others = new Map<number, PossibleUse[]>();

  /** @param seed of hashes */
  constructor(seed: number) {
    this.#entries = new KeyNumbers(8, seed);
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
    if (entry === size) this.#begin(entry);
    return entry;
  }

  add(entry: number, { times, packets, bytes, start, end }: FlowRecord, isRequest: boolean, isInferred: boolean): void {
    const sums = this.#sums;
    const at = entry * SUMS;
    sums[isRequest ? at : at + 1]! += times;
    if (isInferred) sums[at + 2]! += times;
    sums[at + 3]! += packets;
    sums[at + 4]! += bytes;
    if (start < sums[at + 5]!) sums[at + 5] = start;
    if (end > sums[at + 6]!) sums[at + 6] = end;
  }

  addPossible(entry: number, possible: PossibleUse): void {
    const { slot } = possible;
    const first = this.#links[entry * LINKS]! - 1;
    if (first === slot) return;
    if (first < 0) {
      this.#uses[slot] = possible;
      this.#links[entry * LINKS] = slot + 1;
      return;
    }
    const others = this.#others.get(entry);
    if (!others) this.#others.set(entry, [possible]);
    else if (!others.includes(possible)) others.push(possible);
  }

  /**
   * Notes of a request that is credited what is not of the flow alone.
   *
   * @param isProven whether it is one of {@link AdmittingSet.provenTimes}
   */
  creditRequest(entry: number, { end, times }: FlowRecord, isInferred: boolean, isProven: boolean): void {
    const row = this.#links[entry * LINKS + 1]! || this.#rowOf(entry);
    const requests = this.#requests;
    const at = (row - 1) * ROW;
    requests[at + (Math.floor(end / 3600) % HOURS)]! += times;
    if (isInferred) requests[at + HOURS]! += times;
    if (isProven) requests[at + HOURS + 1]! += times;
  }

  /** @returns the number of the row plus 1 */
  #rowOf(entry: number): number {
    const { key, size } = this.#rows;
    key[0] = this.#entries.word(entry, 1);
    key[1] = this.#entries.word(entry, 2);
    const row = this.#rows.number();
    if (row === size && row * ROW === this.#requests.length) this.#requests = doubled(this.#requests);
    this.#links[entry * LINKS + 1] = row + 1;
    return row + 1;
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
    const first = this.#links[entry * LINKS]! - 1;
    return first < 0 ? NO_USE : [this.#uses[first]!, ...(this.#others.get(entry) ?? NO_USE)];
  }

  /** What was noted of an entry; 0 before. */
  noteOf(entry: number): number {
    return this.#sums[entry * SUMS + 7]!;
  }

  note(entry: number, note: number): void {
    this.#sums[entry * SUMS + 7] = note;
  }

  /** All entries, by their numbers; each an object of its own. */
  *flows(): Generator<FoldedFlow> {
    const sums = this.#sums;
    for (let entry = 0; entry < this.size; entry++) {
      const word = (i: number): number => this.#entries.word(entry, i);
      const service = word(3);
      const at = entry * SUMS;
      yield {
        owner: word(0),
        admission: word(1),
        day: word(2),
        direction: (service & (1 << 24)) === 0 ? 'egress' : 'ingress',
        protocol: (service >> 16) & 255,
        port: service & 0xffff,
        peer: { family: (service & (1 << 26)) === 0 ? 4 : 6, w0: word(4), w1: word(5), w2: word(6), w3: word(7) },
        isCredited: (service & (1 << 25)) !== 0,
        requests: sums[at]!,
        replies: sums[at + 1]!,
        inferred: sums[at + 2]!,
        packets: sums[at + 3]!,
        bytes: sums[at + 4]!,
        first: sums[at + 5]!,
        last: sums[at + 6]!,
        possible: this.#possibleOf(entry),
      };
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#sums = new Float64Array(FEWEST * SUMS);
    this.#links = new Int32Array(FEWEST * LINKS);
    this.#rows.clear();
    this.#requests = new Float64Array(FEWEST * ROW);
    this.#uses.length = 0;
    this.#others.clear();
  }

  #begin(entry: number): void {
    if (entry * SUMS === this.#sums.length) {
      this.#sums = doubled(this.#sums);
      const links = new Int32Array(this.#links.length * 2);
      links.set(this.#links);
      this.#links = links;
    }
    this.#sums[entry * SUMS + 5] = Infinity;
    this.#sums[entry * SUMS + 6] = -1;
  }
}

function doubled(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
