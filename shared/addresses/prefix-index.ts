import { absentAddress, bitsOf, sameAddress, type Address, type Family, type Prefix } from './address.ts';

/** One distinct prefix; `parent` is the next wider one that holds it. Every chain ends at 0.0.0.0/0 or ::/0. */
export interface PrefixNode {
  readonly id: number;
  readonly prefix: Prefix;
  readonly parent: PrefixNode | undefined;
}

/** One family's address space cut into ranges: row i holds from `starts[i]` up to the next row's start. */
interface Table {
  /** The first words, their signs turned so that they ascend. */
  readonly heads: Int32Array;
  readonly starts: Int32Array;
  readonly nodes: readonly PrefixNode[];
}

const EVERYTHING: readonly Prefix[] = [
  { address: { ...absentAddress(), family: 4 }, length: 0 },
  { address: { ...absentAddress(), family: 6 }, length: 0 },
];

const SIGN = 0x80000000;

/**
 * Answers which known prefixes hold an address. Two addresses with the same innermost prefix are alike to every rule,
 * so what is worked out once per node holds for all of them. The nested prefixes are flattened into sorted ranges when
 * built: a question costs one binary search, logarithmic in the number of distinct prefixes, in either family.
 */
export class PrefixIndex {
  readonly #tables: Readonly<Record<Family, Table>>;
  #count = 0;

  /** @param prefixes without host bits, as {@link parsePrefix} gives them; any number of times each */
  constructor(prefixes: Iterable<Prefix>) {
    const all = [...EVERYTHING, ...prefixes];
    const sorted = all.sort((a, b) => compareWords(a.address, b.address) || a.length - b.length);
    this.#tables = { 4: this.#flatten(sorted, 4), 6: this.#flatten(sorted, 6) };
  }

  /** The innermost known prefix that holds the address. */
  find(address: Readonly<Address>): PrefixNode {
    const w0 = address.w0 ^ SIGN;
    if (address.family !== 6) return this.#findByHead(w0);
    const { starts, nodes } = this.#tables[6];
    const w1 = address.w1 ^ SIGN;
    const w2 = address.w2 ^ SIGN;
    const w3 = address.w3 ^ SIGN;
    let low = 0;
    let high = nodes.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      const at = middle * 4;
      const order = starts[at]! - w0 || starts[at + 1]! - w1 || starts[at + 2]! - w2 || starts[at + 3]! - w3;
      if (order <= 0) low = middle;
      else high = middle;
    }
    return nodes[low]!;
  }

  /** Of IPv4 the first word is all. */
  #findByHead(head: number): PrefixNode {
    const { heads, nodes } = this.#tables[4];
    let low = 0;
    let high = nodes.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (heads[middle]! <= head) low = middle;
      else high = middle;
    }
    return nodes[low]!;
  }

  /** The node of a prefix the index was built from. */
  nodeOf(prefix: Prefix): PrefixNode | undefined {
    // Of the prefixes that hold one address no two are of one length.
    let node: PrefixNode | undefined = this.find(prefix.address);
    while (node && node.prefix.length > prefix.length) node = node.parent;
    return node?.prefix.length === prefix.length ? node : undefined;
  }

  #flatten(sorted: readonly Prefix[], family: Family): Table {
    const rows: { start: Address; node: PrefixNode }[] = [];
    const open: { node: PrefixNode; next: Address | undefined }[] = [];
    const closeUntil = (start: Address | undefined): void => {
      for (let top = open.at(-1); top?.next; top = open.at(-1)) {
        if (start && compareWords(top.next, start) > 0) return;
        open.pop();
        const outer = open.at(-1);
        if (outer) rows.push({ start: top.next, node: outer.node });
      }
    };
    let last: Prefix | undefined;
    for (const prefix of sorted) {
      const { address, length } = prefix;
      if (address.family !== family) continue;
      if (last?.length === length && sameAddress(last.address, address)) continue;
      last = prefix;
      closeUntil(address);
      const node = { id: this.#count++, prefix, parent: open.at(-1)?.node };
      rows.push({ start: prefix.address, node });
      open.push({ node, next: following(prefix) });
    }
    closeUntil(undefined);
    const distinct = rows.filter(({ start }, i) => {
      const after = rows[i + 1];
      return !after || compareWords(start, after.start) !== 0;
    });
    const starts = new Int32Array(distinct.length * 4);
    distinct.forEach(({ start }, i) => {
      starts.set([start.w0 ^ SIGN, start.w1 ^ SIGN, start.w2 ^ SIGN, start.w3 ^ SIGN], i * 4);
    });
    const heads = Int32Array.from(distinct, ({ start }) => start.w0 ^ SIGN);
    return { heads, starts, nodes: distinct.map(({ node }) => node) };
  }
}

function compareWords(a: Readonly<Address>, b: Readonly<Address>): number {
  return (
    (a.w0 >>> 0) - (b.w0 >>> 0) ||
    (a.w1 >>> 0) - (b.w1 >>> 0) ||
    (a.w2 >>> 0) - (b.w2 >>> 0) ||
    (a.w3 >>> 0) - (b.w3 >>> 0)
  );
}

/** The first address behind the prefix; undefined where the prefix reaches the end of the address space. */
function following(prefix: Prefix): Address | undefined {
  const { address, length } = prefix;
  if (length === 0) return undefined;
  const words = [address.w0, address.w1, address.w2, address.w3];
  const bits = bitsOf(address.family === 6 ? 6 : 4);
  // Add one at the prefix's last bit and carry towards the front.
  let index = (Math.min(length, bits) - 1) >>> 5;
  let sum = (words[index]! >>> 0) + 2 ** (31 - ((length - 1) & 31));
  for (;;) {
    words[index] = sum | 0;
    if (sum < 2 ** 32) break;
    if (index === 0) return undefined;
    index--;
    sum = (words[index]! >>> 0) + 1;
  }
  return { family: address.family, w0: words[0]!, w1: words[1]!, w2: words[2]!, w3: words[3]! };
}
