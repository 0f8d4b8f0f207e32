// Costs about 30 seconds.
/**
 * Folders of which files are gone: what was used in them alone must not be called stale. What tells is the hours in which
 * a flow log is not heard: up to two of a day are passed over, and one file among several of an hour is not missed, so
 * this is proved of folders that are thinned by the hour, or to a tenth and less; `test/README.md` says what comes of
 * others. Two accounts that mislead, of three days: a minute of one processor.
 */
import { linkSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Random } from '../../services/generate-account/random/random.ts';
import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import {
  filesUnder,
  generated,
  removeScratchFolders,
  rulesTruth,
  scratchFolder,
} from '../services/generate-account/generated.ts';
import { runMain } from '../services/command-line/program.ts';

jest.setTimeout(600_000);
afterAll(removeScratchFolders);

const MADE = { hard: true, minutes: 3 * 1440, records: 10_000, rules: 400, interfaces: 26, filesPerInterval: 1 };

/** The hour of delivery, since 1970. */
function hourOf(path: string): number {
  const { day, hour } = flowLogFileName(path)!;
  return 24 * day + hour;
}

/** What is kept of the files, given a number of 0 to 1 for each. */
type Thinning = (share: number, random: Random) => (path: string) => boolean;

const byFile: Thinning = (share, random) => () => random.chance(share);
const byHour: Thinning = (share, random) => {
  const kept = new Map<number, boolean>();
  return (path) => {
    const hour = hourOf(path);
    if (!kept.has(hour)) kept.set(hour, random.chance(share));
    return kept.get(hour)!;
  };
};

describe.each([1, 2])('account %i', (seed) => {
  let out = '';
  let needed: ReadonlySet<string>;

  beforeAll(async () => {
    ({ out } = await generated({ ...MADE, seed }));
    needed = new Set(rulesTruth(out).flatMap(({ ruleId, need }) => (need.kind === 'needed' ? [ruleId] : [])));
  });

  /** By verdict, how many rules; and those that are needed and called stale. */
  async function judged(isKept: (path: string) => boolean) {
    const kept = filesUnder(join(out, 'logs')).filter((path, i) => i === 0 || isKept(path));
    const place = scratchFolder();
    mkdirSync(join(place, 'logs'));
    for (const path of kept) linkSync(join(out, 'logs', path), join(place, 'logs', basename(path)));
    const from = ['--inventory', join(out, 'inventory'), '--logs', join(place, 'logs'), '--out', join(place, 'out')];
    const run = await runMain(['analyze', ...from, '--rules-known-since', '2025-06-01']);
    expect(run.status).toBe(0);
    const { rules } = JSON.parse(readFileSync(join(place, 'out/usage.json'), 'utf8')) as UsageReport;
    const stale = rules.filter(({ verdict }) => verdict.kind === 'stale').map(({ ruleId }) => ruleId);
    return { files: kept.length, stale: stale.length, wrong: stale.filter((id) => needed.has(id)) };
  }

  test('has many stale rules where nothing is gone, and none of them is needed', async () => {
    const whole = await judged(() => true);
    expect(whole.wrong).toEqual([]);
    expect(whole.stale).toBeGreaterThan(100);
  });

  test.each<[name: string, share: number, thinning: Thinning]>([
    ['hours', 0.75, byHour],
    ['hours', 0.5, byHour],
    ['hours', 0.1, byHour],
    ['files', 0.1, byFile],
    ['files', 0.01, byFile],
  ])('has no needed rule among its stale ones, whichever %s are left: %d of them', async (name, share, thinning) => {
    const { files, stale, wrong } = await judged(thinning(share, new Random(seed, 'files that are gone')));
    console.log(`account ${seed}, ${share} of the ${name}: ${files} files, ${stale} stale`);
    expect(wrong).toEqual([]);
  });
});
