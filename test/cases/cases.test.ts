// Costs about half a minute: each of the situations is written as files and put through the command line.
import { expect, jest, test } from '@jest/globals';
import { runMain } from '../services/command-line/program.ts';
import { scratch } from '../services/command-line/scratch.ts';
import { CASES } from './all-cases.ts';
import { writeWorld } from './case-files.ts';
import { worldOf } from './case.ts';
import { reasonsOf } from './judge.ts';
import { runSteps } from './run-steps.ts';

/** Some write a month of several logs, and other tests run beside this one. */
jest.setTimeout(300_000);

const folder = scratch();

test.each(CASES.map((one) => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
  const world = worldOf(one);
  writeWorld(world, folder.path(''));
  const results = await runSteps(world, folder.path(''), runMain);
  expect(reasonsOf(world.expectations, results)).toEqual([]);
});

test('no two cases have one id', () => {
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
});
