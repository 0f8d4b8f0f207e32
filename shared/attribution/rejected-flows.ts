import { absentAddress, formatAddress, type Address } from '../addresses/address.ts';
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
import { fillAddress } from '../flowlogs/scanned-record.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { hashOf, textHash, type SmallestHashes } from '../usage/smallest-hashes.ts';
import type { RejectedFlow } from '../usage/usage.ts';
import { packetPeer } from './orient.ts';

/** Of the row that is looked at. */
const address = absentAddress();

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
  const who = textHash(record.rejectReason, hashOfRejecting(record.interfaceId));
  const hash = hashOfFlow(who, record, packetPeer(record, direction ?? 'ingress'), direction);
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
  const who = textHash(ids[slots[at + REJECT_REASON]!]!, rejecting);
  fillAddress(slots, peer, address);
  const of = { protocol: slots[at + PROTOCOL]!, destinationPort: slots[at + DESTINATION_PORT]! };
  const hash = hashOfFlow(who, of, address, direction);
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

/** @param who the hash of interface and reason */
function hashOfFlow(
  who: number,
  { protocol, destinationPort }: Pick<FlowRecord, 'protocol' | 'destinationPort'>,
  { family, w0, w1, w2, w3 }: Readonly<Address>,
  direction: Direction | undefined,
): number {
  const side = direction === undefined ? 0 : direction === 'ingress' ? 1 : 2;
  return hashOf(who, side, protocol, hasPorts(protocol) ? destinationPort : 0, family, w0, w1, w2, w3);
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
