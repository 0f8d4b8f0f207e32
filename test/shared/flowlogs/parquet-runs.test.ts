import { expect, test } from '@jest/globals';
import { Runs } from '../../../shared/flowlogs/parquet-runs.ts';
import { Random } from '../../oracle/random.ts';

/** One packed run. */
function packed(values: readonly number[], width: number): Uint8Array {
  let bits = 0n;
  for (const [at, value] of values.entries()) bits |= BigInt(value) << BigInt(at * width);
  const bytes = Array.from({ length: (values.length / 8) * width }, (_, at) =>
    Number((bits >> BigInt(8 * at)) & 0xffn),
  );
  return Uint8Array.of(((values.length / 8) << 1) | 1, ...bytes);
}

test.each([1, 3, 7, 8, 12, 17, 24, 25, 30, 31, 32])('numbers of %i bits are unpacked, some at a time', (width) => {
  const random = new Random(width);
  const values = Array.from({ length: 160 }, () => Math.floor(random.next() * 2 ** width));
  const repeated = [20 << 1, ...Array.from({ length: Math.ceil(width / 8) }, (_, i) => (1 >>> (8 * i)) & 0xff)];
  const bytes = Uint8Array.from([...packed(values, width), ...repeated, ...packed(values, width)].flat());
  // A header of one byte says up to 63 times eight.
  const expected = [...values, ...new Array<number>(20).fill(1), ...values];
  for (const most of [1, 5, 8, 24, 999]) {
    const runs = new Runs(bytes, 0, bytes.length, width);
    const into = new Int32Array(expected.length);
    for (let at = 0; at < into.length;) {
      const end = Math.min(into.length, at + random.between(1, most));
      runs.take(into, at, end);
      at = end;
    }
    expect(Array.from(into, (value) => value >>> 0)).toEqual(expected);
    expect(() => {
      runs.take(into, 0, 1);
    }).toThrow('a run without end');
  }
});
