import { MAX_ID_LENGTH, type UsedField } from './fields.ts';
import { ADDRESS_SLOTS, MOST_ROWS, type CellColumn } from './parquet-cells.ts';
import type { FlowRecord, ScannedRows } from './record.ts';
import * as slot from './scan/layout.ts';
import { fillRecord } from './scanned-record.ts';

/** Numbers of 64 bits in a row. */
const HALF = slot.ROW_SLOTS / 2;
/** Of a text that was not looked at, and of one that makes its row an odd one. */
const [UNKNOWN, ODD] = [-2, -1] as const;

/** Where numbers are put; */
const SMALL = {
  protocol: slot.PROTOCOL,
  srcport: slot.SOURCE_PORT,
  dstport: slot.DESTINATION_PORT,
} as const satisfies Partial<Record<UsedField, number>>;
const LARGE = {
  packets: slot.PACKETS / 2,
  bytes: slot.BYTES / 2,
  start: slot.START / 2,
  end: slot.END / 2,
} as const satisfies Partial<Record<UsedField, number>>;
/** and addresses: whether a row without it is an odd one. */
const ADDRESSES = {
  srcaddr: { at: slot.SOURCE, isNeeded: true },
  dstaddr: { at: slot.DESTINATION, isNeeded: true },
  'pkt-srcaddr': { at: slot.PACKET_SOURCE, isNeeded: false },
  'pkt-dstaddr': { at: slot.PACKET_DESTINATION, isNeeded: false },
} as const satisfies Partial<Record<UsedField, object>>;

type Words = 'interface-id' | 'vpc-id' | 'account-id' | 'reject-reason' | 'action' | 'log-status' | 'flow-direction';

/**
 * Reads rows of columns into the numbers that the scanner has for lines, column by column. What a row means is said by
 * {@link RowReader} alone: here are only those of traffic of an interface of which all that is needed is there, and others are
 * left to it.
 */
