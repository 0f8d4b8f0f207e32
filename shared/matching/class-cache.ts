import type { Address } from '../addresses/address.ts';
import type { Direction } from '../protocols.ts';
import type { PeerClass } from './peer-classes.ts';

/** A place is half a cache line: group set and family, the four words of the address, since when, and a class for each direction. */
const WORDS = 8;
const FEWEST = 1 << 8;
const MOST = 1 << 17;
const [SINCE, INGRESS, EGRESS] = [5, 6, 7];
/** UNIX seconds that fit. */
const LATEST = 2 ** 32 - 1;

/**
 * The classes of peers that were asked for last: a fixed number of places, taken by whatever comes, so that it forgets and
 * is never wrong. It grows while it forgets much, to 4 MB at most.
 */
export class ClassCache {
  #places = new Int32Array(FEWEST * WORDS);
  #mask = FEWEST - 1;
  #lost = 0;
  /** The classes that are named in places, by their number; 0 is none. */
  readonly #classes: (PeerClass | undefined)[] = [undefined];
  readonly #numbers = new Map<PeerClass, number>();

  /**
   * @param groupSet its number, from 0
   * @param time UNIX seconds
   */
  get(groupSet: number, direction: Direction, peer: Readonly<Address>, time: number): PeerClass | undefined {
    const { w0, w1, w2, w3 } = peer;
    const places = this.#places;
    const at = this.#placeOf(groupSet, peer);
    if (
      places[at] !== setAndFamily(groupSet, peer) ||
      places[at + 1] !== w0 ||
      places[at + 4] !== w3 ||
      places[at + 2] !== w1 ||
      places[at + 3] !== w2 ||
      places[at + SINCE]! >>> 0 > time
    ) {
      return undefined;
    }
    return this.#classes[places[at + (direction === 'ingress' ? INGRESS : EGRESS)]!];
  }

  /** @param since UNIX seconds, inclusive: from then on, for ever, the peer is of that class */
  set(groupSet: number, direction: Direction, peer: Readonly<Address>, since: number, found: PeerClass): void {
    if (since > LATEST) return;
    const first = Math.max(0, since);
    const set = setAndFamily(groupSet, peer);
    const { w0, w1, w2, w3 } = peer;
    let at = this.#placeOf(groupSet, peer);
    const places = this.#places;
    const isSame =
      places[at] === set &&
      places[at + 1] === w0 &&
      places[at + 2] === w1 &&
      places[at + 3] === w2 &&
      places[at + 4] === w3;
    // What holds for one direction from earlier on holds from the later time on too.
    if (isSame) places[at + SINCE] = Math.max(places[at + SINCE]! >>> 0, first);
    else {
      if (places[at] !== 0 && ++this.#lost > this.#mask && this.#mask < MOST - 1) at = this.#grow(groupSet, peer);
      this.#places.fill(0, at, at + WORDS);
      this.#places.set([set, w0, w1, w2, w3, first], at);
    }
    this.#places[at + (direction === 'ingress' ? INGRESS : EGRESS)] = this.#numberOf(found);
  }

  /** @returns the place of the peer from now on */
  #grow(groupSet: number, peer: Readonly<Address>): number {
    this.#mask = (this.#mask + 1) * 8 - 1;
    this.#places = new Int32Array((this.#mask + 1) * WORDS);
    this.#lost = 0;
    return this.#placeOf(groupSet, peer);
  }

  #numberOf(found: PeerClass): number {
    let number = this.#numbers.get(found);
    if (number === undefined) this.#numbers.set(found, (number = this.#classes.push(found) - 1));
    return number;
  }

  #placeOf(groupSet: number, { w0, w1, w2, w3 }: Readonly<Address>): number {
    let hash = Math.imul(w0, 0x9e3779b1) ^ Math.imul(groupSet, 0x85ebca6b);
    if ((w1 | w2 | w3) !== 0) hash ^= Math.imul(w1 ^ Math.imul(w2 ^ Math.imul(w3, 0xc2b2ae35), 0x27d4eb2f), 0x165667b1);
    return ((hash ^ (hash >>> 15)) & this.#mask) * WORDS;
  }
}

/** Never 0, which is of no place that was taken. */
function setAndFamily(groupSet: number, { family }: Readonly<Address>): number {
  return (groupSet + 1) * 2 + (family === 6 ? 1 : 0);
}
