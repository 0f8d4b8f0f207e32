import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { OutputFile } from '../../../shared/disk/output-file.ts';
import { scratchName } from '../../../shared/disk/scratch.ts';
import { emptyRow, ROW_BYTES, RowChunk, type FlowRow } from '../../../shared/evidence/flow-rows.ts';
import { namedError } from '../../../shared/text/named-error.ts';

/** Rows written at a time, and read of all runs together: 1.5 MB. */
const ROWS = 1 << 14;
/** Read of a run at a time, however many there are: 3 KB. */
const FEWEST = 32;

export interface RowRun {
  /** The first row, counted from the beginning of the file. */
  readonly from: number;
  readonly rows: number;
}

/** Runs that were written. */
export interface WrittenRuns {
  readonly path: string;
  readonly runs: readonly RowRun[];
}

/**
 * Runs of rows, each in order, in one file of no use after this process. It is made with the first one, and lies in the
 * folder under a name by which the next process removes it, if this one is killed.
 */
export class FlowRuns implements WrittenRuns {
  readonly path: string;
  readonly runs: RowRun[] = [];
  #rows = 0;
  #file: OutputFile | undefined;

  /** @param name of the file */
  constructor(folder: string, name = scratchName()) {
    this.path = join(folder, `.${name}`);
  }

  /** @throws Error that names the file, if it could not be written */
  write(rows: Iterable<FlowRow>): void {
    this.#file ??= new OutputFile(this.path);
    const from = this.#rows;
    const chunk = new RowChunk(ROWS);
    let held = 0;
    const flush = (): void => {
      this.#file!.write(chunk.bytes.subarray(0, held * ROW_BYTES));
      this.#rows += held;
      held = 0;
    };
    for (const row of rows) {
      chunk.put(held++, row);
      if (held === ROWS) flush();
    }
    flush();
    this.runs.push({ from, rows: this.#rows - from });
  }

  discard(): void {
    this.#file?.discard();
    this.#file = undefined;
    this.runs.length = 0;
    this.#rows = 0;
  }
}

/** Reads runs while their file is there, also those of another thread. */
export class RunReader {
  readonly #path: string;
  readonly #handle: number | undefined;

  constructor({ path, runs }: WrittenRuns) {
    this.#path = path;
    this.#handle = runs.length === 0 ? undefined : openSync(path, 'r');
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
  }

  /** @param together how many runs are read at the same time */
  rows({ from, rows }: RowRun, together: number): Iterable<FlowRow> {
    const atOnce = Math.max(FEWEST, Math.floor(ROWS / together));
    return { [Symbol.iterator]: () => this.#rows(from, rows, atOnce) };
  }

  /** The part of a run between two places in its order. */
  between({ from, rows }: RowRun, isBefore: (row: FlowRow) => boolean, isBehind: (row: FlowRow) => boolean): RowRun {
    const first = this.#countWhile(from, rows, isBefore);
    const end = this.#countWhile(from, rows, (row) => !isBehind(row));
    return { from: from + first, rows: end - first };
  }

  /** Every so many rows of a run. */
  *sample({ from, rows }: RowRun, step: number): Generator<FlowRow> {
    for (let at = 0; at < rows; at += step) yield this.#row(from + at);
  }

  /** How many of the first rows it holds for, which it does up to some row, and of none behind it. */
  #countWhile(from: number, rows: number, holds: (row: FlowRow) => boolean): number {
    let [low, high] = [0, rows];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#row(from + middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #row(at: number): FlowRow {
    const [chunk, row] = [new RowChunk(1), emptyRow()];
    this.#fill(chunk.bytes, at);
    chunk.read(0, row);
    return row;
  }

  *#rows(from: number, rows: number, atOnce: number): Generator<FlowRow> {
    const chunk = new RowChunk(atOnce);
    const row = emptyRow();
    for (let at = 0; at < rows; at++) {
      const i = at % atOnce;
      if (i === 0) this.#fill(chunk.bytes.subarray(0, Math.min(atOnce, rows - at) * ROW_BYTES), from + at);
      chunk.read(i, row);
      yield row;
    }
  }

  #fill(bytes: Uint8Array, row: number): void {
    for (let at = 0; at < bytes.length;) {
      const read = readSync(this.#handle!, bytes, at, bytes.length - at, row * ROW_BYTES + at);
      if (read === 0) throw namedError(this.#path, new Error('it is shorter than what was written'));
      at += read;
    }
  }
}
