import { describe, expect, test } from '@jest/globals';
import { ContentReader } from '../../../shared/flowlogs/content-reader.ts';
import type { GivenFormats } from '../../../shared/flowlogs/line-format.ts';
import { FlowLogError } from '../../../shared/flowlogs/record.ts';
import { Meter } from '../../meter.ts';

const LINE = '2 1 eni-1 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK';
const CONTROL = { messageType: 'CONTROL_MESSAGE', logEvents: [{ message: 'CWL CONTROL MESSAGE' }] };
const data = (...messages: string[]): object => ({
  messageType: 'DATA_MESSAGE',
  logGroup: 'g',
  logEvents: messages.map((message) => ({ message, timestamp: 1 })),
});
const text = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join('');
const stamped = (one: string): string => `2026-01-05T00:00:00.000Z ${one}\n`;

interface Told {
  readonly records: number[];
  readonly malformed: string[];
  readonly refused?: string;
}

function read(chunks: readonly Uint8Array[], given?: GivenFormats): Told {
  const [records, malformed]: [number[], string[]] = [[], []];
  const sink = {
    record: ({ bytes }: { bytes: number }) => records.push(bytes),
    malformed: (line: number, reason: string) => malformed.push(`${String(line)}: ${reason}`),
  };
  try {
    const reader = new ContentReader(sink, undefined, given);
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
  } catch (error) {
    if (!(error instanceof FlowLogError)) throw error;
    return { records, malformed, refused: error.message };
  }
  return { records, malformed };
}

/** Cut anywhere, it reads the same. */
function reading(content: string, given?: GivenFormats): Told {
  const bytes = Buffer.from(content);
  const whole = read([bytes], given);
  for (const size of [1, 2, 7, 30]) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    // What was handed on before it fails is void.
    const cut = read(parts, given);
    expect(whole.refused === undefined ? cut : cut.refused).toEqual(whole.refused ?? whole);
  }
  return whole;
}

describe('lines are found', () => {
  test.each<[why: string, content: string, records: number]>([
    ['as they are', `${LINE}\n${LINE}\n`, 2],
    ['a single one, without its newline', LINE, 1],
    ['behind stamps', stamped(LINE) + stamped(LINE), 2],
    ['behind stamps and blank lines', `\n \n${stamped(LINE)}\n${stamped(LINE)}`, 2],
    ['in messages', text(CONTROL, data(LINE, LINE), data(LINE)), 3],
    ['in messages behind blanks, a line each', `\n${text(data(LINE))}\r\n${text(data(LINE))}\n`, 2],
    ['in messages of a flow log to Firehose', text({ message: LINE }, { message: `${LINE}\n` }), 2],
    ['in messages that have escapes and brackets', text({ a: ['"}]{[\\'], message: LINE }), 1],
    ['not in messages that have none', text(data(), CONTROL), 0],
    ['not in nothing', ' \n', 0],
  ])('%s', (_why, content, records) => {
    expect(reading(content)).toEqual({ records: new Array(records).fill(900), malformed: [] });
  });

  test('and read by the format of their group', () => {
    const short = LINE.split(' ').slice(2).join(' ');
    const fields =
      'interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(' ');
    const told = { records: [900, 900], malformed: [] };
    expect(reading(text(data(short), { ...data(LINE), logGroup: 'other' }), { ofGroups: { g: fields } })).toEqual(told);
    expect(reading(text({ message: short }, data(short)), { ofGroups: { g: fields } })).toEqual(told);
    expect(reading(stamped(short) + stamped(short), { fields })).toEqual(told);
    expect(reading(`${short}\n${short}\n`, { fields })).toEqual(told);
    const two = { g: fields, h: [...fields, 'vpc-id'] };
    expect(reading(text({ message: short }), { ofGroups: two }).refused).toContain('12 fields, not the 14');
  });
});

describe('what is none is refused, and never half read', () => {
  test.each<[why: string, content: string, message: string]>([
    ['a line of other fields', text(data(LINE, `${LINE} x`)), 'line 2 has 15 fields, not the 14 of the default format'],
    ['two lines in a message', text(data(`${LINE}\n${LINE}`)), 'line 1 has 28 fields'],
    ['a line without its stamp', stamped(LINE) + LINE.slice(2), 'line 2 has 13 fields'],
    ['a line that is too long', stamped('x'.repeat(70_000)), 'a line longer than 65536 bytes'],
    ['other JSON', text({ Records: [] }), 'JSON with neither a "message" nor "logEvents" with some: "{\\"Records'],
    ['messages that are no text', text({ ...data(), logEvents: [{ message: 5 }] }), 'JSON with neither'],
    ['no JSON', '{"message":x}', 'no JSON: '],
    [
      'an object without its end',
      text(data(LINE)).slice(0, -1),
      'its last JSON object has no end: the file is cut short',
    ],
    ['something between objects', `${text(data(LINE))},${text(data(LINE))}`, 'between JSON objects stands ","'],
    ['an application log', text({ message: 'GET / 200' }), 'no header, and line 1 has 3 fields'],
    ['nested without end', `{"a":${'['.repeat(1000)}`, 'JSON deeper than 16'],
  ])('%s', (_why, content, message) => {
    expect(reading(content).refused).toContain(message);
  });

  test('an object larger than any that AWS sends, in little room', () => {
    const meter = new Meter();
    const chunks = [Buffer.from('{"message":"'), ...new Array<Buffer>(300).fill(Buffer.alloc(2 ** 20, 'x'))];
    expect(read(chunks).refused).toContain('a JSON object of more than 16777216 bytes');
    meter.look();
    expect(meter.grownMegabytes).toBeLessThan(64);
  });
});
