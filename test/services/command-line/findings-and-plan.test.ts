/** What a report finds and what it plans must be fit to be done both. */
import { expect, test } from '@jest/globals';
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
