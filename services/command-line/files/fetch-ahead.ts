import type { LogFile } from './log-files.ts';

/** Of the files that are being fetched and of the one that is read: so many bytes, and so many files. */
const AHEAD_BYTES = 64 * 2 ** 20;
const AHEAD_FILES = 16;

/**
 * The files in the same order, of which the next ones are being fetched while one is read: to ask S3 for one small object takes
 * longer than to read it. Local files pass as they are.
 */
export function* fetchedAhead<T extends LogFile>(files: Iterable<T>): Generator<T> {
  const source = files[Symbol.iterator]();
  const ahead: T[] = [];
  let bytes = 0;
  let isEnd = false;
  try {
    for (;;) {
      while (!isEnd && ahead.length < AHEAD_FILES && bytes < AHEAD_BYTES) {
        const next = source.next();
        isEnd = next.done === true;
        if (next.done === true) break;
        ahead.push(begun(next.value));
        bytes += next.value.fetch ? next.value.size : 0;
        // What need not be fetched is not taken before its turn.
        if (!next.value.fetch) break;
      }
      const file = ahead.shift();
      if (!file) return;
      yield file;
      bytes -= file.fetch ? file.size : 0;
    }
  } finally {
    source.return?.();
  }
}

/** The file, of which the bytes are on their way. */
function begun<T extends LogFile>(file: T): T {
  if (!file.fetch) return file;
  const fetched = file.fetch();
  // Whoever reads it hears of it.
  fetched.catch(() => undefined);
  return {
    ...file,
    async *chunks() {
      yield await fetched;
    },
    withBuffer: async (read) => {
      const { buffer, byteOffset, byteLength } = await fetched;
      const slice = (start: number, end = byteLength): ArrayBuffer =>
        buffer.slice(byteOffset + start, byteOffset + end) as ArrayBuffer;
      return read({ byteLength, slice });
    },
  };
}
