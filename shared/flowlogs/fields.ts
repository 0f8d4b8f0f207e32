import { quoted } from '../text/plain.ts';

/**
 * Names of the fields of a VPC flow log record through version 11.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
const V2 =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const V3 = 'vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr';
const V4 = 'region az-id sublocation-type sublocation-id';
const V5 = 'pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path';
const V7 =
  'ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id ' +
  'ecs-second-container-id ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id';
const V8_TO_10 = 'reject-reason resource-id encryption-status';
const V11 =
  'instance-tag instance-tag-2 interface-tag interface-tag-2 asg-tag asg-tag-2 interface-type next-hop-interface-id ' +
  'next-hop-subnet-id next-hop-az-id next-hop-vpc-id next-hop-interface-type';

/** The default format: what a text file without a header holds, in this order. */
export const DEFAULT_FIELDS: readonly string[] = V2.split(' ');

/**
 * What a new flow log should record: all through version 5, in the order of the documentation, who rejected, and the
 * resource, which tells regional NAT gateways from interfaces that are not known.
 */
export const RECOMMENDED_FIELDS: readonly string[] = [V2, V3, V4, V5, 'reject-reason resource-id'].flatMap((names) =>
  names.split(' '),
);

export const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  [V2, V3, V4, V5, V7, V8_TO_10, V11].flatMap((names) => names.split(' ')),
);

/** Without any one of these a record says too little to be attributed, and the file is refused. */
export const NEEDED_FIELDS = [
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
] as const;

/** Used where present. */
export const OPTIONAL_FIELDS = [
  'log-status',
  'flow-direction',
  'tcp-flags',
  'pkt-srcaddr',
  'pkt-dstaddr',
  'reject-reason',
  'vpc-id',
  'account-id',
  'resource-id',
] as const;

/** All that a reader looks at. */
export const USED_FIELDS = [...NEEDED_FIELDS, ...OPTIONAL_FIELDS] as const;

export type UsedField = (typeof NEEDED_FIELDS)[number] | (typeof OPTIONAL_FIELDS)[number];

/** For each field the program uses, its column; -1 for an optional one that the file does not have. */
export type Columns = Readonly<Record<UsedField, number>>;

/**
 * Columns of the flow logs of transit gateways and of Cloud WAN, and of no VPC's.
 * https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html
 * https://docs.aws.amazon.com/network-manager/latest/cloudwan/cwan-flow-logs.html
 */
const OF_OTHER_LOGS = /^(?:tgw-|core-network|cwan-|resource-type$)/;

/** The column that shows a header to be that of another kind of flow log, undefined for any other header. */
export function columnOfOtherLog(names: readonly string[]): string | undefined {
  return names.includes('interface-id') ? undefined : names.find((name) => OF_OTHER_LOGS.test(name));
}

/**
 * Finds the used fields among a file's column names (with hyphens).
 * Returns the reason, ready to print, when a needed one is missing or a used one stands twice.
 */
export function findColumns(names: readonly string[]): Columns | string {
  const missing = NEEDED_FIELDS.filter((field) => !names.includes(field));
  if (missing.length > 0) {
    return `not a VPC flow log: no column ${missing.map((field) => `"${field}"`).join(', ')}`;
  }
  const columns: Partial<Record<UsedField, number>> = {};
  for (const field of USED_FIELDS) {
    columns[field] = names.indexOf(field);
    if (names.lastIndexOf(field) !== columns[field]) return `column "${field}" stands twice in the header`;
  }
  return columns as Columns;
}

export const ADDRESS_FIELDS: ReadonlySet<UsedField> = new Set(['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr']);

/** 1970 to 9999: any later second is not a time of a flow log. */
const MAX_SECONDS = 253_402_300_799;

/** Highest value, inclusive, of the numeric fields; the lowest is 0. */
export const LIMITS = {
  srcport: 65_535,
  dstport: 65_535,
  protocol: 255,
  packets: Number.MAX_SAFE_INTEGER,
  bytes: Number.MAX_SAFE_INTEGER,
  start: MAX_SECONDS,
  end: MAX_SECONDS,
  'tcp-flags': 65_535,
} as const;

export type NumericField = keyof typeof LIMITS;

/** Characters of an id or of another short word; those of AWS have at most 21. Longer ones are never kept. */
export const MAX_ID_LENGTH = 128;

/** What a row without `log-status` shows as `-`, all of it, where there was no traffic. */
export const TRAFFIC_FIELDS = [
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'action',
] as const satisfies readonly UsedField[];

export function noId(value: string): string {
  return `interface-id ${quoted(value)} is too long (more than ${String(MAX_ID_LENGTH)} characters)`;
}

export function noNumber(field: NumericField, value: string): string {
  return /^\d+$/.test(value)
    ? `${field} ${quoted(value)} is out of range (0 to ${String(LIMITS[field])})`
    : `${field} ${quoted(value)} is not a number`;
}
