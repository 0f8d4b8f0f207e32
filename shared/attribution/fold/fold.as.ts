/*
 * Adds up accepted records of known interfaces: first those that are alike, since no rule tells them apart, then by service flow.
 * AssemblyScript (https://www.assemblyscript.org), which `npm run wasm` compiles into `fold-module.ts`. README.md tells why it is so.
 *
 * How a record is to be read is asked of JavaScript, once for all that are alike.
 */
import {
  AT_BYTES, AT_END, AT_FEATURES, AT_PACKETS, AT_PEER, AT_PORTS, AT_REST, AT_START, AT_TIMES, BY_SERVICE, CHUNK_END,
  CHUNK_FIRST, CHUNK_NEXT, FATE_SHIFT, GROUP_BYTES, GROUP_DAY, GROUP_FATES, GROUP_OWNER, IS_AMBIGUOUS, IS_CREDITED,
  IS_INFERRED, IS_INGRESS, IS_PLAIN, IS_REQUEST, MAX_WAITING, OTHER_PLAIN, PACKET_FAMILY_SHIFT, PLAIN_FAMILY_SHIFT,
  PROTOCOL_SHIFT, PROVEN, READING_MASK, READ_BITS, READ_POSSIBLE, READ_READING, READ_ROW, READ_SINCE, READ_SLOT, READ_WORDS,
  SERVICE_CREDITED, SERVICE_INGRESS, SERVICE_PROTOCOL_SHIFT, SERVICE_SIX, TOLD_POSSIBLE, TOLD_READING,
} from './layout.ts';
import { addHour, addRequests, addToFlow, clearFlows, flowOf } from './flows.as.ts';
import { emptyPlaces, FEWEST, freeChunks, grown, taken, withRoom } from './tables.as.ts';
import {
  forgetGroups, groupAt, groupCount, groups, keyHash, isLong, order, putInOrder, REST_BYTES, turn, waiting, waitOne,
  waitRouted,
} from './waiting.as.ts';

export { addRequests, addRow, addToFlow, clearFlows, firstOfFlows, flowOf, flows, rows } from './flows.as';
export { setSeed } from './tables.as';
export { addGroup, CLASSES, groups, KINDS, ROUTED, SCANNED } from './waiting.as';

/** To read the record that waits there, and to leave in READ what is known of all that are alike. */
declare function read(waiting: usize): void;
/** To read and to add up the record that waits there by itself. */
declare function readAlone(waiting: usize): void;
/** To note who else may have been used by records of a flow. */
declare function mayHaveUsed(possible: i32, flow: usize, times: f64, last: f64): void;

const TCP = 6;
const UDP = 17;

/** What {@link read} leaves. */
export const READ: usize = memory.data(READ_WORDS * 4, 16);

/** Behind the key of records that are alike: how they are read, the number of the row of their requests, since when, and sums. */
const ALIKE_ROW = 24;
const ALIKE_SINCE = 28;
const ALIKE_FIRST = 32;
const ALIKE_LAST = 36;
const ALIKE_TIMES = 40;
const ALIKE_PACKETS = 48;
const ALIKE_BYTES = 56;
/** Of long keys only. */
const ALIKE_REST = 64;
const SHORT_BYTES: usize = 64;
const LONG_BYTES: usize = 96;

/** Of a group: where its table begins, its size minus 1, and how many lie in it. */
const GROUP_PLACES = 8;
const GROUP_MASK = 12;
const GROUP_SIZE = 16;

/** How many are held of which no two are alike. */
export let alike: i32 = 0;
/** Those that the record read last was alike to; 0 where it was read by itself, as whoever read it sets it. */
export let last: usize = 0;
/** What was told. */
export let requests: f64 = 0;
export let replies: f64 = 0;
export let ambiguous: f64 = 0;

/** Of each reading slot and bits. */
let readings: usize = 0;
let readingRoom: i32 = 0;
let firstOfAlike: usize = 0;
let lastOfAlike: usize = 0;

/** Adds rows of the scanner, as many as ROUTED tells. */
export function addRouted(count: i32): void {
  if (waiting + count > MAX_WAITING) settle();
  waitRouted(count);
}

/**
 * Adds the first row of SCANNED.
 *
 * @param shown features that tell who opened it, and what the night alone knows
 */
export function addOne(group: i32, isIngress: bool, shown: i32, times: f64): void {
  if (waiting === MAX_WAITING) settle();
  waitOne(group, isIngress, shown, times);
}

/** Reads all records that wait, those of one group one after the other: what is asked for of it lies in the processor's caches. */
export function settle(): void {
  const count = putInOrder();
  for (let i = 0; i < count; i++) readRow(<usize>load<u32>(order + (<usize>i << 2)));
}

