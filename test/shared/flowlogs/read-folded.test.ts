import { describe, expect, it } from '@jest/globals';
import { formatAddress } from '../../../shared/addresses/address.ts';
import type { FoldedRow } from '../../../shared/flowlogs/folded-record.ts';
import { FoldedReader } from '../../../shared/flowlogs/read-folded.ts';
import type { FlowRecord } from '../../../shared/flowlogs/record.ts';

const ROW: FoldedRow = {
  kind: 'ok',
  file: null,
  flow_log_id: 'fl-0a',
  account_id: '111122223333',
  interface_id: 'eni-1',
  resource_id: null,
  vpc_id: 'vpc-1',
  srcaddr: '10.0.0.1',
  dstaddr: '2001:db8::2',
  pkt_srcaddr: null,
  pkt_dstaddr: '10.0.0.9',
  srcport: -1,
  dstport: 443,
  protocol: 6,
  action: 'ACCEPT',
  flow_direction: 'ingress',
  reject_reason: null,
  opener: 'request',
  syn_seen: true,
  paired: null,
  service: 'destination',
  records: 7,
  packets: 70,
  bytes: 700,
  first_start: 1000,
  first_end: 1060,
  last_end: 1200,
};

function read(...rows: readonly Partial<FoldedRow>[]): { records: FlowRecord[]; malformed: number } {
  const records: FlowRecord[] = [];
  let malformed = 0;
  const reader = new FoldedReader({
    record: (record) => records.push(structuredClone(record)),
    malformed: (row) => (malformed += row.records),
  });
  for (const row of rows) reader.read({ ...ROW, ...row });
  return { records, malformed };
}

describe('a row of the fold', () => {
  it('is one record that stands for many', () => {
    const { records, malformed } = read({});
    expect(malformed).toBe(0);
    const { source, destination, packetSource, packetDestination, ...rest } = records[0]!;
    expect([source, destination, packetDestination].map(formatAddress)).toEqual([
      '10.0.0.1',
      '2001:db8::2',
      '10.0.0.9',
    ]);
    expect(packetSource.family).toBe(0);
    expect(rest).toEqual({
      status: 'OK',
      accountId: '111122223333',
      interfaceId: 'eni-1',
      resourceId: '',
      vpcId: 'vpc-1',
      sourcePort: -1,
      destinationPort: 443,
      protocol: 6,
      packets: 70,
      bytes: 700,
      start: 1000,
      end: 1200,
      accepted: true,
      tcpFlags: -1,
      direction: 'ingress',
      rejectReason: '',
      times: 7,
      opener: 'request',
      synSeen: true,
      paired: undefined,
      service: 'destination',
    });
  });

  it('carries nothing over from the row before', () => {
    const bare = { pkt_dstaddr: null, interface_id: null, vpc_id: null, flow_direction: null, opener: null };
    const { records } = read({}, { ...bare, action: 'REJECT', reject_reason: 'BPA' }, {});
    expect(records[1]).toMatchObject({ interfaceId: '', vpcId: '', accepted: false, rejectReason: 'BPA' });
    expect(records[1]!.packetDestination.family).toBe(0);
    expect([records[1]!.direction, records[1]!.opener]).toEqual([undefined, undefined]);
    expect(records[2]).toEqual(records[0]);
  });

  it.each(['nodata', 'skipdata'] as const)('of %s has a status, an interface and a time', (kind) => {
    const { records, malformed } = read({ kind, action: null, srcaddr: null, dstaddr: null, opener: null });
    expect(records[0]).toMatchObject({
      status: kind.toUpperCase(),
      interfaceId: 'eni-1',
      end: 1200,
      times: 7,
      accepted: false,
    });
    expect(malformed).toBe(0);
  });

  it.each<Partial<FoldedRow>>([
    { kind: 'malformed', srcaddr: null },
    { srcaddr: null },
    { srcaddr: '10.0.0.256' },
    { dstaddr: '010.0.0.1' },
    { dstaddr: '' },
  ])('counts all its records as malformed: %j', (row) => {
    expect(read(row)).toEqual({ records: [], malformed: 7 });
  });

  it.each([{ pkt_srcaddr: '10.0.0' }, { pkt_dstaddr: 'x' }])('takes what is optional for absent: %j', (row) => {
    const name = 'pkt_srcaddr' in row ? 'pkt_srcaddr' : 'pkt_dstaddr';
    expect(read(row)).toEqual(read({ [name]: null }));
  });
});
