import { beforeEach, describe, expect, test } from '@jest/globals';
import { DescribeStaleSecurityGroupsCommand as command } from '@aws-sdk/client-ec2';
import { readInventory } from '../../../services/command-line/files/read-inventory.ts';
import { createEc2Client, ec2Account } from '../../../services/snapshot-groups/ec2-adapter.ts';
import { readAccount } from '../../../services/snapshot-groups/read-account.ts';
import { writeFolder } from '../../../services/snapshot-groups/write-folder.ts';
import { fakeAccount } from './fake-account.ts';
import { scratchFolder } from './scratch-folder.ts';
import { answer, ec2Error, reset, respondWith } from './stub-ec2.ts';

const account = ec2Account(createEc2Client({ region: 'eu-west-1' }));
const { signal } = new AbortController();
const at = scratchFolder();
beforeEach(reset);

describe('groups that refer to nothing', () => {
  test('all of three pages, of every VPC', async () => {
    const inputs = answer(command, [
      { StaleSecurityGroupSet: [{ GroupId: 'sg-1' }], NextToken: 'a' },
      { StaleSecurityGroupSet: [], NextToken: 'b' },
      { StaleSecurityGroupSet: [{ GroupId: 'sg-2' }] },
    ]);
    const found = await account.staleGroups(['vpc-1'], signal);
    expect([...found]).toEqual([['vpc-1', { readable: true, groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-2' }] }]]);
    expect(inputs).toEqual([undefined, 'a', 'b'].map((NextToken) => ({ VpcId: 'vpc-1', MaxResults: 255, NextToken })));
  });

  test.each(['UnauthorizedOperation', 'InvalidVpcID.NotFound', 'OperationNotPermitted'])(
    '%s: unknown of that VPC alone',
    async (name) => {
      respondWith(command, async ({ VpcId }) => {
        if (VpcId === 'vpc-1') throw ec2Error(name);
        return { StaleSecurityGroupSet: [{ GroupId: 'sg-1' }] };
      });
      expect([...(await account.staleGroups(['vpc-1', 'vpc-2'], signal))].sort()).toEqual([
        ['vpc-1', { readable: false, reason: name }],
        ['vpc-2', { readable: true, groups: [{ GroupId: 'sg-1' }] }],
      ]);
    },
  );

  test.each(['RequestLimitExceeded', 'InternalError'])('%s: no snapshot', async (name) => {
    answer(command, [{ StaleSecurityGroupSet: [], NextToken: 'a' }, ec2Error(name)]);
    const vpcs = async () => [{ VpcId: 'vpc-1' }];
    const reading = readAccount(fakeAccount({}, { vpcs, staleGroups: account.staleGroups.bind(account) }));
    await expect(reading).rejects.toThrow(`DescribeStaleSecurityGroups of vpc-1 failed: ${name}: not today`);
  });

  test('are asked for once for each VPC, and told in order, with what stays unknown', async () => {
    const asked: (readonly string[])[] = [];
    const snapshot = await readAccount(
      fakeAccount(
        { vpcs: [{ VpcId: 'vpc-2' }, { VpcId: 'vpc-1' }] },
        {
          staleGroups: async (vpcIds) => {
            asked.push(vpcIds);
            const groups = ['sg-2', 'sg-1'].map((GroupId) => ({ GroupId, VpcId: 'vpc-2' }));
            return new Map([
              ['vpc-2', { readable: true, groups }],
              ['vpc-1', { readable: false, reason: 'OperationNotPermitted' }],
            ]);
          },
        },
      ),
    );
    expect(asked).toEqual([['vpc-1', 'vpc-2']]);
    expect(snapshot.staleGroups.map(({ GroupId }) => GroupId)).toEqual(['sg-1', 'sg-2']);
    expect(snapshot.problems).toEqual(['VPC vpc-1: references to deleted groups unknown: OperationNotPermitted']);
  });

  test('have a file of their own, which the inventory knows', async () => {
    const groups = [{ GroupId: 'sg-1', VpcId: 'vpc-1' }];
    await writeFolder(
      await readAccount(fakeAccount({ staleGroups: { 'vpc-1': { readable: true, groups } } })),
      at.folder,
    );
    const files = await at.everything();
    expect(JSON.parse(files['inventory/stale-security-groups.json'] ?? '')).toEqual({ StaleSecurityGroupSet: groups });
    expect((await readInventory(at.folder)).problems).toEqual([]);
  });
});
