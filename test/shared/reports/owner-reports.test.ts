import { describe, expect, test } from '@jest/globals';
import { reportByOwner } from '../../../shared/reports/owner-reports.ts';
import type { RuleReport } from '../../../shared/reports/schema.ts';
import { daysBefore, planOf, reportOf, ruleOf } from '../../services/send-report/reports.ts';

const active = { verdict: { kind: 'active', unanswered: false } } as const;
const of = (name: string) => ({ owner: { name, from: 'the tag team of its group' } });
const narrower: RuleReport['narrower'] = {
  ruleId: 'sgr-b',
  rules: [{ protocol: 'tcp', ports: { from: 443, to: 443 }, peer: { type: 'cidrIpv4', value: '10.0.0.0/28' } }],
  givesUp: 0.9,
  serviceFlows: 1,
  days: 90,
  caveats: [],
};
const rules = [
  ruleOf('sgr-1', of('a')),
  ruleOf('sgr-2', { ...of('a'), ...active }),
  ruleOf('sgr-3', { ...of('b'), ...active, groupId: 'sg-b' }),
  ruleOf('sgr-4', { ...of('c'), ...active, narrower }),
  ruleOf('sgr-5', { ...of('d'), ...active, wentQuiet: { lastDay: daysBefore(9), usedDays: 50, quietDays: 9 } }),
  ruleOf('sgr-6', {
    ...of('e'),
    ...active,
    history: [{ day: daysBefore(0), usedTimes: 1, replyTimes: 0, possibleTimes: 0, bytes: 1 }],
  }),
  ruleOf('sgr-7', { owner: null }),
  ruleOf('sgr-8', active),
  ruleOf('sgr-9', of('a')),
];
const skipped = { groupId: 'sg-x', groupName: 'x', verdict: 'stale', reason: 'young' } as const;
const report = reportOf(rules, {
  plan: planOf(
    ['sgr-1', 'sgr-7'],
    [
      { ruleId: 'sgr-9', ...skipped },
      { ruleId: 'sgr-8', ...skipped },
    ],
  ),
  findings: [
    { finding: { kind: 'openToWorld', ruleId: 'sgr-1', service: 'SSH' }, rank: 9, text: '' },
    { finding: { kind: 'openToWorld', ruleId: 'sgr-7', service: 'SSH' }, rank: 9, text: '' },
    { finding: { kind: 'duplicateRules', groupId: 'sg-b', ruleIds: ['sgr-3', 'sgr-7'] }, rank: 9, text: '' },
    { finding: { kind: 'groupOnNoInterface', groupId: 'sg-b', groupName: '', rules: 1 }, rank: 9, text: '' },
  ],
});

const GROUP = {
  groupName: '',
  accountId: '',
  region: '',
  vpcId: '',
  rules: 3,
  unneeded: 2,
  proposal: null,
  reason: 'none may change',
};

describe('a report by owners', () => {
  test('who has what to decide, the most first; who has nothing; what nobody owns', () => {
    const { owners, quiet, unowned } = reportByOwner(report);
    expect(owners.map(({ owner, toTell }) => [owner, toTell])).toEqual([
      ['a', 2],
      ['c', 1],
      ['d', 1],
      ['e', 1],
    ]);
    expect([quiet, unowned]).toEqual([1, { rules: 2, toTell: 1 }]);
  });

  test('each has the own rules alone, in plan and findings as well', () => {
    const could = (groupId: string) => ({ ...GROUP, groupId });
    const plan = { ...report.plan!, groups: [could(rules[0]!.groupId), could('sg-b')] };
    const own = reportByOwner({ ...report, plan }).owners[0]!.report;
    expect(own.plan!.groups!.map(({ groupId }) => groupId)).toEqual([rules[0]!.groupId]);
    expect(own.rules.map(({ ruleId }) => ruleId)).toEqual(['sgr-1', 'sgr-2', 'sgr-9']);
    expect(own.plan!.stages.map(({ removals }) => removals.map(({ rule }) => rule.ruleId))).toEqual([['sgr-1']]);
    expect(own.plan!.skipped.map(({ ruleId }) => ruleId)).toEqual(['sgr-9']);
    expect(own.findings.map(({ finding }) => finding)).toEqual([report.findings[0]!.finding]);
    expect(JSON.stringify(own)).not.toContain('sgr-7');
    const withB = reportByOwner({ ...report, rules: [ruleOf('sgr-3', { ...of('b'), groupId: 'sg-b' })] });
    expect(withB.owners[0]!.report.findings.map(({ finding }) => finding.kind)).toEqual([
      'duplicateRules',
      'groupOnNoInterface',
    ]);
  });

  test('without verdicts there is nothing to tell, to anybody', () => {
    const growth = { days: 3, firstDay: null, verdictsOn: '2026-02-11', planOn: null, wholeOn: '2026-04-01' };
    expect(reportByOwner({ ...report, growth })).toMatchObject({ owners: [], quiet: 5 });
  });
});
