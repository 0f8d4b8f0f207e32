import { expect, test } from '@jest/globals';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { Cells, type Cell, type CellKind } from '../../../shared/flowlogs/parquet-cells.ts';

const KINDS = {
  number: { is: 'number', least: 0, most: 65_535 },
  address: { is: 'address', least: 0, most: 0 },
  text: { is: 'text', least: 0, most: 0 },
} as const satisfies Record<string, CellKind>;

test.each<[is: keyof typeof KINDS, text: string, cell: Cell]>([
  ['text', 'eni-1', 'eni-1'],
  ['text', '-', null],
  ['text', '--', '--'],
  ['text', '', ''],
  ['text', 'ä', 'ä'],
  ['address', '10.0.0.1', parseAddress('10.0.0.1')!],
  ['address', '2001:db8::ffff', parseAddress('2001:db8::ffff')!],
  ['address', '-', null],
  ['address', '10.0.0.256', '10.0.0.256'],
])('as it is in a file, %s %p is read', (is, text, cell) => {
  const bytes = Buffer.from(`.${text}.`);
  const cells = new Cells(KINDS[is], 2);
  cells.putBytes(1, bytes, 1, bytes.length - 1);
  expect([cells.get(0), cells.get(1), cells.get(cells.absent)]).toEqual([null, cell, null]);
});

test.each<[cell: Cell, value: number | undefined]>([
  [0, 0],
  [65_535, 65_535],
  ['443', 443],
  [7n, 7],
  [65_536, undefined],
  [-1, undefined],
  [1.5, undefined],
  ['x', undefined],
  ['', undefined],
  [2n ** 70n, undefined],
  [null, undefined],
])('the number %p is %p, and what is none is kept', (cell, value) => {
  const cells = new Cells(KINDS.number, 1);
  cells.put(0, cell);
  expect(cells.get(0)).toBe(value ?? cell);
  expect(cells.numbers[0]! >= 0).toBe(value !== undefined);
});

test('what is known of values is known of the same thing alone', () => {
  const [cells, one, other] = [new Cells(KINDS.text, 1), {}, {}];
  cells.marksFor(one, -2)[0] = 5;
  expect(cells.marksFor(one, -2)[0]).toBe(5);
  expect(cells.marksFor(other, -2)[0]).toBe(-2);
  expect(cells.marksFor(one, -2)[0]).toBe(-2);
});
