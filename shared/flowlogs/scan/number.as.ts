/** The value of eight digits, of which the last `length` count; -1 if they are none. */
@inline
function eightDigits(from: usize, length: usize): i64 {
  let x = (load<u64>(from) ^ 0x3030303030303030) << (64 - (<u64>length << 3));
  const odd = ((x + 0x7676767676767676) | x) & 0x8080808080808080;
  x = (x * 2561) >>> 8;
  x = ((x & 0x00ff00ff00ff00ff) * 6553601) >>> 16;
  x = ((x & 0x0000ffff0000ffff) * 42949672960001) >>> 32;
  return odd === 0 ? <i64>x : -1;
}

/** -1 if it is not a decimal number of at most 16 digits, or above `most`. */
@inline
export function number(from: usize, to: usize, most: i64): i64 {
  const length = to - from;
  let value: i64;
  if (length <= 8) value = eightDigits(from, length);
  else {
    if (length > 16) return -1;
    const high = eightDigits(from, length - 8);
    const low = eightDigits(to - 8, 8);
    value = (high | low) < 0 ? -1 : high * 100000000 + low;
  }
  return value <= most ? value : -1;
}
