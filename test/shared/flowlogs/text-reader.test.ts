import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DEFAULT_FIELDS,
  KNOWN_FIELDS,
  LIMITS,
  NEEDED_FIELDS,
  RECOMMENDED_FIELDS,
  TRAFFIC_FIELDS,
} from '../../../shared/flowlogs/fields.ts';
import { LineReader } from '../../../shared/flowlogs/line-reader.ts';
import { MAX_LINE_BYTES } from '../../../shared/flowlogs/lines.ts';
import { FlowLogError, type RecordSink } from '../../../shared/flowlogs/record.ts';
import { MAX_IDS, TEXT_BYTES } from '../../../shared/flowlogs/scan/layout.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { dayOf } from '../../../shared/time.ts';

/*
 * TextReader reads usual lines by its scanner. Whatever the lines are and wherever chunks are cut, it must say what LineReader
 * says, which reads every line by itself.
 */

const DAY = dayOf(1_767_614_400);

/** All that a reader tells of the chunks, every field of every record, left over ones too. Each chunk is overwritten once it was read. */
function told(Reader: typeof LineReader | typeof TextReader, chunks: readonly Buffer[]): string[] {
  const events: string[] = [];
  const sink: RecordSink = {
    record: (record, line) => events.push(`${line} ${JSON.stringify(record)}`),
    malformed: (line, reason) => events.push(`${line}: ${reason}`),
  };
  const reader = new Reader(sink, { day: DAY });
  try {
    for (const chunk of chunks) {
      const copy = Buffer.from(chunk);
      reader.push(copy);
      copy.fill('\n1 ');
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof FlowLogError)) throw error;
    events.push(`refused: ${error.message}`);
  }
  return [...events, `tells gaps: ${reader.tellsGaps}`];
}

/** Cut at shares of its length. */
function cutAt(text: Buffer, shares: readonly number[]): Buffer[] {
  const cuts = shares.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => text.subarray(from, cuts[i] ?? text.length));
}

function readsTheSame(chunks: readonly Buffer[]): void {
  const [found, expected] = [told(TextReader, chunks), told(LineReader, chunks)];
  // The first difference alone: to show all of thousands would take minutes.
  const at = expected.findIndex((event, n) => event !== found[n]);
  expect({ at, event: found[at] }).toEqual({ at, event: expected[at] });
  expect(found).toHaveLength(expected.length);
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

const upTo = (most: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.nat(Math.min(most, 99_999)),
      fc.maxSafeNat().map((n) => n % (most + 1)),
      fc.constant(most),
    )
    .map(String);
const id = (kind: string): fc.Arbitrary<string> =>
  fc.oneof(fc.nat(9), fc.nat()).map((n) => `${kind}-0${n.toString(16).padStart(16, 'a')}`);
const ipv6 = fc
  .tuple(fc.array(fc.oneof(fc.nat(15), fc.nat(65_535)), { minLength: 8, maxLength: 8 }), fc.nat(7), fc.nat(7))
  .map(([groups, from, length]) => {
    const hex = groups.map((group) => group.toString(16));
    return length === 0 ? hex.join(':') : `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`;
  });
const address = fc.oneof({ weight: 4, arbitrary: fc.ipV4() }, ipv6);
const orDash = (usual: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 6, arbitrary: usual }, fc.constant('-'));

const USUAL: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'interface-id': orDash(id('eni')),
  srcaddr: address,
  dstaddr: address,
  srcport: upTo(LIMITS.srcport),
  dstport: upTo(LIMITS.dstport),
  protocol: fc.oneof(fc.constantFrom('6', '17', '1'), upTo(LIMITS.protocol)),
  packets: upTo(LIMITS.packets),
  bytes: upTo(LIMITS.bytes),
  start: upTo(LIMITS.start),
  end: upTo(LIMITS.end),
  action: fc.constantFrom('ACCEPT', 'REJECT'),
  'log-status': fc.oneof({ weight: 5, arbitrary: fc.constant('OK') }, fc.constantFrom('NODATA', 'SKIPDATA')),
  'flow-direction': fc.constantFrom('ingress', 'egress', '-'),
  'tcp-flags': orDash(upTo(LIMITS['tcp-flags'])),
  'pkt-srcaddr': orDash(address),
  'pkt-dstaddr': orDash(address),
  'reject-reason': fc.constantFrom('-', 'BPA', 'EC'),
  'vpc-id': orDash(id('vpc')),
  'account-id': orDash(fc.constantFrom('111122223333', 'unknown')),
  'resource-id': orDash(id('nat')),
};
const OTHER = fc.constantFrom('-', '5', 'IPv4', 'eu-west-1', 'subnet-0a1b2c3d4e5f60718');

