import type { Account, ListEntries, StaleGroups } from '../../../services/snapshot-groups/read-account.ts';

/** The parts of an account as AWS would list them, in no order. */
export interface Listed {
  readonly groups?: readonly object[];
  readonly rules?: readonly object[];
  readonly interfaces?: readonly object[];
  readonly prefixLists?: readonly object[];
  readonly entries?: Readonly<Record<string, ListEntries>>;
  readonly flowLogs?: readonly object[];
  readonly vpcs?: readonly object[];
  readonly groupVpcAssociations?: readonly object[];
  readonly staleGroups?: Readonly<Record<string, StaleGroups>>;
}

/** An account that answers at once with what is listed, and with nothing for the rest. */
export function fakeAccount(listed: Listed = {}, over: Partial<Account> = {}): Account {
  return {
    groups: async () => listed.groups ?? [],
    rules: async () => listed.rules ?? [],
    interfaces: async () => listed.interfaces ?? [],
    prefixLists: async () => listed.prefixLists ?? [],
    prefixListEntries: async () => new Map(Object.entries(listed.entries ?? {})),
    flowLogs: async () => listed.flowLogs ?? [],
    vpcs: async () => listed.vpcs ?? [],
    groupVpcAssociations: async () => listed.groupVpcAssociations ?? [],
    staleGroups: async () => new Map(Object.entries(listed.staleGroups ?? {})),
    ...over,
  };
}

/** Some of everything, with a time, text of other people's, and one readable and one unreadable list. */
export const LISTED: Listed = {
  groups: [
    { GroupId: 'sg-2', GroupName: '</script>' },
    { GroupId: 'sg-1', GroupName: 'web', Tags: [{ Key: '__proto__', Value: '=1+1' }] },
  ],
  rules: [
    { SecurityGroupRuleId: 'sgr-3', GroupId: 'sg-1', PrefixListId: 'pl-0b' },
    { SecurityGroupRuleId: 'sgr-1', GroupId: 'sg-1', PrefixListId: 'pl-0a' },
    { SecurityGroupRuleId: 'sgr-2', GroupId: 'sg-2', FromPort: 0, ToPort: 0, CidrIpv4: '10.0.0.0/8' },
  ],
  interfaces: [{ NetworkInterfaceId: 'eni-1', Attachment: { AttachTime: new Date('2026-01-02T03:04:05Z') } }],
  prefixLists: [
    { PrefixListId: 'pl-0c', OwnerId: 'AWS' },
    { PrefixListId: 'pl-0a', Version: 3 },
  ],
  entries: {
    'pl-0a': { readable: true, entries: [{ Cidr: '192.0.2.0/24', Description: 'b' }, { Cidr: '10.0.0.0/8' }] },
    'pl-0b': { readable: false, reason: 'InvalidPrefixListID.NotFound' },
  },
  flowLogs: [{ FlowLogId: 'fl-1', CreationTime: new Date('2026-01-01T00:00:00Z') }],
  vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }],
  groupVpcAssociations: [{ GroupId: 'sg-1', VpcId: 'vpc-2', State: 'associated' }],
  staleGroups: {
    'vpc-1': {
      readable: true,
      groups: [
        { GroupId: 'sg-2', VpcId: 'vpc-1' },
        { GroupId: 'sg-1', VpcId: 'vpc-1' },
      ],
    },
    'vpc-0': { readable: false, reason: 'OperationNotPermitted' },
  },
};
