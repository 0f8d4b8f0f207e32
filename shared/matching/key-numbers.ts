/** Keys that there is room for at first. */
const FEWEST = 64;

/**
 * Numbers distinct keys of a few 32-bit words, densely from 0 in the order in which they first came: a hash table without
 * an object per key. Fill {@link key}, then ask for its {@link number}.
 */
export class KeyNumbers {
  /** The words of the key to be asked for. */
  readonly key: Int32Array;
  readonly #width: number;
  readonly #seed: number;
  /** Open addressing: a place holds a number plus 1, and 0 while it is free. At least half are free. */
  #places = new Int32Array(2 * FEWEST);
  #keys: Int32Array;
  #size = 0;

  /**
   * @param width words of a key
   * @param seed of the hash. Of keys that strangers choose it must be one that they do not know: else they could choose such as
   *   all fall on one place
   */
  constructor(width: number, seed: number) {
    this.#width = width;
    this.#seed = seed;
    this.key = new Int32Array(width);
    this.#keys = new Int32Array(FEWEST * width);
  }

  /** How many there are: a key that is new gets this number. */
  get size(): number {
    return this.#size;
  }

  /** The number of {@link key}. */
  number(): number {
    const { key } = this;
    const places = this.#places;
    const keys = this.#keys;
    const width = this.#width;
    const mask = places.length - 1;
    for (let place = hashOf(key, 0, width, this.#seed) & mask; ; place = (place + 1) & mask) {
      const number = places[place]! - 1;
      if (number < 0) return this.#add(place);
      const at = number * width;
      let i = 0;
      while (i < width && keys[at + i] === key[i]) i++;
      if (i === width) return number;
    }
  }

  /** @param i of the word, from 0 */
  word(number: number, i: number): number {
    return this.#keys[number * this.#width + i]!;
  }

  clear(): void {
    this.#places = new Int32Array(2 * FEWEST);
    this.#keys = new Int32Array(FEWEST * this.#width);
    this.#size = 0;
  }

  #add(place: number): number {
    const number = this.#size++;
    this.#places[place] = number + 1;
    this.#keys.set(this.key, number * this.#width);
    if (this.#size * 2 === this.#places.length) this.#grow();
    return number;
  }

  #grow(): void {
    const keys = new Int32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    const places = new Int32Array(this.#places.length * 2);
    const mask = places.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let place = hashOf(keys, number * this.#width, this.#width, this.#seed) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
    }
    this.#keys = keys;
    this.#places = places;
  }
}

function hashOf(words: Int32Array, from: number, width: number, seed: number): number {
  let hash = seed;
  for (let i = from; i < from + width; i++) hash = Math.imul(hash ^ words[i]!, 0x85ebca6b) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
