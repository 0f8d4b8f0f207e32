/**
 * The domain's own shorthand for hand-worked rows.
 *   rule:      'r1 sg-web in tcp 22-23 10.0.0.0/8'
 *   interface: 'eni-a vpc-1 sg-web,sg-db 10.0.0.10 2001:db8::10 10.0.1.16/28 type=lambda'
 *   record:    'eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 pkt-srcaddr=10.8.8.8'; IPv6 as [2001:db8::1]:80
 */
import { ruleFields } from '../shorthand/rule.ts';
import type { OracleInterface, OracleRecord, OracleRule } from './types.ts';

export const ACCOUNT = '111111111111';
export const END = Date.UTC(2026, 0, 30, 12) / 1000;

/** `r1 sg-web in tcp 22-23 10.0.0.0/8`: id and group, then as {@link ruleFields}. */
export function ruleOf(text: string): OracleRule {
  const [id = '', group = '', ...rule] = text.split(/\s+/);
  const fields = ruleFields(rule.join(' '), ACCOUNT);
  return { SecurityGroupRuleId: id, GroupId: group, GroupOwnerId: ACCOUNT, ...fields };
}

export function interfaceOf(text: string): OracleInterface {
  const [id = '', vpc = '', groups = '', ...rest] = text.split(/\s+/);
  const type = rest.find((item) => item.startsWith('type='))?.slice(5) ?? 'interface';
  const addresses = rest.filter((item) => !item.startsWith('type='));
  const take = (colon: boolean, slash: boolean) =>
    addresses.filter((item) => item.includes(':') === colon && item.includes('/') === slash);
  return {
    NetworkInterfaceId: id,
    VpcId: vpc,
    InterfaceType: type,
    Groups: groups === '-' ? [] : groups.split(',').map((GroupId) => ({ GroupId })),
    PrivateIpAddresses: take(false, false).map((PrivateIpAddress, at) => ({ PrivateIpAddress, Primary: at === 0 })),
    Ipv6Addresses: take(true, false).map((Ipv6Address) => ({ Ipv6Address })),
    Ipv4Prefixes: take(false, true).map((Ipv4Prefix) => ({ Ipv4Prefix })),
    Ipv6Prefixes: take(true, true).map((Ipv6Prefix) => ({ Ipv6Prefix })),
  };
}

/** 100 bytes in 10 packets, ending at END, with flow-direction, unless said otherwise. */
export function recordOf(text: string): OracleRecord {
  const [interfaceId = '', direction = '', protocol = '', source = '', , destination = '', ...rest] = text.split(/\s+/);
  const [srcaddr, srcport] = endpointOf(source);
  const [dstaddr, dstport] = endpointOf(destination);
  const given = Object.fromEntries(rest.map((item) => item.split('=') as [string, string]));
  const { flags = '-', ...others } = given;
  return {
    'interface-id': interfaceId,
    srcaddr,
    dstaddr,
    srcport,
    dstport,
    protocol: { icmp: '1', tcp: '6', udp: '17', icmpv6: '58' }[protocol] ?? protocol,
    packets: '10',
    bytes: '100',
    start: String(END - 60),
    end: String(END),
    action: 'ACCEPT',
    'log-status': 'OK',
    'tcp-flags': flags,
    'flow-direction': { in: 'ingress', out: 'egress' }[direction] ?? '-',
    ...others,
  };
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`, or without a port, which logs show as 0. */
function endpointOf(text: string): [string, string] {
  const match = /^\[(.*)\](?::(\d+))?$/.exec(text) ?? /^([^:]*)(?::(\d+))?$/.exec(text);
  return [match?.[1] ?? '', match?.[2] ?? '0'];
}
