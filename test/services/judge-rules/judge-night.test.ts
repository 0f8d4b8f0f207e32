import { describe, expect, test } from '@jest/globals';
import { judgeNight, type CountedDay, type JudgePorts } from '../../../services/judge-rules/judge-night.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { factsOf } from '../../../shared/history/day-facts.ts';
import { contentKey, NOTHING_REMEMBERED } from '../../../shared/inventory/past/past.ts';
import type { RecalledPast } from '../../../shared/inventory/past/past-file.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { usageByDay } from '../../../shared/usage/by-day.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { DAY_0, inventory, QUIET, secondsOf, usage, type World } from '../../shared/verdicts/world.ts';
import { isoDay, type Day, isoTime } from '../../../shared/time.ts';

/** The night after day 10 of a world: see `World`. */
const EVENT = { startedAt: new Date((secondsOf(10) + 3 * 3600) * 1000).toISOString(), execution: 'one' };

/** By that night, of an account that tells nothing. */
const RECALLED: RecalledPast = {
  past: NOTHING_REMEMBERED,
  until: secondsOf(10) + 3 * 3600 - 900,
  wholeSince: undefined,
  missing: [],
};

interface Night extends World {
  /** Of each of these days, two flows of `r1` from one peer: see {@link flowOf}. */
  readonly evidence?: readonly number[];
  /** Milliseconds that reading one flow takes. */
  readonly flowTakes?: number;
  readonly timeLeft?: number;
  readonly spoilt?: string;
  readonly retentionDays?: number;
  readonly reversed?: boolean;
}

interface Judged {
  readonly key: string;
  readonly text: string;
  readonly report: UsageReport;
  readonly asked: readonly [Day, Day];
}

async function judged(night: Night, event: unknown = EVENT, over: Partial<JudgePorts> = {}): Promise<Judged> {
  const world = { ...QUIET, ...night };
  const newest = inventory(world);
  const byDay = usageByDay(usage(world));
  let [written, asked]: [[string, string] | undefined, [Day, Day]] = [undefined, [0, 0]];
  let timeLeft = night.timeLeft ?? 1000;
  const since = { takenAt: secondsOf(-50), inventory: newest };
  const ports: JudgePorts = {
    settings: {
      place: { accountId: '111122223333', region: 'eu-west-1' },
      windowDays: 10,
      retentionDays: night.retentionDays ?? 400,
      rulesKnownSince: undefined,
    },
    newest: async () => ({ inventory: newest, staleReferences: [] }),
    recalled: async () => RECALLED,
    standingAt: async (day) => factsOf({ day, assumed: false, outdated: false }, [since]),
    async *days(first, last): AsyncGenerator<CountedDay> {
      asked = [first, last];
      const always = Array.from({ length: 10 }, (_, i) => DAY_0 + 1 + i);
      const days = [...new Set([...byDay.keys(), ...always])].filter((day) => day >= first).sort((a, b) => a - b);
      for (const day of night.reversed === true ? days.reverse() : days) {
        const quality = { source: 'reconciled', incomplete: null, driftShare: 0, driftingRules: 0 } as const;
        yield {
          facts: factsOf({ day, assumed: false, outdated: false }, [since]),
          usage: byDay.get(day) ?? emptyUsage(),
          other: undefined,
          quality: { day: isoDay(day), ...quality },
        };
      }
    },
    lastUses: async () => [],
    exemptions: async () => [],
    evidence: {
      name: 'evidence',
      days: async () => (night.evidence ?? []).map((day) => DAY_0 + day),
      async *flows(day) {
        yield flowOf(day - DAY_0);
        timeLeft -= night.flowTakes ?? 0;
        if (night.spoilt !== undefined) throw new Error(night.spoilt);
        yield flowOf(day - DAY_0);
      },
    },
    timeLeft: () => timeLeft,
    writeReport: async (key, text) => void (written = [key, text]),
    writeRulesExport: async () => undefined,
    report: () => undefined,
    ...over,
  };
  const { report: key } = await judgeNight(event, ports);
  expect(written![0]).toBe(key);
  return { key, text: written![1], report: JSON.parse(written![1]) as UsageReport, asked };
}

/** The first two days have a peer each, which never comes again; the others have three by turns. */
function flowOf(day: number): ServiceFlow {
  return {
    interfaceId: 'eni-a',
    direction: 'ingress',
    protocol: 6,
    peer: day <= 2 ? `10.9.0.${100 + day}` : `10.9.0.${1 + (day % 3)}`,
    port: 22,
    ruleIds: ['r1'],
    possibleRuleIds: [],
    unclearRuleIds: [],
    untrackedRuleIds: [],
    requests: 1,
    replies: 1,
    inferred: 0,
    packets: 1,
    bytes: 1,
    first: 0,
    last: 0,
  };
}

const USED: Night = { use: ['r1 3 used=2 sole=2 reply=2'], evidence: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };

