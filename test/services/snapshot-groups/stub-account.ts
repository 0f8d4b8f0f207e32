import * as ec2 from '@aws-sdk/client-ec2';
import type { Listed } from './fake-account.ts';
import { ec2Error, reset, respondWith } from './stub-ec2.ts';

/** From here on EC2 answers every call with what is listed, one page each. */
export function answerWith(listed: Listed): void {
  reset();
  const pages: readonly (readonly [command: unknown, page: object])[] = [
    [ec2.DescribeSecurityGroupsCommand, { SecurityGroups: listed.groups }],
    [ec2.DescribeSecurityGroupRulesCommand, { SecurityGroupRules: listed.rules }],
    [ec2.DescribeNetworkInterfacesCommand, { NetworkInterfaces: listed.interfaces }],
    [ec2.DescribeManagedPrefixListsCommand, { PrefixLists: listed.prefixLists }],
    [ec2.DescribeFlowLogsCommand, { FlowLogs: listed.flowLogs }],
    [ec2.DescribeVpcsCommand, { Vpcs: listed.vpcs }],
    [ec2.DescribeSecurityGroupVpcAssociationsCommand, { SecurityGroupVpcAssociations: listed.groupVpcAssociations }],
  ];
  for (const [command, page] of pages) respondWith(command, async () => page);
  respondWith(ec2.GetManagedPrefixListEntriesCommand, async ({ PrefixListId = '' }) => {
    const found = listed.entries?.[PrefixListId];
    if (found?.readable !== true) throw ec2Error('InvalidPrefixListID.NotFound');
    return { Entries: found.entries };
  });
}
