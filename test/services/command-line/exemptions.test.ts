import { describe, expect, test } from '@jest/globals';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { filesOf, SSH, VISIT, WEB_AND_SSH } from './evidence-world.ts';
import { runMain } from './program.ts';
import { scratch } from './scratch.ts';

const folder = scratch();
const HEADER = 'rule_id,reason,owner,expires';

async function analyzed(list: string | undefined) {
  await folder.write(filesOf({ rules: WEB_AND_SSH, flowLogs: ['fl-0002 vpc-1 ALL'], logs: { 'fl-0002': [VISIT] } }));
  await folder.write({ 'exemptions.csv': list });
  const options = ['--inventory', folder.path('inventory'), '--logs', folder.path('logs'), '--out', folder.path('out')];
  return runMain(['analyze', ...options, '--exemptions', folder.path('exemptions.csv')]);
}

describe('analyze --exemptions', () => {
  test('keeps a rule on purpose, and tells what is wrong with the list', async () => {
    const list = [HEADER, 'sgr-b,break glass,jane,2026-01-10', 'sgr-a,old,bob,2026-01-09', 'sgr-z,typo,bob,2026-02-01'];
    const run = await analyzed(list.join('\n'));
    expect([run.status, run.stderr]).toEqual([0, '']);
    const { rules, inventoryProblems } = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    expect(rules.map(({ ruleId, verdict, why }) => [ruleId, verdict.kind, why])).toEqual([
      ['sgr-a', 'active', 'used, as far as ports and rules tell: no reply was seen (as with scans)'],
      ['sgr-b', 'exempt', 'kept on purpose until 2026-01-10 (jane): break glass'],
    ]);
    const path = folder.path('exemptions.csv');
    const problems = [
      `${path}:3: exemption of sgr-a expired on 2026-01-09: ask bob`,
      `${path}:4: exemption of sgr-z, which is not a rule of the inventory`,
    ];
    expect(inventoryProblems).toEqual(problems);
    for (const problem of problems) expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain(problem);
  });

  test.each<[why: string, message: string, list: string | undefined]>([
    ['no such file', 'no such file or folder', undefined],
    ['an entry that lacks something', ':2, owner: missing', `${HEADER}\nsgr-b,break glass,,2026-01-10`],
  ])('%s: nothing is read or written', async (_why, message, list) => {
    const run = await analyzed(list);
    expect([run.status, run.stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(run.stderr).toContain(folder.path('exemptions.csv'));
    expect(run.stderr).toContain(message);
    expect(await folder.filesIn('out')).toEqual([]);
  });
});

test('the report tells of each day, of what verdicts rest on, and of rules that went quiet', async () => {
  const lines = [VISIT, `@1-7 ${SSH}`];
  await folder.write(filesOf({ rules: WEB_AND_SSH, flowLogs: ['fl-0002 vpc-1 ALL'], logs: { 'fl-0002': lines } }));
  const options = ['--inventory', folder.path('inventory'), '--logs', folder.path('logs'), '--out', folder.path('out')];
  const run = await runMain(['analyze', ...options, '--rules-known-since', '2025-12-01']);
  expect([run.status, run.stderr]).toEqual([0, '']);
  const { days, rules } = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
  const hours = new Array<number>(24).fill(0);
  const day = (number: number, requests: number) => ({
    day: `2026-01-${String(number).padStart(2, '0')}`,
    source: 'read',
    records: requests,
    hours: hours.with(0, requests),
    driftShare: null,
    driftingRules: null,
    incomplete: null,
    outdated: false,
    heldAgainst: null,
  });
  const numbers = Array.from({ length: 10 }, (_, i) => i + 1);
  expect(days).toEqual(numbers.map((number) => day(number, number <= 7 ? 2 : 1)));
  const known = { knownSince: '2025-12-01T00:00:00Z', knownBy: 'person', young: null };
  const evidence = { days: 10, watchedDays: 10, gaps: [], interfaceDays: 10, observedDays: 10, skipped: 0, ...known };
  expect(rules.map((rule) => [rule.ruleId, rule.evidence, rule.wentQuiet])).toEqual([
    ['sgr-a', { ...evidence, records: 10, accepted: 10 }, null],
    ['sgr-b', { ...evidence, records: 7, accepted: 7 }, { lastDay: '2026-01-07', usedDays: 7, quietDays: 3 }],
  ]);
  expect(rules[1]!.history.map(({ day: on }) => on)).toEqual(numbers.slice(0, 7).map((n) => `2026-01-0${n}`));
});
