/** Mixes whole numbers (their low 32 bits) into a hash of 53 bits, the same on every machine. */
export function hashOf(...words: number[]): number {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (const word of words) {
    a = Math.imul(a ^ word, 0xcc9e2d51);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x1b873593) + a;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b);
  b = Math.imul(b ^ (a >>> 16), 0xc2b2ae35);
  a ^= a >>> 13;
  b ^= b >>> 16;
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}

/** A 32-bit hash of a text, to be mixed by {@link hashOf}. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

const HASHES = 2 ** 53;

/**
 * Of many distinct things keeps those with the smallest hashes, at most `limit`. Which ones those are depends on the
 * things alone, not on their order, and a kept thing was kept since it first came: what is gathered in it is exact.
 * Two things with one hash (chance 2^-53) count as one.
 */
export class SmallestHashes<T> {
  readonly limit: number;
  /** Ascending; `#things` in the same order. */
  readonly #hashes: number[] = [];
  readonly #things: T[] = [];
  #overflowed = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The thing with this hash, made by `make` where it is new; undefined where its hash is too large to be kept. */
  keep(hash: number, make: () => T): T | undefined {
    if (this.#isTooLarge(hash)) return undefined;
    const low = this.#placeOf(hash);
    if (this.#hashes[low] === hash) return this.#things[low];
    const made = make();
    this.#insert(low, hash, made);
    return made;
  }

  /** Whether {@link keep} would ask for the thing with this hash: it is new, and its hash not too large to be kept. */
  wants(hash: number): boolean {
    return !this.#isTooLarge(hash) && !this.has(hash);
  }

  #isTooLarge(hash: number): boolean {
    const isTooLarge = this.#hashes.length === this.limit && hash > this.#hashes[this.limit - 1]!;
    if (isTooLarge) this.#overflowed = true;
    return isTooLarge;
  }

  #insert(low: number, hash: number, thing: T): void {
    if (this.#hashes.length === this.limit) {
      this.#overflowed = true;
      this.#hashes.pop();
      this.#things.pop();
    }
    this.#hashes.splice(low, 0, hash);
    this.#things.splice(low, 0, thing);
  }

  /** Adds the other's things. Not for things that gather sums: of two with one hash the one already here stays. */
  merge(other: SmallestHashes<T>): void {
    if (other.#overflowed) this.#overflowed = true;
    for (let i = 0; i < other.#hashes.length; i++) {
      const hash = other.#hashes[i]!;
      // Those that follow are larger.
      if (this.#isTooLarge(hash)) return;
      const low = this.#placeOf(hash);
      if (this.#hashes[low] !== hash) this.#insert(low, hash, other.#things[i]!);
    }
  }

  /** Whether there were more than are kept. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Tells that there were more than are kept, though they are not here; before or after those that are kept. */
  noteOverflow(): void {
    this.#overflowed = true;
  }

  /**
   * Takes away what has a larger hash: for who knows that it will not be among the smallest in the end. From then on what comes
   * with a larger hash is no longer gathered exactly.
   */
  dropAbove(hash: number): void {
    while (this.#hashes.length > 0 && this.#hashes.at(-1)! > hash) {
      this.#hashes.pop();
      this.#things.pop();
      this.#overflowed = true;
    }
  }

  has(hash: number): boolean {
    return this.#hashes[this.#placeOf(hash)] === hash;
  }

  /** How many are kept. */
  get size(): number {
    return this.#hashes.length;
  }

  /** By ascending hash. */
  forEach(use: (hash: number, thing: T) => void): void {
    this.#hashes.forEach((hash, i) => {
      use(hash, this.#things[i]!);
    });
  }

  /** By ascending hash. */
  entries(): [number, T][] {
    return this.#hashes.map((hash, i) => [hash, this.#things[i]!]);
  }

  /** The largest hash kept once no more can be: what is larger will never be kept. */
  get bound(): number | undefined {
    return this.#hashes.length === this.limit ? this.#hashes[this.limit - 1] : undefined;
  }

  /** How many distinct things there were: exact up to `limit`, beyond it estimated from the largest hash kept. */
  get distinct(): number {
    if (!this.#overflowed || this.bound === undefined) return this.#hashes.length;
    return Math.max(this.limit + 1, Math.round(((this.limit - 1) / this.bound) * HASHES));
  }

  /** Of the first hash that is not smaller. */
  #placeOf(hash: number): number {
    let low = 0;
    for (let high = this.#hashes.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.#hashes[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
