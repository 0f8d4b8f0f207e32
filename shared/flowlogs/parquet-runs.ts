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
  #at: number;
  #left = 0;
  #value = 0;
  /** Where the next of a packed run begins; -1 in a run of equal ones. */
  #bit = -1;

  /** @throws Error where they lie outside of the bytes, or are too wide */
  constructor(bytes: Uint8Array, from: number, to: number, width: number) {
    if (!(from >= 0 && to >= from && to <= bytes.length)) throw new Error('runs lie outside of their page');
    if (!(width >= 0 && width <= 32)) throw new Error('codes that cannot be');
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#width = width;
  }

  /** @throws Error where there is no more */
  next(): number {
    if (this.#width === 0) return 0;
    while (this.#left === 0) this.#begin();
    this.#left--;
    return this.#bit < 0 ? this.#value : this.#unpack();
  }

  /** Whether nothing is left but what fills up the last eight. */
  get isAtEnd(): boolean {
    return this.#at === this.#end && this.#left < (this.#bit < 0 ? 1 : 8);
  }

  #begin(): void {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end || shift > 28) throw new Error('a run without end');
      const byte = this.#bytes[this.#at++]!;
      head += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) break;
    }
    const isPacked = head % 2 === 1;
    const half = Math.floor(head / 2);
    if (half === 0) throw new Error('a run of no values');
    if (isPacked) {
      this.#left = 8 * half;
      this.#bit = 8 * this.#at;
      // What fills up the last eight may lack its bytes: they are asked for when they are needed.
      this.#at = Math.min(this.#end, this.#at + half * this.#width);
      return;
    }
    const bytes = Math.ceil(this.#width / 8);
    if (this.#at + bytes > this.#end) throw new Error('a run without end');
    let value = 0;
    for (let i = 0; i < bytes; i++) value += this.#bytes[this.#at++]! * 2 ** (8 * i);
    if (value >= 2 ** this.#width) throw new Error('a run of a number that is too wide');
    this.#left = half;
    this.#value = value;
    this.#bit = -1;
  }

  #unpack(): number {
    let value = 0;
    for (let got = 0; got < this.#width;) {
      const at = Math.floor(this.#bit / 8);
      if (at >= this.#end) throw new Error('a packed run without its end');
      const skipped = this.#bit % 8;
      const taken = Math.min(8 - skipped, this.#width - got);
      value += ((this.#bytes[at]! >> skipped) & (0xff >> (8 - taken))) * 2 ** got;
      got += taken;
      this.#bit += taken;
    }
    return value;
  }
}
