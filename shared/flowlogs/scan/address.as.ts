const DOT: u8 = 0x2e;
const COLON: u8 = 0x3a;
const ZERO: u8 = 0x30;

/** No two of the 81 shapes of an IPv4 address have one hash (found by trying). */
const SHAPE_BITS = 8;
const SHAPE_HASH: u32 = 0x372da969;
/** An index that picks a zero. */
const NONE: u32 = 0xff;

/**
 * The ways in which four octets of one to three digits can lie, 32 bytes each, by a hash of where dots and end are. In
 * each: where the digits are that make hundreds, tens and ones (four bytes each, the last octet first; four of none), the
 * smallest values without a leading zero (two bytes each), and where dots and end must be (four).
 */
const SHAPES: usize = memory.data(32 << SHAPE_BITS);
/** The eight groups of an IPv6 address. */
const GROUPS: usize = memory.data(16);

for (let a = 1; a <= 3; a++) {
  for (let b = 1; b <= 3; b++) {
    for (let c = 1; c <= 3; c++) {
      for (let d = 1; d <= 3; d++) addShape(a, b, c, d);
    }
  }
}

/** Reads an address into family and four words. */
@inline
export function readAddress(from: usize, to: usize, into: usize): bool {
  return readIpv4(from, to, into) || readIpv6(from, to, into);
}

@inline
function shapeOf(ends: u32): usize {
  return SHAPES + (<usize>((ends * SHAPE_HASH) >>> (32 - SHAPE_BITS)) << 5);
}

function addShape(a: u32, b: u32, c: u32, d: u32): void {
  const first = a;
  const second = first + 1 + b;
  const third = second + 1 + c;
  const end = third + 1 + d;
  const shape = shapeOf((1 << first) | (1 << second) | (1 << third) | (1 << end));
  addOctet(shape, 3, first, a);
  addOctet(shape, 2, second, b);
  addOctet(shape, 1, third, c);
  addOctet(shape, 0, end, d);
  store<u32>(shape, NONE * 0x01010101, 12);
  store<u32>(shape, (1 << first) | (1 << second) | (1 << third) | (1 << end), 24);
}

function addOctet(shape: usize, place: u32, end: u32, digits: u32): void {
  const at = shape + place;
  store<u8>(at, digits > 2 ? end - 3 : NONE);
  store<u8>(at, digits > 1 ? end - 2 : NONE, 4);
  store<u8>(at, end - 1, 8);
  store<u16>(shape + (place << 1), digits > 2 ? 100 : digits > 1 ? 10 : 0, 16);
}

/** Reads a dotted quad, without a branch for any digit, as all octets are read at once. */
@inline
function readIpv4(from: usize, to: usize, into: usize): bool {
  const length = <u32>(to - from);
  if (length > 15) return false;
  const text = v128.load(from);
  const ends = (i8x16.bitmask(i8x16.eq(text, i8x16.splat(DOT))) & ((1 << length) - 1)) | (1 << length);
  const shape = shapeOf(ends);
  if (load<u32>(shape, 24) !== ends) return false;
  const digits = i8x16.swizzle(i8x16.sub(text, i8x16.splat(ZERO)), v128.load(shape));
  const high = i16x8.mul(i16x8.extend_low_i8x16_u(digits), i16x8(100, 100, 100, 100, 10, 10, 10, 10));
  const low = i16x8.extend_high_i8x16_u(digits);
  // Four octets of 16 bits each; none overflows, whatever the digits were.
  const octets = <u64>i64x2.extract_lane(high, 0) + <u64>i64x2.extract_lane(high, 1) + <u64>i64x2.extract_lane(low, 0);
  const least = load<u64>(shape, 16);
  // Of each octet: above 255, or below the least.
  const odd = ((octets + 0x7f007f007f007f00) | ~((octets | 0x8000800080008000) - least)) & 0x8000800080008000;
  if (odd !== 0 || !i8x16.all_true(i8x16.le_u(digits, i8x16.splat(9)))) return false;
  const pairs = (octets | (octets >>> 8)) & 0x0000ffff0000ffff;
  store<i32>(into, 4);
  store<i32>(into, <i32>(pairs | (pairs >>> 16)), 4);
  store<i64>(into, 0, 8);
  store<i32>(into, 0, 16);
  return true;
}

/** Reads an IPv6 address that does not end as an IPv4 address does. */
function readIpv6(from: usize, to: usize, into: usize): bool {
  let at = from;
  let count = 0;
  let gap = -1;
  if (load<u8>(at) === COLON) {
    if (load<u8>(at, 1) !== COLON) return false;
    gap = 0;
    at += 2;
  }
  while (at < to) {
    if (count === 8) return false;
    const start = at;
    let value: u32 = 0;
    let byte: u32 = 0;
    for (; ; at++) {
      byte = load<u8>(at);
      const decimal = byte - ZERO;
      const letter = (byte | 0x20) - 0x61;
      if (decimal <= 9) value = (value << 4) | decimal;
      else if (letter <= 5) value = (value << 4) | (letter + 10);
      else break;
    }
    if (at === start || at - start > 4) return false;
    store<u16>(GROUPS + (<usize>count << 1), <u16>value);
    count++;
    if (at === to) break;
    if (byte !== COLON || at + 1 === to) return false;
    at++;
    if (load<u8>(at) === COLON) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return false;
  store<i32>(into, 6);
  store<i64>(into, 0, 4);
  store<i64>(into, 0, 12);
  const zeros = 8 - count;
  for (let k = 0; k < count; k++) {
    const place = gap >= 0 && k >= gap ? k + zeros : k;
    // Of the two halves of a word the first is the higher one.
    store<u16>(into + (<usize>(place ^ 1) << 1), load<u16>(GROUPS + (<usize>k << 1)), 4);
  }
  return true;
}
