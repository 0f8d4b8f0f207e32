import { MAX_ID_LENGTH, TRAFFIC_FIELDS, type UsedField } from '../../../shared/flowlogs/fields.ts';
import type { Share } from './fold.ts';
import type { LogFormat } from './log-format.ts';
import { whole } from './quote.ts';
import { sqlColumn, isNumber } from './read-rows.ts';
import { type Day, startOfDay } from '../../../shared/time.ts';

/* The steps from `readable` (see read-rows.ts) to the rows of `FoldedRow`, in their order. */

/** The rules of `TextReader` and `readParquet`, but for addresses: those are for the one parser there is. */
export function ofOneKind({ fields }: LogFormat): string {
  const isAbsent = (field: UsedField): string =>
    isNumber(field) ? `${sqlColumn(field)} = -1` : `${sqlColumn(field)} IS NULL`;
  const without = fields.includes('log-status')
    ? `WHEN log_status = 'NODATA' THEN 'nodata'
      WHEN log_status = 'SKIPDATA' THEN 'skipdata'`
    : `WHEN ${TRAFFIC_FIELDS.map(isAbsent).join(' AND ')} THEN 'nodata'`;
  return `of_one_kind AS (
  SELECT
    *,
    CASE
      WHEN unreadable IS NOT NULL THEN unreadable
      ${without}
      WHEN window_start IS NULL OR window_start < 0 OR window_end IS NULL OR window_end < 0 THEN 'malformed'
      WHEN length(interface_id) > ${whole(MAX_ID_LENGTH)} THEN 'malformed'
      WHEN action IS NULL OR action NOT IN ('ACCEPT', 'REJECT') THEN 'malformed'
      WHEN srcaddr IS NULL OR dstaddr IS NULL THEN 'malformed'
      WHEN protocol IS NULL OR protocol < 0 THEN 'malformed'
      WHEN srcport IS NULL OR dstport IS NULL OR packets IS NULL OR bytes IS NULL THEN 'malformed'
      WHEN protocol IN (6, 17) AND (srcport < 0 OR dstport < 0) THEN 'malformed'
      WHEN action = 'ACCEPT' AND (packets < 0 OR bytes < 0) THEN 'malformed'
      ELSE 'ok'
    END AS kind
  FROM readable
)`;
}

const READ = `kind IN ('ok', 'nodata', 'skipdata')`;
const HAS_NO_TRAFFIC = `kind IN ('nodata', 'skipdata')`;
const isTime = (column: string): string => `${column} IS NOT NULL AND ${column} >= 0`;
const word = (column: string): string => `length(${column}) <= ${whole(MAX_ID_LENGTH)}`;

/**
 * What a record says to counting, and nothing else. Lines without an `end`, and those without traffic that have one which
 * is not a time, are on the day of their file; a header of other fields spoils every day that its file is read for. What is of
 * no day ends at -1.
 */
