import type { Rule } from '../inventory/inventory.ts';

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
