import { ID_BYTES, MAX_IDS } from './layout.ts';

/** At most half of the slots are taken; an id that is not met in so many of them has no room. */
const SLOTS = 2 * MAX_IDS;
const PROBES = 32;

/** The bytes of each id, filled up with zeros: a zero is a blank, and in no id. */
export const KEYS: usize = memory.data(MAX_IDS * ID_BYTES);
/** Numbers of ids by the hash of their bytes; 0 where a slot is free. */
const TABLE: usize = memory.data(SLOTS * 4);
/** 32 bytes of ones, then of zeros. */
const MASKS: usize = memory.data(2 * ID_BYTES);

/** How many ids are known, the one of none included. */
export let ids: i32 = 1;

memory.fill(MASKS, 0xff, ID_BYTES);

export function forgetIds(): void {
  memory.fill(TABLE, 0, SLOTS * 4);
  ids = 1;
}

export const NO_ROOM = -2;

/** The number of an id, -1 if it is too long, or NO_ROOM. */
@inline
export function idOf(from: usize, to: usize): i32 {
  const length = to - from;
  if (<i32>length > ID_BYTES) return -1;
  const a = v128.and(v128.load(from), v128.load(MASKS + 32 - length));
  const b = v128.and(v128.load(from, 16), v128.load(MASKS + 48 - length));
  let hash =
    i64x2.extract_lane(a, 0) * 0x9e3779b97f4a7c15 +
    i64x2.extract_lane(a, 1) * 0xc2b2ae3d27d4eb4f +
    i64x2.extract_lane(b, 0) * 0x165667b19e3779f9 +
    i64x2.extract_lane(b, 1) * 0x27d4eb2f165667c5;
  hash = (hash ^ (hash >>> 29)) * 0x9e3779b97f4a7c15;
  let slot = <i32>(hash >>> 40);
  for (let probe = 0; probe < PROBES; probe++, slot++) {
    const entry = TABLE + (<usize>(slot & (SLOTS - 1)) << 2);
    const id = load<i32>(entry);
    const key = KEYS + <usize>id * ID_BYTES;
    if (id === 0) {
      if (ids === MAX_IDS) break;
      const added = KEYS + <usize>ids * ID_BYTES;
      v128.store(added, a);
      v128.store(added, b, 16);
      store<i32>(entry, ids);
      return ids++;
    }
    const differing = v128.or(v128.xor(v128.load(key), a), v128.xor(v128.load(key, 16), b));
    if (!v128.any_true(differing)) return id;
  }
  return NO_ROOM;
}