/** What AWS does not write, or not there. */
const ODD = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '',
      '',
      '-',
      '--',
      '0',
      '00',
      '007',
      '+1',
      '-1',
      '1.0',
      '1e3',
      '1/',
      ':1',
      '65535',
      '65536',
      '255',
      '256',
      '99999999',
    ],
    ...[
      '100000000',
      '2147483648',
      '4294967296',
      '253402300799',
      '253402300800',
      '9007199254740991',
      '9007199254740992',
    ],
    ...['9999999999999999', '0000000000000022', '00000000000000022', '18446744073709551617', '1/2', '1:2', '\xb2'],
    ...[
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.00',
      '1..3.4',
      '.1.2.3',
      '1.2.3.',
      '1.2.3.4/',
      '1.2.3.1111',
    ],
    ...[
      '1.2.3.999',
      '1.2.3.1a',
      '255.255.255.2555',
      '::',
      '::1',
      '1::',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
    ],
    ...[
      '1:2:3:4:5:6:7::',
      '::2:3:4:5:6:7:8',
      '1:2:3:4::5:6:7:8',
      '12345::',
      '::g',
      'FE80::A',
      '::ffff:1.2.3.4',
      '1:',
      ':1:2',
    ],
    ...[
      '1:2:3:4:5:6:7:8:',
      'accept',
      'ACCEPTED',
      'ACCEP',
      'OK',
      'O',
      'OKAY',
      'NODATA',
      'SKIPDATA',
      'SKIPDATAS',
      'ACCEPT',
      'EGRESS',
    ],
    ...['egress', 'egresss', 'x', 'srcaddr', '\xef\xbb\xbf', '\xef\xbb\xbfeni-1', '\x7f', '\xff\xfe'],
  ),
  fc.constantFrom(31, 32, 33, 64, 65, 128, 129).map((length) => 'i'.repeat(length)),
);

const fields = fc.oneof(
  fc.constantFrom(DEFAULT_FIELDS, RECOMMENDED_FIELDS, [...KNOWN_FIELDS], [...KNOWN_FIELDS].sort()),
  fc.shuffledSubarray([...RECOMMENDED_FIELDS]).map((some) => [...new Set([...some, ...NEEDED_FIELDS])]),
  fc.shuffledSubarray([...KNOWN_FIELDS], { minLength: KNOWN_FIELDS.size }),
);

interface Change {
  readonly place: number;
  readonly value: string;
}

/** A row of such columns, usual but for some changes and perhaps its blanks. */
function row(columns: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record<Change>({ place: fc.nat(columns.length - 1), value: ODD });
  const changes = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(change, { maxLength: 2 }));
  const rare = (usual: string, ...odd: string[]): fc.Arbitrary<string> =>
    fc.oneof({ weight: 20, arbitrary: fc.constant(usual) }, fc.constantFrom(...odd));
  return fc
    .tuple(
      fc.tuple(...columns.map((column) => USUAL[column] ?? OTHER)),
      changes,
      rare(' ', '  ', '\t', '\0', ' \r'),
      rare('', ' ', '\xef\xbb\xbf', '\ufeff'),
      rare('', ' ', '\r', ' x', '\n', '\n \n'),
    )
    .map(([values, odd, blank, before, behind]) => {
      const written = columns.map((_, place) => odd.find((one) => one.place === place)?.value ?? values[place]!);
      return before + written.join(blank) + behind;
    });
}

