import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type Prefix, formatPrefix, parsePrefix } from '../addresses/address.ts';
import * as aws from './aws-shapes.ts';
import { compareText } from '../text/compare.ts';
import { flowLogFromAws } from './flow-log-from-aws.ts';
import { interfaceFromAws, interfaceIdentity } from './interface-from-aws.ts';
import type { Group, Inventory, KnownAccount, NetworkInterface, PrefixList, Rule, Vpc } from './inventory.ts';
import { InventoryError } from './inventory-error.ts';
import type { JsonPage } from './json-pages.ts';
import { itemsOf } from './page-items.ts';
import { prefixListFromAws, withEntries } from './prefix-lists-from-aws.ts';
import { ruleFromAws } from './rule-from-aws.ts';
import { staleReferences } from './stale-references.ts';
import { tagsByKey } from './tags.ts';
import { shorten, shown } from '../text/plain.ts';

/** The pages of each file, in any order. Undefined: there was no such file. */
export interface AwsPages {
  readonly securityGroups: readonly JsonPage[];
  readonly securityGroupRules: readonly JsonPage[];
  readonly networkInterfaces: readonly JsonPage[];
  readonly managedPrefixLists?: readonly JsonPage[] | undefined;
  /** By prefix list id. */
  readonly prefixListEntries?: ReadonlyMap<string, readonly JsonPage[]> | undefined;
  readonly flowLogs?: readonly JsonPage[] | undefined;
  readonly vpcs?: readonly JsonPage[] | undefined;
  readonly securityGroupVpcAssociations?: readonly JsonPage[] | undefined;
  readonly staleSecurityGroups?: readonly JsonPage[] | undefined;
  /** Of the organization: names of accounts, the inventory's or others'. */
  readonly accounts?: readonly JsonPage[] | undefined;
}

type Tell = (problem: string) => void;

/**
 * Makes the inventory of what AWS printed. Pure; the order of pages makes no difference.
 * What looks wrong but leaves the rest usable is kept and told in `problems`. Throws an InventoryError where a page is
 * not what AWS sends, output was cut, or one id stands for two different things.
 */
export function inventoryFromAws(pages: AwsPages): Inventory {
  const problems = new Set<string>();
  const tell: Tell = (problem) => problems.add(problem);

  const listed = byId(
    'security group',
    itemsOf(pages.securityGroups, 'SecurityGroups', aws.awsGroup).map(groupFromAws),
    (group) => group.groupId,
    isDeepStrictEqual,
    tell,
  );
  const interfaces = byId(
    'network interface',
    itemsOf(pages.networkInterfaces, 'NetworkInterfaces', aws.awsInterface).map((raw) => interfaceFromAws(raw, tell)),
    (one) => one.interfaceId,
    (a, b) => interfaceIdentity(a) === interfaceIdentity(b),
    tell,
  );
  const rawRules = itemsOf(pages.securityGroupRules, 'SecurityGroupRules', aws.awsRule);
  const groups = withMissingGroups(listed, rawRules, interfaces, tell);
  const rules = byId(
    'security group rule',
    rawRules.map((raw) => ruleFromAws(raw, groups.get(raw.GroupId)?.groupName ?? '')),
    (rule) => rule.ruleId,
    isDeepStrictEqual,
    tell,
  );
  const isStale = staleIn(pages.staleSecurityGroups ?? []);
  const prefixLists = readPrefixLists(pages, tell);
  tellListsWithoutEntries(rules.values(), prefixLists, pages.prefixListEntries, tell);

  return {
    groups,
    // By rule id already: the sort is stable.
    rules: [...rules.values()].map(isStale).sort((a, b) => compareText(a.groupId, b.groupId)),
    interfaces,
    prefixLists,
    flowLogs: pages.flowLogs && readFlowLogs(pages.flowLogs, tell),
    vpcs: readVpcs(pages.vpcs ?? [], tell),
    associations: itemsOf(
      pages.securityGroupVpcAssociations ?? [],
      'SecurityGroupVpcAssociations',
      aws.awsGroupVpcAssociation,
    ).map((raw) => ({ groupId: raw.GroupId, vpcId: raw.VpcId, state: raw.State })),
    ...(pages.accounts && { accounts: accountNames(pages.accounts) }),
    problems: [...problems].sort(compareText),
  };
}

