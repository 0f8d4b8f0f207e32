import { gunzipSync, gzipSync } from 'node:zlib';

/** The least that zlib takes, and what it makes room for at a time at most: with room for a small page and no more it takes a third. */
const [LEAST_ROOM, MOST_ROOM] = [64, 256 * 1024] as const;
/** What gzip puts around what it packs, and a little more. */
const AROUND = 64;

const roomFor = (size: number): number => Math.min(Math.max(LEAST_ROOM, size), MOST_ROOM);

/** Packs a page of a Parquet file, quickly. */
export function gzipPage(page: Uint8Array): Uint8Array {
  return gzipSync(page, { level: 1, chunkSize: roomFor(page.length + AROUND) });
}

/**
 * Unpacks one; Node's zlib is several times as fast as what is written in JavaScript.
 *
 * @param size of the page; RangeError if it is larger
 */
export function gunzipPage(packed: Uint8Array, size: number): Uint8Array {
  return gunzipSync(packed, { maxOutputLength: Math.max(1, size), chunkSize: roomFor(size) });
}
