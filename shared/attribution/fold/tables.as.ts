/* What tables and lists are made of. */
import { CHUNK_END, CHUNK_FIRST, CHUNK_NEXT } from './layout.ts';

/** Places of a table at first. */
export const FEWEST = 64;
const CHUNK_BYTES = 65536;
/** Where the piece begins for whoever gave it. */
const CHUNK_GIVEN = 8;

export let seed: u32 = 0;

export function setSeed(value: u32): void {
  seed = value;
}

@inline
export function mixed(hash: u32, word: u32): u32 {
  return ((hash ^ word) * 0x85ebca6b) ^ (hash >>> 15);
}

@inline
export function finished(hash: u32): u32 {
  const product = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
  return product ^ (product >>> 16);
}

export function grown(memory: usize, bytes: usize): usize {
  return memory === 0 ? heap.alloc(bytes) : heap.realloc(memory, bytes);
}

export function emptyPlaces(size: u32): usize {
  const places = heap.alloc(<usize>size << 2);
  memory.fill(places, 0, <usize>size << 2);
  return places;
}

/** A piece of memory, which begins where a line of the processor's caches does. */
function makeChunk(): usize {
  const given = heap.alloc(CHUNK_BYTES);
  const chunk = (given + 63) & ~63;
  store<usize>(chunk, 0, CHUNK_NEXT);
  store<usize>(chunk, chunk + CHUNK_FIRST, CHUNK_END);
  store<usize>(chunk, given, CHUNK_GIVEN);
  return chunk;
}

/** The last piece or, where it has no room for so many bytes, one behind it. */
export function withRoom(last: usize, bytes: usize): usize {
  if (last !== 0 && load<usize>(last, CHUNK_END) + bytes <= load<usize>(last, CHUNK_GIVEN) + CHUNK_BYTES) return last;
  const chunk = makeChunk();
  if (last !== 0) store<usize>(last, chunk, CHUNK_NEXT);
  return chunk;
}

/** So many bytes of a piece that has room for them. */
@inline
export function taken(chunk: usize, bytes: usize): usize {
  const at = load<usize>(chunk, CHUNK_END);
  store<usize>(chunk, at + bytes, CHUNK_END);
  return at;
}

export function freeChunks(first: usize): void {
  while (first !== 0) {
    const next = load<usize>(first, CHUNK_NEXT);
    heap.free(load<usize>(first, CHUNK_GIVEN));
    first = next;
  }
}