/** What `aws organizations list-accounts` prints. */
export function accountNames(pages: readonly JsonPage[]): KnownAccount[] {
  const listed = itemsOf(pages, 'Accounts', aws.awsAccount);
  // AWS lets names be 50 characters long.
  const names = new Map(listed.map(({ Id, Name }) => [Id, shorten(Name, 100)]));
  return [...names].map(([accountId, name]) => ({ accountId, name, isDescribed: false }));
}

/** A function that marks the rules whose reference AWS lists as stale. */
function staleIn(pages: readonly JsonPage[]): (rule: Rule) => Rule {
  const listed = staleReferences(itemsOf(pages, 'StaleSecurityGroupSet', z.unknown()));
  const keys = new Set(listed.map((one) => `${one.groupId} ${one.direction} ${one.referencedGroupId}`));
  return (rule) =>
    rule.peer.type === 'group' && keys.has(`${rule.groupId} ${rule.direction} ${rule.peer.value}`)
      ? { ...rule, peer: { ...rule.peer, stale: true } }
      : rule;
}

/** The items by id, ordered by it. Told: what was listed twice alike. Refused: what was listed twice unlike. */
function byId<T>(
  what: string,
  items: readonly T[],
  idOf: (item: T) => string,
  same: (a: T, b: T) => boolean,
  tell: Tell,
): ReadonlyMap<string, T> {
  const first = new Map<string, T>();
  const times = new Map<string, number>();
  for (const item of items) {
    const id = idOf(item);
    const other = first.get(id);
    if (other === undefined) first.set(id, item);
    else if (same(other, item)) times.set(id, (times.get(id) ?? 1) + 1);
    else {
      throw new InventoryError(
        `${what} ${shown(id)} is listed twice with different content: the files must show one moment of one account and Region`,
      );
    }
  }
  for (const [id, count] of times) tell(`${what} ${shown(id)} is listed ${count} times alike: kept once`);
  return new Map([...first].sort(([a], [b]) => compareText(a, b)));
}

