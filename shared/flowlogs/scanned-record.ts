import type { Address } from '../addresses/address.ts';
import type { Direction } from '../protocols.ts';
import type { FlowRecord, LogStatus, ScannedRows } from './record.ts';
import {
  ACCEPTED,
  ACCOUNT_ID,
  BYTES,
  DESTINATION,
  DESTINATION_PORT,
  DIRECTION,
  END,
  INTERFACE_ID,
  PACKET_DESTINATION,
  PACKET_SOURCE,
  PACKETS,
  PROTOCOL,
  REJECT_REASON,
  RESOURCE_ID,
  ROW_SLOTS,
  SOURCE,
  SOURCE_PORT,
  START,
  STATUS,
  TCP_FLAGS,
  VPC_ID,
} from './scan/layout.ts';

const STATUSES: readonly LogStatus[] = ['OK', 'NODATA', 'SKIPDATA'];
const DIRECTIONS: readonly (Direction | undefined)[] = [undefined, 'ingress', 'egress'];

/** Exactly the fields that a reader sets, of a row as the scanner leaves one. */
export function fillRecord({ slots, numbers, ids }: Omit<ScannedRows, 'fill'>, row: number, record: FlowRecord): void {
  const at = row * ROW_SLOTS;
  record.vpcId = ids[slots[at + VPC_ID]!]!;
  record.accountId = ids[slots[at + ACCOUNT_ID]!]!;
  record.interfaceId = ids[slots[at + INTERFACE_ID]!]!;
  record.resourceId = ids[slots[at + RESOURCE_ID]!]!;
  record.start = numbers[(at + START) >> 1]!;
  record.end = numbers[(at + END) >> 1]!;
  const status = slots[at + STATUS]!;
  record.status = STATUSES[status]!;
  record.accepted = status === 0 && slots[at + ACCEPTED] === 1;
  if (status !== 0) return;
  record.protocol = slots[at + PROTOCOL]!;
  record.sourcePort = slots[at + SOURCE_PORT]!;
  record.destinationPort = slots[at + DESTINATION_PORT]!;
  record.packets = numbers[(at + PACKETS) >> 1]!;
  record.bytes = numbers[(at + BYTES) >> 1]!;
  record.tcpFlags = slots[at + TCP_FLAGS]!;
  record.direction = DIRECTIONS[slots[at + DIRECTION]!];
  record.rejectReason = ids[slots[at + REJECT_REASON]!]!;
  fillAddress(slots, at + SOURCE, record.source);
  fillAddress(slots, at + DESTINATION, record.destination);
  fillAddress(slots, at + PACKET_SOURCE, record.packetSource);
  fillAddress(slots, at + PACKET_DESTINATION, record.packetDestination);
}

/** An absent one keeps its words. */
export function fillAddress(slots: Int32Array, at: number, address: Address): void {
  const family = slots[at];
  address.family = family === 4 || family === 6 ? family : 0;
  if (address.family === 0) return;
  address.w0 = slots[at + 1]!;
  address.w1 = slots[at + 2]!;
  address.w2 = slots[at + 3]!;
  address.w3 = slots[at + 4]!;
}
