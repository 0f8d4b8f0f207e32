import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { DEFAULT_FIELDS, NEEDED_FIELDS } from '../../../shared/flowlogs/fields.ts';
import { readParquet } from '../../../shared/flowlogs/read-parquet.ts';
import { Random } from '../../oracle/random.ts';
import { readLines, readRows } from './outcome.ts';
import { doctored, parquetOf, type Form } from './parquet-of.ts';
import { randomLine } from './random-lines.ts';

// Other programs may have the processor.
jest.setTimeout(60_000);

const FOLDER = join(import.meta.dirname, '../../fixtures/flow-logs');
const fieldsOf = (text: string): string[] => text.trim().split(/\s+/);

describe('the same rows read the same as text and as Parquet', () => {
  const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP'] as const;
  const INTEGERS = ['aws', 'INT32', 'INT64', 'STRING'] as const;
  const forms = CODECS.flatMap((codec) =>
    INTEGERS.flatMap((integers) =>
      (['null', 'dash'] as const).flatMap((absent) =>
        [1, 3, 1000].map((rowGroupSize): Form => ({ codec, integers, absent, rowGroupSize })),
      ),
    ),
  );
  const samples = readdirSync(FOLDER).filter((name) => /^(awsdocs|flowlogs-reader_v5).*\.log$/.test(name));

  test.each(samples)('%s, in every form', async (sample) => {
    const lines = readFileSync(join(FOLDER, sample), 'utf8').split('\n');
    const rows = lines.map(fieldsOf).filter((row, _, [header]) => row.length === header!.length);
    const asText = readLines(rows.map((row) => row.join(' ')).join('\n'));
    expect(asText).toMatchObject({ malformed: [], records: { length: rows.length - 1 } });
    expect(forms).toHaveLength(72);
    for (const form of forms) {
      expect({ form, outcome: await readRows(parquetOf(rows, form)) }).toEqual({ form, outcome: asText });
    }
  });

  test('spoiled rows too, with the same reasons', async () => {
    const random = new Random(20260102);
    const rows = Array.from({ length: 5000 }, () => randomLine(random))
      .filter((line) => /^[\t\r\0\x20-\x7e]*$/.test(line))
      .map((line) => line.split(/[\t\r\0 ]+/).filter((field) => field !== ''))
      .filter((row) => row.length === DEFAULT_FIELDS.length);
    const asText = readLines(rows.map((row) => row.join(' ')).join('\n')) as { malformed: string[]; records: string[] };
    expect(asText.malformed.length).toBeGreaterThan(800);
    expect(asText.records.length).toBeGreaterThan(1600);
    const form: Form = { integers: 'STRING', rowGroupSize: 777 };
    expect(await readRows(parquetOf([DEFAULT_FIELDS, ...rows], { ...form, absent: 'dash' }))).toEqual(asText);
    expect(await readRows(parquetOf([DEFAULT_FIELDS, ...rows], { ...form, absent: 'null' }))).toEqual(asText);
  });
});

const READ = 'eni-1 ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160';

/** One row as AWS types it; changes replace a column, `undefined` leaves it out. */
function columnsOf(changes: Record<string, Partial<ColumnSource> | undefined> = {}): ColumnSource[] {
  const columns: Record<string, Partial<ColumnSource> | undefined> = {
    interface_id: { data: ['eni-1'] },
    srcaddr: { data: ['10.0.0.1'] },
    dstaddr: { data: ['10.0.0.2'] },
    srcport: { data: [40_000], type: 'INT32' },
    dstport: { data: [22], type: 'INT32' },
    protocol: { data: [6], type: 'INT32' },
    packets: { data: [9n], type: 'INT64' },
    bytes: { data: [900n], type: 'INT64' },
    start: { data: [100n], type: 'INT64' },
    end: { data: [160n], type: 'INT64' },
    action: { data: ['ACCEPT'] },
    log_status: { data: ['OK'] },
    ...changes,
  };
  return Object.entries(columns).flatMap(([name, column]) =>
    column ? [{ name, type: 'STRING', nullable: true, data: [], ...column }] : [],
  );
}
const read = async (columnData: ColumnSource[]) => readRows(new Uint8Array(parquetWriteBuffer({ columnData })));

