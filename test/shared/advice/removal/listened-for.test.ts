import { describe, expect, test } from '@jest/globals';
import { parseAddress } from '../../../../shared/addresses/address.ts';
import { ListenedFor } from '../../../../shared/advice/removal/listened-for.ts';
import { emptyRecord, type FlowRecord } from '../../../../shared/flowlogs/record.ts';
import { awsRule, inventoryOf } from '../../inventory/aws-shorthand.ts';

const SINCE = 1000;

interface World {
  /** `fl-1 vpc-1 ALL` */
  readonly flowLogs?: readonly string[];
  /** `fl-1 eni-1 22 10.0.0.9 REJECT`: log (`-`: none told), interface, port of TCP, source, action or status; what else it is. */
  readonly records?: readonly (string | readonly [string, Partial<FlowRecord>])[];
  /** Hours in which a record of nobody's traffic was read, 24 by default; and of which interface, eni-1 by default. */
  readonly hours?: readonly number[];
  readonly heard?: string;
  /** `fl-1 9`: in each hour of two days the flow log has files in 9 slots, and a record. */
  readonly files?: string;
  readonly since?: number;
}

/** Records of any kind end in each of the hours. */
const HOUR = 3600;
const DAY = Array.from({ length: 24 }, (_, i) => i);

/** Rule sgr-1 of sg-1 was removed: TCP 22 from 10.0.0.0/8. Group sg-1 is on eni-1; eni-2 and eni-3 carry sg-2. */
function gaps(
  { flowLogs, records = [], hours = DAY, heard = 'eni-1', files, since = SINCE }: World,
  removed = 'sgr-1',
): string[] {
  const inventory = inventoryOf({
    groups: ['sg-1', 'sg-2'].map((GroupId) => ({ GroupId, VpcId: 'vpc-1' })),
    rules: [
      awsRule('in tcp 22 10.0.0.0/8'),
      awsRule('in tcp 22 sg-2', { SecurityGroupRuleId: 'sgr-2' }),
      awsRule('in icmp 8/0 10.0.0.0/8', { SecurityGroupRuleId: 'sgr-3' }),
      awsRule('in tcp 22 10.0.0.0/8', { SecurityGroupRuleId: 'sgr-4', GroupId: 'sg-2' }),
    ],
    interfaces: [1, 2, 3].map((i) => ({
      NetworkInterfaceId: `eni-${i}`,
      VpcId: 'vpc-1',
      SubnetId: `subnet-${i}`,
      PrivateIpAddress: `10.0.0.${i}`,
      Groups: [{ GroupId: i === 1 ? 'sg-1' : 'sg-2' }],
    })),
    ...(flowLogs && {
      flowLogs: flowLogs.map((text) => {
        const [FlowLogId, ResourceId, TrafficType] = text.split(' ');
        return { FlowLogId, ResourceId, TrafficType, FlowLogStatus: 'ACTIVE' };
      }),
    }),
  });
  const listened = new ListenedFor(inventory, new Set([removed]), since);
  for (const hour of hours) {
    const end = since + hour * HOUR;
    listened.add({ ...emptyRecord(), status: 'NODATA', accepted: false, interfaceId: heard, end }, 'fl-hours');
  }
  for (const one of records) {
    const [text, more] = typeof one === 'string' ? [one, {}] : one;
    const [log = '', interfaceId = '', port, source = '', what] = text.split(' ');
    const record: FlowRecord = {
      ...emptyRecord(),
      interfaceId,
      status: what === 'SKIPDATA' ? what : 'OK',
      accepted: what === 'ACCEPT',
      protocol: 6,
      sourcePort: 50_000,
      destinationPort: Number(port),
      source: parseAddress(source)!,
      destination: parseAddress('10.0.0.1')!,
      end: since,
      ...more,
    };
    listened.add(record, log === '-' ? undefined : log);
  }
  const [log = '', slots] = files?.split(' ') ?? [];
  for (let hour = 0; files !== undefined && hour < 48; hour++) {
    const end = hour * HOUR + (SINCE % HOUR);
    listened.add({ ...emptyRecord(), status: 'NODATA', accepted: false, interfaceId: 'eni-1', end }, log);
    const named = { accountId: '', region: '', flowLogId: log, day: Math.floor(hour / 24), hour: hour % 24 };
    for (let slot = 0; slot < Number(slots); slot++) listened.addFile({ ...named, minute: 5 * slot });
  }
  return listened.gaps();
}

