import { describe, expect, test } from '@jest/globals';
import {
  matchRules,
  type ParsedReport,
  type RuleOfReport,
} from '../../../../../services/command-line/evidence/reported-verdicts.ts';
import { judgedSince, type Since } from '../../../../../services/command-line/commands/plan/plan-since.ts';
import { ruleContent } from '../../../../../shared/inventory/content.ts';
import { contentHash } from '../../../../../shared/inventory/versioned-rules.ts';
import type { LastUse } from '../../../../../shared/verdicts/rule-sums.ts';
import { awsRule, inventoryOf } from '../../../../shared/inventory/aws-shorthand.ts';

/** 2026-01-11T00:00:00Z; the window is 2026-01-01 to 2026-01-10. */
const AS_OF = Date.UTC(2026, 0, 11) / 1000;
const WINDOW_DAYS = 10;
const at = (day: number, month = 0): number => Date.UTC(2026, month, day, 12) / 1000;

type Rules = Readonly<Record<string, string>>;
type Tags = Readonly<Record<string, string>>;

function inventory(rules: Rules, tags: Readonly<Record<string, Tags>> = {}) {
  const raw = Object.entries(rules).map(([name, text]) => {
    const Tags = Object.entries(tags[name] ?? {}).map(([Key, Value]) => ({ Key, Value }));
    return awsRule(text, { SecurityGroupRuleId: `sgr-${name}`, Tags });
  });
  return inventoryOf({ rules: raw });
}

type Verdict = RuleOfReport['verdict'];
const EVIDENCE = {
  days: 30,
  watchedDays: 30,
  interfaceDays: 30,
  observedDays: 30,
  records: 9,
  accepted: 9,
  skipped: 0,
  knownSince: null,
  young: null,
};
const STALE: Verdict = { kind: 'stale', ageUnknown: false };
const redundant = (...coveredBy: string[]): Verdict => ({ kind: 'redundant', ageUnknown: false, coveredBy });

/** What a report says of the rules: `stale`, but for those named. */
function reportOf(rules: Rules, verdicts: Readonly<Record<string, Verdict>> = {}): ParsedReport {
  const reported = inventory(rules).rules.map((rule): RuleOfReport => {
    const { ruleId, groupId, groupName, direction, protocol, ports, icmp = null } = rule;
    const peer = { type: rule.peer.type, value: rule.peer.value, name: null };
    return {
      ruleId,
      groupId,
      groupName,
      direction,
      protocol,
      icmp,
      peer,
      fromPort: ports?.from ?? null,
      toPort: ports?.to ?? null,
      rank: { score: 50, exposure: 0.5, idleness: 1 },
      narrower: null,
      usedTimes: 0,
      soleTimes: 0,
      replyTimes: 0,
      possibleTimes: 0,
      untrackedReplies: 0,
      lastUsed: null,
      verdict: verdicts[ruleId.slice('sgr-'.length)] ?? STALE,
      why: 'unused',
      evidence: EVIDENCE,
    };
  });
  return { name: 'report', asOf: AS_OF, windowDays: WINDOW_DAYS, days: [], rules: reported };
}

/** Ids of the rules that are left, and of those left out with the begin of each reason. */
function judged(report: ParsedReport, since: Partial<Since> & Pick<Since, 'inventory'>) {
  const { rules, leftOut } = judgedSince(report, { before: [since.inventory], lastUses: [], ...since });
  return {
    rules: rules.map(({ rule }) => rule.ruleId.slice('sgr-'.length)),
    leftOut: Object.fromEntries(
      leftOut.map(({ ruleId, verdict, reason }) => [ruleId.slice(4), `${verdict}: ${reason}`]),
    ),
  };
}

const SSH = 'in tcp 22 10.0.0.0/8';
const WEB = 'in tcp 443 0.0.0.0/0';
const PING = 'in icmp 8/-1 10.0.0.0/8';

describe('a verdict still holds', () => {
  const now = inventory({ a: SSH, b: WEB });

  test('of rules that stand as they did', () => {
    expect(judged(reportOf({ a: SSH, b: WEB }), { inventory: now })).toEqual({ rules: ['a', 'b'], leftOut: {} });
  });

  test('of a rule whose description or other tags are new', () => {
    const tagged = inventory({ a: SSH }, { a: { Name: 'ssh' } });
    expect(judged(reportOf({ a: SSH }), { inventory: tagged, before: [inventory({ a: SSH })] }).rules).toEqual(['a']);
  });

  test('of a rule in use, whatever was edited around it: nobody would remove it', () => {
    const report = reportOf({ a: PING }, { a: { kind: 'active', unanswered: false } });
    const before = [inventory({ a: 'in icmp 13/-1 10.0.0.0/8' })];
    expect(judged(report, { inventory: inventory({ a: PING }), before }).rules).toEqual(['a']);
  });
});

