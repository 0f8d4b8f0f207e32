// Costs about twenty seconds.
/**
 * Accounts that mislead whoever reads their logs. No rule that is needed may go, and of those that are not nearly all are to
 * be found: by `analyze` and `plan` as a person calls them, with one inventory and with dated snapshots, by the nights
 * alone, and by nights and stream together with snapshots as a deployment judges. Accounts that are asked for are read in
 * the default format, and in the fields through version 5; the two that are read by default in one of these each.
 *
 * `STALE_SG_HARD_SEEDS` says how many accounts, or which: `50`, `101-150`; `STALE_SG_HARD_FORMATS` in which formats: `v2`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EvidenceWriter } from '../../services/command-line/evidence/evidence-writer.ts';
import { EVIDENCE } from '../../services/command-line/evidence/evidence-folder.ts';
import { countFiles } from '../services/command-line/files/counted-files.ts';
import { readHistory } from '../../services/command-line/files/read-inventories.ts';
import { writeReports } from '../../services/command-line/results/write-reports.ts';
import { MIX } from '../../services/generate-account/options/mix.ts';
import type { GenerateOptions } from '../../services/generate-account/options/options.ts';
import type { Plan } from '../../shared/advice/removal/plan.ts';
import { directionOf, orient } from '../../shared/attribution/orient.ts';
import { Admissions } from '../../shared/matching/admission.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { daysSpanned } from '../../shared/time.ts';
import { usageByDay } from '../../shared/usage/by-day.ts';
import { addUsage } from '../../shared/usage/merge.ts';
import { emptyUsage } from '../../shared/usage/usage.ts';
import { Judge } from '../../shared/verdicts/judge.ts';
import type { Verdict } from '../../shared/verdicts/verdict.ts';
import {
  removeScratchFolders,
  rulesTruth,
  scratchFolder,
  type TruthOfRule,
} from '../services/generate-account/generated.ts';
import { runMain } from '../services/command-line/program.ts';
import { account, readWithTruth, type Account, type RecordTruth } from './account.ts';
import { attributedAt, BY_DAY, nightsOf, toldAtNight, type Night } from './night.ts';
import { share, table } from './table.ts';

afterAll(removeScratchFolders);
jest.setTimeout(24 * 3_600_000);

const ASKED_FOR = process.env.STALE_SG_HARD_SEEDS;
const [FIRST, LAST] = seedsOf(ASKED_FOR ?? '2');
const SEEDS = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);

function seedsOf(text: string): readonly [number, number] {
  const [first, last] = text.split('-').map(Number) as [number, number | undefined];
  return last === undefined ? [1, first] : [first, last];
}

type Format = 'v2' | 'v5';
const FORMATS = (['v2', 'v5'] as const).filter((format) =>
  (process.env.STALE_SG_HARD_FORMATS ?? 'v2,v5').split(',').includes(format),
);

function formatsOf(seed: number): readonly Format[] {
  return ASKED_FOR === undefined ? [FORMATS[seed % FORMATS.length]!] : FORMATS;
}

function accountsIn(format: Format): number {
  return SEEDS.filter((seed) => formatsOf(seed).includes(format)).length;
}

/** All rules have stood since. */
const KNOWN_SINCE = '2025-06-01';
const KNOWN_SINCE_SECONDS = Date.parse(KNOWN_SINCE) / 1000;

/** Many unknown interfaces and few, few other groups and many, logs that begin at midnight and within a day, of few files and many. */
function optionsOf(seed: number): Partial<GenerateOptions> {
  const isCut = seed % 3 === 0;
  return {
    seed,
    hard: true,
    snapshots: true,
    filesPerInterval: 1,
    deliveryMinutes: seed % 4 === 3 ? 5 : 60,
    unknownPercent: [1.5, 0.03, 0.5, 5][(seed - 1) % 4]!,
    rules: seed % 4 < 2 ? 400 : 1,
    interfaces: 20 + 3 * (seed % 7),
    ...(isCut
      ? { minutes: 4 * 1440, records: 12_000, startSeconds: Date.UTC(2026, 0, 5, 7, 40) / 1000 }
      : { minutes: 3 * 1440, records: 10_000 }),
  };
}

const READERS = ['streamed', 'night', 'snapshots', 'deployed'] as const;
type Reader = (typeof READERS)[number];
/** They know what is younger than the run. */
const KNOW_AGES: ReadonlySet<Reader> = new Set(['snapshots', 'deployed']);

interface Said {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Rules that a plan removes. */
  readonly planned: ReadonlySet<string>;
}

