/* Columns of a row group of a Parquet file: values of its rows, numbered where many are the same, and the bytes of both. */
import { ANSWER, PEER, ROW_BYTES, SERVICE, SIX, SUMS } from './layout.ts';

/** The rows. */
export let GROUP: usize = 0;
/** Of each row its value, of 64 bits, which is what Parquet's PLAIN makes of it; */
export let VALUES: usize = 0;
/** the number of its value among distinct ones, by their first row; */
let NUMBERS: usize = 0;
/** the number of what the rules say of it. */
export let SAID: usize = 0;
/** Of each number its value, and its first row. */
export let DISTINCT: usize = 0;
let FIRST: usize = 0;
/** Filled from outside: in the place of which number to write which. */
export let OTHERS: usize = 0;
let TABLE: usize = 0;
/** A page: of texts, each of an address with its length before it, or of something smaller. */
export let PAGE: usize = 0;
const TEXT_BYTES = 4 + 39;

/**
 * Says where columns of so many rows are made.
 *
 * @returns the first byte behind them
 */
export function putColumns(at: usize, rows: u32): usize {
  GROUP = at;
  VALUES = GROUP + <usize>rows * ROW_BYTES;
  DISTINCT = VALUES + <usize>rows * 8;
  NUMBERS = DISTINCT + <usize>rows * 8;
  SAID = NUMBERS + <usize>rows * 4;
  FIRST = SAID + <usize>rows * 4;
  OTHERS = FIRST + <usize>rows * 4;
  TABLE = OTHERS + <usize>rows * 4;
  PAGE = TABLE + <usize>placesOf(rows) * 4;
  return PAGE + <usize>rows * TEXT_BYTES;
}

/** Places of a table of so many: at least half are free. */
function placesOf(size: u32): u32 {
  let places: u32 = 64;
  while (places < size * 2) places <<= 1;
  return places;
}

/** Looked at before it may be said that too many are distinct. */
const SAMPLE: u32 = 1024;

export let hashSeed: u64 = 0;
/** Of the values. */
export let smallest: i64 = 0;
export let largest: i64 = 0;
/** Where on the page, by the order of bytes, the smallest and the largest text begin. */
export let smallestText: usize = 0;
export let largestText: usize = 0;

/** Takes some bits of one word of each row. */
export function takeBits(rows: u32, word: u32, shift: u32, mask: u32): void {
  for (let i: u32 = 0; i < rows; i++) {
    put(i, (load<u32>(GROUP + <usize>i * ROW_BYTES + <usize>(word << 2)) >>> shift) & mask);
  }
}

/** Takes one sum of each row. */
export function takeSums(rows: u32, sum: u32): void {
  for (let i: u32 = 0; i < rows; i++) put(i, <i64>load<f64>(GROUP + <usize>i * ROW_BYTES + <usize>((SUMS + sum) << 3)));
}

/** Takes from each row its answer and what else is to be told. */
export function takeSaid(rows: u32): void {
  for (let i: u32 = 0; i < rows; i++) put(i, load<i64>(GROUP + <usize>i * ROW_BYTES, ANSWER << 2));
}

@inline
function put(i: u32, value: i64): void {
  store<i64>(VALUES + (<usize>i << 3), value);
  if (i === 0) smallest = largest = value;
  smallest = min(smallest, value);
  largest = max(largest, value);
}

/** Numbers peers: those of IPv6 by halves first. */
export function numberPeers(rows: u32): i32 {
  let hasSix = false;
  for (let i: u32 = 0; i < rows && !hasSix; i++) hasSix = isSix(i);
  if (!hasSix) {
    takeBits(rows, PEER, 0, 0xffffffff);
    return numberValues(rows, false);
  }
  for (let i: u32 = 0; i < rows; i++) put(i, load<i64>(GROUP + <usize>i * ROW_BYTES, PEER << 2));
  numberValues(rows, false);
  memory.copy(OTHERS, NUMBERS, <usize>rows << 2);
  for (let i: u32 = 0; i < rows; i++) put(i, load<i64>(GROUP + <usize>i * ROW_BYTES, (PEER + 2) << 2));
  numberValues(rows, false);
  for (let i: u32 = 0; i < rows; i++) {
    const half = <u64>load<u32>(OTHERS + (<usize>i << 2)) << 32;
    put(i, half | (<u64>load<u32>(NUMBERS + (<usize>i << 2)) << 1) | (isSix(i) ? 1 : 0));
  }
  return numberValues(rows, false);
}

