import { inOrder } from './in-order.ts';

/*
 * What AWS describes, one item each. Only the fields this folder reads are named; all the others are carried along
 * as they came.
 */
export type DescribedGroup = { readonly GroupId?: string | undefined };
export type DescribedRule = {
  readonly SecurityGroupRuleId?: string | undefined;
  readonly PrefixListId?: string | undefined;
};
export type DescribedInterface = { readonly NetworkInterfaceId?: string | undefined };
export type DescribedPrefixList = {
  readonly PrefixListId?: string | undefined;
  /** Counts the changes of a customer's list; lists of AWS have none. */
  readonly Version?: number | undefined;
};
export type DescribedEntry = { readonly Cidr?: string | undefined; readonly Description?: string | undefined };
export type DescribedFlowLog = { readonly FlowLogId?: string | undefined };
export type DescribedVpc = { readonly VpcId?: string | undefined };
export type DescribedAssociation = {
  readonly GroupId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly State?: string | undefined;
};

/** A group with rules that refer to a group which is gone. */
export type DescribedStaleGroup = { readonly GroupId?: string | undefined; readonly VpcId?: string | undefined };

/** The entries of one prefix list, all of them, or why they may not be read. */
export type ListEntries =
  | { readonly readable: true; readonly entries: readonly DescribedEntry[] }
  | { readonly readable: false; readonly reason: string };

/** The groups of one VPC with rules that refer to nothing, all of them, or why nobody may ask. */
export type StaleGroups =
  | { readonly readable: true; readonly groups: readonly DescribedStaleGroup[] }
  | { readonly readable: false; readonly reason: string };

/**
 * What a snapshot needs to know of one account in one region. Each answer holds every page of it, in any order. A
 * call that fails, or ends before its last page, rejects with an error that names the call; so does an aborted one.
 */
