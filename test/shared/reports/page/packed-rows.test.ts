import { expect, test } from '@jest/globals';
import { packRows, unpackRows } from '../../../../shared/reports/page/packed-rows.ts';
import { packReport } from '../../../../shared/reports/page/packed-report.ts';
import { syntheticReport } from '../../../browser/synthetic-report.ts';

type Row = Readonly<Record<string, unknown>>;
const there = (rows: readonly Row[]): unknown => unpackRows(JSON.parse(JSON.stringify(packRows(rows))) as never);

test.each<[why: string, rows: readonly Row[]]>([
  ['none', []],
  ['no key', [{}, {}]],
  ['a key that some lack, first and last ones too', [{ a: 1 }, { b: 2 }, { a: 3, b: 4 }, { b: 5 }]],
  ['null, zero and the empty text are values', [{ a: null }, { a: 0 }, { a: '' }, {}]],
  ['objects inside, of other keys each', [{ a: { b: 1 } }, { a: { c: { d: 2 } } }, {}]],
  ['some an object and some null', [{ a: { b: 1 } }, { a: null }]],
  ['lists, empty ones too', [{ a: [] }, { a: [{ b: 1 }, 2] }]],
  ['a key called as those of the columns are', [{ columns: { columns: [], length: 1 }, absent: [0] }]],
])('%s: rows come back', (_why, rows) => {
  expect(there(rows)).toEqual(rows);
});

test('rules of a report come back', () => {
  const rules = JSON.parse(JSON.stringify(packReport(syntheticReport(40, 10)).rules)) as Row[];
  expect(there(rules)).toEqual(rules);
});
