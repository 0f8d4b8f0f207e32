import { isIP } from 'node:net';
import type { Address, Family } from '../../../shared/addresses/address.ts';

/** An address by other means: node:net says whether it is one, the URL parser writes IPv6 out, BigInt holds its bits. */
export interface Reference {
  readonly family: Family;
  readonly value: bigint;
}

export function reference(text: string): Reference | undefined {
  // node:net takes a zone for part of the address; in a flow log it is none.
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 4) return { family, value: joined(text.split('.').map(Number), 8) };
  if (family !== 6) return undefined;
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [head, tail] = canonical.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const missing = new Array<string>(8 - head!.length - (tail?.length ?? 0)).fill('0');
  return {
    family: 6,
    value: joined(
      [...head!, ...missing, ...(tail ?? [])].map((group) => parseInt(group, 16)),
      16,
    ),
  };
}

/** The shortest text, RFC 5952: the URL parser's for IPv6. */
export function referenceText({ family, value }: Reference): string {
  const parts = (count: number, bits: number) =>
    Array.from({ length: count }, (_, k) =>
      Number((value >> BigInt(bits * (count - 1 - k))) & ((1n << BigInt(bits)) - 1n)),
    );
  if (family === 4) return parts(4, 8).join('.');
  const full = parts(8, 16)
    .map((group) => group.toString(16))
    .join(':');
  return new URL(`http://[${full}]/`).hostname.slice(1, -1);
}

/** As the program holds it. */
export function words({ family, value }: Reference): Address {
  const [w0, w1, w2, w3] = [96n, 64n, 32n, 0n].map((shift) => {
    const whole = family === 4 ? value << 96n : value;
    return Number(BigInt.asIntN(32, whole >> shift));
  }) as [number, number, number, number];
  return { family, w0, w1, w2, w3 };
}

function joined(parts: readonly number[], bits: number): bigint {
  return parts.reduce((sum, part) => (sum << BigInt(bits)) | BigInt(part), 0n);
}
