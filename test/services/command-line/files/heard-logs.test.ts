import { expect, test } from '@jest/globals';
import { heardLogs } from '../../../../services/command-line/files/heard-logs.ts';
import type { LogFile } from '../../../../services/command-line/files/log-files.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { inventoryOf } from '../../../shared/inventory/aws-shorthand.ts';

const DAY = 20_466;
const read: string[] = [];

/** A file of the flow log, whose records end in these hours of the day. */
function fileOf(flowLogId: string, ...hours: readonly number[]): LogFile {
  const name = `111122223333_vpcflowlogs_eu-central-1_${flowLogId}_20260113T0000Z_0a1b.log`;
  const lines = hours.map((hour) => {
    const end = DAY * 86_400 + hour * 3600;
    return `2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 ${String(end)} ${String(end)} ACCEPT OK\n`;
  });
  return {
    name,
    size: 1,
    async *chunks() {
      read.push(flowLogId);
      yield await Promise.resolve(Buffer.from(lines.join('')));
    },
    withBuffer: () => Promise.reject(new Error('not Parquet')),
  };
}

/** `eni-1 vpc-1/subnet-1` and `fl-1 vpc-1`, active unless it says otherwise. */
function account(interfaces: readonly string[], logs: readonly string[]): Inventory {
  const inventory = inventoryOf({
    interfaces: interfaces.map((text) => {
      const [NetworkInterfaceId, VpcId, SubnetId] = text.split(/[ /]/);
      return { NetworkInterfaceId, VpcId, SubnetId };
    }),
  });
  const flowLogs = logs.map((text) => {
    const [flowLogId = '', resourceId = '', state] = text.split(' ');
    return { flowLogId, resourceId, trafficType: 'ALL' as const, active: state === undefined, createdAt: 0 };
  });
  return { ...inventory, flowLogs };
}

test('tells in which hours each log was heard where two cover one interface, and reads no other', async () => {
  const inventories = [
    account(['eni-1 vpc-1/subnet-1', 'eni-2 vpc-2/subnet-2'], ['fl-a vpc-1', 'fl-b vpc-2', 'fl-c vpc-2 inactive']),
    account(['eni-1 vpc-1/subnet-1'], ['fl-a vpc-1', 'fl-d subnet-1', 'fl-e eni-1']),
  ];
  const files = [fileOf('fl-a', 0, 5), fileOf('fl-a', 5, 24), fileOf('fl-b', 1), fileOf('fl-c', 1), fileOf('fl-d', 7)];
  const logsOn = await heardLogs(files, inventories);
  const hoursOn = (day: number): unknown => [...logsOn(day)].map(([id, { hours }]) => [id, hours]);
  expect(hoursOn(DAY)).toEqual([
    ['fl-a', (1 << 0) | (1 << 5)],
    ['fl-d', 1 << 7],
  ]);
  expect(hoursOn(DAY + 1)).toEqual([['fl-a', 1]]);
  expect(hoursOn(DAY + 2)).toEqual([]);
  expect(read).toEqual(['fl-a', 'fl-a', 'fl-d']);
});
