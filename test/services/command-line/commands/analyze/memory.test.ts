/** The room for young objects stays small, whatever V8 would give: counted in bytes of it, not in those of the process. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { generated, removeScratchFolders } from '../../../generate-account/generated.ts';
import { collectGarbage } from '../../../../../services/command-line/commands/analyze/memory.ts';
import { runBin } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(60_000);
const folder = scratch('block');
const MB = 2 ** 20;
/** Half of what V8 gives, at the least, where nothing is done. */
const BOUND = 48 * MB;
let account = '';

beforeAll(async () => {
  ({ out: account } = await generated({ seed: 5, records: 5000, interfaces: 500, rules: 2000, deliveryMinutes: 60 }));
});
afterAll(removeScratchFolders);

/** @returns what is committed of the room at the end */
async function roomAfter(first = ''): Promise<number> {
  const probe = `import { getHeapSpaceStatistics } from 'node:v8';
    ${first}
    process.on('exit', () => {
      const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
      process.stderr.write(String(space.space_size));
    });`;
  await folder.write({ 'probe.mjs': probe });
  const args = ['analyze', '--inventory', join(account, 'inventory'), '--logs', join(account, 'logs')];
  const { status, stderr } = await runBin([...args, '--out', folder.path('out'), '--threads', '1'], {
    environment: { NODE_OPTIONS: `--import ${folder.path('probe.mjs')}` },
  });
  expect([status, stderr]).toEqual([0, expect.stringMatching(/^\d+$/)]);
  return Number(stderr);
}

test('it grows no further once it is enough, and nobody hears of it', async () => {
  expect(await roomAfter()).toBeLessThanOrEqual(BOUND);
});

test('a V8 that may not know how is left alone', async () => {
  const newer = "Object.defineProperty(process, 'versions', { value: { ...process.versions, v8: '99.1' } });";
  expect(await roomAfter(newer)).toBeGreaterThan(BOUND);
});

test.each([
  ['of a process that grew by much all garbage is collected', 0, true],
  ['of one that did not it is left', Infinity, false],
])('%s', async (_what, much, isCollected) => {
  const garbage = new WeakRef({});
  // What was looked at stays until the turn ends.
  await setImmediate();
  collectGarbage(0, much);
  expect(garbage.deref() === undefined).toBe(isCollected);
});
