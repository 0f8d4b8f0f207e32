import { describe, expect, test } from '@jest/globals';
import {
  DEFAULT_FIELDS,
  KNOWN_FIELDS,
  NEEDED_FIELDS,
  OPTIONAL_FIELDS,
  columnOfOtherLog,
  findColumns,
} from '../../../shared/flowlogs/fields.ts';
import { hasPorts } from '../../../shared/protocols.ts';
import { quoted } from '../../../shared/text/plain.ts';

describe('names', () => {
  test('the default format has 14 fields, versions 2 to 11 together 54', () => {
    expect(DEFAULT_FIELDS).toHaveLength(14);
    expect(KNOWN_FIELDS.size).toBe(14 + 7 + 4 + 4 + 10 + 1 + 1 + 1 + 12);
  });

  test('every used field is a known one, once', () => {
    const used = [...NEEDED_FIELDS, ...OPTIONAL_FIELDS];
    expect(used.filter((field) => !KNOWN_FIELDS.has(field))).toEqual([]);
    expect(new Set(used).size).toBe(used.length);
  });

  test('columns are found where they stand, optional ones or not', () => {
    const columns = findColumns(['new', ...NEEDED_FIELDS.toReversed(), 'vpc-id']);
    expect(columns).toMatchObject({ action: 1, end: 2, 'interface-id': 11, 'vpc-id': 12, 'tcp-flags': -1 });
  });

  test('a header is of another kind of log by a column of such logs, and not where it names an interface', () => {
    expect(columnOfOtherLog(['version', 'resource-type', 'tgw-id'])).toBe('resource-type');
    expect(columnOfOtherLog(['version', 'interface-id', 'resource-type'])).toBeUndefined();
    expect(columnOfOtherLog(['version', 'srcaddr'])).toBeUndefined();
  });

  test.each([
    [6, true],
    [17, true],
    [0, false],
    [1, false],
    [16, false],
    [58, false],
    [132, false],
  ])('protocol %i has ports: %s', (protocol, ports) => {
    expect(hasPorts(protocol)).toBe(ports);
  });
});

describe('a value in a message', () => {
  test.each<[value: string, shown: string, why: string]>([
    ['', '""', 'nothing'],
    ['a"b\\', '"a\\"b\\\\"', 'quotes'],
    ['x'.repeat(40), `"${'x'.repeat(40)}"`, 'as long as may be'],
    ['x'.repeat(41), `"${'x'.repeat(40)}…"`, 'one more'],
    ['\x1b[31m\n\0', '"\\u001b[31m\\n\\u0000"', 'control characters'],
    ['\x7f\x80\x9b\x9f', '"\\u007f\\u0080\\u009b\\u009f"', 'those of eight bits'],
    ['\u202e\u2066\u200f', '"\\u202e\\u2066\\u200f"', 'those that turn text around'],
    ['\xa0é日', '"\xa0é日"', 'letters stay'],
    [`${'x'.repeat(39)}😀`, `"${'x'.repeat(39)}\\ud83d…"`, 'a character cut in half is escaped'],
  ])('%j → %s (%s)', (value, shown) => {
    expect(quoted(value)).toBe(shown);
  });
});
