import type { Address } from '../addresses/address.ts';

/**
 * A group of records of one UTC day that counting cannot tell apart: what the nightly fold hands on. Column names and types
 * are those of its output; absent texts are null, and addresses may have been read.
 */
export interface FoldedRow<Ends extends string | Address = string | Address> {
  /**
   * `malformed`: lines that are not records; addresses are not looked into. `header`: lines that name other fields than the
   * declared ones, so that nothing read from the file means what it seems to: the day must not be settled on it. Both hold
   * nothing but `file`, `flow_log_id` and `records`; in `nodata` and `skipdata` all is absent that their fields show as `-`.
   * Absent ports and protocols are -1, absent sums 0.
   */
  readonly kind: 'ok' | 'nodata' | 'skipdata' | 'malformed' | 'header';
  /** `s3://…`, of `malformed` and `header` rows only. */
  readonly file: string | null;
  /** The `fl-` id in the files' names. */
  readonly flow_log_id: string | null;
  readonly account_id: string | null;
  readonly interface_id: string | null;
  /** Null where there is an interface. */
  readonly resource_id: string | null;
  readonly vpc_id: string | null;
  /** Nobody changes an address. */
  readonly srcaddr: Ends | null;
  readonly dstaddr: Ends | null;
  readonly pkt_srcaddr: Ends | null;
  readonly pkt_dstaddr: Ends | null;
  /**
   * 0 for protocols without ports. -1 where counting does not look at it: the client's port of a connection whose opener is
   * known, and the source's where it was rejected.
   */
  readonly srcport: number;
  readonly dstport: number;
  readonly protocol: number;
  /** `ACCEPT` or `REJECT`. */
  readonly action: string | null;
  /** `ingress` or `egress`. */
  readonly flow_direction: string | null;
  /** Null where it was not rejected. */
  readonly reject_reason: string | null;
  /**
   * Whether this row's source opened the connection (`request`) or its destination did (`reply`), where a SYN of this row
   * or, where that has none, those of other accepted rows of the connection on this day tell; null where none does, or they
   * contradict each other, or the row was rejected.
   */
  readonly opener: 'request' | 'reply' | null;
  /** Of a row with `opener`: a SYN without ACK of the connection was accepted on this day. */
  readonly syn_seen: boolean;
  /**
   * Of accepted UDP, by the records of the other half (same interface, both addresses, both ports). `answers`: one started in
   * an earlier second, at most 30 s before, and ended at most 180 s before the end. `asks`: none started in the 180 s before
   * or in the same second; never said near midnight, where such a record may be on another day.
   */
  readonly paired: 'answers' | 'asks' | null;
  /**
   * Whose port met, on this day, interface and with this peer, three or more ports of the other end, none of which did so
   * itself; null where `opener` is known.
   */
  readonly service: 'source' | 'destination' | null;
  /** How many records, at least 1. */
  readonly records: number;
  /** Sums of more than 2^53 lose their last digits, of more than 2^63 - 1 are cut to that. */
  readonly packets: number;
  readonly bytes: number;
  /** UNIX seconds: smallest `start`, smallest and largest `end`. The two ends lie in one UTC hour. */
  readonly first_start: number;
  readonly first_end: number;
  readonly last_end: number;
}
