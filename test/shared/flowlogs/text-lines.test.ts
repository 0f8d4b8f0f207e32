import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_LINE_BYTES } from '../../../shared/flowlogs/lines.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { Meter, timesOrdinary } from '../../meter.ts';
import { readLines } from './outcome.ts';

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const OTHER_HEADER = 'srcaddr dstaddr srcport dstport protocol packets bytes start end action interface-id';
const line = (id: string): string => `2 1 ${id} 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK`;
const read = (id: string): string => `${id} ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160`;
/** A record of exactly so many bytes, all blanks but for its fields. */
const lineOf = (length: number, id: string): string => line(id).replace(' ', ' '.repeat(length - line(id).length + 1));

const TOO_LONG = 'the line is longer than 65536 bytes';
const OUT_OF_RANGE = 'srcport "70000" is out of range (0 to 65535)';

describe('a malformed line is told by its number', () => {
  const bad = line('eni-1').replace('40000', '70000');
  test.each<[why: string, lines: string[], malformed: number[]]>([
    ['the first after the header', [HEADER, bad, line('eni-1')], [2]],
    ['the first of a file without header', [bad, line('eni-1')], [1]],
    ['right after a blank line', [HEADER, line('eni-1'), '', bad], [4]],
    ['right after several blank lines of several kinds', [HEADER, '', ' \t', '\r', bad, '', bad], [5, 7]],
    ['blank lines before the header count', ['', '', HEADER, bad], [4]],
    ['right after a repeated header', [HEADER, bad, HEADER, bad, bad], [2, 4, 5]],
    ['right after a blank line and a header', [HEADER, '', HEADER, '', bad], [5]],
    ['the last, without its newline', [HEADER, line('eni-1'), bad], [3]],
    ['right after a long line', [HEADER, 'x'.repeat(MAX_LINE_BYTES + 1), bad], [2, 3]],
    ['right before one', [HEADER, bad, 'x'.repeat(MAX_LINE_BYTES + 1), line('eni-1')], [2, 3]],
  ])('%s', (_why, lines, numbers) => {
    const expected = numbers.map((n) => `${n}: ${lines[n - 1]!.startsWith('x') ? TOO_LONG : OUT_OF_RANGE}`);
    const records = lines.filter((text) => text === line('eni-1')).map(() => read('eni-1'));
    expect(readLines(lines.join('\n'))).toEqual({ records, malformed: expected });
  });
});

test('a blank line may be as long as any other', () => {
  const bad = line('eni-1').replace('40000', '70000');
  const text = [HEADER, ' '.repeat(MAX_LINE_BYTES), '\t'.repeat(MAX_LINE_BYTES + 1), '', bad].join('\n');
  expect(readLines(text)).toEqual({ records: [], malformed: [`3: ${TOO_LONG}`, `5: ${OUT_OF_RANGE}`] });
});

test.each([
  ['newlines', '\n'],
  ['lines of a blank', ' \n'],
])('of %s, a hundred megabytes are read in hardly any time, and counted', async (_what, text) => {
  const malformed: number[] = [];
  const reader = new TextReader({ record: () => {}, malformed: (at) => malformed.push(at) });
  const chunk = Buffer.alloc(4_000_000, text);
  reader.push(Buffer.from(`${HEADER}\n`));
  const times = await timesOrdinary(() => {
    for (let i = 0; i < 25; i++) reader.push(chunk);
  });
  // Usual is 0.4; it took ten before blank lines were passed in one go.
  expect(times).toBeLessThan(4);
  reader.push(Buffer.from('x\n'));
  expect(malformed).toEqual([2 + 100_000_000 / text.length]);
});

describe('bytes that are no text', () => {
  const junk = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte === 0x0a ? 0 : byte)).join('');

  test.each<[why: string, text: string, reason: string]>([
    ['every byte there is', junk, '1 fields instead of 14'],
    ['NUL alone between two letters', 'a\0b', '2 fields instead of 14'],
    ['UTF-8', line('eni-1').replace('ACCEPT', 'AKZEPTIÉRT'), 'action "AKZEPTI\xc9RT" is neither ACCEPT nor REJECT'],
    [
      'a line separator of Unicode ends no line',
      `${line('eni-1')}\xe2\x80\xa8${line('eni-1')}`,
      '27 fields instead of 14',
    ],
    ['nor does a carriage return', `${line('eni-1')}\r${line('eni-1')}`, '28 fields instead of 14'],
    ['a blank of Unicode is none', line('eni-1').replace('10.0.0.1 ', '10.0.0.1\xa0'), '13 fields instead of 14'],
  ])('%s in mid-file: the lines around are read', (_why, text, reason) => {
    expect(readLines([HEADER, line('eni-1'), text, line('eni-2'), ''].join('\n'))).toEqual({
      records: [read('eni-1'), read('eni-2')],
      malformed: [`3: ${reason}`],
    });
  });
});

