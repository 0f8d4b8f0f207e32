import type { Rule } from '../inventory/inventory.ts';
import { isoTime } from '../usage/window.ts';

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmpv6'],
]);

/** As AWS writes it in rules: a name for TCP, UDP, ICMP and ICMPv6, the number for all others. */
export function protocolName(protocol: number): string {
  return NAMES.get(protocol) ?? String(protocol);
}

/** `YYYY-MM-DD` of a day counted from 1970-01-01. */
export function isoDay(day: number): string {
  return isoTime(day * 86_400).slice(0, 10);
}

/** `tcp 443`, `udp 1024-2047`, `icmp type 8`, `all`: what the rule admits, for people. */
export function serviceText(rule: Pick<Rule, 'protocol' | 'ports' | 'icmp'>): string {
  if (rule.protocol === '-1') return 'all';
  if (rule.ports) {
    const { from, to } = rule.ports;
    return `${rule.protocol} ${from === to ? String(from) : `${String(from)}-${String(to)}`}`;
  }
  if (rule.icmp && rule.icmp.type >= 0) return `${rule.protocol} type ${String(rule.icmp.type)}`;
  return rule.protocol;
}
