import type { Interface } from '../world/entities.ts';

/** One record to write. One object is filled again and again: writers take what they need at once. */
export interface Row {
  iface: Interface;
  status: 'OK' | 'NODATA' | 'SKIPDATA';
  source: string;
  destination: string;
  packetSource: string;
  packetDestination: string;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
  packets: number;
  /** -1 where the record does not say: rejected by VPC Block Public Access. */
  bytes: number;
  /** UNIX seconds. */
  start: number;
  end: number;
  accepted: boolean;
  rejectReason: string;
  tcpFlags: number;
  isEgress: boolean;
  isIpv6: boolean;
  /** 0 for none. */
  trafficPath: number;
  /** `-` for none. */
  sourceService: string;
  destinationService: string;
}

export function emptyRow(iface: Interface): Row {
  return {
    iface,
    status: 'OK',
    source: '',
    destination: '',
    packetSource: '',
    packetDestination: '',
    sourcePort: 0,
    destinationPort: 0,
    protocol: 0,
    packets: 0,
    bytes: 0,
    start: 0,
    end: 0,
    accepted: true,
    rejectReason: '',
    tcpFlags: 0,
    isEgress: false,
    isIpv6: false,
    trafficPath: 0,
    sourceService: '-',
    destinationService: '-',
  };
}