describe('the longest line', () => {
  const file = (length: number): string => [HEADER, lineOf(length, 'eni-1'), line('eni-2')].join('\n');

  test('of 65,536 bytes is read, in one piece or in many', () => {
    const text = file(MAX_LINE_BYTES);
    const expected = { records: [read('eni-1'), read('eni-2')], malformed: [] };
    expect(readLines(text)).toEqual(expected);
    expect(readLines(...text.match(/[^]{1,1000}/g)!)).toEqual(expected);
    expect(readLines(text.slice(0, -1 - line('eni-2').length))).toEqual({ records: [read('eni-1')], malformed: [] });
  });

  test('one byte more is malformed, once, and the next line is read', () => {
    const text = file(MAX_LINE_BYTES + 1);
    const expected = { records: [read('eni-2')], malformed: [`2: ${TOO_LONG}`] };
    expect(readLines(text)).toEqual(expected);
    for (const size of [1, 7, 1000, 65_536, 65_700]) {
      expect(readLines(...text.match(new RegExp(`[^]{1,${size}}`, 'g'))!)).toEqual(expected);
    }
  });

  test('two long ones in a row, and one at the end without its newline', () => {
    const long = 'x'.repeat(200_000);
    const text = [HEADER, long, long, line('eni-1'), long].join('\n');
    const expected = { records: [read('eni-1')], malformed: [2, 3, 5].map((n) => `${n}: ${TOO_LONG}`) };
    expect(readLines(text)).toEqual(expected);
    expect(readLines(...text.match(/[^]{1,50000}/g)!)).toEqual(expected);
  });

  test('a first line longer than that is not a flow log', () => {
    const refused = `not a VPC flow log: line 1: ${TOO_LONG}`;
    expect(readLines('x'.repeat(MAX_LINE_BYTES + 1))).toEqual({ refused });
    expect(readLines(`${HEADER}${' '.repeat(MAX_LINE_BYTES)}\n${line('eni-1')}`)).toEqual({ refused });
    expect(readLines(`\n\n${'x'.repeat(70_000)}\n`)).toEqual({ refused: `not a VPC flow log: line 3: ${TOO_LONG}` });
  });
});

describe('memory', () => {
  test('a line of 1 GB is skipped in little room and time', async () => {
    const malformed: string[] = [];
    const reader = new TextReader({ record: () => {}, malformed: (at, reason) => malformed.push(`${at}: ${reason}`) });
    reader.push(Buffer.from(`${HEADER}\n`));
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const meter = new Meter();
    const times = await timesOrdinary(() => {
      for (let i = 0; i < 1024; i++) {
        reader.push(chunk);
        meter.look();
      }
    });
    reader.push(Buffer.from(`\n${line('eni-1')}\nx`));
    reader.end();
    expect(malformed).toEqual([`2: ${TOO_LONG}`, '4: 1 fields instead of 14']);
    expect(times).toBeLessThan(5);
    expect(meter.grownMegabytes).toBeLessThan(128);
  });

  test('ids as long as a line may be are no ids, and are not kept', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const kept = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    let seen = 0;
    const reader = new TextReader({ record: () => {}, malformed: () => seen++ });
    reader.push(Buffer.from(`${HEADER} vpc-id\n`));
    const before = kept();
    for (let n = 0; n < 30; n++) {
      reader.push(Buffer.from(`${line(`${n}${'x'.repeat(30_000)}`)} ${n}${'y'.repeat(30_000)}\n`));
    }
    expect(seen).toBe(30);
    expect(kept() - before).toBeLessThan(10e6);
  });
});

describe('chunks', () => {
  const lines = [
    ...[HEADER, OTHER_HEADER, '', ' \t', 'bogus line', line('eni-1'), `${line('eni-2')}\r`, `\0${line('eni-3')}`],
    line('eni-4').replace('ACCEPT', 'DENY'),
    '10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT eni-5',
    lineOf(5000, 'eni-6'),
    lineOf(MAX_LINE_BYTES, 'eni-7'),
    lineOf(MAX_LINE_BYTES + 1, 'eni-8'),
    '\xff'.repeat(MAX_LINE_BYTES * 2),
  ];
  const texts = fc
    .tuple(fc.array(fc.constantFrom(...lines), { maxLength: 12 }), fc.constantFrom('', '\n'))
    .map(([body, end]) => [HEADER, ...body].join('\n') + end);

  /** Each chunk is overwritten once it was read, as a stream's pool does. */
  function* chunksOf(text: string, cuts: readonly number[]): Generator<Uint8Array> {
    const ends = [...new Set(cuts.map((cut) => Math.floor(cut * text.length)))].sort((a, b) => a - b);
    let from = 0;
    for (const to of [...ends, text.length]) {
      const chunk = Buffer.from(text.slice(from, to), 'latin1');
      yield chunk;
      chunk.fill('\n1 ');
      from = to;
    }
  }

  const readPooled = (text: string, cuts: readonly number[]): string[] => {
    const told: string[] = [];
    const reader = new TextReader({
      record: (record) => told.push(`${record.interfaceId} ${record.sourcePort} ${record.bytes}`),
      malformed: (at, reason) => told.push(`${at}: ${reason}`),
    });
    for (const chunk of chunksOf(text, cuts)) reader.push(chunk);
    reader.end();
    return told;
  };

  test('cut anywhere, a file reads the same', () => {
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(texts, cuts, (text, at) => {
        expect(readPooled(text, at)).toEqual(readPooled(text, []));
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  test('every single cut of a small file, and every byte on its own', () => {
    const text = [
      HEADER,
      line('eni-1'),
      '',
      'bogus line',
      OTHER_HEADER,
      '10.0.0.1 10.0.0.2 1 2 6 3 4 5 6 REJECT eni-2',
    ].join('\r\n');
    const whole = readLines(text);
    expect(whole).toEqual({
      records: [read('eni-1'), 'eni-2 REJECT 6 10.0.0.1:1 > 10.0.0.2:2 3p 4b 5..6'],
      malformed: ['4: 2 fields instead of 14'],
    });
    for (let cut = 0; cut <= text.length; cut++) {
      expect(readLines(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    }
    expect(readLines(...Array.from(text))).toEqual(whole);
  });

  test('empty chunks change nothing', () => {
    expect(readLines('', HEADER, '', '\n', '', line('eni-1'), '')).toEqual({ records: [read('eni-1')], malformed: [] });
  });
});