/** Some rows under a header, or under none. */
const block = fields.chain((columns) =>
  fc
    .tuple(fc.boolean(), fc.array(row(columns), { maxLength: 12 }))
    .map(([isBare, rows]) => (isBare && columns === DEFAULT_FIELDS ? rows : [columns.join(' '), ...rows])),
);
const file = fc
  .tuple(fc.array(block, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '\n'))
  .map(([blocks, end]) => Buffer.from(blocks.flat().join('\n') + end, 'latin1'));

test('any lines, cut anywhere, are read as one by one', () => {
  fc.assert(
    fc.property(file, shares, (text, cuts) => {
      readsTheSame(cutAt(text, cuts));
    }),
    { numRuns: 1500, seed: 11 },
  );
});

describe('of real files', () => {
  const folder = (...parts: string[]): string => join(import.meta.dirname, '../../..', ...parts);
  const filesIn = (root: string): Buffer[] =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.log(\.gz)?$/.test(entry.name))
      .map((entry) => {
        const bytes = readFileSync(join(entry.parentPath, entry.name));
        return entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
      });
  const samples = [
    ...filesIn(folder('test/fixtures/flow-logs')),
    ...filesIn(folder('services/command-line/sample/logs')).slice(0, 20),
  ];

  test('each is read as line by line', () => {
    expect(samples.length).toBeGreaterThan(20);
    for (const sample of samples) readsTheSame([sample]);
  });

  test('with some bytes changed, lost or added, cut anywhere', () => {
    const damage = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      lost: fc.constantFrom(0, 1, 1, 2),
      put: fc.oneof(fc.constantFrom('', ' ', '\n', '\r', '-', '.', ':', '0', '9', '\t'), ODD),
    });
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(damage, { maxLength: 6 }), shares, (sample, damages, cuts) => {
        let text = sample.toString('latin1').slice(0, 20_000);
        for (const { at, lost, put } of damages) {
          const place = Math.floor(at * text.length);
          text = text.slice(0, place) + put + text.slice(place + lost);
        }
        readsTheSame(cutAt(Buffer.from(text, 'latin1'), cuts));
      }),
      { numRuns: 1000, seed: 12 },
    );
  });
});

const V5 = RECOMMENDED_FIELDS.join(' ');
const line = (changes: Readonly<Record<string, string>> = {}, columns = RECOMMENDED_FIELDS): string => {
  const usual: Readonly<Record<string, string>> = {
    version: '5',
    'account-id': '111122223333',
    'interface-id': 'eni-0badb4431ca9b75be',
    srcaddr: '198.18.6.192',
    dstaddr: '10.20.0.6',
    srcport: '50964',
    dstport: '3389',
    protocol: '6',
    packets: '4',
    bytes: '176',
    start: '1767581174',
    end: '1767581232',
    action: 'REJECT',
    'log-status': 'OK',
    'vpc-id': 'vpc-027b7666e673b2e17',
    'tcp-flags': '2',
  };
  return `${columns.map((field) => changes[field] ?? usual[field] ?? '-').join(' ')}\n`;
};
/** So that the scanner meets it: where many lines in a row are odd, it is not asked about each. */
const behindUsual = (odd: string): string => line() + odd;
const QUIET = Object.fromEntries([...TRAFFIC_FIELDS, 'tcp-flags'].map((field) => [field, '-']));
const many = (count: number, change: (n: number) => Readonly<Record<string, string>>): string =>
  Array.from({ length: count }, (_, n) => line(change(n))).join('');

describe('more than the scanner has room for', () => {
  test.each<[why: string, text: string]>([
    ['rows', many(5000, (n) => ({ srcport: String(n) }))],
    ['ids', many(3 * MAX_IDS, (n) => ({ 'interface-id': `eni-${n}`, 'vpc-id': `vpc-${n % 7}` }))],
    ['ids, again and again', many(4 * MAX_IDS, (n) => ({ 'interface-id': `eni-${n % (MAX_IDS + 10)}` }))],
    ['a line as long as its text', line() + line({ region: 'r'.repeat(TEXT_BYTES - 400) }) + line()],
    ['a longer one', line() + line({ region: 'r'.repeat(TEXT_BYTES) }) + line()],
    ['ids of 31 to 33 bytes', many(99, (n) => ({ 'interface-id': 'i'.repeat(31 + (n % 3)) }))],
  ])('%s', (_why, text) => {
    const bytes = Buffer.from(`${V5}\n${text}`);
    readsTheSame([bytes]);
    readsTheSame(cutAt(bytes, [0.001, 0.3, 0.30001, 0.7]));
  });
});

