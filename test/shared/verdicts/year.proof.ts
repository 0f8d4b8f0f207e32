// Costs about two minutes.
/** Ten thousand rules and a year of days, in a process of its own: what the bench measures fits a Lambda. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(1_800_000);

interface Measured {
  readonly rules: number;
  readonly days: number;
  readonly addingSeconds: number;
  readonly finishingSeconds: number;
  readonly readingSecondsAllDays: number;
  readonly peakMegabytes: number;
  readonly kinds: Readonly<Record<string, number>>;
}

test('10,000 rules with 365 days: below 2 GB, and below the 15 minutes of a Lambda', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['test/bench/verdicts.bench.ts', '10000', '365']);
  const measured = JSON.parse(stdout) as Measured;
  console.log(`A year, seconds of one processor: ${stdout.trim()}`);
  expect([measured.rules, measured.days]).toEqual([10_000, 365]);
  const { active = 0, stale = 0, redundant = 0 } = measured.kinds;
  expect([active + redundant, stale]).toEqual([7000, 3000]);
  expect(measured.peakMegabytes).toBeLessThan(2048);
  const seconds = measured.readingSecondsAllDays + measured.addingSeconds + measured.finishingSeconds;
  expect(seconds).toBeLessThan(900);
});
