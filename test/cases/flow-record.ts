import { FLAGS, type Protocol, type Row } from './format.ts';

export type Direction = 'ingress' | 'egress';

/** An address and a port; 0 where the protocol has none. */
export type End = readonly [address: string, port: number];

export interface ConnectionOptions {
  readonly protocol?: Protocol;
  /** By default an ephemeral one, another for each connection. */
  readonly clientPort?: number;
  /** UNIX seconds; by default noon of every day. */
  readonly when?: readonly number[];
  /** So many connections each time, a second apart. */
  readonly times?: number;
  /** Whether the records show the SYN; false for a connection that is older than they are. */
  readonly syn?: boolean;
  readonly reply?: boolean;
}

export interface RecordOptions {
  readonly protocol?: number;
  readonly flags?: number;
  /** Which end is the interface's own. The plain fields show that one by the primary IPv4 address. */
  readonly own?: 'source' | 'destination';
  readonly action?: 'ACCEPT' | 'REJECT';
  readonly packetSource?: string;
  readonly packetDestination?: string;
  readonly packets?: number;
  /** How long after `start` it ends. */
  readonly seconds?: number;
}

/** A record of an interface whose primary IPv4 address is `ip`. */
export function recordRow(
  ip: string,
  direction: Direction,
  source: End,
  destination: End,
  start: number,
  options: RecordOptions,
): Row {
  const isV6 = source[0].includes(':');
  const shown = (side: 'source' | 'destination', address: string): string =>
    options.own === side && !isV6 ? ip : address;
  return {
    srcaddr: shown('source', source[0]),
    dstaddr: shown('destination', destination[0]),
    srcport: source[1],
    dstport: destination[1],
    protocol: options.protocol ?? 6,
    packets: options.packets ?? 10,
    bytes: 1000,
    start,
    end: start + (options.seconds ?? 59),
    action: options.action ?? 'ACCEPT',
    'log-status': 'OK',
    'tcp-flags': options.flags ?? FLAGS.none,
    'pkt-srcaddr': options.packetSource ?? source[0],
    'pkt-dstaddr': options.packetDestination ?? destination[0],
    'flow-direction': direction,
    type: isV6 ? 'IPv6' : 'IPv4',
  };
}
