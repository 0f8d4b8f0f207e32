import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { type Fields, generated, logFiles, readJson, removeScratchFolders } from './generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(60_000);

interface FlowLog {
  FlowLogId: string;
  ResourceId: string;
  TrafficType: 'ALL' | 'REJECT';
  DeliverLogsStatus: string;
}

interface Interface {
  NetworkInterfaceId: string;
  VpcId: string;
  SubnetId: string;
  Groups: object[];
}

/** Why a record is no evidence, by the inventory alone. */
function reasonBy(out: string): (record: Fields, flowLogId: string) => string {
  const { FlowLogs } = readJson(out, 'inventory/flow-logs.json') as { FlowLogs: FlowLog[] };
  const { NetworkInterfaces } = readJson(out, 'inventory/network-interfaces.json') as {
    NetworkInterfaces: Interface[];
  };
  const known = new Map(NetworkInterfaces.map((each) => [each.NetworkInterfaceId, each]));
  return (record, flowLogId) => {
    if (record['log-status'] === 'NODATA') return 'noData';
    if (record['log-status'] === 'SKIPDATA') return 'skipData';
    const owner = known.get(record['interface-id']!);
    const twins = FlowLogs.filter(
      (log) =>
        owner !== undefined &&
        log.DeliverLogsStatus === 'SUCCESS' &&
        [owner.VpcId, owner.SubnetId, owner.NetworkInterfaceId].includes(log.ResourceId) &&
        (log.TrafficType === 'ALL' || record.action === 'REJECT'),
    );
    if (twins.some((log) => log.FlowLogId < flowLogId)) return 'duplicateLog';
    if (record.action === 'REJECT') return 'rejected';
    if (owner === undefined) return 'unknownInterface';
    return owner.Groups.length === 0 ? 'noGroup' : '';
  };
}

describe.each([
  { seed: 1 },
  { seed: 2 },
  { seed: 3 },
  { seed: 4 },
  { seed: 5, hard: true, minutes: 1440, deliveryMinutes: 60 },
])('%j', ({ seed, ...hard }) => {
  test('sets aside what the inventory says, and each reason occurs', async () => {
    const { out } = await generated({ seed, records: 6000, ...hard });
    const reason = reasonBy(out);
    const all = (await logFiles(out)).flatMap((file) =>
      file.truths.map((truth, i) => ({ truth, record: file.records[i]!, flowLogId: file.flowLogId })),
    );
    expect(all.filter(({ truth, record, flowLogId }) => truth.setAside !== reason(record, flowLogId))).toEqual([]);
    expect([...new Set(all.map(({ truth }) => truth.setAside))].sort()).toEqual([
      '',
      'duplicateLog',
      'noData',
      'noGroup',
      'rejected',
      'skipData',
      'unknownInterface',
    ]);
  });

  test('what a second log repeats is in the first one, word for word', async () => {
    const { out } = await generated({ seed, records: 6000, format: 'v2', ...hard });
    const files = await logFiles(out);
    const lines = (isDuplicate: boolean) =>
      files.flatMap((file) =>
        file.lines.filter((_, i) => (file.truths[i]!.setAside === 'duplicateLog') === isDuplicate),
      );
    const counted = new Set(lines(false));
    const repeated = lines(true);
    expect(repeated.length).toBeGreaterThan(100);
    expect(repeated.filter((line) => !counted.has(line))).toEqual([]);
  });
});
