import { parseAddress, parsePrefix } from '../../../shared/addresses/address.ts';
import type { Random } from '../random/random.ts';
import { AddressPool } from './address-pool.ts';
import type {
  Endpoint,
  FlowLog,
  Group,
  GroupSet,
  Interface,
  ListEntry,
  Middlebox,
  Peering,
  Place,
  PrefixList,
  Rule,
  RuleContent,
  RulePeer,
  Subnet,
  Vpc,
} from './entities.ts';
import type { Purpose } from './purposes.ts';
import { parseRule } from './shorthand.ts';

/** A rule as the tables write it: shorthand, purpose, description. */
export type RuleRow = readonly [text: string, purpose: Purpose, description?: string];

export interface InterfaceOptions {
  readonly subnet: Subnet;
  readonly groups: readonly string[];
  readonly type?: string;
  readonly description?: string;
  readonly requesterId?: string;
  readonly isPublic?: boolean;
  readonly hasIpv6?: boolean;
  readonly secondaryCount?: number;
  /** Delegated /28 prefixes; each lends four addresses to the simulation. */
  readonly prefixCount?: number;
  readonly inInventory?: boolean;
  /** UNIX seconds; by default long before the run. */
  readonly attachedAt?: number;
  /** Instead of the subnet's next one. */
  readonly address?: string;
  readonly id?: string;
}

/** Collects the world, and resolves the short names that its tables use. Ids come from one random stream. */
export class WorldBuilder {
  readonly random: Random;
  readonly vpcs: Vpc[] = [];
  readonly subnets: Subnet[] = [];
  readonly groups = new Map<string, Group>();
  readonly rules: Rule[] = [];
  readonly contents: RuleContent[] = [];
  readonly interfaces: Interface[] = [];
  readonly prefixLists = new Map<string, PrefixList>();
  readonly flowLogs: FlowLog[] = [];
  readonly middleboxes: Middlebox[] = [];
  /** What interfaces of the inventory were until a time (UNIX seconds). */
  readonly formerSelves: { readonly iface: Interface; readonly until: number }[] = [];
  readonly #peeredGroups = new Map<string, { groupId: string; peering: Peering }>();
  /** By the ids of both VPCs. */
  readonly #peerings = new Map<string, Peering>();
  readonly #sets = new Map<string, GroupSet>();
  readonly #pools = new Map<string, AddressPool>();
  readonly #publicAddresses = new AddressPool('192.0.2.0/24');
  #interfaceCount = 0;

  constructor(random: Random) {
    this.random = random;
  }

  id(kind: string): string {
    return `${kind}-0${this.random.hex(16)}`;
  }

  vpc(name: string, ownerId: string, cidrs: readonly string[], ipv6Cidr?: string): Vpc {
    const vpc = { id: this.id('vpc'), name, ownerId, cidrs, ipv6Cidr };
    this.vpcs.push(vpc);
    return vpc;
  }

  subnet(vpc: Vpc, name: string, cidr: string, zone = 'a'): Subnet {
    const subnet = { id: this.id('subnet'), name, vpc, zone, cidr };
    this.subnets.push(subnet);
    return subnet;
  }

  /** `key`: the name the tables use, where another group has the same name. */
  group(vpc: Vpc, name: string, description: string, key = name, tags: Group['tags'] = {}): Group {
    if (this.groups.has(key)) throw new Error(`group ${key} twice`);
    const group = { id: this.id('sg'), name, description, vpc, tags };
    this.groups.set(key, group);
    return group;
  }

  /** Joins two VPCs: from now on rules of the one name groups of the other across the connection. */
  peer(one: Vpc, other: Vpc): void {
    const connectionId = this.id('pcx');
    this.#peerings.set(`${one.id} ${other.id}`, { connectionId, vpcId: other.id, ownerId: other.ownerId });
    this.#peerings.set(`${other.id} ${one.id}`, { connectionId, vpcId: one.id, ownerId: one.ownerId });
  }

