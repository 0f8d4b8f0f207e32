import { expect, test } from '@jest/globals';
import type { FlowRecord } from '../../../shared/flowlogs/record.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { Random } from '../../oracle/random.ts';
import { randomLine } from './random-lines.ts';
import { readAgain } from './second-reader.ts';

const COUNT = 20_000;

/** All that a record says: nothing but its window where the log has no data. */
function told(record: FlowRecord): string {
  const { status, interfaceId, vpcId, start, end } = record;
  return JSON.stringify(status === 'OK' ? record : { status, interfaceId, vpcId, start, end });
}

test(`${COUNT} lines, whole and spoiled, read as by a reader made of other parts`, () => {
  const random = new Random(20260101);
  const first = '2 1 eni-1 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK';
  const lines = [first, ...Array.from({ length: COUNT - 1 }, () => randomLine(random))];
  const text = Buffer.from(lines.join('\n'), 'latin1');

  const found: string[] = [];
  const reader = new TextReader({
    record: (record) => found.push(told(record)),
    malformed: (line) => found.push(`malformed: ${line}`),
  });
  for (let at = 0; at < text.length; at += 4093) reader.push(text.subarray(at, at + 4093));
  reader.end();

  const second = [...readAgain(text)];
  const expected = second.map(([line, record]) => (record ? told(record) : `malformed: ${line}`));
  const differing = second.flatMap(([line], index) =>
    found[index] === expected[index] ? [] : [{ line: lines[line - 1], found: found[index], expected: expected[index] }],
  );
  expect(differing.slice(0, 5)).toEqual([]);
  expect(found).toHaveLength(expected.length);

  // The lines are worth the comparison only while both kinds are among them, in number.
  const malformed = expected.filter((entry) => entry.startsWith('malformed')).length;
  expect(malformed).toBeGreaterThan(COUNT / 5);
  expect(expected.length - malformed).toBeGreaterThan(COUNT / 3);
});
