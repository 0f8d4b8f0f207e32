import { Runs } from './parquet-runs.ts';
import { MOST_ROWS, type CellColumn } from './parquet-cells.ts';
import type { Values } from './parquet-values.ts';

/**
 * How deep the values of a column lie: how many of the columns that they are in may be absent, and whether one of them is a list.
 * https://github.com/apache/parquet-format/blob/master/README.md#nested-encoding
 */
export interface Nesting {
  readonly definition: number;
  readonly repetition: 0 | 1;
}

/** Where the levels of a page lie in its bytes; undefined where the column has none of the kind. */
export interface LevelBytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

const widthOf = (most: number): number => 32 - Math.clz32(most);

/** Says of which rows of a page there are values. Of a list the first value is that of its row. */
export class Levels {
  /** Rows that begin in the page. */
  readonly rows: number;
  /** Values that are there. */
  readonly present: number;
  readonly #nesting: Nesting;
  #left: number;
  readonly #definitions: Runs | undefined;
  readonly #repetitions: Runs | undefined;
  /** Of a list, whether its next value is the first of a row; undefined before the first one. */
  #next: number | undefined;

  /** @throws Error where their bytes are damaged */
  constructor(nesting: Nesting, all: number, definition: LevelBytes | undefined, repetition: LevelBytes | undefined) {
    this.#nesting = nesting;
    this.#left = all;
    this.#definitions = runsOf(definition, nesting.definition);
    this.#repetitions = runsOf(repetition, nesting.repetition);
    const definitions = runsOf(definition, nesting.definition);
    const repetitions = runsOf(repetition, nesting.repetition);
    this.present = definitions ? count(definitions, all, nesting.definition, nesting.definition) : all;
    this.rows = repetitions ? count(repetitions, all, 0, nesting.repetition) : all;
  }

  get isAtEnd(): boolean {
    return this.#definitions?.isAtEnd !== false && this.#repetitions?.isAtEnd !== false;
  }

  /** Puts the values of the next rows into the first ones of the column. */
  fill(values: Values, into: CellColumn, rows: number): void {
    into.cells = values.cells ?? into.own;
    if (this.#nesting.repetition === 1) {
      this.#fillFirsts(values, into, rows);
      return;
    }
    const most = this.#nesting.definition;
    for (let at = 0; at < rows;) {
      const { value: level, times } = this.#definitions
        ? this.#definitions.run(rows - at)
        : { value: most, times: rows };
      if (level === most) values.fill(into, at, times);
      else into.codes.fill(into.cells.absent, at, at + times);
      at += times;
    }
  }

  /** To be asked behind the last row: passes what is left of its list, and of one that a page before began, where no row begins here. */
  endList(values: Values, into: CellColumn): void {
    while (this.#nesting.repetition === 1 && this.#left > 0) this.#pass(values, into, NOWHERE);
  }

  #fillFirsts(values: Values, into: CellColumn, rows: number): void {
    for (let at = 0; at < rows; at++) {
      while (this.#repeated() === 1) this.#pass(values, into, NOWHERE);
      this.#pass(values, into, at);
    }
  }

  #repeated(): number {
    return (this.#next ??= this.#repetitions!.run(1).value);
  }

  #pass(values: Values, into: CellColumn, row: number): void {
    this.#repeated();
    this.#next = undefined;
    this.#left--;
    const isThere = !this.#definitions || this.#definitions.run(1).value === this.#nesting.definition;
    if (isThere) values.fill(into, row, 1);
    else into.codes[row] = into.cells.absent;
  }
}

/** Behind all rows. */
const NOWHERE = MOST_ROWS;

function runsOf(at: LevelBytes | undefined, most: number): Runs | undefined {
  return at && most > 0 ? new Runs(at.bytes, at.from, at.to, widthOf(most)) : undefined;
}

function count(levels: Runs, all: number, wanted: number, most: number): number {
  let found = 0;
  for (let at = 0; at < all;) {
    const { value, times } = levels.run(all - at);
    if (value > most) throw new Error('levels that cannot be');
    if (value === wanted) found += times;
    at += times;
  }
  return found;
}