@inline
function isSix(i: u32): bool {
  return (load<u32>(GROUP + <usize>i * ROW_BYTES, SERVICE << 2) & SIX) !== 0;
}

/**
 * Numbers the values from 0 as they come.
 *
 * @param isFew to give up where more than a third of them are distinct: numbers would save little
 * @returns how many are distinct; -1 where it was given up
 */
export function numberValues(rows: u32, isFew: bool): i32 {
  const places = placesOf(rows);
  memory.fill(TABLE, 0, <usize>places << 2);
  const mask = places - 1;
  let size: u32 = 0;
  let last: u32 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const value = load<u64>(VALUES + (<usize>i << 3));
    // What came last comes mostly again.
    if (size === 0 || load<u64>(DISTINCT + (<usize>last << 3)) !== value) {
      let place = TABLE + (<usize>(hashOf(value) & mask) << 2);
      for (;;) {
        last = load<u32>(place) - 1;
        if (last === 0xffffffff || load<u64>(DISTINCT + (<usize>last << 3)) === value) break;
        place += 4;
        if (place > TABLE + (<usize>mask << 2)) place = TABLE;
      }
      if (last === 0xffffffff) {
        if (isFew && i > SAMPLE && size * 3 > i) return -1;
        last = size++;
        store<u32>(place, size);
        store<u64>(DISTINCT + (<usize>last << 3), value);
        store<u32>(FIRST + (<usize>last << 2), i);
      }
    }
    store<u32>(NUMBERS + (<usize>i << 2), last);
  }
  return size;
}

/** Whoever chooses values does not know the seed, and so not which fall on one place. */
@inline
function hashOf(value: u64): u32 {
  let hash = (value ^ hashSeed) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >>> 29)) * 0xbf58476d1ce4e5b9;
  return <u32>(hash >>> 32);
}

/** Keeps the numbers as those of what rules say. */
export function keepSaid(rows: u32): void {
  memory.copy(SAID, NUMBERS, <usize>rows << 2);
}

/** Makes of these those that OTHERS has in their places. */
export function renumber(rows: u32): void {
  for (let i: usize = 0; i < <usize>rows << 2; i += 4) store<u32>(NUMBERS + i, load<u32>(OTHERS + (<usize>load<u32>(SAID + i) << 2)));
}

/** A page of values of 32 bits. */
export function putPlain(values: usize, count: u32): void {
  for (let i: usize = 0; i < count; i++) store<u32>(PAGE + (i << 2), <u32>load<u64>(values + (i << 3)));
}

/**
 * A page of the numbers, as Parquet's RLE_DICTIONARY has them: their width, and then runs of one number or of bits.
 *
 * @returns bytes
 */
export function putNumbers(rows: u32, distinct: u32): u32 {
  const width: u32 = 32 - clz<u32>(distinct - 1);
  store<u8>(PAGE, <u8>width);
  let at = PAGE + 1;
  let packed: u32 = 0;
  let groups: u32 = 0;
  for (let i: u32 = 0; i < rows; ) {
    const value = load<u32>(NUMBERS + (<usize>i << 2));
    let end = i + 1;
    while (end < rows && load<u32>(NUMBERS + (<usize>end << 2)) === value) end++;
    if (end - i < 8) {
      if (groups++ === 0) packed = i;
      i += 8;
      continue;
    }
    at = putBits(at, packed, groups, width, rows);
    groups = 0;
    at = putVar(at, (end - i) << 1);
    for (let bits: u32 = 0; bits < width; bits += 8) store<u8>(at++, <u8>(value >>> bits));
    i = end;
  }
  return <u32>(putBits(at, packed, groups, width, rows) - PAGE);
}

