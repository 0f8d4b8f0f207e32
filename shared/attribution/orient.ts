import { sameAddress, type Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Admission, Admissions } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory, GroupSet } from '../matching/compiled-inventory.ts';
import { hasPorts, type Direction, type Opener, TCP, SYN, ACK } from '../protocols.ts';

/** What the rules say of both hypotheses for one peer; undefined where the flags exclude the hypothesis. */
export type Hypotheses = Readonly<Record<Opener, Admission | undefined>>;

/** How a record was read: which hypothesis was chosen, on what ground, and what the rules say of both. */
export interface Orientation {
  readonly opener: Opener;
  /** `syn`: the flags of the connection say so. Else by what the rules admit, how specific they are, or the smaller port. */
  readonly ground: 'syn' | 'onlyOneAdmitted' | 'moreSpecific' | 'smallerPort';
  readonly peer: Readonly<Address>;
  readonly hypotheses: Hypotheses;
  /** Set where the peer is the plain address field, since no rule admits the packet's own: what was said of that. */
  readonly refused: Hypotheses | undefined;
  /** Set where the packet's own address was taken although one reading does not admit it: what is said of the plain. */
  readonly untried: Hypotheses | undefined;
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
    (primary !== undefined && sameAddress(primary, address)) || compiled.owns(owner, compiled.holders.find(address));
  if (owns(record.destination)) return 'ingress';
  return owns(record.source) ? 'egress' : undefined;
}

/** Who opened the connection, where its flags show it: SYN alone the source, SYN-ACK the destination. */
function openerShown({ protocol, tcpFlags, opener }: FlowRecord): Opener | undefined {
  if (protocol !== TCP || tcpFlags < 0 || (tcpFlags & SYN) === 0) return opener;
  return (tcpFlags & ACK) === 0 ? 'request' : 'reply';
}

/** The peer by the packet's own address, where the log shows it, and by the plain field. */
export function peersOf(record: FlowRecord, direction: Direction): { packet: Address; plain: Address } {
  const inbound = direction === 'ingress';
  const packet = inbound ? record.packetSource : record.packetDestination;
  const plain = inbound ? record.source : record.destination;
  return { packet: packet.family === 0 ? plain : packet, plain };
}

/** What the rules of a group set say of both hypotheses for one peer. */
export function hypothesesOf(
  record: FlowRecord,
  groupSet: GroupSet,
  direction: Direction,
  peer: Readonly<Address>,
  admissions: Admissions,
): Hypotheses {
  const { protocol, sourcePort, destinationPort } = record;
  const shown = openerShown(record);
  const other = direction === 'ingress' ? 'egress' : 'ingress';
  return {
    request: shown === 'reply' ? undefined : admissions.find(groupSet, direction, protocol, peer, destinationPort),
    reply: shown === 'request' ? undefined : admissions.find(groupSet, other, protocol, peer, sourcePort),
  };
}

/** Decides whether a record is a request or a reply. A pure function of the record and the rules. */
export function orient(
  record: FlowRecord,
  groupSet: GroupSet,
  direction: Direction,
  admissions: Admissions,
): Orientation {
  const { packet, plain } = peersOf(record, direction);
  let peer = packet;
  let hypotheses = hypothesesOf(record, groupSet, direction, peer, admissions);
  let refused: Hypotheses | undefined;
  let untried: Hypotheses | undefined;
  const { request: first, reply: second } = hypotheses;
  if (!(isAdmitted(first) && isAdmitted(second)) && !sameAddress(packet, plain)) {
    const said = hypothesesOf(record, groupSet, direction, plain, admissions);
    if (isAdmitted(first) || isAdmitted(second)) {
      untried = said;
    } else {
      refused = hypotheses;
      peer = plain;
      hypotheses = said;
    }
  }
  const read = { peer, hypotheses, refused, untried };
  const { request, reply } = hypotheses;
  if (!reply || !request) return { ...read, opener: request ? 'request' : 'reply', ground: 'syn' };
  const ground = groundOf(request, reply);
  const opener = ground === 'smallerPort' ? bySmallerPort(record) : bySpecificity(request, reply);
  return { ...read, opener, ground };
}

function isAdmitted(admission: Admission | undefined): boolean {
  return admission !== undefined && admission.admitting.length > 0;
}

function groundOf(request: Admission, reply: Admission): Orientation['ground'] {
  if (request.specificity === reply.specificity) return 'smallerPort';
  return Math.max(request.specificity, reply.specificity) === Infinity ? 'onlyOneAdmitted' : 'moreSpecific';
}

function bySpecificity(request: Admission, reply: Admission): Opener {
  return request.specificity < reply.specificity ? 'request' : 'reply';
}

function bySmallerPort(record: FlowRecord): Opener {
  return hasPorts(record.protocol) && record.sourcePort < record.destinationPort ? 'reply' : 'request';
}
