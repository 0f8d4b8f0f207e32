import { formatAddress } from '../addresses/address.ts';
import type { FlowRecord, ScannedRows } from '../flowlogs/record.ts';
import {
  DESTINATION,
  DESTINATION_PORT,
  END,
  PACKET_DESTINATION,
  PACKET_SOURCE,
  PROTOCOL,
  REJECT_REASON,
  ROW_SLOTS,
  SOURCE,
} from '../flowlogs/scan/layout.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { hashOf, textHash, type SmallestHashes } from '../usage/smallest-hashes.ts';
import type { RejectedFlow } from '../usage/usage.ts';
import { packetPeer } from './orient.ts';

/**
 * Keeps what was rejected. A REJECT by a group or network ACL is taken as a request: replies of tracked connections are not
 * rejected.
 *
 * @param direction of the record's packets; undefined where nobody can tell
 */
export function keepRejected(
  rejected: SmallestHashes<RejectedFlow>,
  record: FlowRecord,
  direction: Direction | undefined,
): void {
  const { interfaceId, protocol, destinationPort, rejectReason } = record;
  const { family, w0, w1, w2, w3 } = packetPeer(record, direction ?? 'ingress');
  const who = textHash(rejectReason, hashOfRejecting(interfaceId));
  const side = direction === undefined ? 0 : direction === 'ingress' ? 1 : 2;
  const port = hasPorts(protocol) ? destinationPort : 0;
  const hash = hashOf(who, side, protocol, port, family, w0, w1, w2, w3);
  add(
    rejected.keep(hash, () => flowOf(record, direction)),
    record.times,
    record.end,
  );
}

/** The same of a row; a record is filled only where it tells of a flow that is new. */
export function keepRejectedRow(
  rejected: SmallestHashes<RejectedFlow>,
  rows: ScannedRows,
  row: number,
  rejecting: number,
  direction: Direction,
  record: FlowRecord,
): void {
  const { slots, numbers, ids } = rows;
  const at = row * ROW_SLOTS;
  const isIngress = direction === 'ingress';
  const packet = at + (isIngress ? PACKET_SOURCE : PACKET_DESTINATION);
  const peer = slots[packet] === 0 ? at + (isIngress ? SOURCE : DESTINATION) : packet;
  const reason = slots[at + REJECT_REASON]!;
  const who = reason === 0 ? rejecting : textHash(ids[reason]!, rejecting);
  const protocol = slots[at + PROTOCOL]!;
  const port = hasPorts(protocol) ? slots[at + DESTINATION_PORT]! : 0;
  const [family, w0, w1, w2, w3] = [
    slots[peer]!,
    slots[peer + 1]!,
    slots[peer + 2]!,
    slots[peer + 3]!,
    slots[peer + 4]!,
  ];
  const hash = hashOf(who, isIngress ? 1 : 2, protocol, port, family, w0, w1, w2, w3);
  const flow = rejected.keep(hash, () => {
    rows.fill(row, record);
    return flowOf(record, direction);
  });
  add(flow, 1, numbers[(at + END) >> 1]!);
}

/** What an interface rejects begins with this hash, to be worked out once for many rows. */
export function hashOfRejecting(interfaceId: string): number {
  return textHash(`${interfaceId} `);
}

function flowOf(record: FlowRecord, direction: Direction | undefined): RejectedFlow {
  const { interfaceId, protocol, destinationPort, rejectReason: reason } = record;
  const peer = formatAddress(packetPeer(record, direction ?? 'ingress'));
  const port = hasPorts(protocol) ? destinationPort : 0;
  return { interfaceId, direction, protocol, peer, port, reason, times: 0, lastSeen: -1 };
}

function add(flow: RejectedFlow | undefined, times: number, end: number): void {
  if (!flow) return;
  flow.times += times;
  flow.lastSeen = Math.max(flow.lastSeen, end);
}
