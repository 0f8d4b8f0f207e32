/**
 * What matters more than any share: over many accounts, no rule that truly admitted a request ends with neither credit
 * nor possible use. `STALE_SG_WORLD_SEEDS` says over how many; 200 take less than two minutes.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { GenerateOptions } from '../../services/generate-account/options.ts';
import { removeScratchFolders, rulesTruth, type TruthOfRule } from '../services/generate-account/generated.ts';
import type { Judged } from '../../shared/verdicts/judge.ts';
import { account, verdictsOf } from './account.ts';
import { table } from './table.ts';

afterAll(removeScratchFolders);
jest.setTimeout(3_600_000);

const SEEDS = Number(process.env.STALE_SG_WORLD_SEEDS ?? 200);
/** Ten minutes to three days: where records are few for the time, each rule has few, too. */
const MINUTES = [10, 60, 240, 1440, 4320];

/** Every combination of format, time and size comes up again within 20 seeds; one file per delivery makes them quicker. */
function optionsOf(seed: number): Partial<GenerateOptions> {
  const format = seed % 2 === 0 ? 'v5' : 'v2';
  const minutes = MINUTES[seed % MINUTES.length]!;
  const rules = seed % 4 < 2 ? 300 : 1;
  return { seed, format, minutes, rules, interfaces: 20, records: 3000, filesPerInterval: 1 };
}

const counts = { seeds: 0, rules: 0, withRequests: 0, credited: 0, onlyPossible: 0, neither: 0 };
const lost: string[] = [];
const condemned: string[] = [];
const verdicts = new Map<string, number>();

/** Whether the rule truly admitted a request, and whether one of those is in a record that counts. */
function usedBy({ requests, requestsSetAside, requestsUnlogged }: TruthOfRule): string {
  if (requests > 0) return 'used';
  return requestsSetAside + requestsUnlogged > 0 ? 'used, no record counts' : 'not used';
}

function take(seed: number, truth: TruthOfRule, { rule, use, verdict }: Judged): void {
  const { format, minutes } = optionsOf(seed);
  const name = `${truth.groupName}|${truth.rule}, seed ${seed}, ${format}, ${minutes} minutes (${rule.ruleId})`;
  counts.rules++;
  const { kind, observed = true } = truth.purpose as { kind: string; observed?: boolean };
  const reason = verdict.kind === 'notObserved' ? ` (${verdict.reason})` : '';
  const key = [observed ? kind : `${kind}, not observed`, usedBy(truth), `${verdict.kind}${reason}`].join('\t');
  verdicts.set(key, (verdicts.get(key) ?? 0) + 1);
  if (truth.requests === 0) return;
  counts.withRequests++;
  if (use.usedTimes + use.replyTimes > 0) counts.credited++;
  else if (use.possibleTimes > 0) counts.onlyPossible++;
  else {
    counts.neither++;
    lost.push(name);
  }
  const isWrong =
    verdict.kind === 'stale' ||
    verdict.kind === 'unattached' ||
    (verdict.kind === 'redundant' && (truth.soleRequests > 0 || verdict.coveredBy.length === 0));
  if (isWrong) condemned.push(`${name}: ${JSON.stringify(verdict)}`);
}

beforeAll(async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const made = await account(optionsOf(seed));
    const truths = new Map(rulesTruth(made.out).map((truth) => [truth.ruleId, truth]));
    const judged = await verdictsOf(made);
    for (const one of judged) take(seed, truths.get(one.rule.ruleId)!, one);
    counts.seeds++;
    removeScratchFolders();
  }
  const rows = [...verdicts].sort().map(([key, rules]) => [...key.split('\t'), rules]);
  console.log(
    [
      table(['seeds', 'rules', 'with requests', 'credited', 'only possible use', 'neither'], [Object.values(counts)]),
      `What the rules are there for, and what is said of them\n${table(['purpose', 'truth', 'verdict', 'rules'], rows)}`,
    ].join('\n\n'),
  );
});

test(`over ${SEEDS} seeds no rule that truly admitted a request ends with neither credit nor possible use`, () => {
  expect(counts.seeds).toBe(SEEDS);
  expect(counts.withRequests).toBeGreaterThan(50 * SEEDS);
  expect(lost).toEqual([]);
});

test('nor is one called stale, unattached, or redundant though nothing covers it', () => {
  expect(condemned).toEqual([]);
});
