import type { Prefix } from '../addresses/address.ts';
import type { FlowLog, Inventory, NetworkInterface, Rule } from '../inventory/inventory.ts';
import { PortBuckets } from './port-buckets.ts';
import { portClasses } from './port-classes.ts';
import { PrefixIndex, type PrefixNode } from '../addresses/prefix-index.ts';
import type { Direction } from '../protocols.ts';
import { compileGroups, type CompiledGroup } from './compile-groups.ts';
import { GroupPlaces } from './group-places.ts';
import { loosened, merged, push, RulePrefixes, type GroupSide } from './group-side.ts';

/** The distinct sets of groups that interfaces carry: interfaces of one set and VPC are alike to every rule. */
export interface GroupSet {
  readonly id: number;
  readonly vpcId: string;
  /** Sorted. */
  readonly groupIds: readonly string[];
  readonly groups: readonly CompiledGroup[];
}

/** All groups whose rules an interface of one VPC may have, put together as if one interface carried them all. */
export interface VpcGroups {
  readonly vpcId: string;
  readonly strict: GroupSet;
  /**
   * The same where the inventory is not what stood: a rule that names a group or a list could admit whatever its protocol
   * and ports fit, whoever has the address now, and though its reference is stale now.
   */
  readonly loose: GroupSet;
}

export interface CompiledInterface {
  /** Dense, counted from 0. */
  readonly index: number;
  readonly source: NetworkInterface;
  /** Undefined for an interface without groups. */
  readonly groupSet: GroupSet | undefined;
  /** Active flow logs over it, by ascending id. */
  readonly flowLogs: readonly FlowLog[];
}

/**
 * An inventory made ready to be asked. Built once; its size follows rules, prefix-list entries and addresses, and a
 * question's cost does not grow with them but for the logarithm of the distinct prefixes.
 */
export class CompiledInventory {
  readonly inventory: Inventory;
  /** By ascending id: by {@link CompiledRule.index}. */
  readonly rules: readonly Rule[];
  /** The addresses and delegated prefixes of all interfaces, and the blocks of the VPCs. */
  readonly holders: PrefixIndex;
  readonly ports: PortBuckets;
  /** By port: ports of one class are alike to every rule. */
  readonly portClasses: Uint16Array;
  /** Every VPC that a group, an association, an interface or `vpcs.json` names. */
  readonly vpcIds: ReadonlySet<string>;
  /** The owners of its groups. */
  readonly accountIds: ReadonlySet<string>;
  /** By {@link CompiledInterface.index}. */
  readonly interfaces: readonly CompiledInterface[];
  /** Of hashes of what comes from outside: it follows from ids that strangers who send packets do not know. */
  readonly seed: number;
  readonly #interfaces = new Map<string, CompiledInterface>();
  readonly #owners = new Map<PrefixNode, CompiledInterface[]>();
  readonly #vpcsAt = new Map<PrefixNode, string[]>();
  readonly #attachTimes = new Map<PrefixNode, readonly number[]>();
  readonly #places: GroupPlaces;
  readonly #groups: ReadonlyMap<string, CompiledGroup>;
  readonly #groupSets = new Map<string, GroupSet>();
  #groupSetCount = 0;
  readonly #groupsOfVpc = new Map<string, VpcGroups>();
  readonly #vpcOfFlowLog = new Map<string, string>();
  readonly #prefixes: Partial<Record<Direction, RulePrefixes>>[] = [];

