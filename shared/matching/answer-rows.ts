/**
 * What the rules say of a class of peers and a protocol, by port, all in one array of numbers: a question touches two or three
 * cache lines. A row is the number of its answers, the ports at which the answer changes, and the answers.
 */
export class AnswerRows {
  /** By place; 0 is none yet. */
  answers = new Int32Array(1024);
  /** 0 is no row. */
  #end = 1;

  /**
   * @param cuts ports at which the answer changes, with 0, in any order and any number of times; 65,536 is behind all
   * @param wider a row whose answer the new one rests on: where that changes, it does; 0 for none
   */
  add(cuts: number[], wider = 0): number {
    // Those of one rule ascend.
    if (cuts.some((cut, i) => cut < cuts[i - 1]!)) cuts.sort((a, b) => a - b);
    const most = cuts.length + (wider === 0 ? 0 : this.answers[wider]!);
    const row = this.#end;
    this.#reserve(row + 1 + 2 * most);
    const count = this.#merge(cuts, wider, row + 1);
    this.answers[row] = count;
    this.#end = row + 1 + 2 * count;
    return row;
  }

  #reserve(end: number): void {
    while (end > this.answers.length) {
      const longer = new Int32Array(this.answers.length * 2);
      longer.set(this.answers);
      this.answers = longer;
    }
  }

  /** Writes cuts that ascend and those of the row, ascending and each once. @returns how many */
  #merge(cuts: readonly number[], row: number, at: number): number {
    const words = this.answers;
    const begin = at;
    const end = row === 0 ? 0 : row + 1 + words[row]!;
    let from = row + 1;
    let i = 0;
    let last = -1;
    while (i < cuts.length || from < end) {
      const isOwn = from >= end || (i < cuts.length && cuts[i]! < words[from]!);
      const cut = isOwn ? cuts[i++]! : words[from++]!;
      if (cut !== last) words[at++] = cut;
      last = cut;
    }
    return at - begin;
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
