import { formatAddress, formatPrefix, maskAddress } from '../addresses/address.ts';
import type { Rule } from '../inventory/inventory.ts';
import { Admissions } from '../matching/admission.ts';
import type { CompiledInventory, GroupSet } from '../matching/compiled-inventory.ts';
import type { Candidate } from '../matching/group-side.ts';
import { allCandidates, PeerClasses } from '../matching/peer-classes.ts';
import type { FlowName } from './flow-text.ts';
import { peerName, type Names } from '../inventory/peer-name.ts';
import { nameAndId } from '../text/name-and-id.ts';
import { figure } from '../text/numbers.ts';

/** A rule that admits a flow, and by what. */
export interface AdmittingRule {
  readonly rule: Rule;
  /** The longest prefix of the rule that holds the peer, and where the rule has it from. */
  readonly matched: string;
}

/** What the rules of an inventory say of one service flow. */
export interface FlowExplanation {
  readonly groupIds: readonly string[];
  /** Best first: the first is the primary rule. */
  readonly admitting: readonly AdmittingRule[];
  /** Why it is; undefined where nothing admits the flow. */
  readonly because: string | undefined;
  /** Rules that could admit it: their peers are not all known. */
  readonly could: readonly Rule[];
  /** Rules of the other direction by which its replies pass. */
  readonly untrackedBy: readonly Rule[];
  /** Of the groups and lists that these rules name. */
  readonly names: Names;
}

/** Asks the matching core about single flows, and puts its answer into words. */
export class FlowExplainer {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #classes = new Map<string, PeerClasses>();

  constructor(compiled: CompiledInventory) {
    this.#compiled = compiled;
    this.#admissions = new Admissions(compiled);
  }

  /** A text where there is nothing to ask: the interface is not in the inventory, or has no group. */
  explain(name: FlowName): FlowExplanation | string {
    const { interfaceId, direction, protocol, peer, port } = name;
    const owner = this.#compiled.interfaceOf(interfaceId);
    if (!owner) return `${interfaceId} is not in the inventory`;
    const { groupSet } = owner;
    if (!groupSet) return `${interfaceId} has no security group`;
    const { admitting, could, untrackedBy } = this.#admissions.find(groupSet, direction, protocol, peer, port);
    const { peers } = this.#classesOf(groupSet, direction).find(peer);
    const ranked = allCandidates(peers).filter(({ compiled }) => admitting.includes(compiled.rule));
    return {
      groupIds: groupSet.groupIds,
      admitting: ranked.map((candidate) => {
        return { rule: candidate.compiled.rule, matched: this.#matched(candidate, name) };
      }),
      because: reasonOf(ranked),
      could,
      untrackedBy,
      names: this.#compiled.inventory,
    };
  }

  #classesOf(groupSet: GroupSet, direction: FlowName['direction']): PeerClasses {
    const key = `${groupSet.id} ${direction}`;
    let classes = this.#classes.get(key);
    if (!classes) this.#classes.set(key, (classes = new PeerClasses(this.#compiled, groupSet, direction)));
    return classes;
  }

  #matched({ compiled: { rule }, length }: Candidate, { peer }: FlowName): string {
    const prefix = formatPrefix({ address: maskAddress(peer, length), length });
    const named = nameAndId(peerName(rule.peer, this.#compiled.inventory), rule.peer.value);
    switch (rule.peer.type) {
      case 'cidrIpv4':
      case 'cidrIpv6':
      case 'unknown':
        return prefix;
      case 'prefixList':
        return `${prefix} of ${named}`;
      case 'group': {
        const member = [...this.#compiled.inventory.interfaces.values()].find(
          ({ groupIds, prefixes }) =>
            groupIds.includes(rule.peer.value) && prefixes.some((one) => formatPrefix(one) === prefix),
        );
        return `${prefix} of ${member?.interfaceId ?? formatAddress(peer)} in ${named}`;
      }
    }
  }
}

/** In the order of the tie-break: longest prefix, fewest ports, named protocol, smallest id. */
function reasonOf([first, second]: readonly Candidate[]): string | undefined {
  if (!first) return undefined;
  if (!second) return 'it alone admits the flow';
  const [a, b] = [first.compiled, second.compiled];
  if (first.length !== second.length) {
    return `it matches the peer by the longest prefix: /${first.length}, the next one /${second.length}`;
  }
  const alike = `its prefix is as long as that of ${b.rule.ruleId} (/${first.length})`;
  if (a.width !== b.width) return `${alike}, and it has fewer ports: ${figure(a.width)}, the other ${figure(b.width)}`;
  if (a.specificity !== b.specificity) return `${alike}, it has as many ports, and names the protocol`;
  return `${alike}, it has as many ports and as named a protocol, and the smaller id`;
}
