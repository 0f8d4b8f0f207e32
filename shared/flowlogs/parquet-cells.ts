import { absentAddress, parseAddressBytes, type Address } from '../addresses/address.ts';

/** What a cell is read as: a text, an address, a number (a bigint only where a double cannot hold it), or null where it is absent. */
export type Cell = string | Address | number | bigint | null;

/** What the cells of a column are. */
export interface CellKind {
  readonly is: 'number' | 'address' | 'text';
  /** Of numbers, the lowest and the highest that is one; 0 of others. */
  readonly least: number;
  readonly most: number;
}

/** Rows that are read at a time. */
export const MOST_ROWS = 1024;
/** Of a number: there is none, or what is there is none. */
const [ABSENT, ODD] = [-Infinity, -Number.MAX_VALUE] as const;
/** The same of an address, in place of its family. */
const [NO_ADDRESS, ODD_ADDRESS] = [0, -1] as const;
/** Slots of an address: family, 0 where there is none, and four words. */
export const ADDRESS_SLOTS = 5;
const DASH = 0x2d;

const NO_NUMBERS = new Float64Array(0);
const NO_ADDRESSES = new Int32Array(0);
const read = absentAddress();

/** Values of a column in columns of numbers: those of a dictionary, or those of some rows. */
export class Cells {
  /** Whole numbers; far below the lowest where there is none. */
  readonly numbers: Float64Array;
  readonly addresses: Int32Array;
  readonly texts: (string | null)[];
  /** The number of the value that is absent: behind all others. */
  readonly absent: number;
  readonly #kind: CellKind;
  #marks: { readonly of: object; readonly values: Int32Array } | undefined;
  /** What is neither absent nor what the column's cells are. */
  readonly #odd = new Map<number, Cell>();
  /** Made for who asks for them: most never do. */
  #shared: (Cell | undefined)[] | undefined;

  constructor(kind: CellKind, size: number) {
    this.#kind = kind;
    this.absent = size;
    this.numbers = kind.is === 'number' ? new Float64Array(size + 1).fill(ABSENT) : NO_NUMBERS;
    this.addresses = kind.is === 'address' ? new Int32Array(ADDRESS_SLOTS * (size + 1)) : NO_ADDRESSES;
    this.texts = kind.is === 'text' ? new Array<string | null>(size + 1).fill(null) : [];
  }

  /** What somebody knows of each value, as long as it is of the same thing: else all is unknown. */
  marksFor(of: object, unknown: number): Int32Array {
    if (this.#marks?.of !== of) this.#marks = { of, values: new Int32Array(this.absent + 1).fill(unknown) };
    return this.#marks.values;
  }

  get(at: number): Cell {
    const { is } = this.#kind;
    if (is === 'text') return this.texts[at]!;
    if (is === 'number') {
      const value = this.numbers[at]!;
      return value > ODD ? value : value === ABSENT ? null : this.#odd.get(at)!;
    }
    const { addresses } = this;
    const from = ADDRESS_SLOTS * at;
    const family = addresses[from]!;
    if (family === 4 || family === 6) {
      const [w0, w1, w2, w3] = [addresses[from + 1]!, addresses[from + 2]!, addresses[from + 3]!, addresses[from + 4]!];
      return { family, w0, w1, w2, w3 };
    }
    return family === ODD_ADDRESS ? this.#odd.get(at)! : null;
  }

  /** The same of an address, one object for all who ask. */
  sharedAt(at: number): Cell {
    const shared = (this.#shared ??= []);
    const known = shared[at];
    return known === undefined ? (shared[at] = this.get(at)) : known;
  }

  put(at: number, cell: Cell): void {
    const { is } = this.#kind;
    if (is === 'text') this.texts[at] = typeof cell === 'string' ? cell : null;
    else if (is === 'number') this.#putNumber(at, cell);
    else if (typeof cell === 'object' && cell !== null) this.#putAddress(at, cell);
    else this.#putOdd(at, cell);
  }

  /** A number as it is in the file. */
  putWhole(at: number, value: number | bigint): void {
    if (typeof value === 'number' && value >= this.#kind.least && value <= this.#kind.most) this.numbers[at] = value;
    else this.#putNumber(at, value);
  }

  /** A text as it is in the file, which may be an address. */
  putBytes(at: number, bytes: Buffer, from: number, to: number): void {
    if (this.#kind.is === 'address' && parseAddressBytes(bytes, from, to, read)) {
      this.#putAddress(at, read);
      return;
    }
    // `-` is how text shows what is absent.
    const text = to === from + 1 && bytes[from] === DASH ? null : bytes.toString('utf8', from, to);
    this.put(at, text);
  }

  #putNumber(at: number, cell: Cell): void {
    const value = wholeIn(cell, this.#kind);
    this.numbers[at] = value ?? (cell === null ? ABSENT : ODD);
    if (value === undefined && cell !== null) this.#odd.set(at, cell);
  }

  #putAddress(at: number, { family, w0, w1, w2, w3 }: Readonly<Address>): void {
    const { addresses } = this;
    if (this.#shared) this.#shared[at] = undefined;
    const from = ADDRESS_SLOTS * at;
    addresses[from] = family;
    addresses[from + 1] = w0;
    addresses[from + 2] = w1;
    addresses[from + 3] = w2;
    addresses[from + 4] = w3;
  }

  #putOdd(at: number, cell: Cell): void {
    if (this.#shared) this.#shared[at] = undefined;
    this.addresses[ADDRESS_SLOTS * at] = cell === null ? NO_ADDRESS : ODD_ADDRESS;
    if (cell !== null) this.#odd.set(at, cell);
  }
}

/** A whole number, as a number or in digits; undefined for anything else. */
function wholeIn(cell: Cell, { least, most }: CellKind): number | undefined {
  if (cell === null || typeof cell === 'object') return undefined;
  if (typeof cell === 'string' && !/^\d{1,16}$/.test(cell)) return undefined;
  const value = Number(cell);
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

/** A column of the rows that are read at a time: of each the number of its value. */
export class CellColumn {
  /** One more than there are rows: what is put there, nobody looks at. */
  readonly codes = new Int32Array(MOST_ROWS + 1);
  readonly #kind: CellKind;
  #own: Cells | undefined;
  /** What the numbers lead to. */
  cells: Cells;

  constructor(kind: CellKind) {
    this.#kind = kind;
    this.cells = NOTHING;
  }

  /** Nothing of a file is kept. */
  forget(): void {
    this.cells = NOTHING;
  }

  /** For values that have no dictionary. */
  get own(): Cells {
    return (this.#own ??= new Cells(this.#kind, MOST_ROWS + 1));
  }

  /** Whether the numbers are those of rows. */
  get isOfRows(): boolean {
    return this.cells === this.#own;
  }

  get(row: number): Cell {
    return this.cells.get(this.codes[row]!);
  }

  /** Of a column that is not read from a file. */
  put(row: number, cell: Cell): void {
    this.codes[row] = row;
    this.cells = this.own;
    this.cells.put(row, cell);
  }
}

const NOTHING = new Cells({ is: 'text', least: 0, most: 0 }, 0);
