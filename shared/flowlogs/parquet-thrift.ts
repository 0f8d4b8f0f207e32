/** How deep the structures of Parquet's footers and page headers are at most, with room for later ones. */
const MAX_DEPTH = 24;

const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const MAX_VARINT_BYTES = 10;

/**
 * Walks over a structure in Thrift's compact protocol and tells where it ends. A decoder that takes what lengths claim for
 * granted makes room for billions of elements before it finds that there are none; after this walk no list has more
 * elements than there are bytes.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * @throws Error where it goes beyond `end`, is too deep, or is of a type that Parquet does not use
 */
export function endOfStruct(bytes: Uint8Array, from: number, end = bytes.length): number {
  return new Walk(bytes, from, end).struct(0);
}

class Walk {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, from: number, end: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  struct(depth: number): number {
    if (depth > MAX_DEPTH) throw new Error('a structure within too many others');
    for (;;) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === 0) return this.#at;
      if (head >> 4 === 0) this.#varint();
      this.#value(type, depth, true);
    }
  }

  /** @param inField a field has its truth value in its type, an element of a list in a byte */
  #value(type: number, depth: number, inField: boolean): void {
    if (type === 1 || type === 2) {
      if (!inField) this.#skip(1);
    } else if (type === 3) this.#skip(1);
    else if (type >= 4 && type <= 6) this.#varint();
    else if (type === 7) this.#skip(8);
    else if (type === BINARY) this.#skip(this.#varint());
    else if (type === LIST) this.#list(depth);
    else if (type === STRUCT) this.struct(depth + 1);
    else throw new Error(`a value of type ${String(type)}`);
  }

  #list(depth: number): void {
    if (depth > MAX_DEPTH) throw new Error('a list within too many others');
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (size > this.#end - this.#at) throw new Error(`a list of ${String(size)} elements`);
    for (let i = 0; i < size; i++) this.#value(head & 0x0f, depth + 1, false);
  }

  #skip(bytes: number): void {
    if (!(bytes <= this.#end - this.#at)) throw new Error('a structure without its end');
    this.#at += bytes;
  }

  #byte(): number {
    this.#skip(1);
    return this.#bytes[this.#at - 1]!;
  }

  #varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if ((byte & 0x80) === 0) return value;
    }
    throw new Error('a number without end');
  }
}
