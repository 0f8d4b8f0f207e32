import type { Family, Prefix } from '../addresses/address.ts';
import type { FlowLog, Inventory, NetworkInterface, Rule, RulePeer } from '../inventory/inventory.ts';
import { PortBuckets } from './port-buckets.ts';
import { PrefixIndex, type PrefixNode } from '../addresses/prefix-index.ts';
import type { Direction } from '../protocols.ts';

/** Number of ports of TCP or UDP: the width of a rule that admits all, and of one whose protocol has no ports. */
export const ALL_PORTS = 65_536;

/** A rule with what matching asks of it worked out. */
export interface CompiledRule {
  /** Its place among the rules of the inventory. */
  readonly index: number;
  readonly rule: Rule;
  readonly width: number;
  /** Smaller is more specific: narrower ports first, then a named protocol before "all". */
  readonly specificity: number;
}

/** The rules of one group in one direction, by what they say of the peer. */
export interface GroupSide {
  /** Rules with a CIDR block, and those with a prefix list, once for each entry. */
  readonly byPrefix: readonly { readonly prefix: Prefix; readonly compiled: CompiledRule }[];
  readonly byGroup: ReadonlyMap<string, readonly CompiledRule[]>;
  /** Rules whose peers may not all be known. */
  readonly uncertain: readonly UncertainRule[];
  /** Per family, the rules open to all its addresses: what decides whether a connection is tracked. */
  readonly open: Readonly<Record<Family, readonly CompiledRule[]>>;
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

export type CompiledGroup = Readonly<Record<Direction, GroupSide>>;

/** The distinct sets of groups that interfaces carry: interfaces of one set and VPC are alike to every rule. */
export interface GroupSet {
  readonly id: number;
  readonly vpcId: string;
  /** Sorted. */
  readonly groupIds: readonly string[];
  readonly groups: readonly CompiledGroup[];
}

export interface CompiledInterface {
  readonly source: NetworkInterface;
  /** Undefined for an interface without groups. */
  readonly groupSet: GroupSet | undefined;
  /** Active flow logs over it, by ascending id. */
  readonly flowLogs: readonly FlowLog[];
}

/** Interface types that can keep the client's address while the rule names their group. */
const KEEPS_CLIENT_ADDRESS: ReadonlySet<string> = new Set([
  'network_load_balancer',
  'ec2_instance_connect_endpoint',
  'global_accelerator_managed',
]);

/**
 * An inventory made ready to be asked. Built once; its size follows rules, prefix-list entries and addresses, and a
 * question's cost does not grow with them but for the logarithm of the distinct prefixes.
 */
export class CompiledInventory {
  readonly inventory: Inventory;
  /** The addresses and delegated prefixes of all interfaces, and the blocks of the VPCs. */
  readonly holders: PrefixIndex;
  readonly ports: PortBuckets;
  /** Every VPC that a group, an interface or `vpcs.json` names. */
  readonly vpcIds: ReadonlySet<string>;
  #rules = 0;
  readonly #interfaces = new Map<string, CompiledInterface>();
  readonly #owners = new Map<PrefixNode, CompiledInterface[]>();
  readonly #vpcsAt = new Map<PrefixNode, string[]>();
  readonly #groups = new Map<string, CompiledGroup>();
  readonly #groupSets = new Map<string, GroupSet>();
  #groupSetCount = 0;
  /** The VPCs of the interfaces that carry each group. */
  readonly #carriers = new Map<string, Set<string>>();
  readonly #uncarried = new Map<string, GroupSet>();