export class UsualRows implements ScannedRows {
  readonly slots = new Int32Array(slot.MAX_ROWS * slot.ROW_SLOTS);
  /** The same memory. */
  readonly numbers = new Float64Array(this.slots.buffer);
  #ids: string[] = [''];
  #numberOf = new Map<string, number>([['', 0]]);
  readonly #odd = new Uint8Array(slot.MAX_ROWS);
  #columns: ReadonlyMap<UsedField, CellColumn> = new Map();
  #from = 0;
  #count = 0;
  #size = 0;
  /** Of texts that have no dictionary. */
  readonly #marks = new Int32Array(MOST_ROWS + 2);
  readonly #words: Readonly<Record<Words, readonly [at: number, mark: (text: string | null) => number]>> = {
    'interface-id': [slot.INTERFACE_ID, (text) => (text === null || text === '' ? ODD : this.#idOf(text, ODD))],
    'vpc-id': [slot.VPC_ID, (text) => this.#idOf(text ?? '', 0)],
    'account-id': [slot.ACCOUNT_ID, (text) => this.#idOf(text ?? '', 0)],
    'reject-reason': [slot.REJECT_REASON, (text) => this.#idOf(text ?? '', 0)],
    action: [slot.ACCEPTED, (text) => (text === 'ACCEPT' ? 1 : text === 'REJECT' ? 0 : ODD)],
    'log-status': [slot.STATUS, (text) => (text === 'NODATA' || text === 'SKIPDATA' ? ODD : 0)],
    'flow-direction': [slot.DIRECTION, (text) => (text === 'ingress' ? 1 : text === 'egress' ? 2 : 0)],
  };

  /** @param columns of the fields that the next file has: of others nothing is put into rows */
  use(columns: ReadonlyMap<UsedField, CellColumn>): void {
    this.#columns = columns;
    this.slots.fill(0);
    for (let row = 0; row < slot.MAX_ROWS; row++) this.slots[row * slot.ROW_SLOTS + slot.TCP_FLAGS] = -1;
  }

  /** The texts of ids, by their numbers. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /**
   * Reads rows of the columns from one on, which are there until the next call.
   *
   * @param count `MAX_ROWS` at most
   */
  read(from: number, count: number): void {
    this.#from = from;
    this.#count = count;
    this.#size = 0;
    this.#odd.fill(0, 0, count);
    if (this.#ids.length > slot.MAX_IDS) {
      this.#ids = [''];
      this.#numberOf = new Map([['', 0]]);
    }
    for (const [field, column] of this.#columns) {
      if (field in SMALL) this.#putSmall(column, SMALL[field as keyof typeof SMALL], count);
      else if (field in LARGE) this.#putLarge(column, LARGE[field as keyof typeof LARGE], count);
      else if (field in ADDRESSES) this.#putAddresses(column, ADDRESSES[field as keyof typeof ADDRESSES], count);
      else if (field in this.#words) this.#putWords(column, ...this.#words[field as Words], count);
      else if (field === 'tcp-flags') this.#putFlags(column, count);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** From now on the rows are those up to the first one, from there on, that is not for this. */
  endBeforeOdd(row: number): void {
    const next = this.#odd.subarray(0, this.#count).indexOf(1, row);
    this.#size = next < 0 ? this.#count : next;
  }

  /** Whether a row is not for this. */
  isOdd(row: number): boolean {
    return this.#odd[row] !== 0;
  }

  fill(row: number, record: FlowRecord): void {
    fillRecord(this, row, record);
  }

  #putSmall({ cells: { numbers }, codes }: CellColumn, to: number, count: number): void {
    const first = this.#from;
    const { slots } = this;
    const odd = this.#odd;
    for (let row = 0, at = to; row < count; row++, at += slot.ROW_SLOTS) {
      const value = numbers[codes[first + row]!]!;
      slots[at] = value;
      if (value < 0) odd[row] = 1;
    }
  }

  #putLarge({ cells: { numbers }, codes }: CellColumn, to: number, count: number): void {
    const first = this.#from;
    const into = this.numbers;
    const odd = this.#odd;
    for (let row = 0, at = to; row < count; row++, at += HALF) {
      const value = numbers[codes[first + row]!]!;
      into[at] = value;
      if (value < 0) odd[row] = 1;
    }
  }

  /** What is optional and cannot be read is absent. */
  #putFlags({ cells: { numbers }, codes }: CellColumn, count: number): void {
    const first = this.#from;
    const { slots } = this;
    for (let row = 0, at = slot.TCP_FLAGS; row < count; row++, at += slot.ROW_SLOTS) {
      const value = numbers[codes[first + row]!]!;
      slots[at] = value < 0 ? -1 : value;
    }
  }

  #putAddresses(
    { cells: { addresses }, codes }: CellColumn,
    { at: to, isNeeded }: { readonly at: number; readonly isNeeded: boolean },
    count: number,
  ): void {
    const first = this.#from;
    const { slots } = this;
    const odd = this.#odd;
    for (let row = 0, at = to; row < count; row++, at += slot.ROW_SLOTS) {
      const from = ADDRESS_SLOTS * codes[first + row]!;
      const family = addresses[from]!;
      slots[at] = family > 0 ? family : 0;
      if (family > 0) {
        slots[at + 1] = addresses[from + 1]!;
        slots[at + 2] = addresses[from + 2]!;
        slots[at + 3] = addresses[from + 3]!;
        slots[at + 4] = addresses[from + 4]!;
      } else if (isNeeded) odd[row] = 1;
    }
  }

  #putWords(column: CellColumn, to: number, mark: (text: string | null) => number, count: number): void {
    const first = this.#from;
    const { slots } = this;
    const { codes, cells } = column;
    const odd = this.#odd;
    const { texts } = cells;
    const marks = column.isOfRows ? this.#marks.fill(UNKNOWN) : cells.marksFor(this.#ids, UNKNOWN);
    for (let row = 0, at = to; row < count; row++, at += slot.ROW_SLOTS) {
      const code = codes[first + row]!;
      let value = marks[code]!;
      if (value === UNKNOWN) marks[code] = value = mark(texts[code]!);
      slots[at] = value;
      if (value < 0) odd[row] = 1;
    }
  }

  /** @param tooLong what is said of a text that is longer than any id */
  #idOf(text: string, tooLong: number): number {
    if (text.length > MAX_ID_LENGTH) return tooLong;
    let number = this.#numberOf.get(text);
    if (number === undefined) this.#numberOf.set(text, (number = this.#ids.push(text) - 1));
    return number;
  }
}
