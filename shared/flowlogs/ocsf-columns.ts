import { quoted } from '../text/plain.ts';
import { USED_FIELDS, type UsedField } from './fields.ts';
import type { Cell } from './parquet-cells.ts';
import { FlowLogError } from './record.ts';

/**
 * VPC flow logs in OCSF, as Security Lake keeps them, source versions 1 (OCSF 1.0.0-rc.2) and 2 (1.1.0) alike: which columns hold
 * what, each by the names that it has had. A list counts by its first value.
 * https://docs.aws.amazon.com/security-lake/latest/userguide/vpc-flow-logs.html
 * https://github.com/ocsf/examples/tree/main/mappings/markdown/AWS/v1.1.0/VPC%20Flowlogs
 */
export const OCSF_COLUMNS = {
  'src.ip': { names: ['src_endpoint.ip'], as: 'pkt-srcaddr', isNeeded: true },
  'dst.ip': { names: ['dst_endpoint.ip'], as: 'pkt-dstaddr', isNeeded: true },
  'src.by': { names: ['src_endpoint.intermediate_ips'], as: 'srcaddr', isNeeded: false },
  'dst.by': { names: ['dst_endpoint.intermediate_ips'], as: 'dstaddr', isNeeded: false },
  'src.port': { names: ['src_endpoint.port'], as: 'srcport', isNeeded: true },
  'dst.port': { names: ['dst_endpoint.port'], as: 'dstport', isNeeded: true },
  'src.interface': { names: ['src_endpoint.interface_uid'], as: 'interface-id', isNeeded: false },
  'dst.interface': { names: ['dst_endpoint.interface_uid'], as: 'interface-id', isNeeded: false },
  'src.vpc': { names: ['src_endpoint.vpc_uid'], as: 'vpc-id', isNeeded: false },
  'dst.vpc': { names: ['dst_endpoint.vpc_uid'], as: 'vpc-id', isNeeded: false },
  direction: { names: ['connection_info.direction'], as: 'flow-direction', isNeeded: true },
  protocol: { names: ['connection_info.protocol_num'], as: 'protocol', isNeeded: true },
  flags: { names: ['connection_info.tcp_flags'], as: 'tcp-flags', isNeeded: false },
  packets: { names: ['traffic.packets'], as: 'packets', isNeeded: true },
  bytes: { names: ['traffic.bytes'], as: 'bytes', isNeeded: true },
  start: { names: ['start_time_dt', 'start_time'], as: 'start', isNeeded: true },
  end: { names: ['end_time_dt', 'end_time'], as: 'end', isNeeded: true },
  action: { names: ['disposition', 'action'], as: 'action', isNeeded: true },
  status: { names: ['status_code'], as: 'log-status', isNeeded: true },
  account: { names: ['cloud.account.uid', 'cloud.account_uid'], as: 'account-id', isNeeded: false },
  class: { names: ['class_uid'], as: 'packets', isNeeded: true },
  feature: { names: ['metadata.product.feature.name'], as: 'action', isNeeded: false },
} as const satisfies Record<string, { names: readonly string[]; as: UsedField; isNeeded: boolean }>;

export type OcsfColumn = keyof typeof OCSF_COLUMNS;

type OcsfField = Exclude<UsedField, 'reject-reason' | 'resource-id'>;

/** What such a file tells. Of a record without traffic it does not tell the interface. */
export const OCSF_FIELDS: readonly OcsfField[] = USED_FIELDS.filter(
  (field): field is OcsfField => field !== 'reject-reason' && field !== 'resource-id',
);

const NETWORK_ACTIVITY = 4001;
const FEATURE = 'Flowlogs';
const ACTIONS: Readonly<Record<string, string>> = { Allowed: 'ACCEPT', Blocked: 'REJECT', Denied: 'REJECT' };
const DIRECTIONS: Readonly<Record<string, string>> = { Inbound: 'ingress', Outbound: 'egress' };

export function isOcsf(names: readonly string[]): boolean {
  return ['class_uid', 'src_endpoint', 'dst_endpoint'].every((name) => names.includes(name));
}

/**
 * Puts together what the fields of a flow log are in one row.
 *
 * @param cell of a column; null where the file has no such column
 * @param inMilliseconds of a column of times
 * @throws FlowLogError where the row is of another source
 */
export function fieldsOfOcsf(
  cell: (column: OcsfColumn) => Cell,
  inMilliseconds: (column: OcsfColumn) => boolean,
  put: (field: OcsfField, value: Cell) => void,
): void {
  const [kind, feature] = [cell('class'), cell('feature')];
  if (Number(kind) !== NETWORK_ACTIVITY || (feature !== null && feature !== FEATURE)) {
    const what = typeof feature === 'string' ? `, feature ${quoted(feature)}` : '';
    throw new FlowLogError(`not a VPC flow log, but other events in OCSF: class ${String(Number(kind))}${what}`);
  }
  const direction = mapped(DIRECTIONS, cell('direction'));
  // The side that the interface is on has its names; where no direction is told, neither has.
  const own = direction === 'egress' ? 'src' : 'dst';
  put('interface-id', cell(`${own}.interface`));
  put('vpc-id', cell(`${own}.vpc`));
  put('flow-direction', direction);
  // Where they differ, the packet's address is the one of the endpoint, and that of the interface came between.
  for (const side of ['src', 'dst'] as const) {
    put(`${side}addr`, cell(`${side}.by`) ?? cell(`${side}.ip`));
    put(`pkt-${side}addr`, cell(`${side}.ip`));
    put(`${side}port`, cell(`${side}.port`));
  }
  for (const field of ['protocol', 'packets', 'bytes'] as const) put(field, cell(field));
  for (const field of ['start', 'end'] as const) {
    put(field, inMilliseconds(field) ? secondsOf(cell(field)) : cell(field));
  }
  put('tcp-flags', cell('flags'));
  put('action', mapped(ACTIONS, cell('action')));
  put('log-status', cell('status'));
  put('account-id', cell('account'));
}

/** A word that is not known stays what it is. */
function mapped(words: Readonly<Record<string, string>>, cell: Cell): Cell {
  return typeof cell === 'string' && Object.hasOwn(words, cell) ? words[cell]! : cell;
}

function secondsOf(cell: Cell): Cell {
  return typeof cell === 'number' || typeof cell === 'bigint' ? Math.floor(Number(cell) / 1000) : cell;
}
