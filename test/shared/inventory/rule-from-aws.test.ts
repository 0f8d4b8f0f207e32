import { describe, expect, test } from '@jest/globals';
import * as shapes from '../../../shared/inventory/aws-shapes.ts';
import { ruleFromAws } from '../../../shared/inventory/rule-from-aws.ts';
import { awsRule, showRule } from './aws-shorthand.ts';

const convert = (raw: Record<string, unknown>) => ruleFromAws(shapes.awsRule.parse(raw), 'web');
const shownAs = (shorthand: string) => showRule(convert(awsRule(shorthand)));

describe('rules as they are matched', () => {
  const rows: [aws: string, rule: string, why: string][] = [
    ['in tcp 22-23 10.0.0.0/8', 'ingress tcp(6) 22-23 cidrIpv4 10.0.0.0/8', 'the usual'],
    ['out tcp 443 0.0.0.0/0', 'egress tcp(6) 443-443 cidrIpv4 0.0.0.0/0', 'IsEgress'],
    ['in TCP 22..22 10.0.0.0/8', 'ingress tcp(6) 22-22 cidrIpv4 10.0.0.0/8', 'names in any case'],
    ['in 6 22 10.0.0.0/8', 'ingress tcp(6) 22-22 cidrIpv4 10.0.0.0/8', 'a number for a name keeps its ports'],
    ['in 17 53 10.0.0.0/8', 'ingress udp(17) 53-53 cidrIpv4 10.0.0.0/8', 'UDP is 17'],
    ['in 1 8..0 10.0.0.0/8', 'ingress icmp(1) 8/0 cidrIpv4 10.0.0.0/8', 'ICMP is 1'],
    ['in 58 128..0 ::/0', 'ingress icmpv6(58) 128/0 cidrIpv6 ::/0', 'ICMPv6 is 58'],
    ['in IcmpV6 -1..-1 ::/0', 'ingress icmpv6(58) -1/-1 cidrIpv6 ::/0', 'all of ICMPv6'],
    ['in -1 -1..-1 0.0.0.0/0', 'ingress -1(any) cidrIpv4 0.0.0.0/0', 'all protocols'],
    ['out -1 0.0.0.0/0', 'egress -1(any) cidrIpv4 0.0.0.0/0', 'all protocols, no ports sent'],
    ['in -1 22 0.0.0.0/0', 'ingress -1(any) cidrIpv4 0.0.0.0/0', 'AWS ignores ports of all protocols'],
    ['in 50 10.0.0.0/8', 'ingress 50(50) cidrIpv4 10.0.0.0/8', 'another protocol has no ports'],
    ['in 50 -1..-1 10.0.0.0/8', 'ingress 50(50) cidrIpv4 10.0.0.0/8', 'another protocol, -1 sent'],
    ['in 47 22 10.0.0.0/8', 'ingress 47(47) cidrIpv4 10.0.0.0/8', 'AWS ignores ports of other protocols'],
    ['in 0 10.0.0.0/8', 'ingress 0(0) cidrIpv4 10.0.0.0/8', 'HOPOPT is no falsy "any"'],
    ['in 255 10.0.0.0/8', 'ingress 255(255) cidrIpv4 10.0.0.0/8', 'the last number'],
    ['in tcp 0 10.0.0.0/8', 'ingress tcp(6) 0-0 cidrIpv4 10.0.0.0/8', 'port 0 is a port'],
    ['in tcp 0-65535 10.0.0.0/8', 'ingress tcp(6) 0-65535 cidrIpv4 10.0.0.0/8', 'all ports, said'],
    ['in tcp 10.0.0.0/8', 'ingress tcp(6) 0-65535 cidrIpv4 10.0.0.0/8', 'all ports, absent'],
    ['in udp -1..-1 10.0.0.0/8', 'ingress udp(17) 0-65535 cidrIpv4 10.0.0.0/8', 'all ports, -1'],
    ['in udp -1.._ 10.0.0.0/8', 'ingress udp(17) 0-65535 cidrIpv4 10.0.0.0/8', 'all ports, -1 and absent'],
    ['in icmp 10.0.0.0/8', 'ingress icmp(1) -1/-1 cidrIpv4 10.0.0.0/8', 'all of ICMP, absent'],
    ['in icmp 3/4 10.0.0.0/8', 'ingress icmp(1) 3/4 cidrIpv4 10.0.0.0/8', 'type and code'],
    ['in icmp 8/-1 10.0.0.0/8', 'ingress icmp(1) 8/-1 cidrIpv4 10.0.0.0/8', 'type above code is no backward range'],
    ['in icmp 0.._ 10.0.0.0/8', 'ingress icmp(1) 0/-1 cidrIpv4 10.0.0.0/8', 'type 0 without a code'],
    ['in tcp 22 2001:DB8::/32', 'ingress tcp(6) 22-22 cidrIpv6 2001:DB8::/32', 'CIDRs are shown as AWS does'],
    ['in tcp 22 pl-1', 'ingress tcp(6) 22-22 prefixList pl-1', 'a prefix list'],
    ['in tcp 22 sg-1', 'ingress tcp(6) 22-22 group sg-1', 'its own group'],
  ];
  test.each(rows)('%s → %s (%s)', (aws, rule) => {
    expect(shownAs(aws)).toBe(rule);
  });
});

