import { describe, expect, test } from '@jest/globals';
import { CellColumn } from '../../../shared/flowlogs/parquet-cells.ts';
import { Levels, type LevelBytes } from '../../../shared/flowlogs/parquet-levels.ts';
import type { Values } from '../../../shared/flowlogs/parquet-values.ts';

/** Each level as a run of one, of at most a byte. */
function runs(levels: readonly number[]): LevelBytes {
  const bytes = Uint8Array.from(levels.flatMap((level) => [1 << 1, level]));
  return { bytes, from: 0, to: bytes.length };
}

function counting(): Values & { readonly taken: () => number } {
  let next = 0;
  return {
    cells: undefined,
    fill: (into, from, count) => {
      for (let at = from; at < from + count; at++) into.put(at, next++);
    },
    end: () => undefined,
    taken: () => next,
  };
}

const numbers = (): CellColumn => new CellColumn({ is: 'number', least: 0, most: 9 });
const cellsOf = (column: CellColumn, rows: number): unknown[] =>
  Array.from({ length: rows }, (_, row) => column.get(row));

/** Lists as Parquet has them: of each value whether it goes on with the row before it (1), and whether it is there (3). */
const LISTS: readonly (readonly [why: string, repeated: number[], there: number[], firsts: (number | null)[]])[] = [
  ['one value each', [0, 0, 0], [3, 3, 3], [0, 1, 2]],
  ['several values', [0, 1, 1, 0, 1], [3, 3, 3, 3, 3], [0, 3]],
  ['none, and a list that is none', [0, 0, 0], [0, 3, 1], [null, 0, null]],
  ['a null in a list', [0, 1, 0], [2, 3, 3], [null, 1]],
  ['a row that a page before began', [1, 1, 0, 1], [3, 2, 3, 3], [1]],
  ['no row at all', [1, 1], [3, 3], []],
];

describe('of a list the first value is that of its row', () => {
  test.each(LISTS)('%s', (_why, repeated, there, firsts) => {
    for (const size of [1, 2, firsts.length]) {
      const levels = new Levels({ definition: 3, repetition: 1 }, there.length, runs(there), runs(repeated));
      const values = counting();
      expect([levels.rows, levels.present]).toEqual([firsts.length, there.filter((level) => level === 3).length]);
      const found: unknown[] = [];
      const into = numbers();
      for (let at = 0; at < firsts.length; at += size) {
        const some = Math.min(size, firsts.length - at);
        levels.fill(values, into, some);
        found.push(...cellsOf(into, some));
      }
      levels.endList(values, into);
      expect(found).toEqual(firsts);
      expect([values.taken(), levels.isAtEnd]).toEqual([levels.present, true]);
    }
  });
});

test('a value in absent columns is absent', () => {
  const levels = new Levels({ definition: 2, repetition: 0 }, 4, runs([2, 1, 0, 2]), undefined);
  const into = numbers();
  for (let row = 0; row < 4; row++) into.put(row, 9);
  levels.fill(counting(), into, 4);
  expect(cellsOf(into, 4)).toEqual([0, null, null, 1]);
});

test('a level that cannot be is damage', () => {
  expect(() => new Levels({ definition: 2, repetition: 0 }, 1, runs([3]), undefined)).toThrow('levels that cannot be');
});
