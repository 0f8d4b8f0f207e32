import { compareText } from '../inventory/compare-text.ts';
import { ruleContent } from '../inventory/content.ts';
import type { FlowLog, GroupVpcAssociation, Inventory, NetworkInterface, Rule } from '../inventory/inventory.ts';
import { unite, withInterfaces } from '../inventory/union.ts';
import { contentHash, versionedId } from '../inventory/versioned-rules.ts';
import type { Day } from '../usage/usage.ts';

/** What the inventory in force on a UTC day says that verdicts need: everything that was there at any time of the day. */
export interface DayFacts {
  readonly day: Day;
  /** What stood at the day's beginning was never described: a later snapshot stands in for it. */
  readonly assumed: boolean;
  readonly interfaces: readonly InterfaceFacts[];
  /** Undefined where nobody knows which there are. */
  readonly flowLogs: readonly FlowLog[] | undefined;
  readonly associations: readonly GroupVpcAssociation[];
  /**
   * By versioned id (`sgr-…@content`), the time of the first snapshot in force that shows the content: UNIX seconds,
   * Infinity where nobody knows when it was taken.
   */
  readonly contents: ReadonlyMap<string, number>;
  /** Groups that rules of other groups refer to. */
  readonly referred: ReadonlySet<string>;
}

export interface InterfaceFacts extends Pick<NetworkInterface, 'interfaceId' | 'vpcId' | 'subnetId' | 'type'> {
  /** Each once, ascending. */
  readonly groupIds: readonly string[];
}

/** An inventory and when it was taken, UNIX seconds; Infinity where nobody knows. */
export interface Moment {
  readonly takenAt: number;
  readonly inventory: Inventory;
}

/**
 * @param moments the snapshots in force on the day, the oldest first; at least one
 * @param lookedUp interfaces that no snapshot shows, and were asked for while records of the day were counted
 */
export function factsOf(
  { day, assumed }: Pick<DayFacts, 'day' | 'assumed'>,
  moments: readonly Moment[],
  lookedUp: readonly NetworkInterface[] = [],
): DayFacts {
  const contents = new Map<string, number>();
  for (const { takenAt, inventory } of moments) {
    for (const rule of inventory.rules) {
      const id = versionedIdOf(rule);
      contents.set(id, Math.min(takenAt, contents.get(id) ?? Infinity));
    }
  }
  const union = withInterfaces(moments.map(({ inventory }) => inventory).reduce(unite), lookedUp);
  return {
    day,
    assumed,
    interfaces: [...union.interfaces.values()].map(({ interfaceId, vpcId, subnetId, type, groupIds }) => {
      return { interfaceId, vpcId, subnetId, type, groupIds: [...new Set(groupIds)].sort(compareText) };
    }),
    flowLogs: union.flowLogs,
    associations: union.associations,
    contents,
    referred: referredGroups(moments.flatMap(({ inventory }) => inventory.rules)),
  };
}

export function versionedIdOf(rule: Rule): string {
  return versionedId(rule.ruleId, contentHash(ruleContent(rule)));
}

/** A rule of a group for its own members keeps nobody else from going without the group. */
function referredGroups(rules: readonly Rule[]): Set<string> {
  return new Set(
    rules.flatMap(({ groupId, peer }) => (peer.type === 'group' && peer.value !== groupId ? peer.value : [])),
  );
}