describe('values', () => {
  test.each<[why: string, changes: Record<string, Partial<ColumnSource>>, instead: Record<string, string>]>([
    ['all as AWS writes it', {}, {}],
    ['2^53 - 1 packets', { packets: { data: [2n ** 53n - 1n], type: 'INT64' } }, { '9p': '9007199254740991p' }],
    ['ports as text', { dstport: { data: ['0022'] } }, {}],
    ['whole numbers stored as floating point', { bytes: { data: [900], type: 'DOUBLE' } }, {}],
    ['a column that must not be null', { srcaddr: { data: ['10.0.0.1'], nullable: false } }, {}],
    ['flags', { tcp_flags: { data: [18], type: 'INT32' } }, { '160': '160 flags=18' }],
    ['flags of 0 are not absent', { tcp_flags: { data: [0], type: 'INT32' } }, { '160': '160 flags=0' }],
    ['flags that are null', { tcp_flags: { data: [null], type: 'INT32' } }, {}],
    ['a direction', { flow_direction: { data: ['egress'] } }, { '160': '160 egress' }],
    ['an unknown direction', { flow_direction: { data: ['up'] } }, {}],
    ['an empty text', { interface_id: { data: [''] }, vpc_id: { data: [''] } }, { 'eni-1': '-' }],
    ['an interface that is null', { interface_id: { data: [null] } }, { 'eni-1': '-' }],
    ['an unknown status', { log_status: { data: ['BROKEN'] } }, {}],
    ['a status that is null', { log_status: { data: [null] } }, {}],
    [
      'an empty window',
      { log_status: { data: ['NODATA'] }, srcaddr: { data: [null] } },
      { [READ]: 'eni-1 NODATA 100..160' },
    ],
    [
      'packet addresses',
      { pkt_srcaddr: { data: ['::1'] }, pkt_dstaddr: { data: [null] } },
      { '160': '160 packet=::1>-' },
    ],
    ['a VPC', { vpc_id: { data: ['vpc-1'] } }, { '160': '160 vpc-1' }],
    ['a time of the calendar', { end: { data: [new Date(160_999)], type: 'TIMESTAMP' } }, {}],
    ['flags that are none', { tcp_flags: { data: [65_536], type: 'INT32' } }, {}],
    ['a packet address that is none', { pkt_srcaddr: { data: ['10.0.0'] } }, {}],
    ['NaN, as data frames write what is absent', { tcp_flags: { data: [Number.NaN], type: 'DOUBLE' } }, {}],
    [
      'what has no interface, by its own id',
      { interface_id: { data: [null] }, resource_id: { data: ['nat-1'] } },
      { 'eni-1': '-', '160': '160 resource=nat-1' },
    ],
    ['what has one, by that', { resource_id: { data: ['eni-1'] } }, {}],
    ['an id longer than any', { vpc_id: { data: ['v'.repeat(129)] } }, {}],
    [
      'a gap whose times are none',
      {
        log_status: { data: ['SKIPDATA'] },
        start: { data: [-1n], type: 'INT64' },
        end: { data: [160n], type: 'INT64' },
      },
      { [READ]: 'eni-1 SKIPDATA 160..160' },
    ],
  ])('%s', async (_why, changes, instead) => {
    let expected = READ;
    for (const [from, to] of Object.entries(instead)) expected = expected.replace(from, to);
    expect(await read(columnsOf(changes))).toEqual({ records: [expected], malformed: [] });
  });

  const MOST = '9007199254740991';
  test.each<[why: string, changes: Record<string, Partial<ColumnSource>>, reason: string]>([
    [
      '2^53 packets',
      { packets: { data: [2n ** 53n], type: 'INT64' } },
      `packets "9007199254740992" is out of range (0 to ${MOST})`,
    ],
    [
      '2^53 + 1 bytes',
      { bytes: { data: [2n ** 53n + 1n], type: 'INT64' } },
      `bytes "9007199254740993" is out of range (0 to ${MOST})`,
    ],
    [
      '2^63 - 1 bytes',
      { bytes: { data: [2n ** 63n - 1n], type: 'INT64' } },
      `bytes "9223372036854775807" is out of range (0 to ${MOST})`,
    ],
    ['negative bytes', { bytes: { data: [-1n], type: 'INT64' } }, 'bytes "-1" is not a number'],
    ['a negative port', { srcport: { data: [-1], type: 'INT32' } }, 'srcport "-1" is not a number'],
    [
      'a port too large',
      { dstport: { data: [65_536], type: 'INT32' } },
      'dstport "65536" is out of range (0 to 65535)',
    ],
    ['a fraction', { bytes: { data: [900.5], type: 'DOUBLE' } }, 'bytes "900.5" is not a number'],
    ['a number too large for a double', { bytes: { data: [1e22], type: 'DOUBLE' } }, 'bytes "1e+22" is not a number'],
    ['a port that is null', { srcport: { data: [null], type: 'INT32' } }, 'srcport "-" is not a number'],
    ['NaN where a number is needed', { bytes: { data: [Number.NaN], type: 'DOUBLE' } }, 'bytes "-" is not a number'],
    [
      'an id longer than any',
      { interface_id: { data: ['e'.repeat(129)] } },
      `interface-id "${'e'.repeat(40)}…" is too long (more than 128 characters)`,
    ],
    ['an end that is null', { end: { data: [null], type: 'INT64' } }, 'end "-" is not a number'],
    ['an action that is null', { action: { data: [null] } }, 'action "-" is neither ACCEPT nor REJECT'],
    ['another action', { action: { data: ['DROP'] } }, 'action "DROP" is neither ACCEPT nor REJECT'],
    ['an address that is null', { srcaddr: { data: [null] } }, 'srcaddr "-" is not an address'],
    ['an empty address', { srcaddr: { data: [''] } }, 'srcaddr "-" is not an address'],
    ['letters of another alphabet', { dstaddr: { data: ['１.2.3.4'] } }, 'dstaddr "１.2.3.4" is not an address'],
    [
      'text that turns around',
      { dstaddr: { data: ['\u202e1.0.0.01'] } },
      'dstaddr "\\u202e1.0.0.01" is not an address',
    ],
    [
      'the first of several reasons',
      { start: { data: [-1n], type: 'INT64' }, action: { data: ['x'] } },
      'start "-1" is not a number',
    ],
  ])('%s', async (_why, changes, reason) => {
    expect(await read(columnsOf(changes))).toEqual({ records: [], malformed: [`1: ${reason}`] });
  });

  test.each([1, 17, 47, 58])('protocol %i without ports, and a REJECT without its size', async (protocol) => {
    const absent: Partial<ColumnSource> = { data: [null], type: 'INT32' };
    const portless = columnsOf({ protocol: { data: [protocol], type: 'INT32' }, srcport: absent, dstport: absent });
    const expected = READ.replace(' 6 ', ` ${protocol} `).replace(':40000', ':0').replace(':22', ':0');
    expect(await read(portless)).toEqual(
      protocol === 17
        ? { records: [], malformed: ['1: srcport "-" is not a number'] }
        : { records: [expected], malformed: [] },
    );
    const sizeless = columnsOf({
      action: { data: ['REJECT'] },
      packets: absent,
      bytes: absent,
      reject_reason: { data: ['BPA'] },
    });
    const rejected = READ.replace('ACCEPT', 'REJECT').replace('9p 900b', '0p 0b');
    expect(await read(sizeless)).toEqual({ records: [`${rejected} reason=BPA`], malformed: [] });
  });
});

