import { formatPrefix, type Prefix, sameAddress } from '../addresses/address.ts';
import { compareText } from '../text/compare.ts';
import { unitedAccounts } from './accounts.ts';
import { ruleContent } from './content.ts';
import type { FlowLog, Inventory, NetworkInterface, PrefixList, Rule } from './inventory.ts';

/**
 * One inventory of two moments: everything that was there at either. What cannot be both (names, descriptions, tags) is
 * as it was at the newer moment. It errs to the side on which no used rule looks unused. The inventories of a day are
 * put together from the oldest on.
 *
 * An id can stand for two rules in it, if the rule was edited in place: see `withVersionedRules`.
 */
export function unite(older: Inventory, newer: Inventory): Inventory {
  const accounts = unitedAccounts(older.accounts, newer.accounts);
  return {
    // One that only has rules here has a name and a VPC there.
    groups: united(older.groups, newer.groups, (before, now) =>
      now.vpcId === '' && before.vpcId !== '' ? before : now,
    ),
    rules: unitedRules(older.rules, newer.rules),
    interfaces: united(older.interfaces, newer.interfaces, unitedInterface),
    prefixLists: unitedPrefixLists(older, newer),
    flowLogs: unitedFlowLogs(older.flowLogs, newer.flowLogs),
    vpcs: united(older.vpcs, newer.vpcs, (a, b) => ({ ...b, prefixes: unitedPrefixes(a.prefixes, b.prefixes) })),
    associations: [
      ...new Map(
        [...older.associations, ...newer.associations].map((one) => [`${one.groupId} ${one.vpcId} ${one.state}`, one]),
      ).values(),
    ],
    ...(accounts && { accounts }),
    problems: [...new Set([...older.problems, ...newer.problems])].sort(compareText),
  };
}

/**
 * One inventory of two accounts or regions, of one moment: groups, lists and interfaces that both describe are the same.
 * A flow log that one of them does not list is not its own, and of a list whose entries one of them knows they are known. Where a
 * rule reads otherwise in the two, it is as the other one has it, which is the newer.
 */
export function combine(one: Inventory, other: Inventory): Inventory {
  const flowLogs = one.flowLogs || other.flowLogs ? [...(one.flowLogs ?? []), ...(other.flowLogs ?? [])] : undefined;
  const isOther = otherwiseIn(other);
  const rules = one.rules.filter((rule) => !isOther(rule));
  const prefixLists = united(one.prefixLists, other.prefixLists, bothLists);
  return { ...unite({ ...one, rules }, other), prefixLists, flowLogs: flowLogs && distinctLogs(flowLogs) };
}

function otherwiseIn({ rules }: Inventory): (rule: Rule) => boolean {
  const contents = new Map(rules.map((rule) => [rule.ruleId, ruleContent(rule)]));
  return (rule) => (contents.get(rule.ruleId) ?? ruleContent(rule)) !== ruleContent(rule);
}

function distinctLogs(flowLogs: readonly FlowLog[]): FlowLog[] {
  return [...new Map(flowLogs.map((log) => [log.flowLogId, log])).values()];
}

/** The inventory with these interfaces too, or with more addresses and groups of those that it has. */
export function withInterfaces(inventory: Inventory, interfaces: readonly NetworkInterface[]): Inventory {
  const all = new Map(inventory.interfaces);
  for (const one of interfaces) {
    const known = all.get(one.interfaceId);
    all.set(one.interfaceId, known ? unitedInterface(one, known) : one);
  }
  return { ...inventory, interfaces: sortedByKey(all) };
}

function united<T>(
  older: ReadonlyMap<string, T>,
  newer: ReadonlyMap<string, T>,
  both: (older: T, newer: T) => T,
): ReadonlyMap<string, T> {
  const all = new Map(older);
  for (const [id, now] of newer) {
    const before = older.get(id);
    all.set(id, before === undefined ? now : both(before, now));
  }
  return sortedByKey(all);
}

function sortedByKey<T>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...all].sort(([a], [b]) => compareText(a, b)));
}

