import type { Family } from '../addresses/address.ts';
import { hasPorts } from '../flowlogs/fields.ts';
import type { Direction } from '../flowlogs/record.ts';
import type { PortRange, Rule } from '../inventory/inventory.ts';
import type { CompiledInventory, CompiledRule, GroupSet } from './compiled-inventory.ts';
import type { PrefixNode } from './prefix-index.ts';

/**
 * The answer for all service flows that no rule tells apart: same groups, direction and protocol, peers in the same
 * innermost prefix, ports in the same element. Worked out once, then shared.
 */
export interface Admission {
  /** Dense, counted from 0 since the last {@link Admissions.forget}. */
  readonly slot: number;
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly protocol: number;
  /** Counting bucket of the service port; undefined for protocols without ports. */
  readonly bucket: PortRange | undefined;
  /** Every rule that admits the flow, by ascending rule id. */
  readonly admitting: readonly Rule[];
  /** Every rule that could admit it but is not known to. */
  readonly could: readonly Rule[];
  /** Of the admitting: longest prefix, then narrowest ports, then named protocol, then smallest id. */
  readonly primary: Rule | undefined;
  /** Of the most specific rule that admits or could; Infinity where there is none. */
  readonly specificity: number;
  /** Rules of the other direction by which the replies pass, since the connection is not tracked. */
  readonly untrackedBy: readonly Rule[];
}

export class Admissions {
  readonly #compiled: CompiledInventory;
  #memo = new Map<number, Map<number, Admission>>();
  #size = 0;

  constructor(compiled: CompiledInventory) {
    this.#compiled = compiled;
  }

  /** Number of answers held. */
  get size(): number {
    return this.#size;
  }

  /** Drops all answers; their slots will be given anew. */
  forget(): void {
    this.#memo = new Map();
    this.#size = 0;
  }

  /** @param port service port; ignored for protocols without ports. */
  find(groupSet: GroupSet, direction: Direction, protocol: number, node: PrefixNode, port: number): Admission {
    const element = hasPorts(protocol) ? this.#compiled.ports.elementOf[port]! : 0;
    const family = (groupSet.id * 256 + protocol) * 2 + (direction === 'egress' ? 1 : 0);
    let answers = this.#memo.get(family);
    if (!answers) this.#memo.set(family, (answers = new Map<number, Admission>()));
    const key = node.id * 65_536 + element;
    let answer = answers.get(key);
    if (!answer) {
      answer = this.#workOut(groupSet, direction, protocol, node, element);
      answers.set(key, answer);
    }
    return answer;
  }

  #workOut(groupSet: GroupSet, direction: Direction, protocol: number, node: PrefixNode, element: number): Admission {
    const port = this.#compiled.ports.firstPort[element]!;
    const matched = this.#match(groupSet, direction, protocol, node, port);
    const could = this.#uncertain(groupSet, direction, protocol, node, port).filter((rule) => !matched.has(rule));
    const ranked = [...matched].sort(([a, lengthOfA], [b, lengthOfB]) => lengthOfB - lengthOfA || bySpecificity(a, b));
    const admitting = [...matched.keys()];
    return {
      slot: this.#size++,
      groupSet,
      direction,
      protocol,
      bucket: hasPorts(protocol) ? this.#compiled.ports.bucketOf(port) : undefined,
      admitting: rulesById(admitting),
      could: rulesById(could),
      primary: ranked[0]?.[0].rule,
      specificity: [...admitting, ...could].reduce((best, { specificity }) => Math.min(best, specificity), Infinity),
      untrackedBy: rulesById(untrackedBy(groupSet, direction, protocol, node, admitting)),
    };
  }

  /** The admitting rules, each with the length of the longest of its prefixes that holds the peer. */
  #match(
    groupSet: GroupSet,
    direction: Direction,
    protocol: number,
    node: PrefixNode,
    port: number,
  ): Map<CompiledRule, number> {
    const matched = new Map<CompiledRule, number>();
    for (let at: PrefixNode | undefined = node; at; at = at.parent) {
      for (const group of groupSet.groups) {
        const { byNode, byGroup } = group[direction];
        const candidates = [byNode.get(at) ?? []];
        for (const owner of this.#compiled.ownersOf(at)) {
          for (const groupId of owner.source.groupIds) candidates.push(byGroup.get(groupId) ?? []);
        }
        for (const compiled of candidates.flat()) {
          if (!matched.has(compiled) && fits(compiled.rule, protocol, port)) matched.set(compiled, at.prefix.length);
        }
      }
    }
    return matched;
  }

  #uncertain(
    groupSet: GroupSet,
    direction: Direction,
    protocol: number,
    node: PrefixNode,
    port: number,
  ): CompiledRule[] {
    const known = this.#compiled.isKnownPeer(node, groupSet.vpcId);
    return groupSet.groups
      .flatMap((group) => group[direction].uncertain)
      .filter(({ when }) => when === 'always' || !known)
      .filter(({ family }) => family === undefined || family === node.prefix.address.family)
      .map(({ compiled }) => compiled)
      .filter(({ rule }) => fits(rule, protocol, port));
  }
}

/** Whether protocol and port suit the rule. Port 0 is a port; both ends of a range are inclusive. */
function fits(rule: Rule, protocol: number, port: number): boolean {
  if (rule.protocolNumber === undefined) return true;
  if (rule.protocolNumber !== protocol) return false;
  return !rule.ports || (port >= rule.ports.from && port <= rule.ports.to);
}

/**
 * Connections that security groups do not track: TCP or UDP, admitted by a rule open to all addresses, where the other
 * direction has a rule open to all addresses for all ports. Their replies pass by that other rule.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 */
function untrackedBy(
  groupSet: GroupSet,
  direction: Direction,
  protocol: number,
  node: PrefixNode,
  admitting: readonly CompiledRule[],
): CompiledRule[] {
  if (!hasPorts(protocol)) return [];
  const family: Family = node.prefix.address.family === 6 ? 6 : 4;
  const openHere = new Set(groupSet.groups.flatMap((group) => group[direction].open[family]));
  if (!admitting.some((compiled) => openHere.has(compiled))) return [];
  const other = direction === 'ingress' ? 'egress' : 'ingress';
  return groupSet.groups
    .flatMap((group) => group[other].open[family])
    .filter(({ rule, width }) => width === 65_536 && fits(rule, protocol, 0));
}

function bySpecificity(a: CompiledRule, b: CompiledRule): number {
  return a.specificity - b.specificity || (a.rule.ruleId < b.rule.ruleId ? -1 : 1);
}

function rulesById(compiled: readonly CompiledRule[]): Rule[] {
  return [...new Set(compiled)].map(({ rule }) => rule).sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}
