import type { Faults } from './faults.ts';

/** What the night tells of a record by the others of its day. */
export const NIGHT: Faults = {
  'services/reconcile-usage/sql/fold-steps.ts': [
    ["before('lower_ended', ANSWER_SECONDS, '1 PRECEDING')", "before('lower_ended', ANSWER_SECONDS, 'CURRENT ROW')"],
    ["before('upper_ended', ANSWER_SECONDS, '1 PRECEDING')", "before('upper_ended', ANSWER_SECONDS, 'CURRENT ROW')"],
    [
      "before('lower_started', STREAM_SECONDS, 'CURRENT ROW')",
      "before('lower_started', STREAM_SECONDS, '1 PRECEDING')",
    ],
    ['const ANSWER_SECONDS = 30;', 'const ANSWER_SECONDS = 31;'],
    ['const STREAM_SECONDS = 180;', 'const STREAM_SECONDS = 181;'],
    ['END >= udp_end -', 'END > udp_end -'],
    ['[startOfDay(day) + STREAM_SECONDS,', '[startOfDay(day),'],
    ['startOfDay(day + 1) - MAX_AGGREGATION_SECONDS', 'startOfDay(day + 1)'],
    // A port that met many.
    ['upper_port > least_upper AND', 'upper_port >= least_upper AND'],
    ['lower_port > least_lower AND', 'lower_port >= least_lower AND'],
    [
      "action = 'ACCEPT' AND protocol IN (6, 17) AND srcaddr <> dstaddr AS has_met",
      'protocol IN (6, 17) AND srcaddr <> dstaddr AS has_met',
    ],
    ['AND srcaddr <> dstaddr AS has_met', 'AS has_met'],
    ['max(CASE WHEN has_met THEN upper_met_many END)', '0 * max(CASE WHEN has_met THEN upper_met_many END)'],
    ['max(CASE WHEN has_met THEN lower_met_many END)', '0 * max(CASE WHEN has_met THEN lower_met_many END)'],
    ['lower_address, upper_address, lower_port)', 'lower_address, lower_port)'],
    ['lower_address, upper_address, upper_port)', 'upper_address, upper_port)'],
    ['WHEN opener IS NOT NULL OR service_end IS NULL THEN NULL', 'WHEN service_end IS NULL THEN NULL'],
    [
      "source_is_lower = (service_end = 'lower') THEN 'source'",
      "source_is_lower <> (service_end = 'lower') THEN 'source'",
    ],
    // Who opened.
    ["max(CASE WHEN shown = 'request' THEN 1 ELSE 0 END)", 'max(CASE WHEN shown IS NOT NULL THEN 1 ELSE 0 END)'],
    ['opener IS NOT NULL AND syns = 1 AS syn_seen', 'opener IS NOT NULL AS syn_seen'],
    ['least_opening_end = greatest_opening_end', 'least_opening_end IS NOT NULL'],
    ["WHEN action = 'ACCEPT' AND least_opening_end", 'WHEN least_opening_end'],
    [
      "WHEN kind = 'ok' AND action = 'ACCEPT' AND protocol = 6 AND tcp_flags > 0 AND",
      "WHEN kind = 'ok' AND protocol = 6 AND tcp_flags > 0 AND",
    ],
    // Without log-status.
    ["TRAFFIC_FIELDS.map(isAbsent).join(' AND ')", "TRAFFIC_FIELDS.map(isAbsent).join(' OR ')"],
  ],
  'services/reconcile-usage/sql/log-format.ts': [
    ["LogDestinationType !== 'cloud-watch-logs' || !archived", '!archived'],
    ['!archived?.names.includes(LogGroupName)', '!archived'],
    [', DestinationOptions: undefined }', ' }'],
  ],
};
