/**
 * Accounts that mislead whoever reads their logs, through the program as a person calls it: `analyze`, then `plan`. No rule
 * that is needed may go, and of those that are not nearly all are to be found. Each account is read in the default format,
 * and in the fields through version 5. `STALE_SG_HARD_SEEDS` says how many accounts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Plan } from '../../shared/advice/removal/plan.ts';
import type { RuleReport, UsageReport } from '../../shared/reports/schema.ts';
import { verdictText } from '../cases/judge-rules.ts';
import {
  generated,
  logFiles,
  removeScratchFolders,
  rulesTruth,
  scratchFolder,
  type TruthOfRule,
} from '../services/generate-account/generated.ts';
import { runMain } from '../services/command-line/program.ts';
import { share, table } from './table.ts';

afterAll(removeScratchFolders);
jest.setTimeout(3_600_000);

const SEEDS = Number(process.env.STALE_SG_HARD_SEEDS ?? 4);
const FORMATS = ['v2', 'v5'] as const;
type Format = (typeof FORMATS)[number];

/** All rules have stood since. */
const KNOWN_SINCE = '2025-06-01';
const WHOLE_DAYS = { hard: true, minutes: 3 * 1440, records: 10_000, interfaces: 20, filesPerInterval: 1 };

/** Many unknown interfaces and few, with few other rules and many. */
function variantOf(seed: number): { readonly unknownPercent: number; readonly rules: number } {
  return { unknownPercent: seed % 2 === 0 ? 0.03 : 1.5, rules: seed % 4 < 2 ? 400 : 1 };
}

interface Said {
  readonly rules: ReadonlyMap<string, RuleReport>;
  readonly planned: ReadonlySet<string>;
}

async function call(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runMain(words);
  if (status !== 0) throw new Error(`stale-sg ${words.join(' ')}: ${stderr}`);
  return stdout;
}

async function whatIsSaid(account: string, minDays: readonly string[]): Promise<Said> {
  const [inventory, logs, out, plans] = [
    join(account, 'inventory'),
    join(account, 'logs'),
    scratchFolder(),
    scratchFolder(),
  ];
  const vouched = ['--rules-known-since', KNOWN_SINCE];
  await call('analyze', '--inventory', inventory, '--logs', logs, '--out', out, ...vouched);
  const report = join(out, 'usage.json');
  await call(
    ...['plan', '--report', report, '--evidence', out, '--inventory', inventory],
    ...['--out', plans, ...vouched, ...minDays],
  );
  const { rules } = JSON.parse(readFileSync(report, 'utf8')) as UsageReport;
  const { stages } = JSON.parse(readFileSync(join(plans, 'plan.json'), 'utf8')) as Plan;
  return {
    rules: new Map(rules.map((rule) => [rule.ruleId, rule])),
    planned: new Set(stages.flatMap(({ removals }) => removals.map(({ rule }) => rule.ruleId))),
  };
}

interface Sum {
  rules: number;
  stale: number;
  planned: number;
}

class Tally {
  /** Rules that are needed, and called unused or planned. */
  readonly condemned: string[] = [];
  /** Connections that truly passed, all of whose rules are planned. */
  readonly cut: string[] = [];
  /** Rules that are left over, and not called stale. */
  readonly missed: string[] = [];
  readonly sums = new Map<string, Sum>();
  readonly verdicts = new Map<string, number>();

  take(where: string, truth: TruthOfRule, said: RuleReport, isPlanned: boolean): void {
    const { need } = truth;
    const because = need.kind === 'covered' ? '' : need.because;
    const name = `${truth.groupName}|${truth.rule} (${where}): ${verdictText(said)}${isPlanned ? ', planned' : ''}`;
    const isStale = said.verdict.kind === 'stale' || said.verdict.kind === 'unattached';
    if (need.kind === 'needed' && (isStale || isPlanned)) this.condemned.push(`${because}: ${name}`);
    if (need.kind === 'unneeded' && because === 'leftOver' && said.verdict.kind !== 'stale') this.missed.push(name);
    const key = `${need.kind}\t${because}`;
    const sum = this.sums.get(key) ?? { rules: 0, stale: 0, planned: 0 };
    this.sums.set(key, sum);
    sum.rules++;
    if (isStale) sum.stale++;
    if (isPlanned) sum.planned++;
    const verdict = `${key}\t${verdictText(said)}`;
    this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
  }

