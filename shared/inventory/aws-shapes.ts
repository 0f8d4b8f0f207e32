import * as z from 'zod';
import { quoted } from '../text/plain.ts';

/*
 * What `aws ec2 describe-…` prints, as far as it is used here. Unknown fields are left out; absent and null text is
 * `''`, absent and null lists are empty. Strings are anybody's text, and nothing of them is checked that is not needed; but
 * ids are ids: they become words of commands, keys of tables and names of files.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Types.html
 */

/**
 * What is taken for an id. AWS gives a prefix and hexadecimal digits (`sgr-0123456789abcdef0`, 21 characters). Which prefix it
 * is matters to nobody, and inventories written by hand say `sg-web`: what is wanted is that no character means anything
 * to a shell, a path, a key or a page, that none is taken for an option, and that no id is long.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
 */
const ID = /^[0-9A-Za-z][\w-]{0,63}$/;

const id = z.string().regex(ID, { error: ({ input }) => noId(input) });
/** `''` where it is absent. */
const idIfAny = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
  .refine((value) => value === '' || ID.test(value), { error: ({ input }) => noId(input) });

function noId(input: unknown): string {
  if (input === '') return 'expected an id, found empty text';
  return `expected an id (at most 64 letters, digits, "-" and "_"), found ${quoted(String(input))}`;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
/** The CLI prints text; the SDK makes dates. */
const time = z
  .union([z.string(), z.date()])
  .nullish()
  .transform((value) => (value instanceof Date ? value.toISOString() : (value ?? '')));
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);
const tags = listOf(z.object({ Key: z.string(), Value: text }));

/** An item of `SecurityGroups` in security-groups.json. */
export const awsGroup = z.object({
  GroupId: id,
  GroupName: text,
  OwnerId: text,
  VpcId: idIfAny,
  SecurityGroupArn: text,
  Description: text,
  Tags: tags,
});
export type AwsGroup = z.output<typeof awsGroup>;

/** An item of `SecurityGroupRules` in security-group-rules.json. */
export const awsRule = z.object({
  SecurityGroupRuleId: id,
  GroupId: id,
  GroupOwnerId: text,
  SecurityGroupRuleArn: text,
  IsEgress: z.boolean(),
  IpProtocol: text,
  /** ICMP: the type. -1 or absent: all. */
  FromPort: z.number().nullish(),
  /** ICMP: the code. -1 or absent: all. */
  ToPort: z.number().nullish(),
  CidrIpv4: text,
  CidrIpv6: text,
  PrefixListId: idIfAny,
  ReferencedGroupInfo: z
    .object({ GroupId: idIfAny, UserId: text, VpcPeeringConnectionId: idIfAny, PeeringStatus: text })
    .nullish(),
  Description: text,
  Tags: tags,
});
export type AwsRule = z.output<typeof awsRule>;

/** An item of `NetworkInterfaces` in network-interfaces.json. `Association`s hold public addresses: not read. */
export const awsInterface = z.object({
  NetworkInterfaceId: id,
  VpcId: idIfAny,
  SubnetId: idIfAny,
  InterfaceType: text,
  Description: text,
  Groups: listOf(z.object({ GroupId: id })),
  PrivateIpAddress: text,
  PrivateIpAddresses: listOf(z.object({ PrivateIpAddress: text, Primary: flag })),
  Ipv6Address: text,
  Ipv6Addresses: listOf(z.object({ Ipv6Address: text, IsPrimaryIpv6: flag })),
  Ipv4Prefixes: listOf(z.object({ Ipv4Prefix: text })),
  Ipv6Prefixes: listOf(z.object({ Ipv6Prefix: text })),
  OwnerId: text,
  Attachment: z.object({ AttachTime: time, InstanceId: text }).nullish(),
});
export type AwsInterface = z.output<typeof awsInterface>;

/** An item of `PrefixLists` in managed-prefix-lists.json. */
export const awsPrefixList = z.object({ PrefixListId: id, PrefixListName: text, AddressFamily: text, OwnerId: text });
export type AwsPrefixList = z.output<typeof awsPrefixList>;

/** An item of `Entries` in prefix-list-entries/<pl-id>.json. */
export const awsPrefixListEntry = z.object({ Cidr: text });

/** An item of `FlowLogs` in flow-logs.json. */
export const awsFlowLog = z.object({
  FlowLogId: id,
  ResourceId: idIfAny,
  TrafficType: text,
  FlowLogStatus: text,
  DeliverLogsStatus: text,
  CreationTime: text,
});
export type AwsFlowLog = z.output<typeof awsFlowLog>;

const blockState = z
  .object({ State: text })
  .nullish()
  .transform((state) => state?.State ?? '');

/** An item of `Vpcs` in vpcs.json. */
export const awsVpc = z.object({
  VpcId: id,
  OwnerId: text,
  CidrBlock: text,
  CidrBlockAssociationSet: listOf(z.object({ CidrBlock: text, CidrBlockState: blockState })),
  Ipv6CidrBlockAssociationSet: listOf(z.object({ Ipv6CidrBlock: text, Ipv6CidrBlockState: blockState })),
});
export type AwsVpc = z.output<typeof awsVpc>;

/** An item of `SecurityGroupVpcAssociations` in security-group-vpc-associations.json. */
export const awsGroupVpcAssociation = z.object({ GroupId: id, VpcId: id, State: text });

/** An item of `Accounts` in accounts.json: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html */
export const awsAccount = z.object({ Id: z.string().regex(/^\d{12}$/), Name: text });