  constructor(inventory: Inventory) {
    this.inventory = inventory;
    this.holders = new PrefixIndex(heldPrefixes(inventory));
    this.ports = new PortBuckets(inventory.rules);
    this.portClasses = portClasses(inventory.rules.flatMap(({ ports }) => ports ?? []));
    const named = [...inventory.groups.values(), ...inventory.interfaces.values(), ...inventory.associations];
    this.vpcIds = new Set([...inventory.vpcs.keys(), ...named.map(({ vpcId }) => vpcId)].filter((id) => id !== ''));
    this.accountIds = new Set([...inventory.groups.values()].map(({ ownerId }) => ownerId).filter((id) => id !== ''));
    this.#places = new GroupPlaces(inventory);
    this.rules = inventory.rules.toSorted((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
    this.#groups = compileGroups(inventory, this.#places, this.rules);
    for (const [vpcId, { prefixes }] of inventory.vpcs) {
      for (const prefix of prefixes) push(this.#vpcsAt, this.#node(prefix), vpcId);
    }
    for (const source of inventory.interfaces.values()) this.#addInterface(source);
    this.interfaces = [...this.#interfaces.values()];
    this.seed = seedOf([...this.#interfaces.keys(), ...inventory.groups.keys()]);
    this.#placeFlowLogs();
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
   * When the interfaces that have the address were attached, and went: UNIX seconds, ascending. Before, and after, another may
   * have had it.
   */
  attachTimesAt(node: PrefixNode): readonly number[] {
    let times = this.#attachTimes.get(node);
    if (!times) this.#attachTimes.set(node, (times = this.#findAttachTimes(node)));
    return times;
  }

  #findAttachTimes(node: PrefixNode): number[] {
    const times = new Set<number>();
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      for (const { source } of this.ownersOf(at)) {
        for (const time of [source.attachedAt, source.detachedAt]) if (time !== undefined) times.add(time);
      }
    }
    return [...times].sort((a, b) => a - b);
  }

  /**
   * Whether a peer seen from inside the VPC is surely an interface of the inventory. One of another VPC counts only if
   * this VPC's own blocks are known and do not hold the address: address spaces overlap, and a task that lived here
   * between two snapshots may have had the address that an interface has there.
   *
   * @param time UNIX seconds: who was attached later had no address then
   */
  isKnownPeer(node: PrefixNode, vpcId: string, time: number): boolean {
    let elsewhere = false;
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      for (const owner of this.ownersOf(at)) {
        if (!isAttached(owner, time)) continue;
        if (owner.source.vpcId === vpcId) return true;
        elsewhere = true;
      }
    }
    return elsewhere && this.inventory.vpcs.has(vpcId) && !this.vpcsHolding(node).has(vpcId);
  }

  /**
   * Whether what is at the address, seen from inside the VPC, can only be in this VPC: an interface of it has the address, or a
   * block of it holds it. A VPC's own blocks are routed within it, so an interface of another VPC that has the same address is
   * somebody else. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
   */
  isOfVpc(node: PrefixNode, vpcId: string, time: number): boolean {
    return this.isHeldIn(vpcId, node, time) || this.vpcsHolding(node).has(vpcId);
  }

  /** Whether an interface of the VPC, and of the subnet if one is named, had the address at the time (UNIX seconds). */
  isHeldIn(vpcId: string, node: PrefixNode, time: number, subnetId?: string): boolean {
    const isThere = (owner: CompiledInterface): boolean =>
      isAttached(owner, time) &&
      owner.source.vpcId === vpcId &&
      (subnetId === undefined || owner.source.subnetId === subnetId);
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      if (this.ownersOf(at).some(isThere)) return true;
    }
    return false;
  }

  /** The prefixes of the rules of a set of groups. */
  prefixesOf({ id, groups }: GroupSet, direction: Direction): RulePrefixes {
    const known = (this.#prefixes[id] ??= {});
    return (known[direction] ??= new RulePrefixes(groups.map((group) => group[direction])));
  }

  /** The VPC that the flow log is about, by what it covers; undefined where nothing here says. */
  vpcOfFlowLog(flowLogId: string): string | undefined {
    return this.#vpcOfFlowLog.get(flowLogId);
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
    const compiled = { index: this.#interfaces.size, source, groupSet: this.#groupSetOf(source), flowLogs };
    this.#interfaces.set(source.interfaceId, compiled);
    for (const prefix of source.prefixes) {
      const node = this.#node(prefix);
      const owners = this.#owners.get(node);
      if (owners) owners.push(compiled);
      else this.#owners.set(node, [compiled]);
    }
  }

  #placeFlowLogs(): void {
    const places = new Map<string, string>();
    for (const { interfaceId, subnetId, vpcId } of this.inventory.interfaces.values()) {
      places.set(interfaceId, vpcId).set(subnetId, vpcId);
    }
    for (const { flowLogId, resourceId } of this.inventory.flowLogs ?? []) {
      const vpcId = resourceId.startsWith('vpc-') ? resourceId : places.get(resourceId);
      if (vpcId) this.#vpcOfFlowLog.set(flowLogId, vpcId);
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
   * The groups that an interface of the VPC may carry: those of the VPC, those associated with it, those that interfaces
   * there carry, and those of which AWS did not say the VPC. `''`: nobody knows the VPC, so it could be any.
   */
  groupsOfVpcs(vpcId: string): readonly VpcGroups[] {
    if (vpcId !== '') return [this.#vpcGroups(vpcId)];
    return [...(this.vpcIds.size > 0 ? this.vpcIds : [''])].map((one) => this.#vpcGroups(one));
  }

  #vpcGroups(vpcId: string): VpcGroups {
    let found = this.#groupsOfVpc.get(vpcId);
    if (!found) {
      const groupIds = [...this.#groups.keys()].filter((groupId) => this.#places.mayBeCarriedIn(groupId, vpcId)).sort();
      const groups = groupIds.map((groupId) => this.#groups.get(groupId)!);
      const together = (loose: boolean): GroupSet => {
        const side = (direction: Direction): GroupSide => {
          const sides = groups.map((group) => group[direction]);
          return loose ? loosened(sides, this.inventory) : merged(sides);
        };
        const all = { ingress: side('ingress'), egress: side('egress') };
        return { id: this.#groupSetCount++, vpcId, groupIds, groups: [all] };
      };
      found = { vpcId, strict: together(false), loose: together(true) };
      this.#groupsOfVpc.set(vpcId, found);
    }
    return found;
  }
}

/** A seed of hashes that nobody knows who does not know the ids. */
export function seedOf(ids: readonly string[]): number {
  let seed = 0x9e3779b9;
  for (const id of ids) for (let i = 0; i < id.length; i++) seed = Math.imul(seed ^ id.charCodeAt(i), 0x01000193);
  return seed ^ (seed >>> 15);
}

/** Of one whose attachment nobody knows it is taken that it was always there. */
export function isAttached({ source }: CompiledInterface, time: number): boolean {
  const { attachedAt = -Infinity, detachedAt = Infinity } = source;
  return attachedAt <= time && time < detachedAt;
}

function* heldPrefixes(inventory: Inventory): Generator<Prefix> {
  for (const { prefixes } of inventory.interfaces.values()) yield* prefixes;
  for (const { prefixes } of inventory.vpcs.values()) yield* prefixes;
}