describe('a column of a type that cannot be read is refused by name', () => {
  test.each<[why: string, changes: Record<string, Partial<ColumnSource>>, message: string]>([
    [
      'a truth value',
      { protocol: { data: [true], type: 'BOOLEAN' } },
      'column "protocol" is of type BOOLEAN, and cannot be read as a number',
    ],
    [
      'an address that is a number',
      { dstaddr: { data: [167_772_161], type: 'INT32' } },
      'column "dstaddr" is of type INT32, and cannot be read as a text',
    ],
    [
      'a size that is a time of the calendar',
      { bytes: { data: [new Date(0)], type: 'TIMESTAMP' } },
      'column "bytes" is of type TIMESTAMP_MILLIS, and cannot be read as a number',
    ],
    [
      'JSON',
      { action: { data: [{ a: 1 }], type: 'JSON' } },
      'column "action" is of type JSON, and cannot be read as a text',
    ],
  ])('%s', async (_why, changes, message) => {
    expect(await read(columnsOf(changes))).toEqual({ refused: message });
  });
});

describe('a column that is no plain one is refused by name', () => {
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData: columnsOf() }));
  const IS_SOURCE = ({ name }: { readonly name: string }): boolean => name === 'srcaddr';

  test('a list', async () => {
    const list = doctored(bytes, ({ schema }) => {
      schema.find(IS_SOURCE)!.repetition_type = 'REPEATED';
    });
    expect(await readRows(list)).toEqual({ refused: 'column "srcaddr" is a list, and cannot be read as a text' });
  });

  test('a group of columns', async () => {
    const nested = doctored(bytes, ({ schema, row_groups: groups }) => {
      const at = schema.findIndex(IS_SOURCE);
      schema.splice(at, 1, { name: 'srcaddr', num_children: 1 }, { ...schema[at]!, name: 'ip' });
      for (const { meta_data: about } of groups.flatMap(({ columns }) => columns)) {
        // Statistics could not be written for a column that has no type.
        delete about?.statistics;
        if (about?.path_in_schema[0] === 'srcaddr') about.path_in_schema.push('ip');
      }
    });
    expect(await readRows(nested)).toEqual({ refused: 'column "srcaddr" is nested, and cannot be read as a text' });
  });
});

