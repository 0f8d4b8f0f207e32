import type { Family, Prefix } from '../addresses/address.ts';
import { PrefixIndex, type PrefixNode } from '../addresses/prefix-index.ts';
import type { Inventory, PortRange, Rule } from '../inventory/inventory.ts';
import { TCP } from '../protocols.ts';

/** Number of ports of TCP or UDP: the width of a rule that admits all, and of one whose protocol has no ports. */
export const ALL_PORTS = 65_536;
/** A rule of at most so many ports names a service: that a client's port falls into it by chance is rare. */
export const NAMED_PORTS = 1024;

/** A rule with what matching asks of it worked out. */
export interface CompiledRule {
  /** Its place among the rules of the inventory, by ascending id. */
  readonly index: number;
  readonly rule: Rule;
  readonly width: number;
  /** Smaller is more specific: narrower ports first, then a named protocol before "all". */
  readonly specificity: number;
  /** Its peer is a group that some interface here carries: who may be a member is known, but for those that are gone. */
  readonly namesCarriedGroup: boolean;
  /** Per family, whether it is open to all addresses, by its block or an entry of its list. */
  readonly openTo: Record<Family, boolean>;
}

/** The rules of one group in one direction, by what they say of the peer. */
export interface GroupSide {
  /** All that can match something. */
  readonly rules: readonly CompiledRule[];
  /** Rules with a CIDR block, and those with a prefix list, once for each entry. */
  readonly byPrefix: readonly { readonly prefix: Prefix; readonly compiled: CompiledRule }[];
  readonly byGroup: ReadonlyMap<string, readonly CompiledRule[]>;
  /** Rules whose peers may not all be known. */
  readonly uncertain: readonly UncertainRule[];
  /** Per family, the rules open to all its addresses: what decides whether a connection is tracked. */
  readonly open: Readonly<Record<Family, readonly CompiledRule[]>>;
  /** Ports of the TCP rules that name few of them: {@link NAMED_PORTS} at most. */
  readonly namedPorts: readonly PortRange[];
}

export interface UncertainRule {
  readonly compiled: CompiledRule;
  /** `always`: any peer of the family could be admitted. `unknownPeer`: one that no interface here has. */
  readonly when: 'always' | 'unknownPeer';
  /** `unknownPeer` only: the peer must lie in a block of one of these VPCs; undefined where the blocks are not known. */
  readonly vpcIds: readonly string[] | undefined;
  /** Undefined: either. */
  readonly family: Family | undefined;
}

/** The sides of several groups as those of one. */
export function merged(sides: readonly GroupSide[]): GroupSide {
  const all = new SideBuilder();
  for (const side of sides) {
    all.rules.push(...side.rules);
    all.byPrefix.push(...side.byPrefix);
    for (const [groupId, rules] of side.byGroup) for (const rule of rules) push(all.byGroup, groupId, rule);
    all.uncertain.push(...side.uncertain);
    for (const family of [4, 6] as const) all.open[family].push(...side.open[family]);
  }
  return all;
}

/** The same, where a rule that names a group or a list could admit any peer of its family. */
export function loosened(sides: readonly GroupSide[], inventory: Inventory): GroupSide {
  const all = new SideBuilder();
  for (const compiled of sides.flatMap(({ rules }) => rules)) {
    const { peer } = compiled.rule;
    if (peer.type === 'cidrIpv4' || peer.type === 'cidrIpv6') all.addPrefix(compiled, peer.prefix);
    else {
      const family = peer.type === 'prefixList' ? inventory.prefixLists.get(peer.value)?.family : undefined;
      all.uncertain.push({ compiled, when: 'always', vpcIds: undefined, family });
    }
  }
  return all;
}

/** A rule whose peers hold the class, with the length of the longest of its prefixes that does. */
export interface Candidate {
  readonly compiled: CompiledRule;
  readonly length: number;
}

/** The tie-break among rules that admit: longest prefix, narrowest ports, named protocol, smallest id. */
export function byPrimacy(a: Candidate, b: Candidate): number {
  return b.length - a.length || a.compiled.specificity - b.compiled.specificity || a.compiled.index - b.compiled.index;
}

const NOBODY: readonly Candidate[] = [];

/** The prefixes of the rules of several sides, and which rules have each. */
export class RulePrefixes {
  readonly index: PrefixIndex;
  readonly #at = new Map<PrefixNode, Candidate[]>();

  constructor(sides: readonly GroupSide[]) {
    const byPrefix = sides.flatMap((side) => side.byPrefix);
    this.index = new PrefixIndex(byPrefix.map(({ prefix }) => prefix));
    for (const { prefix, compiled } of byPrefix) {
      const node = this.index.nodeOf(prefix)!;
      // A list may have an entry twice.
      if (this.#at.get(node)?.at(-1)?.compiled !== compiled) push(this.#at, node, { compiled, length: prefix.length });
    }
    for (const candidates of this.#at.values()) candidates.sort(byPrimacy);
  }

  /** The rules that have this very prefix, by {@link byPrimacy}. */
  at(node: PrefixNode): readonly Candidate[] {
    return this.#at.get(node) ?? NOBODY;
  }
}

/** Gathers the rules of one side. */
export class SideBuilder implements GroupSide {
  readonly rules: CompiledRule[] = [];
  readonly namedPorts: PortRange[] = [];
  readonly byPrefix: { prefix: Prefix; compiled: CompiledRule }[] = [];
  readonly byGroup = new Map<string, CompiledRule[]>();
  readonly uncertain: UncertainRule[] = [];
  readonly open: Record<Family, CompiledRule[]> = { 4: [], 6: [] };

  add(compiled: CompiledRule): void {
    this.rules.push(compiled);
    const { ports, protocolNumber } = compiled.rule;
    if (ports && protocolNumber === TCP && compiled.width <= NAMED_PORTS) this.namedPorts.push(ports);
  }

  addPrefix(compiled: CompiledRule, prefix: Prefix): void {
    this.byPrefix.push({ prefix, compiled });
    if (prefix.length > 0) return;
    const family = prefix.address.family === 6 ? 6 : 4;
    this.open[family].push(compiled);
    compiled.openTo[family] = true;
  }
}

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

export function compileRule(rule: Rule, index: number, namesCarriedGroup: boolean): CompiledRule {
  const width = rule.ports ? rule.ports.to - rule.ports.from + 1 : ALL_PORTS;
  const specificity = 2 * width + (rule.protocolNumber === undefined ? 1 : 0);
  return { index, rule, width, specificity, namesCarriedGroup, openTo: { 4: false, 6: false } };
}
