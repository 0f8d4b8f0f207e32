import { expect, test } from '@jest/globals';
import { runMain } from '../services/command-line/program.ts';
import { scratch } from '../services/command-line/scratch.ts';
import { CASES } from './all-cases.ts';
import { writeWorld } from './case-files.ts';
import { worldOf } from './case.ts';
import { reasonsOf } from './judge.ts';
import { abilitiesOf, runSteps } from './run-steps.ts';

const folder = scratch();
const abilities = await abilitiesOf(runMain);

for (const one of CASES) {
  const mustWait = one.history === true && !abilities.snapshots;
  const name = `${one.id} ${one.title}${mustWait ? ' [analyze takes no dated snapshots yet]' : ''}`;
  (mustWait ? test.skip : test)(name, async () => {
    const world = worldOf(one);
    await writeWorld(world, folder.path(''));
    const results = await runSteps(world, folder.path(''), runMain, abilities);
    expect(reasonsOf(world.expectations, results)).toEqual([]);
  });
}

test('no two cases have one id', () => {
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
});
