import type { BasicType } from 'hyparquet-writer';
import { DATA_PREFIXES } from '../names.ts';
import type { ReportedColumn } from '../usage/counters.ts';

/** What a column may hold, in the words of whoever writes or reads it. */
export const TYPES = {
  text: { parquet: 'STRING', glue: 'string', quickSight: 'STRING' },
  /** Below 2 ** 31. */
  integer: { parquet: 'INT32', glue: 'int', quickSight: 'INTEGER' },
  count: { parquet: 'INT64', glue: 'bigint', quickSight: 'INTEGER' },
  number: { parquet: 'DOUBLE', glue: 'double', quickSight: 'DECIMAL' },
  /** Without a zone, which is UTC. */
  time: { parquet: 'TIMESTAMP', glue: 'timestamp', quickSight: 'DATETIME' },
} as const satisfies Record<string, { parquet: BasicType; glue: string; quickSight: string }>;

export type ColumnType = keyof typeof TYPES;

export interface TableColumn {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** For the Glue catalog: at most 255 characters. */
  readonly comment: string;
}

export type TableColumns = Readonly<Record<string, TableColumn>>;

const text = (comment: string) => ({ type: 'text', nullable: false, comment }) as const;
const count = (comment: string) => ({ type: 'count', nullable: false, comment }) as const;
const someText = (comment: string) => ({ type: 'text', nullable: true, comment }) as const;
const someInteger = (comment: string) => ({ type: 'integer', nullable: true, comment }) as const;
const someCount = (comment: string) => ({ type: 'count', nullable: true, comment }) as const;
const someTime = (comment: string) => ({ type: 'time', nullable: true, comment }) as const;

/**
 * What rules admitted, one file a day. Each figure stands in one kind of row only, so that its sum is right whatever else
 * is in the table: `day` has the rule's counters, `port` its records by service port, `hour` its requests by hour.
 */
export const USAGE = {
  account_id: text('Account of the rule'),
  region: text('Region of the rule'),
  group_id: text('Security group of the rule'),
  rule_id: text('sgr-...; the rule may have been edited or removed since'),
  content: text('Hash of what the rule said on that day; joins with rules.content'),
  direction: text('ingress or egress: of the rule, not of the packets'),
  detail: text('day, port or hour: which figures this row has; all others are null'),
  protocol: someText('port rows: protocol of the traffic: tcp, udp, icmp, icmpv6 or a number'),
  from_port: someInteger('port rows: first service port of the bucket; null for protocols without ports'),
  to_port: someInteger('port rows: last service port of the bucket'),
  hour: someInteger('hour rows: UTC hour of the end of the record, 0 to 23'),
  used_times: someCount('day rows: records of requests that the rule admitted'),
  sole_times: someCount('day rows: of these, those that no other rule admitted'),
  primary_times: someCount('day rows: of these, those that it admitted most specifically'),
  inferred_times: someCount('day rows: of these, those whose direction does not rest on a SYN'),
  reply_times: someCount('day rows: records of replies to what the rule admitted'),
  possible_times: someCount('day rows: records that the rule may have admitted'),
  untracked_replies: someCount('day rows: replies of untracked connections that passed by the rule'),
  packets: someCount('day rows: packets of requests and replies'),
  bytes: someCount('day rows: bytes of requests and replies'),
  last_used: someTime('day rows: latest end of a record that was credited'),
  last_possible: someTime('day rows: latest end of a record that the rule may have admitted'),
  port_used_times: someCount('port rows: records of requests'),
  port_reply_times: someCount('port rows: records of replies'),
  hour_used_times: someCount('hour rows: records of requests'),
} as const satisfies TableColumns & Record<ReportedColumn, TableColumn>;

/** Every rule as it stands, used or not, with its verdict; replaced as a whole each night. Counters are of the window. */
export const RULES = {
  as_of: { type: 'time', nullable: false, comment: 'The time that the verdict speaks of' },
  window_days: { type: 'integer', nullable: false, comment: 'Days that the verdict and the counters look back' },
  account_id: text('Account of the rule'),
  region: text('Region of the rule'),
  vpc_id: text('VPC of the group; empty where it is not known'),
  group_id: text('Security group of the rule'),
  group_name: text('Name of the group'),
  rule_id: text('sgr-...'),
  content: text('Hash of what the rule says: group, direction, protocol, ports and peer'),
  direction: text('ingress or egress'),
  protocol: text('tcp, udp, icmp, icmpv6, a number, or -1 for all'),
  from_port: someInteger('First port; null for protocols without ports'),
  to_port: someInteger('Last port'),
  peer_type: text('cidrIpv4, cidrIpv6, prefixList, group or unknown'),
  peer: text('The other end'),
  rule_text: text('What the rule admits, in words'),
  description: text('As AWS shows it'),
  verdict: text('stale, unattached, redundant, notObserved, tooYoung, exempt or active'),
  reason: someText('Of notObserved: why'),
  why: text('The verdict in a sentence'),
  used_times: count('Records of requests that the rule admitted'),
  sole_times: count('Of these, those that no other rule admitted'),
  primary_times: count('Of these, those that it admitted most specifically'),
  inferred_times: count('Of these, those whose direction does not rest on a SYN'),
  reply_times: count('Records of replies to what the rule admitted'),
  possible_times: count('Records that the rule may have admitted'),
  untracked_replies: count('Replies of untracked connections that passed by the rule'),
  packets: count('Packets of requests and replies'),
  bytes: count('Bytes of requests and replies'),
  last_used: someTime('Latest end of a record that was credited, of any day'),
  last_possible: someTime('Latest end of a record that the rule may have admitted, of any day'),
  distinct_peers: count('Distinct /24 and /64 peers; exact up to 32, beyond that an estimate'),
  rank_score: { type: 'number', nullable: true, comment: 'How urgently a person should look at it: 0 to 100' },
} as const satisfies TableColumns & Record<ReportedColumn, TableColumn>;

/**
 * Of one analysis on one machine: the days on which rules were used, or may have been. Which peers, ports and hours is in the
 * service flows that were kept beside it.
 */
export const RULE_DAYS = {
  account_id: text('Account of the rule; empty where it is not known'),
  region: text('Region of the rule; empty where it is not known'),
  group_id: text('Security group of the rule'),
  rule_id: text('sgr-...'),
  day: text('UTC day, as 2026-01-31'),
  used_times: count('Records of requests that the rule admitted'),
  reply_times: count('Records of replies to what the rule admitted'),
  possible_times: count('Records that the rule may have admitted'),
  bytes: count('Bytes of requests and replies'),
} as const satisfies TableColumns;

/** Both tables by their names in the Glue database. */
export const EXPORTED_TABLES = {
  usage: { columns: USAGE, folder: `${DATA_PREFIXES.exports}usage/` },
  rules: { columns: RULES, folder: `${DATA_PREFIXES.exports}rules/` },
} as const;

/** Of `usage` alone: the folder says it, the files do not. `2026-01-31`. */
export const DAY_COLUMN = 'day';

/** One key for each day: to write a day again replaces it, for whoever reads the object before or after. */
export function usageExportKey(isoDay: string): string {
  return `${EXPORTED_TABLES.usage.folder}${DAY_COLUMN}=${isoDay}/usage.parquet`;
}

export const RULES_EXPORT_KEY = `${EXPORTED_TABLES.rules.folder}rules.parquet`;
