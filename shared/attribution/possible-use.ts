import { isLattice } from '../addresses/lattice.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Admissions } from '../matching/admission.ts';
import type { Admission } from '../matching/answer.ts';
import type { CompiledInventory, GroupSet, VpcGroups } from '../matching/compiled-inventory.ts';
import { hypothesesOf, packetPeer, peerOf, plainPeer, type Orientation } from './orient.ts';
import { hasPorts, TCP, UDP, type Direction } from '../protocols.ts';
import { NAMED_PORTS } from '../matching/group-side.ts';
import { union, without } from '../matching/ascending.ts';
import { ListNumbers } from '../matching/list-numbers.ts';

/*
 * A record that is read one way may in truth have been the other: then the rules of the other way were used. Where
 * the evidence leaves room for that, they get possible use, which keeps them from ever being called unused. So do rules
 * that could have admitted what no known rule admits.
 *
 * Without flags, only the ports tell between the hypotheses. Worked examples, "in" before ">":
 *   in all, out all; tcp 203.0.113.9:50000 > :443         request; no client uses port 443: clear
 *   in all, out tcp 50000; tcp 203.0.113.9:50000 > :443   a rule names the client's port: not clear
 *   in tcp 30000-30999, out all; tcp 10.0.0.9:40000 > :30080   a narrow range, and the ports agree: clear
 *   in tcp 8080, out all; tcp 10.0.0.9:3000 > :8080       the client's port may be a service of its own: not clear
 *   in all, out all; tcp 10.0.0.9:890 > :2049             read as a reply; NFS clients use reserved ports: not clear
 *   in tcp 2049, out all; at night tcp 10.0.0.9:890 > :2049, whose 890 met three ports here: fan-out, and not clear
 *   in udp 514, out all; udp 10.0.0.9:50000 > :514        UDP clients may have any port: not clear but at night
 *   out udp 53; udp 10.0.0.2:53 > :50000                  name servers only ever answer: clear
 *   123 > 123, or a protocol without ports                nothing tells: never clear
 */

/** Below, ports are services by convention: clients never take them, while some do take 512 to 1,023 (NFS, rsh). */
const FIRST_CLIENT_PORT = 512;
/** Ports below are privileged: taken by processes of the system, not by chance. */
const FIRST_UNRESERVED = 1024;
/** The first port of the ephemeral ranges in use (Linux). NAT gateways and others use all from 1,024. */
const FIRST_EPHEMERAL = 32_768;
/** Active FTP opens its data connections from these ports, 989 with TLS. */
const FTP_DATA: ReadonlySet<number> = new Set([20, 989]);
/** UDP services that never speak first: DNS, Kerberos, LDAP; NTP, but from one server to another. */
const ONLY_ANSWERING: ReadonlySet<number> = new Set([53, 88, 389, 123]);

/**
 * What of a port decides how a record is read, beside the rules: ports of one kind are alike to all that is asked here
 * and, with which of its two ports is the smaller one, to `orient`.
 */
export function portKind(port: number): number {
  if (FTP_DATA.has(port)) return port < FIRST_CLIENT_PORT ? 0 : 1;
  if (ONLY_ANSWERING.has(port)) return 2;
  if (port < FIRST_CLIENT_PORT) return 3;
  if (port < FIRST_UNRESERVED) return 4;
  return port < FIRST_EPHEMERAL ? 5 : 6;
}

/** The rules that may have admitted a record and are not credited with it. The same object for the same rules. */
export interface PossibleUse {
  /** Dense, counted from 0 since the last {@link PossibleUses.forget}. */
  readonly slot: number;
  /** By ascending id; never empty. */
  readonly rules: readonly Rule[];
  /** The same by their {@link CompiledRule.index}. */
  readonly rulesAt: readonly number[];
}

/** Of an admission, by its slot: all rules, those that admit and those that could; those that could; or the unsure ones. */
type Part = number;
const COULD = 0;
const ALL = 1;
const UNSURE = 2;
const PARTS = 3;

/** Works out who gets possible use by a record; each rule at most once. */
export class PossibleUses {
  readonly #compiled: CompiledInventory;
  readonly #admissions: Admissions;
  readonly #lists: ListNumbers;
  /** By the list of what is credited and the parts put together. */
  #known: (PossibleUse | null | undefined)[] = [];
  #bySlot: PossibleUse[] = [];
  #answers = 0;

