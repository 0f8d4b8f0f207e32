import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import * as ec2 from '@aws-sdk/client-ec2';
import { interfaceDescriber } from '../../../services/count-usage/find-interfaces-adapter.ts';
import type { DayInventories } from '../../../services/count-usage/day-inventories.ts';
import { dayInventories } from '../../../services/count-usage/inventories-adapter.ts';
import { DataBucket } from '../../../shared/aws/data-bucket.ts';
import { SnapshotArchive } from '../../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../../shared/aws/snapshot-index.ts';
import { tableNames } from '../../../shared/names.ts';
import { snapshotText } from '../../../shared/inventory/snapshot-file.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { type Fauxqs, startFauxqs } from '../../beds/fauxqs.ts';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import { answer, ec2Error, reset } from '../snapshot-groups/stub-ec2.ts';

/** Java beside other tests on a small machine is slow. */
jest.setTimeout(60_000);

const [ONE, TWO, THREE] = ['eni-00000001', 'eni-00000002', 'eni-00000003'] as const;
beforeAll(() => {
  process.env.AWS_REGION ??= 'eu-central-1';
});
beforeEach(reset);

test('interfaces are asked for by id, those that AWS services manage too, all pages of them', async () => {
  const inputs = answer(ec2.DescribeNetworkInterfacesCommand, [
    { NetworkInterfaces: [{ NetworkInterfaceId: ONE }], NextToken: 'a' },
    { NextToken: 'b' },
    { NetworkInterfaces: [{ NetworkInterfaceId: TWO }] },
  ]);
  expect(await interfaceDescriber()([ONE, TWO, THREE])).toEqual([
    { NetworkInterfaceId: ONE },
    { NetworkInterfaceId: TWO },
  ]);
  const Filters = [{ Name: 'network-interface-id', Values: [ONE, TWO, THREE] }];
  expect(inputs[0]).toEqual({ Filters, IncludeManagedResources: true, MaxResults: 1000, NextToken: undefined });
  expect(inputs.map((input) => (input as { NextToken?: string }).NextToken)).toEqual([undefined, 'a', 'b']);
});

test('a page that fails is no answer', async () => {
  const pages = [
    { NetworkInterfaces: [{ NetworkInterfaceId: ONE }], NextToken: 'a' },
    ec2Error('RequestLimitExceeded'),
  ];
  answer(ec2.DescribeNetworkInterfacesCommand, pages);
  await expect(interfaceDescriber()([ONE])).rejects.toThrow();
});

let fauxqs: Fauxqs;
beforeAll(async () => {
  fauxqs = await startFauxqs();
});
afterAll(() => fauxqs.stop());

describeWithDynamoDb('inventories from the snapshots kept', (bed) => {
  const DAY = Date.UTC(2026, 10, 23) / 86_400_000;
  const described = (id: string) => ({
    NetworkInterfaceId: id,
    Groups: [{ GroupId: 'sg-1' }],
    PrivateIpAddress: '10.0.0.1',
    Attachment: { AttachTime: new Date(0) },
  });
  const account = (...ids: string[]) => ({
    groups: [{ GroupId: 'sg-1', VpcId: 'vpc-1' }],
    rules: [awsRule('in tcp 22 10.0.0.0/8')],
    interfaces: ids.map(described),
    prefixLists: [],
    prefixListEntries: new Map(),
    flowLogs: [],
    vpcs: [],
    groupVpcAssociations: [],
    staleGroups: [],
    problems: [],
  });
  let failures: number[];
  let worker: () => DayInventories;
  let publish: (minute: number, ...ids: string[]) => Promise<unknown>;
  let count = 0;
  beforeEach(async () => {
    const name = `in-force-${count++}`;
    await Promise.all([bed().createTables(name), fauxqs.createBucket(name)]);
    const [client, tables] = [bed().client(), tableNames(name)];
    const bucket = new DataBucket(fauxqs.s3(), name);
    const archive = new SnapshotArchive(new SnapshotIndex(client, tables.state), bucket);
    publish = (minute, ...ids) =>
      archive.publish(
        snapshotText({ accountId: '111122223333', region: 'eu-central-1' }, account(...ids)),
        new Date(Date.UTC(2026, 10, 23, 10, minute)),
        400,
      );
    failures = [];
    worker = () => dayInventories({ client, tables, bucket }, (_error, interfaces) => failures.push(interfaces));
  });
  const idsOf = async (inventories: DayInventories): Promise<string[]> => {
    await inventories.load(DAY);
    return [...inventories.of(DAY)!.inventory.interfaces.keys()];
  };

  test('the union of the day, with what any worker looked up', async () => {
    await publish(0, ONE);
    await publish(15, TWO);
    const first = worker();
    expect(await idsOf(first)).toEqual([ONE, TWO]);
    answer(ec2.DescribeNetworkInterfacesCommand, [{ NetworkInterfaces: [described(THREE)] }]);
    expect(await first.lookUpMissing(DAY, [THREE])).toBe(true);
    expect(first.of(DAY)?.interfaceOf(THREE)?.groupSet?.groupIds).toEqual(['sg-1']);
    expect(await idsOf(worker())).toEqual([ONE, TWO, THREE]);
  });

  test('a snapshot that came later is taken in', async () => {
    await publish(0, ONE);
    const inventories = worker();
    expect(await idsOf(inventories)).toEqual([ONE]);
    await publish(15, TWO);
    await inventories.refresh();
    expect(inventories.of(DAY)).toBeUndefined();
    expect(await idsOf(inventories)).toEqual([ONE, TWO]);
  });

  test('EC2 throttled: told, and counting goes on', async () => {
    await publish(0, ONE);
    const inventories = worker();
    await inventories.load(DAY);
    answer(ec2.DescribeNetworkInterfacesCommand, [ec2Error('RequestLimitExceeded')]);
    expect(await inventories.lookUpMissing(DAY, [TWO, THREE])).toBe(false);
    expect(failures).toEqual([2]);
  });

  test('before the first snapshot of the deployment: an error that says what to do', async () => {
    await expect(worker().load(DAY)).rejects.toThrow('run snapshot-groups once');
  });
});
