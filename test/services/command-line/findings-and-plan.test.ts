/** What a report finds and what it plans must be fit to be done both. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Plan } from '../../../shared/advice/removal/plan.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { filesOf, VISIT } from './evidence-world.ts';
import { runMain } from './program.ts';
import { scratch } from './scratch.ts';

const folder = scratch();

test('of two rules that cover each other, one by its ports and one by what was seen, not both may go', async () => {
  const rules = { wide: 'sg-a in tcp 0-65535 0.0.0.0/0', narrow: 'sg-a in tcp 443 0.0.0.0/0' };
  await folder.write(filesOf({ rules, days: 30, flowLogs: ['fl-0002 vpc-1 ALL'], logs: { 'fl-0002': [VISIT] } }));
  const paths = ['inventory', 'logs', 'out'].flatMap((name) => [`--${name}`, folder.path(name)]);
  const run = await runMain(['analyze', ...paths, '--rules-known-since', '2025-01-01']);
  expect([run.status, run.stderr]).toEqual([0, '']);
  const { plan, findings } = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
  const removed = plan!.stages.flatMap(({ removals }) => removals.map(({ rule }) => rule.ruleId));
  expect(removed).toEqual(['sgr-wide']);
  const covered = findings.map(({ finding }) => finding).filter(({ kind }) => kind === 'coveredByRules');
  expect(covered).toMatchObject([{ ruleId: 'sgr-narrow', coveredBy: ['sgr-wide'], mustStay: true }]);
});

describe('what a group could be, from logs to a plan', () => {
  const rules = {
    wide: 'sg-a in tcp 0-65535 0.0.0.0/0',
    unused: 'sg-a in udp 53 10.0.0.0/8',
    other: 'sg-b in tcp 22 0.0.0.0/0',
  };
  const STAYS_SSH = 'eni-1 198.51.100.7:50000 > 10.0.0.10:22 6';

  async function planned(visits: readonly string[], vouched: readonly string[]): Promise<readonly Plan[]> {
    await folder.write(filesOf({ rules, days: 31, flowLogs: ['fl-0002 vpc-1 ALL'], logs: { 'fl-0002': visits } }));
    const paths = ['inventory', 'logs', 'out'].flatMap((name) => [`--${name}`, folder.path(name)]);
    const analyzed = await runMain(['analyze', ...paths, ...vouched]);
    expect([analyzed.status, analyzed.stderr]).toEqual([0, '']);
    const out = folder.path(`plan-${String(plans++)}`);
    const from = [
      '--report',
      folder.path('out/usage.json'),
      '--evidence',
      folder.path('out'),
      '--inventory',
      folder.path('inventory'),
    ];
    const run = await runMain(['plan', ...from, '--out', out]);
    expect([run.status, run.stderr]).toEqual([0, '']);
    const { plan } = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    return [plan!, JSON.parse(await readFile(join(out, 'plan.json'), 'utf8')) as Plan];
  }
  let plans = 0;

  const told = ({ groups = [] }: Plan): unknown =>
    groups.map(({ groupId, proposal, reason }) => [
      groupId,
      reason ?? [
        proposal!.adds.map(({ rule }) => `${String(rule.ports!.from)} ${rule.peer.value}`),
        proposal!.removes.length,
      ],
    ]);

  test('the report and the plan say the same: what is seen, no more, and what was wide or unused goes', async () => {
    const both = await planned([VISIT, STAYS_SSH], ['--rules-known-since', '2025-01-01']);
    for (const plan of both) {
      expect(told(plan)).toEqual([['sg-a', [['22 198.51.100.7/32', '443 0.0.0.0/0'], 2]]]);
    }
  });

  test('what was seen since the report, and would be cut, keeps the rule as it is', async () => {
    const vouched = ['--rules-known-since', '2025-01-01'];
    await planned([VISIT, STAYS_SSH], vouched);
    await folder.write({ 'old.json': await folder.read('out/usage.json') });
    await planned([VISIT, STAYS_SSH, '@31-31 eni-1 198.51.100.7:50001 > 10.0.0.10:8080 6'], vouched);
    const from = [
      '--report',
      folder.path('old.json'),
      '--evidence',
      folder.path('out'),
      '--inventory',
      folder.path('inventory'),
    ];
    expect((await runMain(['plan', ...from, '--out', folder.path('plan-old')])).status).toBe(0);
    const [group] = (JSON.parse(await folder.read('plan-old/plan.json')) as Plan).groups!;
    expect(group!.proposal!.adds).toEqual([]);
    expect(group!.proposal!.keeps).toMatchObject([
      {
        ruleId: 'sgr-wide',
        reason: expect.stringMatching(/^1 flow that it was seen to admit would not pass/) as unknown,
      },
    ]);
  });

  test('where nobody knows how old rules are, none is narrowed', async () => {
    for (const plan of await planned([VISIT, STAYS_SSH], [])) {
      expect(told(plan)).toEqual([
        ['sg-a', expect.stringMatching(/^none of its rules may change: sgr-unused stays, since how old/)],
      ]);
    }
  });
});
