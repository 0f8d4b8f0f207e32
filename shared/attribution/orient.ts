import { sameAddress, type Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Admission, Admissions } from '../matching/admission.ts';
import type { CompiledInterface, CompiledInventory, GroupSet } from '../matching/compiled-inventory.ts';
import { hasPorts, type Direction, type Opener, TCP, SYN, ACK } from '../protocols.ts';

/** What the rules say of both hypotheses for one peer; undefined where the flags exclude the hypothesis. */
export type Hypotheses = Readonly<Record<Opener, Admission | undefined>>;

/** How a record was read: which hypothesis was chosen, on what ground, and what the rules say of both. */
export interface Orientation {
  readonly opener: Opener;
  /**
   * `syn`: the flags of the connection say so. Else by what the rules admit or could, by a port that met many others
   * (at night only), by how specific the rules are, or by the smaller port.
   */
  readonly ground: 'syn' | 'onlyOneAdmitted' | 'fanOut' | 'moreSpecific' | 'smallerPort';
  readonly peer: Readonly<Address>;
  readonly hypotheses: Hypotheses;
  /** The rules credited: all that admit the chosen hypothesis or, for a certain one, the lone rule that could. */
  readonly credited: readonly Rule[];
  /**
   * What is said of the request that a SYN-ACK may belong to after all, where nothing is credited and no SYN of its
   * connection was seen: the connection may have been opened along another path, so that no interface here tracks it.
   */
  readonly otherPath: Admission | undefined;
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
export function openerShown({ protocol, tcpFlags, opener }: FlowRecord): Opener | undefined {
  if (protocol !== TCP || tcpFlags < 0 || (tcpFlags & SYN) === 0) return opener;
  return (tcpFlags & ACK) === 0 ? 'request' : 'reply';
}

/** Whether the record's connection showed a SYN of its own: in this record or, as the night alone knows, in another. */
export function hasSyn({ protocol, tcpFlags, synSeen }: FlowRecord): boolean {
  return synSeen || (protocol === TCP && tcpFlags >= 0 && (tcpFlags & SYN) !== 0 && (tcpFlags & ACK) === 0);
}

/** The peer by the packet's own address, where the log shows it, and by the plain field. */
export function peersOf(record: FlowRecord, direction: Direction): { packet: Address; plain: Address } {
  const inbound = direction === 'ingress';
  const packet = inbound ? record.packetSource : record.packetDestination;
  const plain = inbound ? record.source : record.destination;
  return { packet: packet.family === 0 ? plain : packet, plain };
}

/**
 * What the rules of a group set say of both hypotheses for one peer.
 *
 * @param shown the hypothesis that is certain, of the other nothing is asked; null to ask both, whatever the flags say
 */
export function hypothesesOf(
  record: FlowRecord,
  groupSet: GroupSet,
  direction: Direction,
  peer: Readonly<Address>,
  admissions: Admissions,
  shown: Opener | null | undefined = openerShown(record),
): Hypotheses {
  const { protocol, sourcePort, destinationPort, start } = record;
  const other = opposite(direction);
  return {
    request:
      shown === 'reply' ? undefined : admissions.find(groupSet, direction, protocol, peer, destinationPort, start),
    reply: shown === 'request' ? undefined : admissions.find(groupSet, other, protocol, peer, sourcePort, start),
  };
}

export function opposite(direction: Direction): Direction {
  return direction === 'ingress' ? 'egress' : 'ingress';
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
  const isAnyAdmitted = isAdmitted(hypotheses.request) || isAdmitted(hypotheses.reply);
  const isAnyMissing = isMissing(hypotheses.request) || isMissing(hypotheses.reply);
  if (isAnyMissing && !sameAddress(packet, plain)) {
    const said = hypothesesOf(record, groupSet, direction, plain, admissions);
    if (isAnyAdmitted) {
      untried = said;
    } else {
      refused = hypotheses;
      peer = plain;
      hypotheses = said;
    }
  }
  const { request, reply } = hypotheses;
  if (request && reply) {
    const ground = groundOf(record, request, reply);
    const opener = openerBy[ground](record, request, reply);
    const credited = hypotheses[opener]!.admitting;
    return { peer, hypotheses, refused, untried, opener, ground, credited, otherPath: undefined };
  }
  const opener = request ? 'request' : 'reply';
  const { admitting, lone } = hypotheses[opener]!;
  const credited = admitting.length === 0 && lone ? [lone] : admitting;
  const isOther = opener === 'reply' && credited.length === 0 && !record.synSeen;
  const otherPath = isOther
    ? hypothesesOf(record, groupSet, direction, peer, admissions, 'request').request
    : undefined;
  return { peer, hypotheses, refused, untried, opener, ground: 'syn', credited, otherPath };
}

function isAdmitted(admission: Admission | undefined): boolean {
  return admission !== undefined && admission.admitting.length > 0;
}

/** Whether the hypothesis is asked, and no rule admits it. */
function isMissing(admission: Admission | undefined): boolean {
  return admission?.admitting.length === 0;
}

type Inferred = Exclude<Orientation['ground'], 'syn'>;

function groundOf(record: FlowRecord, request: Admission, reply: Admission): Inferred {
  if ((request.specificity === Infinity) !== (reply.specificity === Infinity)) return 'onlyOneAdmitted';
  if (record.service) return 'fanOut';
  return request.specificity === reply.specificity ? 'smallerPort' : 'moreSpecific';
}

const openerBy: Readonly<Record<Inferred, (record: FlowRecord, request: Admission, reply: Admission) => Opener>> = {
  onlyOneAdmitted: (_, request, reply) => (request.specificity < reply.specificity ? 'request' : 'reply'),
  moreSpecific: (_, request, reply) => (request.specificity < reply.specificity ? 'request' : 'reply'),
  fanOut: ({ service }) => (service === 'source' ? 'reply' : 'request'),
  smallerPort: ({ protocol, sourcePort, destinationPort }) =>
    hasPorts(protocol) && sourcePort < destinationPort ? 'reply' : 'request',
};