async function call(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runMain(words);
  if (status !== 0) throw new Error(`stale-sg ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** Of a folder with `usage.json` and evidence. */
async function planned(inventory: string, out: string): Promise<Said> {
  const report = join(out, 'usage.json');
  const plans = scratchFolder();
  await call(
    ...['plan', '--report', report, '--evidence', out, '--inventory', inventory, '--out', plans],
    ...['--rules-known-since', KNOWN_SINCE, '--min-days', '1'],
  );
  const { rules } = JSON.parse(readFileSync(report, 'utf8')) as UsageReport;
  const { stages } = JSON.parse(readFileSync(join(plans, 'plan.json'), 'utf8')) as Plan;
  return {
    verdicts: new Map(rules.map(({ ruleId, verdict }) => [ruleId, verdict])),
    planned: new Set(stages.flatMap(({ removals }) => removals.map(({ rule }) => rule.ruleId))),
  };
}

async function streamed(made: Account, against: 'inventory' | 'snapshots'): Promise<Said> {
  const [inventory, logs, out] = [join(made.out, against), join(made.out, 'logs'), scratchFolder()];
  await call(
    ...['analyze', '--inventory', inventory, '--logs', logs, '--out', out, '--rules-known-since', KNOWN_SINCE],
  );
  return planned(inventory, out);
}

/** What the nights say, without what was streamed. */
async function nightly(made: Account, nights: readonly Night[]): Promise<Said> {
  const { inventory } = made;
  const out = scratchFolder();
  const usage = emptyUsage();
  const writer = new EvidenceWriter(join(out, EVIDENCE), inventory.rules);
  for await (const { day, usage: ofDay, flows } of attributedAt(nights, made)) {
    addUsage(usage, ofDay);
    writer.write(day, flows);
  }
  await writer.publish('all');
  const counted = { inventory, usage, malformedSamples: [], source: 'reconciled' } as const;
  await writeReports(counted, { out, rulesKnownSince: KNOWN_SINCE_SECONDS });
  return planned(join(made.out, 'inventory'), out);
}

/** A verdict of a deployment takes use from either source, and holds each day against the snapshots of it. */
async function deployed(made: Account, nights: readonly Night[]): Promise<Said> {
  const { newest, history } = await readHistory([join(made.out, 'snapshots')]);
  if (!history) throw new Error('no snapshots');
  const { usage: stream } = await countFiles(made.files, history);
  const night = emptyUsage();
  for await (const { usage } of attributedAt(nights, made, history)) addUsage(night, usage);
  const asOf = stream.lastEnd;
  const windowDays = daysSpanned(stream.firstEnd, asOf);
  const judge = new Judge(newest, { asOf, windowDays, rulesKnownSince: KNOWN_SINCE_SECONDS });
  const other = usageByDay(stream);
  for (const [day, usage] of usageByDay(night)) judge.addDay(history.factsOn(day), usage, other.get(day));
  for (const standing of history.standing()) judge.addStanding(standing);
  return {
    verdicts: new Map(judge.finish().map(({ rule, verdict }) => [rule.ruleId, verdict])),
    planned: new Set(),
  };
}

const USUAL: ReadonlySet<string> = new Set(MIX.map(({ kind }) => kind));

interface Orientation {
  records: number;
  streamed: number;
  night: number;
}

/** Records whose ports differ, and how many are read as what they are. */
class Orientations {
  readonly #kinds = new Map<string, Orientation>();

  add({ kind }: RecordTruth, isStreamedRight: boolean, isNightRight: boolean): void {
    for (const key of [USUAL.has(kind) ? 'usual kinds' : 'kinds that mislead', kind]) {
      const sum = this.#kinds.get(key) ?? { records: 0, streamed: 0, night: 0 };
      this.#kinds.set(key, sum);
      sum.records++;
      if (isStreamedRight) sum.streamed++;
      if (isNightRight) sum.night++;
    }
  }

  of(key: 'usual kinds' | 'kinds that mislead'): Orientation {
    return this.#kinds.get(key) ?? { records: 0, streamed: 0, night: 0 };
  }

  /** Those kinds left out of which all is right. */
  rows(): (string | number)[][] {
    return [...this.#kinds]
      .filter(([key, one]) => key.includes(' ') || one.streamed + one.night < 2 * one.records)
      .sort(([a], [b]) => Number(b.includes(' ')) - Number(a.includes(' ')) || (a < b ? -1 : 1))
      .map(([key, one]) => [key, one.records, share(one.streamed, one.records), share(one.night, one.records)]);
  }
}

/** By the ids of the standing rules that truly admitted them, connections that passed. */
async function truePassages(
  made: Account,
  nights: readonly Night[],
  orientations: Orientations,
): Promise<ReadonlySet<string>> {
  const told = toldAtNight(nights);
  const compiled = new CompiledInventory(made.inventory);
  const admissions = new Admissions(compiled);
  const sets = new Set<string>();
  await readWithTruth(made, (record, truth, { orientation }) => {
    // `sgr-…@1` is a content of before an edit: nothing passes by it any more, removed or not.
    const standing = truth.rules.filter((id) => !id.includes('@'));
    if (standing.length > 0) sets.add(standing.join(' '));
    if (!orientation || truth.decidable !== 'portsDiffer') return;
    const owner = compiled.interfaceOf(record.interfaceId)!;
    Object.assign(record, told(record));
    const night = orient(record, owner.groupSet!, directionOf(record, owner, compiled)!, admissions);
    Object.assign(record, BY_DAY);
    orientations.add(truth, orientation.opener === truth.opened, night.opener === truth.opened);
  });
  return sets;
}

interface Sum {
  rules: number;
  stale: number;
  planned: number;
}

const NOTHING: Sum = { rules: 0, stale: 0, planned: 0 };

/** Groups of services beyond the cast: they have many rules, all of one kind. */
const SERVICE = /^service-\d+$/;

class Tally {
  /** Rules that are needed, and called unused or covered, or planned. */
  readonly condemned: string[] = [];
  /** Rules called covered by others that do not admit all that they do. */
  readonly uncovered: string[] = [];
  /** Connections that truly passed, all of whose rules are planned. */
  readonly cut: string[] = [];
  readonly missed = new Map<string, number>();
  /** Why rules are not needed that are to be called stale. */
  readonly #toBeFound: ReadonlySet<string>;
  readonly #sums = new Map<string, Sum>();
  readonly #verdicts = new Map<string, number>();

  constructor(reader: Reader) {
    this.#toBeFound = new Set(KNOW_AGES.has(reader) ? ['leftOver'] : ['leftOver', 'leftOverYoung']);
  }

  take(where: string, truth: TruthOfRule, verdict: Verdict, isPlanned: boolean): void {
    const { need, groupName } = truth;
    const because = need.kind === 'covered' ? '' : need.because;
    const text = verdict.kind === 'notObserved' ? `${verdict.kind} (${verdict.reason})` : verdict.kind;
    const name = `${groupName}|${truth.rule}`;
    const isStale = verdict.kind === 'stale' || verdict.kind === 'unattached';
    if (need.kind === 'needed' && (isStale || isPlanned || verdict.kind === 'redundant'))
      this.condemned.push(`${because}: ${name} (${where}): ${text}${isPlanned ? ', planned' : ''}`);
    const isLeftOver = need.kind === 'unneeded' && this.#toBeFound.has(because);
    if (isLeftOver && verdict.kind !== 'stale') countUp(this.missed, `${name}: ${text}`);
    const part = isLeftOver && SERVICE.test(groupName) ? 'of services' : '';
    const key = [need.kind, because, part].join('\t');
    const sum = this.#sums.get(key) ?? { rules: 0, stale: 0, planned: 0 };
    this.#sums.set(key, sum);
    sum.rules++;
    if (isStale) sum.stale++;
    if (isPlanned) sum.planned++;
    countUp(this.#verdicts, [need.kind, because, part, text].join('\t'));
  }

  /** @param sets ids of all rules that truly admitted a connection, by blanks */
  pass(where: string, sets: ReadonlySet<string>, { planned: gone, verdicts }: Said): void {
    for (const set of sets) {
      const admitting = set.split(' ');
      if (admitting.every((id) => gone.has(id))) this.cut.push(`${set} (${where})`);
      for (const id of admitting) {
        const verdict = verdicts.get(id)!;
        if (verdict.kind === 'redundant' && !verdict.coveredBy.some((other) => admitting.includes(other)))
          this.uncovered.push(`${id} by ${verdict.coveredBy.join(' ')}, not where ${set} admit (${where})`);
      }
    }
  }

  get neededRules(): number {
    return [...this.#sums].reduce((sum, [key, { rules }]) => sum + (key.startsWith('needed\t') ? rules : 0), 0);
  }

  /** Left over, of the cast and the situations, and of services. */
  get leftOver(): readonly [Sum, Sum] {
    const sumOf = (part: string): Sum =>
      [...this.#toBeFound]
        .map((because) => this.#sums.get(['unneeded', because, part].join('\t')) ?? NOTHING)
        .reduce((a, b) => ({ rules: a.rules + b.rules, stale: a.stale + b.stale, planned: a.planned + b.planned }));
    return [sumOf(''), sumOf('of services')];
  }

  toString(): string {
    const [cast, services] = this.leftOver;
    const some = (title: string, lines: readonly string[]): string =>
      [`${title}: ${lines.length}`, ...lines.slice(0, 40)].join('\n  ');
    const missed = [...this.missed].sort(([, a], [, b]) => b - a).map(([name, times]) => `${times} × ${name}`);
    return [
      `NEEDED AND CONDEMNED ${this.condemned.length}, covered by none ${this.uncovered.length}, connections cut ${this.cut.length}; ` +
        `left over ${cast.rules}, called stale ${share(cast.stale, cast.rules)}, planned ${share(cast.planned, cast.rules)}; ` +
        `of services ${services.rules}, called stale ${share(services.stale, services.rules)}`,
      table(
        ['truth', 'because', '', 'rules', 'stale', 'planned'],
        [...this.#sums].sort().map(([key, sum]) => [...key.split('\t'), sum.rules, sum.stale, sum.planned]),
      ),
      table(
        ['truth', 'because', '', 'verdict', 'rules'],
        [...this.#verdicts].sort().map(([key, rules]) => [...key.split('\t'), rules]),
      ),
      some('condemned', this.condemned),
      some('covered by none', this.uncovered),
      some('cut', this.cut),
      some('left over and missed', missed),
    ].join('\n\n');
  }
}

function countUp(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const newTallies = (): Record<Reader, Tally> => ({
  streamed: new Tally('streamed'),
  night: new Tally('night'),
  snapshots: new Tally('snapshots'),
  deployed: new Tally('deployed'),
});
const tallies: Record<Format, Record<Reader, Tally>> = { v2: newTallies(), v5: newTallies() };
const orientations: Record<Format, Orientations> = { v2: new Orientations(), v5: new Orientations() };

async function take(seed: number, format: Format): Promise<void> {
  const made = await account({ ...optionsOf(seed), format });
  const nights = await nightsOf(made);
  const sets = await truePassages(made, nights, orientations[format]);
  const said: Record<Reader, Said> = {
    streamed: await streamed(made, 'inventory'),
    night: await nightly(made, nights),
    snapshots: await streamed(made, 'snapshots'),
    deployed: await deployed(made, nights),
  };
  const truths = rulesTruth(made.out);
  for (const reader of READERS) {
    const { verdicts, planned: gone } = said[reader];
    const tally = tallies[format][reader];
    const where = `seed ${seed}`;
    for (const truth of truths) tally.take(where, truth, verdicts.get(truth.ruleId)!, gone.has(truth.ruleId));
    tally.pass(where, sets, said[reader]);
  }
  removeScratchFolders();
}

beforeAll(async () => {
  for (const seed of SEEDS) {
    for (const format of formatsOf(seed)) await take(seed, format);
    const faults = FORMATS.flatMap((format) =>
      READERS.flatMap((reader) => {
        const { condemned, uncovered, cut } = tallies[format][reader];
        return [...condemned, ...uncovered, ...cut].map((text) => `${format} ${reader}: ${text}`);
      }),
    );
    const found = FORMATS.flatMap((format) =>
      READERS.map((reader) => {
        const [{ rules, stale }] = tallies[format][reader].leftOver;
        return `${format} ${reader} ${share(stale, rules)}`;
      }),
    );
    if (SEEDS.length > 4)
      process.stderr.write(`seed ${seed}: ${faults.length} faults so far; found: ${found.join(', ')}\n`);
  }
  for (const format of FORMATS) {
    const header = ['records whose ports differ', 'records', 'streamed', 'night'];
    console.log(`${format}, ${accountsIn(format)} accounts\n\n${table(header, orientations[format].rows())}`);
    for (const reader of READERS) console.log(`${format}, ${reader}: ${tallies[format][reader].toString()}`);
  }
});

describe.each(FORMATS)('%s', (format) => {
  describe.each(READERS)('%s', (reader) => {
    const tally = tallies[format][reader];

    test('no rule that is needed is called unused or covered, and none is planned', () => {
      expect(tally.neededRules).toBeGreaterThan(100 * accountsIn(format));
      expect(tally.condemned).toEqual([]);
    });

    test('of what is called covered, the rules that are named admit all', () => {
      expect(tally.uncovered).toEqual([]);
    });

    test('no connection that truly passed loses its last rule by the plan', () => {
      expect(tally.cut).toEqual([]);
    });

    test('of rules that are left over, in groups that the logs show, nine in ten are called stale', () => {
      const [{ rules, stale }] = tally.leftOver;
      expect(rules).toBeGreaterThan(50 * accountsIn(format));
      expect(stale / rules).toBeGreaterThanOrEqual(0.9);
    });
  });

  test('the night tells who opened a connection at least as well as the stream, and of usual traffic nearly always', () => {
    const usual = orientations[format].of('usual kinds');
    expect(usual.night).toBeGreaterThanOrEqual(usual.streamed);
    expect(usual.night / usual.records).toBeGreaterThanOrEqual(format === 'v5' ? 0.999 : 0.994);
  });
});
