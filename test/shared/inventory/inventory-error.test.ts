import { expect, test } from '@jest/globals';
import { InventoryError } from '../../../shared/inventory/inventory-error.ts';
import { shown } from '../../../shared/text/plain.ts';

const rows: [text: string, shown: string, why: string][] = [
  ['sg-0a1b', 'sg-0a1b', 'an id'],
  ['2001:db8::/32', '2001:db8::/32', 'a CIDR'],
  ['prefix-list-entries/pl-1.json', 'prefix-list-entries/pl-1.json', 'a file'],
  ['', '""', 'nothing, visibly'],
  ['two words', '"two words"', 'where it begins and ends'],
  ['a"\\', String.raw`"a\"\\"`, 'quotes of its own'],
  ['Büro 北', '"Büro 北"', 'every language'],
  ['a\n\r\t\u0000', String.raw`"a\n\r\t\u0000"`, 'no second line'],
  ['\u001b[2J\u007f\u009b', String.raw`"\u001b[2J\u007f\u009b"`, 'no commands to a terminal'],
  ['\u2028\u202e\u200b\ufeff', String.raw`"\u2028\u202e\u200b\ufeff"`, 'nothing invisible, nothing turned round'],
  ['\u{e0041}', String.raw`"\udb40\udc41"`, 'nothing invisible beyond the first plane'],
  ['\ud800', String.raw`"\ud800"`, 'half a character'],
  ['a'.repeat(120), 'a'.repeat(120), 'long'],
  ['a'.repeat(121), `"${'a'.repeat(120)}…"`, 'too long'],
];
test.each(rows)('%j → %s (%s)', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test('the error has a name to tell it by', () => {
  expect(new InventoryError('x')).toMatchObject({ name: 'InventoryError', message: 'x' });
});
