import type { Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Direction } from '../protocols.ts';
import type { Day } from '../time.ts';
import { KeyNumbers } from './key-numbers.ts';
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

/** The last of them is room for {@link FlowFold.note}: an entry is a cache line. */
const SUMS = 8;
const FEWEST = 64;
const NO_USE: readonly PossibleUse[] = [];

/**
 * Folds records into service flows: an entry for each interface, day, admission, peer and service, in typed arrays, 120
 * bytes each. What is to be said of rules, peers and hours is worked out once for an entry, not once for a record.
 */
export class FlowFold {
  /** Owner, admission, day, service, and the words of the peer's address. */
  readonly #entries = new KeyNumbers(8);
  /** Of each entry: requests, replies, inferred, packets, bytes, first, last. */
  #sums = new Float64Array(FEWEST * SUMS);
  /** Of each entry, which rules may have been used first, by {@link PossibleUse.slot} plus 1; 0 where none may. */
  #possible = new Int32Array(FEWEST);
  readonly #uses: PossibleUse[] = [];
  /** Of the few entries of which others may have been used too: those. */
  readonly #others = new Map<number, PossibleUse[]>();

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
    const first = this.#possible[entry]! - 1;
    if (first === slot) return;
    if (first < 0) {
      this.#uses[slot] = possible;
      this.#possible[entry] = slot + 1;
      return;
    }
    const others = this.#others.get(entry);
    if (!others) this.#others.set(entry, [possible]);
    else if (!others.includes(possible)) others.push(possible);
  }

  #possibleOf(entry: number): readonly PossibleUse[] {
    const first = this.#possible[entry]! - 1;
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
    this.#possible = new Int32Array(FEWEST);
    this.#uses.length = 0;
    this.#others.clear();
  }

  #begin(entry: number): void {
    if (entry * SUMS === this.#sums.length) {
      const sums = new Float64Array(this.#sums.length * 2);
      sums.set(this.#sums);
      this.#sums = sums;
      const possible = new Int32Array(this.#possible.length * 2);
      possible.set(this.#possible);
      this.#possible = possible;
    }
    this.#sums[entry * SUMS + 5] = Infinity;
    this.#sums[entry * SUMS + 6] = -1;
  }
}
