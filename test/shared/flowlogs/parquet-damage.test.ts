import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { parquetMetadata, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { readParquet } from '../../../shared/flowlogs/read-parquet.ts';
import { Random } from '../../oracle/random.ts';
import { readRows } from './outcome.ts';
import { doctored, parquetOf } from './parquet-of.ts';

// Other programs may have the processor.
jest.setTimeout(60_000);

const HEADER =
  'version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const line = (id: string): string => `2 ${id} 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK`;
const read = (id: string): string => `${id} ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160`;
const ROWS = [HEADER, line('eni-1'), line('eni-2'), line('eni-3')].map((text) => text.split(' '));
const FILE = parquetOf(ROWS, { rowGroupSize: 2 });
const READ = { records: [read('eni-1'), read('eni-2'), read('eni-3')], malformed: [] };

const UNREADABLE = 'not a readable Parquet file: ';
const chunkOf = (footer: FileMetaData, column = 'srcaddr') =>
  footer.row_groups[0]!.columns.find((chunk) => chunk.meta_data!.path_in_schema[0] === column)!.meta_data!;

/** With other bytes behind the first place where the pattern stands. */
function patched(file: Uint8Array, behind: string, bytes: number[]): Uint8Array {
  const copy = Buffer.from(file);
  const at = copy.lastIndexOf(behind, undefined, 'latin1');
  expect(at).toBeGreaterThan(0);
  copy.set(bytes, at + behind.length);
  return copy;
}

test('as it was written, the file is read', async () => {
  expect(await readRows(FILE)).toEqual(READ);
  expect(await readRows(doctored(FILE, () => {}))).toEqual(READ);
});

describe('refused', () => {
  test('cut short anywhere', async () => {
    for (let length = 0; length < FILE.length; length++) {
      const outcome = await readRows(FILE.subarray(0, length));
      expect({ length, outcome }).toEqual({ length, outcome: { refused: expect.stringContaining(UNREADABLE) } });
    }
  });

  test.each<[why: string, file: Uint8Array]>([
    ['an empty file', Buffer.of()],
    ['its mark alone', Buffer.from('PAR1')],
    ['its mark twice', Buffer.from('PAR1PAR1')],
    ['a text', Buffer.from(`${HEADER}\n${line('eni-1')}\n`)],
    ['Parquet in gzip', gzipSync(FILE)],
    [
      'junk before the mark',
      Buffer.concat([Buffer.alloc(500, 0xab), Buffer.from([100, 0, 0, 0]), Buffer.from('PAR1')]),
    ],
    [
      'a footer longer than the file',
      Buffer.concat([FILE.subarray(0, -8), Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from('PAR1')]),
    ],
    [
      'a footer of nested structures',
      Buffer.concat([Buffer.alloc(300_000, 0x1c), Buffer.from([0, 0x93, 4, 0]), Buffer.from('PAR1')]),
    ],
    [
      'a footer with a list of more elements than there are bytes',
      Buffer.concat([
        Buffer.from('PAR1'),
        Buffer.from([0x29, 0xfc, 0x80, 0x80, 0x80, 0x40, 0, 0, 8, 0, 0, 0]),
        Buffer.from('PAR1'),
      ]),
    ],
    [
      'two columns that share their bytes',
      doctored(FILE, (footer) => {
        const [, from, to] = footer.row_groups[0]!.columns.map((chunk) => chunk.meta_data!);
        to!.data_page_offset = from!.data_page_offset;
        to!.dictionary_page_offset = from!.dictionary_page_offset!;
      }),
    ],
    ['more columns than there are', patched(FILE, 'root\x15', [0x7e])],
    ['bytes behind the end', Buffer.concat([FILE, Buffer.from('\n')])],
    ['the front cut off', FILE.subarray(1)],
    ['the front cut off, but for a little', FILE.subarray(40)],
  ])('%s', async (_why, file) => {
    expect(await readRows(file)).toEqual({ refused: expect.stringContaining(UNREADABLE) });
  });

  const NOT_ITS_ROWS = 'not a readable Parquet file: the rows of its groups are not its rows';
  test.each<[why: string, change: (footer: FileMetaData) => void, message: string]>([
    ['fewer rows than its groups have', (footer) => (footer.num_rows = 2n), NOT_ITS_ROWS],
    ['more rows than its groups have', (footer) => (footer.num_rows = 4n), NOT_ITS_ROWS],
    ['a group lost', (footer) => footer.row_groups.pop(), NOT_ITS_ROWS],
    ['a group without rows', (footer) => (footer.row_groups[0]!.num_rows = 0n), NOT_ITS_ROWS],
    [
      'a group with a negative number of rows',
      (footer) => {
        footer.row_groups[0]!.num_rows = -1n;
        footer.num_rows = 0n;
      },
      NOT_ITS_ROWS,
    ],
    [
      'a group that claims more rows than its columns hold',
      (footer) => {
        footer.row_groups[1]!.num_rows = 2n;
        footer.num_rows = 4n;
      },
      `${UNREADABLE}"column interface-id: too few rows"`,
    ],
    [
      'a group that claims as many rows as there are numbers',
      (footer) => {
        footer.row_groups[1]!.num_rows = 2n ** 52n;
        footer.num_rows = 2n ** 52n + 2n;
      },
      NOT_ITS_ROWS,
    ],
    [
      'a group of more than a gigabyte',
      (footer) => (footer.row_groups[0]!.total_byte_size = 1024n ** 3n + 1n),
      'a row group of 1073741825 bytes: not a VPC flow log',
    ],
    [
      'a column that lies behind the end',
      (footer) => {
        chunkOf(footer).data_page_offset = BigInt(FILE.length);
        delete chunkOf(footer).dictionary_page_offset;
      },
      `${UNREADABLE}"a part lies outside of the file"`,
    ],
    [
      'a column that lies before the start',
      (footer) => {
        chunkOf(footer).data_page_offset = -100n;
        delete chunkOf(footer).dictionary_page_offset;
      },
      `${UNREADABLE}"a part lies outside of the file"`,
    ],
    ['a column lost from a group', (footer) => footer.row_groups[0]!.columns.splice(2, 1), UNREADABLE],
    [
      'a compression nobody knows',
      (footer) => (chunkOf(footer).codec = 'LZO'),
      `${UNREADABLE}"column srcaddr: parquet unsupported`,
    ],
    [
      'another compression than it says: ZSTD',
      (footer) => (chunkOf(footer).codec = 'ZSTD'),
      `${UNREADABLE}"column srcaddr: invalid zstd data"`,
    ],
    ['another compression than it says: GZIP', (footer) => (chunkOf(footer).codec = 'GZIP'), UNREADABLE],
    ['a column of another file', (footer) => (footer.row_groups[0]!.columns[2]!.file_path = '../x'), UNREADABLE],
    [
      'control characters in a name reach no terminal',
      (footer) => {
        chunkOf(footer).path_in_schema.push('\x1b[2J\x9b');
        delete chunkOf(footer).statistics;
      },
      'srcaddr,\\u001b[2J\\u009b"',
    ],
  ])('%s', async (_why, change, message) => {
    expect(await readRows(doctored(FILE, change))).toEqual({ refused: expect.stringContaining(message) });
  });

  test('or read, but never anything else: a few bytes flipped anywhere', async () => {
    const random = new Random(20260105);
    const outcomes = { read: 0, refused: 0 };
    for (let turn = 0; turn < 1500; turn++) {
      const copy = Uint8Array.from(FILE);
      for (let flips = 1 + (turn % 3); flips > 0; flips--)
        copy[random.between(0, copy.length - 1)]! ^= 1 << random.between(0, 7);
      // Whatever is no refusal rises, and fails the test.
      outcomes['refused' in (await readRows(copy)) ? 'refused' : 'read']++;
    }
    expect(outcomes.refused).toBeGreaterThan(300);
    expect(outcomes.read).toBeGreaterThan(100);
  });

  test('a gigabyte exactly is not too large', async () => {
    const file = doctored(FILE, (footer) => (footer.row_groups[0]!.total_byte_size = 1024n ** 3n));
    expect(await readRows(file)).toEqual(READ);
  });
});

describe('a file with checksums', () => {
  const fixture = (version: number): Uint8Array =>
    readFileSync(join(import.meta.dirname, `../../fixtures/flow-logs/pyarrow_v${version}_checksums.parquet`));

  test.each([1, 2])('of pages of version %p: with any bit flipped it is refused, or says the same', async (version) => {
    const file = fixture(version);
    const right = await readRows(file);
    expect(right).toHaveProperty('records.length', 8);
    const outcomes = { same: 0, refused: 0 };
    const footerAt = file.length - 8 - parquetMetadata(file).metadata_length;
    // Every bit of the footer, and every third of the pages and their headers.
    for (let bit = 0; bit < 8 * file.length; bit += bit < 8 * footerAt ? 3 : 1) {
      const copy = Uint8Array.from(file);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      // Whatever is no refusal rises, and fails the test.
      const outcome = await readRows(copy);
      if ('refused' in outcome) outcomes.refused++;
      else {
        expect({ bit, outcome }).toEqual({ bit, outcome: right });
        outcomes.same++;
      }
    }
    expect(outcomes.refused).toBeGreaterThan(5000);
  });
});

describe('what is nobody’s fault but the source’s', () => {
  const bytes = Uint8Array.from(FILE).buffer;
  const none = { record: () => {}, malformed: () => {} };
  /** Serves so many parts, then fails. */
  const failing = (parts: number, error: Error, sync = false): AsyncBuffer => ({
    byteLength: bytes.byteLength,
    slice: (from, to) => {
      if (parts-- > 0) return bytes.slice(from, to);
      if (sync) throw error;
      return Promise.reject(error);
    },
  });

  test.each<[why: string, error: Error]>([
    ['an error with a code', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
    [
      'one without, as the AWS SDK throws',
      Object.assign(new Error('Please reduce your request rate.'), { name: 'SlowDown' }),
    ],
    ['one that says Parquet', new TypeError('parquet file invalid (footer != PAR1)')],
  ])('rises as it is: %s', async (_why, error) => {
    // A small file is fetched as one.
    for (const parts of [0]) {
      await expect(readParquet(failing(parts, error), none)).rejects.toBe(error);
      await expect(readParquet(failing(parts, error, true), none)).rejects.toBe(error);
    }
  });

  test('an error of the sink rises as it is', async () => {
    const full = new Error('disk full');
    const sink = { record: () => {}, malformed: () => {} };
    const file = failing(99, full);
    const record = (): never => {
      throw full;
    };
    await expect(readParquet(file, { ...sink, record })).rejects.toBe(full);
  });

  test('two files read at once do not mix', async () => {
    const other = parquetOf([ROWS[0]!, ...Array.from({ length: 50 }, (_, n) => line(`eni-${n}`).split(' '))], {
      rowGroupSize: 3,
    });
    const [first, second] = await Promise.all([readRows(FILE), readRows(other)]);
    expect(first).toEqual(READ);
    expect(second).toEqual({ records: Array.from({ length: 50 }, (_, n) => read(`eni-${n}`)), malformed: [] });
  });

  test('columns that are not used are not fetched', async () => {
    const wide = parquetOf(
      ROWS.map((row, n) => [n === 0 ? 'not-used' : String(n).repeat(2e6), ...row]),
      { codec: 'UNCOMPRESSED' },
    );
    let fetched = 0;
    const buffer = Uint8Array.from(wide).buffer;
    const slice = (from: number, to?: number): ArrayBuffer => {
      const part = buffer.slice(from, to);
      fetched += part.byteLength;
      return part;
    };
    const ids: string[] = [];
    await readParquet(
      { byteLength: buffer.byteLength, slice },
      { ...none, record: (record) => ids.push(record.interfaceId) },
    );
    expect(ids).toEqual(['eni-1', 'eni-2', 'eni-3']);
    expect(wide.length).toBeGreaterThan(6e6);
    expect(fetched).toBeLessThan(1e6);
  });
});
