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

/**
 * A 32-bit hash of a text, to be mixed by {@link hashOf}.
 *
 * @param before hash of what comes before it
 */
export function textHash(text: string, before = 0x811c9dc5): number {
  let hash = before;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

const HASHES = 2 ** 53;

/** Things that lie together, by ascending hash. */
interface Run<T> {
  readonly hashes: number[];
  /** In the same order. */
  readonly things: T[];
}

/** Of a run: to put one among thousands takes ten times as long. */
const LONGEST = 64;

/**
 * Of many distinct things keeps those with the smallest hashes, at most `limit`. Which ones those are depends on the
 * things alone, not on their order, and a kept thing was kept since it first came: what is gathered in it is exact.
 * Two things with one hash (chance 2^-53) count as one.
 */
export class SmallestHashes<T> {
  readonly limit: number;
  /** By ascending hash; only the first may be empty. */
  readonly #runs: Run<T>[] = [{ hashes: [], things: [] }];
  #size = 0;
  #overflowed = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The thing with this hash, made by `make` where it is new; undefined where its hash is too large to be kept. */
  keep(hash: number, make: () => T): T | undefined {
    if (this.#isTooLarge(hash)) return undefined;
    const run = this.#runOf(hash);
    const low = placeIn(run, hash);
    if (run.hashes[low] === hash) return run.things[low];
    const made = make();
    this.#insert(run, low, hash, made);
    return made;
  }

  /** Whether {@link keep} would ask for the thing with this hash: it is new, and its hash not too large to be kept. */
  wants(hash: number): boolean {
    return !this.#isTooLarge(hash) && !this.has(hash);
  }

  #isTooLarge(hash: number): boolean {
    const isTooLarge = this.#size === this.limit && hash > this.#largest!;
    if (isTooLarge) this.#overflowed = true;
    return isTooLarge;
  }

  #insert(run: Run<T>, low: number, hash: number, thing: T): void {
    run.hashes.splice(low, 0, hash);
    run.things.splice(low, 0, thing);
    this.#size++;
    if (this.#size > this.limit) this.#dropLargest();
    if (run.hashes.length <= LONGEST) return;
    const half = { hashes: run.hashes.splice(LONGEST >> 1), things: run.things.splice(LONGEST >> 1) };
    this.#runs.splice(this.#runs.indexOf(run) + 1, 0, half);
  }

  #dropLargest(): void {
    const last = this.#runs.at(-1)!;
    last.hashes.pop();
    last.things.pop();
    if (last.hashes.length === 0 && this.#runs.length > 1) this.#runs.pop();
    this.#size--;
    this.#overflowed = true;
  }

  /** Adds the other's things. Not for things that gather sums: of two with one hash the one already here stays. */
  merge(other: SmallestHashes<T>): void {
    if (other.#overflowed) this.#overflowed = true;
    for (const { hashes, things } of other.#runs) {
      for (let i = 0; i < hashes.length; i++) {
        const hash = hashes[i]!;
        // Those that follow are larger.
        if (this.#isTooLarge(hash)) return;
        const run = this.#runOf(hash);
        const low = placeIn(run, hash);
        if (run.hashes[low] !== hash) this.#insert(run, low, hash, things[i]!);
      }
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
    while (this.#size > 0 && this.#largest! > hash) this.#dropLargest();
  }

  has(hash: number): boolean {
    const run = this.#runOf(hash);
    return run.hashes[placeIn(run, hash)] === hash;
  }

  /** How many are kept. */
  get size(): number {
    return this.#size;
  }

  /** By ascending hash. */
  forEach(use: (hash: number, thing: T) => void): void {
    for (const { hashes, things } of this.#runs) {
      hashes.forEach((hash, i) => {
        use(hash, things[i]!);
      });
    }
  }

  /** By ascending hash. */
  entries(): [number, T][] {
    return this.#runs.flatMap(({ hashes, things }) => hashes.map((hash, i): [number, T] => [hash, things[i]!]));
  }

  /** The largest hash kept once no more can be: what is larger will never be kept. */
  get bound(): number | undefined {
    return this.#size === this.limit ? this.#largest : undefined;
  }

  /** How many distinct things there were: exact up to `limit`, beyond it estimated from the largest hash kept. */
  get distinct(): number {
    if (!this.#overflowed || this.bound === undefined) return this.#size;
    return Math.max(this.limit + 1, Math.round(((this.limit - 1) / this.bound) * HASHES));
  }

  /** Undefined where nothing is kept. */
  get #largest(): number | undefined {
    return this.#runs.at(-1)!.hashes.at(-1);
  }

  /** The last one that begins with no larger hash; the first where there is none. */
  #runOf(hash: number): Run<T> {
    const runs = this.#runs;
    let low = 0;
    for (let high = runs.length - 1; low < high;) {
      const middle = (low + high + 1) >>> 1;
      if (runs[middle]!.hashes[0]! <= hash) low = middle;
      else high = middle - 1;
    }
    return runs[low]!;
  }
}

/** Of the first hash of a run that is not smaller. */
function placeIn({ hashes }: Run<unknown>, hash: number): number {
  let low = 0;
  for (let high = hashes.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (hashes[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}
