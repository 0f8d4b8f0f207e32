/** Bits of numbers of which three bytes hold one, wherever it begins. */
const NARROW = 24;

/**
 * Numbers of a few bits each, in runs of equal ones and packed ones, as Parquet has definition levels and codes of a
 * dictionary. They are handed out one by one: a few bytes can stand for any number of equal ones.
 * https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE
 */
export class Runs {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** Bits of a number, 0 to 32. */
  readonly #width: number;
  /** 2 to the power of it. */
  readonly #beyond: number;
  #at: number;
  #left = 0;
  /** Handed out again and again. */
  readonly #last = { value: 0, times: 0 };
  #value = 0;
  #isPacked = false;
  /** Where the next of a packed run begins: byte, and bit of it, from 0. */
  #byte = 0;
  #bit = 0;

  /** @throws Error where they lie outside of the bytes, or are too wide */
  constructor(bytes: Uint8Array, from: number, to: number, width: number) {
    if (!(from >= 0 && to >= from && to <= bytes.length)) throw new Error('runs lie outside of their page');
    if (!(width >= 0 && width <= 32)) throw new Error('codes that cannot be');
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#width = width;
    this.#beyond = 2 ** width;
  }

  /**
   * The next number, and how many times it comes from here on, as far as is known without a look at others.
   *
   * @param most more are not taken
   * @throws Error where there is no more
   */
  run(most: number): { readonly value: number; readonly times: number } {
    const last = this.#last;
    last.value = 0;
    last.times = most;
    if (this.#width === 0) return last;
    while (this.#left === 0) this.#begin();
    last.times = this.#isPacked ? 1 : Math.min(most, this.#left);
    last.value = this.#isPacked ? this.#unpack() : this.#value;
    this.#left -= last.times;
    return last;
  }

  /**
   * The next numbers, into places from one on up to another one, as 32 bits each.
   *
   * @throws Error where there are not so many
   */
  take(into: Int32Array, from: number, to: number): void {
    if (this.#width === 0) into.fill(0, from, to);
    for (let at = this.#width === 0 ? to : from; at < to;) {
      while (this.#left === 0) this.#begin();
      const end = Math.min(to, at + this.#left);
      this.#left -= end - at;
      if (this.#isPacked) this.#unpackSome(into, at, end);
      else into.fill(this.#value, at, end);
      at = end;
    }
  }

  /** Whether nothing is left but what fills up the last eight. */
  get isAtEnd(): boolean {
    return this.#at === this.#end && this.#left < (this.#isPacked ? 8 : 1);
  }

  #begin(): void {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end || shift > 28) throw new Error('a run without end');
      const byte = this.#bytes[this.#at++]!;
      head += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) break;
    }
    this.#isPacked = head % 2 === 1;
    const half = Math.floor(head / 2);
    if (half === 0) throw new Error('a run of no values');
    if (this.#isPacked) {
      this.#left = 8 * half;
      this.#byte = this.#at;
      this.#bit = 0;
      // What fills up the last eight may lack its bytes: they are asked for when they are needed.
      this.#at = Math.min(this.#end, this.#at + half * this.#width);
      return;
    }
    const bytes = Math.ceil(this.#width / 8);
    if (this.#at + bytes > this.#end) throw new Error('a run without end');
    let value = 0;
    for (let i = 0; i < bytes; i++) value += this.#bytes[this.#at++]! * 2 ** (8 * i);
    if (value >= this.#beyond) throw new Error('a run of a number that is too wide');
    this.#left = half;
    this.#value = value;
  }

  /** The same as {@link #unpack} for each: of narrow ones each byte is looked at once. */
  #unpackSome(into: Int32Array, from: number, to: number): void {
    const width = this.#width;
    const bytes = this.#bytes;
    let at = from;
    // Both ends of what is read here lie between bytes.
    while (at < to && (this.#bit !== 0 || width > NARROW)) into[at++] = this.#unpack();
    const inBytes = at + ((to - at) & ~7);
    const end = this.#byte + ((inBytes - at) / 8) * width;
    if (at < inBytes && end <= this.#end) {
      const mask = this.#beyond - 1;
      let byte = this.#byte;
      let held = 0;
      let bits = 0;
      while (at < inBytes) {
        while (bits < width) {
          held |= bytes[byte++]! << bits;
          bits += 8;
        }
        into[at++] = held & mask;
        held >>= width;
        bits -= width;
      }
      this.#byte = end;
    }
    while (at < to) into[at++] = this.#unpack();
  }

  #unpack(): number {
    const width = this.#width;
    const bytes = this.#bytes;
    const at = this.#byte;
    const bit = this.#bit;
    const next = bit + width;
    if (at + next / 8 > this.#end) throw new Error('a packed run without its end');
    this.#byte = at + (next >> 3);
    this.#bit = next & 7;
    // Behind the end there is nothing that counts.
    const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    if (next < 32) return (low >>> bit) & (this.#beyond - 1);
    return Math.floor(((low >>> 0) + (next > 32 ? bytes[at + 4]! : 0) * 2 ** 32) / 2 ** bit) % this.#beyond;
  }
}