const REJECTED = 'fl-1 eni-1 23 10.0.0.9 REJECT';
const ALL = ['fl-1 vpc-1 ALL'];

describe('the logs would have shown it', () => {
  test.each<[string, World]>([
    ['a log of all traffic was read', { flowLogs: ALL, records: ['fl-1 eni-1 23 10.0.0.9 ACCEPT'] }],
    ['one of rejections alone', { flowLogs: ['fl-1 subnet-1 REJECT'], records: [REJECTED] }],
    ['files whose names tell no log', { flowLogs: ALL, records: ['- eni-1 23 10.0.0.9 ACCEPT'] }],
    ['nobody says which logs there are, and rejections were read', { records: [REJECTED] }],
    ['records of another interface were skipped', { flowLogs: ALL, records: ['fl-1 eni-2 0 10.0.0.9 SKIPDATA'] }],
    [
      'records were skipped before',
      { flowLogs: ALL, records: [REJECTED, ['fl-1 eni-1 0 10.0.0.9 SKIPDATA', { end: 999 }]] },
    ],
  ])('%s', (_, world) => {
    expect(gaps(world)).toEqual([]);
  });
});

describe('it says what the logs cannot show', () => {
  const deaf = 'interfaces of which no flow log that records rejections was read: eni-1';
  test.each<[string, World, string]>([
    [
      'logs that nobody describes, of accepted traffic alone',
      { records: ['fl-1 eni-1 22 10.0.0.9 ACCEPT'] },
      'not one rejected record was read: perhaps these flow logs record none',
    ],
    [
      'a log of accepted traffic',
      { flowLogs: ['fl-1 vpc-1 ACCEPT'], records: ['fl-1 eni-1 22 10.0.0.9 ACCEPT'] },
      deaf,
    ],
    ['a log that was not read', { flowLogs: ALL, records: ['fl-2 eni-1 22 10.0.0.9 ACCEPT'] }, deaf],
    [
      'a log that was read up to then',
      { flowLogs: ALL, records: [['fl-1 eni-1 22 10.0.0.9 ACCEPT', { end: 999 }]] },
      deaf,
    ],
    ['a log of another subnet', { flowLogs: ['fl-1 subnet-2 ALL'], records: [REJECTED] }, deaf],
    [
      'records that were skipped',
      { flowLogs: ALL, records: ['fl-1 eni-1 0 10.0.0.9 SKIPDATA'] },
      'interfaces of which records were skipped: eni-1',
    ],
  ])('%s', (_, world, line) => {
    expect(gaps(world)).toEqual([line]);
  });
});

describe('hours, and interfaces, of which nothing was read', () => {
  const heard: World = { flowLogs: ALL, records: [REJECTED] };
  test.each<[string, World, string[]]>([
    ['22 of 24 hours are enough', { ...heard, hours: DAY.slice(0, 22) }, []],
    ['21 are not', { ...heard, hours: DAY.slice(0, 21) }, ['of 24 hours, records were read of 21 only']],
    ['nor a day and a later hour', { ...heard, hours: [...DAY, 35] }, ['of 36 hours, records were read of 25 only']],
    ['33 of 36 are', { ...heard, hours: [...DAY, 24, 25, 26, 27, 28, 29, 30, 31, 35] }, []],
    [
      'nothing of who carries the group',
      { flowLogs: ALL, records: ['fl-1 eni-2 23 10.0.0.9 REJECT'], heard: 'eni-2' },
      ['groups of whose interfaces no record was read: sg-1'],
    ],
  ])('%s', (_, world, lines) => {
    expect(gaps(world)).toEqual(lines);
  });
});

