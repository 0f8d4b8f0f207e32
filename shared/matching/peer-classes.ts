import type { Address, Family } from '../addresses/address.ts';
import { isAttached, type CompiledInterface, type CompiledInventory, type GroupSet } from './compiled-inventory.ts';
import type { PrefixNode } from '../addresses/prefix-index.ts';
import type { Direction } from '../protocols.ts';
import { byPrimacy, type Candidate, type CompiledRule, type RulePrefixes, type UncertainRule } from './group-side.ts';

/** The peers that the rules of a group set, in one direction, do not tell apart. */
export interface PeerClass {
  /** Dense, counted from 0. */
  readonly id: number;
  readonly family: Family;
  /** Rules of which no wider class knows that they hold the peers, by {@link byPrimacy}: of them all see {@link allCandidates}. */
  readonly own: readonly Candidate[];
  /** The class of the next wider prefix, of the same holder. */
  readonly wider: PeerClass | undefined;
  /** Rules that could hold the peers; some of them do. The same for wider classes. */
  readonly could: readonly CompiledRule[];
  /**
   * Of those and of the candidates, the ones that name a group of an interface which may have had the address or not: it was
   * attached later, or another has it on the same day. The same for wider classes.
   */
  readonly unsure: readonly CompiledRule[];
}

/** The rules that hold the peers of a class, each with its longest prefix, by {@link byPrimacy}. */
export function allCandidates(peers: PeerClass): Candidate[] {
  const byRule = new Map<CompiledRule, Candidate>();
  for (let at: PeerClass | undefined = peers; at; at = at.wider) {
    for (const one of at.own) {
      if ((byRule.get(one.compiled)?.length ?? -1) < one.length) byRule.set(one.compiled, one);
    }
  }
  return [...byRule.values()].sort(byPrimacy);
}

/** The class that a peer is of for a time: an address can be given to another. */
export interface PeerClassFor {
  readonly peers: PeerClass;
  /** UNIX seconds, inclusive. */
  readonly since: number;
  /** UNIX seconds, exclusive. */
  readonly until: number;
}

/** What the holder of an address means to rules that name groups. */
interface HolderClass {
  readonly id: number;
  readonly candidates: readonly Candidate[];
  readonly unsure: readonly CompiledRule[];
  /** Whether the peer surely is an interface of the inventory. */
  readonly known: boolean;
  /** The VPCs whose blocks hold the address. */
  readonly vpcIds: ReadonlySet<string>;
}

/** What the holder of an address means for a time. */
interface Held extends Pick<PeerClassFor, 'since' | 'until'> {
  readonly holder: HolderClass;
}

/** Who had an address: the nth of `held` from the nth of `since` on, the first of them before. */
interface Holders {
  /** Ascending. */
  readonly since: readonly number[];
  readonly held: Held[];
}

/**
 * Sorts peers into classes for one group set and direction: by the innermost prefix of these groups' own rules, and by
 * what the address's holder means to their rules that name groups. Neither depends on how many rules others have.
 */
export class PeerClasses {
  readonly #compiled: CompiledInventory;
  readonly #groupSet: GroupSet;
  readonly #direction: Direction;
  readonly #prefixes: RulePrefixes;
  readonly #uncertain: readonly UncertainRule[];
  /** Whether any rule here asks who the peer is. */
  readonly #namesGroups: boolean;
  readonly #holders = new Map<PrefixNode, Holders>();
  readonly #distinctHolders = new Map<string, HolderClass>();
  /** By holder class, then prefix. */
  readonly #classes: Map<PrefixNode, PeerClass>[] = [];
  #count = 0;

  constructor(compiled: CompiledInventory, groupSet: GroupSet, direction: Direction) {
    this.#compiled = compiled;
    this.#groupSet = groupSet;
    this.#direction = direction;
    const sides = groupSet.groups.map((group) => group[direction]);
    this.#prefixes = compiled.prefixesOf(groupSet, direction);
    this.#uncertain = sides.flatMap(({ uncertain }) => uncertain);
    this.#namesGroups = sides.some(({ byGroup }) => byGroup.size > 0);
  }

  /** A measure of the memory held: addresses that were asked for by their holders, and classes. */
  get size(): number {
    return this.#holders.size + this.#count;
  }

