/*
 * Reads usual lines of a text flow log, many at a time. AssemblyScript (https://www.assemblyscript.org), which `npm run wasm`
 * compiles into `scan-module.ts`; `../scanner.ts` calls it. README.md tells why it is so.
 *
 * A line is usual if it has the columns of its header with one blank between them, and each field in use is what AWS
 * writes: a number within its limits, an address, ACCEPT or REJECT, a short id, `-` where it may be. What is read of it is
 * what `../line-reader.ts` would read. Any other line ends the scan, and is for that to read: to take a line for an odd one
 * costs time, and nothing else.
 */
import { readAddress } from './address.as.ts';
import { forgetIds, idOf, ids, KEYS, NO_ROOM } from './ids.as.ts';
import {
  ACCEPTED, ACCOUNT_ID, ACCOUNT_ID_COLUMN, ACTION_COLUMN, BYTES, BYTES_COLUMN, DESTINATION, DESTINATION_PORT,
  DIRECTION, DSTADDR_COLUMN, DSTPORT_COLUMN, END, END_COLUMN, FLOW_DIRECTION_COLUMN, IDS_FULL, INTERFACE_ID,
  INTERFACE_ID_COLUMN, LOG_STATUS_COLUMN, MAX_COLUMNS, MAX_ROWS, ODD_LINE, PACKET_DESTINATION, PACKET_SOURCE,
  PACKETS, PACKETS_COLUMN, PKT_DSTADDR_COLUMN, PKT_SRCADDR_COLUMN, PROTOCOL, PROTOCOL_COLUMN, REJECT_REASON,
  REJECT_REASON_COLUMN, RESOURCE_ID, RESOURCE_ID_COLUMN, ROW_SLOTS, ROWS_FULL, SOURCE, SOURCE_PORT, SRCADDR_COLUMN,
  SRCPORT_COLUMN, START, START_COLUMN, STATUS, TCP_FLAGS, TCP_FLAGS_COLUMN, TEXT_BYTES, TEXT_ENDS, VPC_ID,
  VPC_ID_COLUMN,
} from './layout.ts';
import { number } from './number.as.ts';

export { forgetIds, ids, KEYS };

/** The limits of `../fields.ts`. */
const MAX_PORT: i64 = 65535;
const MAX_PROTOCOL: i64 = 255;
const MAX_FLAGS: i64 = 65535;
const MAX_SECONDS: i64 = 253402300799;
const MAX_SIZE: i64 = 9007199254740991;

const BLANK: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const DASH: u8 = 0x2d;
/** Of a byte order mark. */
const FIRST_OF_MARK: u8 = 0xef;

/** Words of up to eight bytes as numbers, the first byte lowest. */
const OK: u64 = 0x4b4f;
const NODATA: u64 = 0x415441444f4e;
const SKIPDATA: u64 = 0x4154414450494b53;
const ACCEPT: u64 = 0x545045434341;
const REJECT: u64 = 0x5443454a4552;
const INGRESS: u64 = 0x73736572676e69;
const EGRESS: u64 = 0x737365726765;

/** Bytes that are read at a time, and may be read behind the text. */
const BLOCK = 64;

/** Filled from outside. */
export const TEXT: usize = memory.data(TEXT_BYTES + BLOCK);
export const ROWS: usize = memory.data(MAX_ROWS * ROW_SLOTS * 4);
/** One before the line, then where each of its fields ends, and room for the fields of a block too many. */
const ENDS: usize = memory.data((1 + MAX_COLUMNS + BLOCK) * 4);
/** For each column in use the place in ENDS of the field before it; 0 where the file has none. */
const COLUMNS: usize = memory.data(20 * 4);

/** Where the first line begins that was not read, from the beginning of TEXT, and why it was not. */
export let next: i32 = 0;
export let why: i32 = 0;

let columnCount: i32 = 0;

export function setColumnCount(count: i32): void {
  columnCount = count;
}

export function setColumn(place: i32, column: i32): void {
  store<usize>(COLUMNS + (<usize>place << 2), column < 0 ? 0 : ENDS + (<usize>column << 2));
}

