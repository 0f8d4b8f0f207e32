import { ruleFields } from '../shorthand/rule.ts';

/** What the describe calls of the AWS CLI print, item by item. */
export type AwsItem = Readonly<Record<string, unknown>>;

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
export const REGION = 'eu-west-1';
export const VPC = 'vpc-0a';
const SUBNET = 'subnet-0a';

/** As {@link ruleFields} reads it: `in tcp 443 0.0.0.0/0`, `out -1 sg-0b`. */
export type RuleText = `${'in' | 'out'} ${string}`;

export interface RuleOptions {
  /** By default the group that was added last. */
  readonly group?: string;
  readonly description?: string;
  readonly owner?: string;
  /** More of a reference to a group: its account, or the peering that it goes over. */
  readonly reference?: AwsItem;
}

/** An interface as it is described, and what is true of it besides. */
export interface Interface {
  readonly item: AwsItem;
  readonly ip: string;
  readonly ip6: readonly string[];
  readonly vpc: string;
  readonly subnet: string;
  readonly owner: string;
  /** Whether AWS writes NODATA for its idle hours, from `since` to `until` (UNIX seconds). */
  readonly noData: boolean;
  readonly since: number;
  readonly until: number;
  /** False for one that no inventory shows. */
  readonly listed: boolean;
}

export interface InterfaceOptions extends Partial<Omit<Interface, 'item' | 'ip'>> {
  readonly type?: string;
  readonly secondary?: readonly string[];
  readonly prefixes?: readonly string[];
}

/** A flow log, and which of its records are among the files of a case. */
export interface FlowLog {
  readonly id: string;
  /** VPC, subnet or interface. */
  readonly resource: string;
  readonly traffic: 'ALL' | 'ACCEPT' | 'REJECT';
  readonly created: string;
  /** False for one that the list of flow logs does not have (any more). */
  readonly listed: boolean;
  /** Its life, UNIX seconds. */
  readonly since: number;
  readonly until: number;
  /** How its files are cut. */
  readonly per: 'day' | 'hour';
  /** The folder is a copy of the bucket, which may be incomplete: whether it has a record of that start and interface. */
  readonly delivered: (start: number, interfaceId: string) => boolean;
}

/** Ids are made of a kind, a zero and a name: `sg-0web` is named `web`. */
export function nameOf(groupId: string): string {
  return groupId.slice('sg-0'.length);
}

export function vpcItem(id: string, block: string): AwsItem {
  return {
    VpcId: id,
    OwnerId: ACCOUNT,
    CidrBlock: block,
    CidrBlockAssociationSet: [
      { AssociationId: 'vpc-cidr-assoc-0', CidrBlock: block, CidrBlockState: { State: 'associated' } },
    ],
    Ipv6CidrBlockAssociationSet: [],
  };
}

export function ruleItem(id: string, groupId: string, text: RuleText, options: RuleOptions): AwsItem {
  const { ReferencedGroupInfo: group, ...fields } = ruleFields(text, ACCOUNT);
  return {
    SecurityGroupRuleId: id,
    GroupId: groupId,
    GroupOwnerId: options.owner ?? ACCOUNT,
    FromPort: -1,
    ToPort: -1,
    ...fields,
    ...(group && { ReferencedGroupInfo: { ...group, ...options.reference } }),
    Description: options.description ?? '',
    Tags: [],
  };
}

export function interfaceOf(
  id: string,
  ip: string,
  groups: readonly string[],
  { type = 'interface', secondary = [], prefixes = [], ...options }: InterfaceOptions,
): Interface {
  const { ip6 = [], vpc = VPC, subnet = SUBNET, owner = ACCOUNT } = options;
  const { noData = true, since = 0, until = Infinity, listed = true } = options;
  const item = {
    NetworkInterfaceId: id,
    VpcId: vpc,
    SubnetId: subnet,
    InterfaceType: type,
    OwnerId: owner,
    Description: '',
    Status: 'in-use',
    RequesterManaged: type !== 'interface',
    Groups: groups.map((group) => ({ GroupId: group, GroupName: nameOf(group) })),
    PrivateIpAddress: ip,
    PrivateIpAddresses: [ip, ...secondary].map((address, i) => ({ PrivateIpAddress: address, Primary: i === 0 })),
    Ipv6Addresses: ip6.map((address) => ({ Ipv6Address: address, IsPrimaryIpv6: false })),
    Ipv4Prefixes: prefixes.map((prefix) => ({ Ipv4Prefix: prefix })),
    TagSet: [],
  };
  return { item, ip, ip6, vpc, subnet, owner, noData, since, until, listed };
}

export function flowLogItem(log: FlowLog, fields: readonly string[]): AwsItem {
  return {
    FlowLogId: log.id,
    ResourceId: log.resource,
    TrafficType: log.traffic,
    FlowLogStatus: 'ACTIVE',
    DeliverLogsStatus: 'SUCCESS',
    CreationTime: log.created,
    LogDestinationType: 's3',
    LogDestination: 'arn:aws:s3:::flow-logs',
    MaxAggregationInterval: 600,
    LogFormat: fields.map((field) => `\${${field}}`).join(' '),
    DestinationOptions: {
      FileFormat: 'plain-text',
      HiveCompatiblePartitions: false,
      PerHourPartition: log.per === 'hour',
    },
  };
}