/** Every content once, under the newest id; but under two ids where both had it at one moment. */
function unitedRules(older: readonly Rule[], newer: readonly Rule[]): readonly Rule[] {
  const contents = new Set(newer.map(ruleContent));
  const gone = older.filter((rule) => !contents.has(ruleContent(rule)));
  const now = withReferencesThatHeld(older, newer);
  if (gone.length === 0) return now;
  return [...now, ...gone].sort(
    (a, b) =>
      compareText(a.groupId, b.groupId) ||
      compareText(a.ruleId, b.ruleId) ||
      compareText(ruleContent(a), ruleContent(b)),
  );
}

/** A reference that led somewhere at the older moment admitted something on the day, stale as it may be by now. */
function withReferencesThatHeld(older: readonly Rule[], newer: readonly Rule[]): readonly Rule[] {
  if (!newer.some(isStale)) return newer;
  const held = new Set(older.filter((rule) => rule.peer.type === 'group' && !rule.peer.stale).map(ruleContent));
  return newer.map((rule) =>
    rule.peer.type === 'group' && rule.peer.stale && held.has(ruleContent(rule))
      ? { ...rule, peer: { ...rule.peer, stale: false } }
      : rule,
  );
}

function isStale({ peer }: Rule): boolean {
  return peer.type === 'group' && peer.stale;
}

/** With the groups and addresses of both, all else as the newer one has it. */
export function unitedInterface(older: NetworkInterface, newer: NetworkInterface): NetworkInterface {
  return {
    ...newer,
    primary: newer.primary ?? older.primary,
    attachedAt: earlier(older.attachedAt, newer.attachedAt),
    groupIds: [...new Set([...older.groupIds, ...newer.groupIds])].sort(compareText),
    prefixes: unitedPrefixes(older.prefixes, newer.prefixes),
  };
}

/** What is attached to nothing at one moment has no time then. */
function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** Each once, those of the newer moment first. */
export function unitedPrefixes(older: readonly Prefix[], newer: readonly Prefix[]): readonly Prefix[] {
  const isSame = ({ address, length }: Prefix, index: number): boolean => {
    const other = newer[index];
    return other?.length === length && sameAddress(address, other.address);
  };
  // Nearly always, and quick.
  if (older.every(isSame)) return newer;
  return [...new Map([...newer, ...older].map((prefix) => [formatPrefix(prefix), prefix])).values()];
}

/**
 * Entries are known if they are known at each moment at which a rule named the list: what a list held while no rule
 * named it admits nothing. (Snapshots hold the entries of such lists only.)
 */
function unitedPrefixLists(older: Inventory, newer: Inventory): Inventory['prefixLists'] {
  const isUnknown = ({ prefixLists }: Inventory, named: ReadonlySet<string>, listId: string): boolean =>
    named.has(listId) && prefixLists.get(listId)?.entries === undefined;
  const [namedBefore, namedNow] = [listsNamed(older.rules), listsNamed(newer.rules)];
  const all = united(older.prefixLists, newer.prefixLists, bothLists);
  return new Map(
    [...all].map(([listId, list]) => {
      const unknown = isUnknown(older, namedBefore, listId) || isUnknown(newer, namedNow, listId);
      return [listId, unknown ? { ...list, entries: undefined } : list];
    }),
  );
}

/** With the entries of both, where one of them knows any. */
function bothLists(before: PrefixList, now: PrefixList): PrefixList {
  return {
    ...now,
    family: now.family ?? before.family,
    entries:
      before.entries && now.entries ? unitedPrefixes(before.entries, now.entries) : (now.entries ?? before.entries),
  };
}

/** Ids of the prefix lists that the rules name. */
export function listsNamed(rules: readonly Rule[]): ReadonlySet<string> {
  return new Set(rules.flatMap(({ peer }) => (peer.type === 'prefixList' ? [peer.value] : [])));
}

/**
 * A flow log is active if it is so at every moment since it was made: one that failed or was deleted in between vouches
 * for no interface-day, and no record of another flow log is set aside for its sake. A moment without the list says
 * nothing of them.
 */
function unitedFlowLogs(older: Inventory['flowLogs'], newer: Inventory['flowLogs']): Inventory['flowLogs'] {
  if (!older || !newer) return newer ?? older;
  const before = new Map(older.map((log) => [log.flowLogId, log]));
  const now = new Map(newer.map((log) => [log.flowLogId, log]));
  const all = united(before, now, (was, is): FlowLog => ({ ...is, active: was.active && is.active }));
  return [...all.values()].map((log) => (now.has(log.flowLogId) ? log : { ...log, active: false }));
}
