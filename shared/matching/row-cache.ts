import type { Address } from '../addresses/address.ts';
import type { Direction } from '../protocols.ts';

/**
 * A place is half a cache line: group set, protocol and family, the four words of the address, since when, and a row for each
 * direction.
 */
const WORDS = 8;
const FEWEST = 1 << 8;
const MOST = 1 << 14;
const [SET, W0, W1, W2, W3, SINCE, INGRESS, EGRESS] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** UNIX seconds that fit. */
const LATEST = 2 ** 32 - 1;
/** The last group set that fits beside protocol and family; those behind are not kept. */
const LAST_SET = 2 ** 22 - 2;

/**
 * The rows of answers that were asked for last: a fixed number of places, taken by whatever comes, so that it forgets and
 * is never wrong. It grows while it forgets much, to 4 MB at most.
 */
export class RowCache {
  #places = new Int32Array(FEWEST * WORDS);
  #mask = FEWEST - 1;
  #lost = 0;
  /** UNIX seconds: from when on what was found last holds. */
  since = 0;

  /**
   * @param groupSet its number, from 0
   * @param time UNIX seconds
   * @returns 0 where it is not known
   */
  get(groupSet: number, direction: Direction, protocol: number, peer: Readonly<Address>, time: number): number {
    const { w0, w1, w2, w3 } = peer;
    const places = this.#places;
    const set = setOf(groupSet, protocol, peer);
    const at = this.#placeOf(set, peer);
    if (
      places[at] !== set ||
      places[at + W0] !== w0 ||
      places[at + W3] !== w3 ||
      places[at + W1] !== w1 ||
      places[at + W2] !== w2 ||
      places[at + SINCE]! >>> 0 > time
    ) {
      return 0;
    }
    this.since = places[at + SINCE]! >>> 0;
    return places[at + (direction === 'ingress' ? INGRESS : EGRESS)]!;
  }

  /** @param since UNIX seconds, inclusive: from then on, for ever, the row holds */
  set(
    groupSet: number,
    direction: Direction,
    protocol: number,
    peer: Readonly<Address>,
    since: number,
    row: number,
  ): void {
    const set = setOf(groupSet, protocol, peer);
    if (since > LATEST || set === 0) return;
    const first = Math.max(0, since);
    const { w0, w1, w2, w3 } = peer;
    let at = this.#placeOf(set, peer);
    const places = this.#places;
    const isSame =
      places[at + SET] === set &&
      places[at + W0] === w0 &&
      places[at + W1] === w1 &&
      places[at + W2] === w2 &&
      places[at + W3] === w3;
    // What holds for one direction from earlier on holds from the later time on too.
    if (isSame) places[at + SINCE] = Math.max(places[at + SINCE]! >>> 0, first);
    else {
      if (places[at] !== 0 && ++this.#lost > this.#mask && this.#mask < MOST - 1) at = this.#grow(set, peer);
      this.#places.fill(0, at, at + WORDS);
      this.#places[at] = set;
      this.#places[at + W0] = w0;
      this.#places[at + W1] = w1;
      this.#places[at + W2] = w2;
      this.#places[at + W3] = w3;
      this.#places[at + SINCE] = first;
    }
    this.#places[at + (direction === 'ingress' ? INGRESS : EGRESS)] = row;
  }

  /** @returns the place of the peer from now on */
  #grow(set: number, peer: Readonly<Address>): number {
    this.#mask = (this.#mask + 1) * 8 - 1;
    this.#places = new Int32Array((this.#mask + 1) * WORDS);
    this.#lost = 0;
    return this.#placeOf(set, peer);
  }

  #placeOf(set: number, { w0, w1, w2, w3 }: Readonly<Address>): number {
    let hash = Math.imul(w0, 0x9e3779b1) ^ Math.imul(set, 0x85ebca6b);
    if ((w1 | w2 | w3) !== 0) hash ^= Math.imul(w1 ^ Math.imul(w2 ^ Math.imul(w3, 0xc2b2ae35), 0x27d4eb2f), 0x165667b1);
    return ((hash ^ (hash >>> 15)) & this.#mask) * WORDS;
  }
}

/** 0, which is of places that are free, where it does not fit. */
function setOf(groupSet: number, protocol: number, { family }: Readonly<Address>): number {
  return groupSet > LAST_SET ? 0 : ((groupSet + 1) << 9) | (protocol << 1) | (family === 6 ? 1 : 0);
}
