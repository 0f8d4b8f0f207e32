import { expect, test } from '@jest/globals';
import { count, figure, percent } from '../../../shared/text/numbers.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
])('%d is %s', (number, text) => {
  expect(figure(number)).toBe(text);
});

test.each([
  [0, '0 rules'],
  [1, '1 rule'],
  [2, '2 rules'],
  [1234, '1,234 rules'],
])('%d of rules are %s', (number, text) => {
  expect(count(number, 'rule')).toBe(text);
});

test.each([
  [0, '0.0 %'],
  [1, '100.0 %'],
  [0.5, '50.0 %'],
  [0.9876, '98.8 %'],
  [0.99951, '> 99.9 %'],
  [1e-9, '< 0.1 %'],
])('the share %d is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});
