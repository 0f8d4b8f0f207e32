// Costs about 20 seconds.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { localLogFile, stateOf } from '../../services/command-line/files/log-files.ts';
import { foldFiles } from '../../services/reconcile-usage/fold-files.ts';
import { layOut } from '../../services/reconcile-usage/local-logs.ts';
import { formatAddress } from '../../shared/addresses/address.ts';
import type { FoldedRow } from '../../shared/flowlogs/folded-record.ts';
import { FoldedReader } from '../../shared/flowlogs/read-folded.ts';
import { readLog } from '../../shared/flowlogs/read-log.ts';
import type { FlowRecord } from '../../shared/flowlogs/record.ts';
import { dayOf } from '../../shared/time.ts';
import { runMain } from '../services/command-line/program.ts';
import { INVENTORY } from '../services/command-line/small-account.ts';
import { scratch } from '../services/command-line/scratch.ts';
import { foldedInDuckDb } from '../services/reconcile-usage/sql/folded-in-duckdb.ts';
import { formatOf, removeScratchFolders, scratchFolder } from '../services/reconcile-usage/sql/laid-files.ts';

/*
 * One reading of a file: what the reader says of it, which the stream and `analyze` rest on, the query of the night says as
 * well, or both refuse it in the same words.
 */
jest.setTimeout(120_000);
const folder = scratch('block');
afterAll(removeScratchFolders);

const DAY = Date.UTC(2026, 0, 5) / 86_400_000;
const MIDNIGHT = DAY * 86_400;
const NAMED = '111122223333_vpcflowlogs_eu-west-1_fl-0a_20260105T2355Z_0000abcd.log';
const FIELDS = (
  'interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status ' +
  'tcp-flags pkt-srcaddr vpc-id'
).split(' ');
type Row = Readonly<Record<string, string>>;

const USUAL: Row = {
  'interface-id': 'eni-1',
  srcaddr: '203.0.113.9',
  dstaddr: '10.0.0.1',
  srcport: '50000',
  dstport: '443',
  protocol: '6',
  packets: '10',
  bytes: '840',
  start: String(MIDNIGHT + 600),
  end: String(MIDNIGHT + 659),
  action: 'ACCEPT',
  'log-status': 'OK',
  'tcp-flags': '2',
  'pkt-srcaddr': '-',
  'vpc-id': 'vpc-1',
};
const QUIET: Row = Object.fromEntries(
  'srcaddr dstaddr srcport dstport protocol packets bytes action tcp-flags'.split(' ').map((field) => [field, '-']),
);
const row = (changes: Row = {}): Row => ({ ...USUAL, ...changes });

/** What nobody but a hostile or a careless writer puts into a flow log; one usual row is always there. */
const HOSTILE: readonly (readonly [why: string, rows: readonly Row[]])[] = [
  ['as AWS has them', [row(), row({ action: 'REJECT' }), row({ ...QUIET, 'log-status': 'NODATA' })]],
  [
    'a status decides, whatever the other fields hold',
    [
      row(),
      row({ 'log-status': 'SKIPDATA', srcport: '99999', protocol: '-1', action: 'x' }),
      row({ 'log-status': 'NODATA', srcaddr: 'nobody', packets: '-' }),
    ],
  ],
  [
    'times that are none are those of the file',
    [
      row(),
      row({ 'log-status': 'SKIPDATA', start: `${MIDNIGHT + 600}000`, end: `${MIDNIGHT + 659}000` }),
      row({ 'log-status': 'NODATA', end: '-1' }),
      row({ 'log-status': 'NODATA', start: '253402300800' }),
    ],
  ],
  ['ids of 60 KB are no ids', [row(), row({ 'interface-id': 'e'.repeat(60_000) }), row({ 'vpc-id': 'v'.repeat(200) })]],
  ['what is optional and cannot be read is absent', [row({ 'tcp-flags': '70000' }), row({ 'pkt-srcaddr': '10.0.0' })]],
  [
    'numbers out of range, and addresses that are none',
    [
      row(),
      row({ dstport: '65536' }),
      row({ protocol: '256' }),
      row({ srcaddr: '10.0.0.256' }),
      row({ action: 'DROP' }),
    ],
  ],
];

const text = (rows: readonly Row[], fields = FIELDS): string =>
  [fields, ...rows.map((one) => fields.map((field) => one[field]))].map((line) => `${line.join(' ')}\n`).join('');

const SHORT = new Set(['srcport', 'dstport', 'protocol', 'tcp-flags']);
const LONG = new Set(['packets', 'bytes', 'start', 'end']);

interface Writer {
  readonly why: string;
  readonly nameOf?: (field: string) => string;
  /** Of one column, in place of AWS's own. */
  readonly columnOf?: (field: string, values: readonly (string | null)[]) => Partial<ColumnSource> | undefined;
}