  /** @param time UNIX seconds at which the peer had the address; by default now */
  find(peer: Readonly<Address>, time = Infinity): PeerClassFor {
    const { holder, since, until } = this.#namesGroups ? this.#holderOf(peer, time) : NOBODY;
    return { peers: this.#peersAt(this.#prefixes.index.find(peer), holder), since, until };
  }

  #peersAt(node: PrefixNode, holder: HolderClass): PeerClass {
    const classes = (this.#classes[holder.id] ??= new Map());
    let peers = classes.get(node);
    if (!peers) classes.set(node, (peers = this.#workOut(node, holder)));
    return peers;
  }

  #workOut(node: PrefixNode, holder: HolderClass): PeerClass {
    const own = this.#prefixes.at(node);
    if (node.parent) {
      const wider = this.#peersAt(node.parent, holder);
      if (own.length === 0) return wider;
      const { family, could, unsure } = wider;
      return { id: this.#count++, family, own, wider, could, unsure };
    }
    const family = node.prefix.address.family === 6 ? 6 : 4;
    const uncertain = this.#uncertain
      .filter((rule) => rule.when === 'always' || couldBeMember(rule, holder))
      .filter((rule) => rule.family === undefined || rule.family === family)
      .map(({ compiled }) => compiled);
    const { candidates, unsure } = holder;
    const could = [...new Set([...uncertain, ...unsure])];
    const id = this.#count++;
    const all = candidates.length === 0 ? own : [...own, ...candidates].sort(byPrimacy);
    return { id, family, own: all, wider: undefined, could, unsure };
  }

  #holderOf(peer: Readonly<Address>, time: number): Held {
    const node = this.#compiled.holders.find(peer);
    let holders = this.#holders.get(node);
    if (!holders) this.#holders.set(node, (holders = { since: this.#compiled.attachTimesAt(node), held: [] }));
    const { since, held } = holders;
    let count = since.length;
    while (count > 0 && since[count - 1]! > time) count--;
    return (held[count] ??= {
      holder: this.#classOf(node, since[count - 1] ?? -Infinity),
      since: since[count - 1] ?? -Infinity,
      until: since[count] ?? Infinity,
    });
  }

  #classOf(node: PrefixNode, time: number): HolderClass {
    const known = this.#compiled.isKnownPeer(node, this.#groupSet.vpcId, time);
    const isHere = this.#compiled.isOfVpc(node, this.#groupSet.vpcId, time);
    const candidates = this.#membersAt(
      node,
      (owner) => isAttached(owner, time) && (!isHere || owner.source.vpcId === this.#groupSet.vpcId),
    );
    // While another interface had the address, one that was attached later had it not.
    const others = known ? [] : this.#membersAt(node, (owner) => !isAttached(owner, time));
    const unsure = [...others.map(({ compiled }) => compiled), ...this.#unsureAt(node, time)];
    const rules = candidates.map(({ compiled, length }) => `${String(compiled.index)}/${String(length)}`);
    const vpcIds = this.#compiled.vpcsHolding(node);
    const signature = [known, ...rules, '', ...unsure.map(({ index }) => index), '', ...[...vpcIds].sort()].join(' ');
    let found = this.#distinctHolders.get(signature);
    if (!found) {
      found = { id: this.#distinctHolders.size, candidates, unsure, known, vpcIds };
      this.#distinctHolders.set(signature, found);
    }
    return found;
  }

  /**
   * Of two interfaces of the VPC that are known to have had an address on a day, one had it at a time: the rules that name a
   * group which not all of them carry.
   */
  #unsureAt(node: PrefixNode, time: number): CompiledRule[] {
    const owners: CompiledInterface[] = [];
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      owners.push(...this.#compiled.ownersOf(at).filter((owner) => isAttached(owner, time)));
    }
    const here = [...new Set(owners)].filter(({ source }) => source.vpcId === this.#groupSet.vpcId);
    if (here.length < 2) return [];
    const rules = here.map(
      (owner) => new Set(this.#membersAt(node, (one) => one === owner).map((one) => one.compiled)),
    );
    const all = new Set(rules.flatMap((some) => [...some]));
    return [...all].filter((compiled) => !rules.every((some) => some.has(compiled)));
  }

  /** The rules that name a group of such an interface with the address, each with its longest prefix that holds it. */
  #membersAt(node: PrefixNode, isMeant: (owner: CompiledInterface) => boolean): Candidate[] {
    const lengths = new Map<CompiledRule, number>();
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      for (const owner of this.#compiled.ownersOf(at)) {
        const { source } = owner;
        if (!isMeant(owner)) continue;
        for (const group of this.#groupSet.groups) {
          const { byGroup } = group[this.#direction];
          for (const compiled of source.groupIds.flatMap((groupId) => byGroup.get(groupId) ?? [])) {
            if (!lengths.has(compiled)) lengths.set(compiled, at.prefix.length);
          }
        }
      }
    }
    return [...lengths].map(([compiled, length]) => ({ compiled, length }));
  }
}

const NOBODY: Held = {
  holder: { id: 0, candidates: [], unsure: [], known: false, vpcIds: new Set() },
  since: -Infinity,
  until: Infinity,
};

/** A task that lived between two snapshots may have had the group: if no interface here has its address. */
function couldBeMember({ vpcIds }: UncertainRule, holder: HolderClass): boolean {
  return !holder.known && (vpcIds === undefined || vpcIds.some((vpcId) => holder.vpcIds.has(vpcId)));
}
