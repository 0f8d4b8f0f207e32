import type { Family } from '../addresses/address.ts';
import type { Direction } from '../flowlogs/record.ts';
import type { CompiledInventory, CompiledRule, GroupSet } from './compiled-inventory.ts';
import type { PrefixNode } from './prefix-index.ts';

/** A rule whose peers hold the class, with the length of the longest of its prefixes that does. */
export interface Candidate {
  readonly compiled: CompiledRule;
  readonly length: number;
}

/** The peers that the rules of a group set, in one direction, do not tell apart. */
export interface PeerClass {
  readonly family: Family;
  readonly candidates: readonly Candidate[];
  /** Rules that could hold the peers, and are not among the candidates. */
  readonly could: readonly CompiledRule[];
}

/**
 * Sorts peers into classes for one group set and direction. There are at most as many classes as distinct prefixes in
 * these groups' own rules allow, however many rules the account has; the way from a prefix to its class is walked once.
 */
export class PeerClasses {
  readonly #compiled: CompiledInventory;
  readonly #groupSet: GroupSet;
  readonly #direction: Direction;
  readonly #byNode = new Map<number, PeerClass>();
  readonly #distinct = new Map<string, PeerClass>();

  constructor(compiled: CompiledInventory, groupSet: GroupSet, direction: Direction) {
    this.#compiled = compiled;
    this.#groupSet = groupSet;
    this.#direction = direction;
  }

  /** Number of prefixes whose class is known. */
  get size(): number {
    return this.#byNode.size;
  }

  find(node: PrefixNode): PeerClass {
    const known = this.#byNode.get(node.id);
    if (known) return known;
    const worked = this.#workOut(node);
    const signature = [
      ...worked.candidates.map(({ compiled, length }) => `${String(compiled.index)}/${String(length)}`),
      ...worked.could.map(({ index }) => `?${String(index)}`),
      String(worked.family),
    ].join(' ');
    let shared = this.#distinct.get(signature);
    if (!shared) this.#distinct.set(signature, (shared = worked));
    this.#byNode.set(node.id, shared);
    return shared;
  }

  #workOut(node: PrefixNode): PeerClass {
    const lengths = new Map<CompiledRule, number>();
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      for (const compiled of this.#rulesAt(at)) {
        if (!lengths.has(compiled)) lengths.set(compiled, at.prefix.length);
      }
    }
    const family = node.prefix.address.family === 6 ? 6 : 4;
    const known = this.#compiled.isKnownPeer(node, this.#groupSet.vpcId);
    const could = this.#groupSet.groups
      .flatMap((group) => group[this.#direction].uncertain)
      .filter(({ when }) => when === 'always' || !known)
      .filter((rule) => rule.family === undefined || rule.family === family)
      .map(({ compiled }) => compiled)
      .filter((compiled) => !lengths.has(compiled));
    return { family, candidates: [...lengths].map(([compiled, length]) => ({ compiled, length })), could };
  }

  /** Rules that name this very prefix, or a group that an interface with this address or delegated prefix carries. */
  *#rulesAt(node: PrefixNode): Generator<CompiledRule> {
    const owners = this.#compiled.ownersOf(node);
    for (const group of this.#groupSet.groups) {
      const { byNode, byGroup } = group[this.#direction];
      yield* byNode.get(node) ?? [];
      if (byGroup.size === 0) continue;
      for (const owner of owners) {
        for (const groupId of owner.source.groupIds) yield* byGroup.get(groupId) ?? [];
      }
    }
  }
}
