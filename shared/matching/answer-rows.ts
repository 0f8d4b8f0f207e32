/**
 * What the rules say of a class of peers and a protocol, by port, all in one array of numbers: a question touches two or three
 * cache lines. A row is the number of its answers, the ports at which the answer changes, and the answers.
 */
export class AnswerRows {
  /** By place; 0 is none yet. */
  answers = new Int32Array(1024);
  /** 0 is no row. */
  #end = 1;

  /** @param cuts ports at which the answer changes, with 0, in any order and any number of times; 65,536 is behind all */
  add(cuts: Iterable<number>): number {
    const ascending = Uint32Array.from(new Set(cuts)).sort();
    const row = this.#end;
    this.#end += 1 + 2 * ascending.length;
    while (this.#end > this.answers.length) {
      const longer = new Int32Array(this.answers.length * 2);
      longer.set(this.answers);
      this.answers = longer;
    }
    this.answers[row] = ascending.length;
    this.answers.set(ascending, row + 1);
    return row;
  }

  /** The ports at which answers of the row change, ascending. */
  cutsOf(row: number): Int32Array {
    return this.answers.subarray(row + 1, row + 1 + this.answers[row]!);
  }

  /** @param answer for the ports from the given one on, up to the next at which it changes */
  fill(row: number, answer: (from: number) => number): void {
    const count = this.answers[row]!;
    for (let at = row + 1; at <= row + count; at++) this.answers[at + count] = answer(this.answers[at]!);
  }

  /** Where the answer for the port is. */
  placeOf(row: number, port: number): number {
    const words = this.answers;
    const count = words[row]!;
    const first = row + 1;
    let at = 0;
    for (let end = count; end - at > 1;) {
      const middle = (at + end) >>> 1;
      if (words[first + middle]! <= port) at = middle;
      else end = middle;
    }
    return first + count + at;
  }
}
