import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { OutputFile } from '../../../shared/disk/output-file.ts';
import { scratchName } from '../../../shared/disk/scratch.ts';
import type { RowRun } from '../../../shared/evidence/flow-rows.ts';
import { ROW_BYTES } from '../../../shared/evidence/rows/layout.ts';
import { namedError } from '../../../shared/text/named-error.ts';

/** A run of rows in a file. */
export interface WrittenRun {
  /** The first row, counted from the beginning of the file. */
  readonly from: number;
  readonly rows: number;
}

/** Runs that were written. */
export interface WrittenRuns {
  readonly path: string;
  readonly runs: readonly WrittenRun[];
}

/**
 * Runs of rows, each in order, in one file of no use after this process. It is made with the first one, and lies in the
 * folder under a name by which the next process removes it, if this one is killed.
 */
export class FlowRuns implements WrittenRuns {
  readonly path: string;
  readonly runs: WrittenRun[] = [];
  #rows = 0;
  #file: OutputFile | undefined;

  /** @param name of the file */
  constructor(folder: string, name = scratchName()) {
    this.path = join(folder, `.${name}`);
  }

  /**
   * @param rows their bytes, some rows at a time
   * @throws Error that names the file, if it could not be written
   */
  write(rows: Iterable<Uint8Array>): void {
    this.#file ??= new OutputFile(this.path);
    const from = this.#rows;
    for (const some of rows) {
      this.#file.write(some);
      this.#rows += some.length / ROW_BYTES;
    }
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

  /** The rows of a run, once. */
  rows({ from, rows }: WrittenRun): RowRun {
    let at = from;
    return {
      read: (into) => {
        const some = into.subarray(0, (from + rows - at) * ROW_BYTES);
        this.#fill(some, at);
        at += some.length / ROW_BYTES;
        return some.length;
      },
    };
  }

  /** The part of a run between two places in its order, by the words of its rows. */
  between(
    { from, rows }: WrittenRun,
    isBefore: (words: Int32Array) => boolean,
    isBehind: (words: Int32Array) => boolean,
  ): WrittenRun {
    const first = this.#countWhile(from, rows, isBefore);
    const end = this.#countWhile(from, rows, (words) => !isBehind(words));
    return { from: from + first, rows: end - first };
  }

  /** The words of every so many rows of a run. */
  *sample({ from, rows }: WrittenRun, step: number): Generator<Int32Array> {
    for (let at = 0; at < rows; at += step) yield this.#words(from + at);
  }

  /** How many of the first rows it holds for, which it does up to some row, and of none behind it. */
  #countWhile(from: number, rows: number, holds: (words: Int32Array) => boolean): number {
    let [low, high] = [0, rows];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#words(from + middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #words(row: number): Int32Array {
    const bytes = new Uint8Array(ROW_BYTES);
    this.#fill(bytes, row);
    return new Int32Array(bytes.buffer);
  }

  #fill(bytes: Uint8Array, row: number): void {
    for (let at = 0; at < bytes.length;) {
      const read = readSync(this.#handle!, bytes, at, bytes.length - at, row * ROW_BYTES + at);
      if (read === 0) throw namedError(this.#path, new Error('it is shorter than what was written'));
      at += read;
    }
  }
}