export function ofCounting(day: Day): string {
  const ofFile = `CASE WHEN on_time THEN ${whole(startOfDay(day))} ELSE -1 END`;
  return `of_counting AS (
  SELECT
    kind,
    CASE WHEN NOT ${READ} THEN file END AS file,
    flow_log_id,
    CASE WHEN ${READ} AND ${word('account_id')} THEN account_id END AS account_id,
    CASE WHEN ${READ} AND ${word('interface_id')} THEN interface_id END AS interface_id,
    CASE WHEN ${READ} AND interface_id IS NULL AND ${word('resource_id')} THEN resource_id END AS resource_id,
    CASE WHEN ${READ} AND ${word('vpc_id')} THEN vpc_id END AS vpc_id,
    CASE WHEN kind = 'ok' THEN srcaddr END AS srcaddr,
    CASE WHEN kind = 'ok' THEN dstaddr END AS dstaddr,
    CASE WHEN kind = 'ok' THEN pkt_srcaddr END AS pkt_srcaddr,
    CASE WHEN kind = 'ok' THEN pkt_dstaddr END AS pkt_dstaddr,
    CASE WHEN kind <> 'ok' THEN -1 WHEN protocol IN (6, 17) THEN srcport ELSE 0 END AS srcport,
    CASE WHEN kind <> 'ok' THEN -1 WHEN protocol IN (6, 17) THEN dstport ELSE 0 END AS dstport,
    CASE WHEN kind = 'ok' THEN protocol ELSE -1 END AS protocol,
    CASE WHEN kind = 'ok' THEN action END AS action,
    CASE WHEN kind = 'ok' AND flow_direction IN ('ingress', 'egress') THEN flow_direction END AS flow_direction,
    CASE WHEN kind = 'ok' AND action = 'REJECT' AND ${word('reject_reason')} THEN reject_reason END AS reject_reason,
    CASE WHEN kind = 'ok' AND action = 'ACCEPT' AND protocol = 6 AND tcp_flags > 0 AND bitwise_and(tcp_flags, 2) = 2
      THEN CASE WHEN bitwise_and(tcp_flags, 16) = 16 THEN 'reply' ELSE 'request' END
    END AS shown,
    CASE WHEN kind = 'ok' AND packets > 0 THEN packets ELSE 0 END AS packets,
    CASE WHEN kind = 'ok' AND bytes > 0 THEN bytes ELSE 0 END AS bytes,
    CASE
      WHEN NOT ${READ} THEN -1
      WHEN ${isTime('window_start')} THEN window_start
      WHEN ${isTime('window_end')} THEN window_end
      ELSE ${ofFile}
    END AS window_start,
    CASE
      WHEN ${READ} AND ${isTime('window_end')} THEN window_end
      WHEN kind = 'header' THEN ${whole(startOfDay(day))}
      WHEN kind = 'malformed' OR ${HAS_NO_TRAFFIC} THEN ${ofFile}
      ELSE -1
    END AS window_end
  FROM of_one_kind
)`;
}

/** What is alike in the rows of each grouping. */
const WHOSE =
  'kind, file, flow_log_id, account_id, interface_id, resource_id, vpc_id, srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr';
const WHAT = 'protocol, action, flow_direction, reject_reason';

/** An interface is in one part, with all its connections. */
const partOf = (parts: number): string => `mod(crc32(to_utf8(coalesce(interface_id, ''))), ${whole(parts)})`;

const UDP = `CASE WHEN protocol = 17 AND action = 'ACCEPT'`;

/**
 * Records of one connection and hour become one row: fewer to sort. Those of UDP stay apart by their times, since who spoke
 * first there is told by them alone. Wide sums: 1,024 records can overflow a bigint. The day
 * is chosen by a result of the grouping: engines carry other conditions down to the lines, and take each apart twice.
 */
export function flowsOf(day: Day, parts: number, { index, of }: Share): string {
  return `flows AS (
  SELECT
    ${WHOSE}, srcport, dstport,
    ${WHAT}, shown, window_end - window_end % 3600 AS hour_start,
    ${UDP} THEN window_start END AS udp_start,
    ${UDP} THEN window_end END AS udp_end,
    count(*) AS records,
    sum(CAST(packets AS decimal(38, 0))) AS packets,
    sum(CAST(bytes AS decimal(38, 0))) AS bytes,
    min(window_start) AS first_start,
    min(window_end) AS first_end,
    max(window_end) AS last_end
  FROM of_counting${of === 1 ? '' : `\n  WHERE mod(${partOf(parts)}, ${whole(of)}) = ${whole(index)}`}
  GROUP BY
    ${WHOSE}, srcport, dstport,
    ${WHAT}, shown, window_end - window_end % 3600,
    ${UDP} THEN window_start END,
    ${UDP} THEN window_end END
),
flows_of_day AS (
  SELECT *
  FROM flows
  WHERE last_end BETWEEN ${whole(startOfDay(day))} AND ${whole(startOfDay(day + 1) - 1)}
)`;
}

