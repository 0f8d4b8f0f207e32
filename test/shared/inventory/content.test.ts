import { describe, expect, test } from '@jest/globals';
import * as shapes from '../../../shared/inventory/aws-shapes.ts';
import { ruleContent } from '../../../shared/inventory/content.ts';
import { ruleFromAws } from '../../../shared/inventory/rule-from-aws.ts';
import { awsRule } from './aws-shorthand.ts';

const content = (shorthand: string, more: Record<string, unknown> = {}, groupName = 'web') =>
  ruleContent(ruleFromAws(shapes.awsRule.parse(awsRule(shorthand, more)), groupName));

test('the text is readable and lasts: histories are kept under it', () => {
  expect(content('in tcp 22-23 10.0.0.0/8')).toBe('["sg-1","ingress","tcp",[22,23],"cidrIpv4","10.0.0.0/8"]');
  expect(content('out -1 sg-2')).toBe('["sg-1","egress","-1",[],"group","sg-2"]');
  expect(content('in icmp 8/-1 pl-1')).toBe('["sg-1","ingress","icmp",[8,-1],"prefixList","pl-1"]');
});

describe('one content', () => {
  const base = 'in tcp 22-23 10.0.0.0/8';
  const rows: [one: string, other: string, more: Record<string, unknown>, why: string][] = [
    [base, base, { SecurityGroupRuleId: 'sgr-2' }, 'the id is only a name'],
    [base, base, { Description: 'x' }, 'a description allows nothing'],
    [base, base, { Tags: [{ Key: 'a', Value: 'b' }] }, 'nor do tags'],
    [base, 'in 6 22-23 10.0.0.0/8', {}, 'a protocol by name or number'],
    [base, 'in tcp 22-23 10.9.9.9/8', {}, 'host bits'],
    ['in -1 2001:db8::/32', 'in -1 2001:0DB8:0:0::0/32', {}, 'spellings of IPv6'],
    ['in udp 10.0.0.0/8', 'in udp 0-65535 10.0.0.0/8', {}, 'all ports, absent or said'],
    ['in icmp 10.0.0.0/8', 'in icmp -1/-1 10.0.0.0/8', {}, 'all of ICMP, absent or said'],
    ['in -1 sg-2', 'in -1', { ReferencedGroupInfo: { GroupId: 'sg-2' } }, 'AWS does not always name the owner'],
  ];
  test.each(rows)('%s = %s %j (%s)', (one, other, more) => {
    expect(content(other, more, 'other name')).toBe(content(one));
  });
});

test('any other difference is another content', () => {
  const all = [
    'in tcp 22-23 10.0.0.0/8',
    'out tcp 22-23 10.0.0.0/8',
    'in udp 22-23 10.0.0.0/8',
    'in tcp 22 10.0.0.0/8',
    'in tcp 23 10.0.0.0/8',
    'in tcp 22-23 10.0.0.0/9',
    'in tcp 22-23 11.0.0.0/8',
    'in tcp 22-23 ::/0',
    'in tcp 22-23 pl-1',
    'in tcp 22-23 sg-1',
    'in -1 10.0.0.0/8',
    'in 50 10.0.0.0/8',
    'in icmp 8/0 10.0.0.0/8',
    'in icmp 8/-1 10.0.0.0/8',
    'in tcp 22.._ 10.0.0.0/8',
    'in tcp 23.._ 10.0.0.0/8',
    'in -1 4=bad',
    'in -1 4=worse',
  ].map((shorthand) => content(shorthand));
  expect(new Set([...all, content('in tcp 22-23 10.0.0.0/8', { GroupId: 'sg-2' })]).size).toBe(all.length + 1);
});

test('no value runs into the next', () => {
  const rule = ruleFromAws(shapes.awsRule.parse(awsRule('in -1', { PrefixListId: 'pl-1' })), 'web');
  const one = ruleContent({ ...rule, groupId: 'sg-1","ingress' });
  expect((JSON.parse(one) as unknown[])[0]).toBe('sg-1","ingress');
});