test('an empty field is none, wherever it lies', () => {
  const lines = RECOMMENDED_FIELDS.flatMap((field) =>
    Array.from({ length: 64 }, (_, n) => line({ version: '5'.repeat(n + 1), [field]: '' })),
  );
  readsTheSame([Buffer.from(`${V5}\n${lines.map(behindUsual).join('')}`)]);
});

test('a dash is absent where a field may be, and an error where not', () => {
  const kinds = ['6', '17', '1', '0'].flatMap((protocol) =>
    ['ACCEPT', 'REJECT'].map((action) => ({ protocol, action })),
  );
  const lines = kinds.flatMap((kind) => RECOMMENDED_FIELDS.map((field) => line({ ...kind, [field]: '-' })));
  readsTheSame([Buffer.from(`${V5}\n${lines.map(behindUsual).join('')}`)]);
});

test.each([
  ['a line', ''],
  ['a line that is too long', 'r'.repeat(MAX_LINE_BYTES)],
])('of %s what is left behind a cut is no line, though it could be one', (_what, before) => {
  const columns = ['region', ...RECOMMENDED_FIELDS.filter((field) => field !== 'region')];
  const one = line({ region: 'eu-west-1' }, columns);
  const text = Buffer.from(`${columns.join(' ')}\n${before}${one}${one}`);
  for (let cut = text.length - 2 * one.length; cut < text.length; cut++) {
    readsTheSame([text.subarray(0, cut), text.subarray(cut)]);
  }
});

test('what AWS writes is read by the scanner, and nothing else but headers, odd lines and lines in two chunks is not', () => {
  const usual: readonly Readonly<Record<string, string>>[] = [
    {},
    { action: 'ACCEPT', bytes: '123456789012', packets: '98765432' },
    { protocol: '1', srcport: '0', dstport: '0' },
    { protocol: '1', srcport: '-', dstport: '-' },
    { srcaddr: '2001:db8:1234:a100:8d6e:3477:df66:f105', dstaddr: 'fe80::1' },
    { 'pkt-srcaddr': '10.0.0.1', 'pkt-dstaddr': '2001:db8::1', 'flow-direction': 'egress' },
    { packets: '-', bytes: '-', 'reject-reason': 'BPA' },
    { 'interface-id': '-', 'resource-id': 'nat-0123456789abcdef0' },
    { ...QUIET, 'log-status': 'NODATA' },
    { ...QUIET, 'log-status': 'SKIPDATA' },
  ];
  const odd = { version: ' ' };
  const bytes = Buffer.from(`${V5}\n${many(10_000, (n) => (n % 500 === 7 ? odd : usual[n % usual.length]!))}`);
  const pushed = jest.spyOn(LineReader.prototype, 'push');
  const chunks = cutAt(bytes, [0.5]);
  let records = 0;
  const reader = new TextReader({ record: () => records++, malformed: () => {} });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  const slowly = pushed.mock.calls.reduce((sum, [part]) => sum + part.length, 0);
  pushed.mockRestore();
  expect(records).toBe(10_000 - 20);
  expect(slowly).toBeLessThan(V5.length + (20 + 3) * line().length);
  readsTheSame(chunks);
});

test('a sink may read another file', () => {
  const text = Buffer.from(`${V5}\n${many(300, (n) => ({ srcport: String(n) }))}`);
  const inner = Buffer.from(`${V5}\n${line({ srcport: '7' })}`);
  const ports: number[] = [];
  const reader = new TextReader({
    record: (record) => {
      new TextReader({ record: () => {}, malformed: () => {} }).push(inner);
      ports.push(record.sourcePort);
    },
    malformed: () => {},
  });
  reader.push(text);
  expect(ports).toEqual(Array.from({ length: 300 }, (_, n) => n));
});
