/*
 * Puts rows of service flows in order, merges runs of them, and adds up those that are alike.
 * AssemblyScript (https://www.assemblyscript.org), which `npm run wasm` compiles into `rows-module.ts`. README.md tells why it is so.
 */
import {
  ANSWER, DAY, FIRST_SUM, GROUP_ROWS, INTERFACE, LAST_SUM, MORE, PEER, ROW_BYTES, SERVICE, SOURCE_NUMBER, SUMS,
} from './layout.ts';
import { GROUP, putColumns } from './columns.as.ts';

export * from './columns.as';

/** Whether what was counted under a source on a day counts. */
declare function counts(day: i32, source: i32): bool;
/** What else is to be told of two rows together. */
declare function moreOfBoth(a: i32, b: i32): i32;
/** To read the next rows of a run to where it has room for them: how many there are, 0 at its end. */
declare function refill(run: i32): i32;

/** Where the rows lie that are held. */
export const HELD: usize = (__heap_base + 63) & ~63;
/** What stands in their order for numbers of interfaces and answers: one of 32 bits for each. */
export let interfaceRanks: usize = 0;
export let answerRanks: usize = 0;
/** Whether rows of unlike sources stay apart, and all of them count. */
export let isApart: bool = false;

/** Where those of each digit go while rows are put in order. */
let places: usize = 0;
const PLACES_BYTES = 65536 * 4;
/** The first byte that is not in use behind the rows. */
let free: usize = 0;
/** Numbers of rows that are held: in order, from the next one to the last; and room for as many. */
let order: usize = 0;
let orderEnd: usize = 0;
let spare: usize = 0;
/** Of each run that is merged: where its rows are read to, and where they end. */
let runs: usize = 0;
const RUN_BYTES = 8;
/** Runs whose first row is not the next of all: that row and the run's number. The first of them comes last. */
let heads: usize = 0;
let headsEnd: usize = 0;
const HEAD_BYTES = 8;
/** The next row, 0 at the end; and its run, -1 where it is held. */
let row: usize = 0;
let run: i32 = 0;
/** What was asked last. */
let askedDay: i32 = 0;
let askedSource: i32 = 0;
let asked: bool = false;