describe('rules that can match nothing stay, with the reason', () => {
  const rows: [aws: string, rule: string, why: string][] = [
    [
      'in xyz 22..22 10.0.0.0/8',
      'ingress xyz(any) cidrIpv4 10.0.0.0/8 ! unknown protocol xyz',
      'no protocol of this name',
    ],
    ['in 256 10.0.0.0/8', 'ingress 256(any) cidrIpv4 10.0.0.0/8 ! unknown protocol 256', 'no such number'],
    ['in 06 10.0.0.0/8', 'ingress 06(any) cidrIpv4 10.0.0.0/8 ! unknown protocol 06', 'octal or decimal: no guess'],
    ['in -2 10.0.0.0/8', 'ingress -2(any) cidrIpv4 10.0.0.0/8 ! unknown protocol -2', 'only -1 means all'],
    [
      'in tcp 0-65536 10.0.0.0/8',
      'ingress tcp(6) 0-65536 cidrIpv4 10.0.0.0/8 ! ports 0 to 65536 are out of range',
      'above the last port',
    ],
    [
      'in tcp -1..80 10.0.0.0/8',
      'ingress tcp(6) -1-80 cidrIpv4 10.0.0.0/8 ! ports -1 to 80 are out of range',
      '-1 at one end is no "any"',
    ],
    [
      'in tcp 80.5..81 10.0.0.0/8',
      'ingress tcp(6) 80.5-81 cidrIpv4 10.0.0.0/8 ! ports 80.5 to 81 are out of range',
      'no whole number',
    ],
    [
      'in tcp 23..22 10.0.0.0/8',
      'ingress tcp(6) 23-22 cidrIpv4 10.0.0.0/8 ! ports 23 to 22 run backwards',
      'from above to',
    ],
    [
      'in tcp 22.._ 10.0.0.0/8',
      'ingress tcp(6) cidrIpv4 10.0.0.0/8 ! FromPort 22 without ToPort',
      'half a range is not guessed',
    ],
    ['in tcp _..0 10.0.0.0/8', 'ingress tcp(6) cidrIpv4 10.0.0.0/8 ! ToPort 0 without FromPort', 'half a range'],
    [
      'in icmp 256/0 10.0.0.0/8',
      'ingress icmp(1) 256/0 cidrIpv4 10.0.0.0/8 ! ICMP type 256 or code 0 is out of range',
      'types are a byte',
    ],
    [
      'in icmp 8/-2 10.0.0.0/8',
      'ingress icmp(1) 8/-2 cidrIpv4 10.0.0.0/8 ! ICMP type 8 or code -2 is out of range',
      'codes too',
    ],
    ['in -1 10.0.0.0/33', 'ingress -1(any) unknown 10.0.0.0/33 ! 10.0.0.0/33 is not an IPv4 CIDR', 'too long'],
    ['in -1 10.0.0.1', 'ingress -1(any) unknown 10.0.0.1 ! 10.0.0.1 is not an IPv4 CIDR', 'no length'],
    [
      'in -1 010.0.0.0/8',
      'ingress -1(any) unknown 010.0.0.0/8 ! 010.0.0.0/8 is not an IPv4 CIDR',
      'octal is not guessed',
    ],
    ['in -1 4=::/0', 'ingress -1(any) unknown ::/0 ! ::/0 is not an IPv4 CIDR', 'IPv6 in CidrIpv4'],
    ['in -1 6=10.0.0.0/8', 'ingress -1(any) unknown 10.0.0.0/8 ! 10.0.0.0/8 is not an IPv6 CIDR', 'IPv4 in CidrIpv6'],
    [
      'in tcp 22',
      'ingress tcp(6) 22-22 unknown  ! no peer: neither a CIDR nor a prefix list nor a group id',
      'none of the four',
    ],
    [
      'in tcp 22 10.0.0.0/8 sg-2',
      'ingress tcp(6) 22-22 unknown 10.0.0.0/8, sg-2 ! several peers: 10.0.0.0/8, sg-2',
      'two of the four',
    ],
    [
      'in tcp 22 10.0.0.0/8 ::/0 pl-1 sg-2',
      'ingress tcp(6) 22-22 unknown 10.0.0.0/8, ::/0, pl-1, sg-2 ! several peers: 10.0.0.0/8, ::/0, pl-1, sg-2',
      'all four',
    ],
    [
      'in xyz 4=bad',
      'ingress xyz(any) unknown bad ! unknown protocol xyz; bad is not an IPv4 CIDR',
      'every reason is told',
    ],
  ];
  test.each(rows)('%s → %s (%s)', (aws, rule) => {
    expect(shownAs(aws)).toBe(rule);
  });

  test.each([
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
  ])('a protocol that is %s is unknown', (_, IpProtocol) => {
    expect(convert(awsRule('in x 10.0.0.0/8', { IpProtocol })).unmatchable).toBe('unknown protocol ""');
  });
});

