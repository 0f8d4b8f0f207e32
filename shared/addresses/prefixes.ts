import { bitsOf, maskAddress, sameAddress, type Prefix } from './address.ts';

/** Whether every address of `inner` is one of `outer`. */
export function holds(outer: Prefix, inner: Prefix): boolean {
  if (inner.length < outer.length) return false;
  return sameAddress(maskAddress(inner.address, outer.length), outer.address);
}

/** The two halves of a prefix that is not a single address. */
function halvesOf({ address, length }: Prefix): [Prefix, Prefix] {
  const words = [address.w0, address.w1, address.w2, address.w3];
  words[length >>> 5]! |= 1 << (31 - (length & 31));
  const [w0, w1, w2, w3] = words as [number, number, number, number];
  return [
    { address, length: length + 1 },
    { address: { family: address.family, w0, w1, w2, w3 }, length: length + 1 },
  ];
}

/** Whether every address of the prefix is in one of the others. Exact: halves are covered by different ones. */
export function isCoveredBy(prefix: Prefix, others: readonly Prefix[]): boolean {
  const inside: Prefix[] = [];
  for (const other of others) {
    if (holds(other, prefix)) return true;
    if (holds(prefix, other)) inside.push(other);
  }
  // Fewer than two cannot fill it: each is smaller.
  return inside.length > 1 && halvesOf(prefix).every((half) => isCoveredBy(half, inside));
}

/** The narrowest prefix that holds both, which are of one family. */
export function commonPrefix(a: Prefix, b: Prefix): Prefix {
  const length = Math.min(a.length, b.length, sameBits(a, b));
  return length === a.length ? a : { address: maskAddress(a.address, length), length };
}

/** Number of leading bits in which the two addresses agree. */
export function sameBits({ address: a }: Prefix, { address: b }: Prefix): number {
  const differing = [a.w0 ^ b.w0, a.w1 ^ b.w1, a.w2 ^ b.w2, a.w3 ^ b.w3];
  const word = differing.findIndex((bits) => bits !== 0);
  return word < 0 ? 128 : 32 * word + Math.clz32(differing[word]!);
}

/** The same addresses, each once: in order, none holds another, and no two are the halves of one. */
export function distinctPrefixes(prefixes: readonly Prefix[]): readonly Prefix[] {
  const distinct: Prefix[] = [];
  for (const prefix of [...prefixes].sort(byPlace)) {
    const last = distinct.at(-1);
    if (last && holds(last, prefix)) continue;
    distinct.push(prefix);
    for (let whole = wholeOf(distinct); whole; whole = wholeOf(distinct)) distinct.splice(-2, 2, whole);
  }
  return distinct;
}

/**
 * Whether every address of the prefix is in one of the others, by one look: which must be as {@link distinctPrefixes} has
 * them, where no two fill a third one.
 */
export function isWithin(prefix: Prefix, distinct: readonly Prefix[]): boolean {
  let [low, high] = [0, distinct.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byPlace(distinct[middle]!, prefix) <= 0) low = middle + 1;
    else high = middle;
  }
  const before = distinct[low - 1];
  return before !== undefined && holds(before, prefix);
}

/** What the last two are the halves of. */
function wholeOf(prefixes: readonly Prefix[]): Prefix | undefined {
  const [left, right] = prefixes.slice(-2);
  if (!left || !right) return undefined;
  const whole = commonPrefix(left, right);
  const areHalves = left.length === right.length && whole.length === left.length - 1;
  return areHalves && left.address.family === right.address.family ? whole : undefined;
}

/** By family, then address; the wider of two that begin at one address first. */
export function byPlace(a: Prefix, b: Prefix): number {
  const [p, q] = [a.address, b.address];
  return (
    p.family - q.family ||
    (p.w0 >>> 0) - (q.w0 >>> 0) ||
    (p.w1 >>> 0) - (q.w1 >>> 0) ||
    (p.w2 >>> 0) - (q.w2 >>> 0) ||
    (p.w3 >>> 0) - (q.w3 >>> 0) ||
    a.length - b.length
  );
}

/** 2 to this power is the number of addresses in any of the prefixes, of both families; -Infinity for none. */
export function log2OfAddresses(prefixes: readonly Prefix[]): number {
  const distinct = distinctPrefixes(prefixes).map(
    ({ address, length }) => bitsOf(address.family === 6 ? 6 : 4) - length,
  );
  if (distinct.length === 0) return -Infinity;
  const most = Math.max(...distinct);
  return most + Math.log2(distinct.reduce((sum, bits) => sum + 2 ** (bits - most), 0));
}
