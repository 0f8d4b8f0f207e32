import fc from 'fast-check';
import { LOGS, MIDNIGHT, type LogFile } from './laid-files.ts';

type Cells = Readonly<Record<string, string>>;

const oneOf = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
/** The first more often than all others together. */
const mostly = (usual: fc.Arbitrary<string>, ...odd: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: oneOf(...odd) });

const BIG = String(Number.MAX_SAFE_INTEGER);
const BEYOND = [
  '9007199254740992',
  '9223372036854775808',
  '99999999999999999999',
  '-1',
  '+5',
  '1.0',
  '0x10',
  '1e3',
  "'",
];
const ends = [
  -1, 0, 59, 180, 3599, 3600, 43_200, 43_201, 43_230, 43_231, 43_380, 43_381, 85_800, 86_399, 86_400, 90_000,
].map((second) => String(MIDNIGHT + second));
const address = mostly(oneOf('10.0.0.1', '10.0.0.2', '198.51.100.7', '2001:db8::1'), '-', '10.0.0.256', "1'2", 'é');
const packetAddress = mostly(oneOf('-', '-', '10.0.0.1', '10.9.9.9'), '10.0.0', '::1');
const port = mostly(oneOf('443', '443', '50001', '50002', '50003', '0', '0443', '65535'), '-', '65536', ...BEYOND);
const size = mostly(oneOf('1', '40', '007', BIG), '-', '0', ...BEYOND);

/** Few values each, so that records meet in connections. */
const CELLS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'interface-id': mostly(oneOf('eni-1', 'eni-2'), '-', 'eni', 'version', 'eni-1;DROP', 'é'),
  'account-id': oneOf('111122223333', 'unknown', '-'),
  'resource-id': oneOf('nat-1', '-'),
  'vpc-id': oneOf('vpc-1', '-'),
  srcaddr: address,
  dstaddr: address,
  'pkt-srcaddr': packetAddress,
  'pkt-dstaddr': packetAddress,
  srcport: port,
  dstport: port,
  protocol: mostly(oneOf('6', '6', '6', '17', '17', '1', '006'), '-', '256', ...BEYOND),
  packets: size,
  bytes: size,
  start: mostly(oneOf(...ends), '-', '253402300800', ...BEYOND),
  end: mostly(oneOf(...ends), '-', '253402300800', ...BEYOND),
  action: mostly(oneOf('ACCEPT', 'ACCEPT', 'ACCEPT', 'REJECT'), '-', 'accept', 'ACCEPTED'),
  'log-status': mostly(oneOf('OK', 'OK', '-'), 'NODATA', 'SKIPDATA', 'nodata', 'anything'),
  'tcp-flags': mostly(oneOf('-', '0', '1', '2', '3', '16', '18', '19'), '65536', ...BEYOND),
  'flow-direction': oneOf('ingress', 'egress', '-', 'Ingress'),
  'reject-reason': oneOf('-', 'BPA', 'x'),
};
const OTHER = oneOf('-', '2', 'ß', 'a,b', '"', '\\N', '\\', '{x}');

function cells(fields: readonly string[]): fc.Arbitrary<Cells> {
  return fc.record(Object.fromEntries(fields.map((field) => [field, CELLS[field] ?? OTHER])));
}

const HEADERS = ['version', 'version account-id', 'srcaddr', 'vers_ion x', 'Version', 'az-id '.repeat(300)];
const ODDITIES = [
  '',
  ' ',
  '\t\u0000 \u001f',
  '-',
  '"',
  'a',
  '\\N',
  '"a b"',
  'x'.repeat(65_537),
  'x '.repeat(32_768),
  '\u{10ffff}',
];

/** Records, most of them whole; the fields between other blanks, some too few or too many, and what is not a record. */
function line(fields: readonly string[]): fc.Arbitrary<string> {
  const whole = cells(fields).map((record) => fields.map((field) => record[field]!));
  const blanks = fc.constantFrom('  ', '\t', ' \u0000 ', '\u0001', '\u001c', '\u000b');
  return fc.oneof(
    { weight: 60, arbitrary: whole.map((parts) => parts.join(' ')) },
    { weight: 4, arbitrary: fc.tuple(whole, blanks).map(([parts, blank]) => blank + parts.join(blank) + blank) },
    { weight: 2, arbitrary: whole.map((parts) => parts.slice(1).join(' ')) },
    { weight: 2, arbitrary: whole.map((parts) => [...parts, 'more'].join(' ')) },
    { weight: 2, arbitrary: fc.constant(fields.join(' ')) },
    { weight: 1, arbitrary: fc.constantFrom(fields.toReversed().join(' '), ...HEADERS) },
    { weight: 2, arbitrary: fc.constantFrom(...ODDITIES, fields.map(() => '-').join(' ')) },
  );
}

const published = fc.constantFrom(-1, 0, 3600, 86_100, 86_399, 86_400, 100_000, 107_940, 108_000, 172_800);
const where = {
  flowLogId: fc.constantFrom(...LOGS),
  published: published.map((second) => MIDNIGHT + Math.floor(second / 60) * 60),
};

export function textFile(fields: readonly string[]): fc.Arbitrary<LogFile> {
  const text = fc
    .tuple(fc.boolean(), fc.array(line(fields), { maxLength: 60, size: 'max' }), fc.constantFrom('\n', '\n', '\r\n'))
    .map(([hasHeader, lines, end]) => [...(hasHeader ? [fields.join(' ')] : []), ...lines].join(end));
  return fc.record({ ...where, text });
}

/** What a column of integers can hold. */
const asNumber = (value: string): bigint | null => (/^-?\d{1,18}$/.test(value) ? BigInt(value) : null);
const NARROW = ['srcport', 'dstport', 'protocol', 'tcp-flags'];

const WIDE = ['packets', 'bytes', 'start', 'end'];

function cellOf(field: string, value: string): string | bigint | null {
  if (!NARROW.includes(field) && !WIDE.includes(field)) return value;
  const number = asNumber(value);
  return number !== null && (WIDE.includes(field) || number < 2n ** 31n) ? number : null;
}

export function parquetFile(fields: readonly string[]): fc.Arbitrary<LogFile> {
  const row = cells(fields).map((record) =>
    Object.fromEntries(Object.entries(record).map(([field, value]) => [field, cellOf(field, value)] as const)),
  );
  return fc.record({ ...where, rows: fc.array(row, { maxLength: 60, size: 'max' }) });
}