  constructor(compiled: CompiledInventory, admissions: Admissions) {
    this.#compiled = compiled;
    this.#admissions = admissions;
    this.#lists = new ListNumbers(compiled.seed);
  }

  /** A measure of the memory held. */
  get size(): number {
    return this.#answers;
  }

  /** To be called with {@link Admissions.forget}. */
  forget(): void {
    this.#lists.clear();
    this.#known = [];
    this.#bySlot = [];
    this.#answers = 0;
  }

  /** The one with this {@link PossibleUse.slot}. */
  at(slot: number): PossibleUse {
    return this.#bySlot[slot]!;
  }

  /**
   * Whether {@link ofFlow} asks the rules more of the peer than `orient` did, so that records that are read alike may differ
   * in it. Records from or to VPC Lattice always may.
   */
  asksMore(record: FlowRecord, orientation: Orientation): boolean {
    const { ground, isCredited, refused } = orientation;
    if (ground === 'syn' && isCredited && !refused) return false;
    return nothingExplains(orientation) || isReplyForWantOfRules(record, orientation);
  }

  /** @param direction of the record's packets, seen from the interface */
  ofFlow(record: FlowRecord, direction: Direction, orientation: Orientation): PossibleUse | undefined {
    const { hypotheses, opener, ground, isCredited, otherPath, refused, untried } = orientation;
    const chosen = hypotheses[opener]!;
    const parts: Part[] = this.#ofLattice(record, chosen.groupSet.vpcId);
    if (chosen.unsureAt.length > 0) parts.push(partOf(chosen, UNSURE));
    const credited = isCredited ? chosen : undefined;
    if (ground === 'syn' && isCredited && !refused) return this.#together(parts, credited);
    const loser = opener === 'request' ? 'reply' : 'request';
    const other = hypotheses[loser];
    const isUnclear =
      other !== undefined &&
      (refused !== undefined || other.specificity !== Infinity) &&
      !this.#isClear(record, orientation, chosen, other);
    if (isUnclear) add(parts, other, ALL);
    if (!chosen.admits) add(parts, chosen, COULD);
    if (hypotheses.request?.admits === false) add(parts, hypotheses.request, COULD);
    add(parts, otherPath, ALL);
    if (refused) {
      add(parts, refused[opener], COULD);
      add(parts, refused.request, COULD);
      if (isUnclear) add(parts, refused.reply, COULD);
    }
    if (other?.admits === false) add(parts, untried?.[loser], ALL);
    const isUnexplained = nothingExplains(orientation);
    if (isUnexplained || isReplyForWantOfRules(record, orientation)) {
      const peer = peerOf(record, direction, orientation);
      for (const { loose } of this.#compiled.groupsOfVpcs(chosen.groupSet.vpcId)) {
        for (const one of refused ? [packetPeer(record, direction), peer] : [peer]) {
          const shown = !isUnexplained ? 'request' : otherPath ? null : undefined;
          const said = hypothesesOf(record, loose, direction, one, this.#admissions, shown);
          add(parts, said.request, ALL);
          add(parts, said.reply, ALL);
        }
      }
    }
    return this.#together(parts, credited);
  }

  /**
   * The rules that may have admitted a record of which nobody can tell more, in either reading and, where nothing tells,
   * either direction.
   *
   * @param owned the groups of the interface where those are known; else all of the VPC
   */
  eitherWay(record: FlowRecord, vpcId: string, owned?: GroupSet): PossibleUse | undefined {
    const asked = this.#compiled.groupsOfVpcs(vpcId).map((vpc) => ({
      strict: owned ?? vpc.strict,
      loose: vpc.loose,
      directions: record.direction ? [record.direction] : owned ? BOTH : this.#directionsIn(record, vpc),
    }));
    const partsOf = (which: 'strict' | 'loose'): Part[] => {
      const parts = new Set<Part>();
      for (const one of asked) {
        for (const direction of one.directions) {
          const [packet, plain] = [packetPeer(record, direction), plainPeer(record, direction)];
          for (const peer of packet === plain ? [plain] : [packet, plain]) {
            const { request, reply } = hypothesesOf(record, one[which], direction, peer, this.#admissions);
            for (const admission of [request, reply]) {
              if (admission && admission.specificity !== Infinity) parts.add(partOf(admission, ALL));
            }
          }
        }
      }
      return [...parts];
    };
    const admitted = partsOf('strict');
    const parts = [...(admitted.length > 0 ? admitted : partsOf('loose')), ...this.#ofLattice(record, vpcId)];
    return this.#together(parts, undefined);
  }

  /**
   * Who may call a service of VPC Lattice is for the groups of the VPC's association to say, which filter on no interface
   * and which EC2 does not list: any ingress rule of the VPC that admits the caller may have let it in.
   */
  #ofLattice(record: FlowRecord, vpcId: string): Part[] {
    const isCall = isLattice(record.destination);
    if (!isCall && !isLattice(record.source)) return [];
    const [caller, port] = isCall ? [record.source, record.destinationPort] : [record.destination, record.sourcePort];
    return this.#compiled.groupsOfVpcs(vpcId).flatMap(({ strict }): Part[] => {
      const admission = this.#admissions.find(strict, 'ingress', record.protocol, caller, port, record.start);
      return admission.specificity === Infinity ? [] : [partOf(admission, ALL)];
    });
  }

  /** An end that is the address of a known interface of the VPC is the peer; not if that was attached later. */
  #directionsIn(record: FlowRecord, { vpcId }: VpcGroups): readonly Direction[] {
    const { holders } = this.#compiled;
    const isFrom = this.#compiled.isHeldIn(vpcId, holders.find(record.source), record.start);
    const isTo = this.#compiled.isHeldIn(vpcId, holders.find(record.destination), record.start);
    if (isFrom === isTo) return BOTH;
    return isFrom ? INGRESS : EGRESS;
  }

  /** Whether the record can be read in the chosen way only. */
  #isClear(record: FlowRecord, { opener, ground, refused }: Orientation, chosen: Admission, other: Admission): boolean {
    const { sourcePort, destinationPort, protocol, paired } = record;
    if (!chosen.admits || sourcePort === destinationPort) return false;
    if (FTP_DATA.has(sourcePort) || FTP_DATA.has(destinationPort)) return false;
    const byPacket = refused?.[opener === 'request' ? 'reply' : 'request'];
    if (other.specificity === Infinity && (byPacket?.specificity ?? Infinity) === Infinity) return true;
    const [service, client] = opener === 'request' ? [destinationPort, sourcePort] : [sourcePort, destinationPort];
    if (protocol === UDP) {
      if (opener === 'request') return paired === 'asks';
      return paired === 'answers' || ONLY_ANSWERING.has(service);
    }
    if (protocol !== TCP) return false;
    if (ground === 'fanOut' && !isKeptByClients(service) && !isNamedRather(other, chosen)) return true;
    const agrees = service < FIRST_EPHEMERAL && client >= FIRST_EPHEMERAL;
    if (agrees && widthOf(chosen) <= NAMED_PORTS && widthOf(other) > NAMED_PORTS) return true;
    if (service >= FIRST_CLIENT_PORT || client < FIRST_CLIENT_PORT) return false;
    return !this.#admissions.namesPort(chosen.groupSet, other.direction, client);
  }

  /** @param credited of whose rules none has possible use, but those of which it is not sure that they admitted */
  #together(parts: readonly Part[], credited: Admission | undefined): PossibleUse | undefined {
    if (parts.length === 0) return undefined;
    let list = this.#lists.begin(credited ? credited.slot + 1 : 0);
    for (const part of parts) list = this.#lists.next(list, part);
    let known = this.#known[list];
    if (known === undefined) this.#known[list] = known = this.#putTogether(parts, credited);
    return known ?? undefined;
  }

  #putTogether(parts: readonly Part[], credited: Admission | undefined): PossibleUse | null {
    this.#answers++;
    let rules = NO_RULES;
    for (const part of parts) rules = union(rules, this.#rulesOf(part));
    if (credited) rules = without(rules, creditedAt(credited));
    // Who is credited and may not have been it has possible use as well, so that it stands in for nobody.
    for (const part of parts) rules = union(rules, this.#unsureOf(part));
    if (rules.length === 0) return null;
    const possible = new RulesInUse(this.#bySlot.length, rules, this.#compiled.rules);
    this.#bySlot.push(possible);
    return possible;
  }

  #unsureOf(part: Part): readonly number[] {
    const { admittingAt, unsureAt } = this.#admissions.at(Math.floor(part / PARTS));
    return part % PARTS === UNSURE ? unsureAt.filter((rule) => admittingAt.includes(rule)) : NO_RULES;
  }

  #rulesOf(part: Part): readonly number[] {
    const admission = this.#admissions.at(Math.floor(part / PARTS));
    const which = part % PARTS;
    if (which === ALL) return union(admission.admittingAt, admission.couldAt);
    return which === COULD ? admission.couldAt : admission.unsureAt;
  }
}