export interface Account {
  groups(signal: AbortSignal): Promise<readonly DescribedGroup[]>;
  rules(signal: AbortSignal): Promise<readonly DescribedRule[]>;
  interfaces(signal: AbortSignal): Promise<readonly DescribedInterface[]>;
  prefixLists(signal: AbortSignal): Promise<readonly DescribedPrefixList[]>;
  /** By list id, one answer for each id asked for. */
  prefixListEntries(listIds: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, ListEntries>>;
  flowLogs(signal: AbortSignal): Promise<readonly DescribedFlowLog[]>;
  vpcs(signal: AbortSignal): Promise<readonly DescribedVpc[]>;
  groupVpcAssociations(signal: AbortSignal): Promise<readonly DescribedAssociation[]>;
  /** By VPC id, one answer for each id asked for. */
  staleGroups(vpcIds: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, StaleGroups>>;
}

/** One account and region as described at about one moment. All lists are ordered by id, and no id is there twice. */
export interface Snapshot {
  readonly groups: readonly DescribedGroup[];
  readonly rules: readonly DescribedRule[];
  readonly interfaces: readonly DescribedInterface[];
  readonly prefixLists: readonly DescribedPrefixList[];
  /** By list id, for lists that a rule refers to. A list that is missing has unknown entries, which is not none. */
  readonly prefixListEntries: ReadonlyMap<string, readonly DescribedEntry[]>;
  readonly flowLogs: readonly DescribedFlowLog[];
  readonly vpcs: readonly DescribedVpc[];
  readonly groupVpcAssociations: readonly DescribedAssociation[];
  /** For advice, no evidence: of a VPC that nobody may ask about there are none. */
  readonly staleGroups: readonly DescribedStaleGroup[];
  /** One line for each prefix list and VPC of which something stays unknown, for a person to read. */
  readonly problems: readonly string[];
}

/**
 * Reads everything the analysis knows of an account, all or nothing: the first call that fails stops the others and
 * is the error. Only the entries of a prefix list may stay unknown (a rule on such a list is never called unused), and
 * which groups of a VPC refer to nothing.
 *
 * @param cancel aborts the reading; the promise then rejects with the signal's reason
 */
export async function readAccount(account: Account, cancel?: AbortSignal): Promise<Snapshot> {
  return allOrNothing(cancel, async (signal) => {
    const [rules, groups, interfaces, prefixLists, flowLogs, vpcs, groupVpcAssociations] = await Promise.all([
      account.rules(signal).then((found) => inOrder(found, 'SecurityGroupRuleId')),
      account.groups(signal).then((found) => inOrder(found, 'GroupId')),
      account.interfaces(signal).then((found) => inOrder(found, 'NetworkInterfaceId')),
      account.prefixLists(signal).then((found) => inOrder(found, 'PrefixListId')),
      account.flowLogs(signal).then((found) => inOrder(found, 'FlowLogId')),
      account.vpcs(signal).then((found) => inOrder(found, 'VpcId')),
      // State is part of the key: an ended association must not hide the one made after it.
      account.groupVpcAssociations(signal).then((found) => inOrder(found, 'GroupId', 'VpcId', 'State')),
    ]);
    const [{ prefixListEntries, ...entries }, { staleGroups, ...stale }] = await Promise.all([
      readEntries(account, rules, prefixLists, signal),
      readStaleGroups(account, vpcs, signal),
    ]);
    const listed = { groups, rules, interfaces, prefixLists, flowLogs, vpcs, groupVpcAssociations };
    return { ...listed, prefixListEntries, staleGroups, problems: [...entries.problems, ...stale.problems] };
  });
}

/**
 * Asks for the lists that a rule refers to and for no others: those of AWS and those shared by another account
 * included, even where DescribeManagedPrefixLists does not show them. A list that changed while it was read may have
 * lost an entry between two pages, so that its entries are unknown too.
 */
async function readEntries(
  account: Account,
  rules: readonly DescribedRule[],
  before: readonly DescribedPrefixList[],
  signal: AbortSignal,
): Promise<Pick<Snapshot, 'prefixListEntries' | 'problems'>> {
  const listIds = [...new Set(rules.flatMap((rule) => rule.PrefixListId ?? []))].sort();
  const prefixListEntries = new Map<string, readonly DescribedEntry[]>();
  const problems: string[] = [];
  if (listIds.length === 0) return { prefixListEntries, problems };
  const answers = await account.prefixListEntries(listIds, signal);
  const after = versions(await account.prefixLists(signal));
  for (const listId of listIds) {
    const answer = answers.get(listId) ?? { readable: false, reason: 'no answer' };
    const [was, is] = [versions(before).get(listId), after.get(listId)];
    const changed = was === is ? undefined : `it changed while it was read (version ${was ?? '?'} to ${is ?? '?'})`;
    if (answer.readable && !changed) prefixListEntries.set(listId, inOrder(answer.entries, 'Cidr'));
    else problems.push(`prefix list ${listId}: entries unknown: ${answer.readable ? changed : answer.reason}`);
  }
  return { prefixListEntries, problems };
}

async function readStaleGroups(
  account: Account,
  vpcs: readonly DescribedVpc[],
  signal: AbortSignal,
): Promise<Pick<Snapshot, 'staleGroups' | 'problems'>> {
  const answers = await account.staleGroups(
    vpcs.flatMap(({ VpcId }) => VpcId ?? []),
    signal,
  );
  const all = [...answers].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    staleGroups: inOrder(
      all.flatMap(([, answer]) => (answer.readable ? answer.groups : [])),
      'GroupId',
      'VpcId',
    ),
    problems: all.flatMap(([vpcId, answer]) =>
      answer.readable ? [] : [`VPC ${vpcId}: references to deleted groups unknown: ${answer.reason}`],
    ),
  };
}

function versions(lists: readonly DescribedPrefixList[]): ReadonlyMap<string | undefined, number | undefined> {
  return new Map(lists.map((list) => [list.PrefixListId, list.Version]));
}

/** Runs `work` with a signal that is aborted as soon as `work` has failed, so that nothing goes on unwatched. */
async function allOrNothing<T>(cancel: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const failed = new AbortController();
  try {
    return await work(cancel ? AbortSignal.any([cancel, failed.signal]) : failed.signal);
  } catch (error) {
    failed.abort(error);
    cancel?.throwIfAborted();
    throw error;
  }
}
