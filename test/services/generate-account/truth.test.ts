import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { Checker } from './checker.ts';
import { generated, logFiles, readJson, removeScratchFolders, rulesTruth } from './generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(60_000);

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}

const COUNTERS = ['requests', 'soleRequests', 'replies', 'untrackedReplies', 'requestsSetAside'] as const;
type Recount = Record<(typeof COUNTERS)[number], number>;

describe.each([
  { seed: 1, records: 20_000, interfaces: 60, rules: 400 },
  { seed: 2, records: 10_000, interfaces: 20, rules: 1 },
  { seed: 3, records: 10_000, interfaces: 33, rules: 900, minutes: 3 * 1440, deliveryMinutes: 60 },
  {
    seed: 4,
    records: 12_000,
    interfaces: 25,
    rules: 300,
    minutes: 4 * 1440,
    hard: true,
    unknownPercent: 3,
    deliveryMinutes: 60,
  },
])('%j', (options) => {
  test('rules, records and inventory tell one truth', async () => {
    const { out } = await generated(options);
    const files = await logFiles(out);
    const checker = new Checker(out);
    const rules = rulesTruth(out);
    const editedAt = Date.parse((readJson(out, 'truth/account.json') as { editedAt: string }).editedAt) / 1000;
    const untimed = new Set(rules.flatMap((rule) => rule.earlier.flatMap(({ label }) => [label, rule.ruleId])));
    const counts = new Map(
      checker.rules.map(({ label }) => [label, Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Recount]),
    );
    const wrong: unknown[] = [];

    for (const { records, truths } of files) {
      for (const [i, truth] of truths.entries()) {
        const record = records[i]!;
        if (record['log-status'] !== 'OK') continue;
        const hasGroups = truth.setAside !== 'noGroup';
        const fitting = !hasGroups ? [] : checker.admitting(record, truth);
        const inForce = fitting.filter(
          (label) => !untimed.has(label) || label.includes('@') === Number(record.end) < editedAt,
        );
        const expected = record.action === 'REJECT' ? [] : inForce;
        if (!sameIds(expected, truth.rules) || (record.action === 'ACCEPT' && hasGroups && expected.length === 0)) {
          wrong.push({ record, truth, expected });
        }
        if (
          record.action === 'REJECT' &&
          inForce.length > 0 &&
          !['afterTheClose', 'blockedPublicAccess'].includes(truth.kind)
        ) {
          wrong.push({ record, truth });
        }
        if (!sameIds(checker.passingReplies(record, truth), truth.untrackedBy)) wrong.push({ record, truth });
        for (const label of truth.rules) {
          const count = counts.get(label)!;
          if (truth.setAside !== '') count.requestsSetAside += truth.opened === 'request' ? 1 : 0;
          else if (truth.opened === 'reply') count.replies++;
          else {
            count.requests++;
            if (truth.rules.length === 1) count.soleRequests++;
          }
        }
        if (truth.setAside === '') for (const label of truth.untrackedBy) counts.get(label)!.untrackedReplies++;
      }
    }
    expect(wrong).toEqual([]);

    const told = (each: Recount): Recount => Object.fromEntries(COUNTERS.map((name) => [name, each[name]])) as Recount;
    for (const rule of rules) {
      expect({ id: rule.ruleId, ...told(rule) }).toEqual({ id: rule.ruleId, ...counts.get(rule.ruleId) });
      for (const content of rule.earlier) expect(told(content)).toEqual(counts.get(content.label));
    }
    expect(rules.length).toBe(checker.rules.length - rules.flatMap((rule) => rule.earlier).length);
  });
});

describe('purposes', () => {
  test('hold in what was written', async () => {
    const { out } = await generated({ records: 15_000, interfaces: 60, rules: 400, seed: 11 });
    const rules = rulesTruth(out);
    const byKind = Map.groupBy(rules, (rule) => rule.purpose.kind);
    expect([...byKind.keys()].sort()).toEqual([
      'onlyPossible',
      'quiet',
      'redundant',
      'stale',
      'unattached',
      'unseen',
      'used',
    ]);
    const idle = [...byKind.get('stale')!, ...byKind.get('unattached')!];
    expect(
      idle.filter((rule) => rule.requests + rule.replies + rule.requestsSetAside + rule.requestsUnlogged > 0),
    ).toEqual([]);
    expect(byKind.get('redundant')!.filter((rule) => rule.requests === 0 || rule.soleRequests > 0)).toEqual([]);
    expect(
      byKind.get('quiet')!.filter((rule) => rule.requests === 0 || rule.lastRequest! > rule.purpose.since!),
    ).toEqual([]);
    expect(byKind.get('onlyPossible')!.filter((rule) => rule.requests === 0)).toEqual([]);
    expect(
      byKind.get('unseen')!.filter((rule) => rule.requests > 0 || rule.requestsSetAside + rule.requestsUnlogged === 0),
    ).toEqual([]);
    expect(rules.flatMap((rule) => rule.earlier).filter((content) => content.requests === 0)).toEqual([]);
    expect(byKind.get('used')!.filter((rule) => rule.requests === 0)).toEqual([]);
  });

  test('a redundant rule is covered by each rule it names, in every record', async () => {
    const { out } = await generated({ records: 10_000, interfaces: 60, rules: 400, seed: 12 });
    const files = await logFiles(out);
    const sets = files.flatMap((file) => file.truths.map((truth) => truth.rules));
    const uncovered = rulesTruth(out)
      .filter((rule) => rule.purpose.kind === 'redundant')
      .filter(({ ruleId, purpose }) =>
        sets.some((set) => set.includes(ruleId) && !purpose.cover!.every((id) => set.includes(id))),
      );
    expect(uncovered).toEqual([]);
  });
});
