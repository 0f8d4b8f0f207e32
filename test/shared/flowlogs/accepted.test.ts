import { describe, expect, test } from '@jest/globals';
import { readParquet } from '../../../shared/flowlogs/read-parquet.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import type { RecordSink } from '../../../shared/flowlogs/record.ts';
import { parquetOf } from './parquet-of.ts';

const ROWS = [
  'interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  'eni-1 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK',
  'eni-1 - - - - - - - 200 260 - SKIPDATA',
  'eni-1 - - - - - - - 300 360 - NODATA',
  'eni-1 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 REJECT OK',
];

/** Readers hand out one object: what a row does not say must not be left over from the row before. */
describe('a row without traffic is not accepted, whatever came before it', () => {
  const collected = async (read: (sink: RecordSink) => unknown): Promise<string[]> => {
    const seen: string[] = [];
    const malformed = (): void => {
      throw new Error('malformed');
    };
    await read({ record: ({ status, accepted }) => seen.push(`${status} ${accepted}`), malformed });
    return seen;
  };
  const expected = ['OK true', 'SKIPDATA false', 'NODATA false', 'OK false'];

  test('in text', async () => {
    const text = await collected((sink) => {
      const reader = new TextReader(sink);
      reader.push(new TextEncoder().encode(ROWS.join('\n')));
      reader.end();
    });
    expect(text).toEqual(expected);
  });

  test('in Parquet', async () => {
    const { buffer } = parquetOf(ROWS.map((row) => row.split(' '))).slice();
    const file = {
      byteLength: buffer.byteLength,
      slice: (from: number, to?: number) => buffer.slice(from, to),
    };
    expect(await collected((sink) => readParquet(file, sink))).toEqual(expected);
  });
});
