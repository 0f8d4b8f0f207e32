import { expect, test } from '@jest/globals';
import { Interner, latin1 } from '../../../shared/flowlogs/interner.ts';

const get = (interner: Interner, text: string): string => {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  const found = interner.get(bytes, 1, bytes.length - 1);
  // The reader's buffer holds the next line a moment later.
  bytes.fill(0);
  return found;
};

test('every run of bytes is its own text, however many share a slot', () => {
  const interner = new Interner();
  const texts = Array.from({ length: 20_000 }, (_, n) => `eni-${n.toString(16)}`);
  const asked = [...texts, ...texts.toReversed(), '', 'x', ''];
  expect(asked.filter((text) => get(interner, text) !== text)).toEqual([]);
});

test('texts of one hash are told apart', () => {
  const interner = new Interner();
  // As with Java's strings, "Aa" and "BB" have one hash, and so has whatever is made of them; NUL in front adds nothing.
  const same = ['AaAa', 'AaBB', 'BBAa', 'BBBB', '\0AaAa', '\0\0AaAa'];
  for (const text of [...same, ...same.toReversed(), ...same]) expect(get(interner, text)).toBe(text);
});

test('nothing is kept of the bytes it was asked with, which the next line overwrites', () => {
  const interner = new Interner();
  const bytes = Buffer.from('AaAa');
  expect(interner.get(bytes, 0, 4)).toBe('AaAa');
  bytes.write('BBBB');
  expect(interner.get(bytes, 0, 4)).toBe('BBBB');
});

test('all bytes, and runs too long to keep', () => {
  const interner = new Interner();
  const all = latin1(
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    0,
    256,
  );
  expect(Array.from(all, (c) => c.charCodeAt(0))).toEqual(Array.from({ length: 256 }, (_, byte) => byte));
  for (const length of [63, 64, 65, 256]) {
    const text = all.slice(256 - length);
    expect(get(interner, text)).toBe(text);
    expect(get(interner, text)).toBe(text);
    expect(get(interner, `${text.slice(0, -1)}!`)).toBe(`${text.slice(0, -1)}!`);
  }
});
