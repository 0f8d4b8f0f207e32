const SLOTS = 8192;
/** The ids of AWS have 21 characters. What is much longer is not an id, and is not worth its memory. */
const MAX_KEPT_BYTES = 64;

/**
 * Gives equal byte runs one and the same string, without building it again for every record. A fixed number of slots,
 * overwritten on collision, none for a long run: memory stays bounded whatever the file says.
 */
export class Interner {
  readonly #strings = new Array<string>(SLOTS).fill('');
  readonly #bytes: Uint8Array[] = new Array<Uint8Array>(SLOTS).fill(new Uint8Array(0));

  get(bytes: Uint8Array, from: number, to: number): string {
    if (to - from > MAX_KEPT_BYTES) return latin1(bytes, from, to);
    let hash = 0;
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
    const known = this.#bytes[slot]!;
    if (known.length === to - from && equalBytes(known, bytes, from)) return this.#strings[slot]!;
    // Not `slice`: that of a Buffer copies nothing, and would keep the whole chunk.
    const copy = new Uint8Array(bytes.subarray(from, to));
    const text = latin1(copy, 0, copy.length);
    this.#bytes[slot] = copy;
    this.#strings[slot] = text;
    return text;
  }
}

/** Of all readers: file after file has the same ids, and most files are small. They decide nothing of what is read. */
export const INTERNED = {
  interfaces: new Interner(),
  vpcs: new Interner(),
  accounts: new Interner(),
  resources: new Interner(),
} as const;

function equalBytes(known: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < known.length; i++) {
    if (known[i] !== bytes[from + i]) return false;
  }
  return true;
}

/** One character a byte: never fails, whatever the bytes are. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
