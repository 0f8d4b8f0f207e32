import { formatAddress, type Address } from '../../../shared/addresses/address.ts';
import type { FlowRecord } from '../../../shared/flowlogs/record.ts';

const at = (address: Address, port: number): string => {
  const text = formatAddress(address);
  return `${address.family === 6 ? `[${text}]` : text}:${port}`;
};
const orDash = (address: Address): string => (address.family === 0 ? '-' : formatAddress(address));

/**
 * A record as one line, every field that was read in it:
 * `eni-1 ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160 ingress flags=2 packet=10.0.0.1>- reason=EC vpc-1 resource=nat-1`
 */
export function shorthand(record: FlowRecord): string {
  const { status, interfaceId, packetSource, packetDestination } = record;
  const parts = [interfaceId || '-'];
  const window = `${record.start}..${record.end}`;
  if (status !== 'OK') {
    parts.push(status, window);
  } else {
    parts.push(record.accepted ? 'ACCEPT' : 'REJECT', String(record.protocol));
    parts.push(at(record.source, record.sourcePort), '>', at(record.destination, record.destinationPort));
    parts.push(`${record.packets}p`, `${record.bytes}b`, window);
    if (record.direction) parts.push(record.direction);
    if (record.tcpFlags >= 0) parts.push(`flags=${record.tcpFlags}`);
    if (packetSource.family !== 0 || packetDestination.family !== 0) {
      parts.push(`packet=${orDash(packetSource)}>${orDash(packetDestination)}`);
    }
    if (record.rejectReason) parts.push(`reason=${record.rejectReason}`);
  }
  if (record.vpcId) parts.push(record.vpcId);
  if (record.resourceId) parts.push(`resource=${record.resourceId}`);
  return parts.join(' ');
}
