import { expect, test } from '@jest/globals';
import { nextSteps } from '../../../../shared/reports/next-steps.ts';
import { advisedOf, packReport } from '../../../../shared/reports/page/packed-report.ts';
import { syntheticReport } from '../../../browser/synthetic-report.ts';
import { reportOf, ruleOf } from '../../../services/send-report/reports.ts';
import { mailed } from './letters.ts';

const whole = syntheticReport(60, 30);

test('both parts begin with one thing to do: the first of the page', async () => {
  const { mail } = await mailed(whole);
  const [first] = nextSteps(advisedOf(packReport(whole)));
  const text = mail.text!.slice(0, 1000);
  expect(text).toContain(`DO THIS FIRST\n${first!.title}\n`);
  expect(text).toMatch(/\nThen 2 more steps, in report\.html\.\n/);
  const [before, after] = mail.html!.split(first!.title) as [string, string];
  expect(before).toContain('Do this first');
  expect(before).not.toContain('class="warn"');
  expect(after).toContain('What is said of the rules');
});

test('where nothing is to be done, nothing is said', async () => {
  const { mail } = await mailed(reportOf([ruleOf('sgr-1', { verdict: { kind: 'active', unanswered: false } })]));
  expect(mail.text).not.toContain('DO THIS FIRST');
  expect(mail.html).not.toContain('Do this first');
});

test('groups that nobody can delete are one sentence, in both parts, and no finding', async () => {
  const findings = ['sg-1', 'sg-2'].map((groupId) => ({
    finding: { kind: 'groupOnNoInterface' as const, groupId, groupName: 'default', rules: 1 },
    rank: 9,
    text: `default (${groupId}) is on no interface`,
  }));
  const rules = ['sg-1', 'sg-2'].map((groupId, i) => ruleOf(`sgr-${String(i)}`, { groupId, groupName: 'default' }));
  const { mail } = await mailed(reportOf(rules, { findings }));
  for (const part of [mail.text!, mail.html!.replaceAll(/\s+/g, ' ')]) {
    expect(part.match(/2 default groups have 2 rules/g)).toHaveLength(1);
    expect(part).not.toContain('is on no interface');
  }
});
