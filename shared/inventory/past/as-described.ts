import * as z from 'zod';
import { awsInterface, awsRule } from '../aws-shapes.ts';
import { interfaceFromAws } from '../interface-from-aws.ts';
import type { NetworkInterface, Rule } from '../inventory.ts';
import { ruleFromAws } from '../rule-from-aws.ts';

/** Deeper than anything AWS sends. */
const MAX_DEPTH = 16;

/** Where the name in an event is not the one that `aws ec2 describe-…` prints, its first letter aside. */
const NAMES: Readonly<Record<string, string>> = {
  GroupSet: 'Groups',
  PrivateIpAddressesSet: 'PrivateIpAddresses',
  Ipv6AddressesSet: 'Ipv6Addresses',
  Ipv4PrefixSet: 'Ipv4Prefixes',
  Ipv6PrefixSet: 'Ipv6Prefixes',
};

/**
 * What CloudTrail and Config hold, as `aws ec2 describe-…` prints it: `{"groupSet": {"items": [{"groupId": …}]}}` becomes
 * `{"Groups": [{"GroupId": …}]}`. An empty list is `{}` in CloudTrail, and becomes nothing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function asDescribed(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((item) => asDescribed(item, depth + 1));
  const entries = Object.entries(value);
  if (entries.length === 0) return undefined;
  const [[key, only]] = entries as [[string, unknown]];
  if (entries.length === 1 && (key === 'items' || key === 'item')) return asDescribed(listOf(only), depth + 1);
  return Object.fromEntries(
    entries.map(([name, member]) => {
      const upper = name.slice(0, 1).toUpperCase() + name.slice(1);
      return [NAMES[upper] ?? upper, asDescribed(member, depth + 1)];
    }),
  );
}

/** Actions that are newer than 2016 or so tell one item as itself, and several as an array. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

/** The members of an object as {@link asDescribed} has them; none where it is no object. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  const described = asDescribed(value);
  const isObject = typeof described === 'object' && described !== null && !Array.isArray(described);
  return isObject ? (described as Record<string, unknown>) : {};
}

/** Answers of some calls have a list under a name of its own. */
export function listed(value: unknown): readonly unknown[] {
  const [only, ...others] = Object.values(fields(value));
  return Array.isArray(only) && others.length === 0 ? only : listOf(value);
}

const looseRule = z.looseObject({ SecurityGroupRuleId: z.string().nullish(), ReferencedGroupId: z.string().nullish() });
/** The id of a rule of which it is not told. In no inventory. */
const NO_ID = 'sgr-former';

/** A rule as events and Config tell it; undefined where that is none. */
export function toldRule(
  value: unknown,
  of: { readonly groupId: string; readonly isEgress: boolean },
): Rule | undefined {
  const loose = looseRule.safeParse(value);
  if (!loose.success) return undefined;
  const { SecurityGroupRuleId, ReferencedGroupId, ...rest } = loose.data;
  const rule = awsRule.safeParse({
    GroupId: of.groupId,
    IsEgress: of.isEgress,
    ...(ReferencedGroupId && { ReferencedGroupInfo: { GroupId: ReferencedGroupId } }),
    ...rest,
    SecurityGroupRuleId: SecurityGroupRuleId ?? NO_ID,
  });
  if (!rule.success) return undefined;
  const read = ruleFromAws(rule.data, '');
  return read.unmatchable === undefined ? read : undefined;
}

/** `''` where the rule was told without its id. */
export function toldId({ ruleId }: Rule): string {
  return ruleId === NO_ID ? '' : ruleId;
}

const permission = z.looseObject({
  IpRanges: z.unknown().optional(),
  Ipv4Ranges: z.unknown().optional(),
  Ipv6Ranges: z.unknown().optional(),
  PrefixListIds: z.unknown().optional(),
  Groups: z.unknown().optional(),
  UserIdGroupPairs: z.unknown().optional(),
});

/**
 * The rules that an `IpPermission` stands for, one for each peer; undefined where one of them cannot be read.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
 */
export function toldPermission(
  value: unknown,
  of: { readonly groupId: string; readonly isEgress: boolean },
): Rule[] | undefined {
  const parsed = permission.safeParse(value);
  if (!parsed.success) return undefined;
  const { IpRanges, Ipv4Ranges, Ipv6Ranges, PrefixListIds, Groups, UserIdGroupPairs, ...service } = parsed.data;
  const peers = [
    ...listOf(Ipv4Ranges ?? IpRanges).map((range) => ({ CidrIpv4: textAt(range, 'CidrIp') })),
    ...listOf(Ipv6Ranges).map((range) => ({ CidrIpv6: textAt(range, 'CidrIpv6') })),
    ...listOf(PrefixListIds).map((list) => ({ PrefixListId: textAt(list, 'PrefixListId') })),
    ...listOf(Groups ?? UserIdGroupPairs).map((group) => ({
      ReferencedGroupInfo: { GroupId: textAt(group, 'GroupId'), UserId: textAt(group, 'UserId') },
    })),
  ];
  const rules = peers.map((peer) => toldRule({ ...service, ...peer }, of));
  const read = rules.filter((rule) => rule !== undefined);
  return read.length === rules.length && read.length > 0 ? read : undefined;
}

/** Config holds IPv4 ranges as plain text, too. */
function textAt(value: unknown, key: string): string | undefined {
  if (typeof value === 'string') return value;
  const member = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof member === 'string' ? member : undefined;
}

/** The longest aggregation interval: windows of records may begin so long before an interface. */
const WINDOW_SECONDS = 600;

/**
 * An interface as events and Config tell it, there since `at`, and for windows that begin before; undefined where that is
 * none.
 */
export function toldInterface(value: unknown, at: number): NetworkInterface | undefined {
  // When it was attached the time of the event tells better.
  const isObject = typeof value === 'object' && value !== null;
  const raw = awsInterface.safeParse(isObject ? { ...value, Attachment: undefined } : value);
  if (!raw.success) return undefined;
  const problems: string[] = [];
  const iface = interfaceFromAws(raw.data, (problem) => problems.push(problem));
  const hasGroups = iface.groupIds.length > 0 || !['', 'interface'].includes(iface.type);
  return hasGroups && problems.length === 0 && iface.prefixes.length > 0
    ? { ...iface, attachedAt: at - WINDOW_SECONDS }
    : undefined;
}
