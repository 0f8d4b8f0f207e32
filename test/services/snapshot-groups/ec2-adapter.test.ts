import { beforeEach, describe, expect, test } from '@jest/globals';
import * as ec2 from '@aws-sdk/client-ec2';
import { createEc2Client, ec2Account } from '../../../services/snapshot-groups/ec2-adapter.ts';
import { readAccount, type Account } from '../../../services/snapshot-groups/read-account.ts';
import { answer, ec2Error, reset } from './stub-ec2.ts';

const account = ec2Account(createEc2Client({ region: 'eu-west-1' }));
const { signal } = new AbortController();
beforeEach(reset);

type Listing = Exclude<keyof Account, 'prefixListEntries' | 'staleGroups'>;
const CALLS: readonly [Listing, call: string, command: unknown, awsKey: string, input: object][] = [
  ['groups', 'DescribeSecurityGroups', ec2.DescribeSecurityGroupsCommand, 'SecurityGroups', { MaxResults: 1000 }],
  [
    'rules',
    'DescribeSecurityGroupRules',
    ec2.DescribeSecurityGroupRulesCommand,
    'SecurityGroupRules',
    { MaxResults: 1000 },
  ],
  // Without the flag an account may hide the interfaces that AWS services manage.
  [
    'interfaces',
    'DescribeNetworkInterfaces',
    ec2.DescribeNetworkInterfacesCommand,
    'NetworkInterfaces',
    { MaxResults: 1000, IncludeManagedResources: true },
  ],
  [
    'prefixLists',
    'DescribeManagedPrefixLists',
    ec2.DescribeManagedPrefixListsCommand,
    'PrefixLists',
    { MaxResults: 100 },
  ],
  ['flowLogs', 'DescribeFlowLogs', ec2.DescribeFlowLogsCommand, 'FlowLogs', { MaxResults: 1000 }],
  ['vpcs', 'DescribeVpcs', ec2.DescribeVpcsCommand, 'Vpcs', { MaxResults: 1000 }],
  [
    'groupVpcAssociations',
    'DescribeSecurityGroupVpcAssociations',
    ec2.DescribeSecurityGroupVpcAssociationsCommand,
    'SecurityGroupVpcAssociations',
    { MaxResults: 1000 },
  ],
];

describe.each(CALLS)('%s', (part, call, command, awsKey, input) => {
  test('all of three pages, with the largest page AWS gives', async () => {
    const inputs = answer(command, [
      { [awsKey]: [{ id: 1 }, { id: 2 }], NextToken: 'a' },
      { [awsKey]: [], NextToken: 'b' },
      { [awsKey]: [{ id: 3 }] },
    ]);
    expect(await account[part](signal)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(inputs).toEqual([undefined, 'a', 'b'].map((NextToken) => ({ ...input, NextToken })));
  });

  test('throttled to death on its second page: the whole snapshot fails and names the call', async () => {
    answer(command, [{ [awsKey]: [], NextToken: 'a' }, ec2Error('RequestLimitExceeded')]);
    // The whole message: what EC2 appends for `decode-authorization-message` is not in it.
    const message = `${call} failed: RequestLimitExceeded: not today`;
    await expect(readAccount(account)).rejects.toHaveProperty('message', message);
  });
});

describe('tokens', () => {
  test.each([
    { why: 'the same at once: the SDK would ask for ever', tokens: ['a', 'a', 'a'] },
    { why: 'the same after another: a circle', tokens: ['a', 'b', 'a', 'b'] },
  ])('$why', async ({ tokens }) => {
    answer(
      ec2.DescribeVpcsCommand,
      tokens.map((NextToken) => ({ Vpcs: [{ VpcId: NextToken }], NextToken })),
    );
    await expect(account.vpcs(signal)).rejects.toThrow('DescribeVpcs failed: AWS gave the same NextToken twice');
  });

  test.each([
    { why: 'an empty token is none', pages: [{ Vpcs: [{}], NextToken: '' }], count: 1 },
    { why: 'a page without its list is an empty one', pages: [{ NextToken: 'a' }, { Vpcs: [{}] }], count: 1 },
  ])('$why', async ({ pages, count }) => {
    answer(ec2.DescribeVpcsCommand, pages);
    expect(await account.vpcs(signal)).toHaveLength(count);
  });
});
