import { parsePrefix, type Family, type Prefix } from '../../addresses/address.ts';
import { compareText } from '../../text/compare.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { distinctPrefixes } from '../../addresses/prefixes.ts';

/** Type or code of an ICMP rule for all of them. */
const ANY = -1;

const ALL_IPV4 = parsePrefix('0.0.0.0/0')!;
const ALL_IPV6 = parsePrefix('::/0')!;
const ALL_OF: Readonly<Record<Family, Prefix>> = { 4: ALL_IPV4, 6: ALL_IPV6 };

/**
 * Whatever a rule can admit: protocols × ports × peers, for the question whether other rules admit all of it.
 *
 * A list whose entries are not known has `sure` empty and `possible` all of its family: it covers nothing but a rule
 * with the same list, and is covered by nothing but such a rule, or by one for every address. A referenced group has
 * neither: who its members are is another matter from day to day, so it is compared by its name alone.
 */
export interface Reach {
  readonly rule: Rule;
  /** Addresses that it admits: distinct ones, as `distinctPrefixes` has them. */
  readonly sure: readonly Prefix[];
  /** Addresses that it could admit, distinct as well; undefined for a group, whose members' addresses say nothing here. */
  readonly possible: readonly Prefix[] | undefined;
  /** Of the group or list that it names; `''` for a CIDR. Equal names are equal peers, whoever they are. */
  readonly name: string;
}

/**
 * Of every rule, by ascending rule id. Left out: rules that cannot be matched here, and those with a list without
 * entries. They admit nothing, as far as can be told, and so they neither cover nor are covered.
 */
export function reachesOf({ rules, prefixLists }: Inventory): Reach[] {
  const entriesOf = new Map([...prefixLists].map(([id, { entries }]) => [id, entries && distinctPrefixes(entries)]));
  const peersOf = ({ peer }: Rule): Omit<Reach, 'rule'> | undefined => {
    switch (peer.type) {
      case 'cidrIpv4':
      case 'cidrIpv6':
        return { sure: [peer.prefix], possible: [peer.prefix], name: '' };
      case 'prefixList': {
        const entries = entriesOf.get(peer.value);
        if (entries) return entries.length === 0 ? undefined : { sure: entries, possible: entries, name: peer.value };
        const family = prefixLists.get(peer.value)?.family;
        return { sure: [], possible: family === undefined ? [ALL_IPV4, ALL_IPV6] : [ALL_OF[family]], name: peer.value };
      }
      case 'group':
        return { sure: [], possible: undefined, name: peer.value };
      case 'unknown':
        return undefined;
    }
  };
  return rules
    .flatMap((rule) => {
      const peers = rule.unmatchable === undefined ? peersOf(rule) : undefined;
      return peers ? [{ rule, ...peers }] : [];
    })
    .sort((a, b) => compareText(a.rule.ruleId, b.rule.ruleId));
}

/**
 * Whether the other rule admits the services of this one, some of its ports at least. ICMP types are each a service of
 * its own: a rule for some of them never covers one for all. Neither do rules for single protocols cover one for all.
 */
export function fitsService(other: Rule, rule: Rule): boolean {
  if (other.direction !== rule.direction) return false;
  if (other.protocolNumber === undefined) return true;
  if (other.protocolNumber !== rule.protocolNumber) return false;
  if (other.icmp && rule.icmp) {
    if (other.icmp.type === ANY) return true;
    return other.icmp.type === rule.icmp.type && (other.icmp.code === ANY || other.icmp.code === rule.icmp.code);
  }
  return !other.ports || !rule.ports || (other.ports.from <= rule.ports.to && rule.ports.from <= other.ports.to);
}