describe('files that are missing in hours that were heard', () => {
  const of = (files: string, flowLogs = ALL): World => ({ flowLogs, records: [REJECTED], files });
  const missing = (heard: number, hours = 48): string[] => [`of ${hours} hours, records were read of ${heard} only`];
  test.each<[string, World, string[]]>([
    ['all are there', of('fl-1 12'), []],
    ['eleven in twelve', of('fl-1 11'), []],
    ['ten in twelve', of('fl-1 10'), missing(40)],
    ['seven in twelve', of('fl-1 7'), missing(28)],
    ['six in twelve may be all', of('fl-1 6'), []],
    ['files of before do not stand in for those since', { ...of('fl-1 9'), since: 12 * HOUR + SINCE }, missing(27, 36)],
    ['of a log of rejections alone nobody knows', of('fl-1 7', ['fl-1 vpc-1 REJECT']), []],
    ['of a log of others they do not matter', of('fl-2 7', [...ALL, 'fl-2 vpc-2 ALL']), []],
    ['of the log that lacks the most', of('fl-2 7', [...ALL, 'fl-2 eni-1 ALL']), missing(28)],
  ])('%s', (_, world, lines) => {
    expect(gaps(world)).toEqual(lines);
  });
});

test('one of several interfaces that carry the group is enough', () => {
  expect(gaps({ flowLogs: ALL, records: ['fl-1 eni-2 23 10.0.0.9 REJECT'] }, 'sgr-4')).toEqual([]);
});

describe('rejected records of interfaces that nobody knows', () => {
  const unknown = (text: string, more: Partial<FlowRecord> = {}): World => ({
    flowLogs: ALL,
    records: [[`fl-1 ${text}`, more]],
  });
  const told = (records: number, ids: string): string =>
    `${records} rejected records, which a removed rule may have let pass, of interfaces that are not in the inventory: ` +
    `${ids} (give the inventory of now as well)`;
  const fits = 'eni-x 22 10.0.0.9 REJECT';

  test.each<[string, World]>([
    ['the removed rule fits', unknown(fits)],
    ['by the packet’s own address', unknown('eni-x 22 192.0.2.1 REJECT', { packetSource: parseAddress('10.0.0.9')! })],
    ['by its own direction', unknown(fits, { direction: 'ingress' })],
  ])('are told: %s', (_, world) => {
    expect(gaps(world)).toEqual([told(1, 'eni-x')]);
  });

  test.each<[string, World]>([
    ['another port', unknown('eni-x 23 10.0.0.9 REJECT')],
    ['another protocol', unknown(fits, { protocol: 17 })],
    ['the other direction', unknown(fits, { direction: 'egress' })],
    ['another peer', unknown('eni-x 22 192.0.2.1 REJECT')],
    ['accepted', unknown('eni-x 22 10.0.0.9 ACCEPT')],
    ['no group’s decision', unknown(fits, { rejectReason: 'BPA' })],
    ['before', unknown(fits, { end: 999 })],
    ['an interface that is known', unknown('eni-2 22 10.0.0.9 REJECT')],
  ])('are not told: %s', (_, world) => {
    const heard: World = { ...world, records: [...world.records!, REJECTED] };
    expect(gaps(heard)).toEqual([]);
  });

  test('who has a group nobody knows; ICMP has no ports', () => {
    expect(gaps(unknown('eni-x 22 192.0.2.1 REJECT'), 'sgr-2')).toEqual([told(1, 'eni-x')]);
    expect(gaps(unknown('eni-x 9 10.0.0.9 REJECT', { protocol: 1 }), 'sgr-3')).toEqual([told(1, 'eni-x')]);
  });

  test('five are named', () => {
    const records = [7, 6, 5, 4, 3, 2, 1, 1].map((i) => `fl-1 eni-x${i} 22 10.0.0.9 REJECT`);
    expect(gaps({ flowLogs: ALL, records })).toEqual([told(8, 'eni-x1, eni-x2, eni-x3, eni-x4, eni-x5 and 2 more')]);
  });
});