function groupFromAws(raw: aws.AwsGroup): Group {
  return {
    groupId: raw.GroupId,
    groupName: raw.GroupName,
    ownerId: raw.OwnerId,
    vpcId: raw.VpcId,
    region: regionOf(raw.SecurityGroupArn),
    description: raw.Description,
    tags: tagsByKey(raw.Tags),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function regionOf(arn: string): string {
  return /^arn:[\w-]+:ec2:([a-z0-9-]+):/.exec(arn)?.[1] ?? '';
}

/** All groups, those included that only have rules. Told: each that rules or interfaces have and the list has not. */
function withMissingGroups(
  listed: ReadonlyMap<string, Group>,
  rules: readonly aws.AwsRule[],
  interfaces: ReadonlyMap<string, NetworkInterface>,
  tell: Tell,
): ReadonlyMap<string, Group> {
  const groups = new Map(listed);
  const missing = new Set<string>();
  for (const { GroupId: groupId, GroupOwnerId: ownerId, SecurityGroupRuleArn } of rules) {
    if (groups.has(groupId)) continue;
    missing.add(groupId);
    const region = regionOf(SecurityGroupRuleArn);
    groups.set(groupId, { groupId, groupName: '', ownerId, vpcId: '', region, description: '', tags: tagsByKey([]) });
  }
  for (const { groupIds } of interfaces.values()) {
    for (const groupId of groupIds) if (!groups.has(groupId)) missing.add(groupId);
  }
  for (const groupId of [...missing].sort(compareText)) {
    tell(
      groups.has(groupId)
        ? `security group ${shown(groupId)} has rules but is not in security-groups.json: its name, VPC and tags are unknown`
        : `security group ${shown(groupId)} is on network interfaces but neither it nor a rule of it is in the inventory: ` +
            'what its rules admit is unknown',
    );
  }
  return new Map([...groups].sort(([a], [b]) => compareText(a, b)));
}

function readPrefixLists(pages: AwsPages, tell: Tell): ReadonlyMap<string, PrefixList> {
  const raws = itemsOf(pages.managedPrefixLists ?? [], 'PrefixLists', aws.awsPrefixList);
  const lists = new Map(
    byId('prefix list', raws.map(prefixListFromAws), (list) => list.prefixListId, isDeepStrictEqual, tell),
  );
  for (const [prefixListId, entryPages] of pages.prefixListEntries ?? []) {
    const list = lists.get(prefixListId) ?? {
      prefixListId,
      name: '',
      family: undefined,
      ownerId: '',
      entries: undefined,
    };
    lists.set(prefixListId, withEntries(list, entryPages, tell));
  }
  return new Map([...lists].sort(([a], [b]) => compareText(a, b)));
}

/** A rule that names such a list stays as it is: it *could* admit what fits otherwise. */
function tellListsWithoutEntries(
  rules: Iterable<Rule>,
  lists: ReadonlyMap<string, PrefixList>,
  entries: AwsPages['prefixListEntries'],
  tell: Tell,
): void {
  for (const { peer } of rules) {
    if (peer.type !== 'prefixList' || entries?.has(peer.value)) continue;
    const lacks = lists.has(peer.value) ? 'its entries are' : 'it is';
    tell(
      `prefix list ${shown(peer.value)} is named by a rule, but ${lacks} not in the inventory: what such rules admit is only possible use`,
    );
  }
}

function readFlowLogs(pages: readonly JsonPage[], tell: Tell): Inventory['flowLogs'] {
  const logs = itemsOf(pages, 'FlowLogs', aws.awsFlowLog).flatMap((raw) => flowLogFromAws(raw, tell) ?? []);
  return [...byId('flow log', logs, (log) => log.flowLogId, isDeepStrictEqual, tell).values()];
}

function readVpcs(pages: readonly JsonPage[], tell: Tell): ReadonlyMap<string, Vpc> {
  const vpcs = itemsOf(pages, 'Vpcs', aws.awsVpc).flatMap((raw) => vpcFromAws(raw, tell) ?? []);
  return byId('VPC', vpcs, (vpc) => vpc.vpcId, isDeepStrictEqual, tell);
}

/** Its main block and every other that is or was associated. */
function vpcFromAws(raw: aws.AwsVpc, tell: Tell): Vpc | undefined {
  // A block that is going may have been in use in the window.
  const isAssociated = (state: string): boolean => state !== 'failed';
  const texts = [
    raw.CidrBlock,
    ...raw.CidrBlockAssociationSet.filter((b) => isAssociated(b.CidrBlockState)).map((b) => b.CidrBlock),
    ...raw.Ipv6CidrBlockAssociationSet.filter((b) => isAssociated(b.Ipv6CidrBlockState)).map((b) => b.Ipv6CidrBlock),
  ];
  const prefixes = new Map<string, Prefix>();
  for (const text of texts) {
    if (text === '') continue;
    const prefix = parsePrefix(text);
    if (prefix) prefixes.set(formatPrefix(prefix), prefix);
    else {
      tell(`VPC ${shown(raw.VpcId)}: ${shown(text)} is not a CIDR, so what addresses the VPC has counts as unknown`);
      return undefined;
    }
  }
  if (prefixes.size === 0) return undefined;
  return { vpcId: raw.VpcId, ownerId: raw.OwnerId, prefixes: [...prefixes.values()] };
}
