import { KeyNumbers } from '../matching/key-numbers.ts';
import type { Day } from '../time.ts';
import { WasmModule, type WasmMemory, type WasmNumber } from '../wasm.ts';
import { FOLD_MODULE } from './fold/fold-module.ts';
import { portKind } from './possible-use.ts';

/** What the fold asks for while it reads and tells; where records and flows are is said by their first byte. */
export interface FoldHooks {
  /**
   * To read the record that waits there, the first of its kind.
   *
   * @param reverse what records the other way come to, as is returned; 0 where nobody knows
   * @returns the number of their {@link Outcomes} plus 1, or {@link TURN}
   */
  read(waiting: number, reverse: number): number;
  /** To read and to add up the record that waits there by itself. */
  readAlone(waiting: number): void;
  /** To note who else may have been used by records of a flow, some of which come to this, as is returned by {@link read}. */
  mayHaveUsed(outcome: number, flow: number): void;
}

/** As `fold/fold.as.ts` exports it. */
interface FoldExports {
  readonly memory: WasmMemory;
  readonly SCANNED: WasmNumber;
  readonly ROUTED: WasmNumber;
  readonly CLASSES: WasmNumber;
  readonly KINDS: WasmNumber;
  readonly conversations: WasmNumber;
  readonly outcomes: WasmNumber;
  readonly flows: WasmNumber;
  readonly last: { value: number };
  readonly firstOfFlows: WasmNumber;
  readonly rows: WasmNumber;
  readonly groups: WasmNumber;
  setSeed(seed: number): void;
  addGroup(owner: number, day: number): void;
  addRow(): void;
  addRouted(count: number): void;
  addOne(group: number, isIngress: number, shown: number, times: number): void;
  addOutcome(bits: number, slot: number, row: number, since: number): void;
  settle(): void;
  tell(): void;
  addRequests(row: number, times: number, isInferred: number, isProven: number): void;
  flowOf(
    owner: number,
    admission: number,
    day: number,
    service: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
  ): number;
  addToFlow(
    flow: number,
    bits: number,
    times: number,
    packets: number,
    bytes: number,
    start: number,
    end: number,
  ): void;
  clearFlows(): void;
  clear(): void;
}

const MODULE = new WasmModule<FoldExports>(FOLD_MODULE);
const KINDS = Uint8Array.from({ length: 65_536 }, (_, port) => portKind(port));

class Instance {
  readonly exports: FoldExports;
  /** Positions in {@link FoldMemory.words}. */
  readonly scanned: number;
  readonly routed: number;
  hooks: FoldHooks | undefined;
  #classes: Uint16Array | undefined;

  constructor() {
    this.exports = MODULE.instance({
      'fold.as': {
        read: (waiting: number, reverse: number) => this.hooks!.read(waiting, reverse),
        readAlone: (waiting: number) => this.hooks!.readAlone(waiting),
        mayHaveUsed: (outcome: number, flow: number) => this.hooks!.mayHaveUsed(outcome, flow),
      },
    });
    const { memory, KINDS: kinds, SCANNED, ROUTED } = this.exports;
    new Uint8Array(memory.buffer).set(KINDS, kinds.value);
    this.scanned = SCANNED.value >> 2;
    this.routed = ROUTED.value >> 2;
  }

  /** Bytes. */
  get size(): number {
    return this.exports.memory.buffer.byteLength;
  }

  begin(seed: number, classes: Uint16Array, hooks: FoldHooks): void {
    const { memory, CLASSES } = this.exports;
    this.hooks = hooks;
    this.exports.setSeed(seed);
    if (classes === this.#classes) return;
    new Uint16Array(memory.buffer, CLASSES.value, classes.length).set(classes);
    this.#classes = classes;
  }
}

/** Instances that nobody uses, the largest last: their memory does not shrink, and is used again. */
const free: Instance[] = [];
/** Bytes of a small one: to make another takes half a millisecond, and many are needed where there are many flow logs. */
const SMALL_BYTES = 2 ** 20;
const [MOST_SMALL, MOST_LARGE] = [64, 4] as const;

/** Gives the memory of large ones up that nobody uses, where no more is to be counted: the garbage collector takes it. */
export function forgetFreeFolds(): void {
  free.length = smallOnes();
}

function smallOnes(): number {
  return free.filter(({ size }) => size <= SMALL_BYTES).length;
}

/** The memory of one attribution's sums, and what is done in it; held from the first use until {@link release}. */
export class FoldMemory {
  readonly #seed: number;
  readonly #classes: Uint16Array;
  readonly #hooks: FoldHooks;
  /** Interface, day and where fates are counted, of all groups that there ever were. */
  readonly #groups: KeyNumbers;
  #instance: Instance | undefined;
  #words = new Int32Array(0);
  #numbers = new Float64Array(0);

  /**
   * @param seed of hashes
   * @param classes of ports that all rules treat alike, by port
   */
  constructor(seed: number, classes: Uint16Array, hooks: FoldHooks) {
    this.#seed = seed;
    this.#classes = classes;
    this.#hooks = hooks;
    this.#groups = new KeyNumbers(3, seed);
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#instance === undefined;
  }

  get exports(): FoldExports {
    return this.#held.exports;
  }

  /** Where in {@link words} rows of the scanner belong, */
  get scanned(): number {
    return this.#held.scanned;
  }

  /** and which of them are chosen. */
  get routed(): number {
    return this.#held.routed;
  }

  /** All of it, by 32 bits; ask again after any call that may make it grow. */
  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.exports.memory.buffer);
    return this.#words;
  }

  /** The same, by numbers of 64 bits. */
  get numbers(): Float64Array {
    if (this.#numbers.length === 0) this.#numbers = new Float64Array(this.exports.memory.buffer);
    return this.#numbers;
  }

  /**
   * The number of a group of records, for good, counted from 0.
   *
   * @param owner the number of the interface
   * @param place where their fates are counted
   */
  groupOf(owner: number, day: Day, place: number): number {
    const { key, size } = this.#groups;
    key[0] = owner;
    key[1] = day;
    key[2] = place;
    const number = this.#groups.number();
    if (number === size && !this.isEmpty) this.exports.addGroup(owner, day);
    return number;
  }

  /** How many groups there are. */
  get groupCount(): number {
    return this.#groups.size;
  }

  ownerOf(group: number): number {
    return this.#groups.word(group, 0);
  }

  dayOf(group: number): Day {
    return this.#groups.word(group, 1);
  }

  placeOf(group: number): number {
    return this.#groups.word(group, 2);
  }

  /** Forgets all that is in it, but for the groups. */
  release(): void {
    const instance = this.#instance;
    if (!instance) return;
    instance.exports.clear();
    instance.hooks = undefined;
    free.push(instance);
    // Whoever comes next takes the largest: were it any, all would grow to the size of the largest in time.
    free.sort((a, b) => a.size - b.size);
    const small = smallOnes();
    if (small > MOST_SMALL) free.shift();
    else if (free.length - small > MOST_LARGE) free.splice(small, 1);
    this.#instance = undefined;
    this.#words = new Int32Array(0);
    this.#numbers = new Float64Array(0);
  }

  get #held(): Instance {
    return (this.#instance ??= this.#begin());
  }

  #begin(): Instance {
    const instance = free.pop() ?? new Instance();
    instance.begin(this.#seed, this.#classes, this.#hooks);
    for (let group = 0; group < this.#groups.size; group++) {
      instance.exports.addGroup(this.ownerOf(group), this.dayOf(group));
    }
    return instance;
  }
}
