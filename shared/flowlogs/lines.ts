/** A longer line is not a record: it is counted as malformed and never held whole. */
export const MAX_LINE_BYTES = 65_536;

const NEWLINE = 0x0a;
/** Room for any usual line. */
const LEAST_CARRY = 4096;
/** This byte and all below are blanks. */
export const BLANK = 0x20;

/** What hears of the lines, in their order. */
export interface LineListener {
  /** A line without its newline; the bytes are the listener's until it returns. */
  line(bytes: Uint8Array, from: number, to: number): void;
  /** A line longer than {@link MAX_LINE_BYTES}. */
  tooLong(): void;
  /** So many lines that hold nothing but blanks: a few bytes of gzip data can stand for any number of them. */
  blank(lines: number): void;
}

/** Cuts lines out of chunks of any size, cut anywhere. Only a line that is in several chunks is copied. */
export class Lines {
  readonly #listener: LineListener;
  #carry = new Uint8Array(0);
  #carried = 0;
  #skipping = false;

  constructor(listener: LineListener) {
    this.#listener = listener;
  }

  /** Whether what was pushed last ends in a line. */
  get isMidLine(): boolean {
    return this.#carried > 0 || this.#skipping;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      if (chunk[from]! <= BLANK && this.#carried === 0 && !this.#skipping) from = this.#passBlank(chunk, from);
      const newline = chunk.indexOf(NEWLINE, from);
      const to = newline < 0 ? chunk.length : newline;
      if (this.#skipping) {
        this.#skipping = newline < 0;
      } else if (newline >= 0 && this.#carried === 0) {
        if (to - from > MAX_LINE_BYTES) this.#listener.tooLong();
        else this.#listener.line(chunk, from, to);
      } else {
        const kept = this.#keep(chunk, from, to);
        if (newline < 0) this.#skipping = !kept;
        else if (kept) this.#readCarried();
      }
      if (newline < 0) return;
      from = newline + 1;
    }
  }

  /** The last line may lack its newline. */
  end(): void {
    if (this.#carried > 0) this.#readCarried();
  }

  /** Where the first line begins that is not blank, or not whole. */
  #passBlank(chunk: Uint8Array, from: number): number {
    let lines = 0;
    let begin = from;
    for (let at = from; at < chunk.length && chunk[at]! <= BLANK && at - begin <= MAX_LINE_BYTES; at++) {
      if (chunk[at] !== NEWLINE) continue;
      lines++;
      begin = at + 1;
    }
    if (lines > 0) this.#listener.blank(lines);
    return begin;
  }

  #readCarried(): void {
    const length = this.#carried;
    this.#carried = 0;
    this.#listener.line(this.#carry, 0, length);
  }

  /** Sets the part of a line aside until its rest comes; false when the line grows too long. */
  #keep(chunk: Uint8Array, from: number, to: number): boolean {
    const needed = this.#carried + to - from;
    if (needed > MAX_LINE_BYTES) {
      this.#carried = 0;
      this.#listener.tooLong();
      return false;
    }
    if (needed > this.#carry.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#carry.length, LEAST_CARRY));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(from, to), this.#carried);
    this.#carried = needed;
    return true;
  }
}

const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Where the line begins once a byte order mark is left out. */
export function afterMark(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== BYTE_ORDER_MARK[0] || to - from < BYTE_ORDER_MARK.length) return from;
  return BYTE_ORDER_MARK.every((byte, i) => bytes[from + i] === byte) ? from + BYTE_ORDER_MARK.length : from;
}
