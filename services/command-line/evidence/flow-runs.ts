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

interface Run {
  /** The first row, counted from the beginning of the file. */
  readonly from: number;
  readonly rows: number;
}

/**
 * Runs of rows, each in order, in one file of no use after this process. It is made with the first one, and lies in the
 * folder under a name by which the next process removes it, if this one is killed.
 */
export class FlowRuns {
  readonly #path: string;
  readonly #runs: Run[] = [];
  #rows = 0;
  #file: OutputFile | undefined;
  #handle: number | undefined;

  constructor(folder: string) {
    this.#path = join(folder, `.${scratchName()}`);
  }

  /** @throws Error that names the file, if it could not be written */
  write(rows: Iterable<FlowRow>): void {
    this.#file ??= new OutputFile(this.#path);
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
    this.#runs.push({ from, rows: this.#rows - from });
  }

  /** All of them, to be read before {@link discard}. */
  read(): Iterable<FlowRow>[] {
    const atOnce = Math.max(FEWEST, Math.floor(ROWS / this.#runs.length));
    return this.#runs.map((run) => ({ [Symbol.iterator]: () => this.#rowsOf(run, atOnce) }));
  }

  discard(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
    this.#file?.discard();
    this.#file = undefined;
    this.#runs.length = 0;
    this.#rows = 0;
  }

  *#rowsOf({ from, rows }: Run, atOnce: number): Generator<FlowRow> {
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
    this.#handle ??= openSync(this.#path, 'r');
    for (let at = 0; at < bytes.length;) {
      const read = readSync(this.#handle, bytes, at, bytes.length - at, row * ROW_BYTES + at);
      if (read === 0) throw namedError(this.#path, new Error('it is shorter than what was written'));
      at += read;
    }
  }
}
