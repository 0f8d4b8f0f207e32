import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { filesUnder, generated, logFiles, removeScratchFolders } from './generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(60_000);

const INT32 = ['version', 'srcport', 'dstport', 'protocol', 'tcp_flags', 'traffic_path'];
const INT64 = ['packets', 'bytes', 'start', 'end'];

describe('text and Parquet', () => {
  test('hold the same records in the same files, and the same truth', async () => {
    const options = { records: 8000, seed: 4, filesPerInterval: 1 };
    const text = await logFiles((await generated({ ...options, format: 'v5' })).out);
    const parquet = await logFiles((await generated({ ...options, format: 'parquet' })).out);
    expect(parquet.map((file) => file.path)).toEqual(text.map((file) => file.path));
    for (const [i, file] of parquet.entries()) {
      expect(file.header).toEqual(text[i]!.header);
      expect(file.records).toEqual(text[i]!.records);
      expect(file.truths).toEqual(text[i]!.truths);
    }
  });

  test('have one truth, whatever fields are shown', async () => {
    const options = { records: 1000, seed: 9 };
    const truths = [];
    for (const format of ['v2', 'v5', 'all'] as const) {
      truths.push(
        (await logFiles((await generated({ ...options, format })).out)).map((file) => [file.path, file.truths]),
      );
    }
    expect(truths[1]).toEqual(truths[0]);
    expect(truths[2]).toEqual(truths[0]);
  });

  test('Parquet has the types and the compression of AWS’s', async () => {
    const { out } = await generated({ format: 'parquet' });
    for (const path of filesUnder(join(out, 'logs'))) {
      const bytes = readFileSync(join(out, 'logs', path));
      const metadata = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      const types = Object.fromEntries(metadata.schema.slice(1).map((column) => [column.name, column.type]));
      for (const [name, type] of Object.entries(types)) {
        expect([name, type]).toEqual([
          name,
          INT32.includes(name) ? 'INT32' : INT64.includes(name) ? 'INT64' : 'BYTE_ARRAY',
        ]);
      }
      const codecs = metadata.row_groups.flatMap((group) => group.columns.map((column) => column.meta_data!.codec));
      expect(new Set(codecs)).toEqual(new Set(['GZIP']));
    }
  });
});
