import { sameAddress, type Address } from '../addresses/address.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Admissions } from '../matching/admission.ts';
import type { Admission } from '../matching/answer.ts';
import type { CompiledInterface, CompiledInventory, GroupSet } from '../matching/compiled-inventory.ts';
import { hasPorts, type Direction, type Opener, TCP, SYN, ACK } from '../protocols.ts';

/** What the rules say of both hypotheses for one peer; undefined where the flags exclude the hypothesis. */
export type Hypotheses = Readonly<Record<Opener, Admission | undefined>>;

/**
 * All that is asked of the rules to read one record: answers by their {@link Admission.slot} plus 1, 0 where nothing was asked.
 * The two hypotheses for the peer by the packet's own address or, where the log shows none, by the plain field; the same for
 * the plain field, where that is another one and a hypothesis of the packet's own is not admitted; and of the request, although
 * the flags exclude it ({@link Orientation.otherPath}).
 */
export type Asked = Int32Array;
export const ASKED = 5;
const [REQUEST, REPLY, PLAIN_REQUEST, PLAIN_REPLY, OTHER_PATH] = [0, 1, 2, 3, 4] as const;

/**
 * How a record was read: which hypothesis was chosen, on what ground, and what the rules say of both. Of the record's
 * addresses nothing is in it: records of which the rules say the same share one.
 */
