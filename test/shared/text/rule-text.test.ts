import { describe, expect, test } from '@jest/globals';
import { nameAndId } from '../../../shared/text/name-and-id.ts';
import { ruleText, serviceText } from '../../../shared/text/rule-text.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';

describe('a rule of an inventory', () => {
  test.each<[rule: string, text: string]>([
    ['in tcp 443 10.0.0.0/8', 'in tcp 443 from 10.0.0.0/8'],
    ['in tcp 0 10.0.0.0/8', 'in tcp 0 from 10.0.0.0/8'],
    ['out udp 1024-2047 10.0.0.0/8', 'out udp 1024-2047 to 10.0.0.0/8'],
    ['in icmp 8/0 10.0.0.0/8', 'in icmp type 8 code 0 from 10.0.0.0/8'],
    ['in icmp 8/-1 10.0.0.0/8', 'in icmp type 8 from 10.0.0.0/8'],
    ['in icmp 0/0 10.0.0.0/8', 'in icmp type 0 code 0 from 10.0.0.0/8'],
    ['in icmp -1/-1 10.0.0.0/8', 'in icmp from 10.0.0.0/8'],
    ['out -1 sg-2', 'out all to sg-2'],
    ['in 50 10.0.0.0/8', 'in 50 from 10.0.0.0/8'],
  ])('%s is for people: %s', (rule, text) => {
    expect(ruleText(inventoryOf({ rules: [awsRule(rule)] }).rules[0]!)).toBe(text);
  });
});

describe('a rule of a report', () => {
  const PEER = { value: 'sg-2', name: 'app' };
  test.each<[text: string, rule: Parameters<typeof ruleText>[0]]>([
    [
      'in tcp 0-65535 from app (sg-2)',
      { direction: 'ingress', protocol: 'tcp', fromPort: 0, toPort: 65_535, peer: PEER },
    ],
    ['out all to app (sg-2)', { direction: 'egress', protocol: '-1', fromPort: null, toPort: null, peer: PEER }],
  ])('%s', (text, rule) => {
    expect(ruleText(rule)).toBe(text);
  });

  test('is named as the caller says', () => {
    const rule = { direction: 'ingress', protocol: '50', fromPort: null, toPort: null, peer: PEER } as const;
    expect(ruleText(rule, { peerName: 'a…' })).toBe('in 50 from a… (sg-2)');
    expect(ruleText(rule, { peerName: null })).toBe('in 50 from sg-2');
  });
});

test('a service has no peer', () => {
  expect(serviceText({ protocol: 'icmpv6', icmp: { type: 128, code: 0 } })).toBe('icmpv6 type 128 code 0');
});

test.each<[name: string | null | undefined, id: string, text: string]>([
  ['app', 'sg-1', 'app (sg-1)'],
  ['', 'sg-1', 'sg-1'],
  [null, 'sg-1', 'sg-1'],
  [undefined, 'sg-1', 'sg-1'],
  ['sg-1', 'sg-1', 'sg-1'],
])('the name %j and the id %s are %s', (name, id, text) => {
  expect(nameAndId(name, id)).toBe(text);
});
