import {
  hostPrefix,
  maskAddress,
  parseAddress,
  parsePrefix,
  prefixContains,
  type Address,
  type Prefix,
} from '../../addresses/address.ts';
import type { HandedFlow } from '../../evidence/service-flow.ts';
import { StandingRules } from '../../evidence/current-rule-ids.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { PrefixIndex, type PrefixNode } from '../../addresses/prefix-index.ts';
import { NARROWER_DEFAULTS, type Narrower, type NarrowerOptions } from './narrower.ts';
import { Points, type Box, type PointParts } from './cut-points.ts';
import { narrowerOf } from './propose.ts';
import { hasPorts } from '../../protocols.ts';
import type { Day } from '../../time.ts';

/** What is kept of one rule's service flows, beside their points. */
interface SeenSums {
  flows: number;
  /** The first UTC day of these. */
  firstDay: Day;
  /** Records whose reading rests on a SYN. */
  sure: number;
  possible: boolean;
  untracked: boolean;
}

export interface Seen extends SeenSums {
  readonly rule: Rule;
  readonly points: Points;
  /** What came last: mostly the next one is the same, and says nothing new. */
  last: Box | undefined;
  lastDay: Day;
}

/** All that a {@link Narrowing} has gathered, for another one of the same inventory to add. */
export interface NarrowingParts {
  readonly days: ReadonlySet<Day>;
  /** By rule. */
  readonly seen: ReadonlyMap<string, SeenSums & { readonly points: PointParts }>;
}

/** Points kept of one rule before they are put together; halved, for all rules, whenever all have too many. */
const KEPT_OF_RULE = 2048;
/** At about 300 bytes each, 75 MB. */
const KEPT_OF_ALL = 250_000;
/** Never fewer: more rules than 15,000 take more memory. */
const KEPT_AT_LEAST = 16;
/** Hosts of IPv6 change their address every day, and stay in their /64. */
const NETWORK_BITS = 64;
/** Of no public network: RFC 1918, 6598, 3927, 4193 and 4291. */
const PRIVATE = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'],
  ...['fc00::/7', 'fe80::/10'],
].map((cidr) => parsePrefix(cidr)!);
const ANYBODY = parsePrefix('0.0.0.0/0')!;
const NOT_SEEN: readonly Seen[] = [];

export interface NarrowingLimits {
  readonly ofRule: number;
  readonly ofAll: number;
}

/**
 * Gathers the service flows of many days and tells of each rule what it was used for. The order of flows leaves no
 * trace. Rules are those of the inventory: of flows under `sgr-…@content`, whatever the id, those that had the content
 * that a rule has now; under an id alone, those that the rule could admit now.
 */
export class Narrowing {
  readonly #inventory: Inventory;
  readonly #standing: StandingRules;
  /** By id, of rules that can be narrowed. */
  readonly #byId = new Map<string, Seen>();
  readonly #all: Seen[] = [];
  /** Many flows have the very same lists of ids. */
  readonly #seenByIds = new WeakMap<readonly string[], readonly Seen[]>();
  readonly #days = new Set<Day>();
  /** By id, of lists whose entries are known. */
  readonly #lists: ReadonlyMap<string, ListedPrefixes>;
  /** Of VPCs. */
  readonly #blocks: readonly Prefix[];
  readonly #ofAll: number;
  #limit: number;
  #kept = 0;

  constructor(inventory: Inventory, { ofRule, ofAll }: NarrowingLimits = { ofRule: KEPT_OF_RULE, ofAll: KEPT_OF_ALL }) {
    this.#inventory = inventory;
    this.#standing = StandingRules.of(inventory.rules);
    const lists = [...inventory.prefixLists].flatMap(([id, { entries }]) => (entries ? [[id, entries] as const] : []));
    this.#lists = new Map(lists.map(([id, entries]) => [id, new ListedPrefixes(entries)]));
    this.#blocks = [...inventory.vpcs.values()].flatMap(({ prefixes }) => prefixes);
    this.#limit = ofRule;
    this.#ofAll = ofAll;
    for (const rule of inventory.rules) {
      // ICMP types are never logged: any narrower rule might shut out the one that is needed.
      if (rule.unmatchable !== undefined || rule.icmp) continue;
      const seen = {
        rule,
        points: new Points(),
        flows: 0,
        firstDay: Infinity,
        sure: 0,
        possible: false,
        untracked: false,
        last: undefined,
        lastDay: -1,
      };
      this.#all.push(seen);
      this.#byId.set(rule.ruleId, seen);
    }
  }

  /** UTC days of which any service flow came. */
  get days(): number {
    return this.#days.size;
  }

  /** Cells kept in all: a measure of the memory held. */
  get size(): number {
    return this.#all.reduce((sum, { points }) => sum + points.size, 0);
  }

