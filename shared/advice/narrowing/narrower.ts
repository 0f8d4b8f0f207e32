import type { PortRange } from '../../inventory/inventory.ts';

/** Rules in the place of one that is used, which admit every service flow that was seen and little else. */
export interface Narrower {
  readonly ruleId: string;
  /** The new rules; a handful at most. None admits what the old one does not. */
  readonly rules: readonly ProposedRule[];
  /** 0 to 1: share of the rule's address-and-port space that the new rules give up. */
  readonly givesUp: number;
  /** Service flows that were seen, all of which the new rules admit; one of several days is counted for each. */
  readonly serviceFlows: number;
  /** UTC days of evidence, since the rule is known as it is. Says how far the proposal is to be trusted. */
  readonly days: number;
  /** What a person must know before taking it. */
  readonly caveats: readonly Caveat[];
}

/** What `authorize-security-group-…` would be given. */
export interface ProposedRule {
  /** As AWS writes it: `tcp`, `udp`, `icmp`, or a number. ICMP is for all types, which are never logged. */
  readonly protocol: string;
  /** Undefined for protocols without ports. */
  readonly ports?: PortRange | undefined;
  readonly peer: { readonly type: 'cidrIpv4' | 'cidrIpv6' | 'prefixList' | 'group'; readonly value: string };
}

/** Why a proposal may be tighter than what is needed. In the order in which they are told. */
export const CAVEATS = [
  'fewDays',
  'peersMove',
  'possibleUse',
  'inferredOnly',
  'cutsUntracked',
  'listMayChange',
  'coarse',
] as const;
export type Caveat = (typeof CAVEATS)[number];

/** A sentence for each. */
export const CAVEAT_TEXTS: Readonly<Record<Caveat, string>> = {
  fewDays: 'a few days of evidence show no weekly or monthly traffic',
  peersMove: 'new peers still came at the end: only ports are narrowed',
  possibleUse: 'the rule may have admitted more than what is sure, and that may need it as it is',
  inferredOnly: 'who opened the connections is inferred from ports and rules: no SYN was seen',
  cutsUntracked: 'replies of untracked connections pass by the rule: narrowing it cuts those that are open',
  listMayChange: 'a list of prefixes is replaced by entries that were used, and will no longer follow the list',
  coarse: 'too many peers and ports to be kept one by one: the proposal is wider than it could be',
};

export interface NarrowerOptions {
  /** At most so many new rules. */
  readonly maxRules: number;
  /** 0 to 1: less than this given up is not worth a change. */
  readonly minGivesUp: number;
  /** UTC days of evidence below which nothing is proposed. */
  readonly minDays: number;
}

export const NARROWER_DEFAULTS: NarrowerOptions = { maxRules: 5, minGivesUp: 0.5, minDays: 7 };
