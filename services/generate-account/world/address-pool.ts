import { formatAddress, parsePrefix, type Prefix } from '../../../shared/addresses/address.ts';

/** Hands out the addresses of an IPv4 or IPv6 block, one after the other. */
export class AddressPool {
  readonly #prefix: Prefix;
  readonly #size: number;
  #next: number;

  /** `skip`: addresses at the start that are never handed out; AWS keeps the first four of a subnet. */
  constructor(cidr: string, skip = 4) {
    const prefix = parsePrefix(cidr);
    if (!prefix) throw new Error(`no block: ${cidr}`);
    this.#prefix = prefix;
    const bits = (prefix.address.family === 4 ? 32 : 128) - prefix.length;
    this.#size = bits > 24 ? 2 ** 24 : 2 ** bits;
    this.#next = skip;
  }

  next(): string {
    return this.#at(this.#take(1, 1));
  }

  /** An aligned IPv4 block of 2^`hostBits` addresses, as a CIDR. */
  nextBlock(hostBits: number): string {
    const size = 2 ** hostBits;
    return `${this.#at(this.#take(size, size))}/${32 - hostBits}`;
  }

  /** The address at a position of the block, wrapping at its end. */
  at(position: number): string {
    return this.#at(position % this.#size);
  }

  #take(count: number, alignment: number): number {
    const start = Math.ceil(this.#next / alignment) * alignment;
    if (start + count >= this.#size)
      throw new RangeError('the subnets of the simulated VPC are full: fewer interfaces, please');
    this.#next = start + count;
    return start;
  }

  #at(position: number): string {
    const base = this.#prefix.address;
    return base.family === 4
      ? formatAddress({ ...base, w0: (base.w0 + position) | 0 })
      : formatAddress({ ...base, w3: (base.w3 + position) | 0 });
  }
}
