/** Lines that nobody can read may hide the only use of a rule: where they are many, no silence is believed. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Random } from '../oracle/random.ts';
import { removeScratchFolders, rulesTruth } from '../services/generate-account/generated.ts';
import { account, verdictsOf, type Account } from './account.ts';
import { logsOf, plainFile, type Log } from './memory-logs.ts';
import { isOfWholeDays, optionsOf } from './seeds.ts';

afterAll(removeScratchFolders);
jest.setTimeout(600_000);

/** One, two and three days, in both formats. */
const SEEDS = [2, 3, 4];
const SHARES = (process.env.STALE_SG_DAMAGE ?? '0 0.005 0.02 0.08 0.5').split(' ').map(Number);
const TURNS = Number(process.env.STALE_SG_DAMAGE_TURNS ?? 1);

const DAMAGES: readonly ((fields: readonly string[], random: Random) => readonly string[])[] = [
  // The line is cut off.
  (fields, random) => fields.slice(0, random.between(1, fields.length - 1)),
  // Two lines run into one.
  (fields) => [...fields, ...fields],
  // Times that are no numbers.
  (fields) => fields.map((text) => (/^\d{10}$/.test(text) ? `${text.slice(0, -1)}?` : text)),
];

/** The first line of each file stays: a file of which no line can be read fails the whole. */
function damaged(log: Log, share: number, random: Random): Log {
  const rows = log.rows.map((fields, i) =>
    i > 0 && random.chance(share) ? random.pick(DAMAGES)(fields, random) : fields,
  );
  return { ...log, rows };
}

/** The files of an hour of a flow log as one, under the name of the first. */
function hourly(logs: readonly Log[]): Log[] {
  const hours = Map.groupBy(logs, ({ name }) => name.replace(/T(\d\d)\d\dZ_.*$/, 'T$1'));
  return [...hours.values()].map((some) => ({ ...some[0]!, rows: some.flatMap(({ rows }) => rows) }));
}

const accounts: Account[] = [];
beforeAll(async () => {
  for (const seed of SEEDS) accounts.push(await account(optionsOf(seed)));
});

test.each(SHARES.map((share) => ({ share })))('of the lines $share is damaged', async ({ share }) => {
  let [needed, stale] = [0, 0];
  const condemned: string[] = [];
  for (const made of accounts) {
    const truths = new Map(rulesTruth(made.out).map((truth) => [truth.ruleId, truth]));
    for (let turn = 0; turn < TURNS; turn++) {
      const random = new Random(turn);
      const files = hourly(logsOf(made.files)).map((log) => plainFile(damaged(log, share, random)));
      for (const { rule, verdict } of await verdictsOf({ ...made, files })) {
        const { requests, groupName, rule: text } = truths.get(rule.ruleId)!;
        if (verdict.kind === 'stale') stale++;
        if (requests > 0) needed++;
        if (requests > 0 && (verdict.kind === 'stale' || verdict.kind === 'unattached'))
          condemned.push(`${groupName}|${text}, ${requests} requests: ${verdict.kind}`);
      }
    }
  }
  if (TURNS > 1) console.info(`${share}: ${needed} needed, ${condemned.length} condemned, ${stale} stale`, condemned);
  expect(SEEDS.every(isOfWholeDays)).toBe(true);
  expect(condemned).toEqual([]);
  expect(needed).toBeGreaterThan(200);
  // A share that may be anybody's bad luck darkens nothing; a large one all.
  if (share < 0.01) expect(stale).toBeGreaterThan(100);
  if (share > 0.05) expect(stale).toBe(0);
});