  constructor(inventory: Inventory) {
    this.inventory = inventory;
    this.holders = new PrefixIndex(heldPrefixes(inventory));
    this.ports = new PortBuckets(inventory.rules);
    this.vpcIds = new Set([
      ...inventory.vpcs.keys(),
      ...[...inventory.groups.values(), ...inventory.interfaces.values()].map(({ vpcId }) => vpcId),
    ]);
    this.#compileGroups();
    for (const [vpcId, { prefixes }] of inventory.vpcs) {
      for (const prefix of prefixes) push(this.#vpcsAt, this.#node(prefix), vpcId);
    }
    for (const source of inventory.interfaces.values()) this.#addInterface(source);
  }

  interfaceOf(interfaceId: string): CompiledInterface | undefined {
    return this.#interfaces.get(interfaceId);
  }

  /** The interfaces one of whose addresses or delegated prefixes is this very prefix. */
  ownersOf(node: PrefixNode): readonly CompiledInterface[] {
    return this.#owners.get(node) ?? [];
  }

  /** Whether the interface has the address. */
  owns(owner: CompiledInterface, node: PrefixNode): boolean {
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      if (this.#owners.get(at)?.includes(owner)) return true;
    }
    return false;
  }

  /**
   * Whether a peer seen from inside the VPC is surely an interface of the inventory. One of another VPC counts only if
   * this VPC's own blocks are known and do not hold the address: address spaces overlap, and a task that lived here
   * between two snapshots may have had the address that an interface has there.
   */
  isKnownPeer(node: PrefixNode, vpcId: string): boolean {
    let elsewhere = false;
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      for (const owner of this.ownersOf(at)) {
        if (owner.source.vpcId === vpcId) return true;
        elsewhere = true;
      }
    }
    return elsewhere && this.inventory.vpcs.has(vpcId) && !this.vpcsHolding(node).has(vpcId);
  }

  /** The VPCs one of whose blocks holds the prefix. */
  vpcsHolding(node: PrefixNode): Set<string> {
    const vpcIds = new Set<string>();
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      for (const vpcId of this.#vpcsAt.get(at) ?? []) vpcIds.add(vpcId);
    }
    return vpcIds;
  }

  #node(prefix: Prefix): PrefixNode {
    const node = this.holders.nodeOf(prefix);
    if (!node) throw new Error('a prefix was left out of the index');
    return node;
  }

  #addInterface(source: NetworkInterface): void {
    const flowLogs = (this.inventory.flowLogs ?? [])
      .filter((log) => log.active && [source.interfaceId, source.subnetId, source.vpcId].includes(log.resourceId))
      .sort((a, b) => (a.flowLogId < b.flowLogId ? -1 : 1));
    const compiled = { source, groupSet: this.#groupSetOf(source), flowLogs };
    this.#interfaces.set(source.interfaceId, compiled);
    for (const prefix of source.prefixes) {
      const node = this.#node(prefix);
      const owners = this.#owners.get(node);
      if (owners) owners.push(compiled);
      else this.#owners.set(node, [compiled]);
    }
  }

