/* Service flows, and credited requests by hour. */
import {
  CHUNK_END, CHUNK_FIRST, CHUNK_NEXT, FLOW_BYTES, FLOW_FIRST, FLOW_HASH, FLOW_INFERRED, FLOW_LAST, FLOW_PACKETS, FLOW_REPLIES,
  FLOW_REQUESTS, FLOW_SIZES, HOURS_OF_DAY, IS_INFERRED, IS_REQUEST, ROW_SUMS,
} from './layout.ts';
import { emptyPlaces, FEWEST, finished, freeChunks, grown, mixed, seed, taken, withRoom } from './tables.as.ts';

/** How many flows are held. */
export let flows: i32 = 0;
/** Pieces of memory with flows. */
export let firstOfFlows: usize = 0;
/** Sums of requests, {@link ROW_SUMS} for each row. */
export let rows: usize = 0;

let rowCount: i32 = 0;
let rowRoom: i32 = 0;
let lastOfFlows: usize = 0;
let flowPlaces: usize = 0;
let flowMask: u32 = 0;

export function addRow(): void {
  if (rowCount === rowRoom) {
    rowRoom = rowRoom === 0 ? FEWEST : rowRoom * 2;
    rows = grown(rows, <usize>rowRoom * (ROW_SUMS * 8));
  }
  memory.fill(rows + <usize>(rowCount++) * (ROW_SUMS * 8), 0, ROW_SUMS * 8);
}

export function addRequests(row: i32, times: f64, isInferred: bool, isProven: bool): void {
  const sums = rows + <usize>row * (ROW_SUMS * 8) + HOURS_OF_DAY * 8;
  if (isInferred) store<f64>(sums, load<f64>(sums) + times);
  if (isProven) store<f64>(sums, load<f64>(sums, 8) + times, 8);
}

/** @param end UNIX seconds, of requests that are credited */
@inline
export function addHour(row: u32, end: u32, times: f64): void {
  const hour = rows + (<usize>row * ROW_SUMS + <usize>((end / 3600) % HOURS_OF_DAY)) * 8;
  store<f64>(hour, load<f64>(hour) + times);
}

/** The flow with this key, which is made if there is none. */
export function flowOf(
  owner: i32, admission: i32, day: i32, service: i32, w0: i32, w1: i32, w2: i32, w3: i32,
): usize {
  if (flowPlaces === 0) {
    flowPlaces = emptyPlaces(FEWEST);
    flowMask = FEWEST - 1;
  }
  const a = <u64><u32>owner | (<u64><u32>admission << 32);
  const b = <u64><u32>day | (<u64><u32>service << 32);
  const c = <u64><u32>w0 | (<u64><u32>w1 << 32);
  const d = <u64><u32>w2 | (<u64><u32>w3 << 32);
  let hash = mixed(mixed(mixed(mixed(seed, owner), admission), day), service);
  hash = finished(mixed(mixed(mixed(mixed(hash, w0), w1), w2), w3));
  let place = hash & flowMask;
  for (;;) {
    const flow = load<usize>(flowPlaces + (<usize>place << 2));
    if (flow === 0) break;
    if (load<u64>(flow) === a && load<u64>(flow, 8) === b && load<u64>(flow, 16) === c && load<u64>(flow, 24) === d) return flow;
    place = (place + 1) & flowMask;
  }
  lastOfFlows = withRoom(lastOfFlows, FLOW_BYTES);
  if (firstOfFlows === 0) firstOfFlows = lastOfFlows;
  const flow = taken(lastOfFlows, FLOW_BYTES);
  memory.fill(flow, 0, FLOW_BYTES);
  store<u64>(flow, a);
  store<u64>(flow, b, 8);
  store<u64>(flow, c, 16);
  store<u64>(flow, d, 24);
  store<f64>(flow, Infinity, FLOW_FIRST);
  store<f64>(flow, -1, FLOW_LAST);
  store<u32>(flow, hash, FLOW_HASH);
  store<usize>(flowPlaces + (<usize>place << 2), flow);
  if (<u32>(++flows) * 2 > flowMask) growFlows();
  return flow;
}

function growFlows(): void {
  const size = (flowMask + 1) * 2;
  heap.free(flowPlaces);
  flowPlaces = emptyPlaces(size);
  flowMask = size - 1;
  for (let chunk = firstOfFlows; chunk !== 0; chunk = load<usize>(chunk, CHUNK_NEXT)) {
    const end = load<usize>(chunk, CHUNK_END);
    for (let flow = chunk + CHUNK_FIRST; flow < end; flow += FLOW_BYTES) {
      let place = load<u32>(flow, FLOW_HASH) & flowMask;
      while (load<u32>(flowPlaces + (<usize>place << 2)) !== 0) place = (place + 1) & flowMask;
      store<usize>(flowPlaces + (<usize>place << 2), flow);
    }
  }
}

/** @param bits {@link IS_REQUEST} and {@link IS_INFERRED} count */
export function addToFlow(flow: usize, bits: i32, times: f64, packets: f64, bytes: f64, start: f64, end: f64): void {
  const sum = flow + ((bits & IS_REQUEST) !== 0 ? FLOW_REQUESTS : FLOW_REPLIES);
  store<f64>(sum, load<f64>(sum) + times);
  if ((bits & IS_INFERRED) !== 0) store<f64>(flow, load<f64>(flow, FLOW_INFERRED) + times, FLOW_INFERRED);
  addTraffic(flow, packets, bytes, start, end);
}

@inline
export function addTraffic(flow: usize, packets: f64, bytes: f64, start: f64, end: f64): void {
  store<f64>(flow, load<f64>(flow, FLOW_PACKETS) + packets, FLOW_PACKETS);
  store<f64>(flow, load<f64>(flow, FLOW_SIZES) + bytes, FLOW_SIZES);
  if (start < load<f64>(flow, FLOW_FIRST)) store<f64>(flow, start, FLOW_FIRST);
  if (end > load<f64>(flow, FLOW_LAST)) store<f64>(flow, end, FLOW_LAST);
}

export function clearFlows(): void {
  freeChunks(firstOfFlows);
  if (flowPlaces !== 0) heap.free(flowPlaces);
  firstOfFlows = 0;
  lastOfFlows = 0;
  flowPlaces = 0;
  flows = 0;
  rowCount = 0;
}
