// Costs about twenty seconds.
/**
 * Two thousand rules and a year of days, in a process of its own: what the bench measures grows with the rules so that ten
 * thousand fit a Lambda. `STALE_SG_SIZE=5` takes ten thousand.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { SIZE } from '../../size.ts';

jest.setTimeout(1_800_000);

const RULES = 2000 * SIZE;
/** 2 GB, and the 15 minutes of a Lambda, at 10,000 rules; a part of either is there without any. */
const MOST_MEGABYTES = 512 + 0.1536 * RULES;
const MOST_SECONDS = 100 + 0.08 * RULES;

interface Measured {
  readonly rules: number;
  readonly days: number;
  readonly addingSeconds: number;
  readonly finishingSeconds: number;
  readonly readingSecondsAllDays: number;
  readonly peakMegabytes: number;
  readonly kinds: Readonly<Record<string, number>>;
}

test(`${RULES} rules with 365 days: below ${MOST_MEGABYTES} MB and ${MOST_SECONDS} s`, async () => {
  const bench = ['test/bench/verdicts.bench.ts', String(RULES), '365'];
  const { stdout } = await promisify(execFile)(process.execPath, bench);
  const measured = JSON.parse(stdout) as Measured;
  console.log(`A year, seconds of one processor: ${stdout.trim()}`);
  expect([measured.rules, measured.days]).toEqual([RULES, 365]);
  const { active = 0, stale = 0, redundant = 0 } = measured.kinds;
  expect([active + redundant, stale]).toEqual([0.7 * RULES, 0.3 * RULES]);
  expect(measured.peakMegabytes).toBeLessThan(MOST_MEGABYTES);
  const seconds = measured.readingSecondsAllDays + measured.addingSeconds + measured.finishingSeconds;
  expect(seconds).toBeLessThan(MOST_SECONDS);
});
