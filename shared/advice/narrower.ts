import type { PortRange } from '../inventory/inventory.ts';

/** Rules in the place of one that is used, which admit every service flow that was seen and little else. */
export interface Narrower {
  readonly ruleId: string;
  /** The new rules; a handful at most. */
  readonly rules: readonly ProposedRule[];
  /** 0 to 1: share of the rule's address-and-port space that the new rules give up. */
  readonly givesUp: number;
  /** Service flows that were seen, all of which the new rules admit. */
  readonly serviceFlows: number;
  /** UTC days of evidence. Says how far the proposal is to be trusted. */
  readonly days: number;
}

/** What `authorize-security-group-…` would be given. */
export interface ProposedRule {
  /** As AWS writes it: `tcp`, `udp`, or a number. */
  readonly protocol: string;
  /** Undefined for protocols without ports. */
  readonly ports: PortRange | undefined;
  readonly peer: { readonly type: 'cidrIpv4' | 'cidrIpv6' | 'prefixList' | 'group'; readonly value: string };
}
