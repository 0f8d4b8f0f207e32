import { expect, test } from '@jest/globals';
import { plainText } from '../../../shared/text/plain.ts';

test.each<[text: string, shown: string, why: string]>([
  ['web tier, port 443', 'web tier, port 443', 'text stays'],
  ['', '', 'nothing stays'],
  ['Zürich 東京 עברית café', 'Zürich 東京 עברית café', 'letters of any script stay'],
  ['🔥', '🔥', 'an emoji stays'],
  ['\u001b[31mred\u001b[0m', '?[31mred?[0m', 'escape sequences lose their escape'],
  ['\u009b2J', '?2J', 'so do those of one byte'],
  ['a\nb\r\nc\td', 'a?b??c?d', 'one line stays one'],
  ['a\b\u007f\u0000', 'a???', 'nothing is deleted'],
  ['\u202eabc\u2069\u200f', '?abc??', 'nothing is turned round'],
  ['\u2028\u2029\u0085', '???', 'line separators of Unicode'],
  ['\ufeffa\u200b\u00ad', '?a??', 'nothing is invisible'],
  ['\u{e0041}', '?', 'tag characters'],
  ['\ud83d', '?', 'half a pair'],
  ['\udd25\ud83d', '??', 'two halves in the wrong order'],
])('%j is shown as %j: %s', (text, shown) => {
  expect(plainText(text)).toBe(shown);
});