describe('narrower rules', () => {
  test('rest on all evidence, where there is time', async () => {
    const { report } = await judged(USED);
    expect(report.rules[0]!.narrower).toMatchObject({ days: 10, serviceFlows: 20 });
    expect(report.inventoryProblems).toEqual([]);
  });

  test('rest on the latest days, and say on how many, where there is not', async () => {
    // Each day takes 100: with the seventh done there are 300 left, with the eighth 200, not more than twice a day's.
    const { report } = await judged({ ...USED, flowTakes: 100 });
    expect(report.rules[0]!.narrower).toMatchObject({ days: 8, serviceFlows: 16 });
    expect(report.inventoryProblems).toEqual([
      'narrower rules rest on the latest 8 of 10 days of evidence: time ran out',
    ]);
    const peers = report.rules[0]!.narrower!.rules.map(({ peer }) => peer.value);
    expect(peers).toContain('10.9.0.1/32');
    expect(peers.some((peer) => peer.startsWith('10.9.0.10'))).toBe(false);
  });

  test.each<[why: string, night: Night, problem: string]>([
    ['half a day was read', { flowTakes: 1000 }, `reading ${isoDay(DAY_0 + 10)} took too long`],
    ['evidence cannot be read', { spoilt: 's3://data/evidence: cannot be read' }, 's3://data/evidence: cannot be read'],
  ])('are none where %s, and the verdicts are the same', async (_, night, problem) => {
    const [{ report }, { report: whole }] = [await judged({ ...USED, ...night }), await judged(USED)];
    expect(report.inventoryProblems).toEqual([`no narrower rules are proposed: ${problem}`]);
    expect(report.rules).toEqual(whole.rules.map((rule) => ({ ...rule, narrower: null })));
    expect(whole.rules[0]!.narrower).not.toBeNull();
  });

  test('know no evidence before the longest window', async () => {
    const { report } = await judged({ ...USED, evidence: [-3, -2, -1, 0, ...USED.evidence!] });
    expect(report.rules[0]!.narrower).toMatchObject({ days: 10 });
    const tagged = await judged({
      ...USED,
      tags: ['stale-sg:window=12'],
      interfaces: ['eni-a vpc-1/subnet-1 sg-web -1:aaaaaaaaaaaa'],
      evidence: [-3, -2, -1, 0, ...USED.evidence!],
    });
    expect(tagged.report.rules[0]!.narrower).toMatchObject({ days: 12 });
  });
});

describe('days', () => {
  test.each<[why: string, night: Night, days: [number, number]]>([
    ['those of the window and today', {}, [1, 11]],
    ['of the longest window of a rule', { tags: ['stale-sg:window=30'] }, [-19, 11]],
    ['no more than are kept', { tags: ['stale-sg:window=3650'], retentionDays: 40 }, [-29, 11]],
    ['of a window that is none, the general one', { tags: ['stale-sg:window=9999'] }, [1, 11]],
  ])('%s', async (_, night, days) => {
    const { asked } = await judged(night);
    expect(asked.map((day) => day - DAY_0)).toEqual(days);
  });

  test('in any order give the same report, to the letter', async () => {
    const night = { ...USED, sets: ['3 r1 sg-web', '4 r1 sg-web'] };
    expect((await judged({ ...night, reversed: true })).text).toBe((await judged(night)).text);
  });

  test('that are missing do not let a rule pass as old that was made on them, whoever vouches for old ones', async () => {
    const newest = inventory(QUIET);
    const made = secondsOf(0.5);
    const quality = { source: 'streamed', incomplete: null, driftShare: null, driftingRules: null } as const;
    const knownSince = async (stood: ReadonlyMap<string, number>) => {
      const { report } = await judged({}, EVENT, {
        settings: {
          place: { accountId: '111122223333', region: 'eu-west-1' },
          windowDays: 10,
          retentionDays: 400,
          rulesKnownSince: secondsOf(-300),
        },
        async *days() {
          const facts = factsOf({ day: DAY_0 + 2, assumed: false, outdated: false }, [
            { takenAt: made, inventory: newest },
          ]);
          yield { facts, usage: emptyUsage(), other: undefined, quality: { day: isoDay(DAY_0 + 2), ...quality } };
        },
        standingAt: async () => ({ contents: stood, entries: new Map() }),
      });
      return report.rules[0]!.evidence.knownSince;
    };
    expect(await knownSince(new Map([['sgr-other@0123456789abcdef', secondsOf(-50)]]))).toBe(isoTime(made));
    // Of what was there when the first snapshot was taken, whoever vouches knows more.
    expect(await knownSince(new Map())).toBe(isoTime(secondsOf(-300)));
  });

  test('that cannot be read make it fail, and nothing is written', async () => {
    const wrote: string[] = [];
    const over: Partial<JudgePorts> = {
      async *days() {
        throw new Error('history/day=2026-01-11/run=x.json.gz: cut: 1 usages');
      },
      writeReport: async (key) => void wrote.push(key),
      writeRulesExport: async () => void wrote.push('export'),
    };
    await expect(judged({}, EVENT, over)).rejects.toThrow('cut: 1 usages');
    expect(wrote).toEqual([]);
  });
});

