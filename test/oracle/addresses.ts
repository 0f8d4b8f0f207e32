/** Addresses as the oracle reads them: split strings into BigInts, nothing shared with the program under test. */

export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** `value` may have host bits set; only its first `length` bits count. */
export interface Block extends Ip {
  readonly length: number;
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

export function parseIp(text: string): Ip {
  return text.includes(':') ? { family: 6, value: parseIpv6(text) } : { family: 4, value: parseIpv4(text) };
}

/** Blocks by their texts, each read once: an inventory's are asked for with every record. */
const blocks = new Map<string, Block>();

/** An address without `/length` is the block of that one host. */
export function parseBlock(text: string): Block {
  let block = blocks.get(text);
  if (!block) {
    const [address = '', length] = text.split('/');
    const ip = parseIp(address);
    blocks.set(text, (block = { ...ip, length: length === undefined ? bitsOf(ip.family) : Number(length) }));
  }
  return block;
}

/** Families never mix. */
export function contains(block: Block, ip: Ip): boolean {
  const hostBits = BigInt(bitsOf(block.family) - block.length);
  return block.family === ip.family && block.value >> hostBits === ip.value >> hostBits;
}

export const sameIp = (a: Ip, b: Ip): boolean => a.family === b.family && a.value === b.value;

export const firstOf = (block: Block): Ip => {
  const hostBits = BigInt(bitsOf(block.family) - block.length);
  return { family: block.family, value: (block.value >> hostBits) << hostBits };
};

export const lastOf = (block: Block): Ip => {
  const hostBits = BigInt(bitsOf(block.family) - block.length);
  return { family: block.family, value: firstOf(block).value + (1n << hostBits) - 1n };
};

/** IPv6 in the short form of RFC 5952, as flow logs and the EC2 API print it. */
export function formatIp(ip: Ip): string {
  const groups = ip.family === 4 ? ipv4Parts(ip.value) : ipv6Parts(ip.value);
  return ip.family === 4 ? groups.join('.') : shorten(groups);
}

/** IPv6 with all eight groups and leading zeros: another spelling of the same address. */
export const formatIpLong = (ip: Ip): string =>
  ip.family === 4
    ? formatIp(ip)
    : ipv6Parts(ip.value)
        .map((part) => part.padStart(4, '0'))
        .join(':');

function parseIpv4(text: string): bigint {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    throw new Error(`not an IPv4 address: ${JSON.stringify(text)}`);
  }
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseIpv6(text: string): bigint {
  const halves = text.split('::');
  const [before = [], after] = halves.map(ipv6Groups);
  const missing = 8 - before.length - (after?.length ?? 0);
  const groups = after === undefined ? before : [...before, ...Array<string>(Math.max(missing, 0)).fill('0'), ...after];
  const wellFormed = groups.length === 8 && groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
  if (halves.length > 2 || !wellFormed || (after !== undefined && missing < 1)) {
    throw new Error(`not an IPv6 address: ${JSON.stringify(text)}`);
  }
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

/** The groups of one side of `::`; a dotted IPv4 tail stands for two groups. */
function ipv6Groups(text: string): string[] {
  if (text === '') return [];
  const groups = text.split(':');
  const tail = groups.at(-1) ?? '';
  if (!tail.includes('.')) return groups;
  const value = parseIpv4(tail);
  return [...groups.slice(0, -1), (value >> 16n).toString(16), (value & 0xffffn).toString(16)];
}

const ipv4Parts = (value: bigint): string[] => [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString());

const ipv6Parts = (value: bigint): string[] =>
  [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 0xffffn).toString(16));

function shorten(groups: string[]): string {
  for (let run = groups.length; run >= 2; run--) {
    for (let at = 0; at + run <= groups.length; at++) {
      if (groups.slice(at, at + run).every((group) => group === '0')) {
        return `${groups.slice(0, at).join(':')}::${groups.slice(at + run).join(':')}`;
      }
    }
  }
  return groups.join(':');
}
