import { expect, test } from '@jest/globals';
import { AnswerRows } from '../../../shared/matching/answer-rows.ts';
import { KeyNumbers } from '../../../shared/matching/key-numbers.ts';
import { ListNumbers } from '../../../shared/matching/list-numbers.ts';
import { Random } from '../../oracle/random.ts';

test('keys are numbered as a map would, whatever the seed', () => {
  for (const seed of [0, 1, -77]) {
    const random = new Random(3);
    const numbers = new KeyNumbers(3, seed);
    const known = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const words = [random.between(0, 39), random.between(0, 39) - 20, random.between(0, 39) << 24];
      numbers.key.set(words);
      const name = words.join();
      const expected = known.get(name) ?? known.size;
      known.set(name, expected);
      expect(numbers.number()).toBe(expected);
      expect(words.map((_, at) => numbers.word(expected, at))).toEqual(words);
    }
    expect(numbers.size).toBe(known.size);
    numbers.clear();
    expect([numbers.size, numbers.number()]).toEqual([0, 0]);
  }
});

test('equal lists have one number, others have others, also of another kind', () => {
  const random = new Random(9);
  const numbers = new ListNumbers(1);
  const byName = new Map<string, number>();
  const byNumber = new Map<number, string>();
  for (let i = 0; i < 20_000; i++) {
    const kind = random.between(0, 2);
    const list = Array.from({ length: random.between(0, 4) }, () => random.between(0, 3) - 1);
    const number = list.reduce((before, one) => numbers.next(before, one), numbers.begin(kind));
    const name = [`kind ${String(kind)}`, ...list].join();
    expect([byName.get(name) ?? number, byNumber.get(number) ?? name]).toEqual([number, name]);
    byName.set(name, number);
    byNumber.set(number, name);
  }
});

test('a port has the answer of the last cut before it, in any of many rows', () => {
  const random = new Random(4);
  const rows = new AnswerRows();
  const made: { row: number; cuts: readonly number[] }[] = [];
  for (let i = 0; i < 400; i++) {
    const cuts = [
      0,
      ...Array.from({ length: random.between(0, 11) }, () => random.pick([random.between(0, 65_536), 80, 443, 81])),
    ];
    const wider = i % 3 === 0 ? undefined : random.pick(made);
    const row = rows.add([...cuts], wider?.row);
    rows.fill(row, (from) => i * 100_000 + from + 1);
    made.push({ row, cuts: [...cuts, ...(wider?.cuts ?? [])] });
  }
  for (const [i, { row, cuts }] of made.entries()) {
    for (const port of [0, 79, 80, 81, 442, 443, 444, 65_535, random.between(0, 65_535)]) {
      const cut = Math.max(...cuts.filter((from) => from <= port));
      expect(rows.answers[rows.placeOf(row, port)]).toBe(i * 100_000 + cut + 1);
    }
  }
});
