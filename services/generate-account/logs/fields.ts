import type { GenerateFormat } from '../options/options.ts';
import type { Interface } from '../world/entities.ts';
import { REGION } from '../world/lay-out-network.ts';
import type { Row } from './row.ts';

/** Text, a number, or undefined for what AWS shows as `-` in text and in string columns, as null in numeric ones. */
export type FieldValue = string | number | undefined;

/** How a field of a record is written. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
export type Field = {
  readonly name: string;
  readonly type: 'INT32' | 'INT64' | 'STRING';
} & (
  | { readonly ofInterface: (iface: Interface) => FieldValue }
  | {
      readonly ofRow: (row: Row) => FieldValue;
      /** Also present in NODATA and SKIPDATA records. */
      readonly inGaps: boolean;
    }
);

const VERSIONS: Readonly<Record<GenerateFormat, number>> = { v2: 2, v5: 5, parquet: 5, all: 11 };

/** The fields of a format, in its order. */
export function fieldsOf(format: GenerateFormat): readonly Field[] {
  const version = ofInterface('version', () => VERSIONS[format], 'INT32');
  const inOrder = [version, ...V2, ...(format === 'v2' ? [] : V3_TO_5)];
  if (format !== 'all') return inOrder;
  return [...inOrder, ...V7_TO_11].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ofInterface(name: string, value: (iface: Interface) => FieldValue, type: Field['type'] = 'STRING'): Field {
  return { name, type, ofInterface: value };
}

function ofRow(name: string, value: (row: Row) => FieldValue, type: Field['type'] = 'STRING'): Field {
  return { name, type, ofRow: value, inGaps: false };
}

function inEveryRow(name: string, value: (row: Row) => FieldValue, type: Field['type'] = 'STRING'): Field {
  return { name, type, ofRow: value, inGaps: true };
}

const absent = (name: string): Field => ofInterface(name, () => undefined);

const V2: readonly Field[] = [
  ofInterface('account-id', (iface) => iface.subnet.vpc.ownerId),
  ofInterface('interface-id', (iface) => iface.id),
  ofRow('srcaddr', (row) => row.source),
  ofRow('dstaddr', (row) => row.destination),
  ofRow('srcport', (row) => row.sourcePort, 'INT32'),
  ofRow('dstport', (row) => row.destinationPort, 'INT32'),
  ofRow('protocol', (row) => row.protocol, 'INT32'),
  ofRow('packets', (row) => row.packets, 'INT64'),
  ofRow('bytes', (row) => (row.bytes < 0 ? undefined : row.bytes), 'INT64'),
  inEveryRow('start', (row) => row.start, 'INT64'),
  inEveryRow('end', (row) => row.end, 'INT64'),
  ofRow('action', (row) => (row.accepted ? 'ACCEPT' : 'REJECT')),
  inEveryRow('log-status', (row) => row.status),
];

const V3_TO_5: readonly Field[] = [
  ofInterface('vpc-id', (iface) => iface.subnet.vpc.id),
  ofInterface('subnet-id', (iface) => iface.subnet.id),
  ofInterface('instance-id', (iface) => iface.instanceId),
  ofRow('tcp-flags', (row) => row.tcpFlags, 'INT32'),
  ofRow('type', (row) => (row.isIpv6 ? 'IPv6' : 'IPv4')),
  ofRow('pkt-srcaddr', (row) => row.packetSource),
  ofRow('pkt-dstaddr', (row) => row.packetDestination),
  ofInterface('region', () => REGION),
  ofInterface('az-id', (iface) => `euw1-az${iface.subnet.zone === 'a' ? 1 : 2}`),
  absent('sublocation-type'),
  absent('sublocation-id'),
  ofRow('pkt-src-aws-service', (row) => row.sourceService),
  ofRow('pkt-dst-aws-service', (row) => row.destinationService),
  ofRow('flow-direction', (row) => (row.isEgress ? 'egress' : 'ingress')),
  ofRow('traffic-path', (row) => (row.isEgress && row.trafficPath > 0 ? row.trafficPath : undefined), 'INT32'),
];

/** Values of `interface-type`; other types show none. */
const SHOWN_TYPES: ReadonlySet<string> = new Set(['nat_gateway', 'network_load_balancer', 'vpc_endpoint']);

const V7_TO_11: readonly Field[] = [
  ...(
    'ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id ' +
    'ecs-second-container-id ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id'
  )
    .split(' ')
    .map(absent),
  ofRow('reject-reason', (row) => (row.rejectReason === '' ? undefined : row.rejectReason)),
  absent('resource-id'),
  ofRow('encryption-status', () => 0, 'INT32'),
  ofInterface('instance-tag', (iface) => (iface.instanceId === undefined ? undefined : 'team%3Dweb%20shop')),
  ...'instance-tag-2 interface-tag interface-tag-2 asg-tag asg-tag-2'.split(' ').map(absent),
  ofInterface('interface-type', (iface) => (SHOWN_TYPES.has(iface.type) ? iface.type : undefined)),
  ...'next-hop-interface-id next-hop-subnet-id next-hop-az-id next-hop-vpc-id next-hop-interface-type'
    .split(' ')
    .map(absent),
];