/** Groups of eight numbers. */
function putBits(start: usize, from: u32, groups: u32, width: u32, rows: u32): usize {
  if (groups === 0) return start;
  let at = putVar(start, (groups << 1) | 1);
  let bits: u64 = 0;
  let held: u32 = 0;
  for (let i = from; i < from + groups * 8; i++) {
    if (i < rows) bits |= <u64>load<u32>(NUMBERS + (<usize>i << 2)) << held;
    for (held += width; held >= 8; held -= 8) {
      store<u8>(at++, <u8>bits);
      bits >>>= 8;
    }
  }
  return at;
}

function putVar(start: usize, value: u32): usize {
  let at = start;
  for (; value > 127; value >>>= 7) store<u8>(at++, <u8>(value | 128));
  store<u8>(at++, <u8>value);
  return at;
}

/**
 * A page of the texts of numbered peers.
 *
 * @returns bytes
 */
export function putPeers(distinct: u32): u32 {
  let at = PAGE;
  smallestText = largestText = PAGE;
  for (let i: usize = 0; i < distinct; i++) {
    const first = load<u32>(FIRST + (i << 2));
    const peer = GROUP + <usize>first * ROW_BYTES + (PEER << 2);
    const end = isSix(first) ? putSix(at + 4, peer) : putFour(at + 4, load<u32>(peer));
    store<u32>(at, <u32>(end - at - 4));
    if (compareTexts(at, smallestText) < 0) smallestText = at;
    if (compareTexts(at, largestText) > 0) largestText = at;
    at = end;
  }
  return <u32>(at - PAGE);
}

function compareTexts(a: usize, b: usize): i32 {
  const lengths = load<i32>(a) - load<i32>(b);
  const order = memory.compare(a + 4, b + 4, min(load<u32>(a), load<u32>(b)));
  return order !== 0 ? order : lengths;
}

function putFour(start: usize, address: u32): usize {
  let at = start;
  for (let shift: i32 = 24; shift >= 0; shift -= 8) {
    const part = (address >>> shift) & 255;
    if (part > 99) store<u8>(at++, <u8>(48 + part / 100));
    if (part > 9) store<u8>(at++, <u8>(48 + ((part / 10) % 10)));
    store<u8>(at++, <u8>(48 + (part % 10)));
    if (shift > 0) store<u8>(at++, 46);
  }
  return at;
}

@inline
function partOf(peer: usize, i: i32): u32 {
  const word = load<u32>(peer + ((<usize>i >>> 1) << 2));
  return (i & 1) === 0 ? word >>> 16 : word & 0xffff;
}

/** RFC 5952: the longest run of zeros, first of equals, as `::`. */
function putSix(start: usize, peer: usize): usize {
  let zeros = -1;
  let zerosEnd = -1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && partOf(peer, end) === 0) end++;
    if (end - i > 1 && end - i > zerosEnd - zeros) {
      zeros = i;
      zerosEnd = end;
    }
    if (end > i) i = end;
  }
  let at = start;
  for (let i = 0; i < 8; ) {
    if (i > 0 && i !== zerosEnd) store<u8>(at++, 58);
    if (i === zeros) {
      store<u8>(at++, 58);
      if (i === 0) store<u8>(at++, 58);
      i = zerosEnd;
      continue;
    }
    const part = partOf(peer, i++);
    for (let shift: i32 = 28 - (<i32>clz<u32>(part | 1) & ~3); shift >= 0; shift -= 4) {
      const digit = (part >>> shift) & 15;
      store<u8>(at++, <u8>(digit < 10 ? 48 + digit : 87 + digit));
    }
  }
  return at;
}
