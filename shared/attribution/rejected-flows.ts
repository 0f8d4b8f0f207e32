import { formatAddress } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
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
  const peer = packetPeer(record, direction ?? 'ingress');
  const port = hasPorts(record.protocol) ? record.destinationPort : 0;
  const { interfaceId, protocol, rejectReason: reason } = record;
  const side = direction === undefined ? 0 : direction === 'ingress' ? 1 : 2;
  const who = textHash(`${interfaceId} ${reason}`);
  const hash = hashOf(who, side, protocol, port, peer.family, peer.w0, peer.w1, peer.w2, peer.w3);
  const flow = rejected.keep(hash, (): RejectedFlow => {
    return { interfaceId, direction, protocol, peer: formatAddress(peer), port, reason, times: 0, lastSeen: -1 };
  });
  if (!flow) return;
  flow.times += record.times;
  flow.lastSeen = Math.max(flow.lastSeen, record.end);
}