function grow(end: u64): void {
  const pages = <i32>((end + 0xffff) >>> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
}

/** Makes room for so many rows to be held. */
export function room(rows: u32): void {
  grow(<u64>HELD + <u64>rows * ROW_BYTES);
}

/** So many bytes behind the rows that are held, until {@link begin}. */
export function take(bytes: u32): usize {
  const at = free;
  const end = (<u64>at + bytes + 63) & ~63;
  grow(end);
  free = <usize>end;
  return at;
}

/** To tell rows that are held, so many, and of runs. */
export function begin(held: u32, count: u32): void {
  free = HELD + <usize>held * ROW_BYTES;
  take(<u32>(putColumns(free, count > 0 ? GROUP_ROWS : min<u32>(held, GROUP_ROWS)) - free));
  runs = take(count * RUN_BYTES);
  heads = headsEnd = take((count + 1) * HEAD_BYTES);
  row = 0;
  askedSource = -1;
}

/** Puts rows in order that are held, at least one: by half a word at a time, the last one first, without ever comparing two. */
export function sort(held: u32): void {
  order = take(held << 2);
  spare = take(held << 2);
  const values = take(held << 2);
  places = take(PLACES_BYTES);
  for (let i: u32 = 0; i < held; i++) store<u32>(order + (<usize>i << 2), i);
  sortBy(ANSWER, answerRanks, values, held);
  for (let word = PEER + 3; word >= SERVICE; word--) sortBy(word, 0, values, held);
  sortBy(INTERFACE, interfaceRanks, values, held);
  sortBy(DAY, 0, values, held);
  orderEnd = order + (<usize>held << 2);
  bring(-1, HELD + <usize>load<u32>(order) * ROW_BYTES);
}

/** @param ranks what to take in the place of the word; 0 for the word itself */
function sortBy(word: u32, ranks: usize, values: usize, held: u32): void {
  let differing: u32 = 0;
  let at = HELD + <usize>(word << 2);
  const end = values + (<usize>held << 2);
  for (let to = values; to < end; to += 4) {
    let value = load<u32>(at);
    if (ranks !== 0) value = load<u32>(ranks + (<usize>value << 2));
    store<u32>(to, value);
    differing |= value ^ load<u32>(values);
    at += ROW_BYTES;
  }
  if ((differing & 0xffff) !== 0) sortByDigit(values, end, 0);
  if (differing >>> 16 !== 0) sortByDigit(values, end, 2);
}

/** @param half where in each value the digit begins: its first byte or its third */
function sortByDigit(values: usize, end: usize, half: usize): void {
  memory.fill(places, 0, PLACES_BYTES);
  for (let at = values + half; at < end; at += 4) {
    const place = places + (<usize>load<u16>(at) << 2);
    store<u32>(place, load<u32>(place) + 4);
  }
  let to = spare;
  for (let place = places; place < places + PLACES_BYTES; place += 4) {
    const bytes = load<u32>(place);
    store<usize>(place, to);
    to += bytes;
  }
  for (let at = order; at < order + (end - values); at += 4) {
    const number = load<u32>(at);
    const place = places + (<usize>load<u16>(values + (<usize>number << 2) + half) << 2);
    const free = load<usize>(place);
    store<u32>(free, number);
    store<usize>(place, free + 4);
  }
  const former = order;
  order = spare;
  spare = former;
}

/** @param into where it has room for its rows */
export function addRun(number: i32, into: usize): void {
  const its = runs + <usize>number * RUN_BYTES;
  store<usize>(its, into);
  const first = refilled(number);
  if (first !== 0) bring(number, first);
}

/** The first of the next rows of a run; 0 at its end. */
function refilled(number: i32): usize {
  const its = runs + <usize>number * RUN_BYTES;
  const first = load<usize>(its);
  const rows = refill(number);
  store<usize>(its, first + <usize>rows * ROW_BYTES, 4);
  return rows === 0 ? 0 : first;
}

/** A run whose first row is this one. */
function bring(number: i32, first: usize): void {
  if (row === 0 || compare(first, row) < 0) {
    if (row !== 0) putHead(run, row);
    row = first;
    run = number;
  } else putHead(number, first);
}

function putHead(number: i32, first: usize): void {
  let from = heads;
  for (let to = headsEnd; from < to; ) {
    const middle = from + (((to - from) / HEAD_BYTES) >>> 1) * HEAD_BYTES;
    if (compare(load<usize>(middle), first) > 0) from = middle + HEAD_BYTES;
    else to = middle;
  }
  for (let at = headsEnd; at > from; at -= HEAD_BYTES) store<u64>(at, load<u64>(at - HEAD_BYTES));
  store<usize>(from, first);
  store<i32>(from, number, 4);
  headsEnd += HEAD_BYTES;
}

/** On to the next row. */
function advance(): void {
  if (run < 0) {
    order += 4;
    row = order === orderEnd ? 0 : HELD + <usize>load<u32>(order) * ROW_BYTES;
  } else {
    row += ROW_BYTES;
    if (row === load<usize>(runs + <usize>run * RUN_BYTES, 4)) row = refilled(run);
  }
  if (headsEnd === heads) return;
  const first = load<usize>(headsEnd - HEAD_BYTES);
  if (row !== 0 && compare(row, first) <= 0) return;
  headsEnd -= HEAD_BYTES;
  const number = load<i32>(headsEnd, 4);
  if (row !== 0) putHead(run, row);
  row = first;
  run = number;
}

/** Rows that differ in their source alone are alike. */
function compare(a: usize, b: usize): i32 {
  if (load<u64>(a) !== load<u64>(b)) {
    const days = load<i32>(a) - load<i32>(b);
    return days !== 0 ? days : rankAt(interfaceRanks, a + (INTERFACE << 2)) - rankAt(interfaceRanks, b + (INTERFACE << 2));
  }
  for (let at: usize = SERVICE << 2; at < <usize>(ANSWER << 2); at += 4) {
    const x = load<u32>(a + at);
    const y = load<u32>(b + at);
    if (x !== y) return x < y ? -1 : 1;
  }
  return rankAt(answerRanks, a + (ANSWER << 2)) - rankAt(answerRanks, b + (ANSWER << 2));
}

@inline
function rankAt(ranks: usize, number: usize): i32 {
  return load<i32>(ranks + (<usize>load<u32>(number) << 2));
}

@inline
function isAlike(a: usize, b: usize): bool {
  return (
    load<u64>(a, 24) === load<u64>(b, 24) && load<u64>(a, 16) === load<u64>(b, 16) && load<u64>(a, 8) === load<u64>(b, 8) &&
    load<u64>(a) === load<u64>(b) && (!isApart || load<i32>(a, SOURCE_NUMBER << 2) === load<i32>(b, SOURCE_NUMBER << 2))
  );
}

function doesCount(): bool {
  const day = load<i32>(row);
  const source = load<i32>(row, SOURCE_NUMBER << 2);
  if (day !== askedDay || source !== askedSource) {
    asked = counts(day, source);
    askedDay = day;
    askedSource = source;
  }
  return asked;
}

/** Tells the next rows in GROUP: how many there are, 0 after the last. */
export function fillGroup(): u32 {
  let size: u32 = 0;
  let last: usize = 0;
  for (; row !== 0; advance()) {
    if (!isApart && !doesCount()) continue;
    if (last !== 0 && isAlike(last, row)) {
      addTo(last, row);
      continue;
    }
    if (size === GROUP_ROWS || (last !== 0 && load<i32>(last) !== load<i32>(row))) break;
    last = GROUP + <usize>(size++) * ROW_BYTES;
    for (let at: usize = 0; at < <usize>ROW_BYTES; at += 16) v128.store(last + at, v128.load(row + at));
  }
  return size;
}

function addTo(into: usize, from: usize): void {
  for (let at: usize = SUMS << 3; at < <usize>(FIRST_SUM << 3); at += 8) store<f64>(into + at, load<f64>(into + at) + load<f64>(from + at));
  store<f64>(into, min(load<f64>(into, FIRST_SUM << 3), load<f64>(from, FIRST_SUM << 3)), FIRST_SUM << 3);
  store<f64>(into, max(load<f64>(into, LAST_SUM << 3), load<f64>(from, LAST_SUM << 3)), LAST_SUM << 3);
  const a = load<i32>(into, MORE << 2);
  const b = load<i32>(from, MORE << 2);
  if (a !== b) store<i32>(into, moreOfBoth(a, b), MORE << 2);
}
