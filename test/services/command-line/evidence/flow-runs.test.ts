import { expect, test } from '@jest/globals';
import { truncate } from 'node:fs/promises';
import { FlowRuns, RunReader, type WrittenRun } from '../../../../services/command-line/evidence/flow-runs.ts';
import { ROW_BYTES } from '../../../../shared/evidence/rows/layout.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();
const WORDS = ROW_BYTES / 4;

/** Rows with these numbers, so many at a time. */
function* rows(from: number, to: number, together: number): Generator<Uint8Array> {
  const words = new Int32Array(together * WORDS);
  for (let first = from; first < to; first += together) {
    const many = Math.min(together, to - first);
    for (let i = 0; i < many * WORDS; i++) words[i] = first * WORDS + i;
    yield new Uint8Array(words.buffer, 0, many * ROW_BYTES);
  }
}

/** @param together rows asked for at a time */
function read(reader: RunReader, written: WrittenRun, together: number): number[] {
  const run = reader.rows(written);
  const into = new Uint8Array(together * ROW_BYTES);
  const words: number[] = [];
  for (let bytes = run.read(into); bytes > 0; bytes = run.read(into)) {
    words.push(...new Int32Array(into.buffer, 0, bytes / 4));
  }
  return words;
}

const counted = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) * WORDS }, (_, i) => from * WORDS + i);

test('runs come back as they were written, whole or a part of them, and the file goes', async () => {
  await folder.write({ there: '' });
  const runs = new FlowRuns(folder.path('.'));
  runs.write(rows(0, 1000, 300));
  runs.write([]);
  runs.write(rows(2000, 2500, 500));
  expect(await folder.filesIn('.')).toHaveLength(2);
  const reader = new RunReader(runs);
  const [first, none, second] = runs.runs;
  for (const together of [1, 7, 1000, 4000]) expect(read(reader, first!, together)).toEqual(counted(0, 1000));
  expect(read(reader, none!, 10)).toEqual([]);
  expect(read(reader, second!, 64)).toEqual(counted(2000, 2500));
  const from = (row: number) => (words: Int32Array) => words[0]! < row * WORDS;
  const until = (row: number) => (words: Int32Array) => words[0]! >= row * WORDS;
  expect(read(reader, reader.between(second!, from(2100), until(2103)), 2)).toEqual(counted(2100, 2103));
  expect(read(reader, reader.between(second!, from(0), until(9000)), 99)).toEqual(counted(2000, 2500));
  expect(reader.between(first!, from(2000), until(9000)).rows).toBe(0);
  expect(Array.from(reader.sample(first!, 400), (words) => words[0]! / WORDS)).toEqual([0, 400, 800]);
  reader.close();
  runs.discard();
  expect(await folder.filesIn('.')).toEqual(['there']);
});

test('a file that somebody has cut is told by its name', async () => {
  await folder.write({});
  const runs = new FlowRuns(folder.path('.'));
  runs.write(rows(0, 100, 100));
  const [name] = await folder.filesIn('.');
  await truncate(folder.path(name!), 5000);
  const reader = new RunReader(runs);
  expect(() => read(reader, runs.runs[0]!, 10)).toThrow(`${name}: it is shorter than what was written`);
  reader.close();
  runs.discard();
});