  add(day: Day, flow: HandedFlow): void {
    this.#days.add(day);
    for (const seen of this.#seenOf(flow.ruleIds)) {
      if (this.#put(seen, day, flow)) seen.sure += flow.requests + flow.replies - flow.inferred;
    }
    for (const seen of this.#seenOf(flow.possibleRuleIds)) if (this.#put(seen, day, flow)) seen.possible = true;
    for (const seen of this.#seenOf(flow.unclearRuleIds)) seen.possible = true;
    for (const seen of this.#seenOf(flow.untrackedRuleIds)) seen.untracked = true;
  }

  parts(): NarrowingParts {
    const told = this.#all.filter(({ flows, possible, untracked }) => flows > 0 || possible || untracked);
    const seen = told.map(({ rule, points, flows, firstDay, sure, possible, untracked }) => {
      return [rule.ruleId, { flows, firstDay, sure, possible, untracked, points: points.parts() }] as const;
    });
    return { days: this.#days, seen: new Map(seen) };
  }

  /** Adds what another one has gathered of other flows: what is told then is as if all of them had come here. */
  merge({ days, seen }: NarrowingParts): void {
    for (const day of days) this.#days.add(day);
    for (const [ruleId, more] of seen) {
      const into = this.#byId.get(ruleId)!;
      into.flows += more.flows;
      into.firstDay = Math.min(into.firstDay, more.firstDay);
      into.sure += more.sure;
      into.possible ||= more.possible;
      into.untracked ||= more.untracked;
      const before = weightOf(into.points, this.#limit);
      into.points.merge(more.points, this.#limit);
      this.#keep(into.points, before);
    }
  }

  /** Each once: while a rule was made again under another id, both may have admitted a flow. */
  #seenOf(ids: readonly string[]): readonly Seen[] {
    if (ids.length === 0) return NOT_SEEN;
    let seen = this.#seenByIds.get(ids);
    if (!seen) {
      seen = [...new Set(this.#standing.idsOfAll(ids).flatMap((ruleId) => this.#byId.get(ruleId) ?? []))];
      this.#seenByIds.set(ids, seen);
    }
    return seen;
  }

  /**
   * Undefined where nothing narrower is worth proposing, and where the rule was not seen in use.
   *
   * @param since the first UTC day of which it is known that the rule was there as it is; days before it and before its
   * first use say nothing of what it is needed for
   */
  result(ruleId: string, options: Partial<NarrowerOptions> = {}, since = -Infinity): Narrower | undefined {
    const seen = this.#byId.get(ruleId);
    if (!seen || seen.flows === 0) return undefined;
    const first = Math.min(since, seen.firstDay);
    const days = [...this.#days].filter((day) => day >= first);
    return narrowerOf(seen, days, this.#inventory, { ...NARROWER_DEFAULTS, ...options });
  }

  /** @returns whether the rule, as it reads now, could admit the flow */
  #put(seen: Seen, day: Day, flow: HandedFlow): boolean {
    const { rule, points, last } = seen;
    const { protocol, port } = flow;
    if (rule.protocolNumber !== undefined && rule.protocolNumber !== protocol) return false;
    if (rule.ports && (port < rule.ports.from || port > rule.ports.to)) return false;
    const prefix = this.#placeOf(rule, flow);
    if (!prefix) return false;
    seen.flows++;
    if (last?.prefix === prefix && last.from === port && last.protocol === protocol && seen.lastDay === day)
      return true;
    seen.last = { kind: String(protocol), protocol, from: port, to: port, prefix };
    seen.lastDay = day;
    seen.firstDay = Math.min(seen.firstDay, day);
    const before = weightOf(points, this.#limit);
    points.add(seen.last, this.#limit, day);
    this.#keep(points, before);
    return true;
  }

  /** Of points that have become more. */
  #keep(points: Points, before: number): void {
    this.#kept += weightOf(points, this.#limit) - before;
    while (this.#kept > this.#ofAll && this.#limit > KEPT_AT_LEAST) this.#halve();
  }

  /** Where the peer is, as far as it matters to the rule; undefined outside the rule's CIDR or list. */
  #placeOf({ peer }: Rule, { protocol, port, peer: from }: Pick<HandedFlow, 'protocol' | 'port' | 'peer'>) {
    const list = peer.type === 'prefixList' ? this.#lists.get(peer.value) : undefined;
    // Peers named by a group or an unknown list are not narrowed: their members come and go.
    if (!list && (peer.type === 'group' || peer.type === 'prefixList')) return ANYBODY;
    const address = typeof from === 'string' ? parseAddress(from) : from;
    if (!address) return undefined;
    const entry = list ? list.entryAt(address) : 'prefix' in peer ? peer.prefix : undefined;
    if (!entry || !prefixContains(entry, address)) return undefined;
    // Servers of the public web change their addresses.
    if (isWeb(protocol, port) && isPublic(address)) return entry;
    // A replaced machine gets any free address of its subnet.
    const block = this.#blocks.find((one) => prefixContains(one, address));
    if (block) return block.length > entry.length ? block : entry;
    if (address.family === 4) return hostPrefix(address);
    const length = Math.max(NETWORK_BITS, entry.length);
    return { address: maskAddress(address, length), length };
  }

  #halve(): void {
    this.#limit = Math.max(KEPT_AT_LEAST, this.#limit >> 1);
    for (const { points } of this.#all) points.coarsen(this.#limit);
    this.#kept = this.#all.reduce((sum, { points }) => sum + weightOf(points, this.#limit), 0);
  }
}

/** Ports of the web, QUIC too. */
function isWeb(protocol: number, port: number): boolean {
  return hasPorts(protocol) && (port === 443 || port === 80);
}

function isPublic(address: Readonly<Address>): boolean {
  return !PRIVATE.some((prefix) => prefixContains(prefix, address));
}

/** Never falls as points come, so that it does not matter when the limit is halved: that is decided by all of them. */
function weightOf(points: Points, limit: number): number {
  return points.isCoarse ? limit : points.size;
}

/** The entries of a list, of which there may be a thousand. */
class ListedPrefixes {
  readonly #index: PrefixIndex;
  readonly #nodes: ReadonlyMap<PrefixNode, Prefix>;

  constructor(entries: readonly Prefix[]) {
    this.#index = new PrefixIndex(entries);
    this.#nodes = new Map(entries.map((entry) => [this.#index.nodeOf(entry)!, entry]));
  }

  /** The narrowest one that holds the address. */
  entryAt(address: Address): Prefix | undefined {
    return this.#nodes.get(this.#index.find(address));
  }
}