function readRow(row: usize): void {
  let entry = alikeTo(row);
  while ((load<u32>(entry, TOLD_READING) & BY_SERVICE) === 0) {
    turn(row);
    entry = alikeTo(row);
  }
  const start = load<u32>(row, AT_START);
  if (start < load<u32>(entry, ALIKE_SINCE)) {
    readAlone(row);
    return;
  }
  last = entry;
  const end = load<u32>(row, AT_END);
  const times = load<f64>(row, AT_TIMES);
  store<f64>(entry, load<f64>(entry, ALIKE_TIMES) + times, ALIKE_TIMES);
  store<f64>(entry, load<f64>(entry, ALIKE_PACKETS) + load<f64>(row, AT_PACKETS), ALIKE_PACKETS);
  store<f64>(entry, load<f64>(entry, ALIKE_BYTES) + load<f64>(row, AT_BYTES), ALIKE_BYTES);
  if (start < load<u32>(entry, ALIKE_FIRST)) store<u32>(entry, start, ALIKE_FIRST);
  if (end > load<u32>(entry, ALIKE_LAST)) store<u32>(entry, end, ALIKE_LAST);
  const requestRow = load<u32>(entry, ALIKE_ROW);
  if (requestRow > 0) addHour(requestRow - 1, end, times);
}

/** Those that the record is alike to; the first of them is read. */
function alikeTo(row: usize): usize {
  const group = groupAt(row);
  if (load<u32>(group, GROUP_PLACES) === 0) makePlaces(group, FEWEST);
  const isLongKey = isLong(row);
  const places = load<usize>(group, GROUP_PLACES);
  const mask = load<u32>(group, GROUP_MASK);
  const a = load<u64>(row);
  const b = load<u64>(row, 8);
  let place = keyHash(row, row + AT_REST) & mask;
  for (;;) {
    const entry = load<usize>(places + (<usize>place << 2));
    if (entry === 0) break;
    if (load<u64>(entry) === a && load<u64>(entry, 8) === b) {
      if (!isLongKey || memory.compare(entry + ALIKE_REST, row + AT_REST, REST_BYTES) === 0) return entry;
    }
    place = (place + 1) & mask;
  }
  const bytes = isLongKey ? LONG_BYTES : SHORT_BYTES;
  lastOfAlike = withRoom(lastOfAlike, bytes);
  if (firstOfAlike === 0) firstOfAlike = lastOfAlike;
  const entry = taken(lastOfAlike, bytes);
  alike++;
  store<u64>(entry, a);
  store<u64>(entry, b, 8);
  if (isLongKey) memory.copy(entry + ALIKE_REST, row + AT_REST, REST_BYTES);
  store<usize>(places + (<usize>place << 2), entry);
  const size = load<u32>(group, GROUP_SIZE) + 1;
  store<u32>(group, size, GROUP_SIZE);
  if (size * 2 > mask) growPlaces(group);
  begin(entry, row);
  return entry;
}

/** Notes how the first record of its kind is read. */
function begin(entry: usize, row: usize): void {
  read(row);
  const reading = load<u32>(READ, READ_READING << 2);
  store<u32>(entry, reading, TOLD_READING);
  store<u32>(entry, load<u32>(READ, READ_POSSIBLE << 2), TOLD_POSSIBLE);
  store<u32>(entry, load<u32>(READ, READ_ROW << 2), ALIKE_ROW);
  store<u32>(entry, load<u32>(READ, READ_SINCE << 2), ALIKE_SINCE);
  store<u32>(entry, 0xffffffff, ALIKE_FIRST);
  store<u32>(entry, 0, ALIKE_LAST);
  store<f64>(entry, 0, ALIKE_TIMES);
  store<f64>(entry, 0, ALIKE_PACKETS);
  store<f64>(entry, 0, ALIKE_BYTES);
  const number = <i32>(reading & READING_MASK);
  if (number >= readingRoom) {
    readingRoom = max(max(FEWEST, number + 1), readingRoom * 2);
    readings = grown(readings, <usize>readingRoom << 3);
  }
  store<i32>(readings + (<usize>number << 3), load<i32>(READ, READ_SLOT << 2));
  store<i32>(readings + (<usize>number << 3), load<i32>(READ, READ_BITS << 2), 4);
}

function makePlaces(group: usize, size: u32): void {
  store<usize>(group, emptyPlaces(size), GROUP_PLACES);
  store<u32>(group, size - 1, GROUP_MASK);
}