describe('columns', () => {
  test.each(NEEDED_FIELDS)('without %s the file is refused', async (field) => {
    const columns = columnsOf({ [field.replaceAll('-', '_')]: undefined });
    expect(await read(columns)).toEqual({ refused: `not a VPC flow log: no column "${field}"` });
  });

  test('tell of skipped records where there is a status', async () => {
    const sink = { record: () => undefined, malformed: () => undefined };
    const tells = async (columnData: ColumnSource[]): Promise<boolean> => {
      const bytes = parquetWriteBuffer({ columnData });
      const slice = (from: number, to?: number) => Promise.resolve(bytes.slice(from, to));
      return (await readParquet({ byteLength: bytes.byteLength, slice }, sink)).tellsGaps;
    };
    expect(await tells(columnsOf())).toBe(true);
    expect(await tells(columnsOf({ log_status: undefined }))).toBe(false);
  });

  test('stand in any order, between others', async () => {
    const others: ColumnSource[] = [
      { name: 'not_yet_invented', data: [1.5], type: 'DOUBLE' },
      { name: 'region', data: [null], type: 'STRING', nullable: true },
    ];
    expect(await read([others[0]!, ...columnsOf().reverse(), others[1]!])).toEqual({ records: [READ], malformed: [] });
  });

  test('a used one must not stand twice, whichever way it is written', async () => {
    const twice = columnsOf({ tcp_flags: { data: [2], type: 'INT32' }, 'tcp-flags': { data: [2], type: 'INT32' } });
    expect(await read(twice)).toEqual({ refused: 'column "tcp-flags" stands twice in the header' });
  });

  test('may be named with hyphens, and not half with hyphens and half with underscores', async () => {
    const hyphenated = columnsOf().map((column) => ({ ...column, name: column.name.replaceAll('_', '-') }));
    expect(await read(hyphenated)).toEqual({ records: [READ], malformed: [] });
    const half = columnsOf().map((column) => ({ ...column, name: column.name.replace('log_status', 'log-status') }));
    expect(await read(half)).toEqual({
      refused: 'columns are named half with "-" and half with "_" ("log-status", "interface_id")',
    });
  });

  test('absent ones keep nothing of the row before', async () => {
    const columns = columnsOf({ tcp_flags: { data: [2, null], type: 'INT32' }, pkt_srcaddr: { data: ['::1', null] } });
    const twice = columns.map((column) => {
      const [first, second = first] = Array.from<unknown>(column.data);
      return { ...column, data: [first, second] };
    });
    expect(await read(twice)).toEqual({ records: [`${READ} flags=2 packet=::1>-`, READ], malformed: [] });
  });
});

describe('row groups', () => {
  const rows = Array.from({ length: 250 }, (_, n) =>
    `2 1 eni-${n} 10.0.0.1 10.0.0.2 ${n} 22 ${n % 100 === 0 ? 256 : 6} 9 900 100 160 ACCEPT OK`.split(' '),
  );

  test.each([1, 7, 100, 249, 250])('of %i rows: every row once, in order, counted through', async (rowGroupSize) => {
    const expected = readLines(rows.map((row) => row.join(' ')).join('\n'));
    const outcome = await readRows(parquetOf([DEFAULT_FIELDS, ...rows], { rowGroupSize }));
    expect(outcome).toEqual(expected);
    for (const required of [false, true]) {
      const inPages = parquetOf([DEFAULT_FIELDS, ...rows], { rowGroupSize, pageSize: 100, required });
      expect(await readRows(inPages)).toEqual(expected);
    }
    expect(outcome).toMatchObject({
      malformed: ['1', '101', '201'].map((n) => expect.stringMatching(`^${n}: protocol`)),
    });
  });

  test('none at all', async () => {
    expect(await readRows(parquetOf([DEFAULT_FIELDS]))).toEqual({ records: [], malformed: [] });
  });
});
