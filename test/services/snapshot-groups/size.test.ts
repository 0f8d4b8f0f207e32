import { beforeEach, expect, test } from '@jest/globals';
import * as ec2 from '@aws-sdk/client-ec2';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEc2Client, ec2Account } from '../../../services/snapshot-groups/ec2-adapter.ts';
import { readAccount } from '../../../services/snapshot-groups/read-account.ts';
import { writeFolder } from '../../../services/snapshot-groups/write-folder.ts';
import { timesOrdinary } from '../../meter.ts';
import { scratchFolder } from './scratch-folder.ts';
import { answer, reset } from './stub-ec2.ts';

const at = scratchFolder();
beforeEach(reset);

/** `count` items in pages of 1,000. */
function pages(awsKey: string, count: number, item: (index: number) => object): object[] {
  return Array.from({ length: count / 1000 }, (_, page) => ({
    [awsKey]: Array.from({ length: 1000 }, (_, index) => item(page * 1000 + index)),
    NextToken: page + 1 < count / 1000 ? `${page + 1}` : undefined,
  }));
}

test('10,000 rules and 5,000 interfaces', async () => {
  answer(
    ec2.DescribeSecurityGroupRulesCommand,
    pages('SecurityGroupRules', 10_000, (index) => ({
      SecurityGroupRuleId: `sgr-${index}`,
      GroupId: `sg-${index % 200}`,
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      CidrIpv4: '10.0.0.0/8',
      Description: 'from the office to the web servers',
      Tags: [{ Key: 'team', Value: 'network' }],
    })),
  );
  answer(
    ec2.DescribeNetworkInterfacesCommand,
    pages('NetworkInterfaces', 5000, (index) => ({
      NetworkInterfaceId: `eni-${index}`,
      Groups: [{ GroupId: `sg-${index % 200}`, GroupName: 'web' }],
      PrivateIpAddresses: Array.from({ length: 4 }, (_, host) => ({
        Primary: host === 0,
        PrivateIpAddress: '10.0.0.1',
      })),
      Attachment: { AttachTime: new Date(0), InstanceId: 'i-1' },
      TagSet: [{ Key: 'team', Value: 'network' }],
    })),
  );
  const account = ec2Account(createEc2Client({ region: 'eu-west-1' }));
  const times = await timesOrdinary(async () => writeFolder(await readAccount(account), at.folder));

  const written: unknown = JSON.parse(await readFile(join(at.folder, 'network-interfaces.json'), 'utf8'));
  expect(written).toHaveProperty('NetworkInterfaces.length', 5000);
  // Usual is one: catches a square.
  expect(times).toBeLessThan(30);
});
