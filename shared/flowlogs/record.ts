import { type Address, absentAddress } from '../addresses/address.ts';
import type { Direction, Opener } from '../protocols.ts';
import { END, ROW_SLOTS } from './scan/layout.ts';

/** `log-status` of a record. NODATA: no traffic in the interval. SKIPDATA: records were left out, a coverage gap. */
export type LogStatus = 'OK' | 'NODATA' | 'SKIPDATA';

/**
 * One record of a VPC flow log. Readers hand out *one* object again and again: whoever keeps a value copies it.
 * Fields: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
export interface FlowRecord {
  status: LogStatus;
  /** `''` where the log shows `-`: the row of a regional NAT gateway, which has no interface. */
  interfaceId: string;
  /** `''` where absent. */
  vpcId: string;
  /** Twelve digits, or `unknown`; `''` where absent. */
  accountId: string;
  /** What the row is about where it is not an interface, say a regional NAT gateway; `''` where absent. */
  resourceId: string;
  source: Address;
  destination: Address;
  /** `family` 0 where absent. */
  packetSource: Address;
  packetDestination: Address;
  /** 0 for protocols without ports. */
  sourcePort: number;
  destinationPort: number;
  /** IANA protocol number, 0 to 255. */
  protocol: number;
  packets: number;
  bytes: number;
  /** UNIX seconds: the first packet of the window was received at or near this time. */
  start: number;
  /** UNIX seconds; decides the record's UTC day. */
  end: number;
  accepted: boolean;
  /** OR of the flags seen in the window (FIN 1, SYN 2, RST 4, ACK 16 with SYN only); -1 where absent. */
  tcpFlags: number;
  /** Direction of the packets of this row, not of the connection; undefined where absent. */
  direction: Direction | undefined;
  /** `BPA` or `EC` where no group decided a REJECT; `''` where absent. */
  rejectReason: string;
  /**
   * How many records of the log this one stands for: 1, but for those that the nightly fold has put together. Of them
   * `packets` and `bytes` are sums, `start` is the smallest and `end` the largest.
   */
  times: number;
  /** Who opened the connection, where another record of the day tells: the nightly fold alone knows. */
  opener: Opener | undefined;
  /** Whether a SYN without ACK of the connection was seen on the day: the nightly fold alone knows. */
  synSeen: boolean;
  /**
   * Of a UDP record, by the packets of the other half (same interface, both addresses, both ports), as the nightly fold
   * alone knows. `answers`: one started in an earlier second, at most 30 s before this, and ended at most 180 s before
   * its end. `asks`: none started in the 180 s before.
   */
  paired: 'answers' | 'asks' | undefined;
  /** Whose port met three or more of the other end's on the day, as the nightly fold alone knows. */
  service: 'source' | 'destination' | undefined;
}

/** Records of one file as the scanner left them, in numbers: `scan/layout.ts` tells what lies where in a row. Until the next scan. */
export interface ScannedRows {
  /** How many there are. */
  readonly size: number;
  readonly slots: Int32Array;
  /** The same memory, as numbers of 64 bits. */
  readonly numbers: Float64Array;
  /** The texts of ids, by their numbers: another list as soon as the numbers mean something else. */
  readonly ids: readonly string[];
  /** Exactly the fields that a reader sets. */
  fill(row: number, record: FlowRecord): void;
}

/** What a reader hands on, record by record, in the order of the file. */
export interface RecordSink {
  /**
   * Takes in records by their rows, many times faster than one by one: from a row on, as far as it can, all of the UTC day of the first.
   *
   * @returns the first row that it did not take, which `record` is to be told of; where that is `from`, none was
   */
  rows?(rows: ScannedRows, from: number): number;
  /** With its 1-based line or row. */
  record(record: FlowRecord, line: number): void;
  /** A line or row that could not be read, with its 1-based number and why. */
  malformed(line: number, reason: string): void;
}

/** A file that is not a readable VPC flow log. The message names the cause; callers add the file's name. */
export class FlowLogError extends Error {
  override name = 'FlowLogError';
}

/** A flow log of a transit gateway or of Cloud WAN: left out among others, an error where it alone is asked for. */
export class OtherLogError extends FlowLogError {
  override name = 'OtherLogError';

  constructor(column: string) {
    super(`not a VPC flow log, but that of a transit gateway or of Cloud WAN: it has a column "${column}"`);
  }
}

/** {@link FlowRecord.end} of a row. */
export function endOf({ numbers }: ScannedRows, row: number): number {
  return numbers[(row * ROW_SLOTS + END) >> 1]!;
}

export function emptyRecord(): FlowRecord {
  return {
    status: 'OK',
    interfaceId: '',
    vpcId: '',
    accountId: '',
    resourceId: '',
    source: absentAddress(),
    destination: absentAddress(),
    packetSource: absentAddress(),
    packetDestination: absentAddress(),
    sourcePort: 0,
    destinationPort: 0,
    protocol: 0,
    packets: 0,
    bytes: 0,
    start: 0,
    end: 0,
    accepted: true,
    tcpFlags: -1,
    direction: undefined,
    rejectReason: '',
    times: 1,
    opener: undefined,
    synSeen: false,
    paired: undefined,
    service: undefined,
  };
}
