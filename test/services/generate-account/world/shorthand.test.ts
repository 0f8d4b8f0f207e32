import { describe, expect, test } from '@jest/globals';
import { parseRule } from '../../../../services/generate-account/world/shorthand.ts';

const named = (type: 'sg' | 'pl', name: string) =>
  ({ type: 'group', groupId: `${type} ${name}`, peering: undefined }) as const;

describe('rules in shorthand', () => {
  test.each<
    [
      text: string,
      direction: string,
      protocol: string,
      number: number | undefined,
      from: number,
      to: number,
      peer: string,
    ]
  >([
    ['in tcp 443 0.0.0.0/0', 'ingress', 'tcp', 6, 443, 443, '0.0.0.0/0'],
    ['out udp 5000-5100 2001:db8::/32', 'egress', 'udp', 17, 5000, 5100, '2001:db8::/32'],
    ['in icmp 8/-1 10.0.0.0/8', 'ingress', 'icmp', 1, 8, -1, '10.0.0.0/8'],
    ['out icmpv6 -1/-1 ::/0', 'egress', 'icmpv6', 58, -1, -1, '::/0'],
    ['in 50 192.0.2.1/32', 'ingress', '50', 50, -1, -1, '192.0.2.1/32'],
    ['out all sg:web', 'egress', '-1', undefined, -1, -1, 'sg web'],
    ['in tcp 22 pl:office', 'ingress', 'tcp', 6, 22, 22, 'pl office'],
  ])('%s', (text, direction, protocol, protocolNumber, fromPort, toPort, peer) => {
    const rule = parseRule(text, named);
    const shownPeer = rule.peer.type === 'cidr' ? rule.peer.text : rule.peer.type === 'group' ? rule.peer.groupId : '';
    expect({ ...rule, peer: shownPeer }).toEqual({ direction, protocol, protocolNumber, fromPort, toPort, peer });
  });

  test.each([
    'tcp 443 0.0.0.0/0',
    'in tcp 0.0.0.0/0',
    'in tcp x 0.0.0.0/0',
    'in all 80 0.0.0.0/0',
    'in tcp 80 web',
    'in',
  ])('no rule: %s', (text) => {
    expect(() => parseRule(text, named)).toThrow(/^no /);
  });
});
