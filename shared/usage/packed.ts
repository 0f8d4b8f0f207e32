import { SmallestHashes } from './smallest-hashes.ts';

/**
 * A usage, or what is made of such, in the form in which one thread hands it to another: some bytes for each number, and each text
 * once. What threads hand over by themselves takes ten times as long, and knows no {@link SmallestHashes}.
 */
export interface Packed<T> {
  /** May be transferred. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly texts: readonly string[];
  /** Of objects with the same keys, these. */
  readonly shapes: readonly (readonly string[])[];
  /** What it is: there at compile time only. */
  readonly of?: T;
}

/** The first byte of each value: a whole number below the first of these, or what follows. */
const WHOLE = 0xf0;
const OTHER_NUMBER = 0xf1;
const UNDEFINED = 0xf2;
const TRUE = 0xf3;
const FALSE = 0xf4;
const TEXT = 0xf5;
const LIST = 0xf6;
const MAP = 0xf7;
const SET = 0xf8;
const SAMPLE = 0xf9;
const OBJECT = 0xfa;

/** The longest that one number takes. */
const LONGEST = 10;

/**
 * @param value of numbers, texts, truth values, `undefined`, lists, Maps, Sets, SmallestHashes and plain objects of them
 * @throws Error for anything else
 */
export function pack<T>(value: T): Packed<T> {
  const packer = new Packer();
  packer.value(value);
  return packer.packed();
}

class Packer {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  readonly #texts = new Map<string, number>();
  readonly #shapes: (readonly string[])[] = [];

  packed<T>(): Packed<T> {
    return { bytes: this.#bytes.slice(0, this.#at), texts: [...this.#texts.keys()], shapes: this.#shapes };
  }

  value(value: unknown): void {
    if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#counted(TEXT, this.#numberOf(value));
    else if (value === undefined) this.#byte(UNDEFINED);
    else if (typeof value === 'boolean') this.#byte(value ? TRUE : FALSE);
    else if (Array.isArray(value)) {
      this.#counted(LIST, value.length);
      for (const one of value) this.value(one);
    } else if (value instanceof Map) {
      this.#counted(MAP, value.size);
      for (const [key, one] of value) {
        this.value(key);
        this.value(one);
      }
    } else if (value instanceof Set) {
      this.#counted(SET, value.size);
      for (const one of value) this.value(one);
    } else if (value instanceof SmallestHashes) {
      this.#counted(SAMPLE, value.limit);
      this.value(value.overflowed);
      this.value(value.size);
      value.forEach((hash, thing: unknown) => {
        this.#number(hash);
        this.value(thing);
      });
    } else this.#object(value);
  }

  #object(value: unknown): void {
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
      throw new Error(`${String(value)}: not of a kind that can be packed`);
    }
    const keys = Object.keys(value);
    let shape = this.#shapes.findIndex(
      (known) => known.length === keys.length && known.every((key, i) => key === keys[i]),
    );
    if (shape < 0) shape = this.#shapes.push(keys) - 1;
    this.#counted(OBJECT, shape);
    for (const key of keys) this.value((value as Record<string, unknown>)[key]);
  }

  #numberOf(text: string): number {
    let number = this.#texts.get(text);
    if (number === undefined) this.#texts.set(text, (number = this.#texts.size));
    return number;
  }

  #number(value: number): void {
    if (value >= 0 && value < WHOLE && Number.isInteger(value) && !Object.is(value, -0)) this.#byte(value);
    else if (Number.isSafeInteger(value) && value > 0) this.#counted(WHOLE, value);
    else {
      this.#byte(OTHER_NUMBER);
      this.#view.setFloat64(this.#at, value);
      this.#at += 8;
    }
  }

  #byte(byte: number): void {
    if (this.#at + LONGEST > this.#bytes.length) this.#grow();
    this.#bytes[this.#at++] = byte;
  }

  /** Seven bits a byte, the low ones first. */
  #counted(kind: number, count: number): void {
    this.#byte(kind);
    let rest = count;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** What was packed, equal and new. */
export function unpack<T>(packed: Packed<T>): T {
  return new Unpacker(packed).value() as T;
}

class Unpacker {
  readonly #packed: Packed<unknown>;
  readonly #view: DataView;
  #at = 0;

  constructor(packed: Packed<unknown>) {
    this.#packed = packed;
    const { buffer, byteOffset, length } = packed.bytes;
    this.#view = new DataView(buffer, byteOffset, length);
  }

  value(): unknown {
    const kind = this.#packed.bytes[this.#at++]!;
    switch (kind) {
      case WHOLE:
        return this.#count();
      case OTHER_NUMBER:
        this.#at += 8;
        return this.#view.getFloat64(this.#at - 8);
      case UNDEFINED:
        return undefined;
      case TRUE:
        return true;
      case FALSE:
        return false;
      case TEXT:
        return this.#packed.texts[this.#count()]!;
      case LIST:
        return this.#list();
      case MAP: {
        const map = new Map<unknown, unknown>();
        for (let left = this.#count(); left > 0; left--) map.set(this.value(), this.value());
        return map;
      }
      case SET:
        return new Set(this.#list());
      case SAMPLE:
        return this.#sample();
      case OBJECT: {
        const object: Record<string, unknown> = {};
        for (const key of this.#packed.shapes[this.#count()]!) object[key] = this.value();
        return object;
      }
      default:
        return kind;
    }
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    for (let left = this.#count(); left > 0; left--) list.push(this.value());
    return list;
  }

  #sample(): SmallestHashes<unknown> {
    const sample = new SmallestHashes<unknown>(this.#count());
    if (this.value() === true) sample.noteOverflow();
    for (let left = this.value() as number; left > 0; left--) {
      const [hash, thing] = [this.value() as number, this.value()];
      sample.keep(hash, () => thing);
    }
    return sample;
  }

  #count(): number {
    const { bytes } = this.#packed;
    let count = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = bytes[this.#at++]!;
      count += (byte & 0x7f) * unit;
      if (byte < 0x80) return count;
    }
  }
}
