import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Room for young objects that is enough: with a quarter of it `analyze` takes as long, with an eighth a twentieth longer. V8 gives up
 * to 128 MB to each thread, as more and more objects survive, and takes none back from a program that is busy: a third of the memory
 * of a long run.
 */
const ENOUGH_BYTES = 16 * 2 ** 20;
/**
 * By how much that room grows, read by V8 each time: a flag of V8, which Node does not document. See `SemiSpaceNewSpace::Grow` in
 * deps/v8/src/heap/new-spaces.cc of Node's sources, called where `Heap::ShouldResizeNewSpace` in heap.cc says so.
 * `--max-semi-space-size`, which Node documents, is read once, before a program can say anything.
 */
const NO_GROWTH = '--semi-space-growth-factor=1';
/**
 * Of Node 22 to 26: one that did not know the flag would say so on standard error. With others nothing is done, which costs memory
 * alone; `memory.test.ts` fails with a newer one.
 */
const [OLDEST_V8, NEWEST_V8] = [12, 14];
/** By which the process grew: below this, to collect is not worth its twentieth of a second. */
const MUCH_BYTES = 160 * 2 ** 20;

let isEnough = false;

/**
 * Keeps the room for young objects from growing further, in all threads of the process, once it is enough in this one: to be called
 * now and then while there is much to do. It takes a millionth of a second.
 */
export function boundYoungObjects(): void {
  if (isEnough) return;
  const room = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  isEnough = room !== undefined && room.space_size >= ENOUGH_BYTES;
  const v8 = Number.parseInt(process.versions.v8, 10);
  if (isEnough && v8 >= OLDEST_V8 && v8 <= NEWEST_V8) setFlagsFromString(NO_GROWTH);
}

/**
 * Has V8 collect all garbage of this thread, if the process grew by much: before something begins that needs room. V8 would wait until
 * there is twice or more of what is used. https://nodejs.org/api/cli.html#--expose-gc
 *
 * @param began bytes of the process at first
 * @param much bytes
 */
export function collectGarbage(began: number, much = MUCH_BYTES): void {
  if (process.memoryUsage.rss() - began < much) return;
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}
