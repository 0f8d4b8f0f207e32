import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RULE_EVENTS } from '../../../shared/inventory/past/event-names.ts';
import type { RuleReport, UsageReport } from '../../../shared/reports/schema.ts';
import { askedFor, madeEvent } from '../../shared/inventory/past/events.ts';
import { SAMPLE_LOGS } from './analyze-sample.ts';
import { runMain, SAMPLE } from './program.ts';
import { scratch } from './scratch.ts';
import { INVENTORY } from './small-account.ts';

const folder = scratch();

const seconds = (text: string): number => Date.parse(text) / 1000;
/** The sample's logs begin on 2026-01-12. */
const NOW = seconds('2026-02-10T00:00:00Z');
const WHOLE = RULE_EVENTS.map((name) => askedFor(name, NOW - 86 * 86_400, NOW));

async function analyzed(pages: readonly object[]): Promise<UsageReport & { rule(id: string): RuleReport }> {
  await cp(join(SAMPLE, 'inventory'), folder.path('inventory'), { recursive: true });
  await folder.write({ 'inventory/cloudtrail-events.json': pages });
  const args = ['analyze', '--inventory', folder.path('inventory'), '--logs', SAMPLE_LOGS, '--out', folder.path('out')];
  const { status, stderr } = await runMain(args);
  expect([status, stderr]).toEqual([0, '']);
  const report = JSON.parse(await readFile(folder.path('out/usage.json'), 'utf8')) as UsageReport;
  return { ...report, rule: (id) => report.rules.find(({ ruleId }) => ruleId === id)! };
}

async function staleRule(): Promise<Record<string, unknown>> {
  const [stale] = (await analyzed([{ Events: [] }])).rules.filter(({ verdict }) => verdict.kind === 'stale');
  const { SecurityGroupRules } = JSON.parse(
    await readFile(join(SAMPLE, 'inventory/security-group-rules.json'), 'utf8'),
  ) as { SecurityGroupRules: Record<string, unknown>[] };
  return SecurityGroupRules.find(({ SecurityGroupRuleId }) => SecurityGroupRuleId === stale!.ruleId)!;
}

test('a history without events tells nothing, and changes nothing', async () => {
  const { rules, inventoryProblems } = await analyzed([{ Events: [] }]);
  for (const { verdict, evidence, changes } of rules) {
    if ('ageUnknown' in verdict) expect(verdict.ageUnknown).toBe(true);
    expect([evidence.knownSince, evidence.knownBy, changes]).toEqual([null, undefined, undefined]);
  }
  expect(inventoryProblems.filter((problem) => /cloudtrail/i.test(problem))).toEqual([]);
});

test('90 days of silence: rules are old enough, and that is known', async () => {
  const { rules, plan } = await analyzed(WHOLE);
  const ages = rules.map(({ verdict }) => ('ageUnknown' in verdict ? verdict.ageUnknown : undefined));
  expect(new Set(ages)).toEqual(new Set([false, undefined]));
  expect(new Set(rules.map(({ evidence }) => evidence.knownBy))).toEqual(new Set(['cloudtrail']));
  expect(plan!.skipped.filter(({ reason }) => reason.includes('how old'))).toEqual([]);
});

test('a shorter history: how old rules are stays unknown, and none is too young for that', async () => {
  const asked = RULE_EVENTS.map((name) => askedFor(name, seconds('2026-01-13T00:00:00Z'), NOW));
  const { rules } = await analyzed(asked);
  expect(rules.filter(({ verdict }) => verdict.kind === 'tooYoung')).toEqual([]);
  const ages = rules.map(({ verdict }) => ('ageUnknown' in verdict ? verdict.ageUnknown : undefined));
  expect(new Set(ages)).toEqual(new Set([true, undefined]));
  expect(rules[0]!.evidence).toMatchObject({ knownSince: '2026-01-13T00:00:00Z', knownBy: 'cloudtrail' });
});

