import { KeyNumbers } from '../matching/key-numbers.ts';
import { KEY, keyAt, SHORT_KEY, type RecordGroup, type RecordKey, type RecordSums } from './record-rows.ts';

/** What is known of a record, and of all that are alike, once one of them was read. */
export interface AlikeReading {
  /** For {@link Readings.at}. */
  readonly reading: number;
  /** {@link PossibleUse.slot} plus 1; 0 for none. */
  readonly possible: number;
  /** Whether they are some of {@link AdmittingSet.provenTimes}. */
  readonly isProven: boolean;
  /** Of requests that are credited {@link FlowFold.rowOf} plus 1; 0 where they are none. */
  readonly row: number;
  /** UNIX seconds: records that started before are not read so. Infinity where each is to be read by itself. */
  readonly since: number;
}

/** Hears what records that are alike say together, or one by itself; what is told is valid during the call only. */
export type AlikeListener = (key: Readonly<RecordKey>, read: AlikeReading, sums: RecordSums) => void;

/** Positions of the words behind a key, */
const [READING, POSSIBLE, FLAGS, ROW] = [0, 1, 2, 3] as const;
/** and of the numbers of 64 bits behind these. */
const [SINCE, TIMES, PACKETS, BYTES, FIRST, LAST] = [0, 1, 2, 3, 4, 5] as const;
const WORDS = 4;
const NUMBERS = 6;
const PROVEN = 1;
const BY_SERVICE = 2;
const TOLD_SUMS: RecordSums = { times: 0, packets: 0, bytes: 0, start: 0, end: 0 };

/**
 * Adds up records of one group that no rule tells apart and that are of one service flow: they may differ in the client's
 * port, as far as all rules of the inventory treat it alike, in sizes and in times. Most records are like one before them, and
 * cost no more than to be found here.
 */
export class AlikeSums {
  readonly #numbers: KeyNumbers;
  readonly group: RecordGroup;
  readonly #isShort: boolean;
  /** Where the words behind a key begin, and the numbers behind these. */
  readonly #words: number;
  readonly #sums: number;

  /**
   * @param seed of hashes
   * @param isShort whether its records are those of {@link isShortAt}
   */
  constructor(seed: number, group: RecordGroup, isShort: boolean) {
    this.group = group;
    this.#isShort = isShort;
    this.#words = isShort ? SHORT_KEY : KEY;
    this.#sums = (this.#words + WORDS + 1) >> 1;
    this.#numbers = new KeyNumbers(this.#words, seed, 2 * (this.#sums + NUMBERS) - this.#words);
  }

  get size(): number {
    return this.#numbers.size;
  }

  /**
   * The number of all that are alike, counted from 0; of the first of them, {@link begin} is to be told how it was read.
   *
   * @param from where the key begins
   */
  numberOf(words: Int32Array, from: number): number {
    return this.#numbers.numberOf(words, from);
  }

  /** @param isByService whether the port by which they are alike is the service's, as the first one was read */
  begin(number: number, { reading, possible, isProven, row, since }: AlikeReading, isByService: boolean): void {
    const { words, numbers, stride } = this.#numbers;
    const at = number * stride + this.#words;
    words[at + READING] = reading;
    words[at + POSSIBLE] = possible;
    words[at + FLAGS] = (isProven ? PROVEN : 0) | (isByService ? BY_SERVICE : 0);
    words[at + ROW] = row;
    const sums = number * (stride >> 1) + this.#sums;
    numbers[sums + SINCE] = since;
    numbers[sums + FIRST] = Infinity;
    numbers[sums + LAST] = -1;
  }

  /** @returns false where the record started too early for it, and is not added */
  add(number: number, { times, packets, bytes, start, end }: RecordSums): boolean {
    const { numbers, stride } = this.#numbers;
    const at = number * (stride >> 1) + this.#sums;
    if (start < numbers[at + SINCE]!) return false;
    numbers[at + TIMES]! += times;
    numbers[at + PACKETS]! += packets;
    numbers[at + BYTES]! += bytes;
    if (start < numbers[at + FIRST]!) numbers[at + FIRST] = start;
    if (end > numbers[at + LAST]!) numbers[at + LAST] = end;
    return true;
  }

  /** Where it is not, none is to be added: they may be of several flows. */
  isByService(number: number): boolean {
    return (this.#numbers.word(number, this.#words + FLAGS) & BY_SERVICE) !== 0;
  }

  /** {@link AlikeReading.row} */
  rowOf(number: number): number {
    return this.#numbers.word(number, this.#words + ROW);
  }

  readingOf(number: number): AlikeReading {
    const { words, numbers, stride } = this.#numbers;
    const at = number * stride + this.#words;
    return {
      reading: words[at + READING]!,
      possible: words[at + POSSIBLE]!,
      isProven: (words[at + FLAGS]! & PROVEN) !== 0,
      row: words[at + ROW]!,
      since: numbers[number * (stride >> 1) + this.#sums + SINCE]!,
    };
  }

  /** Tells all sums of which there are records. */
  tell(hear: AlikeListener): void {
    const { words, numbers, stride, size } = this.#numbers;
    for (let number = 0; number < size; number++) {
      const at = number * (stride >> 1) + this.#sums;
      const times = numbers[at + TIMES]!;
      if (times === 0) continue;
      TOLD_SUMS.times = times;
      TOLD_SUMS.packets = numbers[at + PACKETS]!;
      TOLD_SUMS.bytes = numbers[at + BYTES]!;
      TOLD_SUMS.start = numbers[at + FIRST]!;
      TOLD_SUMS.end = numbers[at + LAST]!;
      hear(keyAt(words, number * stride, this.#isShort, this.group), this.readingOf(number), TOLD_SUMS);
    }
  }

  clear(): void {
    this.#numbers.clear();
  }
}