/**
 * A connection is its interface, protocol and two ends, whichever of them a row names first: the lower end is the one with
 * the smaller text. `opening_end` is the end that a SYN shows to have opened it: none of what was rejected, and neither of two
 * that are the same.
 */
const CONNECTION = 'interface_id, protocol, lower_address, lower_port, upper_address, upper_port';
/** The longest that a UDP entry lives, and a first answer may take. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html */
const STREAM_SECONDS = 180;
const ANSWER_SECONDS = 30;
/** Starts and ends of the half whose source is the lower end or the upper one, in the seconds before a row's start. */
const before = (value: string, from: number, to: string): string =>
  `OVER (PARTITION BY ${CONNECTION} ORDER BY udp_start RANGE BETWEEN ${from} PRECEDING AND ${to}) AS ${value}`;

export const PAIRED = `ends AS (
  SELECT *, srcaddr < dstaddr OR srcaddr = dstaddr AND srcport < dstport AS source_is_lower
  FROM flows_of_day
),
openings AS (
  SELECT
    *,
    CASE
      WHEN shown IS NULL OR srcaddr = dstaddr AND srcport = dstport THEN NULL
      WHEN source_is_lower = (shown = 'request') THEN 'lower'
      ELSE 'upper'
    END AS opening_end,
    CASE WHEN source_is_lower THEN srcaddr ELSE dstaddr END AS lower_address,
    CASE WHEN source_is_lower THEN srcport ELSE dstport END AS lower_port,
    CASE WHEN source_is_lower THEN dstaddr ELSE srcaddr END AS upper_address,
    CASE WHEN source_is_lower THEN dstport ELSE srcport END AS upper_port
  FROM ends
),
paired AS (
  SELECT
    *,
    min(opening_end) OVER (PARTITION BY ${CONNECTION}) AS least_opening_end,
    max(opening_end) OVER (PARTITION BY ${CONNECTION}) AS greatest_opening_end,
    max(CASE WHEN shown = 'request' THEN 1 ELSE 0 END) OVER (PARTITION BY ${CONNECTION}) AS syns,
    max(CASE WHEN source_is_lower THEN udp_end END) ${before('lower_ended', ANSWER_SECONDS, '1 PRECEDING')},
    max(CASE WHEN NOT source_is_lower THEN udp_end END) ${before('upper_ended', ANSWER_SECONDS, '1 PRECEDING')},
    max(CASE WHEN source_is_lower THEN udp_start END) ${before('lower_started', STREAM_SECONDS, 'CURRENT ROW')},
    max(CASE WHEN NOT source_is_lower THEN udp_start END) ${before('upper_started', STREAM_SECONDS, 'CURRENT ROW')}
  FROM openings
)`;

/** The lower or the upper port with one peer, and what it met there. */
const OF_LOWER = 'OVER (PARTITION BY interface_id, protocol, lower_address, upper_address, lower_port)';
const OF_UPPER = 'OVER (PARTITION BY interface_id, protocol, lower_address, upper_address, upper_port)';

/**
 * A port that met three or more of the other end's, none of which did so itself, is the service: one that lies between the
 * least and the greatest makes three. Windows, since a second look at the rows would read the files again.
 */
export const FANNED_OUT = `accepted_ports AS (
  SELECT *, action = 'ACCEPT' AND protocol IN (6, 17) AND srcaddr <> dstaddr AS has_met
  FROM paired
),
met AS (
  SELECT
    *,
    min(CASE WHEN has_met THEN upper_port END) ${OF_LOWER} AS least_upper,
    max(CASE WHEN has_met THEN upper_port END) ${OF_LOWER} AS greatest_upper,
    min(CASE WHEN has_met THEN lower_port END) ${OF_UPPER} AS least_lower,
    max(CASE WHEN has_met THEN lower_port END) ${OF_UPPER} AS greatest_lower
  FROM accepted_ports
),
met_many AS (
  SELECT
    *,
    max(CASE WHEN has_met AND upper_port > least_upper AND upper_port < greatest_upper THEN 1 ELSE 0 END)
      ${OF_LOWER} AS lower_met_many,
    max(CASE WHEN has_met AND lower_port > least_lower AND lower_port < greatest_lower THEN 1 ELSE 0 END)
      ${OF_UPPER} AS upper_met_many
  FROM met
),
fanned_out AS (
  SELECT
    *,
    CASE
      WHEN has_met AND lower_met_many = 1 AND max(CASE WHEN has_met THEN upper_met_many END) ${OF_LOWER} = 0 THEN 'lower'
      WHEN has_met AND upper_met_many = 1 AND max(CASE WHEN has_met THEN lower_met_many END) ${OF_UPPER} = 0 THEN 'upper'
    END AS service_end
  FROM met_many
)`;