test('a rule that was made in the window is too young, and who made it is told', async () => {
  const rule = await staleRule();
  const made = madeEvent(
    rule.IsEgress === true ? 'AuthorizeSecurityGroupEgress' : 'AuthorizeSecurityGroupIngress',
    seconds('2026-01-13T10:00:00Z'),
    { groupId: rule.GroupId },
    { securityGroupRuleSet: { items: [rule] } },
  );
  const report = await analyzed([{ Events: [made] }, ...WHOLE]);
  expect(report.rule(rule.SecurityGroupRuleId as string)).toMatchObject({
    verdict: { kind: 'tooYoung', young: 'rule', since: '2026-01-13T10:00:00Z' },
    changes: [{ time: '2026-01-13T10:00:00Z', by: 'arn:aws:iam::111122223333:user/alice', what: 'made', before: null }],
  });
  const csv = await folder.read('out/usage.csv');
  expect(csv).toMatch(
    /,known_by,made_by,made_at,edited_by,edited_at,owner,owner_from,attached_to,account_id,region,vpc_id,account_name\r\n/,
  );
  expect(csv).toContain(
    ',cloudtrail,arn:aws:iam::111122223333:user/alice,2026-01-13T10:00:00Z,,,,,load balancer shop,111122223333,',
  );
});

test('a plan says whom to ask: who made the rule, or edited it last', async () => {
  const rule = await staleRule();
  const made = madeEvent(
    rule.IsEgress === true ? 'AuthorizeSecurityGroupEgress' : 'AuthorizeSecurityGroupIngress',
    seconds('2025-12-20T10:00:00Z'),
    { groupId: rule.GroupId },
    { securityGroupRuleSet: { items: [rule] } },
  );
  const { plan, ...report } = await analyzed([{ Events: [made] }, ...WHOLE]);
  expect(report.rule(rule.SecurityGroupRuleId as string).verdict).toMatchObject({ kind: 'stale', ageUnknown: false });
  const out = folder.path('plan');
  const args = ['--report', folder.path('out/usage.json'), '--evidence', folder.path('out'), '--min-days', '1'];
  expect(await runMain(['plan', ...args, '--inventory', folder.path('inventory'), '--out', out])).toMatchObject({
    status: 0,
  });
  const ask = 'made 2025-12-20T10:00:00Z by arn:aws:iam::111122223333:user/alice: ask there';
  expect(await folder.read('plan/plan.json')).toContain(ask);
  expect(plan!.skipped.map(({ ruleId }) => ruleId)).toContain(rule.SecurityGroupRuleId);
});

test('an interface that is gone is known from its birth to its end, by analyze and reconcile alike', async () => {
  const HEADER =
    'version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
  const [day1, day2] = [seconds('2026-01-12T00:00:00Z'), seconds('2026-01-13T00:00:00Z')];
  const line = (start: number): string =>
    `2 eni-gone 203.0.113.9 10.0.0.7 50000 443 6 10 840 ${start} ${start + 59} ACCEPT OK`;
  const networkInterface = {
    networkInterfaceId: 'eni-gone',
    subnetId: 'subnet-1',
    vpcId: 'vpc-1',
    privateIpAddress: '10.0.0.7',
    groupSet: { items: [{ groupId: 'sg-1' }] },
  };
  const events = [
    madeEvent('CreateNetworkInterface', day1 + 3600, {}, { networkInterface }),
    madeEvent('DeleteNetworkInterface', day1 + 3900, { networkInterfaceId: 'eni-gone' }),
  ];
  const asked = ['ModifyNetworkInterfaceAttribute', 'ModifyInstanceAttribute'].map((name) => askedFor(name, day1, NOW));
  await folder.write({
    ...INVENTORY,
    'inventory/cloudtrail-events.json': [{ Events: events }, ...asked],
    'logs/a.log': [HEADER, line(day1 + 3700), line(day2 + 3700), ''].join('\n'),
  });
  const inputs = ['--inventory', folder.path('inventory'), '--logs', folder.path('logs'), '--out', folder.path('out')];
  for (const [args, attributed, unknown] of [
    [['analyze'], 1, 1],
    [['reconcile', '--day', '2026-01-12'], 1, 0],
    [['reconcile', '--day', '2026-01-13'], 0, 1],
  ] as const) {
    expect(await runMain([...args, ...inputs])).toMatchObject({ status: 0, stderr: '' });
    const { records, remembered } = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
    expect([args, records.attributed, records.unknownInterface]).toEqual([args, attributed, unknown]);
    expect(remembered).toEqual([{ source: 'cloudtrail', interfaces: 1, rules: 0, ages: 0 }]);
  }
});
