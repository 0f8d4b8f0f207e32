import { describe, expect, test } from '@jest/globals';
import { formatAddress, formatPrefix } from '../../../shared/addresses/address.ts';
import * as shapes from '../../../shared/inventory/aws-shapes.ts';
import { interfaceFromAws } from '../../../shared/inventory/interface-from-aws.ts';

function convert(raw: Record<string, unknown>) {
  const problems: string[] = [];
  const one = interfaceFromAws(shapes.awsInterface.parse({ NetworkInterfaceId: 'eni-1', ...raw }), (problem) =>
    problems.push(problem),
  );
  return { one, problems };
}

/** `'10.0.0.4 10.0.0.5*'`: PrivateIpAddresses or Ipv6Addresses, `*` marks the primary one. */
const ipv4 = (list: string) =>
  list.split(' ').map((a) => ({ PrivateIpAddress: a.replace('*', ''), Primary: a.endsWith('*') }));
const ipv6 = (list: string) =>
  list.split(' ').map((a) => ({ Ipv6Address: a.replace('*', ''), IsPrimaryIpv6: a.endsWith('*') }));

describe('addresses', () => {
  const rows: [raw: Record<string, unknown>, primary: string, prefixes: string, why: string][] = [
    [{ PrivateIpAddress: '10.0.0.4' }, '10.0.0.4', '10.0.0.4/32', 'one address'],
    [
      { PrivateIpAddress: '10.0.0.5', PrivateIpAddresses: ipv4('10.0.0.4 10.0.0.5* 10.0.0.6') },
      '10.0.0.5',
      '10.0.0.5/32 10.0.0.4/32 10.0.0.6/32',
      'secondary addresses too, the primary first and once',
    ],
    [{ PrivateIpAddresses: ipv4('10.0.0.4 10.0.0.5*') }, '10.0.0.5', '10.0.0.5/32 10.0.0.4/32', 'the flag decides'],
    [
      { PrivateIpAddress: '10.0.0.4', Ipv6Addresses: ipv6('2001:db8::1 2001:db8::2') },
      '10.0.0.4',
      '10.0.0.4/32 2001:db8::1/128 2001:db8::2/128',
      'both families: the IPv4 address is the primary',
    ],
    [
      { Ipv6Addresses: ipv6('2001:db8::1 2001:db8::2*') },
      '2001:db8::2',
      '2001:db8::2/128 2001:db8::1/128',
      'IPv6 only: its primary',
    ],
    [
      { Ipv6Addresses: ipv6('2001:db8::1 2001:db8::2') },
      '2001:db8::1',
      '2001:db8::1/128 2001:db8::2/128',
      'IPv6 only, none marked: the first',
    ],
    [{ Ipv6Address: '2001:db8::1' }, '2001:db8::1', '2001:db8::1/128', 'the lone IPv6 field'],
    [
      { PrivateIpAddress: '10.0.0.4', Ipv6Addresses: ipv6('2001:db8::1'), Ipv6Address: '2001:DB8:0::1' },
      '10.0.0.4',
      '10.0.0.4/32 2001:db8::1/128',
      'one address in two spellings',
    ],
    [
      {
        PrivateIpAddress: '10.0.0.4',
        Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.16/28' }],
        Ipv6Prefixes: [{ Ipv6Prefix: '2001:db8:1::/80' }],
      },
      '10.0.0.4',
      '10.0.0.4/32 10.0.1.16/28 2001:db8:1::/80',
      'delegated prefixes (pods of EKS)',
    ],
    [
      {
        PrivateIpAddress: '10.0.0.4',
        Association: { PublicIp: '203.0.113.9', CarrierIp: '203.0.113.8' },
        PrivateIpAddresses: [
          { PrivateIpAddress: '10.0.0.4', Primary: true, Association: { PublicIp: '203.0.113.9' } },
          { PrivateIpAddress: '10.0.0.5', Association: { PublicIp: '203.0.113.10' } },
        ],
      },
      '10.0.0.4',
      '10.0.0.4/32 10.0.0.5/32',
      'a group reference means private addresses: public ones never',
    ],
    [{ Groups: null, PrivateIpAddresses: null, Ipv6Addresses: null }, '', '', 'no address yet'],
    [{ PrivateIpAddress: null, PrivateIpAddresses: [{ PrivateIpAddress: null }] }, '', '', 'nulls'],
  ];
  test.each(rows)('%j → primary %s of %s (%s)', (raw, primary, prefixes) => {
    const { one, problems } = convert(raw);
    expect(one.primary ? formatAddress(one.primary) : '').toBe(primary);
    expect(one.prefixes.map(formatPrefix).join(' ')).toBe(prefixes);
    expect(problems).toEqual([]);
  });
});

describe('what is not an address is told and left out', () => {
  const rows: [raw: Record<string, unknown>, primary: string, prefixes: string, told: string, why: string][] = [
    [
      { PrivateIpAddress: '10.0.0.4', PrivateIpAddresses: ipv4('10.0.0.4* 10.0.0.256') },
      '10.0.0.4',
      '10.0.0.4/32',
      '10.0.0.256 is not a valid address',
      'a secondary address',
    ],
    [
      { PrivateIpAddress: '10.0.0.04', PrivateIpAddresses: ipv4('10.0.0.5') },
      '',
      '10.0.0.5/32',
      '10.0.0.04 is not a valid address',
      'the primary one: no other is taken for it',
    ],
    [{ Ipv6Addresses: ipv6('2001:db8::g') }, '', '', '2001:db8::g is not a valid address', 'IPv6'],
    [
      { Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.16' }] },
      '',
      '',
      '10.0.1.16 is not a valid prefix',
      'a prefix without length',
    ],
    [
      { Ipv6Prefixes: [{ Ipv6Prefix: '2001:db8::/129' }] },
      '',
      '',
      '2001:db8::/129 is not a valid prefix',
      'a prefix too long',
    ],
  ];
  test.each(rows)('%j → primary %s of %s, told: %s (%s)', (raw, primary, prefixes, told) => {
    const { one, problems } = convert({ ...raw, Groups: [{ GroupId: 'sg-2' }, { GroupId: 'sg-1' }] });
    expect(one.primary ? formatAddress(one.primary) : '').toBe(primary);
    expect(one.prefixes.map(formatPrefix).join(' ')).toBe(prefixes);
    expect(problems).toEqual([
      `network interface eni-1: ${told} and is left out: traffic of this address is not credited, ` +
        'and rules of or about its groups (sg-1, sg-2) may be used more than is shown',
    ]);
  });
});

test('groups are a union: each once, in an order of our own', () => {
  const { one } = convert({ Groups: ['sg-2', 'sg-10', 'sg-2', 'sg-1'].map((GroupId) => ({ GroupId })) });
  expect(one.groupIds).toEqual(['sg-1', 'sg-10', 'sg-2']);
});

test('the other fields are kept as they are, absent ones as empty text', () => {
  const raw = { VpcId: 'vpc-1', SubnetId: 'subnet-1', InterfaceType: 'network_load_balancer', Description: 'ELB <b>' };
  expect(convert(raw).one).toMatchObject({
    interfaceId: 'eni-1',
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    type: 'network_load_balancer',
    description: 'ELB <b>',
  });
  expect(convert({ Description: null }).one).toMatchObject({ vpcId: '', subnetId: '', type: '', description: '' });
});
