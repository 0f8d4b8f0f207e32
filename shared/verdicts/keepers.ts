import type { Rule } from '../inventory/inventory.ts';

/** ICMP type or code of a rule for all of them. */
const ANY = -1;

/** What decides, apart from the rules themselves, whether one may stand in for another. */
export interface KeeperFacts {
  /** AWS `InterfaceType`s of the interfaces that carry the group. */
  readonly typesOf: (groupId: string) => readonly string[];
  /** Whether the entries of the prefix list that the rule names are known, and have stood since the window began. */
  readonly hasStood: (rule: Rule) => boolean;
  /**
   * Whether AWS was seen to honour the rule's reference to a group, there where the other rule would be missed: inside the
   * window it alone admitted a request with SYN from a peer of the same VPC and subnet to an interface with the same groups.
   * What a rule was seen to do inside a subnet shows nothing of requests from another one.
   */
  readonly isProven: (rule: Rule) => boolean;
}

/**
 * Whether the keeper lets pass what the other rule is removed from, where both were seen to admit the same flows. The
 * one place that decides it: verdicts, plans, simulations and findings ask here.
 *
 * A reference to a group may admit nothing though it reads well: behind a firewall or a transit gateway, and at endpoints
 * of PrivateLink, AWS ignores it, and somebody added a rule with the CIDR for that.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 */
export function mayKeep(keeper: Rule, removed: Rule, facts: KeeperFacts): boolean {
  return keeper !== removed && coversIcmp(keeper, removed) && !isForEfa(removed, facts) && isReliable(keeper, facts);
}

function isReliable(keeper: Rule, { hasStood, isProven }: KeeperFacts): boolean {
  switch (keeper.peer.type) {
    case 'cidrIpv4':
    case 'cidrIpv6':
      return true;
    case 'prefixList':
      return hasStood(keeper);
    case 'group':
      return isProven(keeper);
    case 'unknown':
      return false;
  }
}

/**
 * Nothing replaces the rules for a group itself where Elastic Fabric Adapters carry it.
 * https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
 */
function isForEfa({ groupId, peer }: Rule, { typesOf }: KeeperFacts): boolean {
  if (peer.type !== 'group') return false;
  return [groupId, peer.value].some((id) => typesOf(id).some((type) => type === 'efa' || type === 'efa-only'));
}

/**
 * ICMP type and code are never logged: a rule for one type says nothing of another, nor of what a rule for all protocols
 * let in.
 */
function coversIcmp(other: Rule, { icmp }: Rule): boolean {
  if (!other.icmp || other.icmp.type === ANY) return true;
  return icmp?.type === other.icmp.type && (other.icmp.code === ANY || other.icmp.code === icmp.code);
}
