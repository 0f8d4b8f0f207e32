// Costs about half a minute.
/**
 * Folders of which files are gone: what was used in them alone must not be called stale. What tells is the five minutes
 * in which a flow log that delivers in all of them has no file: up to two hours of a day are passed over, and of several
 * files of one delivery one is not missed. `test/README.md` says what comes of that. Two accounts that mislead, of three
 * days.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Random } from '../../services/generate-account/random/random.ts';
import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { removeScratchFolders, rulesTruth, scratchFolder } from '../services/generate-account/generated.ts';
import { runMain } from '../services/command-line/program.ts';
import { account, verdictsOf, type Account } from './account.ts';
import { logsOf, plainFile } from './memory-logs.ts';

jest.setTimeout(600_000);
afterAll(removeScratchFolders);

const MADE = { hard: true, minutes: 3 * 1440, records: 10_000, rules: 400, interfaces: 26, filesPerInterval: 1 };

/** The hour of delivery, since 1970. */
function hourOf(path: string): number {
  const { day, hour } = flowLogFileName(path)!;
  return 24 * day + hour;
}

/** Which flow log delivered it, and when. */
function deliveryOf(path: string): string {
  const { flowLogId, day, hour, minute } = flowLogFileName(path)!;
  return [flowLogId, day, hour, minute].join(' ');
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

/** One file of each delivery stays. */
const butOne: Thinning = (share, random) => {
  const heard = new Set<string>();
  return (path) => {
    const isFirst = !heard.has(deliveryOf(path));
    heard.add(deliveryOf(path));
    return isFirst || random.chance(share);
  };
};

const KNOWN_SINCE = '2025-06-01';

/** An account whose files are read into memory once, and again and again from there. */
class Thinnable {
  /** Those that are needed. */
  readonly needed: ReadonlySet<string>;
  readonly #made: Pick<Account, 'inventory' | 'files'>;

  constructor({ out, inventory, files }: Account) {
    this.needed = new Set(rulesTruth(out).flatMap(({ ruleId, need }) => (need.kind === 'needed' ? [ruleId] : [])));
    this.#made = { inventory, files: logsOf(files).map(plainFile) };
  }

  /** How many files are left, the ids of the rules that are called stale, and which of these are needed. */
  async judged(isKept: (path: string) => boolean) {
    const files = this.#made.files.filter(({ name }, i) => i === 0 || isKept(name));
    const rules = await verdictsOf({ ...this.#made, files }, Date.parse(KNOWN_SINCE) / 1000);
    const stale = rules.filter(({ verdict }) => verdict.kind === 'stale').map(({ rule }) => rule.ruleId);
    return { files: files.length, stale, wrong: stale.filter((id) => this.needed.has(id)) };
  }

  print(what: string, { files, stale, wrong }: Awaited<ReturnType<Thinnable['judged']>>): void {
    console.log(`${what}: ${files} files, ${stale.length} stale, of ${this.needed.size} needed rules ${wrong.length}`);
  }
}

/** Ids of the rules that `analyze` calls stale. */
async function calledStale(out: string): Promise<string[]> {
  const to = scratchFolder();
  const from = ['--inventory', join(out, 'inventory'), '--logs', join(out, 'logs'), '--out', to];
  const run = await runMain(['analyze', ...from, '--rules-known-since', KNOWN_SINCE]);
  expect(run.status).toBe(0);
  const { rules } = JSON.parse(readFileSync(join(to, 'usage.json'), 'utf8')) as UsageReport;
  return rules.filter(({ verdict }) => verdict.kind === 'stale').map(({ ruleId }) => ruleId);
}

describe.each([1, 2])('account %i', (seed) => {
  const chance = (): Random => new Random(seed, 'files that are gone');
  let out = '';
  let thinnable: Thinnable;
  beforeAll(async () => {
    const made = await account({ ...MADE, seed });
    ({ out } = made);
    thinnable = new Thinnable(made);
  });

  test('has many stale rules where nothing is gone, and none of them is needed', async () => {
    const whole = await thinnable.judged(() => true);
    thinnable.print(`account ${seed}, whole`, whole);
    expect(whole.wrong).toEqual([]);
    expect(whole.stale.length).toBeGreaterThan(100);
    expect(whole.stale).toEqual(await calledStale(out));
  });

  test.each<[name: string, share: number, thinning: Thinning]>([
    ['hours', 0.75, byHour],
    ['hours', 0.5, byHour],
    ['hours', 0.1, byHour],
    ['files', 0.9, byFile],
    ['files', 0.75, byFile],
    ['files', 0.5, byFile],
    ['files', 0.1, byFile],
    ['files', 0.01, byFile],
  ])('has no needed rule among its stale ones, whichever %s are left: %d of them', async (name, share, thinning) => {
    const thinned = await thinnable.judged(thinning(share, chance()));
    thinnable.print(`account ${seed}, ${share} of the ${name}`, thinned);
    expect(thinned.wrong).toEqual([]);
  });

  test.each([0.99, 0.95])('passes over what is missing where %d of the files are left', async (share) => {
    const thinned = await thinnable.judged(byFile(share, chance()));
    thinnable.print(`account ${seed}, ${share} of the files`, thinned);
    expect(thinned.stale.length).toBeGreaterThan(100);
  });
});

test('of several files of one delivery, those beside the first are not missed', async () => {
  const thinnable = new Thinnable(await account({ ...MADE, seed: 1, filesPerInterval: 4 }));
  const thinned = await thinnable.judged(butOne(0.5, new Random(1, 'files that are gone')));
  thinnable.print('account 1, half of the files beside the first', thinned);
  expect(thinned.stale.length).toBeGreaterThan(100);
});