const NO_RULES: readonly number[] = [];

class RulesInUse implements PossibleUse {
  readonly slot: number;
  readonly rulesAt: readonly number[];
  readonly #byIndex: readonly Rule[];
  #rules: readonly Rule[] | undefined;

  constructor(slot: number, rulesAt: readonly number[], byIndex: readonly Rule[]) {
    this.slot = slot;
    this.rulesAt = rulesAt;
    this.#byIndex = byIndex;
  }

  get rules(): readonly Rule[] {
    return (this.#rules ??= this.rulesAt.map((index) => this.#byIndex[index]!));
  }
}

/** Whatever is credited with records of the admission, by index: where no rule admits them, the lone one that could. */
export function creditedAt({ lone, couldAt, admittingAt }: Admission): readonly number[] {
  return lone ? couldAt : admittingAt;
}

function add(parts: Part[], admission: Admission | undefined, which: typeof ALL | typeof COULD): void {
  if (admission && (admission.couldAt.length > 0 || (which === ALL && admission.admits))) {
    parts.push(partOf(admission, which));
  }
}

function partOf({ slot }: Admission, which: typeof ALL | typeof COULD | typeof UNSURE): Part {
  return slot * PARTS + which;
}

const INGRESS: readonly Direction[] = ['ingress'];
const EGRESS: readonly Direction[] = ['egress'];
const BOTH: readonly Direction[] = ['ingress', 'egress'];

/** Whether no rule admits or could admit what the record was read as. */
function nothingExplains({ hypotheses, opener, otherPath }: Orientation): boolean {
  return hypotheses[opener]!.specificity === Infinity && (otherPath?.specificity ?? Infinity) === Infinity;
}

/**
 * Whether a record without flags is a reply only because no rule admits or could admit the request, although its ports
 * may be those of a request, or it has none: with egress open to all nothing would ever be unexplained.
 */
function isReplyForWantOfRules(record: FlowRecord, { opener, ground }: Orientation): boolean {
  return ground === 'onlyOneAdmitted' && opener === 'reply' && !hasPortsOfReply(record);
}

/**
 * Whether the source port is the service's by all that is known of ports: the smaller one, and either the other one is
 * ephemeral or no client takes it. Clients take 512 to 1,023 (NFS) and, over UDP, ports of services (SNMP traps, syslog).
 */
function hasPortsOfReply({ protocol, sourcePort, destinationPort }: FlowRecord): boolean {
  if (!hasPorts(protocol) || sourcePort >= destinationPort || FTP_DATA.has(sourcePort)) return false;
  if (destinationPort >= FIRST_EPHEMERAL) return true;
  return protocol === TCP ? sourcePort < FIRST_CLIENT_PORT : ONLY_ANSWERING.has(sourcePort);
}

/** One port for several services of a peer looks like a service with several clients: mounts of NFS version 3 do so. */
function isKeptByClients(port: number): boolean {
  return port >= FIRST_CLIENT_PORT && port < FIRST_UNRESERVED;
}

/** Whether rules speak against what the ports say: one names the service that the other reading would have. */
function isNamedRather(other: Admission, chosen: Admission): boolean {
  return widthOf(other) <= NAMED_PORTS && other.specificity < chosen.specificity;
}

/** Ports of the narrowest rule that admits or could. */
function widthOf({ specificity }: Admission): number {
  return Math.floor(specificity / 2);
}