/** Reads lines from `from` on, up to `to`, both counted from the beginning of TEXT; returns the number of rows. */
export function scan(from: i32, to: i32): i32 {
  const end = TEXT + to;
  // Whatever line is not whole ends here.
  store<u8>(end, NEWLINE);
  const full = ROWS + MAX_ROWS * ROW_SLOTS * 4;
  let line = TEXT + from;
  let row = ROWS;
  why = ROWS_FULL;
  while (row < full) {
    const newline = findFields(line);
    if (newline === 0 || newline === end || !readLine(row)) {
      if (why === ROWS_FULL) why = isWhole(line, end) ? ODD_LINE : TEXT_ENDS;
      break;
    }
    row += ROW_SLOTS * 4;
    line = newline + 1;
    if (line === end) {
      why = TEXT_ENDS;
      break;
    }
  }
  next = <i32>(line - TEXT);
  return <i32>((row - ROWS) / (ROW_SLOTS * 4));
}

function isWhole(line: usize, end: usize): bool {
  for (let at = line; at < end; at++) if (load<u8>(at) === NEWLINE) return true;
  return false;
}

@inline
function mask64(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16);
  const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16);
  return <u64>low | (<u64>high << 32);
}

/** Finds where fields end; returns where the line does, 0 unless it has the header's number of them, one blank between. */
@inline
function findFields(line: usize): usize {
  const blank = i8x16.splat(BLANK);
  const newline = i8x16.splat(NEWLINE);
  let at = line;
  let end = ENDS;
  store<u32>(end, <u32>(line - 1));
  const most = end + (<usize>columnCount << 2);
  // As if a blank stood before the line.
  let before: u64 = 1;
  let isLast = false;
  do {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    let blanks = mask64(i8x16.le_u(a, blank), i8x16.le_u(b, blank), i8x16.le_u(c, blank), i8x16.le_u(d, blank));
    const ea = i8x16.eq(a, newline);
    const eb = i8x16.eq(b, newline);
    const ec = i8x16.eq(c, newline);
    const ed = i8x16.eq(d, newline);
    isLast = v128.any_true(v128.or(v128.or(ea, eb), v128.or(ec, ed)));
    if (isLast) {
      const newlines = mask64(ea, eb, ec, ed);
      blanks &= newlines ^ (newlines - 1);
    }
    if ((blanks & ((blanks << 1) | before)) !== 0) return 0;
    before = blanks >>> 63;
    while (blanks !== 0) {
      end += 4;
      store<u32>(end, <u32>(at + <usize>ctz(blanks)));
      blanks &= blanks - 1;
    }
    if (end > most) return 0;
    at += BLOCK;
  } while (!isLast);
  return end === most && load<u8>(line) !== FIRST_OF_MARK ? <usize>load<u32>(end) : 0;
}

@inline
function bounds(place: i32): usize {
  return load<usize>(COLUMNS + (<usize>place << 2));
}

@inline
function isDash(from: usize, to: usize): bool {
  return to - from === 1 && load<u8>(from) === DASH;
}

@inline
function numberAt(place: i32, most: i64): i64 {
  const at = bounds(place);
  return number(<usize>load<u32>(at) + 1, <usize>load<u32>(at, 4), most);
}

@inline
function numberOrDashAt(place: i32, most: i64, absent: i64): i64 {
  const at = bounds(place);
  const from = <usize>load<u32>(at) + 1;
  const to = <usize>load<u32>(at, 4);
  return isDash(from, to) ? absent : number(from, to, most);
}

@inline
function readAddressAt(place: i32, into: usize): bool {
  const at = bounds(place);
  return readAddress(<usize>load<u32>(at) + 1, <usize>load<u32>(at, 4), into);
}

/** One that may be absent. */
@inline
function readPacketAddressAt(place: i32, into: usize): bool {
  const at = bounds(place);
  if (at !== 0) {
    const from = <usize>load<u32>(at) + 1;
    const to = <usize>load<u32>(at, 4);
    if (!isDash(from, to)) return readAddress(from, to, into);
  }
  store<i32>(into, 0);
  return true;
}

/** The number of an id, 0 where it is absent, negative where it is too long or there is no room for it. */
@inline
function idAt(place: i32): i32 {
  const at = bounds(place);
  if (at === 0) return 0;
  const from = <usize>load<u32>(at) + 1;
  const to = <usize>load<u32>(at, 4);
  if (isDash(from, to)) return 0;
  const id = idOf(from, to);
  if (id === NO_ROOM) why = IDS_FULL;
  return id;
}

