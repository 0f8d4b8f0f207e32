/** Internet address family: 4 is IPv4, 6 is IPv6. Families never mix in a security group rule. */
export type Family = 4 | 6;

/**
 * An address as four signed 32-bit words, most significant first, so that one code path serves both families.
 * An IPv4 address stands in `w0`; its other words are 0. `family` 0 means "absent".
 */
export interface Address {
  family: Family | 0;
  w0: number;
  w1: number;
  w2: number;
  w3: number;
}

/** A CIDR block: every address whose first `length` bits are those of `address` (host bits are 0). */
export interface Prefix {
  readonly address: Readonly<Address>;
  readonly length: number;
}

/** Number of bits in an address of the family: 32 or 128. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

export function absentAddress(): Address {
  return { family: 0, w0: 0, w1: 0, w2: 0, w3: 0 };
}

export function copyAddress(to: Address, from: Readonly<Address>): void {
  to.family = from.family;
  to.w0 = from.w0;
  to.w1 = from.w1;
  to.w2 = from.w2;
  to.w3 = from.w3;
}

export function sameAddress(a: Readonly<Address>, b: Readonly<Address>): boolean {
  return a.w0 === b.w0 && a.w3 === b.w3 && a.w1 === b.w1 && a.w2 === b.w2 && a.family === b.family;
}

const DOT = 0x2e;
const COLON = 0x3a;

/**
 * Reads a textual address from `bytes[from, to)` into `into`. Strict: dotted quads of decimal numbers without leading
 * zeros, and RFC 4291 section 2.2 for IPv6 (one `::`, an IPv4 tail allowed, no zone). Returns false, with `into`
 * undefined, for anything else; never a lenient octal, hexadecimal or short form.
 */
export function parseAddressBytes(bytes: Uint8Array, from: number, to: number, into: Address): boolean {
  const first = Math.min(to, from + 5);
  for (let i = from; i < first; i++) {
    if (bytes[i] === COLON) return parseIpv6(bytes, from, to, into);
  }
  const word = parseIpv4(bytes, from, to);
  if (word < 0) return false;
  into.family = 4;
  into.w0 = word | 0;
  into.w1 = 0;
  into.w2 = 0;
  into.w3 = 0;
  return true;
}

/** The dotted quad as an unsigned 32-bit number, or -1. */
function parseIpv4(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 7 || to - from > 15) return -1;
  let word = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = from; i < to; i++) {
    const b = bytes[i]!;
    if (b >= 0x30 && b <= 0x39) {
      if (digits > 0 && octet === 0) return -1;
      octet = octet * 10 + (b - 0x30);
      if (octet > 255) return -1;
      digits++;
    } else if (b === DOT) {
      if (digits === 0) return -1;
      word = word * 256 + octet;
      octet = 0;
      digits = 0;
      dots++;
    } else {
      return -1;
    }
  }
  if (dots !== 3 || digits === 0) return -1;
  return word * 256 + octet;
}

const halves = new Uint16Array(8);

function parseIpv6(bytes: Uint8Array, from: number, to: number, into: Address): boolean {
  let count = 0;
  let gap = -1;
  let i = from;
  if (bytes[i] === COLON) {
    if (i + 1 >= to || bytes[i + 1] !== COLON) return false;
    gap = 0;
    i += 2;
  }
  while (i < to) {
    if (count === 8) return false;
    const start = i;
    let value = 0;
    let b = 0;
    for (; i < to; i++) {
      b = bytes[i]!;
      const digit =
        b >= 0x30 && b <= 0x39 ? b - 0x30 : b >= 0x61 && b <= 0x66 ? b - 0x57 : b >= 0x41 && b <= 0x46 ? b - 0x37 : -1;
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    if (i < to && b === DOT) {
      const tail = parseIpv4(bytes, start, to);
      if (tail < 0 || count > 6) return false;
      halves[count++] = tail >>> 16;
      halves[count++] = tail & 0xffff;
      i = to;
      break;
    }
    if (i === start || i - start > 4) return false;
    halves[count++] = value;
    if (i === to) break;
    if (b !== COLON) return false;
    i++;
    if (i === to) return false;
    if (bytes[i] === COLON) {
      if (gap >= 0) return false;
      gap = count;
      i++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return false;
  if (gap >= 0) {
    const tail = count - gap;
    for (let k = 1; k <= tail; k++) halves[8 - k] = halves[count - k]!;
    for (let k = gap; k < 8 - tail; k++) halves[k] = 0;
  }
  into.family = 6;
  into.w0 = (halves[0]! << 16) | halves[1]!;
  into.w1 = (halves[2]! << 16) | halves[3]!;
  into.w2 = (halves[4]! << 16) | halves[5]!;
  into.w3 = (halves[6]! << 16) | halves[7]!;
  return true;
}

const scratch = new Uint8Array(64);

/** Reads a textual address; `undefined` for anything {@link parseAddressBytes} refuses. */
export function parseAddress(text: string): Address | undefined {
  const into = absentAddress();
  return parseAddressInto(text, into) ? into : undefined;
}

/** As {@link parseAddress}, into an object of the caller's. */
export function parseAddressInto(text: string, into: Address): boolean {
  if (text.length > 45) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    scratch[i] = code;
  }
  return parseAddressBytes(scratch, 0, text.length, into);
}

/** Clears every bit of the address after the first `length`. */
export function maskAddress(address: Readonly<Address>, length: number): Address {
  const mask = (word: number, index: number): number => {
    const kept = length - 32 * index;
    return kept >= 32 ? word : kept <= 0 ? 0 : word & (-1 << (32 - kept));
  };
  return {
    family: address.family,
    w0: mask(address.w0, 0),
    w1: mask(address.w1, 1),
    w2: mask(address.w2, 2),
    w3: mask(address.w3, 3),
  };
}

/** Reads `address/length`. Host bits are cleared, as EC2 does. `undefined` when either part cannot be read. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (!address || address.family === 0 || !/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const length = Number(digits);
  if (length > bitsOf(address.family)) return undefined;
  return { address: maskAddress(address, length), length };
}

/** The block that holds this one address alone. */
export function hostPrefix(address: Readonly<Address>): Prefix {
  return { address: { ...address }, length: bitsOf(address.family === 6 ? 6 : 4) };
}

export function prefixContains(prefix: Prefix, address: Readonly<Address>): boolean {
  if (prefix.address.family !== address.family) return false;
  return sameAddress(maskAddress(address, prefix.length), prefix.address);
}

/** Canonical text: dotted quad, or RFC 5952 (lower case, the longest run of zero groups, first of equals, as `::`). */
export function formatAddress(address: Readonly<Address>): string {
  if (address.family === 4) {
    const w = address.w0;
    return `${w >>> 24}.${(w >>> 16) & 255}.${(w >>> 8) & 255}.${w & 255}`;
  }
  const groups = [address.w0, address.w1, address.w2, address.w3].flatMap((w) => [w >>> 16, w & 0xffff]);
  let best = 0;
  let bestAt = -1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > best && end - at > 1) {
      best = end - at;
      bestAt = at;
    }
    if (end > at) at = end;
  }
  const hex = (part: number[]): string => part.map((g) => g.toString(16)).join(':');
  if (bestAt < 0) return hex(groups);
  return `${hex(groups.slice(0, bestAt))}::${hex(groups.slice(bestAt + best))}`;
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}
