/** Verdicts over days whose inventories differ, in the shorthand of `world.ts`. Every day goes through its file. */
import { factsOf, type Moment } from '../../../shared/history/day-facts.ts';
import { dayText, readDay } from '../../../shared/history/day-file.ts';
import { ruleContent } from '../../../shared/inventory/content.ts';
import { contentHash, parseRuleId, versionedId } from '../../../shared/inventory/versioned-rules.ts';
import { rulesNamed } from '../../../shared/usage/addition.ts';
import { usageByDay } from '../../../shared/usage/by-day.ts';
import { emptyUsage, type Usage } from '../../../shared/usage/usage.ts';
import { Judge, type Judged } from '../../../shared/verdicts/judge.ts';
import { DAY_0, inventory, QUIET, secondsOf, shortly, usage, type World } from './world.ts';

/** What stood from a moment on, days as in {@link World}: 3.5 is noon of day 4. What it leaves out is as in the history. */
export interface Snapshot extends Pick<
  World,
  'groups' | 'rules' | 'tags' | 'interfaces' | 'flowLogs' | 'associations' | 'lists'
> {
  readonly at: number;
}

/**
 * Interfaces of the history tell what was read; those of snapshots, what stood. In `use`, `sets` and `lastUses`, `r1` is
 * the rule as the last snapshot in force on the day reads, `r1~0` as the first snapshot does, and so on.
 */
export interface History extends World {
  readonly snapshots: readonly Snapshot[];
  /** What the other source says. */
  readonly other?: Pick<World, 'use' | 'sets'>;
  /** Days of which nobody knows what stood, besides those before the first snapshot. */
  readonly assumed?: readonly number[];
  /** Days without a look at the account. */
  readonly outdated?: readonly number[];
  /** Days that may not be counted as a whole. */
  readonly incomplete?: readonly number[];
  readonly leastDays?: number;
  /** Days that never come. */
  readonly missing?: readonly number[];
  /** `r1 3.5 used`, `r1~0 3.5 possible`, `r1@ 3 used` by its content alone: last uses that are known besides. */
  readonly lastUses?: readonly string[];
  /** The rule that the verdict is of: `r1` unless told. */
  readonly asked?: string;
  /** The first day of which anything is said: 1 unless told. */
  readonly firstDay?: number;
  /** The last one: that after the day of asking unless told. */
  readonly lastDay?: number;
}

const MARGIN = 15 / 1440;

interface Stood {
  readonly at: number;
  readonly moment: Moment;
}

/** Those in force on the day: see `SnapshotIndex`. `at` as in {@link Snapshot}. */
export function inForce<T extends { readonly at: number }>(stood: readonly T[], day: number) {
  const begin = stood.findLastIndex(({ at }) => at <= day - 1 - MARGIN);
  const moments = stood.slice(Math.max(0, begin)).filter(({ at }) => at < day);
  return { moments: moments.length > 0 ? moments : stood.slice(0, 1), assumed: begin < 0 };
}

export function judgedHistory(history: History): Judged[] {
  const { asOf = 10, windowDays = 10, rulesKnownSince, snapshots, firstDay = 1 } = history;
  const { lastDay = Math.ceil(asOf) + 1 } = history;
  const base = { ...QUIET, ...history };
  const stood = snapshots.map((snapshot): Stood => {
    const moment = { takenAt: secondsOf(snapshot.at), inventory: inventory({ ...base, ...snapshot }) };
    return { at: snapshot.at, moment };
  });
  const newest = stood.at(-1)!.moment.inventory;
  const judge = new Judge(newest, {
    asOf: secondsOf(asOf),
    windowDays,
    ...(history.leastDays === undefined ? {} : { leastDays: history.leastDays }),
    rulesKnownSince: rulesKnownSince === undefined ? undefined : secondsOf(rulesKnownSince),
  });
  const spoken = usageByDay(underContents(usage(base), stood));
  const other = usageByDay(
    underContents(usage({ ...base, interfaces: [], use: [], sets: [], ...history.other }), stood),
  );
  for (let day = firstDay; day <= lastDay; day++) {
    if (history.missing?.includes(day)) continue;
    const { moments, assumed: isBefore } = inForce(stood, day);
    const assumed = isBefore || history.assumed?.includes(day) === true;
    const rules = moments.flatMap(({ moment }) => moment.inventory.rules);
    const facts = factsOf(
      { day: DAY_0 + day, assumed, outdated: history.outdated?.includes(day) === true },
      moments.map(({ moment }) => moment),
    );
    const of = { facts, usage: spoken.get(DAY_0 + day) ?? emptyUsage(), other: other.get(DAY_0 + day) };
    const read = readDay(dayText(of, rulesNamed(of.usage, rules)), `day ${day}`);
    judge.addDay(read.facts, read.usage, read.other, history.incomplete?.includes(day));
  }
  judge.addLastUses(
    (history.lastUses ?? []).map((text) => {
      const [id = '', at, kind] = text.split(' ');
      const named = versioned(id.replace(/@$/, ''), stood, stood.length - 1);
      const seconds = secondsOf(Number(at));
      const last = { lastUsed: kind === 'used' ? seconds : -1, lastPossible: kind === 'used' ? -1 : seconds };
      return [id.endsWith('@') ? parseRuleId(named).content! : named, last];
    }),
  );
  return judge.finish();
}

/** Of the rule of that name in the newest snapshot. */
export function verdictIn(history: History): string {
  const { asked: ruleId = 'r1' } = history;
  const found = judgedHistory(history).find(({ rule }) => rule.ruleId === ruleId);
  if (!found) throw new Error(`no rule ${ruleId} in the newest snapshot`);
  return shortly(found.verdict);
}

function underContents(counted: Usage, stood: readonly Stood[]): Usage {
  const lastOn = (day: number): number => stood.indexOf(inForce(stood, day - DAY_0).moments.at(-1)!);
  const rules: Usage['rules'] = new Map();
  for (const [id, days] of counted.rules) {
    for (const [day, use] of days) {
      const name = versioned(id, stood, lastOn(day));
      rules.set(name, (rules.get(name) ?? new Map<number, typeof use>()).set(day, use));
    }
  }
  const admittingSets = new Map(
    [...counted.admittingSets].map(([key, set]) => {
      return [key, { ...set, ruleIds: set.ruleIds.map((id) => versioned(id, stood, lastOn(set.day))).sort() }];
    }),
  );
  return { ...counted, rules, admittingSets };
}

/** `r1~0` or `r1` as of the snapshot that stood last. */
function versioned(name: string, stood: readonly Stood[], last: number): string {
  const [ruleId = '', number = String(last)] = name.split('~');
  const rule = stood[Number(number)]?.moment.inventory.rules.find((one) => one.ruleId === ruleId);
  if (!rule) throw new Error(`no rule ${ruleId} in snapshot ${number}`);
  return versionedId(ruleId, contentHash(ruleContent(rule)));
}