/** Up to eight bytes as a number. */
@inline
function word(at: usize): u64 {
  const from = <usize>load<u32>(at) + 1;
  const length = <usize>load<u32>(at, 4) - from;
  return length > 8 ? 0 : load<u64>(from) & (<u64>0xffffffffffffffff >>> (64 - (<u64>length << 3)));
}

/** Reads the line whose fields were found last into a row; false where it is odd. */
@inline
function readLine(row: usize): bool {
  const statusAt = bounds(LOG_STATUS_COLUMN);
  const status = statusAt === 0 ? OK : word(statusAt);

  const vpc = idAt(VPC_ID_COLUMN);
  const account = idAt(ACCOUNT_ID_COLUMN);
  const iface = idAt(INTERFACE_ID_COLUMN);
  const resource = iface === 0 ? idAt(RESOURCE_ID_COLUMN) : 0;
  store<i32>(row, vpc, VPC_ID << 2);
  store<i32>(row, account, ACCOUNT_ID << 2);
  store<i32>(row, iface, INTERFACE_ID << 2);
  store<i32>(row, resource, RESOURCE_ID << 2);

  const start = numberAt(START_COLUMN, MAX_SECONDS);
  const end = numberAt(END_COLUMN, MAX_SECONDS);
  store<f64>(row, <f64>start, START << 2);
  store<f64>(row, <f64>end, END << 2);
  let odd: i64 = start | end | <i64>(vpc | account | iface | resource);

  if (status !== OK) {
    store<i32>(row, status === NODATA ? 1 : 2, STATUS << 2);
    return odd >= 0 && (status === NODATA || status === SKIPDATA);
  }
  store<i32>(row, 0, STATUS << 2);

  const action = word(bounds(ACTION_COLUMN));
  if (action !== ACCEPT && action !== REJECT) return false;
  const accepted = action === ACCEPT;
  store<i32>(row, accepted ? 1 : 0, ACCEPTED << 2);

  const protocol = numberAt(PROTOCOL_COLUMN, MAX_PROTOCOL);
  store<i32>(row, <i32>protocol, PROTOCOL << 2);
  const noPort: i64 = protocol === 6 || protocol === 17 ? -1 : 0;
  const sourcePort = numberOrDashAt(SRCPORT_COLUMN, MAX_PORT, noPort);
  const destinationPort = numberOrDashAt(DSTPORT_COLUMN, MAX_PORT, noPort);
  store<i32>(row, <i32>sourcePort, SOURCE_PORT << 2);
  store<i32>(row, <i32>destinationPort, DESTINATION_PORT << 2);
  const noSize: i64 = accepted ? -1 : 0;
  const packets = numberOrDashAt(PACKETS_COLUMN, MAX_SIZE, noSize);
  const bytes = numberOrDashAt(BYTES_COLUMN, MAX_SIZE, noSize);
  store<f64>(row, <f64>packets, PACKETS << 2);
  store<f64>(row, <f64>bytes, BYTES << 2);
  odd |= protocol | sourcePort | destinationPort | packets | bytes;

  let flags: i32 = -1;
  const flagsAt = bounds(TCP_FLAGS_COLUMN);
  if (flagsAt !== 0 && !isDash(<usize>load<u32>(flagsAt) + 1, <usize>load<u32>(flagsAt, 4))) {
    flags = <i32>numberAt(TCP_FLAGS_COLUMN, MAX_FLAGS);
    odd |= <i64>flags;
  }
  store<i32>(row, flags, TCP_FLAGS << 2);

  let direction: i32 = 0;
  const directionAt = bounds(FLOW_DIRECTION_COLUMN);
  if (directionAt !== 0) {
    const way = word(directionAt);
    if (way === INGRESS) direction = 1;
    else if (way === EGRESS) direction = 2;
    else if (way !== DASH) return false;
  }
  store<i32>(row, direction, DIRECTION << 2);

  const reason = idAt(REJECT_REASON_COLUMN);
  store<i32>(row, reason, REJECT_REASON << 2);
  odd |= <i64>reason;
  if (odd < 0) return false;

  return (
    readAddressAt(SRCADDR_COLUMN, row + (SOURCE << 2)) &&
    readAddressAt(DSTADDR_COLUMN, row + (DESTINATION << 2)) &&
    readPacketAddressAt(PKT_SRCADDR_COLUMN, row + (PACKET_SOURCE << 2)) &&
    readPacketAddressAt(PKT_DSTADDR_COLUMN, row + (PACKET_DESTINATION << 2))
  );
}
