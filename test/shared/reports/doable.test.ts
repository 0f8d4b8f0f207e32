import { describe, expect, test } from '@jest/globals';
import { canBeDone, defaultGroupsText, isOfDefaultGroup, isTooWide } from '../../../shared/reports/doable.ts';
import type { RuleReport } from '../../../shared/reports/schema.ts';
import { syntheticReport } from '../../browser/synthetic-report.ts';

const [wide] = syntheticReport(60, 30).rules.filter(({ narrower }) => narrower !== null);
const DOOR: Partial<RuleReport> = {
  direction: 'ingress',
  protocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  peer: { type: 'cidrIpv4', value: '0.0.0.0/0', name: null },
  attachedTo: ['load balancer shop', '2 more'],
};

describe('too wide is what could be narrower, but no door that is meant for strangers', () => {
  test.each<[is: boolean, why: string, change: Partial<RuleReport>]>([
    [false, 'the web on a load balancer', DOOR],
    [false, 'of IPv6', { ...DOOR, peer: { type: 'cidrIpv6', value: '::/0', name: null } }],
    [false, 'port 80', { ...DOOR, fromPort: 80, toPort: 80 }],
    [false, 'nothing narrower would do', { narrower: null }],
    [true, 'another port', { ...DOOR, fromPort: 8443, toPort: 8443 }],
    [true, 'more ports than the web has', { ...DOOR, fromPort: 80, toPort: 443 }],
    [true, 'not from everywhere', { ...DOOR, peer: { type: 'cidrIpv4', value: '10.0.0.0/8', name: null } }],
    [true, 'to everywhere', { ...DOOR, direction: 'egress' }],
    [true, 'on no load balancer', { ...DOOR, attachedTo: ['eni-1 (load balancer of old)'] }],
    [true, 'nobody tells on what', { ...DOOR, attachedTo: [] }],
    [true, 'all ports', { ...DOOR, fromPort: null, toPort: null }],
  ])('%s: %s', (is, _why, change) => {
    expect(isTooWide({ ...wide!, ...change })).toBe(is);
  });
});

const unattached = (groupName: string) => ({
  finding: { kind: 'groupOnNoInterface', groupId: 'sg-1', groupName, rules: 1 } as const,
  rank: 1,
});

test('a default group cannot be deleted; one of another name can', () => {
  expect([unattached('default'), unattached('old')].map(isOfDefaultGroup)).toEqual([true, false]);
  expect([unattached('default'), unattached('old')].map(canBeDone)).toEqual([false, true]);
});

test('all default groups are told at once, with what CIS asks', () => {
  const rules = [
    ['sg-1', 'default'],
    ['sg-1', 'default'],
    ['sg-2', 'default'],
    ['sg-3', 'web'],
  ].map(([groupId, groupName]) => ({ groupId: groupId!, groupName: groupName! }));
  expect(defaultGroupsText(rules)).toMatch(
    /^2 default groups have 3 rules\. Nobody can delete them; the CIS AWS Foundations Benchmark asks that they restrict all traffic/,
  );
  expect(defaultGroupsText(rules.slice(0, 1))).toMatch(/^1 default group has 1 rule\./);
  expect(defaultGroupsText(rules.slice(3))).toBeUndefined();
});