describe('the other fields', () => {
  test('a CIDR is parsed, its host bits are cleared as EC2 does', () => {
    expect(convert(awsRule('in -1 10.1.2.3/8')).peer).toEqual({
      type: 'cidrIpv4',
      value: '10.1.2.3/8',
      prefix: { address: { family: 4, w0: 10 << 24, w1: 0, w2: 0, w3: 0 }, length: 8 },
    });
  });

  test.each([
    ['active', false],
    ['deleted', true],
    ['rejected', true],
  ])('a group of another account behind a peering that is %s keeps both; stale: %s', (PeeringStatus, stale) => {
    const ReferencedGroupInfo = {
      GroupId: 'sg-9',
      UserId: '999988887777',
      VpcId: 'vpc-9',
      VpcPeeringConnectionId: 'pcx-1',
      PeeringStatus,
    };
    expect(convert(awsRule('in -1', { ReferencedGroupInfo })).peer).toEqual({
      type: 'group',
      value: 'sg-9',
      ownerId: '999988887777',
      peeringConnectionId: 'pcx-1',
      stale,
    });
  });

  test('nulls and empty text count as absent', () => {
    const rule = awsRule('in tcp 10.0.0.0/8', {
      FromPort: null,
      ToPort: null,
      CidrIpv6: null,
      PrefixListId: '',
      ReferencedGroupInfo: null,
      Description: null,
      Tags: null,
    });
    expect(showRule(convert(rule))).toBe('ingress tcp(6) 0-65535 cidrIpv4 10.0.0.0/8');
    expect(convert(rule)).toMatchObject({ description: '', tags: {}, unmatchable: undefined });
  });

  test('a reference without a group id is no second peer', () => {
    const rule = convert(awsRule('in -1 10.0.0.0/8', { ReferencedGroupInfo: { UserId: '1' } }));
    expect(rule.unmatchable).toBeUndefined();
  });

  test("other people's text is kept to the letter, and quoted in reasons", () => {
    const hostile = '=cmd()|"<script>\u202e\n\u0000';
    const rule = convert(
      awsRule('in -1', { CidrIpv4: hostile, Description: hostile, Tags: [{ Key: hostile, Value: hostile }] }),
    );
    expect(rule.description).toBe(hostile);
    expect(Object.entries(rule.tags)).toEqual([[hostile, hostile]]);
    expect(rule.peer.value).toBe(hostile);
    expect(rule.unmatchable).toBe(String.raw`"=cmd()|\"<script>\u202e\n\u0000" is not an IPv4 CIDR`);
  });

  test('tag keys of the language itself are keys like any other', () => {
    const Tags = ['__proto__', 'constructor', 'toString'].map((Key) => ({ Key, Value: 'x' }));
    const { tags } = convert(awsRule('in -1 10.0.0.0/8', { Tags }));
    expect(Object.keys(tags)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(JSON.stringify(tags)).toBe('{"__proto__":"x","constructor":"x","toString":"x"}');
    expect(convert(awsRule('in -1 10.0.0.0/8')).tags.constructor).toBeUndefined();
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});
