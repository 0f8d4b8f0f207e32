import type { Rule, RulePeer } from '../../inventory/inventory.ts';
import type { PlannedRule } from './plan.ts';
import { asciiJson, shellQuote } from './shell-quote.ts';

/** Options of the AWS CLI for all commands; what is not said is left to its own settings. */
export interface AwsPlace {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

/** Tags that only AWS sets. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
export function isReservedTag(key: string): boolean {
  return /^aws:/i.test(key);
}

/** Why no command can be given for the rule; undefined where one can. */
export function noCommand({ ruleId, groupId, peer }: Rule): string | undefined {
  if (!/^sgr-\w+$/.test(ruleId)) return 'its id is not of the form that AWS gives to rules';
  if (!/^sg-\w+$/.test(groupId)) return 'the id of its group is not of the form that AWS gives to groups';
  return peer.type === 'unknown' ? 'its peer cannot be read' : undefined;
}

/** Removes the rule. */
export function revokeCommand({ ruleId, groupId, direction }: Rule, place: AwsPlace): string {
  return ec2(`revoke-security-group-${direction}`, place, [
    ['--group-id', groupId],
    ['--security-group-rule-ids', ruleId],
  ]);
}

/**
 * Removes the rule that reads so, whatever its id. A description need not be told.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
 */
export function revokeContentCommand(rule: Rule, place: AwsPlace): string {
  return ec2(`revoke-security-group-${rule.direction}`, place, [
    ['--group-id', rule.groupId],
    ['--ip-permissions', [permissionOf({ ...rule, description: '' })]],
  ]);
}

/** Makes the rule again, with its description and those tags that may be set. AWS gives it a new id. */
export function authorizeCommand(rule: Rule, place: AwsPlace): string {
  const Tags = Object.entries(rule.tags)
    .filter(([key]) => !isReservedTag(key))
    .map(([Key, Value]) => ({ Key, Value }));
  return ec2(`authorize-security-group-${rule.direction}`, place, [
    ['--group-id', rule.groupId],
    ['--ip-permissions', [permissionOf(rule)]],
    ...(Tags.length > 0 ? [['--tag-specifications', [{ ResourceType: 'security-group-rule', Tags }]] as const] : []),
  ]);
}

/** Prints `same` if the rule still reads as it did, description and tags included, else `changed`. */
export function checkCommand(rule: Rule, place: AwsPlace): string {
  const query = `SecurityGroupRules[0].[${[...SHOWN, ...portsOf(rule).map(([field]) => field)].join(',')}]`;
  return ec2('describe-security-group-rules', place, [
    ['--security-group-rule-ids', rule.ruleId],
    ['--query', new Raw(`${query}==\`${asciiJson(shownOf(rule))}\`&&\`"same"\`||\`"changed"\``)],
    ['--output', 'text'],
  ]);
}

/**
 * As JSON, what AWS should show of the rules: of those with ports (or ICMP types), and of the others. Printable ASCII without
 * single quotes and backticks.
 */
export function expectedOf(rules: readonly PlannedRule[]): { readonly withPorts: string; readonly others: string } {
  const hasAny = (rule: PlannedRule): boolean => portsOf(rule).length > 0;
  const json = (some: readonly PlannedRule[]): string => asciiJson(some.map((rule) => [rule.ruleId, ...shownOf(rule)]));
  return { withPorts: json(rules.filter(hasAny)), others: json(rules.filter((rule) => !hasAny(rule))) };
}

/**
 * A query of JMESPath in three parts, between which go the two of {@link expectedOf}: of the rules of a group, by commas, the
 * ids of those that read as expected, a blank, and the ids of all that there are. To be printed as JSON: for text, the AWS
 * CLI asks page by page. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html
 */
export function groupQuery(): readonly [string, string, string] {
  const shown = `SecurityGroupRuleId,${SHOWN.join(',')}`;
  const ids = 'SecurityGroupRules[?contains(`';
  return [
    `join(\`" "\`,[join(\`","\`,${ids}`,
    `\`,[${shown},FromPort||\`-1\`,ToPort||\`-1\`])||contains(\``,
    `\`,[${shown}])].SecurityGroupRuleId),join(\`","\`,SecurityGroupRules[].SecurityGroupRuleId)])`,
  ];
}

/** Text that holds neither single quotes nor anything but printable ASCII. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function ec2(action: string, { region, profile }: AwsPlace, options: readonly (readonly [string, unknown])[]): string {
  const place = [
    ...(region === undefined ? [] : [['--region', region] as const]),
    ...(profile === undefined ? [] : [['--profile', profile] as const]),
  ];
  const words = [...place, ...options].flatMap(([name, value]) => [name, wordOf(value)]);
  return ['aws', 'ec2', action, ...words].join(' ');
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return shellQuote(value);
  return `'${value instanceof Raw ? value.text : asciiJson(value)}'`;
}

/**
 * Protocols without ports but a number of their own get those that AWS shows for them.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
 */
function permissionOf(rule: Rule): object {
  const Description = rule.description === '' ? undefined : rule.description;
  const none = rule.protocolNumber === undefined ? {} : { FromPort: -1, ToPort: -1 };
  const ports = Object.fromEntries(portsOf(rule).map(([, name, value]) => [name, value]));
  return { IpProtocol: rule.protocol, ...none, ...ports, ...peerOf(rule.peer, Description) };
}

function peerOf(peer: RulePeer, Description: string | undefined): object {
  switch (peer.type) {
    case 'cidrIpv4':
      return { IpRanges: [{ CidrIp: peer.value, Description }] };
    case 'cidrIpv6':
      return { Ipv6Ranges: [{ CidrIpv6: peer.value, Description }] };
    case 'prefixList':
      return { PrefixListIds: [{ PrefixListId: peer.value, Description }] };
    case 'group': {
      const UserId = peer.ownerId === '' ? undefined : peer.ownerId;
      const VpcPeeringConnectionId = peer.peeringConnectionId === '' ? undefined : peer.peeringConnectionId;
      return { UserIdGroupPairs: [{ GroupId: peer.value, UserId, VpcPeeringConnectionId, Description }] };
    }
    case 'unknown':
      throw new Error(`${peer.value}: no peer to authorize`);
  }
}

/**
 * Port fields, in JMESPath and by name: ports for TCP and UDP, type and code for ICMP, none elsewhere, where AWS allows
 * all whatever they say.
 */
function portsOf({ ports, icmp }: PlannedRule): (readonly [path: string, name: string, value: number])[] {
  const both = ports ? [ports.from, ports.to] : icmp ? [icmp.type, icmp.code] : [];
  return both.map((value, i) => {
    const name = i === 0 ? 'FromPort' : 'ToPort';
    return [`${name}||\`-1\``, name, value] as const;
  });
}

/** What is compared: fields of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html */
const SHOWN = [
  'GroupId',
  'IsEgress',
  'IpProtocol',
  'CidrIpv4||`""`',
  'CidrIpv6||`""`',
  'PrefixListId||`""`',
  'ReferencedGroupInfo.GroupId||`""`',
  'ReferencedGroupInfo.VpcPeeringConnectionId||`""`',
  'Description||`""`',
  'sort_by(Tags||`[]`,&Key)[].[Key,Value]',
];

function shownOf(rule: PlannedRule): unknown[] {
  const { peer } = rule;
  const value = (type: RulePeer['type']): string => (peer.type === type ? peer.value : '');
  return [
    rule.groupId,
    rule.direction === 'egress',
    rule.protocol,
    value('cidrIpv4'),
    value('cidrIpv6'),
    value('prefixList'),
    value('group'),
    peer.type === 'group' ? peer.peeringConnectionId : '',
    rule.description,
    Object.entries(rule.tags).sort(([a], [b]) => compareCodePoints(a, b)),
    ...portsOf(rule).map(([, , port]) => port),
  ];
}

/** As Python sorts text, in which the AWS CLI is written. */
function compareCodePoints(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1);
}
