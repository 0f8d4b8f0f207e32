import { sameAddress, type Address } from '../addresses/address.ts';
import { hasPorts } from '../flowlogs/fields.ts';
import type { Direction, FlowRecord } from '../flowlogs/record.ts';
import type { Admission, Admissions } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory, GroupSet } from '../matching/compiled-inventory.ts';

const SYN = 2;
const ACK = 16;
const TCP = 6;

/** Who opened the connection that a record belongs to: its source (`request`) or its destination (`reply`). */
export type Opener = 'request' | 'reply';

/** How a record was read: which hypothesis was chosen, on what ground, and what the rules say of both. */
export interface Orientation {
  readonly opener: Opener;
  /** `syn`: the record's own flags say so. Else by what the rules admit, how specific they are, or the smaller port. */
  readonly ground: 'syn' | 'onlyOneAdmitted' | 'moreSpecific' | 'smallerPort';
  /** The peer is the plain address field, since no rule admits the packet's own. */
  readonly plainPeer: boolean;
  readonly peer: Readonly<Address>;
  /** Undefined where the flags exclude the hypothesis. */
  readonly request: Admission | undefined;
  readonly reply: Admission | undefined;
}

/** The direction of the record's packets, seen from the interface; undefined where nothing tells. */
export function directionOf(
  record: FlowRecord,
  owner: CompiledInterface,
  compiled: CompiledInventory,
): Direction | undefined {
  if (record.direction) return record.direction;
  const { primary } = owner.source;
  const owns = (address: Address): boolean =>
    (primary !== undefined && sameAddress(primary, address)) || compiled.owns(owner, compiled.peers.find(address));
  if (owns(record.destination)) return 'ingress';
  return owns(record.source) ? 'egress' : undefined;
}

/** Decides whether a record is a request or a reply. A pure function of the record and the rules. */
export function orient(
  record: FlowRecord,
  groupSet: GroupSet,
  direction: Direction,
  compiled: CompiledInventory,
  admissions: Admissions,
): Orientation {
  const { protocol, tcpFlags } = record;
  const certain = protocol === TCP && tcpFlags > 0 && (tcpFlags & SYN) !== 0;
  const synOpener: Opener = (tcpFlags & ACK) !== 0 ? 'reply' : 'request';
  const other = direction === 'ingress' ? 'egress' : 'ingress';
  const inbound = direction === 'ingress';
  const packetPeer = inbound ? record.packetSource : record.packetDestination;
  const plain = inbound ? record.source : record.destination;

  let peer = packetPeer.family === 0 ? plain : packetPeer;
  let plainPeer = false;
  for (;;) {
    const node = compiled.peers.find(peer);
    const request =
      certain && synOpener === 'reply'
        ? undefined
        : admissions.find(groupSet, direction, protocol, node, record.destinationPort);
    const reply =
      certain && synOpener === 'request'
        ? undefined
        : admissions.find(groupSet, other, protocol, node, record.sourcePort);
    if (peer === plain || isAdmitted(request) || isAdmitted(reply) || sameAddress(peer, plain)) {
      if (certain) return { opener: synOpener, ground: 'syn', plainPeer, peer, request, reply };
      return { ...choose(record, request!, reply!), plainPeer, peer, request, reply };
    }
    peer = plain;
    plainPeer = true;
  }
}

function isAdmitted(admission: Admission | undefined): boolean {
  return admission !== undefined && admission.admitting.length > 0;
}

function choose(
  record: FlowRecord,
  request: Admission,
  reply: Admission,
): { opener: Opener; ground: Orientation['ground'] } {
  if (request.specificity !== reply.specificity) {
    const opener = request.specificity < reply.specificity ? 'request' : 'reply';
    const both = request.specificity !== Infinity && reply.specificity !== Infinity;
    return { opener, ground: both ? 'moreSpecific' : 'onlyOneAdmitted' };
  }
  const smallerSource = hasPorts(record.protocol) && record.sourcePort < record.destinationPort;
  return { opener: smallerSource ? 'reply' : 'request', ground: 'smallerPort' };
}
