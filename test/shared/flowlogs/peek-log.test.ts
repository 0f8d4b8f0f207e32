import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_FIELDS } from '../../../shared/flowlogs/fields.ts';
import { peekLog } from '../../../shared/flowlogs/peek-log.ts';
import { FlowLogError } from '../../../shared/flowlogs/record.ts';
import { parquetOf } from './parquet-of.ts';

const ROW = '2 111122223333 eni-1 10.0.0.9 10.0.0.1 50000 443 6 1 40 1768176000 1768176059 ACCEPT OK'.split(' ');
const text = (rows: number): Buffer =>
  Buffer.from([DEFAULT_FIELDS, ...Array.from({ length: rows }, () => ROW)].map((row) => `${row.join(' ')}\n`).join(''));
const parquet = (rows: number): Uint8Array => parquetOf([DEFAULT_FIELDS, ...Array.from({ length: rows }, () => ROW)]);

async function peeked(name: string, bytes: Uint8Array, most: number) {
  let [records, malformed, given] = [0, 0, 0];
  const { fields, isWhole } = await peekLog(
    {
      name,
      *chunks() {
        for (let at = 0; at < bytes.length; at += 65_536) {
          given++;
          yield bytes.subarray(at, at + 65_536);
        }
      },
      withBuffer: (read) =>
        read({ byteLength: bytes.length, slice: (from, to) => Uint8Array.from(bytes.subarray(from, to)).buffer }),
    },
    { record: () => records++, malformed: () => malformed++ },
    most,
  );
  return { records, malformed, given, isWhole, fields: [...fields].sort() };
}

const ALL = DEFAULT_FIELDS.filter((field) => field !== 'version').sort();

describe.each<[kind: string, name: string, bytes: (rows: number) => Uint8Array]>([
  ['text', 'a.log', text],
  ['gzip', 'a.log.gz', (rows) => gzipSync(text(rows))],
  ['Parquet', 'a.parquet', parquet],
])('%s', (_kind, name, bytes) => {
  test.each<[why: string, rows: number, isWhole: boolean, records: number]>([
    ['no record', 0, true, 0],
    ['fewer than are wanted', 9, true, 9],
    ['as many as are wanted', 10, true, 10],
    ['more', 11, false, 10],
  ])('%s', async (_why, rows, isWhole, records) => {
    expect(await peeked(name, bytes(rows), 10)).toMatchObject({ records, malformed: 0, isWhole, fields: ALL });
  });
});

test('of a large file no more bytes are asked for than are needed', async () => {
  expect(await peeked('a.log', text(20_000), 10)).toMatchObject({ given: 2, records: 10 });
});

test('lines that cannot be read count, and what is no flow log is refused', async () => {
  const lines = Buffer.concat([text(1), Buffer.from('no\n'.repeat(20))]);
  expect(await peeked('a.log', lines, 10)).toMatchObject({ records: 1, malformed: 9, isWhole: false });
  await expect(peeked('a.log', Buffer.from('hello\n'), 10)).rejects.toThrow(FlowLogError);
  await expect(peeked('a.log.gz', gzipSync(text(1)).subarray(0, 60), 10)).rejects.toThrow(/cut short/);
});
