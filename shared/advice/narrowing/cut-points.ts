import { formatPrefix, maskAddress, type Prefix } from '../../addresses/address.ts';
import { commonPrefix } from '../../addresses/prefixes.ts';
import type { Day } from '../../time.ts';

/** Service flows of one protocol as a box: every port from `from` to `to` at every address of the prefix. */
export interface Box {
  /** Boxes of different kinds are never put together. Of one kind are only such of one protocol and family. */
  readonly kind: string;
  readonly protocol: number;
  readonly from: number;
  readonly to: number;
  readonly prefix: Prefix;
}

/** The smallest box that holds both, which are of one kind. */
export function boxOfBoth(a: Box, b: Box): Box {
  const { kind, protocol } = a;
  return {
    kind,
    protocol,
    from: Math.min(a.from, b.from),
    to: Math.max(a.to, b.to),
    prefix: commonPrefix(a.prefix, b.prefix),
  };
}

/**
 * How coarse cells are, step by step: leading address bits (of IPv4; twice as many of IPv6, whose hosts are counted as
 * /64), and by how many bits ports are shifted. Each step's cells are put together from the ones before; in the last,
 * all are one. Addresses go first: what has many points mostly has many clients of few services.
 */
const STEPS: readonly (readonly [bits: number, shift: number])[] = [
  [32, 0],
  [28, 0],
  [24, 0],
  [20, 0],
  [16, 0],
  [16, 4],
  [12, 4],
  [8, 4],
  [8, 8],
  [4, 8],
  [0, 8],
  [0, 12],
  [0, 16],
];

/** All that {@link Points} hold, for others to add. */
export interface PointParts {
  readonly step: number;
  readonly boxes: readonly Box[];
  /** Of each box, as long as each is one point; none afterwards. */
  readonly firstDays: readonly Day[];
}

/**
 * The distinct points (protocol, port, address) at which a rule was used, as boxes: one each, or, beyond the limit, one
 * for the points of a cell, drawn as tightly around them as one box can be. What they are depends on the points alone,
 * not on their order: a step is taken only if the cells of all points are too many for the one before.
 */
export class Points {
  #cells = new Map<string, Box>();
  /** The first day of each cell, as long as each is one point. */
  readonly #firstDays = new Map<string, Day>();
  #step = 0;

  get size(): number {
    return this.#cells.size;
  }

  /** Whether cells have been put together. */
  get isCoarse(): boolean {
    return this.#step > 0;
  }

  /**
   * When the last peer came that had not been seen before; undefined where cells have been put together, and nobody can
   * tell any more.
   */
  get lastNewPeer(): Day | undefined {
    if (this.isCoarse) return undefined;
    const peers = new Map<string, Day>();
    for (const [key, { prefix }] of this.#cells) {
      const peer = formatPrefix(prefix);
      peers.set(peer, Math.min(this.#firstDays.get(key)!, peers.get(peer) ?? Infinity));
    }
    return Math.max(...peers.values());
  }

  /** @returns whether the point made a new cell */
  add(box: Box, limit: number, day: Day): boolean {
    const before = this.#cells.size;
    const key = this.#put(box);
    if (!this.isCoarse) this.#firstDays.set(key, Math.min(day, this.#firstDays.get(key) ?? Infinity));
    if (this.#cells.size <= limit) return this.#cells.size > before;
    this.coarsen(limit);
    return true;
  }

  coarsen(limit: number): void {
    while (this.#cells.size > limit && this.#step < STEPS.length - 1) this.#coarsenTo(this.#step + 1);
  }

  parts(): PointParts {
    return {
      step: this.#step,
      boxes: this.boxes(),
      firstDays: [...this.#cells.keys()].flatMap((key) => this.#firstDays.get(key) ?? []),
    };
  }

  /** Adds the points of others: what they are then is as if all had been added to these. */
  merge({ step, boxes, firstDays }: PointParts, limit: number): void {
    if (step > this.#step) this.#coarsenTo(step);
    boxes.forEach((box, i) => {
      const key = this.#put(box);
      if (!this.isCoarse) this.#firstDays.set(key, Math.min(firstDays[i]!, this.#firstDays.get(key) ?? Infinity));
    });
    this.coarsen(limit);
  }

  boxes(): Box[] {
    return [...this.#cells.values()];
  }

  #coarsenTo(step: number): void {
    const boxes = this.boxes();
    this.#cells = new Map();
    this.#step = step;
    this.#firstDays.clear();
    for (const box of boxes) this.#put(box);
  }

  #put(box: Box): string {
    const [bits, shift] = STEPS[this.#step]!;
    const { address, length } = box.prefix;
    const kept = Math.min(length, address.family === 6 ? 2 * bits : bits);
    const { w0, w1 } = maskAddress(address, kept);
    const key = `${box.kind} ${String(box.from >> shift)} ${String(w0)} ${String(w1)}`;
    const known = this.#cells.get(key);
    this.#cells.set(key, known ? boxOfBoth(known, box) : box);
    return key;
  }
}