  /** A group of another account that rules name as `sg:key`; the inventory has neither it nor its interfaces. */
  peeredGroup(key: string, peering: Peering): GroupSet {
    const vpc = { id: peering.vpcId, name: key, ownerId: peering.ownerId, cidrs: [], ipv6Cidr: undefined };
    const group: Group = { id: this.id('sg'), name: key, description: '', vpc, tags: {} };
    this.#peeredGroups.set(key, { groupId: group.id, peering });
    return { groups: [group], ids: new Set([group.id]) };
  }

  prefixList(name: string, ownerId: string, cidrs: readonly string[], entriesInInventory = true): void {
    const entries = cidrs.map((text) => listEntry(text, -Infinity, Infinity));
    this.prefixLists.set(name, { id: this.id('pl'), name, ownerId, entries, entriesInInventory });
  }

  /** A list whose entries gave way to others at a time (UNIX seconds). */
  changedPrefixList(name: string, ownerId: string, at: number, before: readonly string[], after: readonly string[]) {
    const entries = [
      ...before.map((text) => listEntry(text, -Infinity, at)),
      ...after.map((text) => listEntry(text, at, Infinity)),
    ];
    this.prefixLists.set(name, { id: this.id('pl'), name, ownerId, entries, entriesInInventory: true });
  }

  flowLog(
    resourceId: string,
    trafficType: FlowLog['trafficType'],
    windowSeconds: 60 | 600,
    id: string,
    delivers = true,
    heardHours?: FlowLog['heardHours'],
  ): void {
    const index = this.flowLogs.length;
    const vpcs = [...this.vpcs, ...this.subnets.flatMap((subnet) => (subnet.id === resourceId ? [subnet.vpc] : []))];
    const accountId = (vpcs.find((vpc) => vpc.id === resourceId) ?? vpcs.at(-1)!).ownerId;
    this.flowLogs.push({ id, index, resourceId, accountId, trafficType, windowSeconds, delivers, heardHours });
  }

  /** Rules of one group. */
  addRules(groupKey: string, rows: readonly RuleRow[]): void {
    for (const row of rows) this.addRule(groupKey, row);
  }

