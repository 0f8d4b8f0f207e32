import { beforeEach, describe, expect, test } from '@jest/globals';
import { type FoundInterface, InterfaceFinder } from '../../../services/count-usage/find-interfaces.ts';

const id = (n: number): string => `eni-${n.toString(16).padStart(8, '0')}`;
const MINUTE = 60_000;

let now: number;
let asked: (readonly string[])[];
let failures: [message: string, interfaces: number][];
/** What AWS has. */
let existing: Set<string>;
let answer: (ids: readonly string[]) => Promise<readonly FoundInterface[]>;
let finder: InterfaceFinder;
beforeEach(() => {
  now = 1e12;
  asked = [];
  failures = [];
  existing = new Set([id(1), id(2)]);
  answer = async (ids) => ids.filter((one) => existing.has(one)).map((one) => ({ NetworkInterfaceId: one }));
  finder = new InterfaceFinder({
    describe: (ids) => {
      asked.push(ids);
      return answer(ids);
    },
    onFailure: (error, interfaces) => failures.push([(error as Error).message, interfaces]),
    now: () => now,
  });
});
const found = async (...ids: string[]): Promise<unknown[]> =>
  (await finder.find(ids)).map(({ NetworkInterfaceId }) => NetworkInterfaceId);

test('finds those that there are', async () => {
  expect(await found(id(1), id(9))).toEqual([id(1)]);
  expect(asked).toEqual([[id(1), id(9)]]);
});

test('what is not an id of an interface is never asked for', async () => {
  const odd = [
    '',
    '-',
    'eni-',
    'eni-1',
    'eni-0000000g',
    'eni-00000001\n',
    'ENI-00000001',
    `eni-${'0'.repeat(18)}`,
    'eni-*',
  ];
  expect(await found(...odd)).toEqual([]);
  expect(finder.possible([...odd, id(1), `eni-${'0'.repeat(17)}`])).toEqual([id(1), `eni-${'0'.repeat(17)}`]);
  expect(asked).toEqual([]);
});

describe('an answer is remembered', () => {
  test('that there is one: given again without a question', async () => {
    await found(id(1));
    now += 14 * MINUTE;
    expect(await found(id(1))).toEqual([id(1)]);
    expect(asked).toHaveLength(1);
  });

  test('that there is none: not asked again for 15 minutes', async () => {
    await found(id(9));
    existing.add(id(9));
    now += 15 * MINUTE - 1;
    expect(finder.possible([id(9), id(1)])).toEqual([id(1)]);
    expect(await found(id(9))).toEqual([]);
    now += 1;
    expect(finder.possible([id(9)])).toEqual([id(9)]);
    expect(await found(id(9))).toEqual([id(9)]);
    expect(asked).toHaveLength(2);
  });

  test('but no more than 10,000 of them: the oldest is asked again', async () => {
    for (let from = 0; from < 10_001; from += 200) {
      await finder.find(Array.from({ length: Math.min(200, 10_001 - from) }, (_, n) => id(100 + from + n)));
      now += 2000;
    }
    expect(finder.possible([id(100), id(101), id(10_100)])).toEqual([id(100)]);
  });
});

describe('rarely', () => {
  test('at most one question in two seconds; what was not asked is not taken for absent', async () => {
    await found(id(9));
    now += 1999;
    expect(await found(id(1))).toEqual([]);
    expect(finder.possible([id(1)])).toEqual([id(1)]);
    now += 1;
    expect(await found(id(1))).toEqual([id(1)]);
    expect(asked).toEqual([[id(9)], [id(1)]]);
  });

  test('the time of a slow answer does not count', async () => {
    answer = async () => {
      now += 5000;
      return [];
    };
    await found(id(9));
    expect(await found(id(1))).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('200 ids a question; the others have to wait', async () => {
    const ids = Array.from({ length: 250 }, (_, n) => id(n));
    expect(await found(...ids)).toEqual([id(1), id(2)]);
    now += 2000;
    await found(...ids);
    expect(asked.map(({ length }) => length)).toEqual([200, 50]);
  });
});

test('no answer is told, remembered as nothing, and asked for again', async () => {
  answer = () => Promise.reject(new Error('RequestLimitExceeded'));
  expect(await found(id(1), id(9))).toEqual([]);
  expect(failures).toEqual([['RequestLimitExceeded', 2]]);
  answer = async () => [{ NetworkInterfaceId: id(1) }];
  expect(await found(id(1))).toEqual([]);
  now += 2000;
  expect(await found(id(1))).toEqual([id(1)]);
});
