import { nameAndId } from './name-and-id.ts';

/** What a rule admits whoever the peer is, as an inventory has it (`ports`) or a report (`fromPort`, `toPort`). */
type Service = {
  readonly protocol: string;
  readonly icmp?: { readonly type: number; readonly code: number } | null | undefined;
} & (
  | { readonly ports?: { readonly from: number; readonly to: number } | undefined }
  | { readonly fromPort: number | null; readonly toPort: number | null }
);

interface Peer {
  readonly value: string;
  /** Of the group or list that the peer is. */
  readonly name?: string | null;
}

type Admitting = Service & { readonly direction: 'ingress' | 'egress'; readonly peer: Peer };

/**
 * What a rule admits, for people: `in tcp 443 from 0.0.0.0/0`, `in icmp type 8 code 0 from app (sg-0abc)`,
 * `out all to S3 (pl-0abc)`. Holds text of others: the peer and its name.
 *
 * @param peerName in the place of the one that the peer has
 */
export function ruleText(rule: Admitting, { peerName = rule.peer.name }: { peerName?: string | null } = {}): string {
  const way = rule.direction === 'ingress' ? ['in', 'from'] : ['out', 'to'];
  return `${way[0]!} ${serviceText(rule)} ${way[1]!} ${nameAndId(peerName, rule.peer.value)}`;
}

/** `tcp 443`, `udp 1024-2047`, `icmp type 8 code 0`, `all`. A type or code of -1 means any, and is left out. */
export function serviceText(rule: Service): string {
  const { protocol, icmp } = rule;
  if (protocol === '-1') return 'all';
  const ports = portsOf(rule);
  if (ports) return `${protocol} ${portText(ports.from, ports.to)}`;
  if (!icmp || icmp.type < 0) return protocol;
  return `${protocol} type ${String(icmp.type)}${icmp.code < 0 ? '' : ` code ${String(icmp.code)}`}`;
}

function portsOf(rule: Service): { readonly from: number; readonly to: number } | undefined {
  if (!('fromPort' in rule)) return rule.ports;
  return rule.fromPort === null ? undefined : { from: rule.fromPort, to: rule.toPort ?? rule.fromPort };
}

/** `443`, `1024-2047`; both ends inclusive. */
export function portText(from: number, to: number): string {
  return from === to ? String(from) : `${String(from)}-${String(to)}`;
}