  #groupSetOf(source: NetworkInterface): GroupSet | undefined {
    if (source.groupIds.length === 0) return undefined;
    const groupIds = [...new Set(source.groupIds)].sort();
    const key = [source.vpcId, ...groupIds].join(' ');
    let groupSet = this.#groupSets.get(key);
    if (!groupSet) this.#groupSets.set(key, (groupSet = this.#groupSet(source.vpcId, groupIds)));
    return groupSet;
  }

  #groupSet(vpcId: string, groupIds: readonly string[]): GroupSet {
    const groups = groupIds.flatMap((groupId) => this.#groups.get(groupId) ?? []);
    return { id: this.#groupSetCount++, vpcId, groupIds, groups };
  }

  /**
   * The groups that no interface of the inventory carries, by VPC: an interface that is not in the inventory may have
   * any of them. `''`: the log does not say which VPC, so it could be any.
   */
  uncarriedGroups(vpcId: string): readonly GroupSet[] {
    if (vpcId === '') return [...this.#uncarried.values()];
    return [vpcId, ''].flatMap((one) => this.#uncarried.get(one) ?? []);
  }

  /**
   * The VPCs where an interface may carry the group: its own and those it is associated with. Undefined where AWS did
   * not describe the group or the blocks of one of them: then a member may have any address.
   */
  #vpcsOf(groupId: string): string[] | undefined {
    const vpcIds = [...this.#placesOf(groupId), ...(this.#carriers.get(groupId) ?? [])];
    return vpcIds.every((vpcId) => this.inventory.vpcs.has(vpcId)) ? vpcIds : undefined;
  }

  /** The group's own VPC (`''` where AWS did not describe the group) and those it is associated with. */
  #placesOf(groupId: string): string[] {
    const associated = this.inventory.associations.filter((association) => association.groupId === groupId);
    return [...new Set([this.inventory.groups.get(groupId)?.vpcId ?? '', ...associated.map(({ vpcId }) => vpcId)])];
  }

  #compileGroups(): void {
    const keepers = new Set<string>();
    for (const { groupIds, type, vpcId } of this.inventory.interfaces.values()) {
      for (const groupId of groupIds) {
        this.#carriers.set(groupId, (this.#carriers.get(groupId) ?? new Set()).add(vpcId));
        if (KEEPS_CLIENT_ADDRESS.has(type)) keepers.add(groupId);
      }
    }
    const certainty = (rule: Rule, peer: RulePeer & { type: 'group' }): UncertainRule['when'] => {
      const owner = this.inventory.groups.get(rule.groupId)?.ownerId ?? '';
      const foreign =
        (this.inventory.groups.get(peer.value)?.vpcId ?? '') === '' ||
        peer.peeringConnectionId !== '' ||
        (peer.ownerId !== '' && owner !== '' && peer.ownerId !== owner);
      if (foreign && !this.#carriers.has(peer.value)) return 'always';
      return rule.direction === 'ingress' && keepers.has(peer.value) ? 'always' : 'unknownPeer';
    };
    for (const [groupId, rules] of Map.groupBy(this.inventory.rules, (rule) => rule.groupId)) {
      const side = (direction: Direction): GroupSide => {
        const builder = new SideBuilder();
        for (const rule of rules) {
          if (rule.direction === direction && rule.unmatchable === undefined) this.#add(rule, builder, certainty);
        }
        return builder;
      };
      this.#groups.set(groupId, { ingress: side('ingress'), egress: side('egress') });
    }
    const uncarried = new Map<string, string[]>();
    for (const groupId of this.#groups.keys()) {
      if (this.#carriers.has(groupId)) continue;
      for (const vpcId of this.#placesOf(groupId)) push(uncarried, vpcId, groupId);
    }
    for (const [vpcId, groupIds] of uncarried) this.#uncarried.set(vpcId, this.#groupSet(vpcId, groupIds.sort()));
  }

  #add(
    rule: Rule,
    side: SideBuilder,
    certainty: (rule: Rule, peer: RulePeer & { type: 'group' }) => UncertainRule['when'],
  ): void {
    const compiled = compileRule(rule, this.#rules++);
    const { peer } = rule;
    switch (peer.type) {
      case 'cidrIpv4':
      case 'cidrIpv6':
        side.addPrefix(compiled, peer.prefix);
        return;
      case 'prefixList': {
        const list = this.inventory.prefixLists.get(peer.value);
        for (const entry of list?.entries ?? []) side.addPrefix(compiled, entry);
        if (!list?.entries) side.uncertain.push({ compiled, when: 'always', vpcIds: undefined, family: list?.family });
        return;
      }
      case 'group':
        push(side.byGroup, peer.value, compiled);
        side.uncertain.push({
          compiled,
          when: certainty(rule, peer),
          vpcIds: this.#vpcsOf(peer.value),
          family: undefined,
        });
        return;
      case 'unknown':
        return;
    }
  }
}

class SideBuilder implements GroupSide {
  readonly byPrefix: { prefix: Prefix; compiled: CompiledRule }[] = [];
  readonly byGroup = new Map<string, CompiledRule[]>();
  readonly uncertain: UncertainRule[] = [];
  readonly open: Record<Family, CompiledRule[]> = { 4: [], 6: [] };

  addPrefix(compiled: CompiledRule, prefix: Prefix): void {
    this.byPrefix.push({ prefix, compiled });
    if (prefix.length === 0) this.open[prefix.address.family === 6 ? 6 : 4].push(compiled);
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

function compileRule(rule: Rule, index: number): CompiledRule {
  const width = rule.ports ? rule.ports.to - rule.ports.from + 1 : ALL_PORTS;
  return { index, rule, width, specificity: 2 * width + (rule.protocolNumber === undefined ? 1 : 0) };
}

function* heldPrefixes(inventory: Inventory): Generator<Prefix> {
  for (const { prefixes } of inventory.interfaces.values()) yield* prefixes;
  for (const { prefixes } of inventory.vpcs.values()) yield* prefixes;
}
