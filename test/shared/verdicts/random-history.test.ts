import { describe, expect, jest, test } from '@jest/globals';
import { dayText, readDay } from '../../../shared/history/day-file.ts';
import { ruleContent } from '../../../shared/inventory/content.ts';
import { contentHash, parseRuleId } from '../../../shared/inventory/versioned-rules.ts';
import { rulesNamed } from '../../../shared/usage/addition.ts';
import { countText } from '../../oracle/core.ts';
import { Random } from '../../oracle/random.ts';
import { toText } from '../../oracle/random-world.ts';
import { judge, Judge, type Judged, type JudgeOptions } from '../../../shared/verdicts/judge.ts';
import type { RuleDay, Usage } from '../../../shared/usage/usage.ts';
import { plainUsage } from '../usage/plain-usage.ts';
import { SIZE } from '../../size.ts';
import { DAY_SECONDS, DAYS, randomHistory, type RandomHistory } from './random-history.ts';
import { dayOf } from '../../../shared/time.ts';

jest.setTimeout(300_000);

const END = (DAYS.at(-1)! + 1) * DAY_SECONDS;
const HISTORIES = 40 * SIZE;

function judgedByDays(history: RandomHistory, options: JudgeOptions, order: readonly number[] = DAYS): Judged[] {
  const byDay = new Judge(history.newest, options);
  for (const day of order) {
    const of = { ...history.ofDay(day), other: undefined };
    const rules = history.states.flatMap(({ inventory }) => inventory.rules);
    const read = readDay(dayText(of, rulesNamed(of.usage, rules)), String(day));
    byDay.addDay(read.facts, read.usage, read.other);
  }
  return byDay.finish();
}

describe('one inventory throughout', () => {
  test('judged day by day, from files and in any order, is judged at once', () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const history = randomHistory(seed, 0);
      const random = new Random(seed);
      const options = { asOf: END - random.between(0, DAY_SECONDS), windowDays: random.between(1, 4) };
      const columns = [...new Set(history.records.flatMap((record) => Object.keys(record)))];
      const whole = countText(history.newest, toText([...history.records], columns));
      const atOnce = judge(history.newest, whole, { ...options, rulesKnownSince: 0 });
      const byDays = judgedByDays(history, { ...options, rulesKnownSince: undefined }, random.shuffled(DAYS));
      expect({ seed, judged: byDays.map(shown) }).toEqual({ seed, judged: atOnce.map(shown) });
      for (const { verdict } of byDays) kinds.add(verdict.kind);
    }
    expect([...kinds].sort()).toEqual(['active', 'notObserved', 'redundant', 'stale', 'tooYoung', 'unattached']);
  });
});

/** All of a judgement, for `toEqual`, but who told of ages. */
function shown({ rule, use, days, evidence, ...rest }: Judged): unknown {
  const toldOf = { ...evidence, knownBy: undefined };
  return { ...rest, evidence: toldOf, ruleId: rule.ruleId, use: plainUsage(use as unknown as Usage), days: [...days!] };
}

/** Contents of rules that a record is credited to, and whether it was to none beside them. */
function creditedBy(usage: Usage): { contents: ReadonlySet<string>; isAlone: boolean } {
  const isCredited = ({ usedTimes, replyTimes }: RuleDay): boolean => usedTimes + replyTimes > 0;
  const ids = [...usage.rules].filter(([, days]) => [...days.values()].some(isCredited)).map(([id]) => id);
  return { contents: new Set(ids.map((id) => parseRuleId(id).content!)), isAlone: ids.length === 1 };
}

describe('an account that changes', () => {
  const counts = { rules: 0, used: 0, falseStale: 0, falseRedundant: 0 };
  const kinds: Record<string, number> = {};
  const wrong: string[] = [];

  test(`over ${HISTORIES} histories no rule that admitted anything is called unused, or covered where nothing covers it`, () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const history = randomHistory(seed, 1 + (seed % 3));
      const judged = judgedByDays(history, { asOf: END, windowDays: 4, rulesKnownSince: undefined });
      const flows = history.records.filter(({ end }) => dayOf(Number(end)) <= DAYS.at(-1)!);
      const alone = flows.map((record) => ({
        then: creditedBy(history.count([record], history.stateAt(Number(record.end)).inventory)).contents,
        now: creditedBy(history.count([record], history.newest)),
      }));
      for (const { rule, verdict } of judged) {
        const content = contentHash(ruleContent(rule));
        const admitted = alone.filter(({ then }) => then.has(content));
        counts.rules++;
        kinds[verdict.kind] = (kinds[verdict.kind] ?? 0) + 1;
        if (admitted.length === 0) continue;
        counts.used++;
        const name = `seed ${seed}, ${rule.ruleId}: ${JSON.stringify(verdict)}`;
        // `tooYoung` denies no use: of the day on which a rule was made, a rule that went on it may have the credit.
        if (['stale', 'unattached'].includes(verdict.kind)) {
          counts.falseStale++;
          wrong.push(name);
        }
        // On the interface as it is now, the rule alone would let it in again.
        const isNeeded = admitted.some(({ now }) => now.isAlone && now.contents.has(content));
        if (verdict.kind === 'redundant' && isNeeded) {
          counts.falseRedundant++;
          wrong.push(name);
        }
      }
    }
    console.log(JSON.stringify({ histories: HISTORIES, ...counts, kinds }));
    expect(wrong).toEqual([]);
    expect(counts.used).toBeGreaterThan(HISTORIES);
    for (const kind of ['stale', 'redundant', 'tooYoung'])
      expect([kind, kinds[kind]]).toEqual([kind, expect.any(Number)]);
  });
});