/**
 * A row's own SYN counts before all others; others that contradict each other tell nothing. Of a UDP row that nothing of the
 * other half comes before is only said where all that could have is on this day.
 */
export function withOpener(day: Day): string {
  const [first, last] = [startOfDay(day) + STREAM_SECONDS, startOfDay(day + 1) - MAX_AGGREGATION_SECONDS];
  return `with_opener AS (
  SELECT
    *,
    CASE
      WHEN shown IS NOT NULL THEN shown
      WHEN action = 'ACCEPT' AND least_opening_end = greatest_opening_end
        THEN CASE WHEN source_is_lower = (least_opening_end = 'lower') THEN 'request' ELSE 'reply' END
    END AS opener,
    CASE
      WHEN udp_start IS NULL OR srcaddr = dstaddr AND srcport = dstport THEN NULL
      WHEN CASE WHEN source_is_lower THEN upper_ended ELSE lower_ended END >= udp_end - ${STREAM_SECONDS} THEN 'answers'
      WHEN udp_start BETWEEN ${whole(first)} AND ${whole(last)}
        AND CASE WHEN source_is_lower THEN upper_started ELSE lower_started END IS NULL THEN 'asks'
    END AS paired
  FROM fanned_out
),
with_service AS (
  SELECT
    *,
    opener IS NOT NULL AND syns = 1 AS syn_seen,
    CASE
      WHEN opener IS NOT NULL OR service_end IS NULL THEN NULL
      WHEN source_is_lower = (service_end = 'lower') THEN 'source'
      ELSE 'destination'
    END AS service
  FROM with_opener
),
counted AS (
  SELECT
    *,
    CASE WHEN protocol IN (6, 17) AND (action = 'REJECT' OR opener = 'request') THEN -1 ELSE srcport END AS told_srcport,
    CASE WHEN protocol IN (6, 17) AND opener = 'reply' THEN -1 ELSE dstport END AS told_dstport
  FROM with_service
)`;
}

/** The longest aggregation interval: what started then has ended so much later. */
const MAX_AGGREGATION_SECONDS = 600;

/** A sum too large for a bigint becomes the largest there is. */
const cut = (sum: string): string =>
  `CAST(CASE WHEN ${sum} > 9223372036854775807 THEN 9223372036854775807 ELSE ${sum} END AS bigint)`;

/** The rows of the fold, and which of the parts each is in. */
export const grouped = (parts: number): string => `SELECT
  ${WHOSE},
  CAST(told_srcport AS integer) AS srcport,
  CAST(told_dstport AS integer) AS dstport,
  CAST(protocol AS integer) AS protocol, action, flow_direction, reject_reason,
  opener, syn_seen, paired, service,
  CAST(sum(records) AS bigint) AS records,
  ${cut('sum(packets)')} AS packets,
  ${cut('sum(bytes)')} AS bytes,
  min(first_start) AS first_start,
  min(first_end) AS first_end,
  max(last_end) AS last_end,
  CAST(${partOf(parts)} AS integer) AS part
FROM counted
GROUP BY
  ${WHOSE}, told_srcport, told_dstport,
  ${WHAT}, opener, syn_seen, paired, service, hour_start`;
