/**
 * One service flow of one day and source in numbers, as it is held, sorted and written out for a while. The words: day,
 * interface, service, four of the peer's address, answer of the rules and source, which make it this one; and what else is
 * to be told. The sums: requests, replies, inferred, packets, bytes, first, last.
 */
export interface FlowRow {
  readonly words: Int32Array;
  readonly sums: Float64Array;
}

const WORDS = 10;
const SUMS = 7;
export const ROW_BYTES = WORDS * 4 + SUMS * 8;
/** Positions of words. */
export const [DAY, INTERFACE, SERVICE, PEER, ANSWER, SOURCE, MORE] = [0, 1, 2, 3, 7, 8, 9] as const;

export type RowOrder = (a: FlowRow, b: FlowRow) => number;

export function emptyRow(): FlowRow {
  return { words: new Int32Array(WORDS), sums: new Float64Array(SUMS) };
}

/** Room for rows in one piece of memory, of each its words and then its sums. */
export class RowChunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array;
  readonly #sums: Float64Array;

  /** @param bytes of rows; by default there are none yet */
  constructor(rows: number, bytes = new Uint8Array(rows * ROW_BYTES)) {
    this.bytes = bytes;
    this.#words = new Int32Array(bytes.buffer);
    this.#sums = new Float64Array(bytes.buffer);
  }

  /**
   * Writes a word of the first rows.
   *
   * @param ranks what to write in its place
   */
  words(i: number, into: Uint32Array, ranks?: Uint32Array): void {
    for (let at = 0, from = i; at < into.length; at++, from += ROW_BYTES / 4) {
      const word = this.#words[from]!;
      into[at] = ranks ? ranks[word]! : word;
    }
  }

  put(at: number, { words, sums }: FlowRow): void {
    const [toWords, toSums] = [(at * ROW_BYTES) / 4, (at * ROW_BYTES) / 8 + WORDS / 2];
    for (let i = 0; i < WORDS; i++) this.#words[toWords + i] = words[i]!;
    for (let i = 0; i < SUMS; i++) this.#sums[toSums + i] = sums[i]!;
  }

  read(at: number, { words, sums }: FlowRow): void {
    const [ofWords, ofSums] = [(at * ROW_BYTES) / 4, (at * ROW_BYTES) / 8 + WORDS / 2];
    for (let i = 0; i < WORDS; i++) words[i] = this.#words[ofWords + i]!;
    for (let i = 0; i < SUMS; i++) sums[i] = this.#sums[ofSums + i]!;
  }
}

export function copyRow(to: FlowRow, from: FlowRow): void {
  for (let i = 0; i < WORDS; i++) to.words[i] = from.words[i]!;
  for (let i = 0; i < SUMS; i++) to.sums[i] = from.sums[i]!;
}

export function addSums({ sums: to }: FlowRow, { sums: from }: FlowRow): void {
  for (let i = 0; i < 5; i++) to[i]! += from[i]!;
  to[5] = Math.min(to[5]!, from[5]!);
  to[6] = Math.max(to[6]!, from[6]!);
}

/**
 * Puts 0 to `size` - 1 in order, by keys of 32 bits without sign: half a key at a time, from the last one to the first,
 * without ever comparing two.
 *
 * @param keys write one of all of them
 */
export function sortedBy(size: number, keys: readonly ((into: Uint32Array) => void)[]): Uint32Array {
  let order = new Uint32Array(size);
  let next = new Uint32Array(size);
  for (let at = 0; at < size; at++) order[at] = at;
  const values = new Uint32Array(size);
  const places = new Uint32Array(1 << 16);
  for (const key of [...keys].reverse()) {
    key(values);
    for (const shift of [0, 16]) {
      if (!findPlaces(values, shift, places)) continue;
      putByDigit(order, values, shift, places, next);
      [order, next] = [next, order];
    }
  }
  return order;
}

/** Where those of each digit begin; false where all have the same one. */
function findPlaces(values: Uint32Array, shift: number, places: Uint32Array): boolean {
  places.fill(0);
  for (const value of values) places[(value >>> shift) & 0xffff]!++;
  if (places[(values[0]! >>> shift) & 0xffff] === values.length) return false;
  let place = 0;
  for (let digit = 0; digit < places.length; digit++) {
    const times = places[digit]!;
    places[digit] = place;
    place += times;
  }
  return true;
}

function putByDigit(
  order: Uint32Array,
  values: Uint32Array,
  shift: number,
  places: Uint32Array,
  into: Uint32Array,
): void {
  for (const at of order) into[places[(values[at]! >>> shift) & 0xffff]!++] = at;
}

interface Head {
  readonly row: FlowRow;
  readonly rest: Iterator<FlowRow, unknown>;
}

/** The rows of all runs, each of which is in order, in one order. Each is told before the next of its run is asked for. */
export function* rowsInOrder(runs: readonly Iterable<FlowRow>[], order: RowOrder): Generator<FlowRow> {
  const all = runs.map((run): Iterator<FlowRow, unknown> => run[Symbol.iterator]());
  try {
    const heads: Head[] = [];
    for (const rest of all) {
      const next = rest.next();
      if (!next.done) putInOrder(heads, { row: next.value, rest }, order);
    }
    for (let first = heads.pop(); first; first = heads.pop()) {
      const { rest } = first;
      yield first.row;
      for (let next = rest.next(); !next.done; next = rest.next()) {
        const other = heads.at(-1);
        if (other && order(next.value, other.row) > 0) {
          putInOrder(heads, { row: next.value, rest }, order);
          break;
        }
        yield next.value;
      }
    }
  } finally {
    for (const rest of all) rest.return?.();
  }
}

/** The first row comes last, where it is taken from. */
function putInOrder(heads: Head[], head: Head, order: RowOrder): void {
  let from = 0;
  for (let to = heads.length; from < to;) {
    const middle = (from + to) >>> 1;
    if (order(heads[middle]!.row, head.row) > 0) from = middle + 1;
    else to = middle;
  }
  heads.splice(from, 0, head);
}
