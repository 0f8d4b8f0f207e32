import { WasmModule, type WasmMemory, type WasmNumber } from '../wasm.ts';
import { ROW_BYTES } from './rows/layout.ts';
import { ROWS_MODULE } from './rows/rows-module.ts';

/** What is asked for while rows are told. */
export interface RowHooks {
  /** @returns whether what was counted under a source on a day counts */
  counts(day: number, source: number): boolean;
  /** What else is to be told of two rows together, from what is of each. */
  moreOfBoth(a: number, b: number): number;
}

/** Rows that were taken out before, in order. */
export interface RowRun {
  /**
   * Reads the next rows.
   *
   * @param into room for some, valid during the call
   * @returns their bytes; 0 at the end
   */
  read(into: Uint8Array<ArrayBuffer>): number;
}

/** Which rows are told, and how. */
interface AskedRows {
  /** The first of those that are held. */
  readonly held: number;
  /** Of interfaces and of answers, by number: their order. */
  readonly ranks: readonly [Uint32Array, Uint32Array];
  readonly runs: readonly RowRun[];
  /** Whether rows of unlike sources are told apart, and all of them. */
  readonly isApart: boolean;
  /** Of hashes. */
  readonly seed: number;
}

/** As `rows/rows.as.ts` exports it. */
interface RowExports {
  readonly memory: WasmMemory;
  readonly HELD: WasmNumber;
  readonly GROUP: WasmNumber;
  readonly VALUES: WasmNumber;
  readonly SAID: WasmNumber;
  readonly DISTINCT: WasmNumber;
  readonly OTHERS: WasmNumber;
  readonly PAGE: WasmNumber;
  readonly interfaceRanks: { value: number };
  readonly answerRanks: { value: number };
  readonly isApart: { value: number };
  readonly hashSeed: { value: bigint };
  readonly smallest: { readonly value: bigint };
  readonly largest: { readonly value: bigint };
  readonly smallestText: WasmNumber;
  readonly largestText: WasmNumber;
  room(rows: number): void;
  begin(held: number, runs: number): void;
  take(bytes: number): number;
  sort(held: number): void;
  addRun(run: number, into: number): void;
  fillGroup(): number;
  takeBits(rows: number, word: number, shift: number, mask: number): void;
  takeSums(rows: number, sum: number): void;
  takeSaid(rows: number): void;
  numberValues(rows: number, isFew: number): number;
  numberPeers(rows: number): number;
  keepSaid(rows: number): void;
  renumber(rows: number): void;
  putPlain(values: number, count: number): void;
  putNumbers(rows: number, distinct: number): number;
  putPeers(distinct: number): number;
}

const MODULE = new WasmModule<RowExports>(ROWS_MODULE);

/** Read of all runs together at a time, 1.5 MB; and of each, however many there are, 3 KB. */
const [READ_OF_ALL, READ_OF_EACH] = [1 << 14, 32] as const;
/** Room is made for as many as there are, so many at a time at least and at most. */
const [LEAST_ROOM, MOST_ROOM] = [1 << 6, 1 << 12] as const;
/** With what their order takes, more do not fit into the 4 GB that WebAssembly has. */
const MOST_ROWS = 38_000_000;

/** Rows of service flows in memory of WebAssembly, and what is done to them there. */
export class FlowRows {
  readonly wasm: RowExports;
  /** Where rows are held: to ask an instance takes as long as to fill half a row in. */
  readonly #held: number;
  readonly #hooks: RowHooks;
  #runs: readonly { readonly run: RowRun; readonly at: number; readonly bytes: number }[] = [];
  #room = 0;
  #words = new Int32Array(0);
  #numbers = new Float64Array(0);

  constructor(hooks: RowHooks) {
    this.#hooks = hooks;
    this.wasm = MODULE.instance({
      'rows.as': {
        counts: (day: number, source: number) => (this.#hooks.counts(day, source) ? 1 : 0),
        moreOfBoth: (a: number, b: number) => this.#hooks.moreOfBoth(a, b),
        refill: (number: number) => {
          const { run, at, bytes } = this.#runs[number]!;
          return run.read(this.bytes(at, bytes)) / ROW_BYTES;
        },
      },
    });
    this.#held = this.wasm.HELD.value;
  }

  /** All of the memory, by 32 bits; ask again after any call that may make it grow. */
  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.wasm.memory.buffer);
    return this.#words;
  }

  /** The same, by numbers of 64 bits. */
  get numbers(): Float64Array {
    if (this.#numbers.length === 0) this.#numbers = new Float64Array(this.wasm.memory.buffer);
    return this.#numbers;
  }

  bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.wasm.memory.buffer, at >>> 0, length);
  }

  /**
   * Where the row with this number is held, or will be.
   *
   * @throws Error if there is no room for it
   */
  at(row: number): number {
    if (row >= this.#room) {
      if (row >= MOST_ROWS)
        throw new Error(`more than ${MOST_ROWS} service flows at a time: read fewer logs at a time`);
      this.#room = row + Math.min(Math.max(LEAST_ROOM, row), MOST_ROOM);
      this.wasm.room(this.#room);
    }
    return this.#held + row * ROW_BYTES;
  }

  /** Puts in order what is held, and all runs with it: {@link groups} tells them. */
  begin({ held, ranks, runs, isApart, seed }: AskedRows): void {
    const { wasm } = this;
    wasm.isApart.value = isApart ? 1 : 0;
    wasm.hashSeed.value = BigInt(seed >>> 0) * 0x100000001n;
    wasm.begin(held, runs.length);
    const [interfaces, answers] = ranks.map((some) => {
      const at = wasm.take(some.byteLength);
      this.words.set(some, at >>> 2);
      return at;
    });
    wasm.interfaceRanks.value = interfaces!;
    wasm.answerRanks.value = answers!;
    if (held > 0) wasm.sort(held);
    const bytes = Math.max(READ_OF_EACH, Math.floor(READ_OF_ALL / runs.length)) * ROW_BYTES;
    this.#runs = runs.map((run) => ({ run, at: wasm.take(bytes), bytes }));
    this.#runs.forEach(({ at }, number) => {
      wasm.addRun(number, at);
    });
  }

  /** The next rows in order, all of one day, as they lie in memory until more are asked for. */
  *groups(): Generator<number> {
    for (let rows = this.wasm.fillGroup(); rows > 0; rows = this.wasm.fillGroup()) yield rows;
  }
}