describe('a verdict is none any more', () => {
  test.each<[why: string, before: readonly Rules[]]>([
    ['which ICMP type was judged, the report does not show', [{ a: 'in icmp 13/-1 10.0.0.0/8' }]],
    ['it was edited while the report was made', [{ a: PING }, { a: 'in icmp 13/-1 10.0.0.0/8' }]],
    ['it came while the report was made', [{}, { a: PING }]],
    ['no snapshot tells what stood', []],
  ])('%s', (_why, before) => {
    const some = { inventory: inventory({ a: PING }), before: before.map((rules) => inventory(rules)) };
    expect(judged(reportOf({ a: PING }), some)).toEqual({
      rules: [],
      leftOut: { a: expect.stringMatching(/^stale: it was edited since the report of 2026-01-11T00:00:00Z/) },
    });
  });

  test.each([
    ['stale-sg:keep', 'for the audit'],
    ['stale-sg:window', '365'],
  ])('where the tag %s came or went', (tag, value) => {
    const [plain, tagged] = [inventory({ a: SSH }), inventory({ a: SSH }, { a: { [tag]: value } })];
    const leftOut = { a: expect.stringMatching(/^stale: its tag stale-sg:keep or stale-sg:window was changed since/) };
    const report = reportOf({ a: SSH });
    expect(judged(report, { inventory: tagged, before: [plain] })).toEqual({ rules: [], leftOut });
    expect(judged(report, { inventory: plain, before: [tagged] })).toEqual({ rules: [], leftOut });
  });

  test.each<[why: string, now: Rules]>([
    ['edited', { a: SSH, b: SSH, c: WEB }],
    ['removed', { a: SSH, c: WEB }],
    ['made again under another id', { a: SSH, b2: WEB, c: WEB }],
  ])('where one of the rules that covered it was %s', (_why, rules) => {
    const report = reportOf(
      { a: SSH, b: WEB, c: WEB },
      {
        a: redundant('sgr-c', 'sgr-b'),
        b: { kind: 'active', unanswered: false },
        c: { kind: 'active', unanswered: false },
      },
    );
    const then = inventory({ a: SSH, b: WEB, c: WEB });
    const { rules: left, leftOut } = judged(report, { inventory: inventory(rules), before: [then] });
    expect(left).toEqual(['c']);
    expect(leftOut.a).toMatch(/^redundant: sgr-b, which covered it, was edited or removed since/);
  });

  test('of a rule that is another, new or gone', () => {
    const some = { inventory: inventory({ a: WEB, c: SSH }), before: [inventory({ a: SSH, b: SSH })] };
    expect(judged(reportOf({ a: SSH, b: SSH }), some)).toEqual({
      rules: [],
      leftOut: {
        a: expect.stringMatching(
          /^tooYoung: it was edited: .* judged it stale as "ingress tcp 22-22 .* now it is "ingress tcp 443/,
        ),
        b: 'stale: it is gone: removed since the report of 2026-01-11T00:00:00Z',
        c: 'tooYoung: it is new: the report of 2026-01-11T00:00:00Z lacks it',
      },
    });
  });
});

describe('what the tables know of a last use', () => {
  const now = inventory({ a: SSH });
  const content = contentHash(ruleContent(now.rules[0]!));
  const NEVER = { lastUsed: -1, lastPossible: -1 };

  test.each<[why: string, verdict: Verdict, id: string, use: Partial<LastUse>, holds: boolean]>([
    ['after the report', STALE, `sgr-a@${content}`, { lastUsed: at(12) }, false],
    ['on the first day of the window', STALE, `sgr-a@${content}`, { lastUsed: at(1) }, false],
    ['on the day before it', STALE, `sgr-a@${content}`, { lastUsed: at(31, -1) }, true],
    ['that was only possible', STALE, `sgr-a@${content}`, { lastPossible: at(12) }, false],
    ['that was only possible, before', STALE, `sgr-a@${content}`, { lastPossible: at(31, -1) }, true],
    ['of the same content under a former id', STALE, `sgr-old@${content}`, { lastUsed: at(12) }, false],
    ['of a former content', STALE, 'sgr-a@0000000000000000', { lastUsed: at(12) }, true],
    ['of a rule that others cover: it is in use', redundant(), `sgr-a@${content}`, { lastUsed: at(12) }, true],
    ['of such a rule that was only possible', redundant(), `sgr-a@${content}`, { lastPossible: at(12) }, false],
  ])('%s', (_why, verdict, id, use, holds) => {
    const lastUses = [
      [id, { ...NEVER, ...use }],
      ['sgr-z', NEVER],
    ] as const;
    const { rules, leftOut } = judged(reportOf({ a: SSH }, { a: verdict }), { inventory: now, lastUses });
    expect(rules).toEqual(holds ? ['a'] : []);
    expect(leftOut).toEqual(
      holds ? {} : { a: expect.stringMatching(/: it was used on 2026-01-(?:12|01), or may have been/) },
    );
  });

  test('the latest counts, whatever comes behind it', () => {
    const lastUses = [
      [`sgr-a@${content}`, { lastUsed: at(12), lastPossible: -1 }],
      [`sgr-old@${content}`, { lastUsed: at(31, -1), lastPossible: -1 }],
    ] as const;
    expect(judged(reportOf({ a: SSH }), { inventory: now, lastUses }).rules).toEqual([]);
  });
});

test('rules of report and inventory are matched by id, in the order of the inventory', () => {
  const { same, edited, added, gone } = matchRules(
    reportOf({ a: SSH, b: WEB, c: PING }).rules,
    inventory({ d: SSH, c: SSH, b: WEB }),
  );
  const ids = [same.map(({ rule }) => rule), edited.map(({ rule }) => rule), added, gone];
  expect(ids.map((some) => some.map(({ ruleId }) => ruleId))).toEqual([['sgr-b'], ['sgr-c'], ['sgr-d'], ['sgr-a']]);
});
