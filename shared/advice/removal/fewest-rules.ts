import { formatPrefix, maskAddress, parsePrefix, type Prefix } from '../../addresses/address.ts';
import { byPlace, holds } from '../../addresses/prefixes.ts';
import type { Rule, RulePeer } from '../../inventory/inventory.ts';
import { hasPorts, protocolNumber } from '../../protocols.ts';
import type { ProposedRule } from '../narrowing/narrower.ts';

/** ICMP type or code of a rule for all of them. */
const ALL_TYPES = -1;
const ICMP_NAMES: ReadonlySet<string> = new Set(['icmp', 'icmpv6']);

/** A proposed rule as one of the group, described and tagged as the one that it comes from; it has no id yet. */
export function proposedAs({ protocol, ports, peer }: ProposedRule, of: Rule): Rule {
  return {
    ...of,
    ruleId: '',
    protocol,
    protocolNumber: protocol === '-1' ? undefined : protocolNumber(protocol),
    ports,
    icmp: ICMP_NAMES.has(protocol) ? { type: ALL_TYPES, code: ALL_TYPES } : undefined,
    peer: peer.type === of.peer.type && peer.value === of.peer.value ? of.peer : peerOf(peer),
  };
}

function peerOf({ type, value }: ProposedRule['peer']): RulePeer {
  if (type === 'cidrIpv4' || type === 'cidrIpv6') return { type, value, prefix: parsePrefix(value)! };
  // A reference is narrowed in its ports alone.
  throw new Error(`${type} ${value}: not what the rule names`);
}

/** Whether all that the one admits, the other one of the same group admits by itself, by what is told of both. */
export function isInside(inner: Rule, outer: Rule): boolean {
  if (outer.unmatchable !== undefined || inner.direction !== outer.direction) return false;
  if (outer.protocolNumber !== undefined && outer.protocolNumber !== inner.protocolNumber) return false;
  if (outer.ports) {
    const { ports } = inner;
    if (!ports || ports.from < outer.ports.from || ports.to > outer.ports.to) return false;
  }
  if (outer.icmp && outer.icmp.type !== ALL_TYPES) return false;
  const [a, b] = [inner.peer, outer.peer];
  if ('prefix' in a && 'prefix' in b)
    return a.prefix.address.family === b.prefix.address.family && holds(b.prefix, a.prefix);
  if (a.type !== b.type || a.value !== b.value || a.type === 'unknown') return false;
  return a.type !== 'group' || b.type !== 'group' || a.peeringConnectionId === b.peeringConnectionId;
}

/**
 * Rules that admit the same together, as few as putting them together makes: halves of a CIDR of equal protocol and ports, and
 * ports side by side of equal protocol and peer. What one of them admits another one need not.
 *
 * @param mayBe whether there may be such a rule
 */
export function fewest(rules: readonly Rule[], mayBe: (rule: Rule) => boolean): Rule[] {
  let all = withoutHeld(rules);
  for (;;) {
    const joined = withoutHeld(joinPorts(joinHalves(all, mayBe), mayBe));
    if (joined.length === all.length) return all.sort(byService);
    all = joined;
  }
}

function withoutHeld(rules: readonly Rule[]): Rule[] {
  return rules.filter(
    (rule, i) => !rules.some((other, j) => i !== j && isInside(rule, other) && (!isInside(other, rule) || j < i)),
  );
}

function joinHalves(rules: readonly Rule[], mayBe: (rule: Rule) => boolean): Rule[] {
  const parents = Map.groupBy(rules, (rule) => {
    const whole = wholeAround(rule.peer);
    return `${rule.direction} ${portsKey(rule)} ${whole ? formatPrefix(whole) : `${rule.peer.type} ${rule.peer.value}`}`;
  });
  return [...parents.values()].flatMap((halves) => {
    const [first] = halves;
    const whole = wholeAround(first!.peer);
    if (halves.length !== 2 || !whole) return halves;
    const both: Rule = { ...first!, peer: { ...first!.peer, value: formatPrefix(whole), prefix: whole } as RulePeer };
    return mayBe(both) ? [both] : halves;
  });
}

/** Twice as large; undefined where the peer is no CIDR, or all addresses. */
function wholeAround(peer: RulePeer): Prefix | undefined {
  if (!('prefix' in peer) || peer.prefix.length === 0) return undefined;
  const length = peer.prefix.length - 1;
  return { address: maskAddress(peer.prefix.address, length), length };
}

function joinPorts(rules: readonly Rule[], mayBe: (rule: Rule) => boolean): Rule[] {
  const byPeer = Map.groupBy(
    rules,
    ({ direction, protocol, peer }) => `${direction} ${protocol} ${peer.type} ${peer.value}`,
  );
  return [...byPeer.values()].flatMap((some) => {
    const joined: Rule[] = [];
    for (const rule of some.toSorted(byService)) {
      const last = joined.at(-1);
      if (last?.ports && rule.ports && rule.ports.from <= last.ports.to + 1) {
        const both = { ...last, ports: { from: last.ports.from, to: Math.max(last.ports.to, rule.ports.to) } };
        if (mayBe(both)) {
          joined[joined.length - 1] = both;
          continue;
        }
      }
      joined.push(rule);
    }
    return joined;
  });
}

function portsKey({ protocol, ports }: Rule): string {
  return ports ? `${protocol} ${String(ports.from)}-${String(ports.to)}` : protocol;
}

function byService(a: Rule, b: Rule): number {
  const [p, q] = [a.peer, b.peer];
  const places = 'prefix' in p && 'prefix' in q ? byPlace(p.prefix, q.prefix) : p.value < q.value ? -1 : 1;
  return (
    (a.direction === b.direction ? 0 : a.direction === 'ingress' ? -1 : 1) ||
    (a.protocolNumber ?? -1) - (b.protocolNumber ?? -1) ||
    (a.ports?.from ?? -1) - (b.ports?.from ?? -1) ||
    (a.ports?.to ?? -1) - (b.ports?.to ?? -1) ||
    places
  );
}

/**
 * Whether a proposed rule admits what the rule that it comes from was seen to admit: of what peer, matters only where it names a
 * CIDR.
 */
export function admitsStill(
  { protocol, ports, peer }: ProposedRule,
  flow: { readonly protocol: number; readonly port: number; readonly peer: Prefix },
): boolean {
  if (protocol !== '-1' && protocolNumber(protocol) !== flow.protocol) return false;
  if (hasPorts(flow.protocol) && ports && (flow.port < ports.from || flow.port > ports.to)) return false;
  if (peer.type !== 'cidrIpv4' && peer.type !== 'cidrIpv6') return true;
  const prefix = parsePrefix(peer.value);
  return prefix !== undefined && prefix.address.family === flow.peer.address.family && holds(prefix, flow.peer);
}