function growPlaces(group: usize): void {
  const old = load<usize>(group, GROUP_PLACES);
  const size = load<u32>(group, GROUP_MASK) + 1;
  makePlaces(group, size * 2);
  const places = load<usize>(group, GROUP_PLACES);
  const mask = size * 2 - 1;
  for (let i: u32 = 0; i < size; i++) {
    const entry = load<usize>(old + (<usize>i << 2));
    if (entry === 0) continue;
    let place = keyHash(entry, entry + ALIKE_REST) & mask;
    while (load<u32>(places + (<usize>place << 2)) !== 0) place = (place + 1) & mask;
    store<usize>(places + (<usize>place << 2), entry);
  }
  heap.free(old);
}

/** Adds what records that are alike tell to flows, and forgets it: `requests` and the like are what was told this time. */
export function tell(): void {
  requests = 0;
  replies = 0;
  ambiguous = 0;
  for (let chunk = firstOfAlike; chunk !== 0; chunk = load<usize>(chunk, CHUNK_NEXT)) {
    const end = load<usize>(chunk, CHUNK_END);
    let entry = chunk + CHUNK_FIRST;
    while (entry < end) {
      if (load<f64>(entry, ALIKE_TIMES) > 0) tellAlike(entry);
      entry += isLong(entry) ? LONG_BYTES : SHORT_BYTES;
    }
  }
  freeChunks(firstOfAlike);
  firstOfAlike = 0;
  lastOfAlike = 0;
  for (let group = groups, i = 0; i < groupCount; i++, group += GROUP_BYTES) {
    const places = load<usize>(group, GROUP_PLACES);
    if (places !== 0) heap.free(places);
    store<usize>(group, 0, GROUP_PLACES);
    store<u32>(group, 0, GROUP_SIZE);
  }
  alike = 0;
  last = 0;
}

function tellAlike(entry: usize): void {
  const told = load<u32>(entry, TOLD_READING);
  const reading = readings + (<usize>(told & READING_MASK) << 3);
  const bits = load<i32>(reading, 4);
  const group = groupAt(entry);
  const times = load<f64>(entry, ALIKE_TIMES);
  const fate = group + GROUP_FATES + (<usize>((bits >> FATE_SHIFT) & 3) << 3);
  store<f64>(fate, load<f64>(fate) + times);
  if ((bits & IS_REQUEST) !== 0) requests += times;
  else replies += times;
  if ((bits & IS_AMBIGUOUS) !== 0) ambiguous += times;
  const row = load<u32>(entry, ALIKE_ROW);
  if (row > 0) addRequests(row - 1, times, (bits & IS_INFERRED) !== 0, (told & PROVEN) !== 0);
  const features = load<i32>(entry, AT_FEATURES);
  const protocol = (features >> PROTOCOL_SHIFT) & 255;
  const isPlain = (bits & IS_PLAIN) !== 0 && (features & OTHER_PLAIN) !== 0;
  const family = (features >> (isPlain ? PLAIN_FAMILY_SHIFT : PACKET_FAMILY_SHIFT)) & 3;
  const service =
    (protocol === TCP || protocol === UDP ? load<i32>(entry, AT_PORTS) & 0xffff : 0) |
    (protocol << SERVICE_PROTOCOL_SHIFT) |
    ((bits & IS_INGRESS) !== 0 ? SERVICE_INGRESS : 0) |
    ((bits & IS_CREDITED) !== 0 ? SERVICE_CREDITED : 0) |
    (family === 3 ? SERVICE_SIX : 0);
  const isLongKey = isLong(entry);
  const rest = entry + ALIKE_REST + (isPlain ? 16 : 0);
  const flow = flowOf(
    load<i32>(group, GROUP_OWNER),
    load<i32>(reading),
    load<i32>(group, GROUP_DAY),
    service,
    isPlain ? load<i32>(entry, ALIKE_REST + 12) : load<i32>(entry, AT_PEER),
    isLongKey ? load<i32>(rest) : 0,
    isLongKey ? load<i32>(rest, 4) : 0,
    isLongKey ? load<i32>(rest, 8) : 0,
  );
  const end = <f64>load<u32>(entry, ALIKE_LAST);
  const start = <f64>load<u32>(entry, ALIKE_FIRST);
  addToFlow(flow, bits, times, load<f64>(entry, ALIKE_PACKETS), load<f64>(entry, ALIKE_BYTES), start, end);
  const possible = load<i32>(entry, TOLD_POSSIBLE);
  if (possible !== 0) mayHaveUsed(possible - 1, flow, times, end);
}

/** As if nothing had ever been added. */
export function clear(): void {
  tell();
  clearFlows();
  forgetGroups();
}
