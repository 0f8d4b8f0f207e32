import { USED_FIELDS, type Columns, type UsedField } from './fields.ts';
import { latin1 } from './interner.ts';
import type { FlowRecord, ScannedRows } from './record.ts';
import {
  ACCOUNT_ID_COLUMN,
  ACTION_COLUMN,
  BYTES_COLUMN,
  DSTADDR_COLUMN,
  DSTPORT_COLUMN,
  END_COLUMN,
  FLOW_DIRECTION_COLUMN,
  ID_BYTES,
  IDS_FULL,
  INTERFACE_ID_COLUMN,
  LOG_STATUS_COLUMN,
  MAX_IDS,
  MAX_ROWS,
  ODD_LINE,
  PACKETS_COLUMN,
  PKT_DSTADDR_COLUMN,
  PKT_SRCADDR_COLUMN,
  PROTOCOL_COLUMN,
  REJECT_REASON_COLUMN,
  RESOURCE_ID_COLUMN,
  ROW_SLOTS,
  SRCADDR_COLUMN,
  SRCPORT_COLUMN,
  START_COLUMN,
  TCP_FLAGS_COLUMN,
  TEXT_BYTES,
  TEXT_ENDS,
  VPC_ID_COLUMN,
} from './scan/layout.ts';
import { fillRecord } from './scanned-record.ts';
import { SCAN_MODULE } from './scan/scan-module.ts';
import { WasmModule, type WasmMemory, type WasmNumber } from '../wasm.ts';

/** As `scan.as.ts` exports it. */
interface ScanExports {
  readonly memory: WasmMemory;
  readonly TEXT: WasmNumber;
  readonly ROWS: WasmNumber;
  readonly KEYS: WasmNumber;
  readonly ids: WasmNumber;
  readonly next: WasmNumber;
  readonly why: WasmNumber;
  setColumnCount(count: number): void;
  setColumn(place: number, column: number): void;
  forgetIds(): void;
  scan(from: number, to: number): number;
}

const MODULE = new WasmModule<ScanExports>(SCAN_MODULE);

const PLACES: Readonly<Record<UsedField, number>> = {
  'interface-id': INTERFACE_ID_COLUMN,
  srcaddr: SRCADDR_COLUMN,
  dstaddr: DSTADDR_COLUMN,
  srcport: SRCPORT_COLUMN,
  dstport: DSTPORT_COLUMN,
  protocol: PROTOCOL_COLUMN,
  packets: PACKETS_COLUMN,
  bytes: BYTES_COLUMN,
  start: START_COLUMN,
  end: END_COLUMN,
  action: ACTION_COLUMN,
  'log-status': LOG_STATUS_COLUMN,
  'flow-direction': FLOW_DIRECTION_COLUMN,
  'tcp-flags': TCP_FLAGS_COLUMN,
  'pkt-srcaddr': PKT_SRCADDR_COLUMN,
  'pkt-dstaddr': PKT_DSTADDR_COLUMN,
  'reject-reason': REJECT_REASON_COLUMN,
  'vpc-id': VPC_ID_COLUMN,
  'account-id': ACCOUNT_ID_COLUMN,
  'resource-id': RESOURCE_ID_COLUMN,
};

const NO_CHUNK = new Uint8Array(0);

/** Reads usual lines of a text flow log, many at a time. What it reads is as {@link LineReader} would read it. */
export class Scanner implements ScannedRows {
  readonly #wasm: ScanExports;
  readonly #text: Uint8Array;
  readonly #keys: Uint8Array;
  readonly slots: Int32Array;
  readonly numbers: Float64Array;
  #ids: string[] = [''];
  #size = 0;
  #columns: Columns | undefined;
  #chunk: Uint8Array = NO_CHUNK;
  /** The part of the chunk that lies in `#text`. */
  #from = 0;
  #to = 0;
  #next = 0;
  #isOdd = false;

  constructor() {
    const exports = MODULE.instance();
    const { buffer } = exports.memory;
    this.#wasm = exports;
    this.#text = new Uint8Array(buffer, exports.TEXT.value, TEXT_BYTES);
    this.#keys = new Uint8Array(buffer, exports.KEYS.value, MAX_IDS * ID_BYTES);
    this.slots = new Int32Array(buffer, exports.ROWS.value, MAX_ROWS * ROW_SLOTS);
    this.numbers = new Float64Array(buffer, exports.ROWS.value, (MAX_ROWS * ROW_SLOTS) / 2);
  }

  /** What the next scans read. */
  hold(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#to = 0;
  }

  /** Nothing of the chunk is kept. */
  release(): void {
    this.hold(NO_CHUNK);
  }

  /** @param count of all columns, unused ones included */
  use(columns: Columns, count: number): void {
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#wasm.setColumnCount(count);
    for (const field of USED_FIELDS) this.#wasm.setColumn(PLACES[field], columns[field]);
  }

  get size(): number {
    return this.#size;
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Reads some lines from the one on that begins at `at`; each is a row until the next scan. */
  scan(at: number): void {
    if (this.#wasm.why.value === IDS_FULL) this.#forget();
    if (at >= this.#to) this.#load(at);
    this.#size = this.#wasm.scan(at - this.#from, this.#to - this.#from);
    this.#next = this.#from + this.#wasm.next.value;
    for (let id = this.#ids.length; id < this.#wasm.ids.value; id++) this.#ids.push(this.#textOf(id));
    const why = this.#wasm.why.value;
    const isCut = why === TEXT_ENDS && this.#next < this.#to;
    // A line that is longer than the text, or that the chunk does not end.
    this.#isOdd = why === ODD_LINE || (isCut && (this.#next === this.#from || this.#to === this.#chunk.length));
    if (isCut) this.#to = 0;
  }

  /** Where the first line begins that was not read. */
  get next(): number {
    return this.#next;
  }

  /** Whether that line is not for the scanner. */
  get isOdd(): boolean {
    return this.#isOdd;
  }

  fill(row: number, record: FlowRecord): void {
    fillRecord(this, row, record);
  }

  #load(at: number): void {
    this.#from = at;
    this.#to = Math.min(this.#chunk.length, at + TEXT_BYTES);
    this.#text.set(this.#chunk.subarray(at, this.#to));
  }

  #forget(): void {
    this.#wasm.forgetIds();
    this.#ids = [''];
  }

  #textOf(id: number): string {
    const from = id * ID_BYTES;
    const end = this.#keys.indexOf(0, from);
    return latin1(this.#keys, from, end < 0 ? from + ID_BYTES : Math.min(end, from + ID_BYTES));
  }
}
