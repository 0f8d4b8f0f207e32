import { expect, test } from '@jest/globals';
import { truncate } from 'node:fs/promises';
import { FlowRuns, RunReader } from '../../../../services/command-line/evidence/flow-runs.ts';
import { copyRow, emptyRow, rowsInOrder, type FlowRow } from '../../../../shared/evidence/flow-rows.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();

const row = (number: number): FlowRow => {
  const made = emptyRow();
  made.words.set([number, -number, 2 ** 31 - 1]);
  made.sums.set([number / 2, 2 ** 53 - number, Number.MAX_VALUE]);
  return made;
};
const byNumber = ({ words: a }: FlowRow, { words: b }: FlowRow): number => a[0]! - b[0]!;

/** 0, 3, 6 … in the first run of three. */
function* third(first: number, many: number): Generator<FlowRow> {
  for (let number = first; number < many; number += 3) yield row(number);
}

function rowsOf(runs: FlowRuns): FlowRow[] {
  const reader = new RunReader(runs);
  try {
    return copies(
      rowsInOrder(
        runs.runs.map((run) => reader.rows(run, runs.runs.length)),
        byNumber,
      ),
    );
  } finally {
    reader.close();
  }
}

function copies(rows: Iterable<FlowRow>): FlowRow[] {
  return Array.from(rows, (one) => {
    const copy = emptyRow();
    copyRow(copy, one);
    return copy;
  });
}

test('runs longer than what is read at a time come back in one order, and the file goes', async () => {
  await folder.write({ there: '' });
  const runs = new FlowRuns(folder.path('.'));
  for (const first of [1, 2, 0]) runs.write(third(first, 60_000));
  runs.write([]);
  expect(await folder.filesIn('.')).toHaveLength(2);
  const read = rowsOf(runs);
  expect(read).toHaveLength(60_000);
  expect(read.findIndex(({ words }, i) => words[0] !== i)).toBe(-1);
  for (const number of [0, 1, 16_384, 59_999]) expect(read[number]).toEqual(row(number));
  runs.discard();
  expect(await folder.filesIn('.')).toEqual(['there']);
});

test('a file that somebody has cut is told by its name', async () => {
  await folder.write({});
  const runs = new FlowRuns(folder.path('.'));
  runs.write(third(0, 300));
  const [name] = await folder.filesIn('.');
  await truncate(folder.path(name!), 5000);
  expect(() => rowsOf(runs)).toThrow(`${name}: it is shorter than what was written`);
  runs.discard();
});
