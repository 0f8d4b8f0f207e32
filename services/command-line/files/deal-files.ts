import type { LogFileRef } from './log-files.ts';

/**
 * Packed bytes that are worth a thread of their own, some million records. A second thread takes 2 to 3 seconds of processors for
 * itself, since the program and the inventory are read once more, and the compiler begins anew; and what is alike is found in each.
 * On two processors, of which V8's own threads take a part as well, two took longer for 36 and for 65 MB, less for 152.
 */
const BYTES_A_THREAD = 48 * 2 ** 20;
/** Text shrinks by about as much. */
const PACKING = 10;

/** As they lie, or would lie if they were packed. */
export function packedBytes(files: readonly Pick<LogFileRef, 'name' | 'size'>[]): number {
  const isPacked = (name: string): boolean => name.endsWith('.gz') || name.endsWith('.parquet');
  return files.reduce((sum, { name, size }) => sum + (isPacked(name) ? size : size / PACKING), 0);
}

/** How many threads are worth their start. */
export function threadsFor(files: readonly Pick<LogFileRef, 'name' | 'size'>[], most: number): number {
  return Math.max(1, Math.min(most, files.length, Math.floor(packedBytes(files) / BYTES_A_THREAD)));
}

/** Which files are taken, in memory that threads share: one number for each file, and one that says that no more is wanted. */
export type Deal = Int32Array<SharedArrayBuffer>;

export function newDeal(files: number): Deal {
  return new Int32Array(new SharedArrayBuffer(4 * (files + 1)));
}

/** No thread takes another file. */
export function endDeal(deal: Deal): void {
  Atomics.store(deal, deal.length - 1, 1);
}

/**
 * Takes the files of one thread: the next of a run of them of its own, which are files of few days, and once those are taken the
 * last ones of others. Each is taken by one thread.
 *
 * @param thread its number, from 0
 */
export function* dealt<T extends Pick<LogFileRef, 'size'>>(
  files: readonly T[],
  deal: Deal,
  thread: number,
  threads: number,
): Generator<T> {
  const cuts = cutsOf(files, threads);
  for (let i = 0; i < threads; i++) {
    const run = (thread + i) % threads;
    const [from, until] = [cuts[run]!, cuts[run + 1]!];
    for (let n = 0; n < until - from; n++) {
      if (Atomics.load(deal, files.length) !== 0) return;
      const at = i === 0 ? from + n : until - 1 - n;
      if (Atomics.compareExchange(deal, at, 0, 1) === 0) yield files[at]!;
    }
  }
}

/** Where the run of each thread begins, and the last one ends: each has about as many bytes. */
function cutsOf(files: readonly Pick<LogFileRef, 'size'>[], threads: number): number[] {
  const all = files.reduce((sum, { size }) => sum + size, 0);
  const cuts = [0];
  let bytes = 0;
  files.forEach(({ size }, at) => {
    bytes += size;
    while (cuts.length < threads && bytes >= (all * cuts.length) / threads) cuts.push(at + 1);
  });
  while (cuts.length <= threads) cuts.push(files.length);
  return cuts;
}