describe('what the account remembers', () => {
  const recalling = (recalled: JudgePorts['recalled']) => judged({}, EVENT, { recalled });

  test('tells the age of rules and who changed them', async () => {
    const [rule] = inventory(QUIET).rules;
    const key = contentKey(rule!);
    const change = { at: secondsOf(5), by: 'alice', what: 'made', before: undefined } as const;
    const past = {
      ...NOTHING_REMEMBERED,
      ages: new Map([[key, { since: secondsOf(5), atLeast: false, source: 'cloudtrail' as const }]]),
      changes: new Map([[key, [change]]]),
    };
    const { report } = await recalling(async () => ({ ...RECALLED, past }));
    const [told] = report.rules;
    expect(told!.verdict).toMatchObject({ kind: 'tooYoung', since: isoTime(secondsOf(5)) });
    expect(told!.evidence).toMatchObject({ knownSince: isoTime(secondsOf(5)), knownBy: 'cloudtrail' });
    expect(told!.changes).toEqual([expect.objectContaining({ by: 'alice' })]);
    expect(report.remembered).toEqual([{ source: 'cloudtrail', interfaces: 0, rules: 0, ages: 1 }]);
  });

  test('is all there for a backfill that ends before the next night', async () => {
    const { report } = await recalling(async () => ({ ...RECALLED, until: RECALLED.until - 23 * 3600 }));
    expect(report.inventoryProblems).toEqual([]);
  });

  test.each<[what: string, recalled: JudgePorts['recalled'], problem: RegExp]>([
    ['was never asked for', async () => undefined, /^nobody asked this account yet/],
    ['cannot be read', () => Promise.reject(new Error('past/x: damaged')), /cannot be used: past\/x: damaged$/],
    [
      'is of the night before',
      async () => ({ ...RECALLED, until: RECALLED.until - 86_400 }),
      /known up to 2026-01-20T02:45:00Z only/,
    ],
    [
      'is not all there',
      async () => ({ ...RECALLED, missing: ['all x'] }),
      /^of what the account remembers is missing: all x$/,
    ],
    ['is odd', async () => ({ ...RECALLED, past: { ...NOTHING_REMEMBERED, problems: ['odd'] } }), /^odd$/],
  ])('that %s is told, and changes no verdict', async (_, recalled, problem) => {
    const [{ report }, { report: usual }] = [await recalling(recalled), await judged({})];
    expect(report.inventoryProblems).toEqual([expect.stringMatching(problem)]);
    expect(report.rules).toEqual(usual.rules);
    expect(usual.inventoryProblems).toEqual([]);
  });
});

test.each<[why: string, over: Partial<JudgePorts>]>([
  ['exemptions', { exemptions: () => Promise.reject(new Error('exemptions cannot be read')) }],
  ['last uses', { lastUses: () => Promise.reject(new Error('last uses cannot be read')) }],
  ['what stood', { standingAt: () => Promise.reject(new Error('what stood cannot be read')) }],
  ['the snapshot', { newest: () => Promise.reject(new Error('the snapshot cannot be read')) }],
])('without %s nothing is judged', async (what, over) => {
  await expect(judged({}, EVENT, over)).rejects.toThrow(`${what} cannot be read`);
});

test.each([
  [{}, 'startedAt'],
  [{ startedAt: 'yesterday', execution: 'x' }, 'startedAt'],
  [{ ...EVENT, execution: '' }, 'execution'],
  [null, 'nothing to judge'],
])('an event that is none: %j', async (event, message) => {
  await expect(judged({}, event)).rejects.toThrow(message);
});

test('the key is that of the execution, below the last day that is over', async () => {
  const [one, again, other] = [await judged({}), await judged({}), await judged({}, { ...EVENT, execution: 'two' })];
  expect(one.key).toMatch(/^reports\/2026-01-20\/20260121T0300Z[0-9a-f]{12}\/report\.json\.gz$/);
  expect([again.key === one.key, again.text === one.text, other.key === one.key]).toEqual([true, true, false]);
});

test('a window that grows: how far it is, when more comes, and no verdict before the least days', async () => {
  const { report } = await judged({ interfaces: ['eni-a vpc-1/subnet-1 sg-web .......aaa'] });
  expect(report.growth).toEqual({
    days: 3,
    firstDay: '2026-01-18',
    verdictsOn: '2026-01-28',
    planOn: null,
    wholeOn: '2026-01-28',
  });
  expect(report.rules[0]!.verdict).toMatchObject({
    reason: 'notWatched',
    because: 'tooFewDays',
    provisional: { watchedDays: 3, windowDays: 10, nextBetterDay: '2026-01-28' },
  });
  expect((await judged({})).report.growth).toBeNull();
});
