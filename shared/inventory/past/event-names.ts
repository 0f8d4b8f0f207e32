/** Events that make rules; a history that lacks one of these names does not tell how old a rule is. */
export const RULE_EVENTS = [
  'AuthorizeSecurityGroupIngress',
  'AuthorizeSecurityGroupEgress',
  'ModifySecurityGroupRules',
  'CreateSecurityGroup',
  // A default group comes with its VPC.
  'CreateVpc',
  'CreateDefaultVpc',
] as const;

/** Of {@link OTHER_EVENTS}, what makes entries of a prefix list. */
export const LIST_EVENTS = [
  'CreateManagedPrefixList',
  'ModifyManagedPrefixList',
  'RestoreManagedPrefixListVersion',
] as const;
/** Of them, what changes groups of an interface. */
export const GROUP_EVENTS = ['ModifyNetworkInterfaceAttribute', 'ModifyInstanceAttribute'] as const;

/** And all others that are read, in the order in which they are worth asking for. */
export const OTHER_EVENTS = [
  'RevokeSecurityGroupIngress',
  'RevokeSecurityGroupEgress',
  ...LIST_EVENTS,
  ...GROUP_EVENTS,
  'ModifyVpcEndpoint',
  'CreateNetworkInterface',
  'DeleteNetworkInterface',
  'RunInstances',
  'TerminateInstances',
  'AssignPrivateIpAddresses',
  'AssignIpv6Addresses',
] as const;

/** Events are there some minutes after the call, "about 5" as a rule: so long after a time nothing of before it is missing. */
export const LATE_SECONDS = 15 * 60;
/** How far the clock that dates a snapshot may be from AWS's. */
export const CLOCK_SECONDS = 60;
/** How far back the event history reaches. */
export const KEPT_DAYS = 90;