  addRule(groupKey: string, [text, purpose, description = '']: RuleRow): Rule {
    const rule: Rule = { id: this.id('sgr'), group: this.#group(groupKey), description, contents: [] };
    this.rules.push(rule);
    this.#addContent(rule, text, purpose, -Infinity, Infinity);
    return rule;
  }

  /** A rule edited in place at a time: same id, other content. */
  addEditedRule(groupKey: string, before: string, at: number, [text, purpose, description = '']: RuleRow): Rule {
    const rule: Rule = { id: this.id('sgr'), group: this.#group(groupKey), description, contents: [] };
    this.rules.push(rule);
    this.#addContent(rule, before, { kind: 'replaced' }, -Infinity, at, `${rule.id}@1`);
    this.#addContent(rule, text, purpose, at, Infinity);
    return rule;
  }

  groupSet(keys: readonly string[]): GroupSet {
    const name = keys.join(' ');
    let set = this.#sets.get(name);
    if (!set) {
      const groups = keys.map((key) => this.#group(key));
      set = { groups, ids: new Set(groups.map((group) => group.id)) };
      this.#sets.set(name, set);
    }
    return set;
  }

  addInterface(options: InterfaceOptions): Interface {
    const made = this.makeInterface(options);
    this.interfaces.push(made);
    return made;
  }

  /** An interface that is not among those of the inventory: a task's. */
  makeInterface(options: InterfaceOptions): Interface {
    const { subnet } = options;
    const pool = this.pool(subnet.id, subnet.cidr);
    const groups = this.groupSet(options.groups);
    const addresses = [options.address ?? pool.next()];
    const secondaries = Array.from({ length: options.secondaryCount ?? 0 }, () => pool.next());
    const prefixes = Array.from({ length: options.prefixCount ?? 0 }, () => this.pool('pods', POD_BLOCK).nextBlock(4));
    addresses.push(
      ...secondaries,
      ...prefixes.flatMap((block) => [3, 6, 9, 14].map((at) => new AddressPool(block).at(at))),
    );
    const id = options.id ?? this.id('eni');
    const resources = [subnet.vpc.id, subnet.id, id];
    const flowLogs = this.flowLogs.filter((log) => log.delivers && resources.includes(log.resourceId));
    const windowSeconds = flowLogs[0]?.windowSeconds ?? 60;
    const index = this.#interfaceCount++;
    const endpoints: Endpoint[] = [];
    const ipv6 = options.hasIpv6 === true ? this.pool(`${subnet.id} IPv6`, ipv6Block(subnet)).next() : undefined;
    const made = {
      id,
      index,
      subnet,
      type: options.type ?? 'interface',
      description: options.description ?? '',
      groups,
      endpoints,
      ipv6: undefined as Endpoint | undefined,
      secondaries,
      prefixes,
      publicAddress: options.isPublic === true ? this.#publicAddresses.next() : undefined,
      instanceId: options.requesterId === undefined ? this.id('i') : undefined,
      requesterId: options.requesterId,
      inInventory: options.inInventory ?? true,
      attachedAt: options.attachedAt,
      flowLogs,
      windowSeconds,
      windowOffset: windowSeconds === 60 ? (index * 37) % 60 : 0,
    };
    endpoints.push(...addresses.map((text) => endpoint(text, 'vpc', groups, made)));
    if (ipv6 !== undefined) made.ipv6 = endpoint(ipv6, 'vpc', groups, made);
    return made;
  }

  /** What an interface of the inventory was until a time, with other groups: its connections of that time are of this. */
  formerSelf(iface: Interface, until: number, groupKeys: readonly string[]): Interface {
    const groups = this.groupSet(groupKeys);
    const endpoints: Endpoint[] = [];
    const former = { ...iface, groups, endpoints, ipv6: undefined };
    endpoints.push(...iface.endpoints.map(({ text, place }) => endpoint(text, place, groups, former)));
    this.formerSelves.push({ iface: former, until });
    return former;
  }

  /** One pool per key: VPCs with the same block hand out the same addresses. */
  pool(key: string, cidr: string): AddressPool {
    let pool = this.#pools.get(key);
    if (!pool) this.#pools.set(key, (pool = new AddressPool(cidr)));
    return pool;
  }

  #group(key: string): Group {
    const group = this.groups.get(key);
    if (!group) throw new Error(`no group ${key}`);
    return group;
  }

  #addContent(rule: Rule, text: string, purpose: Purpose, from: number, until: number, label = rule.id): void {
    const parsed = parseRule(text, (type, name) => this.#named(type, name, rule.group.vpc));
    const content: RuleContent = { ...parsed, index: this.contents.length, rule, label, text, from, until, purpose };
    rule.contents.push(content);
    this.contents.push(content);
  }

  #named(type: 'sg' | 'pl', name: string, { id: vpcId }: Vpc): RulePeer {
    if (type === 'pl') {
      const list = this.prefixLists.get(name);
      if (!list) throw new Error(`no prefix list ${name}`);
      return { type: 'prefixList', list };
    }
    const peered = this.#peeredGroups.get(name);
    if (peered) return { type: 'group', ...peered };
    const { id: groupId, vpc } = this.#group(name);
    return { type: 'group', groupId, peering: this.#peerings.get(`${vpcId} ${vpc.id}`) };
  }
}

/** Upper half of the subnet `nodes`: delegated prefixes are taken from it. */
const POD_BLOCK = '10.20.112.0/20';

function listEntry(text: string, from: number, until: number): ListEntry {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`no block: ${text}`);
  return { text, prefix, from, until };
}

const NO_GROUPS: GroupSet = { groups: [], ids: new Set() };

export function endpoint(text: string, place: Place, groups = NO_GROUPS, owner?: Interface): Endpoint {
  const address = parseAddress(text);
  if (!address) throw new Error(`no address: ${text}`);
  return { text, address, owner, groups, place, portsUsed: 0 };
}

/** Each subnet has a /64 of its VPC's block, numbered by the third octet of its IPv4 block. */
function ipv6Block(subnet: Subnet): string {
  if (subnet.vpc.ipv6Cidr === undefined) throw new Error(`no IPv6 in ${subnet.name}`);
  const number = Number(subnet.cidr.split('.')[2]).toString(16).padStart(2, '0');
  return subnet.vpc.ipv6Cidr.replace('00::/56', `${number}::/64`);
}
