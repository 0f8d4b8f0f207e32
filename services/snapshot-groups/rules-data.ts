import { ruleContent } from '../../shared/inventory/content.ts';
import type { Inventory, Rule } from '../../shared/inventory/inventory.ts';
import type { AccountRegion } from '../../shared/inventory/snapshot-file.ts';
import { dayOf } from '../../shared/time.ts';

/*
 * The table of rules: one item per rule id, for whoever wants to know what a rule is or was. Times are UNIX seconds.
 *
 *   content, content_since  what it allows (`ruleContent`), and when some rule was first seen to allow it: the same
 *                           content under a new id keeps its age, an edit in place starts a new one
 *   first_seen              the first snapshot with this id
 *   last_seen               a reading that found it, one of each day; of a rule that is there, the last one of all is
 *                           `still_true_at` of the newest snapshot
 *   removed_at              the first snapshot without it
 *   rule                    the rule of the inventory as JSON, for exact reading; the other attributes are for people
 */

/** Of an item, what tells whether it must change. */
export interface RuleItem {
  readonly ruleId: string;
  readonly rule: string;
  readonly vpc: string;
  readonly content: string;
  readonly contentSince: number;
  readonly lastSeen: number;
  readonly removedAt: number | undefined;
}

export type RuleValue = string | number | Readonly<Record<string, string>>;

/** Attributes of one item. Undefined: to be taken away. */
export interface RuleChange {
  readonly ruleId: string;
  readonly attributes: Readonly<Record<string, RuleValue | undefined>>;
}

/** When a snapshot was taken, and when it was found to be still true: for its first reading the same. */
export interface SnapshotTimes {
  readonly takenAt: number;
  readonly seenAt: number;
}

/** What must change for the table to say what the snapshot says. */
export function rulesDataChanges(
  known: readonly RuleItem[],
  inventory: Inventory,
  place: AccountRegion,
  { takenAt, seenAt }: SnapshotTimes,
): RuleChange[] {
  const byId = new Map(known.map((rule) => [rule.ruleId, rule]));
  const knownSince = new Map<string, number>();
  for (const { content, contentSince } of known) {
    knownSince.set(content, Math.min(contentSince, knownSince.get(content) ?? Infinity));
  }
  const described = inventory.rules.flatMap((rule): RuleChange | [] => {
    const { ruleId } = rule;
    const facts = factsOf(rule, inventory, place);
    const before = byId.get(ruleId);
    byId.delete(ruleId);
    const isSame = before?.rule === facts.rule && before.vpc === facts.vpc && before.removedAt === undefined;
    if (isSame) {
      const isSeenToday = dayOf(before.lastSeen) >= dayOf(seenAt);
      return isSeenToday ? [] : { ruleId, attributes: { last_seen: seenAt } };
    }
    const times = {
      content_since:
        before?.content === facts.content ? before.contentSince : (knownSince.get(facts.content) ?? takenAt),
      last_seen: Math.max(seenAt, before?.lastSeen ?? 0),
      removed_at: undefined,
    };
    return { ruleId, attributes: { ...facts, ...(!before && { first_seen: takenAt }), ...times } };
  });
  const gone = [...byId.values()].filter(({ removedAt }) => removedAt === undefined);
  return [...described, ...gone.map(({ ruleId }) => ({ ruleId, attributes: { removed_at: takenAt } }))];
}

function factsOf(rule: Rule, { groups }: Inventory, { accountId, region }: AccountRegion) {
  return {
    sg_id: rule.groupId,
    sg_name: rule.groupName,
    protocol: rule.protocol,
    from_port: rule.ports?.from,
    to_port: rule.ports?.to,
    flow_direction: rule.direction,
    peer_type: rule.peer.type,
    peer: rule.peer.value,
    description: rule.description,
    tags: rule.tags,
    account: accountId,
    region,
    vpc: groups.get(rule.groupId)?.vpcId ?? '',
    content: ruleContent(rule),
    rule: JSON.stringify(rule),
  };
}