  /** `admitting`: ids of all rules that truly admitted a connection. */
  pass(where: string, admitting: readonly string[], { planned }: Said): void {
    if (admitting.length > 0 && admitting.every((id) => planned.has(id))) {
      this.cut.push(`${admitting.join(' ')} (${where})`);
    }
  }

  sum(kind: string): Sum {
    return this.sums.get(kind) ?? { rules: 0, stale: 0, planned: 0 };
  }
}

const tallies: Record<Format, Tally> = { v2: new Tally(), v5: new Tally() };

beforeAll(async () => {
  const takesMinDays = (await call('plan', '--help')).includes('--min-days');
  const minDays = takesMinDays ? ['--min-days', '1'] : [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const format of FORMATS) {
      const { out } = await generated({ ...WHOLE_DAYS, ...variantOf(seed), seed, format });
      const said = await whatIsSaid(out, minDays);
      const where = `seed ${seed}, ${format}`;
      for (const truth of rulesTruth(out)) {
        tallies[format].take(where, truth, said.rules.get(truth.ruleId)!, said.planned.has(truth.ruleId));
      }
      const sets = (await logFiles(out)).flatMap(({ truths }) => truths.map(({ rules }) => rules.join(' ')));
      for (const set of new Set(sets)) {
        // `sgr-…@1` is a content of before an edit: nothing passes by it any more, removed or not.
        const standing = set.split(' ').filter((id) => id !== '' && !id.includes('@'));
        tallies[format].pass(where, standing, said);
      }
      removeScratchFolders();
    }
  }
  for (const format of FORMATS) {
    const { sums, verdicts, condemned, cut, missed } = tallies[format];
    const found = tallies[format].sum('unneeded\tleftOver');
    console.log(
      [
        `${format}, ${SEEDS} accounts: NEEDED AND CONDEMNED ${condemned.length}, connections cut ${cut.length}; left over ${found.rules}, called stale ${share(found.stale, found.rules)}, planned ${share(found.planned, found.rules)}`,
        table(
          ['truth', 'because', 'rules', 'stale', 'planned'],
          [...sums].sort().map(([key, sum]) => [...key.split('\t'), sum.rules, sum.stale, sum.planned]),
        ),
        table(
          ['truth', 'because', 'verdict', 'rules'],
          [...verdicts].sort().map(([key, rules]) => [...key.split('\t'), rules]),
        ),
        `condemned: ${condemned.slice(0, 60).join('\n  ')}`,
        `missed: ${missed.slice(0, 60).join('\n  ')}`,
        `cut: ${cut.slice(0, 20).join('\n  ')}`,
      ].join('\n\n'),
    );
  }
});

test.each(FORMATS)('%s: no rule that is needed is called unused, and none is planned', (format) => {
  const needed = [...tallies[format].sums].filter(([key]) => key.startsWith('needed\t'));
  expect(needed.reduce((sum, [, { rules }]) => sum + rules, 0)).toBeGreaterThan(100 * SEEDS);
  expect(tallies[format].condemned).toEqual([]);
});

test.each(FORMATS)('%s: no connection that truly passed loses its last rule by the plan', (format) => {
  expect(tallies[format].cut).toEqual([]);
});

test.each(FORMATS)(
  '%s: of rules that are left over, in groups that the logs show, nine in ten are called stale',
  (format) => {
    const { rules, stale } = tallies[format].sum('unneeded\tleftOver');
    expect(rules).toBeGreaterThan(50 * SEEDS);
    expect(stale / rules).toBeGreaterThanOrEqual(0.9);
  },
);