function parquet(
  rows: readonly Row[],
  { nameOf = (field) => field.replaceAll('-', '_'), columnOf }: Partial<Writer> = {},
) {
  const columnData = FIELDS.map((field): ColumnSource => {
    const values = rows.map((one) => (one[field] === '-' ? null : one[field]!));
    const numbers = (): (bigint | null)[] => values.map((value) => (value === null ? null : BigInt(value)));
    const usual: Partial<ColumnSource> = SHORT.has(field)
      ? { type: 'INT32', data: numbers().map((value) => (value === null ? null : Number(value))) }
      : LONG.has(field)
        ? { type: 'INT64', data: numbers() }
        : { type: 'STRING', data: values };
    return { name: nameOf(field), nullable: true, data: [], ...usual, ...columnOf?.(field, values) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

const WRITERS: readonly Writer[] = [
  { why: 'as AWS writes it' },
  { why: 'with hyphens', nameOf: (field) => field },
  {
    why: 'with timestamps',
    columnOf: (field, values) =>
      field === 'start' || field === 'end'
        ? { type: 'TIMESTAMP', data: values.map((value) => (value === null ? null : new Date(Number(value) * 1000))) }
        : undefined,
  },
  {
    why: 'with doubles, NaN for what is absent',
    columnOf: (field, values) =>
      SHORT.has(field) || LONG.has(field)
        ? {
            type: 'DOUBLE',
            nullable: false,
            data: values.map((value) => (value === null ? Number.NaN : Number(value))),
          }
        : undefined,
  },
  {
    why: 'with texts alone',
    columnOf: (_field, values) => ({ type: 'STRING', data: [...values] }),
  },
  {
    why: 'with split byte streams',
    columnOf: (field) => (LONG.has(field) ? { encoding: 'BYTE_STREAM_SPLIT' } : undefined),
  },
];

/** Laid where nothing else is; returns its path. */
function laid(name: string, content: string | Uint8Array): string {
  const path = join(scratchFolder(), 'logs', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

type Sums = Record<string, { times: number; packets: number; bytes: number }>;

/** What counting asks of a record, but for the client's port, which the night forgets. */
function keyOf(record: FlowRecord): string {
  const { status, interfaceId, vpcId, accepted, protocol, destinationPort } = record;
  if (status !== 'OK') return `${status} ${interfaceId} ${vpcId} ${dayOf(record.end)}`;
  const packet = record.packetSource.family === 0 ? '-' : formatAddress(record.packetSource);
  const ends = [formatAddress(record.source), formatAddress(record.destination), packet];
  return [accepted, interfaceId, vpcId, protocol, destinationPort, ...ends].join(' ');
}

function add(sums: Sums, record: FlowRecord): void {
  const sum = (sums[keyOf(record)] ??= { times: 0, packets: 0, bytes: 0 });
  sum.times += record.times;
  if (record.status !== 'OK') return;
  sum.packets += record.packets;
  sum.bytes += record.bytes;
}

function ofRows(rows: readonly FoldedRow[]): { sums: Sums; malformed: number } {
  const sums: Sums = {};
  let malformed = 0;
  const reader = new FoldedReader({
    record: (record) => add(sums, record),
    malformed: ({ records }) => (malformed += records),
  });
  for (const one of rows) {
    expect(one.kind).not.toBe('header');
    reader.read(one);
  }
  return { sums, malformed };
}

async function asFolded(path: string): Promise<{ sums: Sums; malformed: number }> {
  const scratchPlace = scratchFolder();
  const rows: FoldedRow[] = [];
  const resources = { spillFolder: join(scratchPlace, 'spill'), memory: 512, threads: 1 };
  for (const each of await layOut([path], DAY, join(scratchPlace, 'laid'))) {
    for await (const some of foldFiles(each, DAY, resources)) rows.push(...some);
  }
  return ofRows(rows);
}

async function readsTheSame(path: string): Promise<{ sums: Sums; malformed: number }> {
  const sums: Sums = {};
  let malformed = 0;
  await readLog(localLogFile(path, stateOf(path)), {
    record: (record) => add(sums, record),
    malformed: () => malformed++,
  });
  const read = { sums, malformed };
  expect(await asFolded(path)).toEqual(read);
  return read;
}

describe('the night reads what the stream reads', () => {
  test.each(HOSTILE)('text: %s', async (_why, rows) => {
    const whole = await readsTheSame(laid(`${NAMED}.gz`, gzipSync(text(rows))));
    const times = Object.values(whole.sums).reduce((sum, one) => sum + one.times, 0);
    expect(times + whole.malformed).toBe(rows.length);
    expect(times).toBeGreaterThan(0);
    // A byte order mark changes nothing, packed or not.
    expect(await readsTheSame(laid(NAMED, `\ufeff${text(rows)}`))).toEqual(whole);
  });

  const texts = new Map<readonly Row[], ReturnType<typeof readsTheSame>>();
  /** Of these rows as text, read once for all writers of Parquet. */
  const asText = (rows: readonly Row[]): ReturnType<typeof readsTheSame> => {
    const read = texts.get(rows) ?? readsTheSame(laid(NAMED, text(rows)));
    texts.set(rows, read);
    return read;
  };

  test.each(HOSTILE.flatMap(([why, rows]) => WRITERS.map((writer) => [writer.why, why, writer, rows] as const)))(
    'Parquet %s: %s',
    async (_how, _why, writer, rows) => {
      const whole = await readsTheSame(laid(NAMED.replace(/log$/, 'log.parquet'), parquet(rows, writer)));
      expect(whole).toEqual(await asText(rows));
    },
  );

  test.each([
    ['whose end is a newline', '\n'],
    ['whose end is a carriage return and a newline', '\r\n'],
  ])('a line of 20 megabytes %s is one that cannot be read', async (_, end) => {
    const long = 'x'.repeat(20 * 2 ** 20);
    const lines = [
      ...text([row(), row()]).trimEnd().split('\n'),
      long,
      ...text([row()]).trimEnd().split('\n').slice(1),
    ];
    const { sums, malformed } = await readsTheSame(laid(NAMED, lines.map((line) => `${line}${end}`).join('')));
    expect([Object.values(sums).reduce((sum, { times }) => sum + times, 0), malformed]).toEqual([3, 1]);
  });

  test('a format without a status: rows without traffic are NODATA', async () => {
    const fields = FIELDS.filter((field) => field !== 'log-status');
    const rows = [row(), row({ ...QUIET }), row({ ...QUIET, packets: '1' }), row({ ...QUIET, end: 'x' })];
    const { sums, malformed } = await readsTheSame(laid(NAMED, text(rows, fields)));
    expect(sums[`NODATA eni-1 vpc-1 ${DAY}`]).toEqual({ times: 2, packets: 0, bytes: 0 });
    expect(malformed).toBe(1);
  });
});

test('the query of Athena says of a Parquet file with other names that it is another file, never that it was silent', async () => {
  const format = formatOf(FIELDS, { fileFormat: 'parquet', prefix: '', flowLogIds: ['fl-0a'] });
  const root = scratchFolder();
  const path = join(root, format.bucket, 'AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/01/05', `${NAMED}.parquet`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, parquet([row(), row()], { nameOf: (field) => `x-${field}` }));
  const rows = await foldedInDuckDb(root, format, { day: DAY });
  expect(rows.map(({ kind, records }) => [kind, records])).toEqual([['header', 2]]);
});

describe('what the stream refuses, the night refuses, in the same words', () => {
  const damaged = (): Uint8Array => {
    const file = parquet([row(), row()]);
    file.fill(0xff, 4, 40);
    return file;
  };
  const nested = (): Uint8Array =>
    parquet([row()], { columnOf: (field) => (field === 'action' ? { type: 'JSON' } : undefined) });
  test.each<[why: string, name: string, content: () => string | Uint8Array, words: RegExp]>([
    [
      'a packed file of no bytes',
      'cut.log.gz',
      () => '',
      /cut\.log\.gz: gzip data ends too early: the file is cut short/,
    ],
    ['a packed file that is cut', 'cut.log.gz', () => gzipSync(text([row()])).subarray(0, 60), /cut short/],
    [
      'no row that can be read',
      'odd.log',
      () => text([row({ end: 'x' })]),
      /odd\.log: none of its lines can be read, the first: 2: end "x"/,
    ],
    ['damaged Parquet', 'bad.parquet', damaged, /bad\.parquet: not a readable Parquet file: "column interface-id/],
    [
      'columns half with hyphens',
      'half.parquet',
      () => parquet([row()], { nameOf: (field) => (field === 'log-status' ? field : field.replaceAll('-', '_')) }),
      /half\.parquet: columns are named half with "-" and half with "_" \("log-status", "interface_id"\)/,
    ],
    [
      'a column of a type that is none',
      'type.parquet',
      nested,
      /type\.parquet: column "action" is of type JSON, and cannot be read as a text/,
    ],
    [
      'a transit gateway, named alone',
      'tgw.log',
      () => 'version resource-type account-id tgw-id\n6 TransitGateway 111122223333 tgw-0a\n',
      /tgw\.log: not a VPC flow log, but that of a transit gateway or of Cloud WAN: it has a column "resource-type"/,
    ],
    [
      'the same in Parquet',
      'tgw.parquet',
      () => new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'tgw_id', data: ['tgw-0a'], type: 'STRING' }] })),
      /tgw\.parquet: not a VPC flow log, but that of a transit gateway or of Cloud WAN: it has a column "tgw-id"/,
    ],
  ])('%s', async (_why, name, content, words) => {
    await folder.write({ ...INVENTORY, [`refused/${name}`]: content() });
    const path = folder.path(`refused/${name}`);
    const given = ['--inventory', folder.path('inventory'), '--logs', path];
    const analyzed = await runMain(['analyze', ...given, '--out', folder.path('out')]);
    const night = await runMain(['reconcile', ...given, '--day', '2026-01-05', '--out', folder.path('out')]);
    expect([analyzed.status, night.status]).toEqual([1, 1]);
    expect(analyzed.stderr).toMatch(words);
    expect(analyzed.stderr.split('\n')).toHaveLength(2);
    expect(night.stderr).toBe(analyzed.stderr);
  });
});
