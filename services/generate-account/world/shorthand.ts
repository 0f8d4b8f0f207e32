import { parsePrefix } from '../../../shared/addresses/address.ts';
import type { RulePeer } from './entities.ts';
import type { Direction } from '../../../shared/protocols.ts';

export interface RuleText {
  readonly direction: Direction;
  readonly protocol: string;
  readonly protocolNumber: number | undefined;
  readonly fromPort: number;
  readonly toPort: number;
  readonly peer: RulePeer;
}

const NUMBERS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };

/**
 * Reads `in|out PROTOCOL [PORTS] PEER`: `in tcp 443 0.0.0.0/0`, `out udp 5000-5100 sg:name`, `in icmp 8/-1 ::/0` (type and
 * code), `out all pl:name`, `in 50 192.0.2.1/32`. Names of groups and prefix lists are resolved by the caller.
 */
export function parseRule(text: string, named: (type: 'sg' | 'pl', name: string) => RulePeer): RuleText {
  const words = text.split(' ');
  const [way, protocolWord] = words;
  const peerWord = words.at(-1);
  const ports = words.length === 4 ? words[2]! : '-1/-1';
  const limits = /^(-?\d+)(?:[-/](-?\d+))?$/.exec(ports);
  const needsPorts = protocolWord === 'tcp' || protocolWord === 'udp';
  if (
    (way !== 'in' && way !== 'out') ||
    protocolWord === undefined ||
    peerWord === undefined ||
    limits === null ||
    words.length !== (needsPorts || protocolWord.startsWith('icmp') ? 4 : 3)
  ) {
    throw new Error(`no rule: ${text}`);
  }
  const reference = /^(sg|pl):(.+)$/.exec(peerWord);
  return {
    direction: way === 'in' ? 'ingress' : 'egress',
    protocol: protocolWord === 'all' ? '-1' : protocolWord,
    protocolNumber: protocolWord === 'all' ? undefined : (NUMBERS[protocolWord] ?? Number(protocolWord)),
    fromPort: Number(limits[1]),
    toPort: Number(limits[2] ?? limits[1]),
    peer: reference ? named(reference[1] as 'sg' | 'pl', reference[2]!) : cidrPeer(peerWord, text),
  };
}

function cidrPeer(cidr: string, text: string): RulePeer {
  const prefix = parsePrefix(cidr);
  if (!prefix) throw new Error(`no peer in rule: ${text}`);
  return { type: 'cidr', prefix, text: cidr };
}
