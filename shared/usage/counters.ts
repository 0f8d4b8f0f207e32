import { namesIn } from '../record-of.ts';

/**
 * What is counted of a rule on a UTC day, with the name under which it is stored. All are sums; `times` are numbers of
 * records, so they depend on the aggregation interval. A new line here is stored, read back and added up everywhere; it
 * still has to be counted, and it is reported unless {@link REPORTED_COUNTERS} leaves it out.
 */
export const COUNTERS = {
  /** Requests that it admitted. */
  usedTimes: 'used_times',
  /** Of these, those that no other rule admitted. */
  soleTimes: 'sole_times',
  /** Of these, those that it admitted most specifically. */
  primaryTimes: 'primary_times',
  /** Of these, those whose direction does not rest on a SYN. */
  inferredTimes: 'inferred_times',
  /** Replies to what it admitted. */
  replyTimes: 'reply_times',
  /** Records that it may have admitted. */
  possibleTimes: 'possible_times',
  /** Replies of untracked connections that passed by it. */
  untrackedReplies: 'untracked_replies',
  /** Records of a duplicate flow log that it would have been credited with. */
  setAsideTimes: 'set_aside_times',
  /** Of requests and replies; so are the bytes. */
  packets: 'packets',
  bytes: 'bytes',
} as const;

/** Times of a rule's day, with the name under which they are stored: UNIX seconds of the latest, -1 for none. */
export const LATEST = {
  /** The `end` of a record that was credited to it. */
  lastUsed: 'sg_rule_last_used',
  /** The `end` of a record that it may have admitted. */
  lastPossible: 'last_possible',
} as const;

/** What is counted of an interface on a UTC day, whatever became of the records, with the name under which it is stored. */
export const INTERFACE_COUNTERS = {
  records: 'records',
  /** OK records with action ACCEPT. */
  accepted: 'accepted',
  noData: 'no_data',
  skipData: 'skip_data',
} as const;

/** A number for each name of a table. */
type Numbers<T> = { -readonly [K in keyof T]: number };

export type RuleCounters = Numbers<typeof COUNTERS>;
export type LatestTimes = Numbers<typeof LATEST>;
export type InterfaceCounters = Numbers<typeof INTERFACE_COUNTERS>;

export const COUNTER_NAMES = namesIn(COUNTERS);
export const LATEST_NAMES = namesIn(LATEST);
export const INTERFACE_COUNTER_NAMES = namesIn(INTERFACE_COUNTERS);

/** What reports and exports show of the counters. */
export const REPORTED_COUNTERS = COUNTER_NAMES.filter((name) => name !== 'setAsideTimes');
type ReportedCounter = (typeof REPORTED_COUNTERS)[number];
export type ReportedColumn = (typeof COUNTERS)[ReportedCounter];

/** The numbers under the names by which they are stored. */
export function inColumns<N extends string, C extends Readonly<Record<N, string>>>(
  names: readonly N[],
  columns: C,
  numbers: Readonly<Record<N, number>>,
): Record<C[N], number> {
  return Object.fromEntries(names.map((name) => [columns[name], numbers[name]])) as Record<C[N], number>;
}