export interface Orientation {
  readonly opener: Opener;
  /**
   * `syn`: the flags of the connection say so. Else by what the rules admit or could, by a port that met many others
   * (at night only), by how specific the rules are, or by the smaller port.
   */
  readonly ground: 'syn' | 'onlyOneAdmitted' | 'fanOut' | 'moreSpecific' | 'smallerPort';
  readonly hypotheses: Hypotheses;
  /** Whether any rules are credited: all that admit the chosen hypothesis or, for a certain one, the lone rule that could. */
  readonly isCredited: boolean;
  /**
   * What is said of the request that a SYN-ACK may belong to after all, where no rule is credited and no SYN of its
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
  if (owns(owner, record.destination, compiled)) return 'ingress';
  return owns(owner, record.source, compiled) ? 'egress' : undefined;
}

function owns(owner: CompiledInterface, address: Readonly<Address>, compiled: CompiledInventory): boolean {
  const { primary } = owner.source;
  if (primary !== undefined && sameAddress(primary, address)) return true;
  return compiled.owns(owner, compiled.holders.find(address));
}

/** Who opened the connection, where its flags show it: SYN alone the source, SYN-ACK the destination. */
export function openerShown(record: FlowRecord): Opener | undefined {
  if (!showsOpener(record)) return record.opener;
  return (record.tcpFlags & ACK) === 0 ? 'request' : 'reply';
}

/** Whether flags of the record itself show it. */
export function showsOpener({ protocol, tcpFlags }: FlowRecord): boolean {
  return protocol === TCP && tcpFlags >= 0 && (tcpFlags & SYN) !== 0;
}

/** Who opened the connection, where no rules can be asked: by the flags, else by the smaller port. */
export function guessedOpener(record: FlowRecord): Opener {
  return openerShown(record) ?? (hasSmallerSource(record) ? 'reply' : 'request');
}

/** Whether the record's connection showed a SYN of its own: in this record or, as the night alone knows, in another. */
export function hasSyn(record: FlowRecord): boolean {
  return record.synSeen || (showsOpener(record) && (record.tcpFlags & ACK) === 0);
}

/** The peer's address in the packet, where the log shows it; else that of the plain field. */
export function packetPeer(record: FlowRecord, direction: Direction): Readonly<Address> {
  const packet = direction === 'ingress' ? record.packetSource : record.packetDestination;
  return packet.family === 0 ? plainPeer(record, direction) : packet;
}

export function plainPeer(record: FlowRecord, direction: Direction): Readonly<Address> {
  return direction === 'ingress' ? record.source : record.destination;
}

/** The peer as the record was read. */
export function peerOf(
  record: FlowRecord,
  direction: Direction,
  { refused }: Pick<Orientation, 'refused'>,
): Readonly<Address> {
  return refused ? plainPeer(record, direction) : packetPeer(record, direction);
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
  const asked = new Int32Array(ASKED);
  ask(record, groupSet, direction, admissions, asked);
  return orientBy(record, asked, admissions);
}

/** Asks the rules all that {@link orientBy} needs. */
export function ask(
  record: FlowRecord,
  groupSet: GroupSet,
  direction: Direction,
  admissions: Admissions,
  into: Asked,
): void {
  const { protocol, sourcePort, destinationPort, start } = record;
  const shown = openerShown(record);
  const other = opposite(direction);
  const packet = packetPeer(record, direction);
  const request =
    shown === 'reply' ? 0 : admissions.slotOf(groupSet, direction, protocol, packet, destinationPort, start) + 1;
  const reply = shown === 'request' ? 0 : admissions.slotOf(groupSet, other, protocol, packet, sourcePort, start) + 1;
  into[REQUEST] = request;
  into[REPLY] = reply;
  into[PLAIN_REQUEST] = 0;
  into[PLAIN_REPLY] = 0;
  into[OTHER_PATH] = 0;
  if (!isMissing(request, admissions) && !isMissing(reply, admissions)) return;
  const plain = plainPeer(record, direction);
  const isOther = !sameAddress(packet, plain);
  if (isOther) {
    const said = hypothesesOf(record, groupSet, direction, plain, admissions, shown);
    into[PLAIN_REQUEST] = numberOf(said.request);
    into[PLAIN_REPLY] = numberOf(said.reply);
  }
  if (shown !== 'reply' || record.synSeen) return;
  const isPlain = isOther && isRefused(into, admissions);
  const answer = isPlain ? into[PLAIN_REPLY] : reply;
  if (isMissing(answer, admissions) && !admissions.at(answer - 1).lone) {
    const peer = isPlain ? plain : packet;
    into[OTHER_PATH] = admissions.slotOf(groupSet, direction, protocol, peer, destinationPort, start) + 1;
  }
}

function numberOf(admission: Admission | undefined): number {
  return admission === undefined ? 0 : admission.slot + 1;
}

/** Whether the plain address is taken: it was asked of, and neither hypothesis of the packet's own is admitted. */
function isRefused(asked: Asked, admissions: Admissions): boolean {
  return (
    asked[PLAIN_REQUEST]! + asked[PLAIN_REPLY]! > 0 &&
    !isAdmitted(asked[REQUEST]!, admissions) &&
    !isAdmitted(asked[REPLY]!, admissions)
  );
}

/** Reads a record by what was {@link ask}ed of it. Of the record itself, ports and {@link FlowRecord.service} count. */
export function orientBy(record: FlowRecord, asked: Asked, admissions: Admissions): Orientation {
  const packet = saidOf(asked, REQUEST, REPLY, admissions)!;
  const plain = saidOf(asked, PLAIN_REQUEST, PLAIN_REPLY, admissions);
  const otherPath = answerOf(asked[OTHER_PATH]!, admissions);
  const isPlain = isRefused(asked, admissions);
  const hypotheses = isPlain && plain ? plain : packet;
  const refused = isPlain ? packet : undefined;
  const untried = isPlain ? undefined : plain;
  const { request, reply } = hypotheses;
  if (request && reply) {
    const ground = groundOf(record, request, reply);
    const opener = openerBy[ground](record, request, reply);
    const isCredited = hypotheses[opener]!.admits;
    return { hypotheses, refused, untried, opener, ground, isCredited, otherPath };
  }
  const opener = request ? 'request' : 'reply';
  const { admits, lone } = hypotheses[opener]!;
  const isCredited = admits || lone !== undefined;
  return { hypotheses, refused, untried, opener, ground: 'syn', isCredited, otherPath };
}

/** Undefined where neither was asked of. */
function saidOf(asked: Asked, request: number, reply: number, admissions: Admissions): Hypotheses | undefined {
  if (asked[request] === 0 && asked[reply] === 0) return undefined;
  return { request: answerOf(asked[request]!, admissions), reply: answerOf(asked[reply]!, admissions) };
}

/** @param answer as in {@link Asked} */
function answerOf(answer: number, admissions: Admissions): Admission | undefined {
  return answer === 0 ? undefined : admissions.at(answer - 1);
}

/** @param answer as in {@link Asked} */
function isAdmitted(answer: number, admissions: Admissions): boolean {
  return answer > 0 && admissions.admitsAt(answer - 1);
}

/** Whether the hypothesis is asked, and no rule admits it. */
function isMissing(answer: number, admissions: Admissions): boolean {
  return answer > 0 && !admissions.admitsAt(answer - 1);
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
  smallerPort: (record) => (hasSmallerSource(record) ? 'reply' : 'request'),
};

function hasSmallerSource({ protocol, sourcePort, destinationPort }: FlowRecord): boolean {
  return hasPorts(protocol) && sourcePort < destinationPort;
}
