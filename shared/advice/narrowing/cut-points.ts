import { maskAddress, type Prefix } from '../../addresses/address.ts';
import { commonPrefix } from '../../addresses/prefixes.ts';

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

/**
 * The distinct points (protocol, port, address) at which a rule was used, as boxes: one each, or, beyond the limit, one
 * for the points of a cell, drawn as tightly around them as one box can be. What they are depends on the points alone,
 * not on their order: a step is taken only if the cells of all points are too many for the one before.
 */
export class Points {
  #cells = new Map<string, Box>();
  #step = 0;

  get size(): number {
    return this.#cells.size;
  }

  /** Whether cells have been put together. */
  get isCoarse(): boolean {
    return this.#step > 0;
  }

  /** @returns whether the point made a new cell */
  add(box: Box, limit: number): boolean {
    const before = this.#cells.size;
    this.#put(box);
    if (this.#cells.size <= limit) return this.#cells.size > before;
    this.coarsen(limit);
    return true;
  }

  coarsen(limit: number): void {
    while (this.#cells.size > limit && this.#step < STEPS.length - 1) {
      const boxes = [...this.#cells.values()];
      this.#cells = new Map();
      this.#step++;
      for (const box of boxes) this.#put(box);
    }
  }

  boxes(): Box[] {
    return [...this.#cells.values()];
  }

  #put(box: Box): void {
    const [bits, shift] = STEPS[this.#step]!;
    const { address, length } = box.prefix;
    const kept = Math.min(length, address.family === 6 ? 2 * bits : bits);
    const { w0, w1 } = maskAddress(address, kept);
    const key = `${box.kind} ${String(box.from >> shift)} ${String(w0)} ${String(w1)}`;
    const known = this.#cells.get(key);
    this.#cells.set(key, known ? boxOfBoth(known, box) : box);
  }
}
