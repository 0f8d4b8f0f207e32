import type { Group, Rule, RuleContent } from '../world/entities.ts';
import { REGION } from '../world/lay-out-network.ts';

/** An item of `aws ec2 describe-security-group-rules`: the content of the time. */
export function awsRule(rule: Rule, time: number): object {
  const content = contentAt(rule, time);
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: rule.group.id,
    GroupOwnerId: rule.group.vpc.ownerId,
    IsEgress: content.direction === 'egress',
    IpProtocol: content.protocol,
    FromPort: content.fromPort,
    ToPort: content.toPort,
    ...rulePeer(content, rule.group.vpc.ownerId),
    ...(rule.description === '' ? {} : { Description: rule.description }),
    Tags: [],
    SecurityGroupRuleArn: `arn:aws:ec2:${REGION}:${rule.group.vpc.ownerId}:security-group-rule/${rule.id}`,
  };
}

function rulePeer({ peer }: RuleContent, ownerId: string): object {
  switch (peer.type) {
    case 'cidr':
      return { [peer.prefix.address.family === 4 ? 'CidrIpv4' : 'CidrIpv6']: peer.text };
    case 'prefixList':
      return { PrefixListId: peer.list.id };
    case 'group':
      return { ReferencedGroupInfo: groupReference(peer, ownerId) };
  }
}

function groupReference(
  { groupId, peering }: Extract<RuleContent['peer'], { type: 'group' }>,
  ownerId: string,
): object {
  if (!peering) return { GroupId: groupId, UserId: ownerId };
  return {
    GroupId: groupId,
    PeeringStatus: 'active',
    UserId: peering.ownerId,
    VpcId: peering.vpcId,
    VpcPeeringConnectionId: peering.connectionId,
  };
}

/** An item of `aws ec2 describe-security-groups`, with its rules once more, folded by protocol and ports. */
export function awsGroup(group: Group, rules: readonly Rule[], time: number): object {
  const own = rules.filter((rule) => rule.group === group).map((rule) => ({ rule, content: contentAt(rule, time) }));
  const permissions = (direction: RuleContent['direction']): object[] => {
    const byService = Map.groupBy(
      own.filter(({ content }) => content.direction === direction),
      ({ content }) => `${content.protocol} ${content.fromPort} ${content.toPort}`,
    );
    return [...byService.values()].map((some) => permission(some, group.vpc.ownerId));
  };
  return {
    GroupId: group.id,
    IpPermissionsEgress: permissions('egress'),
    ...(Object.keys(group.tags).length === 0 ? {} : { Tags: tagList(group.tags) }),
    VpcId: group.vpc.id,
    SecurityGroupArn: `arn:aws:ec2:${REGION}:${group.vpc.ownerId}:security-group/${group.id}`,
    OwnerId: group.vpc.ownerId,
    GroupName: group.name,
    Description: group.description,
    IpPermissions: permissions('ingress'),
  };
}

function permission(rules: readonly { readonly rule: Rule; readonly content: RuleContent }[], ownerId: string): object {
  const { protocol, fromPort, toPort } = rules[0]!.content;
  const peers = <T extends RuleContent['peer']['type']>(
    type: T,
    shape: (peer: Extract<RuleContent['peer'], { type: T }>) => object,
  ) =>
    rules.flatMap(({ rule, content }) => {
      if (content.peer.type !== type) return [];
      const shaped = shape(content.peer as Extract<RuleContent['peer'], { type: T }>);
      return [{ ...(rule.description === '' ? {} : { Description: rule.description }), ...shaped }];
    });
  const ofFamily = (family: 4 | 6, key: string) =>
    peers('cidr', (peer) => (peer.prefix.address.family === family ? { [key]: peer.text } : {})).filter(
      (range) => key in range,
    );
  return {
    IpProtocol: protocol,
    ...(protocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort }),
    UserIdGroupPairs: peers('group', (peer) => groupReference(peer, ownerId)),
    IpRanges: ofFamily(4, 'CidrIp'),
    Ipv6Ranges: ofFamily(6, 'CidrIpv6'),
    PrefixListIds: peers('prefixList', (peer) => ({ PrefixListId: peer.list.id })),
  };
}

function tagList(tags: Group['tags']): object[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function contentAt({ contents }: Rule, time: number): RuleContent {
  return contents.findLast(({ from }) => from <= time)!;
}
