/** Keys that there is room for at first. */
const FEWEST = 64;

/**
 * Numbers distinct keys of a few 32-bit words, densely from 0 in the order in which they first came: a hash table without
 * an object per key. Fill {@link key}, then ask for its {@link number}. What a caller holds of a key may lie behind it, where
 * the same cache line or the next one has it.
 */
export class KeyNumbers {
  /** The words of the key to be asked for. */
  readonly key: Int32Array;
  /** 32-bit words from one key to the next. */
  readonly stride: number;
  readonly #width: number;
  readonly #seed: number;
  /** Open addressing: a place holds a number plus 1, and 0 while it is free. At least half are free. */
  #places = new Int32Array(2 * FEWEST);
  #words: Int32Array<ArrayBuffer>;
  #numbers: Float64Array<ArrayBuffer>;
  #size = 0;

  /**
   * @param width words of a key
   * @param seed of the hash. Of keys that strangers choose it must be one that they do not know: else they could choose such as
   *   all fall on one place
   * @param room words behind each key, zero at first
   */
  constructor(width: number, seed: number, room = 0) {
    this.#width = width;
    this.#seed = seed;
    this.key = new Int32Array(width);
    this.stride = (width + room + 1) & ~1;
    this.#words = new Int32Array(FEWEST * this.stride);
    this.#numbers = new Float64Array(this.#words.buffer);
  }

  /** How many there are: a key that is new gets this number. */
  get size(): number {
    return this.#size;
  }

  /** All keys, each with what lies behind it, one {@link stride} after the other; until the next key is new. */
  get words(): Int32Array {
    return this.#words;
  }

  /** The same memory, as numbers of 64 bits. */
  get numbers(): Float64Array {
    return this.#numbers;
  }

  /** The number of {@link key}. */
  number(): number {
    return this.numberOf(this.key, 0);
  }

  /** The number of the key that begins there. */
  numberOf(key: Int32Array, from: number): number {
    const { stride } = this;
    const places = this.#places;
    const words = this.#words;
    const width = this.#width;
    const mask = places.length - 1;
    for (let place = hashOf(key, from, width, this.#seed) & mask; ; place = (place + 1) & mask) {
      const number = places[place]! - 1;
      if (number < 0) return this.#add(place, key, from);
      const at = number * stride;
      let i = 0;
      while (i < width && words[at + i] === key[from + i]) i++;
      if (i === width) return number;
    }
  }

  /** @param i of the word, from 0 */
  word(number: number, i: number): number {
    return this.#words[number * this.stride + i]!;
  }

  clear(): void {
    this.#places.buffer.transfer(0);
    this.#words.buffer.transfer(0);
    this.#places = new Int32Array(2 * FEWEST);
    this.#words = new Int32Array(FEWEST * this.stride);
    this.#numbers = new Float64Array(this.#words.buffer);
    this.#size = 0;
  }

  #add(place: number, key: Int32Array, from: number): number {
    const number = this.#size++;
    this.#places[place] = number + 1;
    for (let i = 0; i < this.#width; i++) this.#words[number * this.stride + i] = key[from + i]!;
    if (this.#size * 2 === this.#places.length) this.#grow();
    return number;
  }

  #grow(): void {
    // The memory of before is given back at once: the garbage collector would go through the whole heap for it.
    this.#words = new Int32Array(this.#words.buffer.transfer(this.#words.byteLength * 2));
    this.#numbers = new Float64Array(this.#words.buffer);
    const { length } = this.#places;
    this.#places.buffer.transfer(0);
    const places = new Int32Array(length * 2);
    const words = this.#words;
    const mask = places.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let place = hashOf(words, number * this.stride, this.#width, this.#seed) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
    }
    this.#places = places;
  }
}

function hashOf(words: Int32Array, from: number, width: number, seed: number): number {
  let hash = seed;
  for (let i = from; i < from + width; i++) hash = Math.imul(hash ^ words[i]!, 0x85ebca6b) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
